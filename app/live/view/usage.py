"""How often a part of a network is used on the test samples, and what a decision by hand changed."""

from __future__ import annotations

from collections.abc import Sequence
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


def usage(table: Table, places: Sequence[int], traces: Sequence[Trace]) -> dict[str, Any] | None:
    """At the operating points ``places``: how often each part ran, for the class that the trace there answered and for
    all; in percent of the test samples. A table without names tells of the exits, if it tells of as many; else None.

    Parts are named once, in ``units``; the rows of ``own`` and ``all`` are in that order, one per trace, as ``labels``
    are. own: None where no sample of the class was tested. A label that is one of several right ones for a class, as
    are the kinds of cat, is told of by that class.
    """
    units = table.units or tuple(d.unit for d in traces[0].decisions if isinstance(d, Exit))
    if len(units) != table.units_run.shape[2]:
        return None
    own, every, labels = [], [], []
    for place, trace in zip(places, traces, strict=True):
        index = _class_of(table, trace.labels, trace.prediction.label)
        labels.append(trace.prediction.label if index < 0 else table.classes[index])
        ran, theirs = table.units_run[:, place], table.label == index
        own.append(_percents(ran[theirs]) if theirs.any() else None)
        every.append(_percents(ran))
    return {"units": list(units), "labels": labels, "own": own, "all": every}


def _class_of(table: Table, answers: Sequence[str], label: str) -> int:
    """The place of the class whose samples ``label`` is right for; -1 where none was tested."""
    if label in table.classes:
        return table.classes.index(label)
    if table.accepted is None or label not in answers:
        return -1
    right = np.flatnonzero(table.accepted[:, answers.index(label)])
    return int(right[0]) if len(right) else -1


def _percents(ran: np.ndarray) -> list[int]:
    """Of booleans of shape (samples, parts), the share of the samples of each part."""
    return [round(100 * float(share)) for share in ran.mean(axis=0)]


def by_hand(trace: Trace, own: Trace) -> str:
    """What the answer and the compute became, beside what the network does by itself."""
    same, alike = trace.prediction.label == own.prediction.label, macs_words(trace.macs) == macs_words(own.macs)
    return say(
        "hand.other" if not same else "hand.same.cost" if alike else "hand.same",
        count=sum(decision.forced for decision in trace.decisions),
        answer=_answer(trace),
        macs=macs_words(trace.macs),
        own=_answer(own),
        own_macs=macs_words(own.macs),
    )


def longest_by_hand(full: Trace, most: int) -> str:
    """A sentence at least as long as any that ``by_hand`` says of the same input. most: decisions that can be taken."""
    answer = f"{max(full.labels, key=len)} ({percent(1.0)})"
    macs = macs_words(888_000_000)  # three digits and a unit are the most there are
    return say("hand.other", count=most, answer=answer, macs=macs, own=answer, own_macs=macs)


def _answer(trace: Trace) -> str:
    return f"{trace.prediction.label} ({percent(trace.prediction.confidence)})"
