"""Curves of accuracy against compute, held against one another: does being dynamic pay, and where?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dynviz.zoo import ModelCard

Curve = tuple[tuple[float, float], ...]  # (mean MACs, accuracy 0..1), by rising MACs
STEPS = 200


@dataclass(frozen=True)
class Comparison:
    """A network's curve against a baseline's over the compute both reach.

    share_above: share of that range (in log MACs) where the network is more accurate. best: largest advantage in
    accuracy (0..1, may be negative), at ``best_macs``. last: advantage at the network's dearest point within the range.
    """

    share_above: float
    best: float
    best_macs: float
    last: float


def own_curve(card: ModelCard) -> Curve:
    """The card's operating points."""
    return tuple(sorted((point.macs, point.accuracy) for point in card.operating_points))


def siblings(card: ModelCard, cards: Sequence[ModelCard]) -> list[ModelCard]:
    """The static networks on the same data by cost, of one architecture: that of its parent, where it has one among
    them, else that of the most accurate of them. A curve through several architectures would be no curve of size.

    A static network's own siblings are those of its architecture, itself included. A control (``is_control``) has the
    size of its parent and is no step of the curve.
    """
    kin = [c for c in cards if c.family == "static" and c.data == card.data and c.modality == card.modality]
    static = [c for c in kin if c.name == card.name or not is_control(c, kin)]
    parent = card if card.family == "static" else next((c for c in static if c.name == card.parent), None)
    parent = parent or max(static, key=lambda c: c.test_accuracy, default=None)
    found = [c for c in static if parent is not None and _line(c, kin) == _line(parent, kin)]
    return sorted(found, key=lambda c: (c.static_macs, c.test_accuracy))


def is_control(card: ModelCard, cards: Sequence[ModelCard]) -> bool:
    """Is this static network its static parent over again, of the same architecture and cost, only trained further?"""
    parent = next((other for other in cards if other.name == card.parent), None)
    if parent is None or card.family != "static" or parent.family != "static":
        return False
    return (card.network, card.static_macs) == (parent.network, parent.static_macs)


def _line(card: ModelCard, cards: Sequence[ModelCard]) -> str:
    """The architecture of whose sizes this static network is one: its own, or that of the static network that it is a
    cheaper form of, as the mean of few frames is of the mean of all.
    """
    parent = next((c for c in cards if c.name == card.parent and c.family == "static"), None)
    return parent.network if parent is not None and card.static_macs < parent.static_macs else card.network


def sibling_lines(cards: Sequence[ModelCard]) -> list[list[ModelCard]]:
    """The static networks among ``cards`` as curves, one for each architecture, by cost. Controls are in none."""
    static = [c for c in cards if c.family == "static" and not is_control(c, cards)]
    lines = [[c for c in static if _line(c, cards) == line] for line in dict.fromkeys(_line(c, cards) for c in static)]
    return [sorted(line, key=lambda c: (c.static_macs, c.test_accuracy)) for line in lines]


def control(card: ModelCard, cards: Sequence[ModelCard]) -> ModelCard | None:
    """The static network that began as the same parent, has its size and was trained as ``card`` was (as many epochs,
    the same teacher and seed), so that what differs is the mechanism alone. None where there is none.
    """
    parent = next((other for other in cards if other.name == card.parent), None)
    if parent is None:
        return None

    def told(other: ModelCard) -> tuple[object, ...]:
        return other.parent, other.data, other.epochs, other.teacher, other.seed

    alike = (other for other in cards if other.family == "static" and told(other) == told(card))
    return next((o for o in alike if (o.network, o.static_macs) == (parent.network, parent.static_macs)), None)


def sibling_curve(card: ModelCard, cards: Sequence[ModelCard]) -> Curve:
    """Its static siblings as a curve."""
    return tuple((float(c.static_macs), c.test_accuracy) for c in siblings(card, cards))


def compare(curve: Curve, baseline: Curve) -> Comparison | None:
    """Hold ``curve`` against ``baseline``, both linear between their points in log MACs. None without overlap."""
    if not curve or not baseline:
        return None
    low, high = max(curve[0][0], baseline[0][0]), min(curve[-1][0], baseline[-1][0])
    if not low < high:
        return None
    macs = np.geomspace(low, high, STEPS)
    gain = _at(curve, macs) - _at(baseline, macs)
    best = int(gain.argmax())
    return Comparison(float((gain > 0).mean()), float(gain[best]), float(macs[best]), float(gain[-1]))


def _at(curve: Curve, macs: np.ndarray) -> np.ndarray:
    x, y = np.array(curve).T
    return np.interp(np.log(macs), np.log(x), y)


def paired_interval(ours: np.ndarray, theirs: np.ndarray, draws: int = 2000, seed: int = 0) -> tuple[float, float]:
    """95 % bootstrap interval of the difference in accuracy on the same samples.

    ours, theirs: (samples,) bool, right or not. Drawing whole samples keeps what both find easy or hard together, which
    makes the interval several times narrower than that of two independent shares.
    """
    return mean_interval(ours.astype(float) - theirs.astype(float), draws, seed)


def mean_interval(differences: np.ndarray, draws: int = 2000, seed: int = 0) -> tuple[float, float]:
    """95 % bootstrap interval of the mean of (samples,) values, of which only a few differ from one another."""
    values, counts = np.unique(np.round(differences, 9), return_counts=True)
    total = int(counts.sum())
    # drawing samples anew is drawing how often each value comes: the same numbers without a draws x samples array
    means = np.random.default_rng(seed).multinomial(total, counts / total, draws) @ values / total
    return float(np.quantile(means, 0.025)), float(np.quantile(means, 0.975))
