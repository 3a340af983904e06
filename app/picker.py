"""Which data a page is about: networks that were trained on different inputs are not mixed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

import streamlit as st

from app.strings import say
from dynviz import ModelCard, zoo
from dynviz.trace import Modality

MODALITIES = get_args(Modality)  # pictures first
# what is decided word by word shows most at first sight; what takes in the whole input comes last
MECHANISMS = (
    "skimming",
    "skipping",
    "jumping",
    "learned boundaries",
    "early stopping",
    "token pruning",
    "early exit",
)
_ALL = "data of all kinds"  # the choice of a page for every kind of input


def take(name: str) -> None:
    """Choose the data of the network ``name``, before the widget is drawn. Raises what ``zoo.card`` raises."""
    card = zoo.card(name)
    st.session_state[_key(card.modality)] = st.session_state[_ALL] = card.data


def in_order(cards: Sequence[ModelCard]) -> list[ModelCard]:
    """As they are offered, the first being what a newcomer sees.

    Dynamic networks before static ones; pictures, texts, recordings; photos before small pictures, ECGs before sounds;
    mechanisms as a class would meet them; networks of their own before those made of others; those for longer texts
    first. Static ones as they come: by what they cost.
    """
    return sorted(cards, key=_place)


def _place(card: ModelCard) -> tuple[bool, int, int, bool, int, bool, int]:
    static = card.family == "static"
    sound = card.series is not None and card.series.kind != "ecg"
    medium = MODALITIES.index(card.modality), -card.in_side_px, sound
    met = MECHANISMS.index(card.mechanism) if card.mechanism in MECHANISMS else len(MECHANISMS)
    return static, *medium, met, bool(card.members), 0 if static else -card.static_macs


def on_one(cards: Sequence[ModelCard]) -> list[ModelCard]:
    """The networks of the data that is chosen; the choice is offered where there is one."""
    names = list(dict.fromkeys(card.data for card in cards))
    data = names[0]
    key = _key(cards[0].modality) if len({card.modality for card in cards}) == 1 else _ALL
    if len(names) > 1:
        if st.session_state.get(key) not in names:
            st.session_state[key] = data
        data = st.pills(
            say("data"),
            names,
            key=key,
            required=True,
            label_visibility="collapsed",
            wrap=False,  # on a narrow screen; the style sheet lets it wrap where there is room
            persist_state="session",
        )
    return [card for card in cards if card.data == data]


def _key(modality: str) -> str:
    """One choice for all pages that show this kind of input only."""
    return "data" if modality == "image" else f"data {modality}"
