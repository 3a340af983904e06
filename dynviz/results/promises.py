"""What is promised of dynamic networks, held against what was measured here: a number and an interval for each claim.

Read from cards, evaluation tables and findings; nothing is run and no torch is loaded. A claim that does not hold is
told as one that does not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from dynviz.results.advantage import answers, sibling_answers
from dynviz.results.battery import LONG, answered, halves, rivals
from dynviz.results.comparison import control, mean_interval, siblings
from dynviz.results.findings import Findings, read_findings
from dynviz.results.tables import Table, TableError, read_table
from dynviz.zoo import CheckpointError, ModelCard

LITTLE = -0.02  # accuracy; what making a network small may cost
SAME = -0.01  # accuracy; what loses no more is as good, as far as its interval says
FOR_ACCURACY = ("dynamic parameters", "expert choice", "regions")  # mechanisms that may save nothing
STREAMS = 20  # that are drawn


@dataclass(frozen=True)
class Evidence:
    """One line of an experiment. value: with its 95 % interval, or without where none can be had. holds: does the whole
    interval speak for the claim (without an interval: does the value)? detail: how to read it, plain text.
    """

    name: str
    value: float
    low: float | None
    high: float | None
    holds: bool
    detail: str


def efficiency(cards: Sequence[ModelCard]) -> list[Evidence]:
    """The share of the static parent's multiply-adds that is saved at the same accuracy: at the cheapest point whose
    paired interval against the parent lies above ``SAME`` on one half of the test inputs; what it saves and whether it
    is as accurate are reported on the other half. value: 0..1, with its interval. Networks that never get there save
    nothing.
    """
    found = []
    for card, parent, table, whole in _with_parents(cards):
        first, second = halves(len(table.label))
        difference = table.right.astype(float) - whole.right[:, -1:]
        order = np.argsort(table.macs[first].mean(axis=0)).tolist()
        point = next((point for point in order if _as_good(difference[first, point])), None)
        if point is None:
            found.append(Evidence(card.title, 0.0, None, None, False, f"never within 1 point of {parent.title}"))
            continue
        saved = 1 - table.macs[second, point] / whole.macs[second, -1]
        low, high = mean_interval(saved)
        lost = float(difference[second, point].mean())
        bounds = " to ".join(f"{bound * 100:+.1f}" for bound in mean_interval(difference[second, point]))
        told = f"{lost * 100:+.1f} points ({bounds}) against {parent.title}, {card.data_name}; chosen on the other half"
        holds = low > 0 and lost >= SAME
        found.append(Evidence(card.title, float(saved.mean()), low, high, holds, told))
    return sorted(found, key=lambda line: -line.value)


def _as_good(difference: np.ndarray) -> bool:
    """(samples,) in -1..1: does its interval lie above ``SAME``?"""
    return float(difference.mean()) >= SAME and mean_interval(difference)[0] >= SAME


def representation(cards: Sequence[ModelCard]) -> list[Evidence]:
    """Accuracy above the same network without dynamic parameters or experts, every decision open. value: -1..1. That
    network is the static control that was trained as it was, where there is one: fine-tuning alone may gain something.
    """
    found = []
    for card, parent, table, whole in _with_parents(cards, of=control):
        if card.mechanism not in FOR_ACCURACY or len(card.operating_points) > 1:
            continue
        difference = table.right[:, -1].astype(float) - whole.right[:, -1]
        low, high = mean_interval(difference)
        more = card.static_macs / parent.static_macs - 1
        told = f"against {parent.title}, {card.data_name}, for {more:+.1%} multiply-adds"
        found.append(Evidence(card.title, float(difference.mean()), low, high, low > 0, told))
    return sorted(found, key=lambda line: -line.value)


def adaptiveness(cards: Sequence[ModelCard]) -> list[Evidence]:
    """A battery of unknown charge runs down over a stream of test inputs (see ``battery``). value: how many times as
    many right answers a network gives, over all charges, as the best single static network of any size, which is
    chosen on one half of the test inputs; both are put on streams drawn from the other half. Where no smaller one is
    here, lasting longer than the large one proves nothing.
    """
    found = []
    for card, _, table, _ in _with_parents(cards):
        static = rivals(card, cards, table.label)
        if table.macs.shape[1] < 3 or not static:
            continue
        first, second = halves(len(table.label))
        largest, dearest = static[-1]
        whole = float(dearest.macs[:, -1].mean())
        best, small = max(static, key=lambda one: answered(one[1], whole, first))
        ratios, against = [], []
        for seed in range(STREAMS):
            rows = np.random.default_rng(seed).choice(second, LONG)
            own, theirs, its = (answered(one, whole, rows) for one in (table, small, dearest))
            ratios.append(own / max(theirs, 1.0))
            against.append(own / max(its, 1.0))
        low, high = (float(bound) for bound in np.quantile(ratios, [0.025, 0.975]))
        told = f"against {best.title}, the best static network of one size"
        told += f"; against {largest.title} {np.mean(against):.2f} times; {card.data_name}"
        if len(static) == 1:
            told = f"against {best.title}; no smaller static network is here to hold it against; {card.data_name}"
        found.append(Evidence(card.title, float(np.mean(ratios)), low, high, low > 1 and len(static) > 1, told))
    return sorted(found, key=lambda line: -line.value)


def compatibility(cards: Sequence[ModelCard]) -> list[Evidence]:
    """Accuracy that pruning, low rank and int8 cost, over some operating points, without training again: -1..1,
    paired.
    """
    found = []
    for card, findings in _with_findings(cards):
        use = findings.compatibility
        if use is None:
            continue
        for name, lost, size, ms in zip(use.names[1:], use.lost[1:], use.bytes[1:], use.ms[1:], strict=True):
            told = f"{size / use.bytes[0]:.0%} of the bytes, {ms / use.ms[0]:.0%} of the milliseconds, {use.n} inputs"
            found.append(Evidence(f"{card.title}, {name}", *lost, lost[1] > LITTLE, told))
    return found


def interpretability(cards: Sequence[ModelCard]) -> list[Evidence]:
    """Rank correlation of what is computed and what the answer depends on, at the point nearest to half the budget."""
    found = []
    for card, findings in _with_findings(cards):
        use = findings.attribution
        if use is None:
            continue
        known = [i for i, value in enumerate(use.correlation) if value is not None]
        at = min(known, key=lambda i: abs(use.budgets[i] - 0.5), default=None)
        if at is None:
            continue
        blind = {name: points[at][0] for name, points in use.blind.items() if points[at][0] is not None}
        rival = max(blind, key=lambda name: blind[name], default=None)
        value, low, high = use.correlation[at], use.low[at], use.high[at]
        against = 0.0 if rival is None else blind[rival]
        told = f"budget {use.budgets[at]:.0%}, {use.n} inputs"
        told += f"; decided {rival}: {against:+.2f}" if rival else ""
        found.append(Evidence(card.title, value, low, high, low > against, told))
    return sorted(found, key=lambda line: -line.value)


def generality(cards: Sequence[ModelCard]) -> list[Evidence]:
    """One mechanism on several kinds of input: accuracy above static networks at the middle of the compute both
    reach.
    """
    found = []
    for card in cards:
        if card.family == "static" or len(card.operating_points) < 3:
            continue
        mine, theirs = answers(card), sibling_answers(card, cards)
        if mine is None or theirs is None or not np.array_equal(mine.label, theirs.label) or len(theirs.macs) < 2:
            continue
        inside = [m for m in mine.macs if theirs.macs[0] <= m <= theirs.macs[-1]]
        if not inside:
            continue
        middle = float(np.exp(np.mean(np.log(inside))))  # chosen by compute alone, not by how good it looks
        difference = mine.at(middle) - theirs.at(middle)
        low, high = mean_interval(difference)
        told = f"{card.mechanism}, {card.modality}, {card.data_name}, at {middle / 1e6:.1f} M multiply-adds"
        found.append(Evidence(card.title, float(difference.mean()), low, high, low > 0, told))
    return sorted(found, key=lambda line: -line.value)


PROMISES: dict[str, Callable[[Sequence[ModelCard]], list[Evidence]]] = {
    "efficiency": efficiency,
    "representation": representation,
    "adaptiveness": adaptiveness,
    "compatibility": compatibility,
    "interpretability": interpretability,
    "generality": generality,
}


def _parent(card: ModelCard, cards: Sequence[ModelCard]) -> ModelCard | None:
    return next((other for other in cards if other.name == card.parent), None)


def _with_parents(
    cards: Sequence[ModelCard], of: Callable[[ModelCard, Sequence[ModelCard]], ModelCard | None] = _parent
) -> list[tuple[ModelCard, ModelCard, Table, Table]]:
    """Dynamic networks with the static one to hold them against: ``of`` them, their parent where that finds none, else
    the dearest static sibling.
    """
    found = []
    for card in cards:
        if card.family == "static":
            continue
        parent = of(card, cards) or _parent(card, cards)
        parent = parent or max(siblings(card, cards), key=lambda other: other.static_macs, default=None)
        if parent is None:
            continue
        try:
            table, whole = read_table(card), read_table(parent)
        except TableError:
            continue
        if np.array_equal(table.label, whole.label):
            found.append((card, parent, table, whole))
    return found


def _with_findings(cards: Sequence[ModelCard]) -> list[tuple[ModelCard, Findings]]:
    found = []
    for card in cards:
        try:
            findings = read_findings(card)
        except CheckpointError:
            continue
        if findings is not None:
            found.append((card, findings))
    return found
