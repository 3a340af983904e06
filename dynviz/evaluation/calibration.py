"""Which thresholds keep to which mean budget, found on the validation split.

Three kinds of networks: exits with a threshold each (Huang et al. 2018, budgeted batch), one threshold for a reader's
many looks, and networks whose decisions change what comes after (skipped steps, pruned tokens), which are run at each
of their ``candidates``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from dynviz.evaluation import operating
from dynviz.evaluation.passes import Progress, Scores, score_settings
from dynviz.recorder import Setting
from dynviz.zoo import OperatingPoint

if TYPE_CHECKING:
    from dynviz.datasets.samples import Samples
    from dynviz.networks.contract import Between, DynamicNetwork

DECIMALS = 6  # of every threshold on a card
CURVE_POINTS = 41  # at most, of a baseline
SEARCHED = 800  # samples of the validation split that candidates are run on, at most
FIRST, ROUNDS = 9, 6  # candidates between two ends to begin with; how often others are then put between them
TOGETHER = 3  # of those between the same two candidates
FILLED = 0.015  # a budget has its threshold when that spends so much less at most, as a share of the static path

BUDGETS = tuple(round(float(budget), 4) for budget in np.linspace(0, 1, operating.BUDGET_GRID)[1:])
ABOVE = tuple(round(1 + 0.05 * i, 4) for i in range(1, 7))  # the grid goes on, since deciding costs


def calibrate_exits(scores: Scores, full_macs: float, *, fixed: bool = True) -> list[tuple[float, np.ndarray]]:
    """(budget, thresholds) on the shared grid, from the scores on the validation split.

    fixed: each exit has a threshold of its own, and for each budget the share of samples per exit is bent (Huang et al.
    2018, section 3) until the mean MACs on the validation split are just within budget x ``full_macs``; else one
    threshold for all exits is sought. Budgets below the first exit's cost have no point.
    """
    thresholds = _thresholds_within if fixed else _threshold_within
    return [
        (budget, thresholds(scores, budget * full_macs))
        for budget in BUDGETS
        if budget * full_macs >= scores.macs[:, 0].mean()
    ]


def calibrate_candidates(
    network: DynamicNetwork, samples: Samples, scale: float, progress: Progress | None = None
) -> list[tuple[float, np.ndarray]]:
    """(budget, thresholds): for each budget of the grid the dearest candidate within it.

    Every k-th of ``samples``, those of the validation split, is run at each candidate. scale: mean MACs of the static
    parent over those of the network with every decision open. A budget that would get the same candidate as the one
    below it has no point of its own.
    """
    from dynviz.networks.contract import Between

    samples = samples.thinned(SEARCHED)

    def spent(thresholds: Sequence[float | None]) -> np.ndarray:
        asked = [Setting("masked", thresholds=None if value is None else ((value,),)) for value in thresholds]
        return score_settings(network, samples, asked, progress, coarse=True).macs.mean(axis=0)

    full = spent([None])[0] * scale
    targets = [budget * full for budget in (*BUDGETS, *ABOVE)]
    if isinstance(network.candidates, Between):
        known = search(spent, network.candidates, targets, FILLED * full)
    else:
        known = dict(zip(network.candidates, spent(network.candidates).tolist(), strict=True))
    found: list[tuple[float, np.ndarray]] = []
    last = None
    for budget, target in zip((*BUDGETS, *ABOVE), targets, strict=True):
        best = max((value for value in known if known[value] <= target), key=known.__getitem__, default=None)
        if best is not None and best != last:
            found.append((budget, np.array([best])))
            last = best
    return found[-operating.BUDGET_GRID :]


def search(
    spent: Callable[[Sequence[float]], np.ndarray], candidates: Between, targets: Sequence[float], filled: float
) -> dict[float, float]:
    """Thresholds and what they spend, so that each of ``targets`` within reach has one at most ``filled`` below it.

    spent: mean MACs at each of several thresholds, asked for together. Between two known thresholds around a target the
    next is put where the straight line between them meets it; around many targets three are spread evenly.
    """
    known: dict[float, float] = {}
    wanted = np.linspace(candidates.low, candidates.high, FIRST).tolist()
    for _ in range(1 + ROUNDS):
        # as the card will hold them
        new = [value for value in dict.fromkeys(round(value, DECIMALS) for value in wanted) if value not in known]
        if not new:
            break
        known |= dict(zip(new, spent(new).tolist(), strict=True))
        missing = [t for t in targets if not any(t - filled <= macs <= t for macs in known.values())]
        wanted = [value for a, b in pairwise(sorted(known)) for value in _between(a, b, known, missing, filled)]
    return known


def _between(a: float, b: float, known: dict[float, float], targets: list[float], filled: float) -> list[float]:
    """Thresholds to try between ``a`` and ``b`` for those of ``targets`` that lie between what the two spend."""
    low, high = sorted((known[a], known[b]))
    around = [target for target in targets if low <= target < high]
    shares = [(target - filled / 2 - known[a]) / (known[b] - known[a]) for target in around]
    if len(around) > TOGETHER:
        shares = [(i + 1) / (TOGETHER + 1) for i in range(TOGETHER)]
    return [a + min(max(share, 0.1), 0.9) * (b - a) for share in shares]


def _thresholds_within(scores: Scores, mean_macs: float) -> np.ndarray:
    exits = scores.macs.shape[1]
    best = np.append(np.zeros(exits - 1), np.inf)  # everything leaves at the first exit

    def limits(bend: float) -> np.ndarray:
        """bend: log of the ratio between one exit's share and that of the exit before it."""
        logs = bend * np.arange(exits)
        shares = np.exp(logs - logs.max())
        return operating.thresholds_for_shares(scores.confidence, shares / shares.sum())

    return _dearest_within(scores, mean_macs, limits, -12.0, 12.0, best)


def _threshold_within(scores: Scores, mean_macs: float) -> np.ndarray:
    def limits(limit: float) -> np.ndarray:
        # as the card will hold it, and rounded down: many short texts are equally sure to the last decimal
        return np.array([math.floor(limit * 10**DECIMALS) / 10**DECIMALS])

    return _dearest_within(scores, mean_macs, limits, 0.0, 1.0, np.zeros(1))


def _dearest_within(
    scores: Scores,
    mean_macs: float,
    limits: Callable[[float], np.ndarray],
    low: float,
    high: float,
    best: np.ndarray,
) -> np.ndarray:
    """The thresholds of the largest number between ``low`` and ``high`` that keep to ``mean_macs``, else ``best``."""
    rows = np.arange(len(scores.macs))
    for _ in range(40):
        middle = (low + high) / 2
        tried = limits(middle)
        if scores.macs[rows, operating.apply_exits(scores.confidence, tried)].mean() <= mean_macs:
            best, low = tried, middle
        else:
            high = middle
    return best


def exit_baselines(scores: Scores) -> dict[str, tuple[tuple[float, float], ...]]:
    """Baseline curves that need no training: random exits, and every input stopped at the same exit."""
    if scores.macs.shape[1] == 1:
        return {}
    macs, right = scores.macs.mean(axis=0), scores.right.mean(axis=0)
    drawn = np.unique(np.linspace(0, len(macs) - 1, CURVE_POINTS).round().astype(int))
    fixed = tuple(zip(macs[drawn].tolist(), right[drawn].tolist(), strict=True))
    return {"random exits": tuple(operating.random_exits(macs, scores.right)), "same exit for all": fixed}


def blank_point(rule: str, budget: float, limits: np.ndarray) -> OperatingPoint:
    # rounded here, before anything is measured, so that the card's thresholds are the measured ones
    values = tuple(round(float(value), DECIMALS) if math.isfinite(value) else None for value in limits)
    return OperatingPoint(rule, budget, 0.0, 0.0, 0, (0.0, 0.0), values)
