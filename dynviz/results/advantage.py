"""How much better than its baselines a network is, on the very same test samples: paired intervals from the tables.

A curve between two of its points is what a coin between the two networks would reach: at each compute a share of the
samples goes to the one and the rest to the other. Applied to every sample this gives its expected result, so that the
bootstrap can pair sample with sample anywhere on two curves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dynviz.results.comparison import Comparison, Curve, compare, mean_interval, own_curve, sibling_curve, siblings
from dynviz.results.tables import TableError, read_table
from dynviz.zoo import ModelCard

SIBLINGS = "static networks"


@dataclass(frozen=True, eq=False)
class Answers:
    """Right or not, along a curve. macs: (points,) rising. right: (points, samples) bool. label: (samples,)."""

    macs: np.ndarray
    right: np.ndarray
    label: np.ndarray

    def at(self, macs: float) -> np.ndarray:
        """(samples,) expected result at ``macs``, linear in log MACs between the two points around it."""
        x = np.log(self.macs)
        at = float(np.clip(np.log(macs), x[0], x[-1]))
        high = int(np.clip(np.searchsorted(x, at), 1, len(x) - 1)) if len(x) > 1 else 0
        low = max(0, high - 1)
        span = x[high] - x[low]
        weight = (at - x[low]) / span if span > 0 else 0.0
        return (1 - weight) * self.right[low] + weight * self.right[high]


@dataclass(frozen=True)
class Gain:
    """Difference in accuracy (-1..1) at ``macs``, with its paired 95 % interval where the tables allow one."""

    macs: float
    gain: float
    interval: tuple[float, float] | None


@dataclass(frozen=True)
class Verdict:
    """A network against one baseline over the compute that both reach. share_above: as in ``Comparison``.

    best: where it is furthest above (or least below). last: at the dearest compute both reach.
    """

    baseline: str
    share_above: float
    best: Gain
    last: Gain


def verdicts(card: ModelCard, cards: Sequence[ModelCard]) -> list[Verdict]:
    """``card`` against its static siblings, the other dynamic networks on its data and its own baselines.

    Baselines that reach none of the compute that the network reaches are left out.
    """
    found = []
    mine = answers(card)
    for name, curve, theirs in _baselines(card, cards):
        if comparison := compare(own_curve(card), curve):
            found.append(_verdict(name, own_curve(card), curve, comparison, mine, theirs))
    return found


def against_siblings(card: ModelCard, cards: Sequence[ModelCard], point: int) -> Gain | None:
    """Operating point ``point`` of ``card`` against its static siblings at its compute. None beyond their range."""
    curve = sibling_curve(card, cards)
    own = card.operating_points[point]
    if not curve or not curve[0][0] <= own.macs <= curve[-1][0]:
        return None
    x, y = np.array(curve).T
    difference = own.accuracy - float(np.interp(np.log(own.macs), np.log(x), y))
    mine, theirs = answers(card), sibling_answers(card, cards)
    if mine is None or theirs is None or not _same_samples(mine, theirs):
        return Gain(own.macs, difference, None)
    right = read_table(card).right[:, point]
    return Gain(own.macs, difference, mean_interval(right - theirs.at(own.macs)))


@dataclass(frozen=True)
class Blind:
    """A network at ``macs`` against ``name``, the best of its baselines that decide without looking.

    gain: in accuracy (-1..1). noise: what chance alone makes of two equally good networks in 95 of 100 tests, if
    each is tested apart. That is wider than one test of both would make it: those baselines have no table.
    """

    name: str
    macs: float
    gain: float
    noise: float


def against_blind(card: ModelCard, share: float = 0.5) -> Blind | None:
    """``card`` at ``share`` of its static path, or the nearest compute that it and such a baseline reach. None without
    such a baseline.
    """
    own, found = own_curve(card), []
    for name, curve in card.curves.items():
        curve = tuple(sorted(curve))
        low, high = max(own[0][0], curve[0][0]), min(own[-1][0], curve[-1][0])
        if low < high:
            macs = float(np.clip(share * card.static_macs, low, high))
            ours, theirs = (
                float(np.interp(np.log(macs), np.log(x), y)) for x, y in (np.array(c).T for c in (own, curve))
            )
            count = max(1, card.operating_points[0].n)
            found.append(Blind(name, macs, ours - theirs, 1.96 * (2 * ours * (1 - ours) / count) ** 0.5))
    return min(found, key=lambda blind: blind.gain, default=None)


def _at(curve: Curve, macs: float) -> float:
    x, y = np.array(curve).T
    return float(np.interp(np.log(macs), np.log(x), y))


def answers(card: ModelCard) -> Answers | None:
    """The card's operating points in the order of ``own_curve``, None without a table that can be used."""
    try:
        table = read_table(card)
    except TableError:
        return None
    points = card.operating_points
    order = sorted(range(len(points)), key=lambda i: (points[i].macs, points[i].accuracy))
    return Answers(np.array([points[i].macs for i in order]), table.right.T[order], table.label)


def sibling_answers(card: ModelCard, cards: Sequence[ModelCard]) -> Answers | None:
    """The static networks on the same data in the order of ``sibling_curve``, None unless all have tables."""
    found = siblings(card, cards)
    tables = [answers(sibling) for sibling in found]
    if not tables or any(table is None or not _same_samples(table, tables[0]) for table in tables):
        return None
    right = np.stack([table.right[-1] for table in tables])
    return Answers(np.array([float(c.static_macs) for c in found]), right, tables[0].label)


def _baselines(card: ModelCard, cards: Sequence[ModelCard]) -> list[tuple[str, Curve, Answers | None]]:
    found = [(SIBLINGS, sibling_curve(card, cards), sibling_answers(card, cards))]
    for other in cards:
        if other.family != "static" and other.name != card.name and other.data == card.data:
            found.append((other.title, own_curve(other), answers(other)))
    # what each exit would have said to each sample is in no table, so that these have no paired interval
    found += [(name, tuple(sorted(curve)), None) for name, curve in card.curves.items()]
    return found


def _verdict(
    name: str, own: Curve, curve: Curve, comparison: Comparison, mine: Answers | None, theirs: Answers | None
) -> Verdict:
    dearest = min(own[-1][0], curve[-1][0])
    gains = []
    for macs, gain in ((comparison.best_macs, comparison.best), (dearest, comparison.last)):
        interval = None
        if mine is not None and theirs is not None and _same_samples(mine, theirs):
            interval = mean_interval(mine.at(macs) - theirs.at(macs))
        gains.append(Gain(macs, gain, interval))
    return Verdict(name, comparison.share_above, *gains)


def _same_samples(a: Answers, b: Answers) -> bool:
    return np.array_equal(a.label, b.label)
