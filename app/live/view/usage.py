"""How often a part of a network is used on the test samples, and what a decision by hand changed."""

from __future__ import annotations

from typing import Any

import numpy as np

from app.strings import say
from dynviz import ModelCard, Trace
from dynviz.decisions import Exit
from dynviz.results.tables import Table, TableError, read_table
from dynviz.views.style.words import macs_words, percent


def usage_table(card: ModelCard) -> Table | None:
    """The evaluation table, if it tells of several units."""
    try:
        table = read_table(card)
    except TableError:  # without it nothing is said of how often
        return None
    return table if card.operating_points and table.units_run.shape[2] > 1 else None


def usage(table: Table, place: int, trace: Trace) -> dict[str, Any]:
    """At operating point ``place``: of each part, the share of the samples of the class answered, and of all, for which
    it ran; in percent. A table without names tells of the exits, if it tells of as many.
    """
    units = table.units or tuple(d.unit for d in trace.decisions if isinstance(d, Exit))
    if len(units) != table.units_run.shape[2]:
        return {"label": "", "shares": {}}
    label = trace.prediction.label
    index = table.classes.index(label) if label in table.classes else -1  # no sample of it was tested
    ran, own = table.units_run[:, place], table.label == index
    every = ran.mean(axis=0)
    theirs = ran[own].mean(axis=0) if own.any() else np.full(len(every), np.nan)
    shares = {
        unit: [None if np.isnan(a) else round(100 * float(a)), round(100 * float(b))]
        for unit, a, b in zip(units, theirs, every, strict=True)
    }
    return {"label": label, "shares": shares}


def by_hand(trace: Trace, own: Trace) -> str:
    """What the answer and the compute became, beside what the network does by itself."""
    same = trace.prediction.label == own.prediction.label
    return say(
        "hand.same" if same else "hand.other",
        count=sum(decision.forced for decision in trace.decisions),
        answer=_answer(trace),
        macs=macs_words(trace.macs),
        own=_answer(own),
        own_macs=macs_words(own.macs),
    )


def _answer(trace: Trace) -> str:
    return f"{trace.prediction.label} ({percent(trace.prediction.confidence)})"
