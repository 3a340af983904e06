"""Compute against difficulty: one picture at several strengths of one knob, a column for each."""

from __future__ import annotations

import io
from collections.abc import Sequence
from itertools import groupby

from PIL import Image

from dynviz.decisions import Exit
from dynviz.media.difficulty import Knob
from dynviz.trace import Media, Trace
from dynviz.views.style.axes import nice_axis, text_width
from dynviz.views.style.shapes import stripes
from dynviz.views.style.svg import data_uri
from dynviz.views.style.words import macs_words, percent, text

WIDTH = 360
LEFT, RIGHT, TOP, BOTTOM = 46, 356, 44, 158  # the plot inside the picture
FONT = 12.5
PHOTO_PX = 96  # of the little photos, drawn at about half of that on a large screen
RIBBON = 19.0


def strength_words(knob: Knob, strength: float) -> str:
    """0.025 -> '2.5 %', 2.0 -> '2 ×', 45.0 -> '45°', 16 -> '16 px'; 'as it is' where it changes nothing."""
    if strength == knob.neutral:
        return "as it is"
    if knob.unit == "share":
        return percent(strength, 0 if round(strength * 100, 6).is_integer() else 1)
    sign = {"factor": " ×", "degrees": "°", "px": " px"}[knob.unit]
    return f"{strength:g}{sign}"


def difficulty_chart(knob: Knob, runs: Sequence[tuple[float, Trace]], at: float, caption: str) -> str:
    """An SVG with a column for each strength. Needs at least one run.

    Filled: multiply-adds that ran. Hatched: never run. Outline: the static path. In a column the number of the exit
    that answered, if there are exits; under it what the network saw and what it said; a change of the answer is marked.
    runs: (strength, trace), as ``dynviz.inference.run_harder`` gives them. at: the strength that is marked. caption:
    what the strengths measure.
    """
    traces = [trace for _, trace in runs]
    words = [strength_words(knob, strength) for strength, _ in runs]
    here = min(range(len(runs)), key=lambda i: abs(runs[i][0] - at))
    usual = usual_answer(knob, runs)
    highest = max(1, *(max(trace.macs, trace.macs_static) for trace in traces))
    y = nice_axis(0, highest, BOTTOM, TOP, ticks=3, snug=True)
    step = (RIGHT - LEFT) / len(runs)
    photo = min(step - 2.5, 34.0)
    feet = BOTTOM + 20
    ribbon = feet + photo + 5
    high = ribbon + RIBBON + 20
    label = f"{words[here]}: {_short_run(traces[here])}"
    parts = [
        f'<rect class="dv-here" x="{LEFT + here * step:.1f}" y="{TOP - 16}" width="{step:.1f}" '
        f'height="{ribbon + RIBBON - TOP + 17:.1f}" rx="3"/>',
        f'<path class="dv-here-mark" d="M{LEFT + (here + 0.5) * step:.1f} {TOP - 5}l-5 -8h10z"/>',
        *(
            f'<text x="{LEFT - 7}" y="{y(value) + 4.3:.1f}" text-anchor="end" font-size="{FONT}">'
            f"{text(macs_words(value))}</text>"
            for value in y.ticks
        ),
        f'<text x="0" y="14" font-size="{FONT}">multiply-adds</text>',
        f'<text class="dv-strong" x="{RIGHT}" y="14" text-anchor="end" font-size="{FONT}">{text(label)}</text>',
    ]
    for i, trace in enumerate(traces):
        left = LEFT + i * step
        parts.append(f"<g><title>{text(f'{words[i]}: {_run_words(trace)}')}</title>")
        parts.append(_column(trace, left + step * 0.12, left + step * 0.88, y))
        parts.append(
            f'<image href="{data_uri(_photo(trace.media))}" x="{left + (step - photo) / 2:.1f}" y="{feet:.1f}" '
            f'width="{photo:.1f}" height="{photo:.1f}"/></g>'
        )
    parts.append(_feet(words, here, step))
    parts.append(_answers(traces, usual, step, ribbon))
    parts.append(f'<text x="{RIGHT}" y="{high - 4:.1f}" text-anchor="end" font-size="{FONT}">{text(caption)}</text>')
    parts.append(f'<text x="0" y="{ribbon + RIBBON * 0.7:.1f}" font-size="{FONT}">says</text>')
    alt = f"{caption}, {knob.name}: " + "; ".join(
        f"{word}, {_run_words(trace)}" for word, trace in zip(words, traces, strict=True)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="dv-chart dv-line dv-columns" '
        f'viewBox="0 0 {WIDTH} {high:.0f}" role="img" aria-label="{text(alt)}">{"".join(parts)}</svg>'
    )


def usual_answer(knob: Knob, runs: Sequence[tuple[float, Trace]]) -> str:
    """What the network says to the unchanged picture."""
    return min(runs, key=lambda run: abs(run[0] - knob.neutral))[1].prediction.label


def answering_exit(trace: Trace) -> int | None:
    """Which exit answered, from 1; None where the network has none."""
    exits = [decision for decision in trace.decisions if isinstance(decision, Exit)]
    return next((i for i, decision in enumerate(exits, 1) if decision.choice == "exit"), None)


def _short_run(trace: Trace) -> str:
    """'45 M, cat 93 %'."""
    return f"{macs_words(trace.macs)}, {trace.prediction.label} {percent(trace.prediction.confidence)}"


def _run_words(trace: Trace) -> str:
    place = answering_exit(trace)
    return (f"exit {place}, " if place else "") + _short_run(trace)


def _column(trace: Trace, left: float, right: float, y) -> str:
    """Filled up to what ran, hatched up to the static path, which is the outline."""
    top, filled, wide = y(trace.macs_static), y(trace.macs), right - left
    hatch = f'<path class="dv-stripes" d="{stripes(left, top, right, filled, 4)}"/>' if filled > top else ""
    place = answering_exit(trace)
    words = ""
    if place is not None:
        inside = BOTTOM - filled >= FONT + 3
        where = filled + FONT + 0.5 if inside else filled - 4
        words = (
            f'<text class="{"dv-in" if inside else "dv-strong"}" x="{(left + right) / 2:.1f}" y="{where:.1f}" '
            f'text-anchor="middle" font-size="{FONT}">{place}</text>'
        )
    return (
        f'{hatch}<rect class="dv-cell" x="{left:.1f}" y="{filled:.1f}" width="{wide:.1f}" '
        f'height="{BOTTOM - filled:.1f}"/><rect class="dv-rim" x="{left:.1f}" y="{top:.1f}" width="{wide:.1f}" '
        f'height="{BOTTOM - top:.1f}"/>{words}'
    )


def _feet(words: Sequence[str], here: int, step: float) -> str:
    """Strengths under the columns: the marked one, and as many others as fit beside one another."""
    parts, taken = [], []
    for i in (here, *range(len(words))):
        wide = text_width(words[i], FONT) * 0.86
        middle = min(max(LEFT + (i + 0.5) * step, LEFT + wide / 2 - 8), WIDTH - wide / 2)
        box = (middle - wide / 2, middle + wide / 2)
        if any(box[0] < end + 6 and box[1] > start - 6 for start, end in taken):
            continue
        taken.append(box)
        parts.append(
            f'<text{" class=dv-strong" * (i == here)} x="{middle:.1f}" y="{BOTTOM + 14}" text-anchor="middle" '
            f'font-size="{FONT}">{text(words[i])}</text>'
        )
    return "".join(parts)


def _answers(traces: Sequence[Trace], usual: str, step: float, top: float) -> str:
    """One box for each stretch of equal answers; another answer than the usual one has a thick rim and a sign.

    Where a label does not fit, = or ≠ says at least whether it is the usual one.
    """
    parts, first = [], 0
    for label, group in groupby(trace.prediction.label for trace in traces):
        count = len(list(group))
        left, wide = LEFT + first * step + 1, count * step - 2
        changed = label != usual
        shown = _fitted(f"≠ {label}" if changed else label, wide - 4) or "=≠"[changed]
        parts.append(
            f'<g><title>{text(label)}</title><rect class="{"dv-changed" if changed else "dv-rim"}" x="{left:.1f}" '
            f'y="{top:.1f}" width="{wide:.1f}" height="{RIBBON}" rx="3"/>'
            f'<text class="dv-strong" x="{left + wide / 2:.1f}" y="{top + RIBBON * 0.7:.1f}" text-anchor="middle" '
            f'font-size="{FONT}">{text(shown)}</text></g>'
        )
        first += count
    return "".join(parts)


def _fitted(words: str, room: float) -> str:
    """The words, shortened where they are wider than ``room``; '' where less than four letters would be left."""
    if text_width(words, FONT) * 0.95 <= room:
        return words
    count = int(room / (FONT * 0.55)) - 1
    return words[:count].rstrip() + "…" if count >= 4 else ""


def _photo(media: Media) -> bytes:
    """What the network saw of the picture, small."""
    with Image.open(io.BytesIO(media.preview)) as preview:
        preview.draft("RGB", (PHOTO_PX * 2, PHOTO_PX * 2))
        across, down = preview.width / media.width_px, preview.height / media.height_px
        x0, y0, x1, y1 = media.box_px
        box = tuple(round(v) for v in (x0 * across, y0 * down, x1 * across, y1 * down))
        seen = preview.convert("RGB").crop(box).resize((PHOTO_PX, PHOTO_PX), Image.Resampling.BILINEAR)
    buffer = io.BytesIO()
    seen.save(buffer, "WEBP", quality=80)
    return buffer.getvalue()
