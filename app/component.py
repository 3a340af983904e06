"""A Streamlit component of the house: its markup, style and script are inline, and nothing is fetched.

Each has what all share (``component.js``), is dressed in the house's theme and is told of the projector.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from app import projector
from dynviz.views.style.theme import css

SHARED = Path(__file__).with_suffix(".js")


def component(name: str, folder: Path, html: str, parts: Sequence[str]) -> Callable[..., Any]:
    """What mounts it, given ``key``, ``data`` and what is called when a value of it changes; to be made once.

    html: markup, or the name of a file of it. parts: names in ``folder`` of a script each, and of a style where there
    is one; the first script exports what Streamlit calls.
    """
    styles = [folder / f"{part}.css" for part in parts]
    scripts = [SHARED, *(folder / f"{part}.js" for part in parts)]
    mounted = st.components.v2.component(
        f"dynviz.{name}",
        html=html if html.startswith("<") else (folder / html).read_text(encoding="utf-8"),
        css=css() + _joined([style for style in styles if style.exists()]),
        js=_joined(scripts),
    )

    def mount(*, key: str, data: dict[str, Any], **changed: Callable[[], None]) -> Any:
        return mounted(key=key, data=data | {"projector": projector.is_on()}, **changed)

    return mount


def _joined(paths: Sequence[Path]) -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in paths)
