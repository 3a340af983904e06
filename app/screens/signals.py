"""The Signals page: which steps of a recording did it process?"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from concurrent.futures import Future
from typing import Any

import streamlit as st

import dynviz
from app.components.cards import named
from app.components.curves import curve
from app.components.frames import BUDGETED, Fragments, frames
from app.components.scrubber import scrubber
from app.components.signal import signal
from app.strings import TEXT, say, say_of
from app.widgets import datasets, exporting, findings, leaving, live, signallink, signalsource
from app.widgets.looking import Look, is_known, look
from app.widgets.reading import Chosen, literal
from dynviz import CheckpointError, MediaError, ModelCard
from dynviz.tracefile import TraceFileError

log = logging.getLogger(__name__)
VIEW = "signals_scrubber"
FRAMING = "crop"  # recordings have none; results are remembered under the one of pictures
ECG = "ecg"


def page() -> None:
    """Everything on the page, top to bottom; whatever can fail fails with one sentence and leaves the rest."""
    leaving.arrived()
    cards = datasets.in_order([card for card in dynviz.models() if card.modality == "series" and card.series])
    cards.sort(key=lambda card: card.series.kind != ECG)  # ECGs have samples, so the page opens with something to see
    if not cards:
        st.title(say("signals.nav"))
        st.info(say("signals.no_models"))
        return
    signallink.restore(cards)
    left, right = st.columns([50, 50], gap="medium")
    with left:
        heading = st.container()
        cards = datasets.on_one(cards)
        card = _network(cards)
    kind = card.series.kind
    hint = json.dumps(say(f"signals.hint.{kind}"), ensure_ascii=False)
    st.html(f"<style>:root {{ --drop: {hint}; }}</style>")
    signalsource.settle(kind)
    with right:
        if kind == ECG:
            signalsource.samples()
        else:
            signalsource.microphone()
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            signalsource.upload_box(kind)
            _knows(card)
        if kind == ECG:
            signalsource.rate_field(card)
        chosen, problem = _chosen(card)
    with heading:
        _heading(card, chosen)
    if problem:
        st.error(problem)
    waits = st.container()
    if chosen is None:
        st.info(say("signals.nothing"))
        return
    if chosen.trace is not None:
        try:
            live.replay(chosen.name, chosen.trace)
        except Exception:  # a trace file comes from anywhere
            log.exception("a trace file could not be drawn")
            st.error(say("error.replay"))
        return
    signallink.write()
    _live(chosen, card, cards, waits)


def _network(cards: Sequence[ModelCard]) -> ModelCard:
    by_name = {card.name: card for card in cards}
    if st.session_state.get("signals_model") not in by_name:  # other data were chosen
        st.session_state.signals_model = cards[0].name
    name = st.pills(
        say("network"),
        list(by_name),
        format_func=lambda name: named(by_name[name]) if name in by_name else name,
        key="signals_model",
        required=True,
        label_visibility="collapsed",
        persist_state="session",
    )
    return by_name.get(name, cards[0])


def _knows(card: ModelCard) -> None:
    with st.popover(say("knows", count=len(card.labels)), type="tertiary"):
        st.caption(say("signals.knows.line", title=card.title, count=len(card.labels), data=literal(card.data)))
        st.markdown(" · ".join(literal(label) for label in sorted(card.labels)))


def _chosen(card: ModelCard) -> tuple[Chosen | None, str]:
    """What to show, and what is wrong with what was asked for; the last good recording of its kind stays then."""
    good: dict[str, Chosen | None] = st.session_state.setdefault("signals_good", {})
    kind = card.series.kind
    try:
        good[kind] = signalsource.chosen(card)
        return good[kind], ""
    except (MediaError, TraceFileError) as error:
        return good.get(kind), signalsource.refusal(error)


def _heading(card: ModelCard, chosen: Chosen | None) -> None:
    if chosen is not None and chosen.trace is not None:
        title = say_of(chosen.trace.media.modality, "image.title", title=literal(chosen.trace.title))
        st.title(title, anchor=False)
        st.caption(say("image.replayed", name=literal(chosen.name)))
        return
    st.title(say("signals.title", title=card.title), anchor=False)
    known = "series.static" if card.family == "static" else f"series.{card.mechanism}"
    st.caption(say(known) if known in TEXT else say("series.other", mechanism=card.mechanism))
    if card.series.kind == ECG:
        st.caption(say("signals.no_device"))


def _live(chosen: Chosen, card: ModelCard, cards: Sequence[ModelCard], waits: Any) -> None:
    """The live view and everything that follows from it. waits: a container that every run of the page has."""
    status = st.empty()
    try:
        with live.waiting(status, cold=not is_known(chosen, card, FRAMING)):
            found = look(chosen, card, FRAMING, lambda place: status.info(say("queue", place=place)))
    except CheckpointError as error:
        status.error(say("error.network", title=card.title, reason=literal(str(error))))
        return
    except Exception:  # the page lives on whatever a network does; the details are for the log
        log.exception("%s failed on a recording", card.name)
        status.error(say_of("series", "error.failed"))
        return
    status.empty()
    timing = live.timing_of(found, chosen)
    measuring = not timing.done()  # as the view will say; it may well be done before the page is
    _view(chosen, card, cards, found, timing)
    if measuring:
        with waits:
            live.watch(timing)


@st.fragment
def _view(chosen: Chosen, card: ModelCard, cards: Sequence[ModelCard], found: Look, timing: Future) -> None:
    """The live view, what can be taken away from it and what was measured at its budget; see the Image page's."""
    measuring = not timing.done()
    found = live.timed(found, timing)
    identity = "|".join((*found.key[:2], "series", found.key[3][:8]))
    start = live.view_start(identity) | {"mode": BUDGETED}
    data = _payload(identity, chosen, card, cards, found, measuring)
    link = signallink.fixed() if signalsource.shown_sample() else None
    scrubber(data | {"start": start, "link": link}, key=VIEW, on_release=_released)
    exporting.live(chosen, card, cards, FRAMING, found)
    _, at = found.released(BUDGETED, st.session_state.budget)
    findings.section(card, found.budgets[at])


def _payload(
    identity: str, chosen: Chosen, card: ModelCard, cards: Sequence[ModelCard], found: Look, measuring: bool
) -> dict[str, Any]:
    """Kept for the session as long as nothing in it changes."""
    state, known = st.session_state, tuple(other.name for other in cards)
    key = (identity, measuring, found.budgeted[0].ms, known, chosen.name)
    if state.get("signals_payload", (None,))[0] != key:
        chart, fragments = curve(card, cards), Fragments()
        shown = frames(fragments, found.budgeted, found.budgets, mode=BUDGETED, card=card, full=found.full, chart=chart)
        assert chosen.series is not None
        payload = {
            "id": identity,
            "kind": "series",
            "signal": signal({BUDGETED: found.budgeted}, chosen.name, chosen.series.note),
            "fragments": fragments.pieces,
            "modes": {BUDGETED: shown},
            "chart": chart.svg,
            "text": live.words("series"),
            "measuring": measuring,
        }
        state.signals_payload = (key, payload)
    return state.signals_payload[1]


def _released() -> None:
    view = st.session_state[VIEW].get("view")
    if view:
        st.session_state.mode, st.session_state.budget = view["mode"], float(view["budget"])
        signallink.write()
