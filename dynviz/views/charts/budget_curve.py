"""Accuracy against compute: what each budget of a network buys, beside its static siblings and baselines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dynviz.results.comparison import sibling_curve
from dynviz.views.style.axes import Axis, Line, nice_axis, place_labels, share_digits, text_width
from dynviz.views.style.words import macs_words, medium_words, percent, text
from dynviz.zoo import ModelCard

WIDTH, HEIGHT = 360, 230
LEFT, RIGHT, TOP, BOTTOM = 44, 352, 34, 188  # the plot inside the picture
FONT = 12.5
SAMPLE = 20.0  # room before a label for a piece of its line
LABEL = 136.0  # room for a label
Points = list[tuple[float, float]]


@dataclass(frozen=True)
class CurveChart:
    """An SVG and where its marker belongs at each operating point of the card, in the card's order.

    points: (x_px, y_px, label) in the SVG's own units. The marker is the element of class ``dv-marker``: move it with
    ``transform="translate(x,y)"`` and write the label into the element of class ``dv-marker-label``. x, y: the scales,
    for places that are no operating point.
    """

    svg: str
    points: tuple[tuple[float, float, str], ...]
    width: int
    height: int
    x: Axis
    y: Axis

    def place(self, macs: float, accuracy: float, label: str) -> tuple[float, float, str]:
        """Where the marker belongs for this compute and accuracy (0..1), with its label."""
        return round(self.x(macs), 1), round(self.y(accuracy), 1), label


def budget_curve(card: ModelCard, cards: Sequence[ModelCard], *, at: int | None = None) -> CurveChart:
    """The chart of ``card``. cards: all that are known, from which the static ones on the same data become the
    siblings' dashed line. at: index of the operating point the marker starts at (default: the last).
    """
    own = [(p.macs, p.accuracy) for p in card.operating_points] or [(float(card.static_macs), card.test_accuracy)]
    siblings = sibling_curve(card, cards)
    lines = [Line(_short(card.title), sorted(own), "dv-own")]
    if siblings and not (card.family == "static" and len(siblings) == 1):
        name = "static networks" if len(siblings) > 1 else "static network"
        lines.append(Line(name, siblings, "dv-siblings"))
    curves = [(name, sorted(map(tuple, curve))) for name, curve in card.curves.items() if curve]
    lines += [Line(name, curve, f"dv-baseline dv-baseline-{place % 3}") for place, (name, curve) in enumerate(curves)]

    every = [point for line in lines for point in line.points]
    x = nice_axis(0, max(m for m, _ in every), LEFT, RIGHT, ticks=4, snug=True)
    y = nice_axis(min(a for _, a in every), max(a for _, a in every), BOTTOM, TOP, ticks=4, least=0.02, most=1.0)
    placed = [Line(line.label, [(x(m), y(a)) for m, a in line.points], line.kind) for line in lines]
    points = _marker_points(card, own, x, y)
    start = points[at if at is not None else -1]
    noun = medium_words(card.modality).noun
    parts = [
        _grid(x, y),
        _caption(f"multiply-adds for one {noun}", f"right answers on test {noun}s"),
        _band(card, x, y),
        "".join(_drawn(line) for line in reversed(placed)),
        _labels(placed),
        f'<text class="dv-marker-label" x="{RIGHT}" y="14" text-anchor="end" font-size="{FONT}">'
        f"{text(start[2])}</text>",
        f'<g class="dv-marker" transform="translate({start[0]},{start[1]})"><circle r="5.5"/></g>',
    ]
    alt = f"Accuracy against compute of {card.title}: " + "; ".join(
        f"{percent(a, 1)} at {macs_words(m)} multiply-adds" for m, a in (min(own), max(own))
    )
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="dv-chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="{text(alt)}">{"".join(parts)}</svg>'
    )
    return CurveChart(svg, points, WIDTH, HEIGHT, x, y)


def _marker_points(card: ModelCard, own: Points, x: Axis, y: Axis) -> tuple[tuple[float, float, str], ...]:
    budgets = [p.budget for p in card.operating_points]
    found = []
    for i, (macs, accuracy) in enumerate(own):
        asked = f"budget {percent(budgets[i])}" if len(budgets) > 1 else macs_words(macs)
        found.append((round(x(macs), 1), round(y(accuracy), 1), f"{asked}: {percent(accuracy, 1)}"))
    return tuple(found)


def _grid(x: Axis, y: Axis) -> str:
    parts = []
    for value in y.ticks:
        at = y(value)
        words = percent(value, share_digits(y.step))
        parts.append(f'<path class="dv-grid" d="M{LEFT} {at:.1f}H{RIGHT}"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{at + 4.3:.1f}" text-anchor="end" font-size="{FONT}">{words}</text>')
    for value in x.ticks:
        at = x(value)
        anchor = "end" if at > RIGHT - 12 else "middle"
        parts.append(f'<path class="dv-grid" d="M{at:.1f} {BOTTOM}v4"/>')
        parts.append(
            f'<text x="{at:.1f}" y="{BOTTOM + 18}" text-anchor="{anchor}" font-size="{FONT}">'
            f"{text(macs_words(value))}</text>"
        )
    return "".join(parts)


def _caption(across: str, up: str) -> str:
    return (
        f'<text x="{RIGHT}" y="{HEIGHT - 6}" text-anchor="end" font-size="{FONT}">{text(across)}</text>'
        f'<text x="0" y="14" font-size="{FONT}">{text(up)}</text>'
    )


def _band(card: ModelCard, x: Axis, y: Axis) -> str:
    """The 95 % intervals of the network's own points as a pale band."""
    points = sorted(card.operating_points, key=lambda p: p.macs)
    if len(points) < 2:
        return ""
    clamp = lambda value: min(max(y(value), TOP - 6), BOTTOM)  # noqa: E731 - a wide interval may leave the plot
    upper = [f"{x(p.macs):.1f} {clamp(p.interval[1]):.1f}" for p in points]
    lower = [f"{x(p.macs):.1f} {clamp(p.interval[0]):.1f}" for p in reversed(points)]
    return f'<path class="dv-band" d="M{"L".join(upper + lower)}Z"/>'


def _drawn(line: Line) -> str:
    path = "M" + "L".join(f"{px:.1f} {py:.1f}" for px, py in line.points)
    dots = ""
    if line.kind == "dv-siblings":
        dots = "".join(f'<circle class="dv-sibling" cx="{px:.1f}" cy="{py:.1f}" r="3"/>' for px, py in line.points)
    if line.kind == "dv-own":
        dots = "".join(f'<circle class="dv-point" cx="{px:.1f}" cy="{py:.1f}" r="2.2"/>' for px, py in line.points)
    return f'<path class="{line.kind}" d="{path}"/>{dots}'


def _labels(lines: list[Line]) -> str:
    """Each line's name beside it; all but the network's own with a sample of the line, for where lines cross."""
    frame = (LEFT + 2, TOP - 12, RIGHT, BOTTOM)
    leads = [0.0 if line.kind == "dv-own" else SAMPLE for line in lines]
    parts = []
    for line, lead, (px, py) in zip(lines, leads, place_labels(lines, frame, FONT, leads), strict=True):
        if lead:
            parts.append(f'<path class="{line.kind}" d="M{px:.1f} {py - FONT * 0.32:.1f}h{lead - 6:.0f}"/>')
        label, kind = text(line.label), line.kind.split()[0]
        parts.append(f'<text class="{kind}-label" x="{px + lead:.1f}" y="{py:.1f}" font-size="{FONT}">{label}</text>')
    return "".join(parts)


def _short(title: str) -> str:
    """The part of a title before its explanation, shortened to what fits beside a line."""
    name = title.split(" · ")[0].split(" (")[0].split(":")[0]
    if text_width(name, FONT) > LABEL:
        name = name.split(", ")[0]
    while text_width(name, FONT) > LABEL:
        name = name[:-2].rstrip() + "…"
    return name
