"""A sheet of finished HTML in the house style, as a Streamlit component that follows the theme."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from app import projector
from dynviz.views.style.theme import css

HERE = Path(__file__).parent


@cache
def _component() -> Callable[..., Any]:
    return st.components.v2.component(
        "dynviz.sheet",
        html='<div class="dynviz sheet"></div>',
        css=css() + (HERE / "sheet.css").read_text(encoding="utf-8"),
        js=(HERE / "sheet.js").read_text(encoding="utf-8"),
    )


def sheet(html: str, *, key: str, unfold: str | None = None) -> None:
    """Show ``html``, in which every text from outside has been escaped. unfold: the id of what is open at first."""
    _component()(key=key, data={"html": html, "unfold": unfold, "projector": projector.is_on()})


@cache
def style(path: Path) -> str:
    """The stylesheet at ``path`` as HTML, to put before what needs it."""
    return f"<style>{path.read_text(encoding='utf-8')}</style>"
