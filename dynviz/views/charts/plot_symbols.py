"""Plotly's marks and lines as plain shapes, for legends and for the figure as a file. Nothing here needs Plotly."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dynviz.views.style.words import text

if TYPE_CHECKING:
    from dynviz.views.charts.plots import Key

DASHES = {"dash": (6, 4), "dot": (1.5, 3), "dashdot": (7, 3, 1.5, 3), "longdash": (10, 4)}
THIN = 2.0  # width of a mark that is made of lines
Point = tuple[float, float]


@dataclass(frozen=True)
class Stroke:
    """A line through points; dash is Plotly's name, or lengths in px."""

    points: tuple[Point, ...]
    colour: str
    width: float
    dash: str = "solid"
    opacity: float = 1.0

    def dashes(self) -> tuple[float, ...]:
        """Lengths drawn and left out, in turn; none for a solid line."""
        if self.dash[:1].isdigit():  # lengths, as in "8px,2px"
            return tuple(float(length.strip().removesuffix("px")) for length in self.dash.split(","))
        return tuple(length * max(1.0, self.width / 2) for length in DASHES.get(self.dash, ()))


@dataclass(frozen=True)
class Area:
    """A filled polygon."""

    points: tuple[Point, ...]
    colour: str
    opacity: float = 1.0


@dataclass(frozen=True)
class Circle:
    """A disc, a ring (without fill), or both."""

    x: float
    y: float
    radius: float
    fill: str | None
    stroke: str | None = None
    width: float = 0.0


Shape = Stroke | Area | Circle


def symbol(name: str, x: float, y: float, size: float, colour: str, paper: str) -> Iterator[Shape]:
    """A mark at x, y, ``size`` across. paper: what lies under it. Raises KeyError for a name that is not known."""
    r = size / 2
    if name == "circle":
        yield Circle(x, y, r, colour)
    elif name == "circle-open":
        yield Circle(x, y, r, paper, colour, THIN)
    elif name.removesuffix("-open") in _CORNERS and name.endswith("-open"):
        corners = tuple((x + r * dx, y + r * dy) for dx, dy in _CORNERS[name.removesuffix("-open")])
        yield Area(corners, paper)
        yield Stroke((*corners, corners[0]), colour, THIN)
    elif name in _CORNERS:
        yield Area(tuple((x + r * dx, y + r * dy) for dx, dy in _CORNERS[name]), colour)
    else:
        for line in _LINES[name]:
            yield Stroke(tuple((x + r * dx, y + r * dy) for dx, dy in line), colour, THIN)


def sample(key: Key, x: float, y: float, wide: float, paper: str) -> Iterator[Shape]:
    """How a line is drawn: a piece of it, ``wide`` long from x on at the height y, with its mark in the middle."""
    if key.dash:
        yield Stroke(((x, y), (x + wide, y)), key.colour, 2.2, key.dash)
    if key.symbol:
        yield from symbol(key.symbol, x + wide / 2, y, 10, key.colour, paper)


def svg_shape(shape: Shape) -> str:
    """One shape as SVG."""
    match shape:
        case Circle():
            rim = f' stroke="{text(shape.stroke)}" stroke-width="{shape.width}"' if shape.stroke else ""
            fill = text(shape.fill or "none")
            return f'<circle cx="{shape.x:.1f}" cy="{shape.y:.1f}" r="{shape.radius:.1f}" fill="{fill}"{rim}/>'
        case Area():
            seen = f' fill-opacity="{shape.opacity}"' if shape.opacity < 1 else ""
            return f'<path d="M{_path(shape.points)}Z" fill="{text(shape.colour)}"{seen}/>'
        case Stroke():
            lengths = " ".join(f"{length:g}" for length in shape.dashes())
            dash = f' stroke-dasharray="{lengths}"' if lengths else ""
            seen = f' stroke-opacity="{shape.opacity}"' if shape.opacity < 1 else ""
            return (
                f'<path d="M{_path(shape.points)}" fill="none" stroke="{text(shape.colour)}" '
                f'stroke-width="{shape.width:g}" stroke-linejoin="round"{dash}{seen}/>'
            )


def _path(points: tuple[Point, ...]) -> str:
    return "L".join(f"{x:.1f} {y:.1f}" for x, y in points)


_S = math.sqrt(0.5)
_CROSS = (((-1, 0), (1, 0)), ((0, -1), (0, 1)))
_X = (((-_S, -_S), (_S, _S)), ((-_S, _S), (_S, -_S)))
_CORNERS: dict[str, tuple[Point, ...]] = {  # half sizes from the middle
    "square": ((-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)),
    "diamond": ((0, -1.25), (1.25, 0), (0, 1.25), (-1.25, 0)),
    "triangle-up": ((0, -1.15), (1.15, 0.9), (-1.15, 0.9)),
    "triangle-down": ((0, 1.15), (1.15, -0.9), (-1.15, -0.9)),
}
_LINES: dict[str, tuple[tuple[Point, Point], ...]] = {
    "x-thin": _X,
    "cross-thin": _CROSS,
    "asterisk": (*_CROSS, *_X),
    "hash": (((-0.4, -1), (-0.4, 1)), ((0.4, -1), (0.4, 1)), ((-1, -0.4), (1, -0.4)), ((-1, 0.4), (1, 0.4))),
}
