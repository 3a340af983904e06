"""The Signals page: which steps of a recording did it process?"""

from __future__ import annotations

import json
from typing import Any

import streamlit as st

import dynviz
from app.components.frames import BUDGETED
from app.components.signal import signal
from app.strings import say
from app.widgets import datasets, findings, leaving, signalsource
from app.widgets.desk import Desk
from app.widgets.looking import Look
from app.widgets.reading import Chosen

ECG = "ecg"


def page() -> None:
    """Everything on the page, top to bottom; whatever can fail fails with one sentence and leaves the rest."""
    leaving.arrived()
    cards = datasets.in_order([card for card in dynviz.models() if card.modality == "series" and card.series])
    if not cards:
        st.title(say("signals.nav"))
        st.info(say("signals.no_models"))
        return
    DESK.restore(cards)
    left, right = st.columns([50, 50], gap="medium")
    with left:
        heading = st.container()
        cards = datasets.on_one(cards)
        card = DESK.network(cards)
    kind = card.series.kind
    hint = json.dumps(say(f"signals.hint.{kind}"), ensure_ascii=False)
    st.html(f"<style>:root {{ --drop: {hint}; }}</style>")
    signalsource.settle(kind)
    with right:
        signalsource.samples(kind)
        if kind != ECG:
            signalsource.player()
            signalsource.microphone()
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            signalsource.upload_box(kind)
            DESK.knows(card)
        if kind == ECG:
            signalsource.rate_field(card)
        chosen, problem = DESK.chosen(kind, lambda: signalsource.chosen(card))
    with heading:
        DESK.heading(card, chosen)
        if kind == ECG and not (chosen and chosen.trace):
            st.caption(say("signals.no_device"))
    if problem:
        st.error(signalsource.refusal(problem))
    waits = st.container()
    if chosen is not None:
        DESK.show(chosen, card, cards, waits)


def _media(found: Look, chosen: Chosen) -> dict[str, Any]:
    assert chosen.series is not None
    return {"signal": signal({BUDGETED: found.budgeted}, chosen.name, chosen.series.note)}


DESK = Desk(
    name="signals",
    modality="series",
    samples=signalsource.SAMPLES,
    show_sample=signalsource.show_sample,
    shown_sample=signalsource.shown_sample,
    media=_media,
    below=findings.section,
)
