"""The Models page: the cards of all networks, readable. It needs no torch."""

from __future__ import annotations

import streamlit as st

import dynviz
from app.components.cards import card_sheet, overview
from app.components.sheet import sheet
from app.strings import say
from app.widgets import exporting
from app.widgets.reading import literal
from dynviz import zoo


def page() -> None:
    """An overview, then one card after another: by data set, dynamic networks first."""
    st.title(say("models.title"), anchor=False)
    cards = sorted(dynviz.models(), key=lambda card: (card.modality, card.data, card.family == "static"))
    for name, reason in broken().items():
        st.warning(say("models.broken", name=literal(name), reason=literal(reason)))
    if not cards:
        st.info(say("no_models"))
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(say("models.line"))
        exporting.cards(cards)
    sheet(overview(cards) + "".join(card_sheet(card, cards) for card in cards), key="cards")


def broken() -> dict[str, str]:
    """Cards that cannot be read, and why."""
    found = {}
    for path in sorted(path for folder in zoo.folders() for path in folder.glob("*/card.json")):
        try:
            zoo.card(path.parent.name)
        except dynviz.CheckpointError as error:
            found[path.parent.name] = str(error)
    return found
