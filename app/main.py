"""The entry point: ``streamlit run app/main.py``. It names the pages; each page is a file of its own.

Nothing here imports torch: the first page is on screen before the networks are, and a thread loads them meanwhile.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:  # Streamlit puts this file's folder on the path, not the project's
    sys.path.insert(0, str(ROOT))

import streamlit as st  # noqa: E402

from app import projector, warm  # noqa: E402
from app.accuracy import page as accuracy  # noqa: E402
from app.batch import page as batch  # noqa: E402
from app.compare import page as compare  # noqa: E402
from app.frame.frame import frame  # noqa: E402
from app.image import page as image  # noqa: E402
from app.lessons import page as lessons  # noqa: E402
from app.models import page as models  # noqa: E402
from app.signals import page as signals  # noqa: E402
from app.start import page as start  # noqa: E402
from app.strings import say  # noqa: E402
from app.text import page as text  # noqa: E402

st.set_page_config(page_title=say("app"), page_icon=ROOT / "app" / "static" / "icon.png", layout="wide")
style = (ROOT / "app" / "style.css").read_text(encoding="utf-8")
words = {"app": say("app"), "drop": say("image.hint")}  # what only the stylesheet can put where it belongs
rules = "".join(f"--{name}: {json.dumps(word, ensure_ascii=False)};" for name, word in words.items())
projector.settle()
dress = (ROOT / "app" / "projector.css").read_text(encoding="utf-8") if projector.is_on() else ""
st.html(f"<style>:root {{ {rules} }}\n{style}\n{dress}</style>")
projector.switch()
frame()
page = st.navigation(
    [
        st.Page(start.page, title=say("start.nav"), url_path="start", default=True),
        st.Page(image.page, title=say("image.nav"), url_path="image"),
        st.Page(text.page, title=say("text.nav"), url_path="text"),
        st.Page(signals.page, title=say("signals.nav"), url_path="signals"),
        st.Page(compare.page, title=say("compare.nav"), url_path="compare"),
        st.Page(batch.page, title=say("batch.nav"), url_path="batch"),
        st.Page(lessons.page, title=say("lessons.nav"), url_path="lessons"),
        st.Page(accuracy.page, title=say("accuracy.nav"), url_path="accuracy"),
        st.Page(models.page, title=say("models.nav"), url_path="models"),
    ],
    position="hidden" if lessons.is_alone() else "top",
)
page.run()
warm.start()
