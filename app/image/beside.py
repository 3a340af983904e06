"""A second network on the same picture at the budget that was released, run only where one was chosen."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

import streamlit as st

from app.budgets import ANYTIME
from app.image.beside_sheet import beside_sheet
from app.inference_cache import Inference, infer
from app.live.uploads import Chosen, literal
from app.picker.order import named
from app.sheet.sheet import sheet
from app.strings import say
from dynviz import CheckpointError, ModelCard, Trace
from dynviz.evaluation.operating import best_point
from dynviz.views.style.words import macs_words, percent

log = logging.getLogger(__name__)


def is_chosen() -> bool:
    """Is there a second network, which follows the budget?"""
    return st.session_state.get("beside") is not None


def section(
    chosen: Chosen,
    card: ModelCard,
    cards: Sequence[ModelCard],
    framing: str,
    found: Inference,
    on_change: Callable[[], None],
) -> None:
    """The choice of a second network and, once there is one, both side by side.

    chosen: the picture that is looked at. found: the first network's result. on_change: called after another choice.
    """
    by_name = {other.name: other for other in cards}
    if st.session_state.get("beside") not in by_name:  # other data were chosen
        st.session_state.beside = None
    name = st.selectbox(
        say("beside"),
        list(by_name),
        index=None,
        format_func=lambda name: named(by_name[name]),
        placeholder=say("beside.none"),
        key="beside",
        on_change=on_change,
        persist_state="session",
        width=420,
    )
    if name is None:
        return
    other = by_name[name]
    if other.name == card.name:
        st.info(say("beside.same", title=literal(card.title)))
        return
    try:
        with st.spinner(say("looking")):
            theirs = infer(chosen, other, framing, lambda place: None)
    except CheckpointError as error:
        st.error(say("error.network", title=literal(other.title), reason=literal(str(error))))
        return
    except Exception:  # the page lives on whatever a network does; the details are for the log
        log.exception("%s failed on a picture", other.name)
        st.error(say("error.failed"))
        return
    pair, cap = same_point(other, found, theirs)
    points = tuple(_point(*one, cap) for one in zip((card, other), pair, strict=True))
    sheet(beside_sheet(pair, points), key="beside_pair")


def same_point(other: ModelCard, found: Inference, theirs: Inference) -> tuple[tuple[Trace, Trace], int | None]:
    """Both at the budget that was released, or within the same hard cap (MACs), which is None for a budget."""
    state = st.session_state
    mode, at = found.released(state.mode, state.budget)
    if mode == ANYTIME:
        cap = found.caps[at]
        return (found.anytime[at], within(theirs, cap)), cap
    budget = found.budgets[at] if len(found.budgets) > 1 else state.budget  # a static network has no budget of its own
    return (found.budgeted[at], theirs.budgeted[best_point(other, budget)]), None


def within(found: Inference, cap_macs: int) -> Trace:
    """The dearest run within a hard cap; the cheapest where none is, and the only one of a network without exits."""
    if not found.anytime:
        return found.budgeted[-1]
    return max(
        (trace for trace in found.anytime if trace.macs <= cap_macs), key=lambda t: t.macs, default=found.anytime[0]
    )


def _point(card: ModelCard, trace: Trace, cap_macs: int | None) -> str:
    """The operating point in words."""
    if cap_macs is not None and trace.macs > cap_macs:
        return say("beside.over", cap=macs_words(cap_macs))
    if card.family == "static":
        return say("network.static")
    if cap_macs is not None:
        return say("scrubber.anytime.mark", budget=macs_words(cap_macs))
    return say("scrubber.budgeted.mark", budget=percent(trace.budget or 0.0))
