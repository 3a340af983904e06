"""Exits: one row per exit, what it said, how sure it was and whether that was enough."""

from __future__ import annotations

import numpy as np

from dynviz.decisions import Decision, Exit
from dynviz.trace import Trace
from dynviz.views.decisions.drawer import Drawer, Group
from dynviz.views.decisions.picks import cost, pick, scored
from dynviz.views.decisions.rows import meter, row, rows
from dynviz.views.style.words import compared, counted, known, macs_words, percent, text

# what the bars are where they are not the probability of the answer
MEASURES = {
    "entropy": "the bars are 1 minus the entropy of all answers: lower than how probable the best one is",
    "patience": "the bars count the exits in a row that agree",
}


def draw(trace: Trace, decisions: Group) -> str:
    """All exits in order; the one that answered is highlighted, those never reached are hatched."""
    items = [_row(trace, d, i + 1, len(decisions)) for i, d in enumerate(decisions)]
    notes = []
    ran = [d for d in decisions if d.executed]
    if any(known(d.threshold) for d in ran):
        notes.append('<i class="dv-key"></i>threshold at this budget')
        notes += [MEASURES[rule] for rule in dict.fromkeys(d.rule for d in ran) if rule in MEASURES]
    elif trace.counterfactual and trace.budget is None:
        notes.append("Every exit was computed, so that you can see what each would have said.")
    note = f'<p class="dv-note">{" · ".join(notes)}</p>' if notes else ""
    return rows(items, "dv-exits") + note


def summary(trace: Trace, decisions: Group) -> str:
    """'answered at exit 3 of 7'."""
    taken = next((i for i, d in enumerate(decisions) if d.choice == "exit"), None)
    if taken is None:
        return f"no answer at {counted(len(decisions), 'exit')}"
    return f"answered at exit {taken + 1} of {len(decisions)}"


def _row(trace: Trace, decision: Decision, place: int, exits: int) -> str:
    if not decision.executed:
        saved = decision.macs_static - decision.macs
        picked = pick(decision, f"Exit {place}", ("not run", cost(decision)))
        return row(meter(None), f"saves {text(macs_words(saved))}", "not run", disc=place, off=True, picked=picked)
    taken = decision.choice == "exit"
    other, turn = ("continue", "Go on by hand") if taken else ("exit", "Answer here by hand")
    said = (
        f"{'answered' if taken else 'went on'}{' by hand' if decision.forced else ''}: {_label(trace, decision)}",
        scored(decision.score, decision.threshold),
        cost(decision),
    )
    last = decision.rule == "last exit" or place == exits
    picked = pick(decision, f"Exit {place}", said, other="" if last else other, turn=turn)
    return row(
        meter(decision.score, decision.threshold),
        _verdict(trace, decision, place, exits),
        _label(trace, decision),
        disc=place,
        taken=taken,
        picked=picked,
    )


def _verdict(trace: Trace, decision: Decision, place: int, exits: int) -> str:
    """Why it answered or went on, as HTML: '46 % < 88 %'; by patience '2 < 3 alike', out of all exits."""
    taken = decision.choice == "exit"
    sure = text(percent(decision.score)) if known(decision.score) else "?"
    if decision.forced:
        reason = "hard limit" if trace.rule == "anytime" else "by hand"
        if trace.rule == "anytime" and not taken:
            reason = "goes on"
    elif place == exits or decision.rule == "last exit":
        reason = "always answers" if taken else "goes on"
    elif decision.rule == "patience" and known(decision.threshold) and known(decision.score):
        alike, needed = round(decision.score * exits), round(decision.threshold * exits)
        return f"<b>{alike}</b> ≥ {needed} alike" if taken else f"{alike} &lt; {needed} alike"
    elif known(decision.threshold) and known(decision.score):
        sure, sign, limit = map(text, compared(decision.score, decision.threshold))
        return f"<b>{sure}</b> {sign} {limit}" if taken else f"{sure} {sign} {limit}"
    else:
        reason = "answers" if taken else "goes on"
    return f"<b>{sure}</b>, {reason}" if taken else f"{sure}, {reason}"


def _label(trace: Trace, decision: Decision) -> str:
    if decision.probabilities is None or not len(decision.probabilities):
        return "exit"
    best = int(np.argmax(decision.probabilities))
    return trace.labels[best] if best < len(trace.labels) else f"class {best}"


DRAWERS = {Exit: Drawer("Exits", draw, summary)}
