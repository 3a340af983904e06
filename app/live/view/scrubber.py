"""The live view as a Streamlit component: its markup, style and script are inline, nothing is fetched."""

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
        "dynviz.scrubber",
        html=(HERE / "scrubber.html").read_text(encoding="utf-8"),
        css=css() + _joined("scrubber.css", "words.css", "series.css"),
        js=_joined("scrubber.js", "words.js", "series.js"),
    )


def _joined(*names: str) -> str:
    return "\n".join((HERE / name).read_text(encoding="utf-8") for name in names)


def scrubber(data: dict[str, Any], *, key: str, on_release: Callable[[], None]) -> Any:
    """Mount the live view. ``data``: as ``app.image.page`` builds it from ``frames``.

    ``st.session_state[key].view`` is {"mode", "budget"} once something was released; ``on_release`` is called then.
    """
    return _component()(key=key, data=data | {"projector": projector.is_on()}, on_view_change=on_release)
