"""Several networks on one input side by side, as a Streamlit component: one scrubber for all, and linked hover.

Everything is sent once; the script swaps fragments as the scrubber moves, without a round trip.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from app.component import component
from app.inference_cache import Inference
from app.kinds import KINDS
from app.live.view.fragments import Fragments
from app.strings import say
from dynviz import ModelCard, Trace
from dynviz.recorder import Stage
from dynviz.views.comparing.beside import accounts
from dynviz.views.decisions.panels import panels
from dynviz.views.medium import medium_of
from dynviz.views.style.words import percent

HERE = Path(__file__).parent
MOST = 4  # networks in columns
MOST_LINES = 9  # of networks that are a line each, one under the other
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
        "text": {word: say(f"compare.{word}") for word in NAMES},
        "budget": budget,
        "panels": [_panel(card, inference, pieces, scale) for card, inference in found],
    }
    data |= KINDS[full.media.modality].board(full, name)
    return data | {"fragments": pieces.sent()}


def most(kind: str) -> int:
    """Networks on one input of this kind, at most."""
    return MOST_LINES if KINDS[kind].lines else MOST


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
    states = KINDS[trace.media.modality].board_states
    if states is None:
        frame["over"] = pieces.add(medium_of(trace.media).decided(trace))
    else:
        frame |= states(trace)
    return frame


def _scaled(trace: Trace, macs: int) -> Trace:
    """A stand-in that costs ``macs``, so that every bar has the same scale."""
    return replace(trace, stages=(Stage("all", macs, macs),), decisions=())
