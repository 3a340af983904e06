"""What the live view is sent of a text: the text and its words once, then a few bytes a word and frame, packed."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from app.strings import TEXT, say
from dynviz import Trace
from dynviz.views.decisions.step_states import STATES, WORDS_FOR, StepStates, beyond_from, unknown_words, word_states

NOTHING = 255  # in a byte that has no number
LONG = 4000  # words; beyond it shares are sent in steps of five percent, which pack better
# sentences whose gaps the browser fills
TELL = ("score", "limit", "sofar", "strange", "now", "beyond")


def reading(modes: dict[str, tuple[Trace, ...]], name: str) -> dict:
    """modes: the traces of each mode, all on one text.

    Offsets count UTF-16 units, as a browser does.
    """
    first = next(iter(modes.values()))[0]
    states, whole = word_states(first), first.media.text
    spans = np.zeros((0, 2), np.int64) if states is None else states.spans
    beyond = None if states is None else beyond_from(first, states)
    places = _utf16_places(whole)
    words = len(spans)
    caption = [name, _counted(whole, spans), *first.media.notes]
    strange = np.zeros(words, np.uint8)
    strange[unknown_words(first)] = 1
    if strange.any():
        caption.insert(2, say("text.strange", count=f"{int(strange.sum()):,}"))
    return {
        "text": whole,
        "cuts": packed(np.diff(places[spans].reshape(-1), prepend=0).astype("<u4")),
        "strange": packed(strange),
        "beyond": -1 if beyond is None else int(places[beyond]),
        "states": list(STATES),
        "says": [WORDS_FOR[state] for state in STATES],
        "labels": list(first.labels),
        "tell": {key: TEXT[f"text.tip.{key}"] for key in TELL},
        "label": say("text.label"),
        "caption": " · ".join(part for part in caption if part),
        "modes": {mode: _frames(traces, words) for mode, traces in modes.items()},
    }


def _counted(whole: str, spans: np.ndarray) -> str:
    """'8 words, 2 marks': what a network reads are both, and nobody counts a comma as a word."""
    marks = sum(not any(letter.isalnum() for letter in whole[start:end]) for start, end in spans)
    words = len(spans) - marks
    told = say("text.words", count=f"{words:,}")
    if marks:
        told += ", " + say("text.marks", count=f"{marks:,}")
    return told


def _frames(traces: tuple[Trace, ...], words: int) -> dict[str, Any]:
    nothing = StepStates(np.zeros((0, 2), np.int64), np.zeros(0, np.uint8))
    return columns([word_states(trace) or nothing for trace in traces], words)


def columns(found: Sequence[StepStates], words: int) -> dict[str, Any]:
    """The states of each frame's words (or steps) as columns.

    planes: (4, frames, words) bytes: state, score in percent, label of the answer up to there, how sure it was.
    """
    planes = np.full((4, len(found), words), NOTHING, np.uint8)
    jumps, stops, limits = [], [], []
    for i, states in enumerate(found):
        planes[0, i] = states.codes
        if states.scores is not None:
            planes[1, i] = shares(states.scores)
        if states.running is not None:
            known = np.isfinite(states.running).all(axis=1)
            safe = np.nan_to_num(states.running)
            planes[2, i] = np.where(known, np.minimum(safe.argmax(axis=1), NOTHING), NOTHING)
            planes[3, i] = shares(np.where(known, safe.max(axis=1), np.nan))
        jumps.append([list(jump) for jump in states.jumps])
        stops.append(-1 if states.stop is None else states.stop)
        limit = states.threshold
        limits.append(-1 if limit is None or not np.isfinite(limit) else round(float(limit) * 100))
    return {"planes": packed(planes), "jumps": jumps, "stops": stops, "limits": limits}


def shares(values: np.ndarray) -> np.ndarray:
    """0..1 in percent as bytes; NOTHING where there is no number or one that is no share."""
    step = 5.0 if len(values) > LONG else 1.0
    percent = np.nan_to_num(np.round(values * 100 / step) * step, nan=NOTHING, posinf=NOTHING, neginf=NOTHING)
    return np.where((percent >= 0) & (percent <= 100), percent, NOTHING).astype(np.uint8)


def _utf16_places(text: str) -> np.ndarray:
    """(characters + 1,) where each character begins for a browser, and where the text ends."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    return np.concatenate([[0], np.cumsum(1 + (codes > 0xFFFF))])


def packed(values: np.ndarray) -> str:
    """As the browser unpacks it: zlib, then base64."""
    return base64.b64encode(zlib.compress(np.ascontiguousarray(values).tobytes(), 6)).decode()
