"""Decisions that do not look at the input, for networks that choose at each step: the baselines of their curves."""

from __future__ import annotations

import numpy as np


def blind_choices(baseline: str, shares: np.ndarray, steps: int, seed: int = 1) -> np.ndarray:
    """(steps, N) bool, open for about the share ``shares`` (N,) of each row's steps: drawn at random, or spread evenly.

    Raises ValueError for an unknown ``baseline``.
    """
    if baseline == "random":
        return np.random.default_rng(seed).random((steps, len(shares))) < shares
    if baseline != "uniform":
        raise ValueError(f"no baseline is called {baseline!r}; known: random, uniform")
    ends = np.floor(np.arange(steps + 1)[:, None] * shares + 0.5)
    return ends[1:] > ends[:-1]


def blind_options(baseline: str, shares: np.ndarray, costs: np.ndarray, seed: int = 1) -> np.ndarray:
    """(N,) index of one of several options that exclude each other, for about the mean cost ``shares`` (N,).

    costs: (options,) ascending, the last is 1. A mixture of the two options whose costs lie around the share, drawn at
    random or spread evenly over the batch. Raises ValueError for an unknown ``baseline``.
    """
    upper = np.searchsorted(costs, shares, side="left").clip(1, len(costs) - 1)
    part = ((shares - costs[upper - 1]) / (costs[upper] - costs[upper - 1])).clip(0, 1)
    if baseline == "random":
        high = np.random.default_rng(seed).random(len(shares)) < part
    elif baseline == "uniform":
        ends = np.floor(np.append(0.0, np.cumsum(part)) + 0.5)
        high = ends[1:] > ends[:-1]
    else:
        raise ValueError(f"no baseline is called {baseline!r}; known: random, uniform")
    return upper - 1 + high


def blind_places(baseline: str, shares: np.ndarray, rows: int, columns: int, seed: int = 1) -> np.ndarray:
    """(N, rows, columns) bool: places of a grid chosen without a look at the picture, about the share ``shares`` (N,)
    of each row's.

    baseline: ``random``; ``uniform``, evenly spread; ``centre``, the nearest to the middle, where photos have their
    object: the strongest of the three. Raises ValueError for another.
    """
    if baseline == "random":
        rank = np.random.default_rng(seed).random((len(shares), rows * columns))
    elif baseline == "uniform":
        rank = (np.arange(rows * columns) * 0.6180339887 + 0.5) % 1  # the golden ratio spreads any number of places
    elif baseline == "centre":
        y, x = np.mgrid[:rows, :columns]
        away = np.hypot((y + 0.5) / rows - 0.5, (x + 0.5) / columns - 0.5).ravel()
        rank = (away.argsort(kind="stable").argsort(kind="stable") + 0.5) / away.size
    else:
        raise ValueError(f"no baseline is called {baseline!r}; known: random, uniform, centre")
    return rank.reshape(-1, rows, columns) < shares[:, None, None]


def blind_depths(baseline: str, shares: np.ndarray, most: int, seed: int) -> np.ndarray:
    """(N,) blocks of a stage of ``most`` for about the share ``shares`` (N,) of them, without a look at the picture.

    Drawn at random, or spread evenly over the batch; at least one. Raises ValueError for an unknown ``baseline``.
    """
    if baseline == "random":
        drawn = np.random.default_rng(seed).binomial(most, shares)
    elif baseline == "uniform":
        drawn = np.diff(np.floor(np.append(0.0, np.cumsum(shares * most)) + 0.5)).astype(np.int64)
    else:
        raise ValueError(f"no baseline is called {baseline!r}; known: random, uniform")
    return np.clip(drawn, 1, most)
