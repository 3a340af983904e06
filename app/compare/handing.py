"""From a live page to Compare: its input, its network with a static one beside it, and its budget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from app import navigation
from app.live.uploads import Chosen
from app.picker.order import in_order
from app.strings import say_of
from dynviz import ModelCard
from dynviz.results.comparison import siblings

KIND, BUDGET, PINNED, BROUGHT = "compare_kind", "compare_budget", "compare_pinned", "compare_brought"


@dataclass(frozen=True)
class Brought:
    """What a live page looked at, how it was framed there, and what kind of input it is."""

    chosen: Chosen
    framing: str
    modality: str

    def fits(self, card: ModelCard) -> bool:
        """Can ``card`` read it? A network reads one kind of recording."""
        series = self.chosen.series
        alike = series is None or (card.series is not None and card.series.kind == series.form.kind)
        return card.modality == self.modality and alike


def way(page: str, looked: Chosen, card: ModelCard, cards: Sequence[ModelCard], framing: str) -> None:
    """The button. looked: what the network was given. cards: the networks on the same data."""
    if len(cards) < 2:
        return
    words = say_of(card.modality, "compare.this")
    if st.button(words, icon=":material/view_column_2:", key=f"{page}_compare"):
        state = st.session_state
        state[BROUGHT] = Brought(looked, framing, card.modality)
        state[KIND] = card.modality
        state[BUDGET] = min(float(state.budget), 1.0)
        state[f"{PINNED} {card.modality}"] = [card.name, counterpart(card, cards).name]
        st.switch_page(navigation.target("compare"))


def counterpart(card: ModelCard, cards: Sequence[ModelCard]) -> ModelCard:
    """Its static parent, else the dearest static network like it; of a static network the first dynamic one."""
    others = [other for other in in_order(list(cards)) if other.name != card.name]
    if card.family == "static":
        return next((other for other in others if other.family != "static"), others[0])
    parent = next((other for other in others if other.name == card.parent), None)
    return parent or max(siblings(card, others), key=lambda other: other.static_macs, default=others[0])
