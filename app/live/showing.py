"""What the pages with a live view share: the wait, the milliseconds that come later, its words, a replayed file."""

from __future__ import annotations

import sys
from concurrent.futures import Future
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import streamlit as st

import dynviz
from app import export
from app.budgets import ANYTIME, BUDGETED
from app.curve import curve
from app.inference_cache import TIMINGS, Inference
from app.kinds import KINDS
from app.live.uploads import Chosen
from app.live.view.fragments import Fragments
from app.live.view.frames import frames
from app.live.view.payload import words
from app.live.view.scrubber import scrubber
from app.strings import say
from dynviz import Trace
from dynviz.evaluation.operating import best_point
from dynviz.measuring.timing import Timing


def timing_of(found: Inference, chosen: Chosen) -> Future[Timing]:
    """The measurement of what is shown; the one of what was shown before is given up if it has not begun."""
    timing, before = TIMINGS.ask(found.key, chosen.data), st.session_state.get("timing")
    if before is not None and before is not timing:
        before.cancel()
    st.session_state.timing = timing
    return timing


def timed(found: Inference, timing: Future[Timing]) -> Inference:
    """The same with milliseconds, where they have been measured."""
    if timing.done() and not timing.cancelled() and timing.exception() is None:
        return found.timed(timing.result())
    return found


def waiting(status: Any, *, cold: bool) -> AbstractContextManager[Any]:
    """A spinner where the wait will be felt: torch and the network come in on the first input only."""
    if not cold:
        return nullcontext()
    with status:
        return st.spinner(say("looking" if "torch" in sys.modules else "loading"))


@st.fragment(run_every=0.7)
def watch(timing: Future[Timing]) -> None:
    """Wait for the milliseconds without holding anything up.

    Its place on the page has to be there for good: the browser may ask for it once more after the page was drawn
    without it, and Streamlit's page breaks where a place is filled whose neighbours are gone (streamlit #15084).
    """
    if timing.done():
        st.rerun()


def view_start(identity: str) -> dict[str, Any]:
    """Where a new view starts; it stays put while it is scrubbed."""
    state = st.session_state
    if state.get("view_identity") != identity:
        state.view_identity, state.view_start = identity, {"mode": state.mode, "budget": state.budget}
    return dict(state.view_start)


def replay(name: str, trace: Trace) -> None:
    """A trace file: the same view from the file alone; the curve and its accuracy only where the card is here."""
    known, modality = dynviz.models(), trace.media.modality
    card = next((card for card in known if card.name == trace.model and card.labels == trace.labels), None)
    mode = ANYTIME if trace.rule == "anytime" else BUDGETED
    budget = trace.budget if trace.budget is not None else trace.macs / max(1, trace.macs_static)
    chart, place, fragments = None, 0, Fragments()
    cards = [other for other in known if card is not None and other.data == card.data]
    if card is not None:
        place = best_point(card, budget)
        chart = curve(card, cards)
    replayed = frames(fragments, (trace,), (budget,), mode=mode, card=card, chart=chart, places=(place,))
    replayed["slots"]["line"] = [fragments.add(say("scrubber.replay.line"))]
    data = {
        "id": f"trace|{trace.digest}",
        "kind": modality,
        "fragments": fragments.sent(),
        "modes": {mode: replayed},
        "chart": chart.svg if chart else "",
        "start": {"mode": mode, "budget": budget},
        "text": words(modality, len(trace.labels)),
        "link": None,
        "measuring": False,
    }
    scrubber(data | KINDS[modality].view({mode: (trace,)}, name), key="replay", on_release=lambda: None)
    export.replayed(name, trace, cards)
