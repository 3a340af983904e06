"""Does a network compute where the object is? Measured on photos in which somebody marked it.

The share of the compute that it decides about which falls on the object, against the object's share of what it saw; and
the pointing game (Zhang et al. 2018, "Top-down Neural Attention by Excitation Backprop"): does the place with the most
compute lie on the object?
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from dynviz import inference
from dynviz.datasets.objects import MarkedPhoto
from dynviz.results.findings import ObjectUse
from dynviz.trace.places import spent_map
from dynviz.zoo import ModelCard

SIDE = 64  # of the map that compute and object are compared on


def object_use(card: ModelCard, photos: Iterable[MarkedPhoto]) -> ObjectUse | None:
    """What ``card``'s network does on ``photos`` at each operating point; None if its decisions name no places."""
    compute: list[list[float]] = []
    hits: list[list[float]] = []
    share: list[float] = []
    kinds: list[str] = []
    for photo in photos:
        swept = inference.sweep(card.name, photo.picture)
        if spent_map(swept.full, SIDE) is None:
            return None
        nowhere = np.zeros((SIDE, SIDE))  # it answered before it looked at any place
        found = [nowhere if spent is None else spent for spent in (spent_map(t, SIDE) for t in swept.traces)]
        marked = photo.seen(swept.full.media.box_px, SIDE)
        if not marked.any():  # the object lies in what was cropped away
            continue
        share.append(float(marked.mean()))
        kinds.append(photo.kind)
        compute.append([_on(spent, marked) for spent in found])
        hits.append([_hit(spent, marked) for spent in found])
    return ObjectUse(
        budgets=tuple(point.budget for point in card.operating_points),
        on_object=_means(compute),
        pointing=_means(hits),
        object_share=float(np.mean(share)),
        people=kinds.count("person"),
        fruits=kinds.count("fruit"),
    )


def _on(spent: np.ndarray, marked: np.ndarray) -> float:
    """Share of the compute on the object; NaN where nothing was computed that the network could have left out."""
    return float((spent * marked).sum() / spent.sum()) if spent.sum() > 0 else float("nan")


def _hit(spent: np.ndarray, marked: np.ndarray) -> float:
    """Chance that the place with the most compute, one of them at random, lies on the object."""
    return float((marked[spent >= spent.max() * (1 - 1e-9)] >= 0.5).mean()) if spent.sum() > 0 else float("nan")


def _means(values: list[list[float]]) -> tuple[float | None, ...]:
    """Of each operating point, over the photos that it spent anything on; None where there is none."""
    table = np.array(values, dtype=float)
    known = np.isfinite(table)
    return tuple(float(column[ok].mean()) if ok.any() else None for column, ok in zip(table.T, known.T, strict=True))
