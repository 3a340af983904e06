"""Time: which words a reader read, which steps of a recording it processed, which frames of a video it looked at.

The text itself, with its marks, is drawn in texts.py; here is the order of its words as a timeline.
"""

from __future__ import annotations

import numpy as np

from dynviz.decisions import FrameChoice, StepUpdate
from dynviz.trace import Trace
from dynviz.views.fates import WORDS_FOR
from dynviz.views.layers import by_hand, saving_line
from dynviz.views.registry import Drawer, Group
from dynviz.views.shapes import stripes
from dynviz.views.steps import FLUSH, PASSED, READ, SKIM, UNREAD, Steps, read_steps
from dynviz.views.svg import data_uri
from dynviz.views.words import compared, counted, known, percent, text

WIDE = 600.0  # units across a timeline
MOST_CHANNELS = 4
MOST_RUNS, COLUMNS = 240, 120  # a timeline with more runs is drawn by shares, in so many columns


def draw_steps(trace: Trace, decisions: Group) -> str:
    """A recording with each step by what happened to it, a timeline per layer, and the running prediction."""
    first = read_steps(decisions[0])
    lead = saving_line(steps_summary(trace, decisions), decisions)
    bands = "".join(_timeline(read_steps(d)) for d in decisions)
    if trace.media.modality == "text":  # the text and its running answer are the picture, drawn by themselves
        named = "from the first word to the last" + (", a line for each layer" if len(decisions) > 1 else "")
        return f'{lead}{bands}<p class="dv-note">{named}</p>'
    medium = ""
    if trace.media.series is not None:
        medium = _series(np.asarray(trace.media.series, dtype=float), first)
    running = next((d.running for d in decisions if d.running is not None), None)
    curve = _running(trace, np.asarray(running, dtype=float), first) if running is not None else ""
    return f"{lead}{medium}{_legend(first)}{bands}{curve}"


def steps_summary(trace: Trace, decisions: Group) -> str:
    """'read 21 of 84 words, sure after 62'."""
    steps, unit = read_steps(decisions[0]), _unit(trace)
    ran = sum(steps.count(state) for state in (READ, SKIM, FLUSH))
    verb = "read" if unit == "word" else "processed"
    after = f", sure after {steps.stop + 1:,}" if steps.stop is not None else ""
    return f"{verb} {ran:,} of {len(steps.states):,} {unit}{'' if len(steps.states) == 1 else 's'}{after}"


def _unit(trace: Trace) -> str:
    return "word" if trace.media.modality == "text" else "step"


def _legend(steps: Steps) -> str:
    items = []
    for state in (READ, FLUSH, SKIM, PASSED, UNREAD):
        if n := steps.count(state):
            words = WORDS_FOR[state].replace("read", "processed", 1)
            items.append(f'<span><i class="dv-swatch dv-{state}"></i><b>{n}</b> {text(words)}</span>')
    if steps.stop is not None:
        items.append('<span><i class="dv-key"></i>sure: stops here</span>')
    return f'<div class="dv-legend">{"".join(items)}</div>'


# --- timelines


def _timeline(steps: Steps) -> str:
    """One cell per step in order: filled, half filled, hatched or empty; jumps as arcs above, the stop as a bar."""
    count = max(len(steps.states), 1)
    cell, top, tall = WIDE / count, (26.0 if steps.jumps else 3.0), 16.0
    parts = [f'<rect class="dv-rim" x=".5" y="{top}" width="{WIDE - 1}" height="{tall}" rx="2"/>']
    runs = steps.runs()
    if len(runs) > MOST_RUNS:
        parts.append(_columns(steps, top, tall))
        runs = []
    for state, start, end in runs:
        x, wide = start * cell, (end - start) * cell
        if state in (READ, FLUSH):
            parts.append(f'<rect class="dv-cell" x="{x:.1f}" y="{top}" width="{wide:.1f}" height="{tall}"/>')
        elif state == SKIM:
            parts.append(f'<rect class="dv-cell" x="{x:.1f}" y="{top + tall - 5}" width="{wide:.1f}" height="5"/>')
        elif state == PASSED:
            drawn = stripes(x, top, x + wide, top + tall, 6)
            parts.append(f'<path class="dv-stripes" d="{drawn}" stroke-width="1"/>')
        if state == FLUSH:
            parts.append(f'<rect class="dv-slit" x="{x:.1f}" y="{top + tall - 6}" width="{wide:.1f}" height="2.5"/>')
    for start, end in steps.jumps if len(steps.jumps) <= MOST_RUNS else ():
        x0, x1 = (start + 0.5) * cell, (end + 0.5) * cell
        high = top - 2 - min(24.0, 7 + (x1 - x0) * 0.22) * 1.3
        low = top - 2
        curve = f"M{x0:.1f} {low}C{x0:.1f} {high:.1f} {x1:.1f} {high:.1f} {x1:.1f} {low}"
        parts.append(f'<path class="dv-jump" d="{curve}"/>')
    if steps.stop is not None:
        at = (steps.stop + 1) * cell
        parts.append(f'<rect class="dv-halt" x="{at - 2:.1f}" y="{top - 3}" width="4" height="{tall + 6}" rx="1"/>')
    return (
        f'<svg class="dv-line dv-stretch" viewBox="0 0 {WIDE:.0f} {top + tall + 3:.0f}" {_stretched(top + tall + 3)}>'
        f"{''.join(parts)}</svg>"
    )


def _columns(steps: Steps, top: float, tall: float) -> str:
    """A long sequence by shares: each column filled as high as the share of its steps that ran."""
    ran = np.array([state in (READ, SKIM, FLUSH) for state in steps.states], dtype=float)
    shares = [float(part.mean()) for part in np.array_split(ran, COLUMNS)]
    read_to = len(steps.states) if steps.stop is None else steps.stop + 1
    hatch = stripes(0, top, WIDE * read_to / len(steps.states), top + tall, 6)
    wide = WIDE / COLUMNS
    foot = f"{top + tall:.0f}h{wide:.0f}"
    drawn = "".join(f"M{i * wide:.0f} {foot}v{-v * tall:.1f}h{-wide:.0f}z" for i, v in enumerate(shares))
    return f'<path class="dv-stripes" d="{hatch}" stroke-width="1"/><path class="dv-cell" d="{drawn}"/>'


def _stretched(tall: float) -> str:
    """Attributes of a picture that keeps its height and fills the width, however narrow the page."""
    return f'preserveAspectRatio="none" style="height:{tall / 15:.2f}em" aria-hidden="true"'


def _running(trace: Trace, running: np.ndarray, steps: Steps) -> str:
    """The prediction after each step that ran. Two classes: one line between them; more: that of the answer."""
    if running.ndim != 2 or running.shape[0] != len(steps.states) or not running.size:
        return ""
    labels = trace.labels
    if running.shape[1] == 2 and len(labels) == 2:
        column, above, below = 1, labels[1], labels[0]
    else:
        column = labels.index(trace.prediction.label) if trace.prediction.label in labels else int(running[-1].argmax())
        above, below = f"{trace.prediction.label} 100 %", "0 %"
    last = steps.stop if steps.stop is not None else len(steps.states) - 1
    cell, tall = WIDE / len(steps.states), 64.0
    values = np.clip(np.nan_to_num(running[: last + 1, column]), 0, 1)
    line = "L".join(f"{(i + 0.5) * cell:.1f} {4 + (1 - v) * (tall - 8):.1f}" for i, v in enumerate(values))
    halt = ""
    if steps.stop is not None:
        halt = f'<rect class="dv-halt" x="{(last + 1) * cell - 2:.1f}" y="0" width="4" height="{tall}" rx="1"/>'
    return (
        f'<div class="dv-sides"><span>{text(above)}</span>'
        f'<svg class="dv-line dv-stretch" viewBox="0 0 {WIDE:.0f} {tall:.0f}" {_stretched(tall)}>'
        f'<path class="dv-grid" d="M0 {tall / 2}H{WIDE:.0f}"/><path class="dv-own" d="M{line}"/>'
        f"{halt}</svg><span>{text(below)}</span></div>"
        '<p class="dv-note">line: what it would have answered up to there</p>'
    )


# --- series


def _series(series: np.ndarray, steps: Steps) -> str:
    """Up to four channels as lines, solid where a step was processed, pale and dotted where not."""
    channels = series[:, None] if series.ndim == 1 else series
    count = min(len(channels), len(steps.states))
    if not count:
        return ""
    ran = np.array([state in (READ, SKIM, FLUSH) for state in steps.states[:count]])
    tall = 130.0 if channels.shape[1] == 1 else 80.0
    parts = [
        _channel(channels[:count, c], ran, tall * c, tall, len(steps.states))
        for c in range(min(channels.shape[1], MOST_CHANNELS))
    ]
    high = tall * min(channels.shape[1], MOST_CHANNELS)
    if steps.stop is not None:
        at = (steps.stop + 1) * WIDE / len(steps.states)
        parts.append(f'<rect class="dv-halt" x="{at - 1.5:.1f}" y="0" width="3" height="{high:.0f}"/>')
    more = channels.shape[1] - MOST_CHANNELS
    note = f'<p class="dv-note">and {counted(more, "more channel")}</p>' if more > 0 else ""
    box = f'viewBox="0 0 {WIDE:.0f} {high:.0f}" {_stretched(high)}'
    return f'<svg class="dv-line dv-stretch" {box}>{"".join(parts)}</svg>{note}'


def _channel(values: np.ndarray, ran: np.ndarray, top: float, tall: float, steps: int) -> str:
    places, values, ran = _thinned(values, ran)
    finite = values[np.isfinite(values)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
    middle, half = (low + high) / 2, max((high - low) / 2, 1e-9 * max(abs(high), 1.0))
    y = top + tall / 2 - np.nan_to_num((values - middle) / half) * (tall / 2 - 6)
    x = (places + 0.5) * WIDE / steps
    dots = [f"{a:.1f} {b:.1f}" for a, b in zip(x, y, strict=True)]
    solid, faint = [], []
    edges = np.flatnonzero(np.diff(ran.astype(np.int8))) + 1
    for start, end in zip([0, *edges], [*edges, len(ran)], strict=True):
        if ran[start]:
            piece = dots[start:end]
            solid.append("M" + ("L".join(piece) if len(piece) > 1 else f"{piece[0]}h.1"))
        else:  # reaches over to its neighbours, so that the line has no gaps
            faint.append("M" + "L".join(dots[max(start - 1, 0) : end + 1]))
    return f'<path class="dv-faint" d="{"".join(faint)}"/><path class="dv-own" d="{"".join(solid)}"/>'


def _thinned(values: np.ndarray, ran: np.ndarray, most: int = 1200) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(places, values, ran) of at most ``most`` points: per bin its lowest and highest value, so no peak is lost."""
    if len(values) <= most:
        return np.arange(len(values), dtype=float), values, ran
    picked: list[int] = []
    for part in np.array_split(np.arange(len(values)), most // 2):
        own = np.nan_to_num(values[part])
        picked += sorted({int(part[own.argmin()]), int(part[own.argmax()])})
    places = np.array(picked)
    return places.astype(float), values[places], ran[places]


# --- frames


def draw_frames(trace: Trace, decisions: Group) -> str:
    """A film strip of the candidate frames in order of time; the number says when each was looked at."""
    turn = {id(d): i + 1 for i, d in enumerate(d for d in decisions if d.executed)}
    thumbnails = trace.media.thumbnails
    in_time = sorted(range(len(decisions)), key=lambda i: (decisions[i].frame is None, decisions[i].frame or 0))
    shots = []
    for rank, i in enumerate(in_time):
        d = decisions[i]
        image = f'<img src="{data_uri(thumbnails[rank])}" alt="">' if rank < len(thumbnails) else ""
        disc = f'<span class="dv-disc"><i>{turn[id(d)]}</i></span>' if d.executed else ""
        frame = f"frame {d.frame}" if d.frame is not None else f"frame {rank + 1}"
        shots.append(
            f'<li class="dv-shot{"" if d.executed else " dv-off"}"><figure><span class="dv-still">{image}{disc}</span>'
            f"<figcaption><b>{text(frame)}</b> {_frame_reason(d)}</figcaption></figure></li>"
        )
    note = '<p class="dv-note">number: the order in which it looked · hatched: never put through the network</p>'
    return saving_line(frames_summary(trace, decisions), decisions) + f'<ol class="dv-film">{"".join(shots)}</ol>{note}'


def _frame_reason(decision: FrameChoice) -> str:
    if not decision.executed:
        return "not run"
    if known(decision.score) and known(decision.threshold):
        return text(" ".join(compared(decision.score, decision.threshold))) + by_hand(decision)
    return (text(percent(decision.score)) if known(decision.score) else "") + by_hand(decision)


def frames_summary(trace: Trace, decisions: Group) -> str:
    return f"looked at {sum(d.executed for d in decisions)} of {counted(len(decisions), 'frame')}"


DRAWERS = {
    StepUpdate: Drawer("Steps", draw_steps, steps_summary),
    FrameChoice: Drawer("Frames", draw_frames, frames_summary),
}
