"""The Models page: the cards of all networks, readable. It needs no torch."""

from __future__ import annotations

import streamlit as st

import dynviz
from app import export, projector
from app.live.uploads import literal
from app.models.cards import overview
from app.picker.order import in_order
from app.sheet.sheet import sheet
from app.start.example import MASKS, places_network
from app.start.masks import family_sheet
from app.strings import say
from dynviz import ModelCard, zoo

POLL_S = 1.0  # until the picture of a family has been made, which the server does once it has loaded its networks


def page() -> None:
    """All networks, by data set, dynamic ones first; a card unfolds below its row, or because the address names it."""
    st.title(say("models.title"), anchor=False)
    cards = in_order(dynviz.models())
    data = [card.data for card in cards]
    cards.sort(key=lambda card: data.index(card.data))
    for name, reason in zoo.unusable().items():
        st.warning(say("models.broken", name=literal(name), reason=literal(reason)))
    if not cards:
        st.info(say("image.no_models"))
        return
    masked = places_network(cards)
    if masked is not None:
        sheet(family_sheet(masked, MASKS.found(masked)), key="models_family")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"{say('models.line')} {say('multiply-add')}")
        export.cards(cards)
    sheet(overview(cards), key="cards", unfold=projector.view().get("model"))
    if masked is not None and not MASKS.is_done(masked):
        _watch(masked)


@st.fragment(run_every=POLL_S)
def _watch(card: ModelCard) -> None:
    if MASKS.is_done(card):
        st.rerun()
