"""The Signals page: which steps of a recording did it process?"""

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
from app.live.view.series import signal
from app.signals import inputs, measured
from app.strings import say

ECG = "ecg"


def page() -> None:
    """Everything on the page, top to bottom; whatever can fail fails with one sentence and leaves the rest."""
    navigation.arrived()
    cards = picker.in_order([card for card in dynviz.models() if card.modality == "series" and card.series])
    if not cards:
        st.title(say("signals.nav"))
        st.info(say("signals.no_models"))
        return
    PAGE.restore(cards)
    left, right = st.columns([50, 50], gap="medium")
    with left:
        heading = st.container()
        cards = picker.on_one(cards)
        card = PAGE.network(cards)
    kind = card.series.kind
    hint = json.dumps(say(f"signals.hint.{kind}"), ensure_ascii=False)
    st.html(f"<style>:root {{ --drop: {hint}; }}</style>")
    inputs.settle(kind)
    with right:
        inputs.samples(kind)
        if kind != ECG:
            inputs.player()
            inputs.microphone()
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            inputs.upload_box(kind)
            PAGE.knows(card)
        if kind == ECG:
            inputs.rate_field(card)
        chosen, problem = PAGE.chosen(kind, lambda: inputs.chosen(card))
    with heading:
        PAGE.heading(card, chosen)
        if kind == ECG and not (chosen and chosen.trace):
            st.caption(say("signals.no_device"))
    if problem:
        st.error(inputs.refusal(problem))
    waits = st.container()
    if chosen is not None:
        PAGE.show(chosen, card, cards, waits)


def _media(found: Inference, chosen: Chosen) -> dict[str, Any]:
    return {"signal": signal({BUDGETED: found.budgeted}, chosen.name)}


PAGE = LivePage(
    name="signals",
    modality="series",
    samples=inputs.SAMPLES,
    show_sample=inputs.show_sample,
    shown_sample=inputs.shown_sample,
    media=_media,
    below=measured.section,
)
