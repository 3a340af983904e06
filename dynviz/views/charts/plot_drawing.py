"""The accuracy and compute figure as a file, SVG or PNG: what the Plotly figure holds, drawn without a browser."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from PIL import Image, ImageDraw

from dynviz.views.charts.plot_symbols import Area, Circle, Shape, Stroke, sample, svg_shape, symbol
from dynviz.views.pictures.raster import font
from dynviz.views.pictures.svg_file import plain_text
from dynviz.views.style.theme import COLOURS, FONT
from dynviz.views.style.words import text

if TYPE_CHECKING:
    from dynviz.views.charts.plots import CurvePlot

WIDTH = 960
LEFT, RIGHT, TOP, BOTTOM = 64, 936, 92, 548  # the plot inside the picture
TYPE, TITLE, LINE = 14, 22, 24
KEY_WIDE = 40  # of a piece of line in the legend
SHARP = 2  # pixels of the PNG for one unit
SMOOTH = 2  # it is drawn this much larger still, and made smaller, which smooths its edges
LIGHT = {"paper": COLOURS["light"]["card"], **{name: COLOURS["light"][name] for name in ("ink", "muted", "line")}}
PAGE = {"paper": "var(--dv-card)", **{name: f"var(--dv-{name})" for name in ("ink", "muted", "line")}}


@dataclass(frozen=True)
class Words:
    """Lettering on a baseline; anchor: start, middle or end."""

    x: float
    y: float
    words: str
    colour: str
    size: float = TYPE
    anchor: str = "start"
    bold: bool = False


def plot_svg(
    plot: CurvePlot,
    title: str,
    chosen: tuple[float, float] | None = None,
    *,
    named: str = "",
    on_page: bool = False,
) -> str:
    """The SVG, with its legend. chosen: (mean MACs, accuracy) to ring; named: what is there.

    on_page: in the colours of the page in the house style that it is put into; else light, as a file of its own.
    """
    shapes, high = _drawn(plot, title, chosen, named, PAGE if on_page else LIGHT)
    body = "".join(_svg_words(s) if isinstance(s, Words) else svg_shape(s) for s in shapes)
    size = "" if on_page else f' width="{WIDTH}" height="{high}"'
    paper = "" if on_page else f'<rect width="{WIDTH}" height="{high}" fill="{LIGHT["paper"]}"/>'
    return plain_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {high}"{size} role="img" '
        f'font-family="{text(FONT)}"><title>{text(f"{title}. {plot.summary}")}</title>{paper}{body}</svg>'
    )


def plot_png(plot: CurvePlot, title: str, chosen: tuple[float, float] | None = None, *, named: str = "") -> bytes:
    """The same as a PNG, twice as many pixels as the SVG has units."""
    shapes, high = _drawn(plot, title, chosen, named, LIGHT)
    scale = SHARP * SMOOTH
    picture = Image.new("RGB", (WIDTH * scale, high * scale), LIGHT["paper"])
    for shape in shapes:
        _raster(picture, shape, scale)
    buffer = io.BytesIO()
    picture.reduce(SMOOTH).save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def _drawn(
    plot: CurvePlot, title: str, chosen: tuple[float, float] | None, named: str, colours: Mapping[str, str]
) -> tuple[list[Shape | Words], int]:
    """Everything, back to front, and the height of the picture."""

    def place(macs: float, share: float) -> tuple[float, float]:
        across, down = plot.place(macs, share)
        return LEFT + across * (RIGHT - LEFT), TOP + down * (BOTTOM - TOP)

    found: list[Shape | Words] = list(_frame(plot, place, title, colours))
    for trace in plot.figure.data:
        found += _trace(trace, place, colours["paper"])
    if chosen is not None:
        found.append(Circle(*place(*chosen), 11, None, colours["ink"], 2.5))
    if named:
        found.append(Words(RIGHT, 66, named, colours["ink"], anchor="end"))
    keys, high = _legend(plot, colours)
    return found + keys, high


def _frame(plot: CurvePlot, place: Any, title: str, colours: Mapping[str, str]) -> Iterator[Shape | Words]:
    muted, axes = colours["muted"], plot.figure.layout
    yield Words(12, 34, title, colours["ink"], TITLE, bold=True)
    yield Words(12, 66, axes.annotations[0].text, muted)
    for value, words in zip(axes.yaxis.tickvals, axes.yaxis.ticktext, strict=True):
        _, y = place(1.0, value / 100)
        yield Stroke(((LEFT, y), (RIGHT, y)), colours["line"], 1)
        yield Words(LEFT - 8, y + 5, words, muted, anchor="end")
    for macs, words in zip(axes.xaxis.tickvals, axes.xaxis.ticktext, strict=True):
        x, _ = place(macs, 0.0)
        yield Stroke(((x, BOTTOM), (x, BOTTOM + 6)), muted, 1)
        yield Words(x, BOTTOM + 23, words, muted, anchor="middle")
    yield Words((LEFT + RIGHT) / 2, BOTTOM + 46, axes.xaxis.title.text, muted, anchor="middle")


def _trace(trace: Any, place: Any, paper: str) -> Iterator[Shape]:
    """One of the figure's traces: a band, or a line with or without markers and error bars."""
    points = [place(macs, percent / 100) for macs, percent in zip(trace.x, trace.y, strict=True)]
    if trace.fill == "toself":
        red, green, blue, opacity = trace.fillcolor.removeprefix("rgba(").removesuffix(")").split(",")
        yield Area(tuple(points), f"#{int(red):02x}{int(green):02x}{int(blue):02x}", float(opacity))
        return
    if "lines" in trace.mode and len(points) > 1:
        yield Stroke(tuple(points), trace.line.color, trace.line.width, trace.line.dash or "solid", trace.opacity or 1)
    if trace.error_y.array is not None:
        bars = zip(trace.x, trace.y, trace.error_y.array, trace.error_y.arrayminus, strict=True)
        for macs, percent, up, down in bars:
            (x, top), (_, bottom) = place(macs, (percent + up) / 100), place(macs, (percent - down) / 100)
            for bar in (((x, top), (x, bottom)), ((x - 4, top), (x + 4, top)), ((x - 4, bottom), (x + 4, bottom))):
                yield Stroke(bar, trace.error_y.color, trace.error_y.thickness)
    if "markers" in trace.mode:
        for x, y in points:
            yield from symbol(trace.marker.symbol, x, y, trace.marker.size, trace.marker.color, paper)


def _legend(plot: CurvePlot, colours: Mapping[str, str]) -> tuple[list[Shape | Words], int]:
    """Keys in rows under the plot, and where the picture ends."""
    found: list[Shape | Words] = []
    x, y = float(LEFT), BOTTOM + 84.0
    for key in plot.keys:
        wide = KEY_WIDE + 8 + font(TYPE).getlength(key.label) * 1.1 + 24  # browsers have wider typefaces
        if x + wide > RIGHT and x > LEFT:
            x, y = float(LEFT), y + LINE
        found += sample(key, x, y - 5, KEY_WIDE, colours["paper"])
        found.append(Words(x + KEY_WIDE + 8, y, key.label, colours["ink"]))
        x += wide
    return found, math.ceil(y + 20)


def _svg_words(shape: Words) -> str:
    weight = ' font-weight="680"' if shape.bold else ""
    return (
        f'<text x="{shape.x:.1f}" y="{shape.y:.1f}" font-size="{shape.size}" text-anchor="{shape.anchor}" '
        f'fill="{shape.colour}"{weight}>{text(shape.words)}</text>'
    )


def _raster(picture: Image.Image, shape: Shape | Words, scale: int) -> None:
    draw = ImageDraw.Draw(picture)
    match shape:
        case Words():
            at = (shape.x * scale, shape.y * scale)
            anchor = {"start": "ls", "middle": "ms", "end": "rs"}[shape.anchor]
            draw.text(at, shape.words, font=font(round(shape.size * scale)), fill=shape.colour, anchor=anchor)
        case Circle():
            r = shape.radius + shape.width / 2 if shape.stroke else shape.radius
            box = [(v + d * r) * scale for d in (-1, 1) for v in (shape.x, shape.y)]
            draw.ellipse(box, fill=shape.fill, outline=shape.stroke, width=round(shape.width * scale))
        case Area():
            mask = Image.new("L", picture.size)
            corners = [(x * scale, y * scale) for x, y in shape.points]
            ImageDraw.Draw(mask).polygon(corners, fill=round(255 * shape.opacity))
            picture.paste(shape.colour, mask=mask)
        case Stroke():
            mask = Image.new("L", picture.size) if shape.opacity < 1 else None
            on, fill = (ImageDraw.Draw(mask), round(255 * shape.opacity)) if mask else (draw, shape.colour)
            for piece in _dashed(shape):
                line = [(x * scale, y * scale) for x, y in piece]
                on.line(line, fill=fill, width=max(1, round(shape.width * scale)), joint="curve")
            if mask:
                picture.paste(shape.colour, mask=mask)


def _dashed(stroke: Stroke) -> Iterator[list[tuple[float, float]]]:
    """The parts of a line that are drawn."""
    lengths = stroke.dashes()
    if not lengths:
        yield list(stroke.points)
        return
    at, left, piece = 0, lengths[0], [stroke.points[0]]
    for (ax, ay), (bx, by) in pairwise(stroke.points):
        whole = math.hypot(bx - ax, by - ay)
        gone = 0.0
        while whole - gone > left:
            gone += left
            here = (ax + (bx - ax) * gone / whole, ay + (by - ay) * gone / whole)
            if at % 2 == 0:
                yield [*piece, here]
            at += 1
            left, piece = lengths[at % len(lengths)], [here]
        left -= whole - gone
        piece.append((bx, by))
    if at % 2 == 0 and len(piece) > 1:
        yield piece
