"""The Image page: how does this network look at my picture?"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from concurrent.futures import Future
from typing import Any

import streamlit as st

import dynviz
from app import export, navigation, picker
from app.budgets import ANYTIME, BUDGETED
from app.curve import curve
from app.image import address, beside, harder, inputs
from app.inference_cache import Inference, infer, is_known
from app.live import showing
from app.live.uploads import Chosen, literal
from app.live.view.frames import Fragments, frames, picture
from app.live.view.scrubber import scrubber
from app.models.cards import named
from app.strings import say, say_of
from dynviz import CheckpointError, ModelCard
from dynviz.media.image import FRAMINGS

log = logging.getLogger(__name__)
VIEW = "scrubber"


def page() -> None:
    """Everything on the page, top to bottom; whatever can fail fails with one sentence and leaves the rest."""
    navigation.arrived()
    cards = picker.in_order([card for card in dynviz.models() if card.modality == "image"])
    if not cards:
        st.title(say("image.nav"))
        st.info(say("no_models"))
        return
    address.restore(cards)
    left, right = st.columns([57, 43], gap="medium")
    with left:
        heading = st.container()
        cards = picker.on_one(cards)
        card = _network(cards)
    with right:
        inputs.upload_box()
        chooser = st.container()
        inputs.sample_row()
        chosen, files = inputs.chosen()
        with chooser:
            inputs.file_row(files)
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            framing = _framing(chosen)
            inputs.camera_button()
            _knows(card)
    told, waits = st.empty(), st.container()
    with heading:
        _heading(card, chosen)
    _tell(told, files)
    if chosen.trace is not None:
        try:
            showing.replay(chosen.name, chosen.trace)
        except Exception:  # a trace file comes from anywhere
            log.exception("a trace file could not be drawn")
            st.error(say("error.replay"))
    else:
        address.write()
        _live(chosen, card, cards, framing, waits)
    if waiting := inputs.reader().unchecked(files):  # the picture is on screen; now the other files
        inputs.reader().check(waiting)
        _tell(told, files)


def _network(cards: Sequence[ModelCard]) -> ModelCard:
    by_name = {card.name: card for card in cards}
    if st.session_state.model not in by_name:  # other data were chosen
        st.session_state.model = cards[0].name
    name = st.pills(
        say("network"),
        list(by_name),
        format_func=lambda name: named(by_name[name]),
        key="model",
        required=True,
        label_visibility="collapsed",
        persist_state="session",
    )
    return by_name.get(name, cards[0])


def _heading(card: ModelCard, chosen: Chosen) -> None:
    if chosen.trace is not None:
        st.title(say_of(chosen.trace.media.modality, "image.title", title=literal(chosen.trace.title)), anchor=False)
        st.caption(say("image.replayed", name=literal(chosen.name)))
        return
    st.title(say("image.title", title=card.title), anchor=False)
    known = {"static": "image.static"}.get(card.family, f"image.{card.mechanism}")
    try:
        st.caption(say(known))
    except KeyError:
        st.caption(say("image.other", mechanism=card.mechanism))


def _framing(chosen: Chosen) -> str:
    return st.segmented_control(
        say("framing"),
        FRAMINGS,
        format_func=lambda framing: say(f"framing.{framing}"),
        key="framing",
        required=True,
        disabled=chosen.trace is not None,
        label_visibility="collapsed",
        persist_state="session",
    )


def _knows(card: ModelCard) -> None:
    with st.popover(say("knows", count=len(card.labels)), type="tertiary"):
        st.caption(say("knows.line", title=card.title, count=len(card.labels), side=card.in_side_px))
        st.markdown(" · ".join(sorted(card.labels)))
    navigation.to_card(card)


def _tell(place: Any, files: list) -> None:
    lines = inputs.refusals(files)
    if lines:
        place.error("  \n".join(lines))
    else:
        place.empty()


def _live(original: Chosen, card: ModelCard, cards: Sequence[ModelCard], framing: str, waits: Any) -> None:
    """The live view and everything that follows from it. waits: a container that every run of the page has."""
    status = st.empty()
    try:
        chosen = harder.changed(original)
        with showing.waiting(status, cold=not is_known(chosen, card, framing)):
            found = infer(chosen, card, framing, lambda place: status.info(say("queue", place=place)))
    except CheckpointError as error:
        status.error(say("error.network", title=card.title, reason=literal(str(error))))
        return
    except Exception:  # the page lives on whatever a network does; the details are for the log
        log.exception("%s failed on a picture", card.name)
        status.error(say("error.failed"))
        return
    status.empty()
    timing = showing.timing_of(found, chosen)
    measuring = not timing.done()  # as the view will say; it may well be done before the page is
    _view(chosen, card, cards, framing, found, timing)
    harder.section(original, card, framing, found, on_change=address.write)
    beside.section(chosen, card, cards, framing, found, on_change=address.write)
    if measuring:
        with waits:
            showing.watch(timing)


@st.fragment
def _view(
    chosen: Chosen, card: ModelCard, cards: Sequence[ModelCard], framing: str, found: Inference, timing: Future
) -> None:
    """The live view and what can be taken away from it. What is released in the view reruns this part only, unless
    something further down follows it.
    """
    state = st.session_state
    if state.pop("released", False) and (harder.is_open() or beside.is_chosen()):
        st.rerun()
    measuring = not timing.done()
    found = showing.timed(found, timing)
    identity = "|".join((*found.key[:3], found.key[3][:8]))
    scrubber(_payload(identity, chosen, card, cards, found, measuring), key=VIEW, on_release=_released)
    export.live(chosen, card, cards, framing, found)


def _payload(
    identity: str, chosen: Chosen, card: ModelCard, cards: Sequence[ModelCard], found: Inference, measuring: bool
) -> dict[str, Any]:
    chart, fragments = curve(card, cards), Fragments()
    modes = {
        BUDGETED: frames(
            fragments, found.budgeted, found.budgets, mode=BUDGETED, card=card, full=found.full, chart=chart
        )
    }
    if len(found.anytime) > 1:
        shares = tuple(cap / found.full.macs_static for cap in found.caps)
        modes[ANYTIME] = frames(fragments, found.anytime, shares, mode=ANYTIME, card=card, full=found.full)
    start = showing.view_start(identity)
    start["mode"] = start["mode"] if start["mode"] in modes else BUDGETED
    return {
        "id": identity,
        "kind": "image",
        "picture": picture(found.full, chosen.name),
        "fragments": fragments.pieces,
        "modes": modes,
        "chart": chart.svg,
        "start": start,
        "text": showing.words("image"),
        "link": address.fixed() if st.session_state.shown_sample else None,
        "measuring": measuring,
    }


def _released() -> None:
    view = st.session_state[VIEW].get("view")
    if view:
        st.session_state.mode, st.session_state.budget = view["mode"], float(view["budget"])
        st.session_state.released = True
        address.write()
