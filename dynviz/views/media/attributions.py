"""What an answer depends on, drawn over the input: heat over a picture, bars under words and under a recording.

Orange, the second colour of the house: blue is compute. Sizes only; which sign a value has is not drawn.
"""

from __future__ import annotations

import numpy as np

from dynviz.trace import Trace
from dynviz.views.decisions.maps import coloured
from dynviz.views.decisions.step_states import STATES, StepStates, step_states, word_states
from dynviz.views.media.overlay import Canvas, overlay, preview_size, svg_shape
from dynviz.views.media.recordings import WIDE, legend, marked
from dynviz.views.style.shapes import Heat
from dynviz.views.style.svg import data_uri
from dynviz.views.style.words import percent, text

CELLS = 32  # along a side of the heat
LOUD = 0.99  # of the values lie below full strength, so that one pixel does not hide the rest
MOST_WORDS = 1500
TALL = 46.0


def on_picture(trace: Trace, strength: np.ndarray, titles: tuple[str, str], alt: str) -> str:
    """Two figures: what was computed, and ``strength``, (rows, columns) over the square that was seen. titles:
    plain.
    """
    wide, high = preview_size(trace.media)
    canvas, base = Canvas(trace.media), data_uri(trace.media.preview)
    heat = svg_shape(Heat(coloured(relative(strength), 0.0, 1.0), trace.media.box_px), canvas)
    heat = heat.replace(' opacity=".6"', ' opacity=".78"')
    drawn = (
        overlay(trace),
        f'<svg viewBox="0 0 {wide} {high}" preserveAspectRatio="none" aria-hidden="true">{heat}</svg>',
    )
    figures = "".join(
        f'<figure><figcaption>{text(title)}</figcaption><div class="dv-picture" role="img" aria-label="{text(words)}" '
        f'style="aspect-ratio:{wide / high:.5f}"><img src="{base}" alt="">{over}</div></figure>'
        for title, over, words in zip(titles, drawn, (titles[0], alt), strict=True)
    )
    return f'<div class="dv-beside">{figures}</div>'


def on_words(trace: Trace, strength: np.ndarray) -> str:
    """The text, each word by what happened to it, with a bar of the word's own width under it."""
    states = word_states(trace)
    if states is None:
        return ""
    sizes, whole, at, parts = relative(strength), trace.media.text, 0, []
    count = min(len(states), len(sizes), MOST_WORDS)
    for word in range(count):
        start, end = map(int, states.spans[word])
        name = f"dv-{_state(states, word)}"
        bar = f'<i style="width:{sizes[word] * 100:.0f}%"></i>' if sizes[word] >= 0.03 else ""
        parts.append(f'{text(whole[at:start])}<span class="dv-weighed {name}">{text(whole[start:end])}{bar}</span>')
        at = end
    tail = whole[at:] if count >= len(states) else " …"
    return f'<p class="dv-text" dir="auto">{"".join(parts)}{text(tail)}</p>'


def on_steps(trace: Trace, strength: np.ndarray) -> str:
    """The recording as it is drawn everywhere, and under it a bar for each step."""
    states = step_states(trace)
    if states is None:
        return ""
    sizes, count = relative(strength), len(trace.media.series)
    bars = "".join(
        f'<rect x="{start * WIDE / count:.2f}" width="{max((end - start) * WIDE / count, 0.4):.2f}" '
        f'y="{TALL * (1 - size):.1f}" height="{TALL * size:.1f}"/>'
        for (start, end), size in zip(states.spans.tolist(), sizes, strict=False)
        if size >= 0.02
    )
    top = int(np.argmax(sizes)) + 1 if len(sizes) else 0
    return (
        f'{marked(trace, states)}<svg class="dv-line dv-stretch dv-depends" viewBox="0 0 {WIDE:.0f} {TALL:.0f}" '
        f'preserveAspectRatio="none" style="height:{TALL / 15:.2f}em" role="img" '
        f'aria-label="The answer depends most on step {top} of {len(sizes)}">{bars}</svg>{legend(trace, states)}'
    )


def noted(drawn: str, title: str, most: str = "") -> str:
    """``drawn`` as a card with a line under it. title: what is shown. most: of what there is most; both plain."""
    line = f"{title}: {most}." if most else f"{title}."
    return f'<section class="dv-card dv-view">{drawn}<p class="dv-note">{text(line)}</p></section>'


def relative(strength: np.ndarray) -> np.ndarray:
    """Sizes as 0..1 of about the largest; pictures in cells, since single pixels are noise."""
    sizes = np.abs(np.asarray(strength, dtype=float))
    if sizes.ndim == 2 and min(sizes.shape) > CELLS:
        rows, columns = (np.linspace(0, length, CELLS + 1).astype(int)[:-1] for length in sizes.shape)
        sizes = np.add.reduceat(np.add.reduceat(sizes, rows, axis=0), columns, axis=1)
        most = float(np.quantile(sizes, LOUD))
    else:
        most = float(sizes.max(initial=0.0))
    return np.clip(sizes / most, 0, 1) if most > 0 else sizes * 0


def loudest(trace: Trace, strength: np.ndarray, most: int = 3) -> str:
    """The words that the answer depends on most, with their shares, as plain text."""
    states = word_states(trace)
    if states is None or not np.sum(strength):
        return ""
    shares = np.asarray(strength, dtype=float)[: len(states)]
    order = np.argsort(-shares, kind="stable")[:most]
    spans = states.spans
    return ", ".join(f"“{trace.media.text[spans[i, 0] : spans[i, 1]]}” {percent(shares[i])}" for i in order)


def _state(states: StepStates, word: int) -> str:
    return STATES[int(states.codes[word])]
