"""What the live view is sent of a recording: its samples once, then a few bytes a step and frame, packed."""

from __future__ import annotations

import numpy as np

from app.live.view.words import columns, packed, shares
from app.strings import TEXT, say
from dynviz import Trace
from dynviz.views.decisions.step_states import RAN, STATES, step_states
from dynviz.views.media.recordings import beats_of, form_of, running, seconds, words_for
from dynviz.views.style.words import number

LEVELS = 32_000  # steps between the lowest and the highest sample
TELL = ("at", "score", "limit", "sofar", "now")  # sentences whose gaps the browser fills


def signal(modes: dict[str, tuple[Trace, ...]], name: str) -> dict:
    """modes: the traces of each mode, all on one recording."""
    first = next(iter(modes.values()))[0]
    media, states = first.media, step_states(first)
    assert states is not None  # the caller shows recordings only
    series = np.asarray(media.series, dtype=float)
    values = np.nan_to_num(series if series.ndim == 1 else series[:, 0])
    low, high = float(values.min(initial=0)), float(values.max(initial=0))
    levels = np.round((values - low) / max(high - low, 1e-12) * LEVELS)
    _, unit = form_of(media)
    sent = {}
    for mode, traces in modes.items():
        found = [step_states(trace) for trace in traces]
        lines = [running(trace, own) for trace, own in zip(traces, found, strict=True)]
        nothing = np.full(len(states), np.nan)
        line = [shares(nothing if share is None else share) for share, _, _ in lines]
        sent[mode] = columns(found, len(states)) | {
            "line": packed(np.array(line)),
            "sides": [[above, below] for _, above, below in lines],
        }
    return {
        "samples": packed(levels.astype("<u2")),
        "count": len(values),
        "low": low,
        "high": high,
        "unit": unit,
        "rate": media.rate_hz if media.rate_hz > 0 else 1.0,
        "timed": media.rate_hz > 0,
        "edges": packed(np.append(states.spans[:, 0], states.spans[-1:, 1]).astype("<u4")),
        "beats": [[at, int(kind)] for at, kind in beats_of(media)],
        "states": list(STATES),
        "ran": [STATES.index(state) for state in RAN],
        "says": [words_for(state) for state in STATES],
        "labels": list(first.labels),
        "tell": {key: TEXT[f"signals.tip.{key}"] for key in TELL},
        "label": say("signals.label"),
        "zoom": {"label": say("signals.zoom"), "whole": say("signals.zoom.whole"), "keys": say("signals.zoom.keys")},
        "line": say("signals.line"),
        "caption": " · ".join(part for part in (name, _length(first), *first.media.notes) if part),
        "modes": sent,
    }


def _length(trace: Trace) -> str:
    """'10 s, 125 samples a second, 250 steps of 40 ms'; only how many steps where the rate is unknown."""
    media, states = trace.media, step_states(trace)
    steps = f"{len(states):,}"
    if (length := seconds(media)) is None:
        return say("signals.steps", steps=steps)
    hop = max(media.step_samples, 1)
    words = {"length": number(length), "rate": f"{media.rate_hz:,.0f}", "steps": steps}
    words["step"] = number(1000 * hop / media.rate_hz)
    if media.frame_samples > hop:
        return say("signals.length.frames", **words, frame=number(1000 * media.frame_samples / media.rate_hz))
    return say("signals.length", **words)
