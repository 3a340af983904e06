"""The live view as a Streamlit component: its markup, style and script are inline, nothing is fetched."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from app import projector
from dynviz.views.style.theme import css

HERE = Path(__file__).parent
KEPT = 8  # pictures that a browser keeps; the script says the same
SENT = "scrubber_sent"


@cache
def _component() -> Callable[..., Any]:
    return st.components.v2.component(
        "dynviz.scrubber",
        html=(HERE / "scrubber.html").read_text(encoding="utf-8"),
        css=css() + _joined("scrubber.css", "picks.css", "words.css", "series.css", "film.css"),
        js=_joined("scrubber.js", "places.js", "picks.js", "words.js", "series.js", "film.js", "timeline.js"),
    )


def _joined(*names: str) -> str:
    return "\n".join((HERE / name).read_text(encoding="utf-8") for name in names)


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

    sent = _unsent(data) | {"projector": projector.is_on()}
    by_hand = {"on_forced_change": on_forced or (lambda: None)}
    return _component()(key=key, data=sent, on_view_change=on_release, on_lost_change=lost, **by_hand)
