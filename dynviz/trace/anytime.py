"""An input under hard caps: where a network with exits would have been stopped, read off its one full pass.

The full pass holds what every exit says, so that stopping at one of them needs no second pass; a registry-wide test
holds these traces against really stopped runs.
"""

from __future__ import annotations

from dataclasses import replace

from dynviz.decisions import Exit
from dynviz.trace import Prediction, Trace


def caps(full: Trace) -> tuple[int, ...]:
    """The hard caps (MACs) at which one more exit becomes affordable: what was spent up to and including each exit."""
    exits = {decision.unit for decision in full.decisions if isinstance(decision, Exit)}
    spent, found = 0, []
    for stage in full.stages:
        spent += stage.macs
        if stage.unit in exits:
            found.append(spent)
    return tuple(found)


def stopped(full: Trace) -> tuple[Trace, ...]:
    """One trace per exit of ``full``, a pass with every decision open: the run that is stopped there, as for ``caps``.

    Counterfactual, since the pass went on. Empty for a network without exits, and for one that decides more than when
    to answer: what it records of decisions that never came up is its own affair, so it has to be run.
    """
    exits = [decision for decision in full.decisions if isinstance(decision, Exit)]
    if len(exits) < len(full.decisions):
        return ()
    return tuple(_at(full, exits, last) for last in range(len(exits)))


def _at(full: Trace, exits: list[Exit], last: int) -> Trace:
    answer, final = exits[last], exits[-1]
    reached = {decision.unit for decision in exits[: last + 1]}
    decisions = []
    for decision in exits:
        if decision.unit not in reached:
            later = {"unit": decision.unit, "order": decision.order, "layer": decision.layer}
            decisions.append(Exit(**later, choice="not reached", executed=False, macs_static=decision.macs_static))
        else:
            choice = "exit" if decision is answer else "continue"
            decisions.append(replace(decision, choice=choice, forced=decision is not final))
    at = next(i for i, stage in enumerate(full.stages) if stage.unit == answer.unit)
    stages = full.stages[: at + 1] + tuple(replace(stage, macs=0, executed=False) for stage in full.stages[at + 1 :])
    assert answer.probabilities is not None  # a full pass asks every exit
    return replace(
        full,
        prediction=Prediction.from_probabilities(answer.probabilities, full.labels),
        decisions=tuple(decisions),
        stages=stages,
        macs_ideal=sum(stage.macs for stage in stages),
        rule="anytime",
        counterfactual=True,
    )
