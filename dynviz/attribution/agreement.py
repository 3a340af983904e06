"""Does a network compute where its answer depends? One attribution held against one trace of the same input."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dynviz.decisions import StepUpdate, TokenSelection
from dynviz.trace import Trace
from dynviz.trace.places import spent_map
from dynviz.trace.steps import FLUSH, READ, read_steps

SIDE = 32  # of the map that both are compared on
TAKEN = (READ, FLUSH)  # a skimmed word touches a small part of the state: it was not taken in


@dataclass(frozen=True)
class Agreement:
    """correlation: Spearman's rank correlation, -1..1, of compute and attribution over the places; None where one of
    them is the same everywhere. on_executed: share of the attribution that falls on what was executed. executed: share
    of the places that was, which is what ``on_executed`` would be on average if as much were executed anywhere.
    """

    correlation: float | None
    on_executed: float
    executed: float


def executed_share(trace: Trace, full: Trace) -> np.ndarray | None:
    """How much of what can be decided was executed at each place, 0..1: (SIDE, SIDE) of a picture, (steps,) of a text
    or recording. ``full``: the same input with every decision open. None where no decision is about places.
    """
    if not trace.media.width_px:  # what has no pixels has words or steps
        return _steps(trace)
    spent, open_ = spent_map(trace, SIDE), spent_map(full, SIDE)
    if open_ is None:
        return None
    spent = np.zeros((SIDE, SIDE)) if spent is None else spent  # it answered before it looked at any place
    most = max(float(spent.max()), float(open_.max()))
    return spent / most if most > 0 else None


def agreement(strength: np.ndarray, executed: np.ndarray) -> Agreement | None:
    """strength: without sign, of any total, at the resolution of the attribution. executed: as above.

    None where the answer depends on nothing here.
    """
    sizes = np.abs(np.asarray(strength, dtype=float))
    if executed.ndim == 2:
        sizes = pooled(sizes, executed.shape[0])
    sizes, executed = sizes[: len(executed)].ravel(), executed[: len(sizes)].ravel()
    if sizes.sum() <= 0:
        return None
    share = float((sizes * executed).sum() / sizes.sum())
    return Agreement(rank_correlation(sizes, executed), share, float(executed.mean()))


def rank_correlation(a: np.ndarray, b: np.ndarray) -> float | None:
    """Spearman's; ties share their mean rank. None where ``a`` or ``b`` is constant."""
    x, y = (_ranks(values) for values in (a, b))
    x, y = x - x.mean(), y - y.mean()
    size = float(np.sqrt((x**2).sum() * (y**2).sum()))
    return float((x * y).sum() / size) if size > 0 else None


def pooled(values: np.ndarray, side: int) -> np.ndarray:
    """(h, w) -> (side, side), totals kept: what lies across the edge of a cell is divided between its neighbours."""
    rows, columns = (_shares(length, side) for length in values.shape)
    return rows @ values @ columns.T


def _shares(length: int, side: int) -> np.ndarray:
    """(side, length): the share of each old cell that lies in each new one."""
    edges = np.arange(side + 1) * length / side
    low, high = edges[:-1, None], edges[1:, None]
    cells = np.arange(length)
    return np.clip(np.minimum(high, cells + 1) - np.maximum(low, cells), 0, 1)


def _ranks(values: np.ndarray) -> np.ndarray:
    _, place, counts = np.unique(np.round(values, 12), return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return ((ends - counts + 1 + ends) / 2)[place]


def _steps(trace: Trace) -> np.ndarray | None:
    """(steps,) share of the layers that took each word or step in."""
    layers = [np.isin(np.array(read_steps(d).states, dtype=object), TAKEN) for d in _of(trace, StepUpdate)]
    if not layers:
        layers = _tokens(trace)
    return np.mean(np.stack(layers), axis=0) if layers else None


def _tokens(trace: Trace) -> list[np.ndarray]:
    """Of each layer which words it was still given; later layers may list the survivors only."""
    found: list[np.ndarray] = []
    for decision in _of(trace, TokenSelection):
        kept = np.asarray(decision.kept, dtype=bool).ravel()
        alive = found[-1] if found else np.ones(len(kept), bool)
        now = np.zeros(len(alive), bool)
        asked = np.flatnonzero(alive) if len(kept) == alive.sum() else np.arange(len(kept))
        now[asked] = kept
        found.append(alive & now)
    return found


def _of(trace: Trace, kind: type) -> list:
    return [d for d in sorted(trace.decisions, key=lambda d: d.order) if isinstance(d, kind)]
