"""Texts, series and film strips drawn with Pillow, for exported stills and animations."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageDraw

from dynviz.decisions import FrameChoice
from dynviz.trace import Trace
from dynviz.views.fates import BEYOND, DROPPED, LAYERS, RAN, STATES, Fates, beyond_from, step_fates, word_fates
from dynviz.views.raster import font, hatched, rgba, tag
from dynviz.views.recordings import beats_of, seconds, states_of_samples, ticks
from dynviz.views.steps import FLUSH, PASSED, READ, SKIM, UNREAD
from dynviz.views.text_layout import LINE, MARGIN, Piece, lay_out
from dynviz.views.words import number


def draw_text(trace: Trace, width: int, theme: str, progress: float = 1.0) -> Image.Image:
    """The text as it was typed, each word by what happened to it: underlined, dotted, hatched, pale or boxed off."""
    fates = word_fates(trace, progress) or Fates(np.zeros((0, 2), np.int64), np.zeros(0, np.uint8))
    found = lay_out(trace.media.text, fates.spans, width)
    beyond = beyond_from(trace, fates)
    cut = found.shown < len(trace.media.text)
    picture = Image.new("RGBA", (width, found.height + LINE * cut), rgba("card", theme))
    for piece in found.pieces:
        behind = beyond is not None and piece.word is None and piece.start >= beyond
        state = STATES[fates.states[piece.word]] if piece.word is not None else BEYOND if behind else ""
        _draw_piece(picture, piece, state, theme)
    draw = ImageDraw.Draw(picture)
    ends = _ends(found.pieces)
    for start, end in fates.jumps:
        if start in ends and end in ends:
            _draw_jump(draw, ends[start][1], ends[end][0], width, theme)
    if fates.stop in ends:
        last = ends[fates.stop][1]
        x = last.x - 6 if last.from_right else last.x + last.wide + 2
        draw.rectangle((x, last.y + 2, x + 4, last.y + 38), fill=rgba("tick", theme))
    if cut:
        left = int((fates.spans[:, 0] >= found.shown).sum()) if len(fates) else 0
        words = f"… and {left:,} more words" if left else "…"
        draw.text((MARGIN, found.height + 10), words, font=font(22), fill=rgba("muted", theme), anchor="lm")
    return picture


def _ends(pieces: tuple[Piece, ...]) -> dict[int, tuple[Piece, Piece]]:
    """The first and the last piece of each word."""
    found: dict[int, tuple[Piece, Piece]] = {}
    for piece in pieces:
        if piece.word is not None:
            found[piece.word] = (found.get(piece.word, (piece, piece))[0], piece)
    return found


def _draw_piece(picture: Image.Image, piece: Piece, state: str, theme: str) -> None:
    x0, x1, y = piece.x, piece.x + piece.wide, piece.y
    pale = state not in ("", *RAN)
    if (state == PASSED or state in DROPPED) and piece.wide:
        hatched(picture, (x0 - 2, y + 4, x1 + 2, y + 36), None, theme, 5)
    draw = ImageDraw.Draw(picture)
    if state == BEYOND:
        for dot in range(round(x0), round(x1), 9):
            draw.rectangle((dot, y + 38, dot + 1, y + 39), fill=rgba("edge", theme))
    ink = rgba("muted" if pale else "ink", theme)
    if state in (UNREAD, BEYOND):  # Pillow draws no translucent lettering: the paper is mixed in
        ink = tuple(round(0.62 * a + 0.38 * b) for a, b in zip(ink, rgba("card", theme), strict=True))
    draw.text((x0, y + 20), piece.words, font=piece.type_, fill=ink, anchor="lm")
    spent = rgba("spent", theme)
    lines = {FLUSH: (34, 39), LAYERS[1]: (33, 39), LAYERS[2]: (32, 36, 40), READ: (38,)}.get(state, ())
    for at in lines:
        draw.line((x0, y + at, x1, y + at), fill=spent, width=3 if state in (READ, LAYERS[1]) else 2)
    if state in DROPPED[1:]:
        draw.line((x0, y + 38, x1, y + 38), fill=spent, width=DROPPED.index(state))
    elif state == SKIM:
        for dot in range(round(x0), round(x1), 7):
            draw.rectangle((dot, y + 36, dot + 3, y + 39), fill=spent)


def _draw_jump(draw: ImageDraw.ImageDraw, start: Piece, end: Piece, width: int, theme: str) -> None:
    """An arc above the words that were jumped over; from line to line it leaves at the margin and comes in there."""
    x0 = start.x if start.from_right else start.x + start.wide
    x1 = end.x + end.wide if end.from_right else end.x
    colour = rgba("tick", theme)
    if start.y == end.y:
        draw.arc((min(x0, x1), start.y - 6, max(x0, x1), start.y + 18), 180, 360, fill=colour, width=2)
        return
    far, near = (MARGIN / 2, width - MARGIN / 2) if start.from_right else (width - MARGIN / 2, MARGIN / 2)
    for a, b, y in ((x0, far, start.y), (near, x1, end.y)):
        draw.arc((min(a, b), y - 6, max(a, b, min(a, b) + 4), y + 18), 180, 360, fill=colour, width=2)


def draw_series(trace: Trace, width: int, theme: str, progress: float = 1.0) -> Image.Image:
    """The first channel as a line, thick where it was processed, the beats above it, the steps and seconds under it."""
    fates, media = step_fates(trace, progress), trace.media
    assert fates is not None  # the caller draws recordings only
    series = np.asarray(media.series, dtype=float)
    values = np.nan_to_num(series if series.ndim == 1 else series[:, 0])
    head, high, strip, foot = 34, 220, 26, 34
    top = head + high + 10
    picture = Image.new("RGBA", (width, top + strip + foot), rgba("card", theme))
    across = (width - 2 * MARGIN) / max(len(values), 1)
    for state, start, end in fates.runs():
        box = (MARGIN + fates.spans[start, 0] * across, top, MARGIN + fates.spans[end - 1, 1] * across, top + strip)
        if state == PASSED:
            hatched(picture, (box[0], head, box[2], head + high), None, theme, 5)
            hatched(picture, box, None, theme, 5)
        elif state in RAN:
            ImageDraw.Draw(picture).rectangle(box, fill=rgba("spent", theme))
    draw = ImageDraw.Draw(picture)
    _draw_line(draw, values, states_of_samples(fates, len(values)), (MARGIN, head, across, high), theme)
    draw.rectangle((MARGIN, top, width - MARGIN, top + strip), outline=rgba("edge", theme))
    if fates.stop is not None:
        at = MARGIN + fates.spans[fates.stop, 1] * across
        draw.rectangle((at - 2, head - 4, at + 2, top + strip + 4), fill=rgba("tick", theme))
    for sample, ventricular in beats_of(media):
        at = MARGIN + (sample + 0.5) * across
        if ventricular:
            tag(picture, at, head / 2, "V", 18)
        else:
            draw.ellipse((at - 4, head / 2 - 4, at + 4, head / 2 + 4), outline=rgba("edge", theme), width=2)
    marks = ticks(seconds(media) or 0)
    for mark in marks:
        at = MARGIN + mark * media.rate_hz * across
        words = f"{number(mark)}{' s' if mark == marks[-1] else ''}"
        draw.text(
            (min(at, width - 2 * MARGIN), top + strip + 18),
            words,
            font=font(18),
            fill=rgba("muted", theme),
            anchor="mm",
        )
    return picture


def _draw_line(
    draw: ImageDraw.ImageDraw, values: np.ndarray, states: np.ndarray, place: tuple[float, ...], theme: str
) -> None:
    """place: left, top, pixels a sample, height."""
    left, top, across, high = place
    lowest = float(values.min(initial=np.inf))
    span = max(float(values.max(initial=-np.inf)) - lowest, 1e-9) if len(values) else 1.0
    x = left + (np.arange(len(values)) + 0.5) * across
    y = top + 12 + (1 - (values - lowest) / span) * (high - 24)
    ran = np.isin(states, [STATES.index(state) for state in RAN])
    for i in range(len(values) - 1):
        colour = rgba("spent", theme) if ran[i] else rgba("stripe", theme)
        draw.line((x[i], y[i], x[i + 1], y[i + 1]), fill=colour, width=4 if ran[i] else 1)


def draw_film(trace: Trace, width: int, theme: str) -> Image.Image:
    """The thumbnails in order of time, four to a row; frames that were not looked at are pale and hatched."""
    shots = sorted((d for d in trace.decisions if isinstance(d, FrameChoice)), key=lambda d: d.frame or 0)
    in_turn = sorted((d for d in shots if d.executed), key=lambda d: d.order)
    turn = {d.frame: i + 1 for i, d in enumerate(in_turn)}
    columns, gap = 4, 14
    wide = (width - 2 * MARGIN - gap * (columns - 1)) // columns
    tall = wide * 3 // 4
    thumbnails = trace.media.thumbnails
    lines = -(-len(thumbnails) // columns)
    picture = Image.new("RGBA", (width, lines * (tall + gap) + gap), rgba("card", theme))
    for i, encoded in enumerate(thumbnails):
        x, y = MARGIN + i % columns * (wide + gap), gap + i // columns * (tall + gap)
        with Image.open(io.BytesIO(encoded)) as opened:
            picture.paste(opened.convert("RGBA").resize((wide, tall)), (x, y))
        frame = shots[i].frame if i < len(shots) else None
        if frame in turn:
            ImageDraw.Draw(picture).rectangle((x, y, x + wide, y + tall), outline=rgba("spent", theme), width=5)
            tag(picture, x + 20, y + 18, str(turn[frame]), 20)
        else:
            hatched(picture, (x, y, x + wide, y + tall), None, theme, 6)
    return picture
