"""The Text page: which words did it read, skim, skip, jump over?"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from concurrent.futures import Future
from typing import Any

import numpy as np
import streamlit as st

import dynviz
from app.components.cards import named
from app.components.curves import curve
from app.components.frames import BUDGETED, Fragments, frames
from app.components.reading import reading
from app.components.scrubber import scrubber
from app.strings import TEXT, say, say_of
from app.widgets import datasets, exporting, leaving, live, readers, textlink, textsource
from app.widgets.looking import Look, is_known, look
from app.widgets.reading import Chosen, literal
from dynviz import CheckpointError, MediaError, ModelCard, zoo
from dynviz.media.vocabulary import UNKNOWN
from dynviz.tracefile import TraceFileError

log = logging.getLogger(__name__)
VIEW = "text_scrubber"
FRAMING = "crop"  # texts have none; results are remembered under the one of pictures


def page() -> None:
    """Everything on the page, top to bottom; whatever can fail fails with one sentence and leaves the rest."""
    leaving.arrived()
    cards = datasets.in_order([card for card in dynviz.models() if card.modality == "text"])
    if not cards:
        st.title(say("text.nav"))
        st.info(say("text.no_models"))
        return
    st.html(f"<style>:root {{ --drop: {json.dumps(say('text.hint'), ensure_ascii=False)}; }}</style>")
    textlink.restore(cards)
    left, right = st.columns([50, 50], gap="medium")
    with left:
        heading = st.container()
        cards = datasets.on_one(cards)
        card = _network(cards)
        textsource.settle(card.data)
    with right:
        textsource.box()
        textsource.samples(card.data)
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            textsource.upload_box()
            _knows(card)
        chosen, problem = _chosen()
    with heading:
        _heading(card, chosen)
    if problem:
        st.error(problem)
    waits = st.container()
    if chosen is None:
        return
    if chosen.trace is not None:
        try:
            live.replay(chosen.name, chosen.trace)
        except Exception:  # a trace file comes from anywhere
            log.exception("a trace file could not be drawn")
            st.error(say("error.replay"))
        return
    textlink.write()
    _live(chosen, card, cards, waits)


def _network(cards: Sequence[ModelCard]) -> ModelCard:
    by_name = {card.name: card for card in cards}
    if st.session_state.get("text_model") not in by_name:  # other data were chosen
        st.session_state.text_model = cards[0].name
    name = st.pills(
        say("network"),
        list(by_name),
        format_func=lambda name: named(by_name[name]) if name in by_name else name,
        key="text_model",
        required=True,
        label_visibility="collapsed",
        persist_state="session",
    )
    return by_name.get(name, cards[0])


def _knows(card: ModelCard) -> None:
    with st.popover(say("knows", count=len(card.labels)), type="tertiary"):
        st.caption(say("text.knows.line", title=card.title, count=len(card.labels), data=literal(card.data)))
        st.markdown(" · ".join(literal(label) for label in sorted(card.labels)))


def _chosen() -> tuple[Chosen | None, str]:
    """What to show, and what is wrong with what was asked for; the last good text stays on the page then."""
    try:
        st.session_state.text_good = found = textsource.chosen()
        return found, ""
    except (MediaError, TraceFileError) as error:
        return st.session_state.get("text_good"), textsource.refusal(error)


def _heading(card: ModelCard, chosen: Chosen | None) -> None:
    if chosen is not None and chosen.trace is not None:
        title = say_of(chosen.trace.media.modality, "image.title", title=literal(chosen.trace.title))
        st.title(title, anchor=False)
        st.caption(say("image.replayed", name=literal(chosen.name)))
        return
    st.title(say("text.title", title=card.title), anchor=False)
    known = "text.static" if card.family == "static" else f"text.{card.mechanism}"
    st.caption(say(known) if known in TEXT else say("text.other", mechanism=card.mechanism))


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
        log.exception("%s failed on a text", card.name)
        status.error(say_of("text", "error.failed"))
        return
    status.empty()
    timing = live.timing_of(found, chosen)
    measuring = not timing.done()  # as the view will say; it may well be done before the page is
    _view(chosen, card, cards, found, timing)
    readers.section(chosen, card, cards, found)
    if measuring:
        with waits:
            live.watch(timing)


@st.fragment
def _view(chosen: Chosen, card: ModelCard, cards: Sequence[ModelCard], found: Look, timing: Future) -> None:
    """The live view and what can be taken away from it; see the Image page's."""
    state = st.session_state
    if state.pop("released", False) and readers.is_chosen():
        st.rerun()
    measuring = not timing.done()
    found = live.timed(found, timing)
    identity = "|".join((*found.key[:2], "text", found.key[3][:8]))
    start = live.view_start(identity) | {"mode": BUDGETED}
    data = _payload(identity, chosen, card, cards, found, measuring)
    scrubber(data | {"start": start, "link": _link()}, key=VIEW, on_release=_released)
    exporting.live(chosen, card, cards, FRAMING, found)


def _payload(
    identity: str, chosen: Chosen, card: ModelCard, cards: Sequence[ModelCard], found: Look, measuring: bool
) -> dict[str, Any]:
    """Kept for the session as long as nothing in it changes: a long text takes a second to pack."""
    state, known = st.session_state, tuple(other.name for other in cards)
    key = (identity, measuring, found.budgeted[0].ms, known, chosen.name)
    if state.get("text_payload", (None,))[0] != key:
        chart, fragments = curve(card, cards), Fragments()
        shown = frames(fragments, found.budgeted, found.budgets, mode=BUDGETED, card=card, full=found.full, chart=chart)
        assert chosen.text is not None
        strange = _strange(card, chosen.text.words)
        payload = {
            "id": identity,
            "kind": "text",
            "reading": reading({BUDGETED: found.budgeted}, chosen.name, chosen.text.note, strange),
            "fragments": fragments.pieces,
            "modes": {BUDGETED: shown},
            "chart": chart.svg,
            "text": live.words("text"),
            "measuring": measuring,
        }
        state.text_payload = (key, payload)
    return state.text_payload[1]


def _strange(card: ModelCard, words: tuple[str, ...]) -> np.ndarray | None:
    """(words,) bool: those that the network does not know."""
    if card.vocabulary is None:
        return None
    return zoo.vocabulary(card.vocabulary).numbers(words) == UNKNOWN


def _link() -> dict[str, str] | None:
    return textlink.fixed() if textsource.shown_sample() else None


def _released() -> None:
    view = st.session_state[VIEW].get("view")
    if view:
        st.session_state.mode, st.session_state.budget = view["mode"], float(view["budget"])
        st.session_state.released = True
        textlink.write()
