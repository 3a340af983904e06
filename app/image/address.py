"""The address of a view: read once when a session starts, written whenever the view changes.

A view is the network, the sample, the framing, the kind of budget and the budget; where they were chosen also a knob
with its strength and a second network. Uploads cannot travel in an address.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from app import budgets, picker, projector
from app.budgets import ANYTIME, BUDGETED
from app.image import harder
from app.image.samples import sample_names
from dynviz import ModelCard
from dynviz.media.image import FRAMINGS

NAMES = ("model", "sample", "framing", "mode", "budget", "knob", "strength", "beside")  # what an address can say


def asked_for() -> dict[str, str]:
    """What the address says about a view; empty where it names none."""
    return {name: value for name, value in st.query_params.to_dict().items() if name in NAMES}


def restore(cards: Sequence[ModelCard]) -> None:
    """Put the address of a fresh session into its state; whatever in it is unknown is left at its default."""
    state, asked = st.session_state, st.query_params
    if "restored" in state:
        return
    state.restored = True
    state.source = "sample"
    state.model = _one_of(asked.get("model"), [card.name for card in cards])
    if state.model is not None:
        picker.take(state.model)
    state.sample = _one_of(asked.get("sample"), sample_names())
    state.framing = _one_of(asked.get("framing"), FRAMINGS)
    state.mode = _one_of(asked.get("mode"), (BUDGETED, ANYTIME))
    budget = budgets.parsed(asked.get("budget"))
    state.budget = budgets.DEFAULT if budget is None else budget
    harder.restore(asked.get("knob"), asked.get("strength"))
    state.beside = asked.get("beside") if asked.get("beside") in [card.name for card in cards] else None


def write() -> None:
    """Let the address say what is on the page."""
    wanted = {**fixed(), "mode": st.session_state.mode, "budget": f"{st.session_state.budget:.3f}"}
    projector.write(wanted)


def fixed() -> dict[str, str]:
    """What of the address does not change while scrubbing."""
    state = st.session_state
    view = {"model": state.model, "framing": state.framing}
    if state.shown_sample:
        view |= {"sample": state.shown_sample, **harder.asked()}
    if beside := state.get("beside"):
        view["beside"] = beside
    return view


def _one_of(asked: str | None, known: Sequence[str]) -> str | None:
    return asked if asked in known else next(iter(known), None)
