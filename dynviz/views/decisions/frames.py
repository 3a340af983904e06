"""Frames of a video: which were looked at, in which order, how closely, and what was answered then.

The frames themselves are drawn in film.py of the media; here is the account of them, small enough for every budget.
"""

from __future__ import annotations

from collections import Counter

from dynviz.decisions import FrameChoice, Resolution
from dynviz.trace import Trace
from dynviz.views.decisions.drawer import Drawer, Group
from dynviz.views.decisions.frame_states import GLANCED, LOOKED, SKIPPED, Shot, clock, in_order, shots
from dynviz.views.decisions.picks import saving_line
from dynviz.views.decisions.rows import meter, row, rows
from dynviz.views.style.shapes import stripes
from dynviz.views.style.words import compared, counted, known, macs_words, percent, text

WIDE, TALL = 600.0, 22.0  # units of the timeline
MOST_ROWS = 16
ATTENTION = "share of the attention"  # the rule of frames that are taken until their shares of it are enough


def draw_frames(trace: Trace, decisions: Group) -> str:
    """A timeline of the candidates, then a row for each that was looked at, in the order of looking."""
    found = shots(trace)
    looked = in_order(found)
    dearest = max((shot.macs for shot in looked), default=0) or 1
    limits = _has_limits(looked)
    answers = any(known(shot.sure) for shot in looked)
    items = [_row(shot, 0 if answers else dearest, limits) for shot in looked[:MOST_ROWS]]
    more = ""
    if len(looked) > MOST_ROWS:
        more = f'<p class="dv-note">and {counted(len(looked) - MOST_ROWS, "more frame")}, looked at after these</p>'
    told = ["in order of time: filled: looked at · hatched: never put through the network"]
    if any(shot.state == GLANCED for shot in found):
        told[0] = "in order of time: filled: looked at · line at the foot: only glanced at, cheaply"
    if limits:
        told.append(f'<i class="dv-key"></i>{_threshold_words(looked)}')
    elif looked and not answers:
        told.append("bars: what looking at it cost")
    note = f'<p class="dv-note">{" · ".join(told)}</p>'
    lead = saving_line(frames_summary(trace, decisions), decisions)
    return lead + strip(found) + note + rows(items) + more + _rest(trace)


def frames_summary(trace: Trace, decisions: Group) -> str:
    """'looked at 5 of 64 frames, sure after 3', 'looked at 9 of 40 frames'."""
    ran = sum(d.executed for d in decisions)
    return f"looked at {ran:,} of {counted(len(decisions), 'frame')}"


def strip(found: list[Shot]) -> str:
    """One cell a candidate frame in order of time, filled as high as its resolution; a number where there is room."""
    count = max(len(found), 1)
    cell, largest = WIDE / count, max((shot.most_px or 0 for shot in found), default=0)
    parts = [f'<rect class="dv-rim" x=".5" y=".5" width="{WIDE - 1}" height="{TALL}" rx="2"/>']
    for shot in found:
        x = shot.index * cell
        gap = min(1.0, cell * 0.12)
        if shot.state == LOOKED:
            high = TALL * (shot.side_px / largest if shot.side_px and largest else 1.0)
            where = f'x="{x + gap:.1f}" y="{TALL - high:.1f}" width="{cell - 2 * gap:.1f}" height="{high:.1f}"'
            parts.append(f'<rect class="dv-cell" {where}/>')
        else:
            parts.append(f'<path class="dv-stripes" d="{stripes(x, 1, x + cell, TALL, 6)}" stroke-width=".8"/>')
            if shot.state == GLANCED:
                parts.append(f'<rect class="dv-cell" x="{x:.1f}" y="{TALL - 2.5}" width="{cell:.1f}" height="2.5"/>')
    drawn = "".join(parts)
    sized = f'preserveAspectRatio="none" style="height:{(TALL + 1) / 15:.2f}em" aria-hidden="true"'
    return f'<svg class="dv-line dv-stretch" viewBox="0 0 {WIDE:.0f} {TALL + 1:.0f}" {sized}>{drawn}</svg>'


def _row(shot: Shot, dearest: int, limits: bool) -> str:
    """dearest: MACs of the longest bar where bars are costs, else 0. limits: are thresholds drawn in them?"""
    side, share = f"{shot.side_px} px" if shot.side_px else "", shot.sure
    value = f"{text(shot.label)} <b>{text(percent(shot.sure))}</b>" if known(shot.sure) else ""
    if limits and known(shot.score) and known(shot.threshold):
        share = max(shot.score, 0.0)
        before = "first" if shot.score <= 0 else f"after {percent(shot.score)}"
        other = before if shot.rule == ATTENTION else " ".join(compared(shot.score, shot.threshold))
        value = value or text(other)
    elif dearest and not known(shot.sure):
        share, value = shot.macs / dearest, f"<b>{text(macs_words(shot.macs))}</b>"
    value = " · ".join(part for part in (text(side), value) if part)
    bar = meter(share, shot.threshold if limits else None)
    return row(bar, value + (" · by hand" if shot.forced else ""), clock(shot.second, shot.index), disc=shot.turn)


def _has_limits(looked: list[Shot]) -> bool:
    """Are the numbers that were compared shares, which a bar can show? Each of them, else none is drawn."""
    scores = [(shot.score, shot.threshold) for shot in looked if known(shot.score) and known(shot.threshold)]
    return bool(scores) and all(score <= 1.0 and 0.0 <= threshold <= 1.0 for score, threshold in scores)


def _threshold_words(looked: list[Shot]) -> str:
    if any(shot.rule == ATTENTION for shot in looked):
        return "it looks on until so much of its attention is covered; after: what the frames before it had covered"
    return "needed to be sure enough" if any(known(shot.sure) for shot in looked) else "threshold at this budget"


def _rest(trace: Trace) -> str:
    """What glances, deciding and the answer cost, where that is more than nothing."""
    own = sum(d.macs - d.decider_macs for d in trace.decisions if d.frame is not None and d.executed)
    rest = trace.macs - own
    if own <= 0 or rest <= 0.005 * max(trace.macs, 1):
        return ""
    return (
        f'<p class="dv-note">{text(macs_words(own))} for the frames it looked at, {text(macs_words(rest))} for '
        "glances, deciding and the answer</p>"
    )


def draw_resolutions(trace: Trace, decisions: Group) -> str:
    """How many frames were looked at in each resolution, of a network that chooses one for each frame."""
    options = sorted({int(o) for d in decisions for o in d.options_px} | {int(d.side_px) for d in decisions})
    used = Counter(int(d.side_px) for d in decisions if d.executed)
    skipped = sum(not d.executed for d in decisions)
    most = max([*used.values(), skipped, 1])
    items = [row(meter(used[o] / most), counted(used[o], "frame"), f"{o} px", off=not used[o]) for o in options[::-1]]
    if skipped:
        items.append(row(meter(skipped / most, quiet=True), counted(skipped, "frame"), SKIPPED))
    note = '<p class="dv-note">how closely it looked: frames in each resolution</p>'
    return f'<p class="dv-sum"><b>{text(resolutions_summary(decisions))}</b></p>' + rows(items) + note


def resolutions_summary(decisions: Group) -> str:
    used = Counter(int(d.side_px) for d in decisions if d.executed)
    return ", ".join(f"{count} at {side} px" for side, count in sorted(used.items(), reverse=True)) or "none looked at"


def chooses_by_frame(decisions: Group) -> bool:
    """Are these resolutions of single frames of a video?"""
    return len(decisions) > 0 and all(isinstance(d, Resolution) and d.frame is not None for d in decisions)


DRAWERS = {FrameChoice: Drawer("Frames", draw_frames, frames_summary)}
