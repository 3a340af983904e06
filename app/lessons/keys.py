"""Next and back by keyboard, as a Streamlit component without anything to see."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

KEY = "lesson_keys"


@cache
def _component() -> Callable[..., Any]:
    script = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")
    return st.components.v2.component("dynviz.lesson_keys", html="<span hidden></span>", js=script)


def keys(step: int, go: Callable[[int], None]) -> None:
    """Call ``go`` with 1 or -1 when Page Down or Page Up was pressed on ``step``: not twice for one step."""

    def pressed() -> None:
        told = (st.session_state.get(KEY) or {}).get("go") or {}
        if told.get("from") == step:
            go(int(told["step"]))

    with st.container(key="lesson_keys_place"):
        _component()(key=KEY, data={"step": step}, on_go_change=pressed)
