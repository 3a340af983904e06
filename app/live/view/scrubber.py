"""The live view as a Streamlit component: its markup, style and script are inline, nothing is fetched."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from app.component import component

HERE = Path(__file__).parent
KEPT = 8  # pictures that a browser keeps; the script says the same
SENT = "scrubber_sent"


CONTROLS = ("scrubber", "places", "picks", "playing", "modes", "link")
INPUTS = ("flow", "words", "sight", "series_drawing", "series", "timeline", "film")  # each after what it extends


@cache
def _component() -> Callable[..., Any]:
    return component("scrubber", HERE, "scrubber.html", (*CONTROLS, *INPUTS))


def _unsent(data: dict[str, Any]) -> dict[str, Any]:
    """``data`` without the pictures themselves where this browser has them: most of a view's bytes, which no budget
    changes.

    The browser keeps the last KEPT by the same rule, and asks again (``lost``) for one that it has not.
    """
    name = next((name for name in ("picture", "film") if data.get(name)), "")
    if not name:
        return data
    own = data[name]
    key = hashlib.sha256("".join(own["src"]).encode()).hexdigest()[:16]
    sent: OrderedDict[str, None] = st.session_state.setdefault(SENT, OrderedDict())
    known = key in sent
    sent[key] = None
    sent.move_to_end(key)
    while len(sent) > KEPT:
        sent.popitem(last=False)
    return data | {name: own | {"key": key, "src": "" if known else own["src"]}}


def scrubber(
    data: dict[str, Any],
    *,
    key: str,
    on_release: Callable[[], None],
    on_forced: Callable[[], None] | None = None,
) -> Any:
    """Mount the live view. ``data``: as ``app.image.page`` builds it from ``frames``.

    ``st.session_state[key].view`` is {"mode", "budget"} once something was released; ``on_release`` is called then.
    ``on_forced`` is called when something was decided by hand: {"id", "forced"} in ``st.session_state[key].forced``.
    """

    def lost() -> None:
        st.session_state[SENT] = OrderedDict()

    by_hand = {"on_forced_change": on_forced or (lambda: None)}
    return _component()(key=key, data=_unsent(data), on_view_change=on_release, on_lost_change=lost, **by_hand)
