"""Texts, series and film strips drawn with Pillow, for exported stills and animations."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageDraw

from dynviz.decisions import FrameChoice, StepUpdate
from dynviz.trace import Trace
from dynviz.views.raster import font, hatched, rgba, tag
from dynviz.views.steps import FLUSH, PASSED, READ, SKIM, UNREAD, Steps, read_steps, split_words

MARGIN = 28


def steps_of(trace: Trace, progress: float) -> Steps | None:
    """The states of the first StepUpdate; those after ``progress`` (0..1) of its steps count as not reached yet."""
    decision = next((d for d in trace.decisions if isinstance(d, StepUpdate)), None)
    if decision is None:
        return None
    steps = read_steps(decision)
    reached = round(len(steps.states) * progress)
    states = steps.states[:reached] + (UNREAD,) * (len(steps.states) - reached)
    stop = steps.stop if steps.stop is not None and steps.stop < reached else None
    return Steps(states, tuple(j for j in steps.jumps if j[0] < reached), stop)


def draw_text(trace: Trace, width: int, theme: str, progress: float = 1.0) -> Image.Image:
    """The text, wrapped, each word by what happened to it: underlined, dotted, hatched or pale."""
    steps = steps_of(trace, progress)
    words = split_words(trace.media.text, len(steps.states)) if steps else trace.media.text.split()
    type_, line, gap = font(26), 46, 9
    places, x, y = [], MARGIN, 10
    for word in words:
        long = type_.getlength(word)
        if x + long > width - MARGIN and x > MARGIN:
            x, y = MARGIN, y + line
        places.append((x, y, long))
        x += long + gap
    picture = Image.new("RGBA", (width, y + line + 14), rgba("card", theme))
    draw = ImageDraw.Draw(picture)
    for i, (word, (x, y, long)) in enumerate(zip(words, places, strict=True)):
        state = steps.states[i] if steps else READ
        if state == PASSED and long:
            hatched(picture, (x - 2, y + 4, x + long + 2, y + 36), None, theme, 5)
            draw = ImageDraw.Draw(picture)
        ink = rgba("muted" if state in (PASSED, UNREAD) else "ink", theme)
        draw.text((x, y + 20), word, font=type_, fill=ink, anchor="lm")
        if state in (READ, FLUSH):
            draw.line((x, y + 38, x + long, y + 38), fill=rgba("spent", theme), width=5 if state == FLUSH else 3)
        elif state == SKIM:
            for dot in range(round(x), round(x + long), 7):
                draw.rectangle((dot, y + 36, dot + 3, y + 39), fill=rgba("spent", theme))
        if steps and steps.stop == i:
            draw.rectangle((x + long + 2, y + 2, x + long + 6, y + 38), fill=rgba("tick", theme))
    return picture


def draw_series(trace: Trace, width: int, theme: str, progress: float = 1.0) -> Image.Image:
    """The first channel as a line, dots where a step was processed, and a strip of the steps under it."""
    steps = steps_of(trace, progress)
    series = np.asarray(trace.media.series, dtype=float)
    values = np.nan_to_num(series if series.ndim == 1 else series[:, 0])
    high, strip = 220, 26
    picture = Image.new("RGBA", (width, high + strip + 34), rgba("card", theme))
    draw = ImageDraw.Draw(picture)
    span = max(float(values.max() - values.min()), 1e-9) if len(values) else 1.0
    x = MARGIN + (np.arange(len(values)) + 0.5) * (width - 2 * MARGIN) / max(len(values), 1)
    y = 12 + (1 - (values - (values.min() if len(values) else 0)) / span) * (high - 24)
    for i in range(len(values) - 1):
        ran = steps is None or i >= len(steps.states) or steps.states[i] in (READ, SKIM, FLUSH)
        colour = rgba("spent", theme) if ran else rgba("stripe", theme)
        draw.line((x[i], y[i], x[i + 1], y[i + 1]), fill=colour, width=4 if ran else 1)
    if steps:
        cell, top = (width - 2 * MARGIN) / len(steps.states), high + 10
        for state, start, end in steps.runs():
            box = (MARGIN + start * cell, top, MARGIN + end * cell, top + strip)
            if state == PASSED:
                hatched(picture, box, None, theme, 5)
            elif state != UNREAD:
                ImageDraw.Draw(picture).rectangle(box, fill=rgba("spent", theme))
        draw = ImageDraw.Draw(picture)
        draw.rectangle((MARGIN, top, width - MARGIN, top + strip), outline=rgba("edge", theme))
        if steps.stop is not None:
            at = MARGIN + (steps.stop + 1) * cell
            draw.rectangle((at - 2, 4, at + 2, top + strip + 4), fill=rgba("tick", theme))
    return picture


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
