"""Small pictures of maps for the decisions panel, and the colour bar that goes with every map of numbers."""

from __future__ import annotations

import numpy as np

from dynviz.views.style.shapes import stripes
from dynviz.views.style.svg import cells_image, mask_element
from dynviz.views.style.theme import VIRIDIS, scale_rgb
from dynviz.views.style.words import number, text

SIDE = 120  # longer side of a small map, in its own units
_SCALE = np.array([scale_rgb(i / 255, VIRIDIS) for i in range(256)], dtype=np.uint8)


def span(values: np.ndarray) -> tuple[float, float]:
    """(lowest, highest) of the finite values; (0, 0) where there is none."""
    finite = np.asarray(values, dtype=float)
    finite = finite[np.isfinite(finite)]
    return (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)


def coloured(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """(h, w) numbers -> (h, w, 3) uint8 by viridis over low..high. A constant map takes the middle colour."""
    values = np.nan_to_num(np.asarray(values, dtype=float), nan=low, posinf=high, neginf=low)
    share = np.full(values.shape, 0.5) if high - low <= 1e-12 * max(abs(high), 1.0) else (values - low) / (high - low)
    return _SCALE[(np.clip(share, 0, 1) * 255).round().astype(int)]


def colour_bar(low: float, high: float, unit: str) -> str:
    """What the colours mean: the two ends with their numbers; one swatch where every cell has the same number."""
    if high - low <= 1e-12 * max(abs(high), 1.0):
        middle = "#" + bytes(scale_rgb(0.5)).hex()
        return (
            f'<div class="dv-colourbar"><span>{text(number(low))}</span><i style="background:{middle};width:2.5em"></i>'
            f"<span></span><span>{text(unit)}, the same everywhere</span></div>"
        )
    return (
        f'<div class="dv-colourbar"><span>{text(number(low))}</span><i></i><span>{text(number(high))}</span>'
        f"<span>{text(unit)}</span></div>"
    )


def _size(rows: int, columns: int) -> tuple[float, float]:
    longer = max(rows, columns, 1)
    return SIDE * columns / longer, SIDE * rows / longer


def figure(inner: str, width: float, height: float, title: str, detail: str) -> str:
    """A small framed SVG with a caption of two parts."""
    return (
        f'<figure class="dv-map"><span class="dv-frame"><svg viewBox="0 0 {width:.1f} {height:.1f}" aria-hidden="true">'
        f"{inner}</svg></span><figcaption><b>{text(title)}</b> {text(detail)}</figcaption></figure>"
    )


def kept_map(kept: np.ndarray, title: str, detail: str) -> str:
    """(rows, columns) bool: filled where computed, pale and hatched where not."""
    kept = np.asarray(kept, dtype=bool)
    width, height = _size(*kept.shape)
    box = (0.0, 0.0, width, height)
    size = f'width="{width:.1f}" height="{height:.1f}"'
    mask, name = mask_element((~kept).astype(np.uint8) * 255, box)
    inner = (
        f'<rect class="dv-mask-fill" {size}/>{mask}<g mask="url(#{name})"><rect class="dv-mask-off" {size}/>'
        f'<path class="dv-stripes" d="{stripes(*box, 5)}" stroke-width=".7"/></g>'
    )
    return figure(inner, width, height, title, detail)


def number_map(values: np.ndarray, low: float, high: float, title: str, detail: str) -> str:
    """(rows, columns) numbers by colour."""
    width, height = _size(*np.shape(values))
    return figure(cells_image(coloured(values, low, high), (0, 0, width, height)), width, height, title, detail)


def maps(items: list[str], *, wide: bool = False) -> str:
    """Small maps side by side, as many as fit."""
    return f'<div class="dv-maps{" dv-wide" if wide else ""}">{"".join(items)}</div>'
