"""A trace as one standalone SVG file: the picture, what was decided about it, the answer and the account."""

from __future__ import annotations

import re

from dynviz.trace import Trace
from dynviz.views.decisions.panels import answer_line, doubt_words, run_line, share_spent
from dynviz.views.medium import medium_of
from dynviz.views.style.axes import text_width
from dynviz.views.style.shapes import stripes
from dynviz.views.style.theme import COLOURS, FONT
from dynviz.views.style.words import macs_words, percent, text

_LIGHT = COLOURS["light"]
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def svg(trace: Trace) -> str:
    """The SVG, in light dress, without scripts or references to other files.

    Everything is vector but a picture itself and the frames of a film, which are embedded.
    """
    wide, high, medium = medium_of(trace.media).vector(trace)
    unit = wide / 100
    foot = 17 * unit
    title = f"{trace.title}: {trace.prediction.label}, {percent(trace.prediction.confidence)}; {answer_line(trace)}"
    body = (
        f'<rect width="{wide}" height="{high + foot:.1f}" fill="{_LIGHT["card"]}"/>{medium}'
        f'<g transform="translate(0 {high})" font-family="{text(FONT)}">{_foot(trace, wide, unit)}</g>'
    )
    return plain_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high + foot:.1f}" width="{wide}" '
        f'height="{high + foot:.1f}" role="img"><title>{text(title)}</title>{body}</svg>'
    )


def plain_text(words: str) -> str:
    """Without what no XML file can hold (control characters, lone surrogates), whatever a trace file calls things."""
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", words)


def _foot(trace: Trace, wide: float, unit: float) -> str:
    """Answer, account, the bar (filled: spent; hatched: not; outline: the static path) and which network it was."""
    answer, share = trace.prediction, share_spent(trace)
    how = answer_line(trace) + (f" · {doubt_words(trace)}" if doubt_words(trace) else "")
    spent = f"{macs_words(trace.macs)} of {macs_words(trace.macs_static)} multiply-adds"
    account = f"{spent} · {percent(share)} of its full compute"
    left, right, top, bottom = 2 * unit, wide - 2 * unit, 10.5 * unit, 13 * unit
    filled = (right - left) * min(max(share, 0.0), 1.0)
    frame = f'y="{top:.1f}" height="{bottom - top:.1f}"'
    return (
        _line(f"{answer.label} {percent(answer.confidence)}", 4.6 * unit, 3.4 * unit, wide, "ink", bold=True)
        + _line(how, 7 * unit, 1.9 * unit, wide, "muted")
        + _line(account, 9.5 * unit, 1.9 * unit, wide, "ink")
        + _line(run_line(trace), 15.7 * unit, 1.9 * unit, wide, "muted")
        + f'<path d="{stripes(left, top, right, bottom, unit)}" stroke="{_LIGHT["stripe"]}" '
        f'stroke-width="{unit * 0.15:.2f}" fill="none"/>'
        f'<rect x="{left:.1f}" width="{filled:.1f}" {frame} fill="{_LIGHT["spent"]}"/>'
        f'<rect x="{left:.1f}" width="{right - left:.1f}" {frame} fill="none" stroke="{_LIGHT["edge"]}" '
        f'stroke-width="{unit * 0.2:.2f}"/>'
    )


def _line(words: str, baseline: float, size: float, wide: float, colour: str, *, bold: bool = False) -> str:
    """One line of lettering, shortened to the width there is."""
    room = wide * 0.96
    if text_width(words, size) > room:
        words = words[: max(1, int(len(words) * room / text_width(words, size)) - 1)].rstrip() + "…"
    weight = ' font-weight="680"' if bold else ""
    return (
        f'<text x="{wide * 0.02:.1f}" y="{baseline:.1f}" font-size="{size:.1f}" fill="{_LIGHT[colour]}"{weight}>'
        f"{text(words)}</text>"
    )
