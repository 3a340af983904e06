"""What is drawn over a picture, independent of how: spatial drawers make these, SVG and Pillow render them.

Coordinates are pixels of the original picture; the renderer scales them to the preview.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
from PIL import Image

Box = tuple[float, float, float, float]


@dataclass(frozen=True, eq=False)
class Veil:
    """Cells that were not computed: pale and hatched. share: (rows, columns) 0..1, how much of each was skipped."""

    share: np.ndarray
    box_px: Box


@dataclass(frozen=True, eq=False)
class Heat:
    """A number per cell as colour. rgb: (rows, columns, 3) uint8; nearest-neighbour scaled over the box."""

    rgb: np.ndarray
    box_px: Box


@dataclass(frozen=True, eq=False)
class Outline:
    """A closed polygon, (corners, 2) x, y, with a short label at its first corner."""

    corners_px: np.ndarray
    label: str = ""


@dataclass(frozen=True, eq=False)
class Dots:
    """Points, (points, 2) x, y."""

    points_px: np.ndarray


@dataclass(frozen=True, eq=False)
class Cuts:
    """Straight line segments, (lines, 4) x0, y0, x1, y1."""

    lines_px: np.ndarray


@dataclass(frozen=True)
class Tag:
    """A few words at the lower left corner of a box."""

    words: str
    box_px: Box


Shape = Veil | Heat | Outline | Dots | Cuts | Tag


def mean_maps(maps: list[np.ndarray]) -> np.ndarray:
    """The mean of 2-d arrays of different sizes, on the finest grid among them (each scaled by nearest neighbour)."""
    height, width = max(m.shape[0] for m in maps), max(m.shape[1] for m in maps)
    total = np.zeros((height, width), dtype=np.float64)
    for m in maps:
        down, across = np.arange(height) * m.shape[0] // height, np.arange(width) * m.shape[1] // width
        total += np.asarray(m, dtype=np.float64)[down][:, across]
    return total / len(maps)


def sum_maps(maps: list[np.ndarray]) -> np.ndarray:
    """Their sum, in the same way."""
    return mean_maps(maps) * len(maps)


def png_bytes(pixels: np.ndarray) -> bytes:
    """A small PNG: (h, w) bool as 1 bit, (h, w) uint8 as grey, (h, w, 3) uint8 as colour."""
    image = Image.fromarray(np.ascontiguousarray(pixels))
    buffer = io.BytesIO()
    image.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def stripes(x0: float, y0: float, x1: float, y1: float, step: float) -> str:
    """Diagonal stripes of a box as SVG path data, clipped to it; all boxes share one set of diagonals.

    Written out instead of an SVG pattern: patterns are found by id, and ids clash where fragments meet on one page.
    """
    parts = []
    first = int(np.ceil((x0 + y0) / step))
    for k in range(first, int((x1 + y1) / step) + 1):
        total = k * step  # the diagonal x + y = total, entering at the bottom or the left, leaving at the top or right
        left, right = max(x0, total - y1), min(x1, total - y0)
        if right > left:
            parts.append(f"M{left:.1f} {total - left:.1f}L{right:.1f} {total - right:.1f}")
    return "".join(parts)
