"""The Text page: which words did it read, skim, skip, jump over?"""

from __future__ import annotations

import json
from typing import Any

import streamlit as st

import dynviz
from app.components.frames import BUDGETED
from app.components.reading import reading
from app.strings import say
from app.texts import BY_NAME
from app.widgets import datasets, leaving, textsource
from app.widgets.desk import Desk
from app.widgets.looking import Look
from app.widgets.reading import Chosen


def page() -> None:
    """Everything on the page, top to bottom; whatever can fail fails with one sentence and leaves the rest."""
    leaving.arrived()
    cards = datasets.in_order([card for card in dynviz.models() if card.modality == "text"])
    if not cards:
        st.title(say("text.nav"))
        st.info(say("text.no_models"))
        return
    st.html(f"<style>:root {{ --drop: {json.dumps(say('text.hint'), ensure_ascii=False)}; }}</style>")
    DESK.restore(cards)
    left, right = st.columns([50, 50], gap="medium")
    with left:
        heading = st.container()
        cards = datasets.on_one(cards)
        card = DESK.network(cards)
        textsource.settle(card.data)
    with right:
        textsource.box()
        textsource.samples(card.data)
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            textsource.upload_box()
            DESK.knows(card)
        chosen, problem = DESK.chosen("text", textsource.chosen)
    with heading:
        DESK.heading(card, chosen)
    if problem:
        st.error(textsource.refusal(problem))
    waits = st.container()
    if chosen is not None:
        DESK.show(chosen, card, cards, waits)


def _media(found: Look, chosen: Chosen) -> dict[str, Any]:
    assert chosen.text is not None
    return {"reading": reading({BUDGETED: found.budgeted}, chosen.name, chosen.text.note)}


DESK = Desk(
    name="text",
    modality="text",
    samples=BY_NAME,
    show_sample=textsource.show_sample,
    shown_sample=textsource.shown_sample,
    media=_media,
)
