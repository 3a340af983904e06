"""Which data a page is about: networks that were trained on different pictures are not mixed."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from app.strings import say
from dynviz import ModelCard, zoo

KEY = "data"  # one choice for all pages


def take(name: str) -> None:
    """Choose the data of the network ``name``, before the widget is drawn. Raises what ``zoo.card`` raises."""
    st.session_state[KEY] = zoo.card(name).data


def in_order(cards: Sequence[ModelCard]) -> list[ModelCard]:
    """As they are offered: dynamic networks before static ones, those for photos before those for small pictures."""
    return sorted(cards, key=lambda card: (card.family == "static", -card.in_side_px))


def on_one(cards: Sequence[ModelCard]) -> list[ModelCard]:
    """The networks of the data that is chosen; the choice is offered where there is one."""
    names = list(dict.fromkeys(card.data for card in cards))
    data = names[0]
    if len(names) > 1:
        if st.session_state.get(KEY) not in names:
            st.session_state[KEY] = data
        data = st.pills(
            say("data"), names, key=KEY, required=True, label_visibility="collapsed", persist_state="session"
        )
    return [card for card in cards if card.data == data]
