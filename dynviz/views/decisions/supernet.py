"""Routes of a supernet: the graph of its cells, layers from left to right and scales from top to bottom.

The way taken is filled, what was open to it and was not taken is a pale dashed line. Where a trace does not say at
which scale its nodes are, the edges of each node are listed instead.
"""

from __future__ import annotations

import re

import numpy as np

from dynviz.decisions import Route, joined
from dynviz.trace import Trace
from dynviz.views.decisions.drawer import Drawer, Group
from dynviz.views.decisions.picks import by_hand, classes, cost, hand_note, note, pick, saving_line, scored
from dynviz.views.decisions.rows import meter
from dynviz.views.style.shapes import stripes
from dynviz.views.style.words import counted, percent, text, unit_words

STEP_Y, LEFT, TOP, RADIUS = 62, 56, 24, 12
WIDEST, NARROWEST, WIDE = 54, 33, 430  # steps from layer to layer, so that the graph is about so wide; pixels
TURNS = {"up": -1, "keep": 0, "down": 1}  # how many scales coarser an edge leads
GRID = re.compile(r"\D(\d+)\.(\d+)$")  # cells.LAYER.SCALE
Place = tuple[int, int]


def draw(trace: Trace, decisions: Group) -> str:
    """The graph, or a list where the nodes have no places."""
    places = _places(decisions)
    lead = saving_line(summary(trace, decisions), decisions)
    if places is None:
        hatched = "percent: weight of each way out of a node; hatched ways were not run"
        return lead + _list(decisions) + note(hatched, hand_note(decisions))
    told = "from the picture on the left to the answer on the right, the finest scale on top; dashed ways were not run"
    return lead + _graph(decisions, places) + note(told, hand_note(decisions))


def summary(trace: Trace, decisions: Group) -> str:
    ran, total = sum(int(np.sum(d.ran)) for d in decisions), sum(len(d.edges) for d in decisions)
    return f"{ran} of {counted(total, 'way')} taken at {counted(len(decisions), 'node')}"


def _places(decisions: Group) -> list[Place] | None:
    """(layer, scale) of each node; None where one has none, two share one, or an edge leads nobody knows where."""
    found = []
    for d in decisions:
        named = GRID.search(d.unit)
        scale = d.step if d.step is not None else int(named[2]) if named else None
        if d.layer is None or scale is None or not set(d.edges) <= TURNS.keys():
            return None
        found.append((d.layer, scale))
    return found if len(set(found)) == len(found) else None


def _graph(decisions: Group, places: list[Place]) -> str:
    nodes = dict(zip(places, decisions, strict=True))
    first = min(layer for layer, _ in places)
    ends = {(layer + 1, scale + TURNS[edge]) for (layer, scale), d in nodes.items() for edge in d.edges} - set(nodes)
    arrived = {
        (layer + 1, scale + TURNS[edge])
        for (layer, scale), d in nodes.items()
        for edge, ran in zip(d.edges, d.ran, strict=True)
        if ran
    }
    layers = max(layer for layer, _ in {*nodes, *ends}) - first + 1
    step_x = max(NARROWEST, min(WIDEST, WIDE // max(1, layers - 1)))
    scales = max(scale for _, scale in {*nodes, *ends}) + 1

    def at(place: Place) -> tuple[float, float]:
        return LEFT + (place[0] - first) * step_x, TOP + place[1] * STEP_Y

    wide, high = LEFT + (layers - 1) * step_x + 24, TOP + (scales - 1) * STEP_Y + 44
    lines = [_edge(d, place, k, at) for place, d in nodes.items() for k in range(len(d.edges))]
    lines.sort(key=lambda line: line[0])  # those taken on top
    dots = [_node(d.executed, at(place)) for place, d in nodes.items()]
    dots += [_node(place in arrived, at(place)) for place in ends]
    labels = [
        f'<text x="2" y="{TOP + scale * STEP_Y + 4}">{text(words)}</text>' for scale, words in _scale_words(scales)
    ]
    labels += [
        f'<text class="dv-layer" x="{LEFT + k * step_x}" y="{high - 6}" text-anchor="middle">{k + 1}</text>'
        for k in range(layers)
    ]
    taken = "; ".join(f"{unit_words(d.unit)}: {d.choice}" for d in decisions if d.executed)
    return (
        f'<div class="dv-scroll"><svg class="dv-graph" viewBox="0 0 {wide} {high}" role="group" '
        f'aria-label="{text(f"Ways taken. {taken}")}" style="max-width:{wide * 1.25:.0f}px">'
        f"{''.join(labels)}{''.join(line for _, line in lines)}{''.join(dots)}</svg></div>"
    )


def _scale_words(scales: int) -> list[tuple[int, str]]:
    return [(0, "fine"), (scales - 1, "coarse")] if scales > 1 else []


def _edge(d: Route, place: Place, k: int, at: object) -> tuple[bool, str]:
    """(was it taken, its SVG)."""
    edge, ran, weight = d.edges[k], bool(d.ran[k]), float(np.nan_to_num(d.weights[k]))
    (x0, y0), (x1, y1) = at(place), at((place[0] + 1, place[1] + TURNS[edge]))  # type: ignore[operator]
    middle = (x0 + x1) / 2
    path = f"M{x0:.0f} {y0:.0f}C{middle:.0f} {y0:.0f} {middle:.0f} {y1:.0f} {x1:.0f} {y1:.0f}"
    reached = d.choice != "not reached"
    open_now = [name for name, on in zip(d.edges, d.ran, strict=True) if on]
    wanted = [name for name in d.edges if (name in open_now) != (name == edge)]
    ways = {"up": "up to the finer scale", "keep": "on at the same scale", "down": "down to the coarser scale"}
    told = (
        (("taken" if ran else "not taken") if reached else "no way led to its cell") + by_hand(d).replace(" ·", ","),
        scored(weight, d.threshold) if reached else "",
        f"its cell with the ways out of it {cost(d)}",
    )
    attributes = pick(
        d,
        f"Layer {place[0] + 1}, scale {place[1] + 1}: {ways[edge]}",
        told,
        part=edge,
        other=joined(wanted) if reached else "",
        turn="Close this way by hand" if ran else "Open this way by hand",
    )
    thick = f' style="stroke-width:{3 + 4 * min(1.0, max(0.0, weight)):.1f}"' if ran else ""
    drawn = (
        f'<g {classes(d, "" if ran else "dv-off")}{attributes}><path class="dv-hit" d="{path}"/>'
        f'<path class="dv-way"{thick} d="{path}"/></g>'
    )
    return ran, drawn


def _node(on: bool, place: tuple[float, float]) -> str:
    x, y = place
    if on:
        return f'<circle class="dv-cell-on" cx="{x:.0f}" cy="{y:.0f}" r="{RADIUS}"/>'
    half = RADIUS * 0.7
    return (
        f'<circle class="dv-cell-off" cx="{x:.0f}" cy="{y:.0f}" r="{RADIUS}"/>'
        f'<path class="dv-cell-stripes" d="{stripes(x - half, y - half, x + half, y + half, 6)}"/>'
    )


def _list(decisions: Group) -> str:
    """Per node its outgoing edges with their weights: filled where taken, hatched where not."""
    parts = []
    for i, d in enumerate(decisions):
        edges = "".join(
            f'<div class="dv-edge{"" if ran else " dv-off"}"><span class="dv-name">{text(name)}</span>'
            f'{meter(weight if ran else None)}<span class="dv-value">{text(percent(float(weight)))}</span></div>'
            for name, weight, ran in zip(d.edges, np.asarray(d.weights, dtype=float), np.asarray(d.ran), strict=True)
        )
        parts.append(
            f'<li class="dv-node"><span class="dv-disc"><i>{i + 1}</i></span><div><div class="dv-node-name">'
            f"{text(unit_words(d.unit))}{by_hand(d)}</div>{edges}</div></li>"
        )
    return f'<ol class="dv-nodes">{"".join(parts)}</ol>'


DRAWERS = {Route: Drawer("Routes", draw, summary)}
