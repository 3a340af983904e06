"""What a page's address says, and whether a person said it: a page writes its own state there as well."""

from __future__ import annotations

from collections import deque

import streamlit as st

from app import projector

WRITTEN = 50  # addresses that a page remembers having written


def asked(page: str) -> dict[str, str] | None:
    """What the address says where ``page`` has not written that itself, else None.

    A browser may say an older one of the page's own addresses once more: it sends its address with every click, and
    on a busy machine the latest one has not reached it then.
    """
    view, written = projector.view(), _written(page)
    if not view or view in written:
        return None
    written.append(view)
    return view


def write(page: str, wanted: dict[str, str]) -> None:
    """Let the address say ``wanted``, which ``page`` will know for its own."""
    written = _written(page)
    if wanted not in written:
        written.append(wanted)
    projector.write(wanted)


def is_fresh(page: str) -> bool:
    """Has this page not been asked for in this session?"""
    return _key(page) not in st.session_state


def _written(page: str) -> deque[dict[str, str]]:
    return st.session_state.setdefault(_key(page), deque(maxlen=WRITTEN))


def _key(page: str) -> str:
    return f"{page}_addresses"
