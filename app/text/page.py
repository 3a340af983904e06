"""The Text page: which words did it read, skim, skip, jump over?"""

from __future__ import annotations

import json
from typing import Any

import streamlit as st

import dynviz
from app import navigation, picker
from app.budgets import BUDGETED
from app.inference_cache import Inference
from app.live.page import LivePage
from app.live.uploads import Chosen
from app.live.view.words import reading
from app.strings import say
from app.text import inputs
from app.text.samples import BY_NAME


def page() -> None:
    """Everything on the page, top to bottom; whatever can fail fails with one sentence and leaves the rest."""
    navigation.arrived()
    cards = picker.in_order([card for card in dynviz.models() if card.modality == "text"])
    if not cards:
        st.title(say("text.nav"))
        st.info(say("text.no_models"))
        return
    st.html(f"<style>:root {{ --drop: {json.dumps(say('text.hint'), ensure_ascii=False)}; }}</style>")
    PAGE.restore(cards)
    left, right = st.columns([50, 50], gap="medium")
    with left:
        heading = st.container()
        cards = picker.on_one(cards)
        card = PAGE.network(cards)
        inputs.settle(card.data)
    with right:
        inputs.box()
        inputs.samples(card.data)
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            inputs.upload_box()
            PAGE.knows(card)
        chosen, problem = PAGE.chosen("text", inputs.chosen)
    with heading:
        PAGE.heading(card, chosen)
    if problem:
        st.error(inputs.refusal(problem))
    waits = st.container()
    if chosen is not None:
        PAGE.show(chosen, card, cards, waits)


def _media(found: Inference, chosen: Chosen) -> dict[str, Any]:
    return {"reading": reading({BUDGETED: found.budgeted}, chosen.name)}


PAGE = LivePage(
    name="text",
    modality="text",
    samples=BY_NAME,
    show_sample=inputs.show_sample,
    shown_sample=inputs.shown_sample,
    media=_media,
)
