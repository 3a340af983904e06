"""Texts and recordings drawn on any paper, for exported stills, animations and SVG."""

from __future__ import annotations

from itertools import pairwise
from typing import TypeVar

import numpy as np

from dynviz.trace import Trace
from dynviz.trace.steps import FLUSH, PASSED, READ, SKIM, UNREAD
from dynviz.views.decisions.step_states import (
    BEYOND,
    DROPPED,
    LAYERS,
    RAN,
    STATES,
    WORDS_FOR,
    StepStates,
    beyond_from,
    step_states,
    unknown_words,
    word_states,
)
from dynviz.views.media.recordings import beats_of, seconds, states_of_samples, ticks
from dynviz.views.pictures.paper import Paper, mixed
from dynviz.views.pictures.raster import font
from dynviz.views.pictures.text_layout import LINE, MARGIN, Piece, lay_out
from dynviz.views.style.words import number

KEY_PX, KEY_SIZE, SWATCH_PX = 44, 20, 42  # of the legend: its rows, its letters, its samples
STRANGE = "strange"  # in the legend
P = TypeVar("P", bound=Paper)


def draw_text(kind: type[P], trace: Trace, width: int, theme: str, progress: float = 1.0) -> P:
    """The text as it was typed, each word by what happened to it: underlined, dotted, hatched, pale or boxed off."""
    states = word_states(trace, progress) or StepStates(np.zeros((0, 2), np.int64), np.zeros(0, np.uint8))
    found = lay_out(trace.media.text, states.spans, width)
    beyond = beyond_from(trace, states)
    cut = found.shown < len(trace.media.text)
    whole = word_states(trace) or states  # the legend tells the end from the beginning, so that no frame grows
    named = [(state, f"{whole.count(state):,} {WORDS_FOR[state]}") for state in STATES if whole.count(state)]
    strange = set(unknown_words(trace).tolist())
    if strange:
        named.append((STRANGE, f"{len(strange):,} not in its vocabulary"))
    rows = _key_rows(named, width)
    paper = kind(width, found.height + LINE * cut + KEY_PX * len(rows), theme)
    for piece in found.pieces:
        behind = beyond is not None and piece.word is None and piece.start >= beyond
        state = STATES[states.codes[piece.word]] if piece.word is not None else BEYOND if behind else ""
        _draw_piece(paper, piece, state)
        if piece.word in strange:
            _draw_frame(paper, piece)
    ends = _ends(found.pieces)
    for start, end in states.jumps:
        if start in ends and end in ends:
            _draw_jump(paper, ends[start][1], ends[end][0])
    if states.stop in ends:
        last = ends[states.stop][1]
        x = last.x - 6 if last.from_right else last.x + last.wide + 2
        paper.box((x, last.y + 2, x + 4, last.y + 38), "tick")
    if cut:
        left = int((states.spans[:, 0] >= found.shown).sum()) if len(states) else 0
        words = f"… and {left:,} more words" if left else "…"
        paper.words(MARGIN, found.height + 10, words, font(22), "muted")
    _draw_keys(paper, rows, found.height + LINE * cut)
    return paper


def _key_rows(named: list[tuple[str, str]], width: int) -> list[list[tuple[float, str, str]]]:
    """The legend in rows: left end, state and words of each key."""
    rows: list[list[tuple[float, str, str]]] = []
    x = float(width)
    for state, words in named:
        wide = SWATCH_PX + 8 + font(KEY_SIZE).getlength(words) + 24
        if not rows or x + wide > width - MARGIN:
            rows.append([])
            x = MARGIN
        rows[-1].append((x, state, words))
        x += wide
    return rows


def _draw_keys(paper: Paper, rows: list[list[tuple[float, str, str]]], top: float) -> None:
    """Each key: a word as it is drawn in this state, and what that means."""
    for y, row in enumerate(rows):
        for x, state, words in row:
            middle = top + KEY_PX * y + LINE / 2 - 6
            sample = Piece("abc", 0, x, middle - 20, SWATCH_PX, 0, font(22), False)
            _draw_piece(paper, sample, "" if state == STRANGE else state)
            if state == STRANGE:
                _draw_frame(paper, sample)
            paper.words(x + SWATCH_PX + 8, middle, words, font(KEY_SIZE), "muted")


def _draw_frame(paper: Paper, piece: Piece) -> None:
    """Dashed, around a word that is not in the vocabulary."""
    left, right, top, bottom = piece.x - 2, piece.x + piece.wide + 2, piece.y + 4, piece.y + 36
    for x in np.arange(left, right, 9).tolist():
        for y in (top, bottom):
            paper.line(((x, y), (min(x + 5, right), y)), "muted", 1)
    for y in np.arange(top, bottom, 9).tolist():
        for x in (left, right):
            paper.line(((x, y), (x, min(y + 5, bottom))), "muted", 1)


def _ends(pieces: tuple[Piece, ...]) -> dict[int, tuple[Piece, Piece]]:
    """The first and the last piece of each word."""
    found: dict[int, tuple[Piece, Piece]] = {}
    for piece in pieces:
        if piece.word is not None:
            found[piece.word] = (found.get(piece.word, (piece, piece))[0], piece)
    return found


def _draw_piece(paper: Paper, piece: Piece, state: str) -> None:
    x0, x1, y = piece.x, piece.x + piece.wide, piece.y
    pale = state not in ("", *RAN)
    if (state == PASSED or state in DROPPED) and piece.wide:
        paper.hatch((x0 - 2, y + 4, x1 + 2, y + 36), 5)
    if state == BEYOND:
        for dot in range(round(x0), round(x1), 9):
            paper.box((dot, y + 38, dot + 1, y + 39), "edge")
    ink = "muted" if pale else "ink"
    far = state in (UNREAD, BEYOND)
    paper.words(x0, y + 20, piece.words, piece.type_, mixed(ink, "card", 0.62, paper.theme) if far else ink, piece.wide)
    if state == FLUSH:
        paper.box((x1, y + 4, x1 + 3, y + 39), "spent")
    lines = {FLUSH: (38,), LAYERS[1]: (33, 39), LAYERS[2]: (32, 36, 40), READ: (38,)}.get(state, ())
    for at in lines:
        paper.line(((x0, y + at), (x1, y + at)), "spent", 3 if state in (READ, FLUSH, LAYERS[1]) else 2)
    if state in DROPPED[1:]:
        paper.line(((x0, y + 38), (x1, y + 38)), "spent", DROPPED.index(state))
    elif state == SKIM:
        for dot in range(round(x0), round(x1), 7):
            paper.box((dot, y + 36, dot + 3, y + 39), "spent")


def _draw_jump(paper: Paper, start: Piece, end: Piece) -> None:
    """An arc above the words that were jumped over; from line to line it leaves at the margin and comes in there."""
    x0 = start.x if start.from_right else start.x + start.wide
    x1 = end.x + end.wide if end.from_right else end.x
    if start.y == end.y:
        paper.arch((min(x0, x1), start.y - 6, max(x0, x1), start.y + 18), "tick", 2)
        return
    edges = MARGIN / 2, paper.width - MARGIN / 2
    far, near = edges if start.from_right else edges[::-1]
    for a, b, y in ((x0, far, start.y), (near, x1, end.y)):
        paper.arch((min(a, b), y - 6, max(a, b, min(a, b) + 4), y + 18), "tick", 2)


def draw_series(kind: type[P], trace: Trace, width: int, theme: str, progress: float = 1.0) -> P:
    """The first channel as a line, thick where it was processed, the beats above it, the steps and seconds under it."""
    states, media = step_states(trace, progress), trace.media
    assert states is not None  # the caller draws recordings only
    series = np.asarray(media.series, dtype=float)
    values = np.nan_to_num(series if series.ndim == 1 else series[:, 0])
    head, high, strip, foot = 34, 220, 26, 34
    top = head + high + 10
    paper = kind(width, top + strip + foot, theme)
    across = (width - 2 * MARGIN) / max(len(values), 1)
    for state, start, end in states.runs():
        box = (MARGIN + states.spans[start, 0] * across, top, MARGIN + states.spans[end - 1, 1] * across, top + strip)
        if state == PASSED:
            paper.hatch((box[0], head, box[2], head + high), 5)
            paper.hatch(box, 5)
        elif state in RAN:
            paper.box(box, "spent")
    _draw_line(paper, values, states_of_samples(states, len(values)), (MARGIN, head, across, high))
    paper.box((MARGIN, top, width - MARGIN, top + strip), edge="edge")
    if states.stop is not None:
        at = MARGIN + states.spans[states.stop, 1] * across
        paper.box((at - 2, head - 4, at + 2, top + strip + 4), "tick")
    for sample, ventricular in beats_of(media):
        at = MARGIN + (sample + 0.5) * across
        if ventricular:
            paper.tag(at, head / 2, "V", 18)
        else:
            paper.ring(at, head / 2, 4, "edge", 2)
    marks = ticks(seconds(media) or 0)
    for mark in marks:
        at = min(MARGIN + mark * media.rate_hz * across, width - 2 * MARGIN)
        paper.centred(at, top + strip + 18, f"{number(mark)}{' s' if mark == marks[-1] else ''}", font(18), "muted")
    return paper


def _draw_line(paper: Paper, values: np.ndarray, states: np.ndarray, place: tuple[float, ...]) -> None:
    """place: left, top, pixels a sample, height. One stroke for each run of samples in one state."""
    left, top, across, high = place
    lowest = float(values.min(initial=np.inf))
    span = max(float(values.max(initial=-np.inf)) - lowest, 1e-9) if len(values) else 1.0
    x = left + (np.arange(len(values)) + 0.5) * across
    y = top + 12 + (1 - (values - lowest) / span) * (high - 24)
    ran = np.isin(states, [STATES.index(state) for state in RAN])
    edges = [0, *(np.flatnonzero(np.diff(ran)) + 1).tolist(), len(values) - 1]
    for start, end in pairwise(edges):
        points = list(zip(x[start : end + 1].tolist(), y[start : end + 1].tolist(), strict=True))
        if len(points) > 1:
            paper.line(points, "spent" if ran[start] else "stripe", 4 if ran[start] else 1)
