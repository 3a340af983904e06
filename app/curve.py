"""The chart of accuracy against compute, drawn once per network: placing its labels takes a tenth of a second."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dynviz import ModelCard
from dynviz.views.charts.budget_curve import CurveChart, budget_curve


def curve(card: ModelCard, cards: Sequence[ModelCard]) -> CurveChart:
    """The chart of ``card`` among ``cards``, from memory where the same cards were drawn before."""
    return _drawn((card.name, *(f"{other.name} {other.sha256}" for other in cards)), card, cards)


@st.cache_resource(max_entries=64, show_spinner=False)
def _drawn(key: tuple[str, ...], _card: ModelCard, _cards: Sequence[ModelCard]) -> CurveChart:
    return budget_curve(_card, _cards)
