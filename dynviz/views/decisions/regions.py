"""Regions that were looked at: numbered on the picture, each with what the network was given there and then said."""

from __future__ import annotations

import io
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw

from dynviz.decisions import Decision, Exit, Region
from dynviz.trace import Media, Trace
from dynviz.views.decisions.drawer import Drawer, Group
from dynviz.views.decisions.frame_states import clock, shots
from dynviz.views.decisions.frames import MOST_ROWS
from dynviz.views.decisions.picks import by_hand, stopping_line
from dynviz.views.decisions.rows import body, meter, row, rows
from dynviz.views.decisions.spatial import seen_box
from dynviz.views.style.shapes import Outline, Shape, Veil
from dynviz.views.style.svg import data_uri
from dynviz.views.style.words import counted, percent, text

LOOKED_GRID = 192  # cells along the longer side of the raster that says what lies in some region
GIVEN_PX = 64  # side of the small pictures of what the network was given
QUALITY = 70  # of those: about a kilobyte each, and a sweep shows dozens


def corners(region: Region) -> np.ndarray:
    """(4, 2) corners of a region in pixels of the original picture, clockwise from the upper left."""
    if region.affine is not None:
        square = np.array([(-1, -1, 1), (1, -1, 1), (1, 1, 1), (-1, 1, 1)], dtype=float)
        return square @ np.asarray(region.affine, dtype=float).T
    x0, y0, x1, y1 = region.box_px
    return np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], dtype=float)


def draw(trace: Trace, decisions: Group) -> str:
    """One row per region, in the order they were looked at: what was given, what is answered then, its share."""
    whole = max(trace.media.width_px * trace.media.height_px, 1)
    items = []
    turns = {shot.index: shot.turn or 0 for shot in shots(trace)} if any(d.frame is not None for d in decisions) else {}
    for i, d in enumerate(sorted(decisions, key=lambda d: turns.get(d.frame, 0))):
        if i == MOST_ROWS and d.frame is not None:
            items.append(f'<li class="dv-note">and {counted(len(decisions) - i, "more region")}</li>')
            break
        if not d.executed:
            items.append(row(meter(None), "not looked at", d.choice or "region", disc=i + 1, off=True))
            continue
        x0, y0, x1, y1 = d.box_px
        where = f"{x1 - x0:.0f} × {y1 - y0:.0f} px"
        share = text(percent(abs((x1 - x0) * (y1 - y0)) / whole))
        said, sure = _answered_then(trace, d)
        name = f"<b>{text(said)}</b> {text(sure)}<br>" if said else ""
        where = f'{name}<span class="dv-where">{text(where)}, {share} of the picture{by_hand(d)}</span>'
        if d.frame is None:
            items.append(_row(_given(trace.media, d, i + 1), where, i + 1))
        else:
            items.append(row(body(where), "", _moment(trace.media, d.frame), disc=turns.get(d.frame) or i + 1))
    told = "small pictures: what the network was given there · beside them: what it answered then"
    note = f'<p class="dv-note">{told}</p>' if any(d.frame is None for d in decisions) else ""
    return stopping_line(trace, summary(trace, decisions), decisions) + rows(items, "dv-looked") + note


def _moment(media: Media, frame: int) -> str:
    """When the frame is shown that the region is part of."""
    times = media.times_s
    return clock(float(times[frame]) if times is not None and 0 <= frame < len(times) else None, frame)


def summary(trace: Trace, decisions: Group) -> str:
    return f"looked at {counted(sum(d.executed for d in decisions), 'region')}"


def shapes(trace: Trace, decisions: Group) -> list[Shape]:
    """The outlines, numbered, and a veil over what lies in none of them; in a frame of a video without the veil."""
    looked = [(i, corners(d)) for i, d in enumerate(decisions) if d.executed]
    if decisions[0].frame is not None:  # a frame is looked at as a whole too
        return [Outline(polygon, str(i + 1) if len(looked) > 1 else "") for i, polygon in reversed(looked)]
    x0, y0, x1, y1 = seen_box(trace)
    scale = LOOKED_GRID / max(x1 - x0, y1 - y0, 1.0)
    raster = Image.new("1", (max(1, round((x1 - x0) * scale)), max(1, round((y1 - y0) * scale))), 0)
    for _, polygon in looked:
        ImageDraw.Draw(raster).polygon([((x - x0) * scale, (y - y0) * scale) for x, y in polygon], fill=1)
    veil = Veil(1.0 - np.asarray(raster, dtype=float), (x0, y0, x1, y1))
    # the first on top, where they overlap: its number stays readable
    return [veil, *(Outline(polygon, str(i + 1)) for i, polygon in reversed(looked))]


def _row(picture: str, words: str, number: int) -> str:
    return (
        f'<li class="dv-row"><span class="dv-disc"><i>{number}</i></span>{picture or "<span></span>"}{body(words)}</li>'
    )


def _answered_then(trace: Trace, region: Decision) -> tuple[str, str]:
    """The answer that was given right after the region was looked at: ('cat', '78 %'); empty where none was."""
    after = next((d for d in sorted(trace.decisions, key=lambda d: d.order) if d.order > region.order), None)
    if not isinstance(after, Exit) or after.probabilities is None or not len(after.probabilities):
        return "", ""
    best = int(np.argmax(after.probabilities))
    label = trace.labels[best] if best < len(trace.labels) else f"class {best}"
    return label, percent(float(after.probabilities[best]))


def _given(media: Media, region: Decision, number: int) -> str:
    """What the region shows, as an ``img``; empty where there is no preview to cut it from, or it is of a frame."""
    if not media.preview or region.frame is not None:
        return ""
    quad = corners(region) / (max(media.width_px, 1), max(media.height_px, 1))
    cut = _cut(media.preview, tuple(np.round(quad, 5).ravel().tolist()))
    return f'<img class="dv-given" src="{data_uri(cut)}" alt="what was given in region {number}">'


@lru_cache(maxsize=256)
def _cut(preview: bytes, quad: tuple[float, ...]) -> bytes:
    """quad: x, y of the corners in shares of the picture, clockwise from the upper left. A small WebP."""
    picture = _opened(preview)
    points = np.array(quad).reshape(4, 2) * picture.size
    side = float(np.linalg.norm(points[1] - points[0]))
    less = max(1, int(side / (2 * GIVEN_PX)))
    small = picture.reduce(less) if less > 1 else picture
    upper_left, upper_right, lower_right, lower_left = points / less
    around = (*upper_left, *lower_left, *lower_right, *upper_right)
    shown = small.transform((GIVEN_PX, GIVEN_PX), Image.Transform.QUAD, around, Image.Resampling.BILINEAR)
    buffer = io.BytesIO()
    shown.save(buffer, "WEBP", quality=QUALITY)
    return buffer.getvalue()


@lru_cache(maxsize=4)
def _opened(preview: bytes) -> Image.Image:
    with Image.open(io.BytesIO(preview)) as picture:
        return picture.convert("RGB")


DRAWERS = {Region: Drawer("Regions looked at", draw, summary, shapes)}
