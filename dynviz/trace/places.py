"""Where in the picture the compute of a trace fell, as far as its decisions say."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from dynviz.decisions import Decision, PixelMask, PonderMap, Region, TokenMerge, TokenSelection
from dynviz.trace.result import Trace

Grid = np.ndarray


def spent_map(trace: Trace, side: int = 64) -> Grid | None:
    """(side, side) MACs at each place of the square that the network saw; None where no decision is about places.

    Only the work that decisions govern: what runs everywhere, whatever the picture, is left out. Work at a patch is
    spread evenly over it; what of a patch lies outside the square that the network saw first is left out.
    """
    total, found = np.zeros((side, side)), False
    for decision in trace.decisions:
        place = _PLACES.get(type(decision))
        if place is None:
            continue
        weights = place(decision, trace, side)
        if weights is None:
            continue
        found = True
        if weights.any():
            total += weights / weights.sum() * max(decision.macs - decision.decider_macs, 0)
    return total if found else None


def resampled(grid: np.ndarray, side: int) -> Grid:
    """(rows, columns) -> (side, side), each place taking the value of the cell that it lies in."""
    rows, columns = (np.arange(side) * count // side for count in grid.shape)
    return np.asarray(grid, dtype=float)[rows[:, None], columns[None, :]]


def _mask(decision: Decision, trace: Trace, side: int) -> Grid:
    assert isinstance(decision, PixelMask)
    return resampled(decision.mask, side)


def _ponder(decision: Decision, trace: Trace, side: int) -> Grid:
    assert isinstance(decision, PonderMap)
    # what every place is given is no choice of places
    return resampled(np.clip(decision.map - 1, 0, None), side)


def _tokens(decision: Decision, trace: Trace, side: int) -> Grid | None:
    assert isinstance(decision, TokenSelection)
    if decision.grid is None or not trace.media.width_px:
        return None
    places = decision.grid[0] * decision.grid[1]
    return resampled(decision.kept[-places:].reshape(decision.grid), side)  # a class token stands before the picture's


def _merged(decision: Decision, trace: Trace, side: int) -> Grid | None:
    """The patches of one token share what it cost."""
    assert isinstance(decision, TokenMerge)
    if decision.grid is None or not trace.media.width_px:
        return None
    _, token, patches = np.unique(decision.source, return_inverse=True, return_counts=True)
    places = decision.grid[0] * decision.grid[1]
    return resampled((1 / patches[token])[-places:].reshape(decision.grid), side)


def _region(decision: Decision, trace: Trace, side: int) -> Grid:
    assert isinstance(decision, Region)
    left, top, right, bottom = trace.media.box_px
    x0, y0, x1, y1 = decision.box_px
    across = (np.arange(side) + 0.5) / side * (right - left) + left
    down = (np.arange(side) + 0.5) / side * (bottom - top) + top
    return ((down >= y0) & (down < y1))[:, None] * ((across >= x0) & (across < x1))[None, :] * 1.0


_PLACES: dict[type[Decision], Callable[[Decision, Trace, int], Grid | None]] = {
    PixelMask: _mask,
    PonderMap: _ponder,
    TokenSelection: _tokens,
    TokenMerge: _merged,
    Region: _region,
}
