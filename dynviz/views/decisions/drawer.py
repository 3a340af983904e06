"""What it takes to draw one decision type: the interface that every file of drawers fills and the registry lists."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dynviz.decisions import Decision
from dynviz.trace import Trace
from dynviz.views.style.shapes import Shape

Group = Sequence[Decision]


@dataclass(frozen=True)
class Drawer:
    """How one decision type is shown.

    heading: above its part of the decisions panel. draw: the HTML fragment. summary: one line in plain text, used
    with the answer and as the words for who cannot see the picture. shapes: what it draws over a picture, in pixels
    of the original, of several layers their mean; None for decisions that happen nowhere in particular. summed: of
    several layers their sum, where that is something else.
    """

    heading: str
    draw: Callable[[Trace, Group], str]
    summary: Callable[[Trace, Group], str]
    shapes: Callable[[Trace, Group], list[Shape]] | None = None
    summed: Callable[[Trace, Group], list[Shape]] | None = None
