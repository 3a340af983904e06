"""A recording as it is, each of its steps by what happened to it, as HTML: the recording itself is the picture.

Solid: processed. Pale and hatched: skipped. Pale: never reached. Time runs in seconds where the rate is known.
"""

from __future__ import annotations

import numpy as np

from dynviz.media.signal import ECG, SPEECH
from dynviz.trace import Media, Trace
from dynviz.views.decisions.step_states import BEYOND, PASSED, RAN, STATES, UNREAD, WORDS_FOR, StepStates, step_states
from dynviz.views.media.texts import sides
from dynviz.views.style.words import counted, number, text

WIDE = 600.0  # units across
TALL, LOW = 130.0, 80.0  # of one channel, of each of several
MOST_CHANNELS = 4
MOST_POINTS = 1200  # of a line
MOST_BANDS = 400  # more runs of skipped steps than these are drawn together
MOST_BEATS = 80  # of more only the ventricular ones are marked
TICKS_S = (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 60)
_RAN_CODES = [STATES.index(state) for state in RAN]
_HATCHED = STATES.index(PASSED)


def recording(trace: Trace) -> str:
    """The recording with its marks, what they mean, and the running answer under it; nothing where there is none."""
    states = step_states(trace)
    if states is None or not len(trace.media.series):
        return ""
    return f"{marked(trace, states)}{legend(trace, states)}{running_line(trace, states)}"


def form_of(media: Media) -> tuple[str, str]:
    """(what it is, its unit): ('ECG', 'mV'), ('sound', '') or ('recording', '')."""
    own = (media.rate_hz, media.frame_samples, media.step_samples)
    for form, words in ((ECG, ("ECG", "mV")), (SPEECH, ("sound", ""))):
        if own == (form.rate_hz, form.frame_samples, form.step_samples):
            return words
    return "recording", ""


def seconds(media: Media) -> float | None:
    """How long it is; None where its rate is unknown."""
    return len(media.series) / media.rate_hz if media.series is not None and media.rate_hz > 0 else None


def ticks(length_s: float, most: int = 11) -> list[float]:
    """Round moments from 0 on, at most ``most`` of them, within a recording of ``length_s``."""
    if not 0 < length_s < 1e6:
        return []
    step = next((step for step in TICKS_S if length_s / step < most), length_s / (most - 1))
    return [float(i * step) for i in range(int(length_s / step + 1e-6) + 1)]


def beats_of(media: Media) -> list[tuple[int, bool]]:
    """(sample, is it ventricular) of the heartbeats to mark: all, or of very many the ventricular ones."""
    if media.beats is None or media.series is None or np.ndim(media.beats) != 2 or np.shape(media.beats)[1] != 2:
        return []
    found = [(int(at), kind == 1) for at, kind in np.asarray(media.beats).tolist() if 0 <= at < len(media.series)]
    return found if len(found) <= MOST_BEATS else [beat for beat in found if beat[1]]


def states_of_samples(states: StepStates, count: int) -> np.ndarray:
    """(count,) uint8: what happened to the step that each sample belongs to; beyond the last step: beyond its reach."""
    codes = np.full(count, STATES.index(BEYOND), np.uint8)
    for code, (start, end) in zip(states.codes, states.spans, strict=True):
        codes[start:end] = code
    return codes


def marked(trace: Trace, states: StepStates) -> str:
    """The line, the bands of skipped steps behind it, the beats above it and the seconds under it."""
    media = trace.media
    series = np.asarray(media.series, dtype=float)
    channels = series[:, None] if series.ndim == 1 else series
    count, several = len(channels), channels.shape[1] > 1
    ran = np.isin(states_of_samples(states, count), _RAN_CODES)
    tall = LOW if several else TALL
    shown = min(channels.shape[1], MOST_CHANNELS)
    lines = "".join(_channel(channels[:, c], ran, tall * c, tall) for c in range(shown))
    grid = "".join(f"M{WIDE * at / seconds(media):.1f} 0V{tall * shown:.0f}" for at in ticks(seconds(media) or 0))
    if states.stop is not None:
        at = WIDE * states.spans[states.stop, 1] / count
        lines += f'<rect class="dv-halt" x="{at - 1.5:.1f}" y="0" width="3" height="{tall * shown:.0f}"/>'
    more = channels.shape[1] - shown
    note = f'<p class="dv-note">and {counted(more, "more channel")}</p>' if more > 0 else ""
    return (
        f'<div class="dv-signal" role="img" aria-label="{text(alt(trace, states))}">{_beats(media, count)}'
        f'<div class="dv-signal-plot">{_bands(states, count)}<svg class="dv-line dv-stretch" '
        f'viewBox="0 0 {WIDE:.0f} {tall * shown:.0f}" preserveAspectRatio="none" '
        f'style="height:{tall * shown / 15:.2f}em"><path class="dv-grid" d="{grid}"/>{lines}</svg>'
        f"{_range(channels[:, 0], media) if not several else ''}</div>{_axis(media)}</div>{note}"
    )


def alt(trace: Trace, states: StepStates) -> str:
    """What the drawing shows, in words."""
    what, _ = form_of(trace.media)
    length = seconds(trace.media)
    long = f"{number(length)} s of {what}" if length else f"A {what} of {len(trace.media.series):,} samples"
    ran = sum(states.count(state) for state in RAN)
    told = f"{long}: {ran:,} of {len(states):,} steps processed"
    if states.stop is not None:
        told += f", stopped after step {states.stop + 1:,}"
    ventricular = sum(kind for _, kind in beats_of(trace.media))
    return told + (f"; {counted(ventricular, 'ventricular beat')} marked" if ventricular else "") + "."


def legend(trace: Trace, states: StepStates, named: list[str] | None = None) -> str:
    """How many steps were in which state. named: those to name, by default those that occur."""
    named = states.present() if named is None else named
    items = [
        f'<span><i class="dv-swatch dv-{state}"></i><b>{states.count(state):,}</b> {text(words_for(state))}</span>'
        for state in STATES
        if state in named
    ]
    if states.stop is not None or UNREAD in named:
        items.append('<span><i class="dv-key"></i>stops here</span>')
    kinds = {kind for _, kind in beats_of(trace.media)}
    if False in kinds:
        items.append('<span><i class="dv-beat"></i>normal beat</span>')
    if True in kinds:
        items.append('<span><i class="dv-beat dv-ventricular">V</i>ventricular beat</span>')
    return f'<div class="dv-legend">{"".join(items)}</div>'


def words_for(state: str) -> str:
    """The state of a step in words."""
    return WORDS_FOR[state].replace("read", "processed", 1)


def running_line(trace: Trace, states: StepStates) -> str:
    """The answer after each step that ran. Two classes: one line between them; more: that of the answer."""
    values, above, below = running(trace, states)
    if values is None or len(states) < 2:
        return ""
    count, tall = len(trace.media.series), 64.0
    places = np.flatnonzero(np.isfinite(values))
    if not len(places):
        return ""
    places = places[np.unique(np.linspace(0, len(places) - 1, min(len(places), MOST_POINTS // 4)).round().astype(int))]
    x = states.spans[places].mean(axis=1) * WIDE / count
    dots = [f"{a:.1f} {4 + (1 - v) * (tall - 8):.1f}" for a, v in zip(x, values[places], strict=True)]
    halt = ""
    if states.stop is not None:
        at = WIDE * states.spans[states.stop, 1] / count
        halt = f'<rect class="dv-halt" x="{at - 1.5:.1f}" y="0" width="3" height="{tall:.0f}"/>'
    return (
        f'<div class="dv-sides"><span>{text(above)}</span>'
        f'<svg class="dv-line dv-stretch" viewBox="0 0 {WIDE:.0f} {tall:.0f}" preserveAspectRatio="none" '
        f'style="height:{tall / 15:.2f}em" aria-hidden="true"><path class="dv-grid" d="M0 {tall / 2:.0f}H{WIDE:.0f}"/>'
        f'<path class="dv-own" d="M{"L".join(dots)}h.1"/>{halt}</svg><span>{text(below)}</span></div>'
        '<p class="dv-note">line: what it would have answered up to there</p>'
    )


def running(trace: Trace, states: StepStates) -> tuple[np.ndarray | None, str, str]:
    """(share 0..1 after each step, NaN where nothing was answered yet or any more; words at its top and its bottom)."""
    if states.running is None:
        return None, "", ""
    column, above, below = sides(trace, states.running.shape[1])
    values = np.clip(states.running[:, column], 0, 1)
    if states.stop is not None:
        values = np.where(np.arange(len(values)) <= states.stop, values, np.nan)
    return values, above, below


def _channel(values: np.ndarray, ran: np.ndarray, top: float, tall: float) -> str:
    steps = len(values)
    places, values, ran = _thinned(values, ran)
    finite = values[np.isfinite(values)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
    middle, half = (low + high) / 2, max((high - low) / 2, 1e-9 * max(abs(high), 1.0))
    y = top + tall / 2 - np.nan_to_num((values - middle) / half, posinf=1, neginf=-1) * (tall / 2 - 6)
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


def _thinned(values: np.ndarray, ran: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(places, values, ran) of few points: per bin its lowest and highest value, so that no peak is lost."""
    if len(values) <= MOST_POINTS:
        return np.arange(len(values), dtype=float), values, ran
    picked: list[int] = []
    for part in np.array_split(np.arange(len(values)), MOST_POINTS // 2):
        own = np.nan_to_num(values[part])
        picked += sorted({int(part[own.argmin()]), int(part[own.argmax()])})
    places = np.array(picked)
    return places.astype(float), values[places], ran[places]


def _bands(states: StepStates, count: int) -> str:
    """Hatched where steps were skipped."""
    runs = [(int(states.spans[a, 0]), int(states.spans[b - 1, 1])) for s, a, b in states.runs() if s == PASSED]
    if len(runs) > MOST_BANDS:  # too fine to be seen one by one: where most were skipped
        parts = np.array_split(states_of_samples(states, count) == _HATCHED, MOST_BANDS)
        wide = count / MOST_BANDS
        runs = [(round(i * wide), round((i + 1) * wide)) for i, part in enumerate(parts) if part.mean() > 0.5]
    return "".join(
        f'<i class="dv-jumped" style="left:{100 * a / count:.2f}%;width:{100 * (b - a) / count:.2f}%"></i>'
        for a, b in runs
    )


def _beats(media: Media, count: int) -> str:
    """A mark above each heartbeat: a ring, for a ventricular one a filled V."""
    found = beats_of(media)
    if not found:
        return ""
    marks = "".join(
        f'<i class="dv-beat{" dv-ventricular" if kind else ""}" style="left:{100 * (at + 0.5) / count:.2f}%">'
        f"{'V' if kind else ''}</i>"
        for at, kind in found
    )
    return f'<div class="dv-signal-beats">{marks}</div>'


def _range(values: np.ndarray, media: Media) -> str:
    """The highest and the lowest value of the line, at its own height."""
    _, unit = form_of(media)
    finite = values[np.isfinite(values)]
    if not unit or not finite.size:
        return ""
    high, low = (f"{value:.1f} {unit}".replace("-", "−") for value in (float(finite.max()), float(finite.min())))
    return f'<span class="dv-high">{text(high)}</span><span class="dv-low">{text(low)}</span>'


def _axis(media: Media) -> str:
    length = seconds(media)
    if not length:
        return ""
    marks = ticks(length)
    words = [f"{number(at)}{' s' if at == marks[-1] else ''}" for at in marks]
    return '<div class="dv-signal-axis" aria-hidden="true">' + "".join(
        f'<i style="left:{100 * at / length:.2f}%">{text(word)}</i>' for at, word in zip(marks, words, strict=True)
    ) + "</div>"  # fmt: skip
