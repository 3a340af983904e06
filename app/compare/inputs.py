"""What is compared on, as the board is sent it: a picture, what runs in time, or a text with a state for each word.

``input`` names what of ``board.js`` shows it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from app.strings import say
from dynviz import Trace
from dynviz.views.decisions.frame_states import clock, shots
from dynviz.views.decisions.step_states import STATES, word_states
from dynviz.views.media.overlay import preview_size
from dynviz.views.style.svg import data_uri

MOST_WORDS = 1500
RULER = 16  # frames that are shown above the lines


def picture(trace: Trace, name: str) -> dict[str, Any]:
    """The picture, over which decisions are laid. name: of the input."""
    if not trace.media.preview:
        return {"input": "picture"}
    wide, high = preview_size(trace.media)
    told = {"ratio": round(wide / high, 5), "alt": say("picture.alt", name=name)}
    return {"input": "picture", "picture": {"src": data_uri(trace.media.preview), **told}}


def time(trace: Trace, name: str) -> dict[str, Any]:
    """Nothing: a recording is drawn anew with what was decided."""
    return {"input": "time"}


def frames(trace: Trace, name: str) -> dict[str, Any]:
    """Some of the candidate frames, evenly spread, each as an address with its time; runs are lines under these."""
    found, pictures = shots(trace), trace.media.thumbnails
    count = min(RULER, len(pictures))
    places = [int((i + 0.5) * len(pictures) / count) for i in range(count)]
    return {"input": "frames", "ruler": [[data_uri(pictures[i]), clock(found[i].second, i)] for i in places]}


def words(trace: Trace, name: str) -> dict[str, Any]:
    """The text as gap, word, gap, word, ..., gap; and the names of the states."""
    states, whole = word_states(trace), trace.media.text
    spans = np.zeros((0, 2), int) if states is None else states.spans[:MOST_WORDS]
    parts, at = [], 0
    for start, end in spans.tolist():
        parts += [whole[at:start], whole[start:end]]
        at = end
    parts.append(whole[at:] if states is None or len(states) <= MOST_WORDS else " …")
    return {"input": "text", "words": {"parts": parts, "states": list(STATES)}}


def word_codes(trace: Trace) -> dict[str, Any]:
    """Of one run: the state of each word by its number, and where it stopped, -1 where it did not."""
    states = word_states(trace)
    if states is None:
        return {"codes": [], "stop": -1}
    return {"codes": states.codes[:MOST_WORDS].tolist(), "stop": -1 if states.stop is None else states.stop}
