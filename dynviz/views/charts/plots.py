"""Accuracy against compute of many networks at once, as a Plotly figure that can be hovered and clicked.

The figure does not know what is selected on the page, because Plotly draws everything anew when its data change. For a
marker laid over it, ``CurvePlot.place`` says where a point is; for that, axes and margins are fixed. Its colours keep
their distance from a light and from a dark page; text and grid are left to the page. Shapes differ as well as colours.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Protocol

import plotly.graph_objects as go

from dynviz.results.comparison import is_control, sibling_lines
from dynviz.views.charts.plot_layout import SCREEN, Frame, layout, ranges
from dynviz.views.style.words import macs_words, percent
from dynviz.zoo import ModelCard, OperatingPoint

GREY = "#7d838e"
# Okabe and Ito's hues, moved to the middle: each keeps a contrast of 3 to 1 from white and from the dark page
COLOURS = ("#1a86c8", "#d55e00", "#009e73", "#c2659a", "#a87800", "#7a6fd6")
SYMBOLS = (
    "circle",
    "square",
    "diamond",
    "triangle-up",
    "triangle-down",
)  # one fewer than colours: no pair comes back soon
STATIC_SYMBOLS = ("circle-open", "square-open", "diamond-open", "triangle-up-open")
STATIC_DASHES = ("dash", "8px,2px", "3px,3px", "12px,6px")
CONTROL_SYMBOL = "triangle-down-open"
REFERENCE_SYMBOLS = ("x-thin", "cross-thin", "asterisk", "hash")
BASELINE_DASHES = ("dot", "dashdot", "longdash", "5px,5px")
# when all colours are used up they come again, with other lines: no two curves look the same
ROUNDS = ("solid", "18px,3px", "18px,3px,3px,3px", "10px,2px,2px,2px,2px,2px", "24px,2px")
BASELINE_ROUNDS = (
    BASELINE_DASHES,
    ("1px,6px", "7px,3px,1px,6px", "10px,7px", "5px,8px"),
    ("1px,9px", "7px,6px,1px,6px", "10px,10px", "5px,11px"),
    ("1px,12px", "7px,9px,1px,9px", "10px,13px", "5px,14px"),
    ("1px,15px", "7px,12px,1px,12px", "10px,16px", "5px,17px"),
)
SIBLINGS = "static networks"


class Reference(Protocol):
    """A published result: its method, where it lies, who reported it and how it was read."""

    method: str
    macs: float
    accuracy: float
    source: str

    @property
    def how(self) -> str: ...


@dataclass(frozen=True)
class Key:
    """How a line is drawn, for a legend. symbol and dash are Plotly's names (or lengths in px), '' for none."""

    label: str
    colour: str
    symbol: str
    dash: str


@dataclass(frozen=True)
class CurvePlot:
    """figure, its legend, one sentence that says the same, and the ranges of both axes (log10 MACs; accuracy 0..1)."""

    figure: go.Figure
    keys: tuple[Key, ...]
    summary: str
    x_range: tuple[float, float]
    y_range: tuple[float, float]
    frame: Frame = SCREEN

    def place(self, macs: float, accuracy: float) -> tuple[float, float]:
        """Where a point lies in the plot's area: shares of its width from the left and of its height from the top."""
        across = (math.log10(macs) - self.x_range[0]) / (self.x_range[1] - self.x_range[0])
        return across, (self.y_range[1] - accuracy) / (self.y_range[1] - self.y_range[0])


def accuracy_compute(
    cards: Sequence[ModelCard],
    *,
    references: Sequence[Reference] = (),
    baselines: bool = True,
    frame: Frame = SCREEN,
) -> CurvePlot:
    """The curves of ``cards``, all on the same data. Needs at least one.

    Each marker of a network carries ``customdata`` (network, index of its operating point) for those who hear a click.
    """
    static = sibling_lines(cards)
    controls = [c for c in cards if is_control(c, cards)]
    dynamic = [c for c in cards if c.family != "static"]
    bands: list[go.Scatter] = []  # below all lines
    traces: list[go.Scatter] = []
    keys: list[Key] = []
    for i, card in enumerate(dynamic):
        colour, symbol = COLOURS[i % len(COLOURS)], SYMBOLS[i % len(SYMBOLS)]
        turn = i // len(COLOURS) % len(ROUNDS)
        if baselines:
            traces += _baselines(card, colour, BASELINE_ROUNDS[turn])
        bands += _band(card, colour)
        traces.append(_network(card, colour, symbol, ROUNDS[turn]))
        keys.append(Key(card.title, colour, symbol, ROUNDS[turn]))
    for i, alike in enumerate(static):
        symbol, dash = STATIC_SYMBOLS[i % len(STATIC_SYMBOLS)], STATIC_DASHES[i % len(STATIC_DASHES)]
        name = _static_name(alike, alone=len(static) == 1)
        traces.append(_siblings(alike, name, symbol, dash))
        keys.append(Key(name, GREY, symbol, dash if len(alike) > 1 else ""))
    for card in controls:
        name = f"{card.title} (control)"
        traces.append(_siblings([card], name, CONTROL_SYMBOL, ""))
        keys.append(Key(name, GREY, CONTROL_SYMBOL, ""))
    if baselines:
        names = dict.fromkeys(name for card in dynamic for name in card.curves)
        colour = COLOURS[0] if len(dynamic) == 1 else GREY  # each in the colour of its own network
        keys += [Key(name, colour, "", BASELINE_DASHES[_place(i)]) for i, name in enumerate(names)]
    for i, (method, points) in enumerate(groupby(references, key=lambda point: _kin(point.method))):
        symbol = REFERENCE_SYMBOLS[i % len(REFERENCE_SYMBOLS)]
        traces.append(_references(list(points), symbol))
        keys.append(Key(f"{method} (published)", GREY, symbol, ""))
    every = [(p.macs, a) for card in cards for p in card.operating_points for a in (p.accuracy, *p.interval)]
    every += [(reference.macs, reference.accuracy) for reference in references]
    if baselines:
        every += [point for card in cards for curve in card.curves.values() for point in curve]
    x_range, y_range, y_step = ranges(every)
    figure = go.Figure(bands + traces, layout(x_range, y_range, y_step, frame))
    return CurvePlot(figure, tuple(keys), _summary(static, controls, dynamic), x_range, y_range, frame)


def _static_name(cards: Sequence[ModelCard], *, alone: bool) -> str:
    """What a curve of static networks is called. alone: there is no other, so that it needs no name of its own."""
    if len(cards) == 1:
        return f"{cards[0].title} (static)"
    if alone:
        return SIBLINGS
    heads = {re.split(r"[^A-Za-z ]", card.title)[0].strip() for card in cards}
    of = heads.pop() if len(heads) == 1 else f"{cards[0].title} to {cards[-1].title}"
    return f"{SIBLINGS}: {of}"


def _kin(method: str) -> str:
    """'SkipNet' of 'SkipNet-38': depths of one method are drawn alike; 'LSTM-Jump' is a method of its own."""
    return re.sub(r"-\d+$", "", method)


def hover(card: ModelCard, point: OperatingPoint) -> str:
    """What a point says of itself: accuracy, interval, n, compute, and for exits their shares and thresholds."""
    budget = f", budget {percent(point.budget)}" if len(card.operating_points) > 1 else ""
    low, high = (percent(bound, 1) for bound in point.interval)
    lines = [
        f"<b>{_plain(card.title)}{budget}</b>",
        f"{percent(point.accuracy, 1)} right (95 %: {low} to {high}, n = {point.n:,})",
        f"{macs_words(point.macs)} multiply-adds on average",
    ]
    for i, (share, threshold) in enumerate(zip(point.shares, point.thresholds, strict=False), start=1):
        rule = f"if ≥ {percent(threshold, 1)} sure" if threshold is not None else "all that is left"
        lines.append(f"exit {i}: {percent(share)} · {rule}")
    return "<br>".join(lines)


def _band(card: ModelCard, colour: str) -> list[go.Scatter]:
    """The 95 % intervals of a curve; a single point has error bars instead."""
    points = sorted(card.operating_points, key=lambda point: point.macs)
    if len(points) < 2:
        return []
    macs = [point.macs for point in points]
    upper, lower = ([100 * point.interval[side] for point in points] for side in (1, 0))
    return [
        go.Scatter(
            x=macs + macs[::-1],
            y=upper + lower[::-1],
            fill="toself",
            fillcolor=_faint(colour),
            line={"width": 0},
            mode="lines",
            hoverinfo="skip",
            name=f"{card.title}, 95 %",
        )
    ]


def _network(card: ModelCard, colour: str, symbol: str, dash: str) -> go.Scatter:
    order = sorted(range(len(card.operating_points)), key=lambda i: card.operating_points[i].macs)
    points = [card.operating_points[i] for i in order]
    return _points(
        [100 * point.accuracy for point in points],
        [point.macs for point in points],
        [hover(card, point) for point in points],
        name=card.title,
        mode="lines+markers",
        line={"color": colour, "width": 2.5, "dash": dash},
        marker={"color": colour, "symbol": symbol, "size": 9},
        error_y=_bars(points, colour) if len(points) == 1 else None,
        customdata=[[card.name, i] for i in order],
    )


def _siblings(cards: Sequence[ModelCard], name: str, symbol: str, dash: str) -> go.Scatter:
    points = [card.operating_points[-1] for card in cards]
    return _points(
        [100 * point.accuracy for point in points],
        [point.macs for point in points],
        [hover(card, point) for card, point in zip(cards, points, strict=True)],
        name=name,
        mode="lines+markers" if len(cards) > 1 else "markers",
        line={"color": GREY, "width": 1.8, "dash": dash or "solid"},
        marker={"color": GREY, "symbol": symbol, "size": 10, "line": {"width": 2}},
        error_y=_bars(points, GREY),
        customdata=[[card.name, len(card.operating_points) - 1] for card in cards],
    )


def _bars(points: Sequence[OperatingPoint], colour: str) -> dict[str, Any]:
    """95 % intervals as error bars, which Plotly takes as lengths."""
    up = [100 * (point.interval[1] - point.accuracy) for point in points]
    down = [100 * (point.accuracy - point.interval[0]) for point in points]
    return {"array": up, "arrayminus": down, "color": colour, "thickness": 1.4, "width": 4}


def _baselines(card: ModelCard, colour: str, dashes: Sequence[str]) -> list[go.Scatter]:
    found = []
    for i, (name, curve) in enumerate(card.curves.items()):
        macs, accuracy = zip(*sorted(curve), strict=True)
        words = [
            f"<b>{_plain(card.title)}, {_plain(name)}</b><br>{percent(a, 1)} right at {macs_words(m)} multiply-adds"
            for m, a in sorted(curve)
        ]
        line = {"color": colour, "width": 1.6, "dash": dashes[_place(i)]}
        found.append(_points([100 * a for a in accuracy], macs, words, name=name, mode="lines", line=line, opacity=0.8))
    return found


def _references(points: Sequence[Reference], symbol: str) -> go.Scatter:
    words = [
        f"<b>{_plain(p.method)}</b> ({p.how})<br>{percent(p.accuracy, 1)} at {macs_words(p.macs)} multiply-adds<br>"
        + "<br>".join(_wrapped(p.source))
        for p in points
    ]
    return _points(
        [100 * p.accuracy for p in points],
        [p.macs for p in points],
        words,
        name=points[0].method,
        mode="markers",
        marker={"color": GREY, "symbol": symbol, "size": 11, "line": {"width": 2, "color": GREY}},
    )


def _points(y: Sequence[float], x: Sequence[float], words: Sequence[str], **options: Any) -> go.Scatter:
    """A trace that looks the same whether or not one of its points was clicked."""
    still = {"marker": {"opacity": 1}}
    return go.Scatter(
        x=list(x),
        y=list(y),
        hovertext=list(words),
        hovertemplate="%{hovertext}<extra></extra>",
        selected=still,
        unselected=still,
        **options,
    )


def _summary(static: Sequence[Sequence[ModelCard]], controls: Sequence[ModelCard], dynamic: Sequence[ModelCard]) -> str:
    parts = []
    for alike in static:
        ends = [(float(c.static_macs), c.test_accuracy) for c in alike]
        parts.append(f"{_static_name(alike, alone=len(static) == 1)} {_reach(ends)}")
    parts += [f"{c.title} (control) {_reach([(float(c.static_macs), c.test_accuracy)])}" for c in controls]
    parts += [f"{card.title} {_reach([(p.macs, p.accuracy) for p in card.operating_points])}" for card in dynamic]
    return "Accuracy against compute: " + "; ".join(parts) + "."


def _reach(points: Iterable[tuple[float, float]]) -> str:
    words = [f"{percent(accuracy, 1)} at {macs_words(macs)} multiply-adds" for macs, accuracy in sorted(points)]
    return words[0] if len(words) == 1 else f"from {words[0]} to {words[-1]}"


def _place(i: int) -> int:
    return i % len(BASELINE_DASHES)


def _faint(colour: str) -> str:
    red, green, blue = bytes.fromhex(colour[1:])
    return f"rgba({red},{green},{blue},0.2)"


def _plain(words: str) -> str:
    """Words without the little markup that Plotly knows."""
    return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _wrapped(words: str, wide: int = 56) -> list[str]:
    """Hover boxes do not wrap by themselves."""
    lines = [""]
    for word in _plain(words).split():
        if len(lines[-1]) + len(word) >= wide:
            lines.append("")
        lines[-1] += f"{word} "
    return [line.rstrip() for line in lines]
