"""Is what a decision says what happened? What all checks of records share, and those that compare records.

Nothing here knows a network: it goes by the type of each decision, its unit, and the modules that ``governs`` names for
that unit. What happens to modules happens to a copy of the network.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
import torch
from torch import Tensor

from dynviz.decisions import (
    STEP_ACTIONS,
    ChannelSelection,
    Decision,
    Exit,
    ExpertChoice,
    PixelMask,
    PonderMap,
    Resolution,
    Route,
    StepUpdate,
    TokenMerge,
    TokenSelection,
)
from dynviz.networks.contract import DynamicNetwork
from dynviz.recorder import Recorder, Setting

CLOSE = 1e-4  # decisions this near their threshold may fall either way between the two modes


class RecordError(AssertionError):
    """A record that does not say what happened."""


@dataclass
class Tally:
    """What was changed, by unit: how often something that was skipped, something used, and how often that mattered."""

    skipped: Counter = field(default_factory=Counter)
    used: Counter = field(default_factory=Counter)
    mattered: Counter = field(default_factory=Counter)

    def close(self) -> None:
        """Every unit that was ever used mattered at least once."""
        if idle := [unit for unit in self.used if not self.mattered[unit]]:
            raise RecordError(f"said to be used, and nothing depends on it: {', '.join(idle)}")


def recorded(network: DynamicNetwork, x: Any, setting: Setting) -> tuple[Tensor, list[tuple[Decision, ...]]]:
    """The answers, and the decisions of each sample."""
    recorder = Recorder()
    with torch.inference_mode():
        logits = network(x, setting=setting, recorder=recorder)
    return logits, [recorder.cut(row)[0] for row in range(len(x))]


def same(found: Tensor, expected: Tensor) -> bool:
    return torch.allclose(found, expected, atol=1e-5, rtol=1e-4)


def answer(network: DynamicNetwork, x: Any, setting: Setting) -> Tensor:
    with torch.inference_mode():
        return network(x, setting=setting)


def check_answer(network: DynamicNetwork, x: Any, settings: Sequence[Setting]) -> None:
    """The exit that a record calls the answer gave the answer, the last of the exits that ran, and nobody else."""
    for setting in settings:
        logits, samples = recorded(network, x, setting)
        for row, decisions in enumerate(samples):
            exits = [decision for decision in decisions if isinstance(decision, Exit)]
            if not exits:
                continue
            ran = [decision for decision in exits if decision.executed]
            if [d.choice for d in ran] != ["continue"] * (len(ran) - 1) + ["exit"]:
                raise RecordError(f"exits that ran chose {[decision.choice for decision in ran]}")
            answer = logits[row].float().softmax(dim=0).numpy()
            if not np.allclose(ran[-1].probabilities, answer, atol=1e-4):
                raise RecordError(f"{ran[-1].unit} is said to answer, and says something else than the network")


def check_part_leaves(network: DynamicNetwork, x: Any) -> None:
    """Some of a batch answer early and the others go on: each gets the answer that it gets alone."""
    told_apart = 0
    for setting in splitting(network, x):
        batch, samples = recorded(network, x, setting)
        left = {sum(d.executed for d in decisions if isinstance(d, Exit)) for decisions in samples}
        told_apart += len(left) > 1
        for row in range(len(x)):
            alone = answer(network, x[row : row + 1], setting)[0]
            if not torch.allclose(batch[row], alone, atol=1e-3, rtol=1e-3):
                raise RecordError(f"row {row} of a batch gets another answer than alone, at {setting.thresholds}")
    if not told_apart:
        raise RecordError("at no setting did a part of the batch leave before the others")


def splitting(network: DynamicNetwork, x: Any) -> Iterator[Setting]:
    """Settings at which about half of a batch leave at one of the exits."""
    if isinstance(network.candidates, tuple) and network.candidates:
        yield from (Setting(thresholds=((value,),)) for value in network.candidates)
        return
    _, samples = recorded(network, x, Setting("masked"))
    scores = np.array([[d.score for d in decisions if isinstance(d, Exit)] for decisions in samples])
    if network.candidates:  # one threshold for all exits
        for first in scores[:, :-1].T:
            yield Setting(thresholds=((np.sort(first)[-2:].mean(),),))
        return
    for index in range(scores.shape[1] - 1):
        limits = np.full(scores.shape[1], np.inf)
        limits[index] = np.sort(scores[:, index])[-2:].mean()  # between the best and the next
        yield Setting(thresholds=tuple(limits))


def check_same_arrays(ours: Sequence[Decision], theirs: Sequence[Decision]) -> None:
    """Two modes recorded the same decisions, every field of them but what a mode is free in: the account."""
    for one, other in zip(ours, theirs, strict=True):
        for name, mine, yours in _fields(one, other):
            if not _alike(mine, yours):
                raise RecordError(f"{one.unit}: the modes differ in {name}")


def _fields(one: Decision, other: Decision) -> Iterator[tuple[str, Any, Any]]:
    if type(one) is not type(other):
        raise RecordError(f"{type(one).__name__} of {one.unit} in one mode, {type(other).__name__} in the other")
    for known in fields(one):
        yield known.name, getattr(one, known.name), getattr(other, known.name)


def _alike(mine: Any, yours: Any) -> bool:
    if isinstance(mine, np.ndarray) and isinstance(yours, np.ndarray):
        if mine.shape != yours.shape:
            return False
        exact = mine.dtype.kind in "bi"
        return np.array_equal(mine, yours) if exact else np.allclose(mine, yours, atol=2e-3, rtol=1e-3, equal_nan=True)
    if isinstance(mine, float) and isinstance(yours, float):
        return bool(np.isclose(mine, yours, atol=2e-3, rtol=1e-3, equal_nan=True))
    return bool(mine == yours)


def leaves_out(decision: Decision) -> bool:
    """Does this decision say that it left something undone? Less may be spent only where one does."""
    if isinstance(decision, StepUpdate):
        return any(STEP_ACTIONS[action] != "update" for action in decision.actions)
    if isinstance(decision, Resolution):
        return decision.side_px < max(decision.options_px)
    if isinstance(decision, TokenSelection | ChannelSelection):
        return not decision.kept.all()
    if isinstance(decision, TokenMerge):
        return len(np.unique(decision.source)) < len(decision.source)
    if isinstance(decision, PixelMask):
        return not decision.mask.all()
    if isinstance(decision, PonderMap):
        return bool((decision.map < decision.most).any())
    if isinstance(decision, ExpertChoice):
        return len(decision.chosen) < len(decision.weights)
    if isinstance(decision, Route):
        return not decision.ran.all()
    return not decision.executed


def near_threshold(decision: Decision) -> bool:
    """Could a rounding error have turned this decision? By its score, and by those of its places, tokens or steps."""
    if decision.threshold is None or not np.isfinite(decision.threshold):
        return False
    scores = [] if decision.score is None else [np.array([decision.score])]
    for name in ("scores", "weights"):  # a decision has one or the other, where it compares several
        if (each := getattr(decision, name, None)) is not None:
            scores.append(np.asarray(each, dtype=float).ravel())
    return any(bool((np.abs(part - decision.threshold) < CLOSE).any()) for part in scores)
