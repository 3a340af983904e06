"""Operating points: thresholds calibrated to a mean budget, and the choice of a point for a budget or a hard cap."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from dynviz.recorder import Setting

if TYPE_CHECKING:
    from dynviz.zoo import ModelCard, OperatingPoint

BUDGET_GRID = 21  # at most so many operating points per network


def best_point(card: ModelCard, budget: float) -> int:
    """Index of the largest operating point whose budget is at most ``budget``, else of the smallest."""
    fitting = [i for i, point in enumerate(card.operating_points) if point.budget <= budget + 1e-9]
    return max(fitting, key=lambda i: card.operating_points[i].budget, default=0)


def thresholds(point: OperatingPoint) -> tuple[float, ...]:
    """The point's thresholds with infinity (never leave) where the card holds null."""
    return tuple(math.inf if value is None else value for value in point.thresholds)


def anytime_setting(card: ModelCard, network: Any, x: Any, cap_macs: int) -> Setting:
    """Forced decisions that answer at the last exit within ``cap_macs`` on every input of the batch ``x``.

    Raises ValueError where the network has no exits or where even its first exit costs more.
    """
    if not card.anytime:
        raise ValueError(f"{card.name} cannot be stopped at any time; networks with exits can")
    names, totals = network.exit_names(), np.cumsum([int(np.max(macs)) for macs in network.input_macs(x)])
    if cap_macs < totals[0]:
        raise ValueError(f"{card.name} needs at least {totals[0]:,} MACs for an answer; the cap is {cap_macs:,}")
    last = int(np.searchsorted(totals, cap_macs, side="right")) - 1
    forced = {name: "exit" if i == last else "continue" for i, name in enumerate(names[: last + 1])}
    return Setting(forced=forced)


def thresholds_for_shares(confidence: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Thresholds that let the share ``shares[k]`` of the calibration samples leave at exit k.

    confidence: (samples, exits) top softmax probability of each exit on the calibration split. shares: (exits,),
    summing to 1. Returns (exits,) with infinity at the last. Unlike the public code of the paper, an exit for which too
    few samples are left does not die: its threshold is then just above the best confidence still waiting, so it stays
    open to inputs that are easier than all of those.
    """
    samples, exits = confidence.shape
    result = np.full(exits, np.inf)
    waiting = np.ones(samples, dtype=bool)
    carried = 0.0  # fractions of a sample that rounding left over
    for k in range(exits - 1):
        scores = np.sort(confidence[waiting, k])[::-1]
        if not len(scores):
            result[k] = result[k - 1] if k else 1.0
            continue
        wanted = samples * shares[k] + carried
        leave = min(int(wanted), len(scores))
        carried = wanted - leave
        result[k] = scores[leave - 1] if leave else np.nextafter(scores[0], np.inf)
        waiting &= confidence[:, k] < result[k]
    return result


def apply_exits(confidence: np.ndarray, limits: np.ndarray) -> np.ndarray:
    """(samples,) index of the exit that answers: the first whose confidence reaches its threshold, else the last."""
    taken = confidence >= limits[None, :]
    taken[:, -1] = True
    return taken.argmax(axis=1)


def random_exits(macs: np.ndarray, right: np.ndarray) -> list[tuple[float, float]]:
    """Expected (mean MACs, accuracy) when exits are drawn at random, at the best mixture for every compute.

    macs: (exits,) cumulative. right: (samples, exits) bool. A random choice between exits reaches any mixture of the
    exits' points; the best of them is the upper concave hull, which is returned: the strongest input-blind baseline.
    """
    points = list(zip(macs.tolist(), right.mean(axis=0).tolist(), strict=True))
    hull: list[tuple[float, float]] = []
    for point in points:
        while len(hull) >= 2 and _below(hull[-2], hull[-1], point):
            hull.pop()
        hull.append(point)
    best = max(range(len(hull)), key=lambda i: hull[i][1])
    return hull[: best + 1]


def _below(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]) -> bool:
    """Is ``b`` on or under the line from ``a`` to ``c``?"""
    return (b[1] - a[1]) * (c[0] - a[0]) <= (c[1] - a[1]) * (b[0] - a[0])
