"""Several readers on one text or recording: a stave under each line of the text, a strip of the recording for each."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from dynviz.trace import Trace
from dynviz.views.decisions.frame_states import shots
from dynviz.views.decisions.panels import answer_line, share_spent
from dynviz.views.decisions.step_states import (
    BEYOND,
    DROPPED,
    FLUSH,
    LAYERS,
    PASSED,
    RAN,
    READ,
    SKIM,
    STATES,
    step_states,
    word_states,
)
from dynviz.views.media.recordings import legend, marked
from dynviz.views.style.words import macs_words, medium_words, percent, text

MOST_READERS = 5  # more lines under one line of text can hardly be told apart: whoever asks for them keeps to it
MOST_WORDS = 1500
STEP_PX = 7  # from line to line of the stave
CLEAR_PX = 3  # between the letters and its first line

_SPENT = "linear-gradient(var(--dv-spent) 0 0)"
_IMAGES = {
    READ: _SPENT,
    FLUSH: _SPENT,
    **dict.fromkeys(LAYERS[1:], _SPENT),
    SKIM: "repeating-linear-gradient(90deg, var(--dv-spent) 0 2px, transparent 2px 6px)",
    PASSED: "repeating-linear-gradient(135deg, var(--dv-edge) 0 1px, transparent 1px 4px)",
    BEYOND: "repeating-linear-gradient(90deg, var(--dv-edge) 0 1px, transparent 1px 9px)",
    **{
        state: f"linear-gradient(90deg, var(--dv-spent) {share}%, transparent 0)"
        for state, share in zip(DROPPED, (15, 45, 75), strict=True)
    },
}

ROWS = (
    ".dynviz ol.dv-staves:not(:first-of-type) { margin-top: 1.6em; } "
    ".dynviz .dv-staves > .dv-row { grid-template-columns: 1.7em minmax(6em, 15em) minmax(0, 1fr) 8.3em; }"
)


def staves(traces: Sequence[Trace], points: Sequence[str]) -> str:
    """Traces on one text, best at most MOST_READERS. points: in words, at which operating point each ran."""
    states = [word_states(trace) for trace in traces]
    known = [found for found in states if found is not None]
    if len(known) != len(traces) or not known:
        return ""
    count = min(max(map(len, known)), MOST_WORDS)
    spans = max(known, key=len).spans[:count]
    codes = np.full((len(known), count), STATES.index(BEYOND), np.uint8)
    for row, found in enumerate(known):
        codes[row, : min(count, len(found))] = found.codes[:count]
    whole, cuts = traces[0].media.text, np.flatnonzero((np.diff(codes, axis=1) != 0).any(axis=0)) + 1
    parts, at = [], 0
    for start, end in pairwise([0, *cuts.tolist(), count]):
        first, last = int(spans[start, 0]), int(spans[end - 1, 1])
        classes = " ".join(f"s{row}-{STATES[codes[row, start]]}" for row in range(len(known)))
        parts.append(f'{text(whole[at:first])}<span class="{classes}">{text(whole[first:last])}</span>')
        at = last
    more = max(map(len, known)) - count
    parts.append(text(whole[at:]) if more <= 0 else " …")
    lines = "".join(reader(i, trace, point) for i, (trace, point) in enumerate(zip(traces, points, strict=True)))
    note = f'<p class="dv-note">The first {count:,} words; {more:,} more follow.</p>' if more > 0 else ""
    return (
        f'<style>{_style(len(known))}</style><ol class="dv-rows dv-staves">{lines}</ol>'
        f'<p class="dv-text dv-staved" dir="auto">{"".join(parts)}</p>{note}'
    )


def strips(traces: Sequence[Trace], points: Sequence[str]) -> str:
    """Traces of one recording, one under the other, best at most MOST_READERS. points: as for ``staves``."""
    known = [
        (trace, point, found) for trace, point in zip(traces, points, strict=True) if (found := step_states(trace))
    ]
    if not known:
        return ""
    rows = "".join(
        f'<ol class="dv-rows dv-staves">{reader(i, trace, point)}</ol>{marked(trace, states)}{legend(trace, states)}'
        for i, (trace, point, states) in enumerate(known)
    )
    return f"<style>{ROWS}</style>{rows}"


def reader(place: int, trace: Trace, point: str) -> str:
    """The name of a line: its number, the reader, what it said, what it spent."""
    answer = trace.prediction
    told = f"<b>{text(answer.label)} {text(percent(answer.confidence))}</b> · {text(answer_line(trace))}"
    spent = f"{macs_words(trace.macs)} · {percent(share_spent(trace))}"
    return (
        f'<li class="dv-row"><span class="dv-disc"><i>{place + 1}</i></span><span class="dv-name">{text(trace.title)} '
        f'<small>{text(point)}</small></span><span class="dv-body">{told}</span>'
        f'<span class="dv-value">{text(spent)}</span></li>'
    )


def _style(readers: int) -> str:
    """Which line of the stave is drawn how."""
    rules = [f".s{row}-{state} {{ --s{row}: {image}; }}" for row in range(readers) for state, image in _IMAGES.items()]
    layers = ", ".join(
        f"var(--s{row}, none) 0 calc(100% - {(readers - 1 - row) * STEP_PX}px) / 100% 4px no-repeat"
        for row in range(readers)
    )
    deep = readers * STEP_PX + CLEAR_PX
    rules.append(
        f"{ROWS} .dv-staved {{ line-height: calc(1.75em + {deep}px); }} "
        f".dv-text.dv-staved span {{ padding-bottom: {deep}px; background: {layers}; }}"
    )
    return " ".join(rules)


def account(traces: Sequence[Trace]) -> str:
    """One sentence: who says what, and who read least."""
    ran = [_ran(trace) for trace in traces]
    did = medium_words(traces[0].media.modality).done
    least = min(range(len(traces)), key=lambda i: traces[i].macs)
    answers = {trace.prediction.label for trace in traces}
    said = f"All say {next(iter(answers))}" if len(answers) == 1 else "They do not agree"
    if not ran[least]:  # no reason to praise it
        return f"{said}; {traces[least].title} answered before it had taken in anything."
    return f"{said}; {traces[least].title} spent least: {macs_words(traces[least].macs)}, {ran[least]:,} {did}."


def _ran(trace: Trace) -> int:
    """How many words were read, steps processed or frames looked at."""
    if frames := shots(trace):
        return sum(shot.turn is not None for shot in frames)
    found = word_states(trace) or step_states(trace)
    return sum(found.count(state) for state in RAN) if found else 0
