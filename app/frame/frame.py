"""Manners of the frame around every page: Back in one press, a phone's menu that closes when a page was chosen."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st


@cache
def _component() -> Callable[..., Any]:
    script = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")
    return st.components.v2.component("dynviz.frame", html="<span hidden></span>", js=script)


def frame() -> None:
    """Mount it, once on every page; it takes no room."""
    with st.container(key="frame"):
        _component()(key="frame_script")
