"""The SVG laid over a picture: what the network did not see, and every decision that has a place in the picture."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterable
from functools import singledispatch

import numpy as np
from PIL import Image

from dynviz.decisions import PixelMask, PonderMap, TokenSelection
from dynviz.trace import Media, Trace
from dynviz.views.decisions.registry import drawer, groups
from dynviz.views.style.shapes import Box, Cuts, Dots, Heat, Outline, Shape, Tag, Veil, stripes
from dynviz.views.style.svg import cells_image, mask_element, tag
from dynviz.views.style.theme import COLOURS

_LIGHT = COLOURS["light"]
_SVG = 'xmlns="http://www.w3.org/2000/svg" class="dv-overlay"'
_NOTHING = f'<svg {_SVG} viewBox="0 0 100 100" aria-hidden="true"></svg>'
MEAN, SUM = "mean", "sum"  # of the layers' decisions about a place
log = logging.getLogger(__name__)


class Canvas:
    """The preview's pixels and the scale from the original picture to them."""

    def __init__(self, media: Media, size: tuple[int, int] | None = None) -> None:
        """size: (width, height) that the picture, or a frame, has been scaled to, if it is not the preview's."""
        self.width, self.height = size or preview_size(media)
        self.scale_x = self.width / (media.width_px or self.width)
        self.scale_y = self.height / (media.height_px or self.height)
        self.unit = max(self.width, self.height) / 100  # one percent of the longer side: strokes, gaps, type

    def box(self, box_px: Box) -> Box:
        """(x0, y0, x1, y1) of the original, in preview pixels."""
        x0, y0, x1, y1 = box_px
        return x0 * self.scale_x, y0 * self.scale_y, x1 * self.scale_x, y1 * self.scale_y

    def points(self, points_px: np.ndarray) -> np.ndarray:
        """(..., 2) of the original, in preview pixels."""
        return np.asarray(points_px, dtype=float) * (self.scale_x, self.scale_y)


def preview_size(media: Media, frame: int | None = None) -> tuple[int, int]:
    """(width, height) of the preview (of a thumbnail where only those exist); 100 x 100 where there is no picture."""
    encoded = media.preview
    if not encoded and media.thumbnails:
        encoded = media.thumbnails[min(frame or 0, len(media.thumbnails) - 1)]
    if not encoded:
        return 100, 100
    with Image.open(io.BytesIO(encoded)) as picture:
        return picture.size


def unseen(media: Media) -> list[Box]:
    """The strips of the original picture outside what the network saw, in its pixels: left, right, above, below."""
    wide, high = float(media.width_px), float(media.height_px)
    x0, y0, x1, y1 = media.box_px
    if wide <= 0 or high <= 0 or x1 <= x0 or y1 <= y0:
        return []
    x0, x1 = min(max(x0, 0.0), wide), min(max(x1, 0.0), wide)
    y0, y1 = min(max(y0, 0.0), high), min(max(y1, 0.0), high)
    strips = [(0.0, 0.0, x0, high), (x1, 0.0, wide, high), (x0, 0.0, x1, y0), (x0, y1, x1, high)]
    return [s for s in strips if s[2] - s[0] >= 0.5 and s[3] - s[1] >= 0.5]


def spatial_shapes(trace: Trace, frame: int | None = None, layers: str = MEAN) -> list[Shape]:
    """The shapes of all decisions with a place in the picture; with ``frame``, of that frame and of no frame at all.

    layers: of several their ``MEAN`` or ``SUM``, or one, by the name of its unit (see ``layers_of``).
    """
    shapes: list[Shape] = []
    for kind, decisions in groups(trace):
        own = drawer(kind)
        chosen = [d for d in decisions if frame is None or d.frame is None or d.frame == frame]
        if layers not in (MEAN, SUM):
            chosen = [d for d in chosen if d.unit == layers]
        if own.shapes and chosen:
            way = own.summed if layers == SUM and own.summed and len(chosen) > 1 else own.shapes
            shapes += way(trace, chosen)
    return shapes


def layers_of(traces: Iterable[Trace]) -> tuple[str, ...]:
    """The units whose decisions about places can be shown one by one, of several that share a mask the first.

    None where there is only one.
    """
    units: dict[str, None] = {}
    for trace in traces:
        before: np.ndarray | None = None
        for decision in sorted(trace.decisions, key=lambda d: d.order):
            match decision:
                case PixelMask():
                    places = decision.mask
                case PonderMap():
                    places = decision.map
                case TokenSelection() if decision.grid:
                    places = decision.kept
                case _:
                    continue
            if before is None or not np.array_equal(places, before):
                units[decision.unit] = None
            before = places
    return tuple(units) if len(units) > 1 else ()


def overlay(trace: Trace, frame: int | None = None, layers: str = MEAN) -> str:
    """An SVG whose viewBox is the preview's pixels, to be laid over the preview. layers: as for ``spatial_shapes``.

    It holds nothing but the part that was not seen for a network that decides nothing about places, and nothing at all
    where the input is no picture, or where a drawer or the preview fails (that is logged). Fragments carry their light
    colours as attributes, so that the SVG can stand alone; the stylesheet overrides them.
    """
    if not trace.media.width_px:  # nothing in it has a place
        return _NOTHING
    try:
        return _overlay(trace, frame, layers)
    except Exception:  # a view's fault must never take the page with it
        log.exception("the overlay failed")
        return _NOTHING


def _overlay(trace: Trace, frame: int | None, layers: str) -> str:
    canvas = Canvas(trace.media, preview_size(trace.media, frame))
    parts = [svg_shape(shape, canvas) for shape in spatial_shapes(trace, frame, layers)]
    strips = unseen(trace.media)
    parts += [_unseen(canvas.box(strip), canvas) for strip in strips]
    parts += [_rim(canvas.box(trace.media.box_px), canvas)] if strips else []
    return (
        f'<svg {_SVG} viewBox="0 0 {canvas.width} {canvas.height}" '
        f'preserveAspectRatio="none" aria-hidden="true">{"".join(parts)}</svg>'
    )


def _unseen(box: Box, canvas: Canvas) -> str:
    x0, y0, x1, y1 = box
    size, words = canvas.unit * 2.4, "not seen"
    long = size * 0.56 * len(words) + size * 1.4
    flat, deep = x1 - x0, y1 - y0
    label = ""
    if max(flat, deep) > long and min(flat, deep) > size * 1.7:
        label = tag((x0 + x1) / 2, (y0 + y1) / 2, words, size, turn=flat < long)
    return f"<g>{_veiled(box, canvas)}{label}</g>"


def _rim(box: Box, canvas: Canvas) -> str:
    """The edge of what was seen, so that "not seen" and "seen, not computed" stay apart."""
    x0, y0, x1, y1 = box
    return (
        f'<rect class="dv-rim-seen" x="{x0:.1f}" y="{y0:.1f}" width="{x1 - x0:.1f}" height="{y1 - y0:.1f}" fill="none" '
        f'stroke="{_LIGHT["edge"]}" stroke-width="{canvas.unit * 0.3:.2f}"/>'
    )


def _veiled(box: Box, canvas: Canvas, mask: str = "") -> str:
    """Pale and hatched: a veil and stripes, behind ``mask`` where one is given."""
    x0, y0, x1, y1 = box
    masked = f' mask="url(#{mask})"' if mask else ""
    step, stroke = canvas.unit * 1.7, canvas.unit * 0.18
    return (
        f'<g{masked}><rect class="dv-veil" x="{x0:.1f}" y="{y0:.1f}" width="{x1 - x0:.1f}" height="{y1 - y0:.1f}" '
        f'fill="{_LIGHT["veil"]}" fill-opacity=".74"/>'
        f'<path class="dv-stripes" d="{stripes(x0, y0, x1, y1, step)}" stroke="{_LIGHT["edge"]}" '
        f'stroke-opacity=".8" stroke-width="{stroke:.2f}" fill="none"/></g>'
    )


@singledispatch
def svg_shape(shape: Shape, canvas: Canvas) -> str:
    """One shape as SVG in preview pixels."""
    raise TypeError(f"no way to draw {type(shape).__name__}")


@svg_shape.register
def _(shape: Veil, canvas: Canvas) -> str:
    share = np.clip(np.nan_to_num(np.asarray(shape.share, dtype=float)), 0, 1)
    if not share.any():
        return ""
    grey = (share * 255).round().astype(np.uint8)
    box = canvas.box(shape.box_px)
    mask, name = mask_element(grey, box)
    return mask + _veiled(box, canvas, name)


@svg_shape.register
def _(shape: Heat, canvas: Canvas) -> str:
    return cells_image(shape.rgb, canvas.box(shape.box_px), ' opacity=".6"')


@svg_shape.register
def _(shape: Outline, canvas: Canvas) -> str:
    corners = canvas.points(shape.corners_px)
    path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in corners) + "Z"
    stroke = canvas.unit * 0.5
    lines = (
        f'<path class="dv-box-under" d="{path}" fill="none" stroke="#fff" stroke-width="{stroke * 1.9:.2f}"/>'
        f'<path class="dv-box" d="{path}" fill="none" stroke="{_LIGHT["spent"]}" stroke-width="{stroke:.2f}"/>'
    )
    size = canvas.unit * 2.6
    wide = size * 0.56 * len(shape.label) + size * 0.9
    x, y = corners[0]
    x = min(max(x + wide / 2, wide / 2), canvas.width - wide / 2)
    y = min(max(y + size * 0.75, size * 0.75), canvas.height - size * 0.75)
    number = f' data-n="{shape.label}"' if shape.label.isdigit() else ""
    return f"<g{number}>{lines}{tag(x, y, shape.label, size) if shape.label else ''}</g>"


@svg_shape.register
def _(shape: Dots, canvas: Canvas) -> str:
    path = "".join(f"M{x:.1f} {y:.1f}h0" for x, y in canvas.points(shape.points_px).reshape(-1, 2))
    size = canvas.unit
    return (
        f'<g fill="none" stroke-linecap="round"><path class="dv-dots-under" d="{path}" stroke="#fff" '
        f'stroke-width="{size * 1.5:.2f}"/><path class="dv-dots" d="{path}" stroke="{_LIGHT["spent"]}" '
        f'stroke-width="{size * 0.95:.2f}"/></g>'
    )


@svg_shape.register
def _(shape: Cuts, canvas: Canvas) -> str:
    ends = canvas.points(np.asarray(shape.lines_px, dtype=float).reshape(-1, 2, 2))
    path = "".join(f"M{a[0]:.1f} {a[1]:.1f}L{b[0]:.1f} {b[1]:.1f}" for a, b in ends)
    return f'<path class="dv-cuts" d="{path}" fill="none" stroke="#fff" stroke-width="{canvas.unit * 0.3:.2f}"/>'


@svg_shape.register
def _(shape: Tag, canvas: Canvas) -> str:
    x0, _, _, y1 = canvas.box(shape.box_px)
    size = canvas.unit * 2.6
    wide = size * 0.56 * len(shape.words) + size * 0.9
    return tag(x0 + wide / 2 + size * 0.6, y1 - size * 1.35, shape.words, size)
