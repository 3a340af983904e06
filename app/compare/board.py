"""Several networks on one input side by side, as a Streamlit component: one scrubber for all, and linked hover.

Everything is sent once; the script swaps fragments as the scrubber moves, without a round trip.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from app.component import component
from app.inference_cache import Inference
from app.live.view.fragments import Fragments
from app.strings import say
from dynviz import ModelCard, Trace
from dynviz.recorder import Stage
from dynviz.views.comparing.beside import accounts
from dynviz.views.decisions.frame_states import clock, shots
from dynviz.views.decisions.frames import strip
from dynviz.views.decisions.panels import panels
from dynviz.views.decisions.step_states import STATES, step_states, word_states
from dynviz.views.media.overlay import overlay, preview_size
from dynviz.views.media.recordings import marked
from dynviz.views.style.svg import data_uri
from dynviz.views.style.words import percent

HERE = Path(__file__).parent
MOST = 4  # networks in columns
MOST_LINES = 9  # networks for videos: a line each, one under the other
RULER = 16  # frames that are shown above the lines
MOST_WORDS = 1500
NAMES = ("budget", "own", "twin", "all", "spends", "decisions", "lines")


@cache
def _component() -> Callable[..., Any]:
    return component("board", HERE, '<div class="dynviz bo" data-testid="board"></div>', ["board"])


def board(data: dict[str, Any], *, key: str, on_release: Callable[[], None]) -> None:
    """Show ``data`` of ``board_data``. ``st.session_state[key].budget`` is what was released last."""
    _component()(key=key, data=data, on_budget_change=on_release)


def board_data(found: Sequence[tuple[ModelCard, Inference]], name: str, budget: float) -> dict[str, Any]:
    """All networks on one input. name: of the input. budget: where the scrubber starts."""
    pieces, scale = Fragments(), max(_most(inference) for _, inference in found)
    full = found[0][1].full
    data: dict[str, Any] = {
        "kind": full.media.modality,
        "text": {word: say(f"compare.{word}") for word in NAMES},
        "budget": budget,
        "panels": [_panel(card, inference, pieces, scale) for card, inference in found],
    }
    if full.media.modality == "text":
        data["words"] = _words(full)
    elif full.media.modality == "image" and full.media.preview:
        wide, high = preview_size(full.media)
        alt = say("picture.alt", name=name)
        data["picture"] = {"src": data_uri(full.media.preview), "ratio": round(wide / high, 5), "alt": alt}
    elif full.media.modality == "video":
        data["ruler"] = _ruler(full)
    return data | {"fragments": pieces.sent()}


def most(kind: str) -> int:
    """Networks on one input of this kind, at most."""
    return MOST_LINES if kind == "video" else MOST


def _ruler(trace: Trace) -> list[list[str]]:
    """Some of the candidate frames, evenly spread: each as an address, with its time."""
    found, pictures = shots(trace), trace.media.thumbnails
    count = min(RULER, len(pictures))
    places = [int((i + 0.5) * len(pictures) / count) for i in range(count)]
    return [[data_uri(pictures[i]), clock(found[i].second, i)] for i in places]


def _most(found: Inference) -> int:
    return max(found.full.macs_static, *(trace.macs for trace in found.budgeted))


def _panel(card: ModelCard, found: Inference, pieces: Fragments, scale: int) -> dict[str, Any]:
    """One network: a frame for each operating point, and one for its static twin, which comes last."""
    kind = say("network.static") if card.family == "static" else card.mechanism
    frames = [*zip(found.budgeted, found.budgets, strict=True), (found.full, None)]
    return {
        "title": card.title,
        "kind": kind,
        "static": card.family == "static",
        "budgets": [round(budget, 4) for budget in found.budgets],
        "frames": [_frame(trace, budget, pieces, scale, card) for trace, budget in frames],
    }


def _frame(trace: Trace, budget: float | None, pieces: Fragments, scale: int, card: ModelCard) -> dict[str, Any]:
    drawn = {panel.name: panel for panel in panels(trace)}
    frame: dict[str, Any] = {name: pieces.add(drawn[name].html) for name in ("answer", "decisions")}
    frame["account"] = pieces.add(accounts([trace, _scaled(trace, scale)])[0])
    twin = say("compare.static") if card.family == "static" else say("compare.open")
    frame["point"] = twin if budget is None or card.family == "static" else say("compare.at", budget=percent(budget))
    modality = trace.media.modality
    if modality == "text":
        states = word_states(trace)
        frame["codes"] = [] if states is None else states.codes[:MOST_WORDS].tolist()
        frame["stop"] = -1 if states is None or states.stop is None else states.stop
    elif modality == "series":
        states = step_states(trace)
        frame["over"] = pieces.add("" if states is None else marked(trace, states))
    elif modality == "video":
        frame["over"] = pieces.add(strip(shots(trace)))
    else:
        frame["over"] = pieces.add(overlay(trace))
    return frame


def _scaled(trace: Trace, macs: int) -> Trace:
    """A stand-in that costs ``macs``, so that every bar has the same scale."""
    return replace(trace, stages=(Stage("all", macs, macs),), decisions=())


def _words(trace: Trace) -> dict[str, Any]:
    """The text as gap, word, gap, word, ..., gap; and the names of the states."""
    states, whole = word_states(trace), trace.media.text
    spans = np.zeros((0, 2), int) if states is None else states.spans[:MOST_WORDS]
    parts, at = [], 0
    for start, end in spans.tolist():
        parts += [whole[at:start], whole[start:end]]
        at = end
    parts.append(whole[at:] if states is None or len(states) <= MOST_WORDS else " …")
    return {"parts": parts, "states": list(STATES)}
