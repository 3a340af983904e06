"""All networks of one family on the picture at the budget that was released, once somebody asks for them."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Sequence

import streamlit as st

import dynviz
from app.budgets import BUDGETED
from app.inference_cache import Inference
from app.inference_queue import INFERENCE
from app.live.uploads import Chosen, literal
from app.sheet.sheet import sheet
from app.strings import say
from dynviz import ModelCard, Trace
from dynviz.evaluation.operating import best_point
from dynviz.views.comparing.multiples import multiples
from dynviz.views.style.words import percent

log = logging.getLogger(__name__)
KEPT = 48  # runs that a session keeps


def is_open() -> bool:
    """Does anybody look at all of them, so that they follow the budget?"""
    return bool(st.session_state.get("family"))


def section(chosen: Chosen, card: ModelCard, cards: Sequence[ModelCard], framing: str, found: Inference) -> None:
    """A switch and, once it is on, a figure for each network of the family of ``card``.

    chosen: the picture that is looked at. found: the result of ``card``'s network, whose released budget they share.
    """
    family = [other for other in cards if other.family == card.family]
    if card.family == "static" or len(family) < 2:
        return
    st.toggle(say("family", count=len(family), family=card.family), key="family", persist_state="session")
    if not is_open():
        return
    _, at = found.released(BUDGETED, st.session_state.budget)
    budget = found.budgets[at]
    traces, failed = [], []
    with st.spinner(say("family.running", count=len(family))):
        for other in family:
            try:
                traces.append(_run(chosen, other, framing, budget))
            except Exception:  # one that fails leaves the others; the details are for the log
                log.exception("%s failed on a picture", other.name)
                failed.append(other.title)
    st.caption(say("family.note", budget=percent(budget)))
    sheet(multiples(traces), key="image_family")
    if failed:
        st.error(say("family.failed", titles=literal(", ".join(failed))))


def _run(chosen: Chosen, card: ModelCard, framing: str, budget: float) -> Trace:
    """One network at its operating point for ``budget``; a real run, what it skips is not executed."""
    kept: OrderedDict[tuple, Trace] = st.session_state.setdefault("family_runs", OrderedDict())
    key = chosen.digest, card.name, card.sha256, framing, best_point(card, budget)
    if key not in kept:
        with INFERENCE.turn():
            kept[key] = dynviz.run(card.name, chosen.media, framing=framing, budget=budget)
        while len(kept) > KEPT:
            kept.popitem(last=False)
    kept.move_to_end(key)
    return kept[key]
