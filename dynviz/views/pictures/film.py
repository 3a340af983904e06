"""Videos drawn with Pillow: a contact sheet of the candidate frames, and the video played with what was decided."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageDraw

from dynviz.trace import Trace
from dynviz.views.decisions.frame_states import GLANCED, LOOKED, Shot, clock, shots
from dynviz.views.media.film import words
from dynviz.views.media.overlay import Canvas, spatial_shapes, unseen
from dynviz.views.pictures.raster import font, hatched, raster_shape, rgba, tag
from dynviz.views.pictures.text_layout import MARGIN
from dynviz.views.style.words import known, percent

GAP = 12
FOOT = 30  # under each frame of the sheet: when it is shown, and what was answered
SCREEN = (960, 480)  # the frame that is played
STRIP = 84  # the timeline under it
LEAST_MS, MOST_MS, WHOLE_MS = 100, 700, 12_000  # of one frame, and of all together

Scene = tuple[Image.Image, str, list[str], int]  # picture, head and lines of its badge, ms


def contact_sheet(trace: Trace, width: int, theme: str) -> Image.Image:
    """The candidates in order of time, as many to a row as they can still be told apart; numbers say when each was
    looked at, what was not is pale and hatched.
    """
    found = shots(trace)[: len(trace.media.thumbnails)]
    ratio = max(trace.media.height_px, 1) / max(trace.media.width_px, 1)
    columns = 4 if len(found) <= 12 else 6 if len(found) <= 36 else 8
    columns += 2 if ratio > 1 else 0
    wide = (width - 2 * MARGIN - GAP * (columns - 1)) // columns
    tall = max(8, round(wide * ratio))
    lines = -(-len(found) // columns)
    sheet = Image.new("RGBA", (width, GAP + lines * (tall + FOOT + GAP)), rgba("card", theme))
    for shot in found:
        column, line = shot.index % columns, shot.index // columns
        x, y = MARGIN + column * (wide + GAP), GAP + line * (tall + FOOT + GAP)
        sheet.paste(_drawn(trace, shot, (wide, tall), theme, small=True), (x, y))
        if shot.state == LOOKED:
            ImageDraw.Draw(sheet).rectangle((x, y, x + wide - 1, y + tall - 1), outline=rgba("spent", theme), width=4)
            tag(sheet, x + 20, y + 18, str(shot.turn), 20)
        _foot(sheet, shot, x, y + tall + FOOT / 2, wide, theme)
    return sheet


def playback(trace: Trace, theme: str) -> list[Scene]:
    """Frame after frame in order of time, each with its regions, over the timeline of all."""
    found = shots(trace)[: len(trace.media.thumbnails)]
    if not found:
        return []
    answer = trace.prediction
    final = f"{answer.label} {percent(answer.confidence)}"
    lasting = _durations([shot.second for shot in found])
    scenes: list[Scene] = []
    for shot, ms in zip(found, lasting, strict=True):
        picture = Image.new("RGBA", (SCREEN[0], SCREEN[1] + STRIP), rgba("card", theme))
        width, height = _within(trace)
        frame = _drawn(trace, shot, (width, height), theme)
        left, top = (SCREEN[0] - width) // 2, (SCREEN[1] - height) // 2
        picture.paste(frame, (left, top))
        if shot.state == LOOKED:
            box = (left, top, left + width - 1, top + height - 1)
            ImageDraw.Draw(picture).rectangle(box, outline=rgba("spent", theme), width=6)
        _timeline(picture, found, shot.index, theme)
        head = f"{clock(shot.second, shot.index)} · {shot.label} {percent(shot.sure)}" if shot.label else ""
        scenes.append((picture, head or clock(shot.second, shot.index), [words(shot)], ms))
    scenes.append((scenes[-1][0], final, ["the answer"], 1500))
    return scenes


def _within(trace: Trace) -> tuple[int, int]:
    """The largest size of a frame on the screen."""
    wide, high = max(trace.media.width_px, 1), max(trace.media.height_px, 1)
    scale = min(SCREEN[0] / wide, SCREEN[1] / high)
    return max(2, round(wide * scale)), max(2, round(high * scale))


def _durations(seconds: list[float | None]) -> list[int]:
    """ms that each frame is shown: as long as in the video, but all of it in WHOLE_MS at most."""
    if len(seconds) < 2 or any(second is None for second in seconds):
        return [400] * len(seconds)
    steps = np.diff(np.array(seconds, dtype=float), append=np.nan)
    steps[-1] = steps[-2]
    total = max(float(steps.sum()), 1e-6) * 1000
    return (steps * 1000 * min(1.0, WHOLE_MS / total)).clip(LEAST_MS, MOST_MS).round().astype(int).tolist()


def _drawn(trace: Trace, shot: Shot, size: tuple[int, int], theme: str, small: bool = False) -> Image.Image:
    """A frame with what was decided in it, (RGBA, ``size``); hatched where it was not looked at."""
    with Image.open(io.BytesIO(trace.media.thumbnails[shot.index])) as opened:
        picture = opened.convert("RGBA").resize(size, Image.Resampling.BICUBIC)
    if shot.state != LOOKED:
        hatched(picture, (0, 0, *size), None, theme, 4 if small else 8)
        if shot.state == GLANCED:
            ImageDraw.Draw(picture).rectangle((0, size[1] - 4, *size), fill=rgba("spent", theme))
        return picture
    canvas = Canvas(trace.media, size)
    for strip in unseen(trace.media):
        hatched(picture, canvas.box(strip), None, theme, canvas.unit)
    if shot.boxes:
        for shape in spatial_shapes(trace, shot.index):
            raster_shape(shape, picture, canvas, theme)
    elif shot.side_px and not small:
        tag(picture, 90, size[1] - 26, f"seen at {shot.side_px} px", 20)
    return picture


def _foot(sheet: Image.Image, shot: Shot, x: int, middle: float, wide: int, theme: str) -> None:
    said = f"{shot.label} {percent(shot.sure)}" if shot.label and known(shot.sure) else ""
    told = " ".join(part for part in (clock(shot.second, shot.index), said) if part)
    size = 15 if font(15).getlength(told) <= wide else 12
    while told and font(size).getlength(told) > wide:
        told = told[:-2].rstrip() + "…"
    ink = rgba("ink" if shot.state == LOOKED else "muted", theme)
    ImageDraw.Draw(sheet).text((x, middle), told, font=font(size), fill=ink, anchor="lm")


def _timeline(picture: Image.Image, found: list[Shot], at: int, theme: str) -> None:
    """A cell a candidate: filled as high as its resolution, hatched where it was not looked at; a bar where we are."""
    left, right = MARGIN, picture.width - MARGIN
    top, bottom = SCREEN[1] + 24, picture.height - 14
    cell = (right - left) / len(found)
    largest = max((shot.most_px or 0 for shot in found), default=0)
    hatched(picture, (left, top, right, bottom), None, theme, 5)
    draw = ImageDraw.Draw(picture)
    for shot in found:
        x0, x1 = left + shot.index * cell, left + (shot.index + 1) * cell
        if shot.state == LOOKED:
            high = (bottom - top) * (shot.side_px / largest if shot.side_px and largest else 1)
            draw.rectangle((x0 + 1, top, x1 - 1, bottom), fill=rgba("card", theme))
            draw.rectangle((x0 + 1, bottom - high, x1 - 1, bottom), fill=rgba("spent", theme))
        elif shot.state == GLANCED:
            draw.rectangle((x0, bottom - 3, x1, bottom), fill=rgba("spent", theme))
    draw.rectangle((left, top, right, bottom), outline=rgba("edge", theme), width=2)
    middle = left + (at + 0.5) * cell
    draw.rectangle((middle - 2, top - 10, middle + 2, bottom + 6), fill=rgba("tick", theme))
