"""Which thresholds keep to which mean budget, found on the validation split.

Three kinds of networks: exits with a threshold each (Huang et al. 2018, budgeted batch), one threshold for a reader's
many looks, and networks whose decisions change what comes after (skipped steps, pruned tokens), which are run at each
of their ``candidates``.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from dynviz.evaluation import operating
from dynviz.evaluation.scoring import Progress, Scores, at_points, score, score_settings
from dynviz.recorder import Setting
from dynviz.zoo import OperatingPoint

if TYPE_CHECKING:
    from torch import nn

    from dynviz.training.samples import Samples

DECIMALS = 6  # of every threshold on a card
CURVE_POINTS = 41  # at most, of a baseline
BASELINE_SHARES = (0.15, 0.3, 0.5, 0.75)  # of the decisions that are open, for baselines that do not look
BASELINE_SAMPLES = 2_500  # at most so many of the test split for those: they lose by more than the error of so many

Curve = tuple[tuple[float, float], ...]


BUDGETS = tuple(round(float(budget), 4) for budget in np.linspace(0, 1, operating.BUDGET_GRID)[1:])


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
    candidates: tuple[float, ...], macs: np.ndarray, full_macs: float
) -> list[tuple[float, np.ndarray]]:
    """(budget, thresholds): for each budget of the grid the dearest candidate within budget x ``full_macs``.

    macs: (candidates,) mean MACs of each on the validation split. A budget that would get the same candidate as the one
    below it has no point of its own. Above 1 the grid goes on, since deciding costs.
    """
    found: list[tuple[float, np.ndarray]] = []
    last = None
    for budget in (*BUDGETS, *(round(1 + 0.05 * i, 4) for i in range(1, 7))):
        fitting = [i for i in range(len(candidates)) if macs[i] <= budget * full_macs]
        best = max(fitting, key=lambda i: macs[i], default=None)
        if best is not None and best != last:
            found.append((budget, np.array([candidates[best]])))
            last = best
    return found[-operating.BUDGET_GRID :]


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


def blind_baselines(
    network: nn.Module, samples: Samples, whole: tuple[float, float], progress: Progress | None = None
) -> dict[str, Curve]:
    """The same weights with decisions that do not look at the input, at several shares of open ones.

    Measured on every k-th sample, BASELINE_SAMPLES of them at most. whole: (mean MACs, accuracy) of all samples with
    every decision open, where both curves end.
    """
    curves, samples = {}, samples.thinned(BASELINE_SAMPLES)
    for baseline in ("random", "uniform"):
        asked = [Setting("masked", thresholds=((share,),), baseline=baseline) for share in BASELINE_SHARES]
        scores = score_settings(network, samples, asked, progress)
        points = zip(scores.macs.mean(axis=0).tolist(), scores.right.mean(axis=0).tolist(), strict=True)
        curves[f"{baseline} skipping"] = (*points, whole)
    return curves


def blind_exits(
    network: nn.Module, val: Samples, test: Samples, full_macs: float, progress: Progress | None = None
) -> dict[str, Curve]:
    """The same weights and exits, what is decided beside them (where to look) without looking at the input.

    Calibrated on ``val`` for the same budgets as the network itself, measured on BASELINE_SAMPLES of ``test`` at most.
    """
    from dynviz.networks.contract import ExitNetwork

    curves, fewer = {}, test.thinned(BASELINE_SAMPLES)
    for baseline in network.baselines if isinstance(network, ExitNetwork) else ():
        found = calibrate_exits(score(network, val, baseline=baseline), full_macs)
        blank = tuple(blank_point(network.rule, budget, limits) for budget, limits in found)
        measured = at_points(baseline, score(network, fewer, progress, baseline), fewer, blank).operating_points
        curves[f"{baseline} regions"] = tuple((point.macs, point.accuracy) for point in measured)
    return curves


def blank_point(rule: str, budget: float, limits: np.ndarray) -> OperatingPoint:
    # rounded here, before anything is measured, so that the card's thresholds are the measured ones
    values = tuple(round(float(value), DECIMALS) if math.isfinite(value) else None for value in limits)
    return OperatingPoint(rule, budget, 0.0, 0.0, 0, (0.0, 0.0), values)
