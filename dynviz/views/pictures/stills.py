"""Pictures to take away: a still of a trace (PNG or WebP) and an animation of its decisions, drawn with Pillow."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from PIL import Image, ImageDraw

from dynviz.decisions import Decision, StepUpdate
from dynviz.trace import Trace
from dynviz.views.decisions.panels import answer_line, doubt_words, run_line
from dynviz.views.medium import medium_of
from dynviz.views.medium.medium import WIDTH
from dynviz.views.pictures.raster import font, hatched, rgba
from dynviz.views.style.words import compared, known, macs_words, percent

MOST_FRAMES = 24
FRAME_MS, LAST_MS = 550, 2600
HEAD_PX = 156  # above the input: a badge of two lines


def png(trace: Trace, theme: str = "light") -> bytes:
    """The still as PNG: what the network was given, what it decided about it, its answer and what it spent."""
    return _encoded(still(trace, theme), "PNG", optimize=True)


def webp(trace: Trace, theme: str = "light") -> bytes:
    """The still as WebP."""
    return _encoded(still(trace, theme), "WEBP", quality=88)


def animation(trace: Trace, theme: str = "light") -> bytes:
    """The scenes as an animated WebP that starts again when it is through."""
    frames, durations = zip(*scenes(trace, theme), strict=True)
    rest = {"save_all": True, "append_images": frames[1:], "duration": durations, "loop": 0, "quality": 80}
    return _encoded(frames[0], "WEBP", **rest)


def scenes(trace: Trace, theme: str = "light") -> list[tuple[Image.Image, int]]:
    """Pictures of one size, each with its ms: the decisions one after the other (at most 23), then the still; of a
    video its frames in order of time.
    """
    drawn_by = medium_of(trace.media)
    if played := drawn_by.scenes(trace, theme):
        return [
            (_page(picture, _badge(head, lines), trace.macs, trace, theme), ms) for picture, head, lines, ms in played
        ]
    found = [(_frame(trace, done, theme), FRAME_MS) for done in _moments(trace)]
    return [*found, (still(trace, theme), LAST_MS)]


def still(trace: Trace, theme: str = "light") -> Image.Image:
    """(WIDTH, any height) RGB picture of the whole trace."""
    answer = trace.prediction
    lines = [line for line in (answer_line(trace), doubt_words(trace)) if line]
    return _composed(trace, f"{answer.label} {percent(answer.confidence)}", lines, trace.macs, theme)


def side_by_side(titled: Sequence[tuple[str, Trace]], theme: str = "light") -> bytes:
    """Stills beside each other as one PNG, each under its title."""
    stills = [(title, still(trace, theme)) for title, trace in titled]
    gap, top = 24, 64
    wide = gap + sum(picture.width + gap for _, picture in stills)
    page = Image.new("RGB", (wide, top + max(picture.height for _, picture in stills) + gap), rgba("page", theme)[:3])
    left = gap
    for title, picture in stills:
        words = _fitted(title, font(28))
        ImageDraw.Draw(page).text((left, top / 2), words, font=font(28), fill=rgba("ink", theme), anchor="lm")
        page.paste(picture, (left, top))
        left += picture.width + gap
    return _encoded(page, "PNG", optimize=True)


def caption(trace: Trace, decision: Decision, place: int) -> str:
    """One decision in a line of plain text: 'exit 2: balloon, 71 % < 86 %, continue'."""
    parts = []
    if decision.probabilities is not None and len(decision.probabilities) == len(trace.labels):
        parts.append(trace.labels[int(np.argmax(decision.probabilities))])
    if known(decision.score) and known(decision.threshold):
        parts.append(" ".join(compared(decision.score, decision.threshold)))
    elif known(decision.score):
        parts.append(percent(decision.score))
    if decision.choice:
        parts.append(decision.choice + (" by hand" if decision.forced else ""))
    return f"{decision.kind.replace('-', ' ')} {place}: " + ", ".join(parts or ["taken"])


def _moments(trace: Trace) -> list[float]:
    """How many decisions are taken in each frame before the last; a lone sequence is shown in parts of itself."""
    ran = [d for d in trace.decisions if d.executed]
    if len(ran) == 1 and isinstance(ran[0], StepUpdate):
        return [k / 12 for k in range(1, 12)]
    count = min(len(ran), MOST_FRAMES - 1)
    return [float(round(v)) for v in np.linspace(1, len(ran), count)] if count else []


def _frame(trace: Trace, done: float, theme: str) -> Image.Image:
    ran = sorted((d for d in trace.decisions if d.executed), key=lambda d: d.order)
    if done < 1:  # a part of one sequence
        spent = round(_fixed(trace) + ran[0].macs * done)
        return _composed(trace, "reading …", [f"{percent(done)} of the way"], spent, theme, progress=done)
    taken = ran[: int(done)]
    place = sum(type(d) is type(taken[-1]) for d in taken)
    spent = _fixed(trace) + sum(d.macs for d in taken)
    partial = replace(trace, decisions=tuple(taken))
    words = caption(trace, taken[-1], place)
    head, _, rest = words.partition(": ")
    return _composed(partial, head, [rest], spent, theme, whole=trace)


def _fixed(trace: Trace) -> int:
    """MACs of the work that no decision governs."""
    return max(trace.macs - sum(d.macs for d in trace.decisions), 0)


def _composed(
    trace: Trace,
    head: str,
    lines: Sequence[str],
    spent: int,
    theme: str,
    *,
    whole: Trace | None = None,
    progress: float = 1.0,
) -> Image.Image:
    """The medium with what was decided about it, a badge above it, and the account under it."""
    drawn_by = medium_of(trace.media)
    medium = drawn_by.still(trace, theme, progress)
    return _page(medium, _badge(head, lines), spent, whole or trace, theme)


def _page(medium: Image.Image, badge: Image.Image, spent: int, trace: Trace, theme: str) -> Image.Image:
    """The answer above the input: on it, it would hide what it is about. All scenes have room for as many lines."""
    foot, gap = 122, HEAD_PX
    page = Image.new("RGBA", (WIDTH, gap + medium.height + foot), rgba("card", theme))
    page.alpha_composite(medium, (0, gap))
    page.alpha_composite(badge, (18, 18))
    top = gap + medium.height
    named = _fitted(run_line(trace), font(20))
    ImageDraw.Draw(page).text((18, top + 26), named, font=font(20), fill=rgba("ink", theme), anchor="lm")
    _account(page, top + 30, spent, trace.macs_static, theme)
    return page.convert("RGB")


def _badge(head: str, lines: Sequence[str]) -> Image.Image:
    """The answer as on the page: large label, smaller lines under it, white on dark."""
    large, small = font(34), font(20)
    head, lines = _fitted(head, large), [_fitted(line, small) for line in lines]
    wide = max(large.getlength(head), *(small.getlength(line) for line in lines)) + 40
    badge = Image.new("RGBA", (round(wide), 62 + 28 * len(lines)), (0, 0, 0, 0))
    draw = ImageDraw.Draw(badge)
    draw.rounded_rectangle((0, 0, badge.width - 1, badge.height - 1), 10, fill=(10, 12, 15, 214))
    draw.text((20, 30), head, font=large, fill="white", anchor="lm")
    for i, line in enumerate(lines):
        draw.text((20, 62 + 28 * i), line, font=small, fill="#e9ebee", anchor="lm")
    return badge


def _fitted(words: str, type_: object) -> str:
    while words and type_.getlength(words) > WIDTH - 90:
        words = words[:-2].rstrip() + "…"
    return words


def _account(page: Image.Image, top: int, spent: int, static: int, theme: str) -> None:
    """Filled: spent. Hatched: not. Outline: the static path."""
    draw, share = ImageDraw.Draw(page), spent / static if static else 0.0
    words = f" of {macs_words(static)} multiply-adds · {percent(share)} of its full compute"
    large = font(26)
    draw.text((18, top + 28), macs_words(spent), font=large, fill=rgba("ink", theme), anchor="lm")
    after = 18 + large.getlength(macs_words(spent))
    draw.text((after, top + 29), words, font=font(19), fill=rgba("muted", theme), anchor="lm")
    x0, y0, x1, y1 = 18, top + 52, WIDTH - 18, top + 76
    hatched(page, (x0, y0, x1, y1), None, theme, 6)
    draw = ImageDraw.Draw(page)
    draw.rectangle((x0, y0, x0 + (x1 - x0) * min(share, 1), y1), fill=rgba("spent", theme))
    draw.rectangle((x0, y0, x1, y1), outline=rgba("edge", theme), width=2)


def _encoded(picture: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()
