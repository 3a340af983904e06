"""The numbers that answer a lesson's question: each is measured on the run that is revealed, none is written down."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import dynviz
from app.inference_queue import INFERENCE
from app.lessons.experiment import evidence
from app.lessons.shown import Shown
from app.strings import say
from dynviz.attribution.agreement import executed_share
from dynviz.decisions import Exit
from dynviz.media.difficulty import KNOBS
from dynviz.results.advantage import against_siblings
from dynviz.views.style.words import percent, points_words


@dataclass(frozen=True)
class Measure:
    """value: the number, and words: how it came out, one sentence."""

    value: Callable[[Shown], float]
    words: Callable[[Shown, float], str]


def _spent(shown: Shown) -> float:
    return shown.trace.macs / max(1, shown.trace.macs_static)


def _taken(shown: Shown) -> float:
    executed = executed_share(shown.trace, shown.found.full)
    return 1.0 if executed is None else float(executed.mean())


def _units(shown: Shown) -> float:
    """Share of the units that decide that ran."""
    decided = shown.trace.decisions
    return sum(decision.executed for decision in decided) / max(1, len(decided))


def _units_words(shown: Shown, value: float) -> str:
    decided = shown.trace.decisions
    kind = "exits" if decided and all(isinstance(d, Exit) for d in decided) else "units"
    ran, every = sum(d.executed for d in decided), len(decided)
    return say(f"lessons.measure.{kind}{'.all' * (ran == every)}", ran=ran, all=every)


def _same(shown: Shown) -> float:
    return float(shown.trace.prediction.label == shown.found.full.prediction.label)


def _same_words(shown: Shown, value: float) -> str:
    told = {"label": shown.trace.prediction.label, "full": shown.found.full.prediction.label}
    return say("lessons.measure.same" if value else "lessons.measure.other", **told)


def _harder(shown: Shown) -> float:
    """How many times what it spent on the picture as it is it spends on the same made harder."""
    assert shown.chosen.picture is not None
    picture = KNOBS[shown.knob].turn(shown.chosen.picture, KNOBS[shown.knob].nearest(shown.strength))
    with INFERENCE.turn():
        hard = dynviz.run(shown.card.name, picture, budget=shown.found.budgets[shown.at])
    return hard.macs / max(1, shown.trace.macs)


def _harder_words(shown: Shown, value: float) -> str:
    times = f"{value:.2f}"
    return say(f"lessons.measure.harder{'.same' * (times == '1.00')}", times=times)


def _gain(shown: Shown) -> float:
    """Accuracy against its static siblings at the same compute, in shares."""
    found = against_siblings(shown.card, dynviz.models(), shown.at)
    return found.gain if found else 0.0


def _gain_words(shown: Shown, value: float) -> str:
    found = against_siblings(shown.card, dynviz.models(), shown.at)
    if found is None:
        return say("lessons.measure.gain.none")
    if found.interval is None:
        return say("lessons.measure.gain.bare", gain=points_words(found.gain))
    low, high = map(points_words, found.interval)
    return say("lessons.measure.gain", gain=points_words(found.gain), low=low, high=high)


def _holds(shown: Shown) -> float:
    """Share of an experiment's lines that speak for the claim."""
    lines = evidence(shown.experiment)
    return sum(line.holds for line in lines) / max(1, len(lines))


def _holds_words(shown: Shown, value: float) -> str:
    lines = evidence(shown.experiment)
    return say("lessons.measure.holds", ran=sum(line.holds for line in lines), all=len(lines))


def _told(key: str) -> Callable[[Shown, float], str]:
    return lambda shown, value: say(key, share=percent(value))


MEASURES = {
    "spent": Measure(_spent, _told("lessons.measure.spent")),
    "taken": Measure(_taken, _told("lessons.measure.taken")),
    "units": Measure(_units, _units_words),
    "same": Measure(_same, _same_words),
    "harder": Measure(_harder, _harder_words),
    "gain": Measure(_gain, _gain_words),
    "holds": Measure(_holds, _holds_words),
}
