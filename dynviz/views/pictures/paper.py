"""What texts and recordings are drawn on: one set of strokes, for Pillow's pixels and for SVG.

Places are px from the upper left corner; a box is left, top, right, bottom; colours are names of the theme or RGBA.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from PIL import Image, ImageDraw, ImageFont

from dynviz.views.pictures import raster
from dynviz.views.style.shapes import Box, stripes
from dynviz.views.style.theme import COLOURS, FONT
from dynviz.views.style.words import text

Rgba = tuple[int, ...]
Colour = str | Rgba
Typeface = ImageFont.FreeTypeFont | ImageFont.ImageFont
STRIPE_STEP = 1.7  # between stripes, in units of their width
_PILL = "#0a0c0f"


class Paper(Protocol):
    """theme: light or dark."""

    theme: str
    width: int
    height: int

    def line(self, points: Sequence[tuple[float, float]], colour: Colour, width: float) -> None:
        """From point to point."""
        ...

    def box(self, box: Box, fill: Colour | None = None, edge: Colour | None = None, width: float = 1) -> None:
        """A rectangle, filled, outlined or both."""
        ...

    def ring(self, x: float, y: float, radius: float, edge: Colour, width: float) -> None: ...

    def arch(self, box: Box, colour: Colour, width: float) -> None:
        """The upper half of the ellipse in ``box``."""
        ...

    def hatch(self, box: Box, unit: float) -> None:
        """Pale and hatched: skipped."""
        ...

    def words(self, x: float, y: float, words: str, type_: Typeface, colour: Colour, wide: float | None = None) -> None:
        """Lettering that begins at ``x``, its middle at ``y``; wide: how wide it is, where that matters."""
        ...

    def centred(self, x: float, y: float, words: str, type_: Typeface, colour: Colour) -> None: ...

    def tag(self, x: float, y: float, words: str, size: float) -> None:
        """A few words in white on a dark pill, centred."""
        ...


def mixed(colour: str, paper: str, share: float, theme: str) -> Rgba:
    """``share`` of one colour, the rest of another: paler lettering, without being translucent."""
    pairs = zip(raster.rgba(colour, theme), raster.rgba(paper, theme), strict=True)
    return tuple(round(share * a + (1 - share) * b) for a, b in pairs)


class PixelPaper:
    """Pillow draws on ``picture``, RGBA."""

    def __init__(self, width: int, height: int, theme: str):
        self.theme, self.width, self.height = theme, width, height
        self.picture = Image.new("RGBA", (width, height), raster.rgba("card", theme))

    @property
    def _draw(self) -> ImageDraw.ImageDraw:
        return ImageDraw.Draw(self.picture)

    def line(self, points: Sequence[tuple[float, float]], colour: Colour, width: float) -> None:
        self._draw.line(list(points), fill=self._ink(colour), width=round(width))

    def box(self, box: Box, fill: Colour | None = None, edge: Colour | None = None, width: float = 1) -> None:
        inks = [self._ink(colour) if colour else None for colour in (fill, edge)]
        self._draw.rectangle(box, fill=inks[0], outline=inks[1], width=round(width))

    def ring(self, x: float, y: float, radius: float, edge: Colour, width: float) -> None:
        box = (x - radius, y - radius, x + radius, y + radius)
        self._draw.ellipse(box, outline=self._ink(edge), width=round(width))

    def arch(self, box: Box, colour: Colour, width: float) -> None:
        self._draw.arc(box, 180, 360, fill=self._ink(colour), width=round(width))

    def hatch(self, box: Box, unit: float) -> None:
        raster.hatched(self.picture, box, None, self.theme, unit)

    def words(self, x: float, y: float, words: str, type_: Typeface, colour: Colour, wide: float | None = None) -> None:
        self._draw.text((x, y), words, font=type_, fill=self._ink(colour), anchor="lm")

    def centred(self, x: float, y: float, words: str, type_: Typeface, colour: Colour) -> None:
        self._draw.text((x, y), words, font=type_, fill=self._ink(colour), anchor="mm")

    def tag(self, x: float, y: float, words: str, size: float) -> None:
        raster.tag(self.picture, x, y, words, size)

    def _ink(self, colour: Colour) -> Rgba:
        return raster.rgba(colour, self.theme) if isinstance(colour, str) else colour


class VectorPaper:
    """SVG elements without a root, references or scripts: ``svg``."""

    def __init__(self, width: int, height: int, theme: str):
        self.theme, self.width, self.height = theme, width, height
        self._parts: list[str] = []

    @property
    def svg(self) -> str:
        return f'<g font-family="{text(FONT)}">{"".join(self._parts)}</g>'

    def line(self, points: Sequence[tuple[float, float]], colour: Colour, width: float) -> None:
        self._path("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points), colour, width)

    def box(self, box: Box, fill: Colour | None = None, edge: Colour | None = None, width: float = 1) -> None:
        x0, y0, x1, y1 = box
        outline = f' stroke="{self._ink(edge)}" stroke-width="{width}"' if edge else ""
        self._parts.append(
            f'<rect x="{x0:.1f}" y="{y0:.1f}" width="{max(x1 - x0, 0):.1f}" height="{max(y1 - y0, 0):.1f}" '
            f'fill="{self._ink(fill) if fill else "none"}"{outline}/>'
        )

    def ring(self, x: float, y: float, radius: float, edge: Colour, width: float) -> None:
        self._parts.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius}" fill="none" stroke="{self._ink(edge)}" '
            f'stroke-width="{width}"/>'
        )

    def arch(self, box: Box, colour: Colour, width: float) -> None:
        x0, y0, x1, y1 = box
        rx, ry, middle = (x1 - x0) / 2, (y1 - y0) / 2, (y0 + y1) / 2
        self._path(f"M{x0:.1f} {middle:.1f}A{rx:.1f} {ry:.1f} 0 0 1 {x1:.1f} {middle:.1f}", colour, width)

    def hatch(self, box: Box, unit: float) -> None:
        x0, y0, x1, y1 = box
        veil = f'x="{x0:.1f}" y="{y0:.1f}" width="{x1 - x0:.1f}" height="{y1 - y0:.1f}"'
        self._parts.append(f'<rect {veil} fill="{self._ink("veil")}" opacity=".74"/>')
        self._path(stripes(x0, y0, x1, y1, max(unit * STRIPE_STEP, 4)), "edge", 1)

    def words(self, x: float, y: float, words: str, type_: Typeface, colour: Colour, wide: float | None = None) -> None:
        if not words.strip():
            return
        fit = f' textLength="{wide:.1f}" lengthAdjust="spacingAndGlyphs"' if wide else ""  # whatever font there is
        self._letters(x, y, words, type_.size, colour, fit)

    def centred(self, x: float, y: float, words: str, type_: Typeface, colour: Colour) -> None:
        self._letters(x, y, words, type_.size, colour, ' text-anchor="middle"')

    def tag(self, x: float, y: float, words: str, size: float) -> None:
        wide, high = size * (0.6 * len(words) + 0.9), size * 1.5
        self._parts.append(
            f'<rect x="{x - wide / 2:.1f}" y="{y - high / 2:.1f}" width="{wide:.1f}" height="{high:.1f}" '
            f'rx="{size * 0.35:.1f}" fill="{_PILL}" opacity=".84"/>'
        )
        self._letters(x, y, words, size, (255, 255, 255), ' text-anchor="middle"')

    def _letters(self, x: float, y: float, words: str, size: float, colour: Colour, more: str) -> None:
        self._parts.append(
            f'<text x="{x:.1f}" y="{y + 0.35 * size:.1f}" font-size="{size:.0f}" fill="{self._ink(colour)}"{more}>'
            f"{text(words)}</text>"
        )

    def _path(self, data: str, colour: Colour, width: float) -> None:
        self._parts.append(f'<path d="{data}" fill="none" stroke="{self._ink(colour)}" stroke-width="{width:g}"/>')

    def _ink(self, colour: Colour) -> str:
        return COLOURS[self.theme][colour] if isinstance(colour, str) else "#" + bytes(colour[:3]).hex()
