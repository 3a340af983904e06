"""Which drawer draws which decision type: one dictionary, looked up by class.

A drawer gets the trace and its decisions of one type, in order. To draw a new decision type, add a file with a
``DRAWERS`` dictionary and name it here; panels, overlay, pictures and the gallery need no change.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

from dynviz.decisions import Decision
from dynviz.trace import Trace
from dynviz.views.style.shapes import Shape
from dynviz.views.style.words import counted, text

Group = Sequence[Decision]


@dataclass(frozen=True)
class Drawer:
    """How one decision type is shown.

    heading: above its part of the decisions panel. draw: the HTML fragment. summary: one line in plain text, used
    with the answer and as the words for who cannot see the picture. shapes: what it draws over a picture, in pixels
    of the original; None for decisions that happen nowhere in particular.
    """

    heading: str
    draw: Callable[[Trace, Group], str]
    summary: Callable[[Trace, Group], str]
    shapes: Callable[[Trace, Group], list[Shape]] | None = None


@cache
def drawers() -> dict[type[Decision], Drawer]:
    """All drawers. Imported on first use, since the drawers' files import ``Drawer`` from here."""
    from dynviz.views.decisions import exits, layers, spatial, temporal, tokens

    return {**exits.DRAWERS, **layers.DRAWERS, **spatial.DRAWERS, **tokens.DRAWERS, **temporal.DRAWERS}


def drawer(kind: type[Decision]) -> Drawer:
    """The drawer of a decision class; a class derived from a known one is drawn as that, any other as a plain list."""
    known = drawers()
    return next((known[cls] for cls in kind.__mro__ if cls in known), PLAIN)


def groups(trace: Trace) -> list[tuple[type[Decision], list[Decision]]]:
    """The trace's decisions by type, types in order of first appearance, decisions in the order they were taken."""
    found: dict[type[Decision], list[Decision]] = {}
    for decision in sorted(trace.decisions, key=lambda d: d.order):
        found.setdefault(type(decision), []).append(decision)
    return list(found.items())


def _plain(trace: Trace, decisions: Group) -> str:
    lines = (
        f'<li class="dv-row dv-plain{"" if d.executed else " dv-off"}"><span class="dv-name">{text(d.unit)}</span>'
        f'<span class="dv-body">{text(d.choice)}</span><span class="dv-value"></span></li>'
        for d in decisions
    )
    return f'<ol class="dv-rows">{"".join(lines)}</ol>'


def _plain_summary(trace: Trace, decisions: Group) -> str:
    return counted(len(decisions), "decision")


PLAIN = Drawer("Decisions", _plain, _plain_summary)
