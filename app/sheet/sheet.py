"""A sheet of finished HTML in the house style, as a Streamlit component that follows the theme."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from app.component import component

HERE = Path(__file__).parent


@cache
def _component() -> Callable[..., Any]:
    return component("sheet", HERE, '<div class="dynviz sheet"></div>', ["sheet"])


def sheet(html: str, *, key: str, unfold: str | None = None) -> None:
    """Show ``html``, in which every text from outside has been escaped. unfold: the id of what is open at first."""
    _component()(key=key, data={"html": html, "unfold": unfold})


@cache
def style(path: Path) -> str:
    """The stylesheet at ``path`` as HTML, to put before what needs it."""
    return f"<style>{path.read_text(encoding='utf-8')}</style>"
