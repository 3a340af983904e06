"""Decisions that do not look at the input, for networks that choose at each step: the baselines of their curves."""

from __future__ import annotations

import numpy as np


def blind_choices(rival: str, shares: np.ndarray, steps: int, seed: int = 1) -> np.ndarray:
    """(steps, N) bool, open for about the share ``shares`` (N,) of each row's steps: drawn at random, or spread evenly.

    Raises ValueError for an unknown ``rival``.
    """
    if rival == "random":
        return np.random.default_rng(seed).random((steps, len(shares))) < shares
    if rival != "uniform":
        raise ValueError(f"no rival is called {rival!r}; known: random, uniform")
    ends = np.floor(np.arange(steps + 1)[:, None] * shares + 0.5)
    return ends[1:] > ends[:-1]
