"""Which network and budget the Accuracy and compute page is about: widgets, clicks, the address, the way to where
it is tried.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from app import address, budgets, navigation
from app.picker.picker import pick
from app.strings import say
from dynviz import ModelCard
from dynviz.evaluation.operating import best_point
from dynviz.views.style.words import percent

NETWORK = "accuracy_network"
ROUNDING = 0.0005  # of a budget in an address


def restore(cards: Sequence[ModelCard]) -> None:
    """Follow the address where it says something else than this page wrote; unknown things in it are left out."""
    state, asked = st.session_state, address.asked("accuracy")
    if asked is None:
        return
    card = next((card for card in cards if card.name == asked.get("model")), None)
    if card is None:
        return
    state[NETWORK] = card.name
    if (budget := budgets.parsed(asked.get("budget"))) is not None:
        state[_slider(card)] = best_point(card, budget + ROUNDING)


def choose(every: Sequence[ModelCard], card: ModelCard) -> int:
    """The network, among ``every``, and its budget as widgets; the index of its operating point."""
    pick(every, card, key="accuracy_picker", choose=_choose)
    points = range(len(card.operating_points))
    if len(points) == 1:
        return 0
    st.session_state.setdefault(_slider(card), best_point(card, budgets.DEFAULT))
    if st.session_state[_slider(card)] not in points:
        st.session_state[_slider(card)] = points[-1]
    return st.select_slider(
        say("accuracy.budget"),
        points,
        format_func=lambda i: percent(card.operating_points[i].budget) if i < len(points) else "",
        key=_slider(card),
        help=say("accuracy.budget.help"),
        persist_state="session",
    )


def _choose(name: str) -> None:
    st.session_state[NETWORK] = name


def clicked(name: str, at: int) -> None:
    """A point of the chart was chosen."""
    st.session_state[NETWORK] = name
    st.session_state[f"accuracy_budget {name}"] = at


def write(card: ModelCard, at: int) -> None:
    """Let the address say what is chosen."""
    address.write("accuracy", {"model": card.name, "budget": f"{card.operating_points[at].budget:.3f}"})


def open_page(card: ModelCard, at: int) -> None:
    """Ask for the page where this network is tried, with this budget; ``navigation.follow`` goes there."""
    navigation.ask(card.name, card.operating_points[at].budget)


def _slider(card: ModelCard) -> str:
    return f"accuracy_budget {card.name}"
