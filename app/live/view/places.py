"""What the live view is told of the places of a picture, as JSON: for whoever points at one or goes there by keys."""

from __future__ import annotations

import json

import numpy as np

from app.strings import say
from dynviz import Trace
from dynviz.views.media.places import LAYERS, REGIONS, SAMPLED, places
from dynviz.views.style.words import number

PARTS = 10_000  # shares are sent as whole numbers of these
NAMES = ("hint", "bare", "label", "closer", "farther", "opacity")
FINE = 4096  # and places of points in the preview as numbers of 1 / FINE of it


def places_json(trace: Trace) -> str:
    """'' where there is nothing to tell.

    box: left, top, width, height of all cells in shares of the picture. grid: [rows, columns]. ran, share, belongs: of
    each cell, row by row. points: of each layer's each cell, x and y in turn. say: what is said of a cell, with
    {ran}, {share} and {times} to be put in; none: where nothing ran.
    """
    found = places(trace)
    if found is None:
        return ""
    wide, high = trace.media.width_px, trace.media.height_px
    x0, y0, x1, y1 = found.box_px
    told = {
        "box": [round(v, 5) for v in (x0 / wide, y0 / high, (x1 - x0) / wide, (y1 - y0) / high)],
        "grid": found.grid,
        "say": say(f"place.{found.kind}", ran="{ran}", of=number(found.most)),
        "none": say("place.none") if found.kind in (LAYERS, REGIONS) else "",
        "cost": say("place.cost", share="{share}", times="{times}") if found.kind != SAMPLED else "",
        "ran": found.ran.ravel().round(2).tolist(),
        "share": (found.share.ravel() * PARTS).round().astype(int).tolist(),
    }
    if found.belongs is not None:
        told["belongs"] = found.belongs.ravel().astype(int).tolist()
    if found.points_px is not None:
        points = found.points_px.reshape(len(found.points_px), found.ran.size, -1, 2) / (wide, high)
        told["points"] = (np.clip(points, -1, 2) * FINE).round().astype(int).reshape(*points.shape[:2], -1).tolist()
    return json.dumps(told, separators=(",", ":"))


def words() -> dict[str, str]:
    """What the controls around the picture say; see places.js."""
    return {name: say(f"place.{name}") for name in NAMES} | {
        "where": say("place.where", row="{row}", column="{column}")
    }
