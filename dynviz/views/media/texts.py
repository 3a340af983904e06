"""A text as it was typed, each word by what happened to it, as HTML: the text itself is the picture."""

from __future__ import annotations

import numpy as np

from dynviz.trace import Trace
from dynviz.views.decisions.step_states import (
    BEYOND,
    READ,
    STATES,
    UNREAD,
    WORDS_FOR,
    StepStates,
    beyond_from,
    depth_words,
    unknown_words,
    word_states,
)
from dynviz.views.style.words import counted, percent, text

MOST_POINTS = 150  # of the running line
WIDE, TALL = 600.0, 64.0
ARC = (
    '<svg class="dv-leap" viewBox="0 0 20 12" aria-hidden="true"><path d="M2 10C5 1 15 1 18 9" fill="none" '
    'stroke-width="2" stroke-linecap="round"/><path d="M18.5 11.5l-4-3.5 5-1.5z" stroke="none"/></svg>'
)
STRANGE = "not in its vocabulary: read as “unknown word”"
STOP = '<span class="dv-stop" title="reads no further"></span>'


def annotated(trace: Trace) -> str:
    """The text, what its marks mean, and the running answer under it; the bare text where no words are known."""
    states = word_states(trace)
    if states is None:
        return f'<p class="dv-text" dir="auto">{text(trace.media.text)}</p>'
    return f"{marked_text(trace, states)}{legend(trace, states)}{running_line(trace, states)}"


def marked_text(trace: Trace, states: StepStates) -> str:
    """Every character of the text in its place; runs of words in one state are marked together."""
    whole, leaps = trace.media.text, {a + 1: b - a - 1 for a, b in states.jumps}
    strange = unknown_words(trace).tolist()
    parts, at = [], 0
    for state, start, end in states.runs():
        first, last = int(states.spans[start, 0]), int(states.spans[end - 1, 1])
        parts.append(text(whole[at:first]))
        if leaps.get(start):
            parts.append(f'<span title="jumps over {counted(leaps[start], "word")}">{ARC}</span>')
        parts.append(f'<span class="dv-{state}">{_with_unknown(whole, states, strange, first, last)}</span>')
        if states.stop == end - 1:
            parts.append(STOP)
        at = last
    tail = whole[at:]
    parts.append(f'<span class="dv-{BEYOND}">{text(tail)}</span>' if tail.strip() else text(tail))
    return f'<p class="dv-text" dir="auto">{"".join(parts)}</p>'


def _with_unknown(whole: str, states: StepStates, strange: list[int], first: int, last: int) -> str:
    """The characters from ``first`` to ``last``; words that are not in the vocabulary have a dashed frame."""
    parts = []
    for word in strange:
        start, end = map(int, states.spans[word])
        if first <= start and end <= last:
            parts += [text(whole[first:start]), f'<span class="dv-strange">{text(whole[start:end])}</span>']
            first = end
    return "".join([*parts, text(whole[first:last])])


def legend(trace: Trace, states: StepStates, named: list[str] | None = None) -> str:
    """How many words were in which state. named: those to name, by default those that occur."""
    items, named = [], states.present() if named is None else named
    for state in STATES:
        if state in named:
            words = WORDS_FOR[state] + depth_words(trace) * (state == READ)
            items.append(_item(state, f"{states.count(state):,}", words))
    if beyond_from(trace, states) is not None and not states.count(BEYOND):
        items.append(_item(BEYOND, "", WORDS_FOR[BEYOND]))
    if len(unknown_words(trace)):
        items.append(_item("strange", f"{len(unknown_words(trace)):,}", STRANGE))
    if states.stop is not None or UNREAD in named:
        items.append('<span><i class="dv-key"></i>stops here</span>')
    if states.jumps:
        items.append(f"<span>{ARC}jumps ahead</span>")
    return f'<div class="dv-legend">{"".join(items)}</div>'


def running_line(trace: Trace, states: StepStates) -> str:
    """The answer after each word that was read. Two classes: one line between them; more: that of the answer."""
    if states.running is None or len(states) < 2:
        return ""
    column, above, below = sides(trace, states.running.shape[1])
    last = states.stop if states.stop is not None else int(np.isfinite(states.running[:, column]).sum()) - 1
    if last < 0:
        return ""
    places = np.unique(np.linspace(0, last, min(last + 1, MOST_POINTS)).round().astype(int))
    values = np.clip(np.nan_to_num(states.running[places, column]), 0, 1)
    cell = WIDE / len(states)
    line = "L".join(
        f"{(i + 0.5) * cell:.1f} {4 + (1 - v) * (TALL - 8):.1f}" for i, v in zip(places, values, strict=True)
    )
    halt = ""
    if states.stop is not None:
        halt = f'<rect class="dv-halt" x="{(last + 1) * cell - 2:.1f}" y="0" width="4" height="{TALL:.0f}" rx="1"/>'
    words = "line: what it would have answered up to there, from the first word to the last"
    return (
        f'<div class="dv-sides"><span>{text(above)}</span>'
        f'<svg class="dv-line dv-stretch" viewBox="0 0 {WIDE:.0f} {TALL:.0f}" preserveAspectRatio="none" '
        f'style="height:{TALL / 15:.2f}em" role="img" aria-label="{text(_line_words(trace, states, column, last))}">'
        f'<path class="dv-grid" d="M0 {TALL / 2:.0f}H{WIDE:.0f}"/><path class="dv-own" d="M{line}h.1"/>'
        f'{halt}</svg><span>{text(below)}</span></div><p class="dv-note">{words}</p>'
    )


def _item(state: str, count: str, words: str) -> str:
    return f'<span><i class="dv-swatch dv-{state}"></i><b>{count}</b> {text(words)}</span>'


def sides(trace: Trace, classes: int) -> tuple[int, str, str]:
    """Which class the line follows, and the words at its top and bottom."""
    labels = trace.labels
    if classes == 2 and len(labels) == 2:
        return 1, labels[1], labels[0]
    column = labels.index(trace.prediction.label) if trace.prediction.label in labels else 0
    return min(column, classes - 1), f"{trace.prediction.label} 100 %", "0 %"


def _line_words(trace: Trace, states: StepStates, column: int, last: int) -> str:
    values = states.running[: last + 1, column]
    name = trace.labels[column] if column < len(trace.labels) else "the answer"
    told = [percent(float(np.nan_to_num(values[at]))) for at in (0, len(values) // 2, -1)]
    return f"{name} at the start, half way and at the end of what was read: {', '.join(told)}"
