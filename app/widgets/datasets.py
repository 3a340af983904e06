"""Which data a page is about: networks that were trained on different inputs are not mixed."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from app.strings import say
from dynviz import ModelCard, zoo

MODALITIES = ("image", "video", "text", "series")
_ALL = "data of all kinds"  # the choice of a page for every kind of input


def take(name: str) -> None:
    """Choose the data of the network ``name``, before the widget is drawn. Raises what ``zoo.card`` raises."""
    card = zoo.card(name)
    st.session_state[_key(card.modality)] = st.session_state[_ALL] = card.data


def in_order(cards: Sequence[ModelCard]) -> list[ModelCard]:
    """As they are offered, the first being what a newcomer sees.

    Dynamic networks before static ones; pictures, texts, recordings; photos before small pictures, ECGs before sounds;
    readers that decide word by word before those that take a text as a whole; networks of their own before those made
    of others; the more accurate first. Static ones as they come: by what they cost.
    """
    return sorted(cards, key=_place)


def _place(card: ModelCard) -> tuple[bool, int, int, bool, bool, bool, float]:
    static = card.family == "static"
    sound = card.series is not None and card.series.kind != "ecg"
    as_a_whole = card.modality != "image" and card.family == "sample-wise"
    accuracy = 0.0 if static else card.test_accuracy
    medium = MODALITIES.index(card.modality), -card.in_side_px, sound
    return static, *medium, as_a_whole, bool(card.members), -accuracy


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
