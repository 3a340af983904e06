"""What can be asked of one place of a picture: how much was computed there, what that cost, and what belongs to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dynviz.decisions import Decision, PixelMask, PonderMap, Region, SamplingOffsets, TokenMerge, TokenSelection
from dynviz.trace import Trace
from dynviz.views.decisions.spatial import seen_box
from dynviz.views.decisions.tokens import on_grid
from dynviz.views.style.shapes import Box, sum_maps

REGION_CELLS = 24  # along each side, of networks that look at boxes and have no cells of their own
LAYERS, MERGED, REGIONS, SAMPLED = "layers", "merged", "regions", "sampled"


@dataclass(frozen=True, eq=False)
class Places:
    """The cells of the square that a network saw.

    kind: what ``ran`` counts: layers (or decisions) that computed a cell, the patches that are one token with it in the
    end, the regions that it lies in; nothing where only its sampling points are told. box_px: of all cells, in pixels
    of the original. ran, share: (rows, columns), ``share`` of the trace's executed MACs, what runs everywhere spread
    evenly. most: what ``ran`` is out of. belongs: (rows, columns) cells with the same number are one token. points_px:
    (layers, cells, samples, 2) where each cell's kernels looked.
    """

    kind: str
    box_px: Box
    ran: np.ndarray
    most: float
    share: np.ndarray
    belongs: np.ndarray | None = None
    points_px: np.ndarray | None = None

    @property
    def grid(self) -> tuple[int, int]:
        """(rows, columns)."""
        rows, columns = self.ran.shape
        return rows, columns


def places(trace: Trace) -> Places | None:
    """None where no decision of the trace is about places of one picture."""
    decisions = sorted((d for d in trace.decisions if d.frame is None), key=lambda d: d.order)
    sampled = [d for d in decisions if isinstance(d, SamplingOffsets)]
    if sampled:
        return _sampled(trace, sampled)
    found = [(d, grid) for d in decisions if (grid := _ran(d, trace)) is not None]
    if not found or not trace.media.width_px:
        return None
    ran, share = sum_maps([grid for _, grid in found]), _shares(trace, found)
    last = found[-1][0]
    if isinstance(last, TokenMerge):
        belongs = _expand(on_grid(last.source, last.grid), ran.shape)
        _, inverse, sizes = np.unique(belongs, return_inverse=True, return_counts=True)
        return Places(MERGED, seen_box(trace), sizes[inverse.ravel()].reshape(ran.shape), ran.size, share, belongs)
    most = sum(d.most if isinstance(d, PonderMap) else 1.0 for d, _ in found)
    kind = REGIONS if isinstance(last, Region) else LAYERS
    return Places(kind, seen_box(trace), ran, most, share)


def _ran(decision: Decision, trace: Trace) -> np.ndarray | None:
    """(rows, columns) how much of the decision's layers each cell was given; None for one that is not about cells."""
    match decision:
        case PixelMask():
            return np.asarray(decision.mask, dtype=float)
        case PonderMap():
            return np.nan_to_num(np.asarray(decision.map, dtype=float))
        case TokenSelection():
            return on_grid(np.asarray(decision.kept, dtype=float), decision.grid)
        case TokenMerge():
            cells = on_grid(np.asarray(decision.source), decision.grid)
            if cells is None:
                return None
            _, inverse, sizes = np.unique(cells, return_inverse=True, return_counts=True)
            return (1.0 / sizes)[inverse.ravel()].reshape(cells.shape)
        case Region() if decision.executed:
            return _inside(decision, seen_box(trace))
    return None


def _inside(region: Region, box: Box) -> np.ndarray:
    """Which of the cells have their middle in the region, turned or not."""
    steps = (np.arange(REGION_CELLS) + 0.5) / REGION_CELLS
    across, down = np.meshgrid(box[0] + steps * (box[2] - box[0]), box[1] + steps * (box[3] - box[1]))
    if region.affine is None:
        x0, y0, x1, y1 = region.box_px
        return ((across >= x0) & (across < x1) & (down >= y0) & (down < y1)).astype(float)
    affine = np.asarray(region.affine, dtype=float)
    inside = np.stack([across - affine[0, 2], down - affine[1, 2]], axis=-1) @ np.linalg.pinv(affine[:, :2]).T
    return (np.abs(inside) <= 1).all(axis=-1).astype(float)


def _shares(trace: Trace, found: Sequence[tuple[Decision, np.ndarray]]) -> np.ndarray:
    parts, spent = [], 0
    for decision, grid in found:
        macs = max(decision.macs - decision.decider_macs, 0)
        if grid.any() and macs:
            parts.append(grid / grid.sum() * macs * grid.size)
            spent += macs
    whole = max(trace.macs, spent, 1)
    finest = sum_maps([grid for _, grid in found])
    even = np.full(finest.shape, float(whole - spent))
    # each cell of a coarser grid is spread over those of the finest that it holds
    return sum_maps([*parts, even]) / finest.size / whole


def _sampled(trace: Trace, sampled: Sequence[SamplingOffsets]) -> Places | None:
    """The layers with the finest grid; theirs is square, since what a network sees is."""
    cells = max(len(d.points_px) for d in sampled)
    side = round(cells**0.5)
    if side * side != cells or not trace.media.width_px:
        return None
    points = np.stack([d.points_px for d in sampled if len(d.points_px) == cells])
    whole = np.full((side, side), 1.0)
    return Places(SAMPLED, seen_box(trace), whole, 1.0, whole / cells, points_px=points)


def _expand(grid: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    rows, columns = (np.arange(side) * count // side for side, count in zip(shape, grid.shape, strict=True))
    return grid[rows[:, None], columns[None, :]]
