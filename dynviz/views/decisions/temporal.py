"""Time: which words a reader read, which steps of a recording it processed.

The text itself, with its marks, is drawn in texts.py and the recording in recordings.py; here is the order of their
words or steps as a timeline.
"""

from __future__ import annotations

import numpy as np

from dynviz.decisions import StepUpdate
from dynviz.trace import Trace
from dynviz.trace.steps import FLUSH, PASSED, READ, SKIM, Steps, read_steps
from dynviz.views.decisions.drawer import Drawer, Group
from dynviz.views.decisions.picks import saving_line
from dynviz.views.style.shapes import stripes
from dynviz.views.style.words import medium_words, number

WIDE = 600.0  # units across a timeline
MOST_RUNS, COLUMNS = 240, 120  # a timeline with more runs is drawn by shares, in so many columns


def draw_steps(trace: Trace, decisions: Group) -> str:
    """A timeline per layer."""
    lead = saving_line(steps_summary(trace, decisions), decisions)
    bands = "".join(_timeline(read_steps(d)) for d in decisions)
    named = f"from the first {_unit(trace)} to the last" + (", a line for each layer" if len(decisions) > 1 else "")
    return f'{lead}{bands}<p class="dv-note">{named}</p>'


def steps_summary(trace: Trace, decisions: Group) -> str:
    """'read 21 and skimmed 9 of 84 words, stopped after 62', 'processed 40 of 250 steps, stopped after 1.6 s'."""
    steps, unit = read_steps(decisions[0]), _unit(trace)
    ran, skimmed = steps.count(READ) + steps.count(FLUSH), steps.count(SKIM)
    verb = "read" if unit == "word" else "processed"
    also = f" and skimmed {skimmed:,}" if skimmed else ""
    after = f", stopped after {_moment(trace, steps.stop)}" if steps.stop is not None else ""
    return f"{verb} {ran:,}{also} of {len(steps.states):,} {unit}{'' if len(steps.states) == 1 else 's'}{after}"


def _moment(trace: Trace, step: int) -> str:
    """When a step ended: in seconds where a recording tells its rate, else which one it was."""
    media = trace.media
    if media.series is None or not media.rate_hz > 0:
        return f"{step + 1:,}"
    return f"{number((step + 1) * max(media.step_samples, 1) / media.rate_hz)} s"


def _unit(trace: Trace) -> str:
    return medium_words(trace.media.modality).step


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


DRAWERS = {StepUpdate: Drawer("Steps", draw_steps, steps_summary)}
