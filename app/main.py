"""The entry point: ``streamlit run app/main.py``. It serves the pages; ``app/script.py`` is what each of them runs."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:  # Streamlit puts this file's folder on the path, not the project's
    sys.path.insert(0, str(ROOT))

import streamlit as st  # noqa: E402
from starlette.middleware import Middleware  # noqa: E402

from app import allocator  # noqa: E402
from app.frame import Frame  # noqa: E402
from app.live import on_disk  # noqa: E402

allocator.bound()
on_disk.install()

app = st.App(ROOT / "app" / "script.py", middleware=[Middleware(Frame)])
