"""The projector switch: large type and high contrast on every page, for the session and in the address."""

from __future__ import annotations

import streamlit as st

from app.strings import say

NAME = "projector"  # in the session and in the address
ON = "1"


def is_on() -> bool:
    """Is the app in projector dress?"""
    return bool(st.session_state.get(NAME))


def settle() -> None:
    """``?projector=1`` turns it on in a fresh session; to be called before anything asks whether it is on."""
    st.session_state.setdefault(NAME, st.query_params.get(NAME) == ON)


def switch() -> None:
    """The switch, and the address after it."""
    with st.container(key="projector_switch"):
        st.toggle(say("projector"), key=NAME, help=say("projector.help"))
    if st.query_params.get(NAME, "") != (ON if is_on() else ""):
        write(view())


def view() -> dict[str, str]:
    """What the address says beside the dress."""
    return {name: value for name, value in st.query_params.to_dict().items() if name != NAME}


def write(wanted: dict[str, str]) -> None:
    """Let the address say ``wanted``, and the dress where it is on."""
    wanted = wanted | ({NAME: ON} if is_on() else {})
    if st.query_params.to_dict() != wanted:
        st.query_params.from_dict(wanted)
