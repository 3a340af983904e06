"""Which data a page is about: networks that were trained on different inputs are not mixed."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from app.strings import say
from dynviz import ModelCard, zoo

_ALL = "data of all kinds"  # the choice of a page for every kind of input


def take(name: str) -> None:
    """Choose the data of the network ``name``, before the widget is drawn. Raises what ``zoo.card`` raises."""
    card = zoo.card(name)
    st.session_state[_key(card.modality)] = st.session_state[_ALL] = card.data


def in_order(cards: Sequence[ModelCard]) -> list[ModelCard]:
    """As they are offered: dynamic networks before static ones, those for photos before those for small pictures."""
    return sorted(cards, key=lambda card: (card.family == "static", -card.in_side_px))


def on_one(cards: Sequence[ModelCard]) -> list[ModelCard]:
    """The networks of the data that is chosen; the choice is offered where there is one."""
    names = list(dict.fromkeys(card.data for card in cards))
    data = names[0]
    key = _key(cards[0].modality) if len({card.modality for card in cards}) == 1 else _ALL
    if len(names) > 1:
        if st.session_state.get(key) not in names:
            st.session_state[key] = data
        data = st.pills(
            say("data"), names, key=key, required=True, label_visibility="collapsed", persist_state="session"
        )
    return [card for card in cards if card.data == data]


def _key(modality: str) -> str:
    """One choice for all pages that show this kind of input only."""
    return "data" if modality == "image" else f"data {modality}"
