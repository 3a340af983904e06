"""Which drawer draws which decision type: one dictionary, looked up by class.

A drawer gets the trace and its decisions of one type, in order. To draw a new decision type, add a file with a
``DRAWERS`` dictionary and name it here; panels, overlay, pictures and the gallery need no change.
"""

from __future__ import annotations

from dynviz.decisions import Decision
from dynviz.trace import Trace
from dynviz.views.decisions import (
    blocks,
    exits,
    frames,
    parameters,
    regions,
    spatial,
    supernet,
    temporal,
    tokens,
    widths,
)
from dynviz.views.decisions.drawer import Drawer, Group
from dynviz.views.style.words import counted, text, unit_words

DRAWERS: dict[type[Decision], Drawer] = {
    **exits.DRAWERS,
    **blocks.DRAWERS,
    **widths.DRAWERS,
    **parameters.DRAWERS,
    **supernet.DRAWERS,
    **regions.DRAWERS,
    **spatial.DRAWERS,
    **tokens.DRAWERS,
    **temporal.DRAWERS,
    **frames.DRAWERS,
}


def drawer(kind: type[Decision]) -> Drawer:
    """The drawer of a decision class; a class derived from a known one is drawn as that, any other as a plain list."""
    return next((DRAWERS[cls] for cls in kind.__mro__ if cls in DRAWERS), PLAIN)


def groups(trace: Trace) -> list[tuple[type[Decision], list[Decision]]]:
    """The trace's decisions by type, types in order of first appearance, decisions in the order they were taken."""
    found: dict[type[Decision], list[Decision]] = {}
    for decision in sorted(trace.decisions, key=lambda d: d.order):
        found.setdefault(type(decision), []).append(decision)
    return list(found.items())


def _plain(trace: Trace, decisions: Group) -> str:
    lines = (
        f'<li class="dv-row dv-plain{"" if d.executed else " dv-off"}">'
        f'<span class="dv-name">{text(unit_words(d.unit))}</span>'
        f'<span class="dv-body">{text(d.choice)}</span><span class="dv-value"></span></li>'
        for d in decisions
    )
    return f'<ol class="dv-rows">{"".join(lines)}</ol>'


def _plain_summary(trace: Trace, decisions: Group) -> str:
    return counted(len(decisions), "decision")


PLAIN = Drawer("Decisions", _plain, _plain_summary)
