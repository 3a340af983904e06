"""The address of the Signals page: network, sample and budget. A recording never goes into an address."""

from __future__ import annotations

import math
from collections.abc import Sequence

import streamlit as st

from app import projector
from app.components.frames import BUDGETED
from app.widgets import datasets, signalsource
from app.widgets.link import DEFAULT_BUDGET
from dynviz import ModelCard


def restore(cards: Sequence[ModelCard]) -> None:
    """Follow the address where it says something else than this page wrote; unknown things in it are left out."""
    state, asked = st.session_state, projector.view()
    state.setdefault("mode", BUDGETED)
    state.setdefault("budget", DEFAULT_BUDGET)
    if not asked or asked == state.get("signals_address"):
        return
    state.signals_address = asked
    if asked.get("model") in [card.name for card in cards]:
        datasets.take(asked["model"])
        state.signals_model = asked["model"]
    if asked.get("sample") in signalsource.SAMPLES:
        signalsource.show_sample(asked["sample"])
    try:
        budget = float(asked.get("budget", ""))
    except ValueError:
        return
    if math.isfinite(budget):
        state.budget, state.mode = min(max(budget, 0.0), 2.0), BUDGETED


def fixed() -> dict[str, str]:
    """What of the address does not change while scrubbing."""
    view = {"model": st.session_state.signals_model}
    if sample := signalsource.shown_sample():
        view["sample"] = sample
    return view


def write() -> None:
    """Let the address say what is on the page."""
    wanted = {**fixed(), "budget": f"{st.session_state.budget:.3f}"}
    st.session_state.signals_address = wanted
    projector.write(wanted)
