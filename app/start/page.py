"""The Start page: what is a dynamic network, and what can I do here? Words first, then a live picture."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import streamlit as st

import dynviz
from app import export, navigation
from app.frame import arrived
from app.kinds import KINDS
from app.live.uploads import literal
from app.picker.order import in_order
from app.sheet.sheet import sheet
from app.start.example import EXAMPLES, Pair, example_network, places_network
from app.start.pair import TITLES, pair_sheet, pending_sheet, places_sheet
from app.strings import TEXT, say, say_of
from dynviz import CheckpointError, ModelCard, Trace

log = logging.getLogger(__name__)
POLL_S = 0.4


def page() -> None:
    """Two sentences, two photos, two ways on, and where each mechanism can be tried."""
    if navigation.is_fresh() and (view := navigation.asked_for()):  # a link from before this page was the first
        navigation.go(view)
    navigation.begun()
    st.title(say("start.title"), anchor=False)
    with st.container(key="start_lead"):
        st.markdown(say("start.lead"))
    cards = [card for card in dynviz.models() if card.modality == "image"]
    if not cards:
        st.info(say("image.no_models"))
        return
    card = example_network(cards)
    if card:
        _example(card)
    everything = in_order(dynviz.models())
    _ways(everything)
    _map(everything, card)
    navigation.follow()
    if card and not EXAMPLES.is_done(card):
        arrived("start")
        EXAMPLES.ask(card)  # now: torch may begin to load, since everything has been sent
        _watch(card)  # last: as often as the browser asks for it, it ends a run of the whole page


def _ways(cards: Sequence[ModelCard]) -> None:
    with st.container(horizontal=True, key="start_ways"):
        st.button(
            say("start.try"), type="primary", icon=":material/image_search:", key="start_try", on_click=navigation.ask
        )
        for modality, kind in KINDS.items():
            first = next((card.name for card in cards if card.modality == modality), None)
            if first and kind.icon:
                key = f"start_{modality}"
                st.button(say(f"start.{modality}"), icon=kind.icon, key=key, on_click=navigation.ask, args=(first,))
        if st.button(say("start.accuracy"), icon=":material/show_chart:", key="start_accuracy"):
            st.switch_page(navigation.target("accuracy"))


def _map(cards: Sequence[ModelCard], example: ModelCard | None) -> None:
    """The families that have a network here, each with a way to every kind of its networks.

    example: the network of the live pair; once that has come, so has the photo in the family that decides about places.
    """
    families: dict[str, dict[tuple[str, str], ModelCard]] = {}
    for card in cards:
        if card.family != "static":  # a network that was trained on several data sets is named once for each kind
            families.setdefault(card.family, {}).setdefault((card.modality, card.title), card)
    if not families:
        return
    with st.container(key="start_map"):
        st.subheader(say("start.map"), anchor=False)
        for column, (family, members) in zip(st.columns(len(families)), families.items(), strict=True):
            with column.container(border=True, key=f"start_{family}"):
                st.markdown(f"**{literal(family.capitalize())}** · {say(f'start.{family}')}")
                masked = places_network(tuple(members.values()))
                if masked is not None and example is not None:
                    sheet(places_sheet(masked, _over_the_photo(example)), key="start_places")
                with st.container(horizontal=True):
                    for card in members.values():
                        _network(card)


def _over_the_photo(example: ModelCard) -> Trace | None:
    """What the pair of ``example`` brought along; None until then, and where it failed."""
    if not EXAMPLES.is_done(example):
        return None
    found = EXAMPLES.ask(example)
    pair = found.result() if found.exception() is None else None
    return pair.places if pair is not None else None


def _network(card: ModelCard) -> None:
    known = f"{card.modality}.{card.mechanism}"
    mechanism = card.mechanism.capitalize()
    what = card.title if card.title == mechanism else say("start.what", mechanism=mechanism, title=card.title)
    st.button(
        say_of(card.modality, "start.network", what=literal(what)),
        help=say(known) if known in TEXT else None,
        icon=":material/arrow_forward:",
        key=f"start_network {card.name}",
        on_click=navigation.ask,
        args=(card.name,),
    )


@st.fragment(run_every=POLL_S)
def _watch(card: ModelCard) -> None:
    if EXAMPLES.is_done(card):
        st.rerun()


def _example(card: ModelCard) -> None:
    """The live picture, or its place while it is sought."""
    if not EXAMPLES.is_done(card):
        _heading(card, None)
        sheet(pending_sheet(card), key="start_pair")
        return
    found = EXAMPLES.ask(card)
    error = found.exception()
    if error is not None:
        log.error("%s failed on the sample photos", card.name, exc_info=error)
        if isinstance(error, CheckpointError):
            st.error(say("error.network", title=literal(card.title), reason=literal(str(error))))
        else:
            st.error(say("start.failed", title=literal(card.title)))
        return
    pair = found.result()
    if pair is None:
        st.caption(say("start.none", title=literal(card.title)))
        return
    _heading(card, pair)
    sheet(pair_sheet(pair.name, pair.traces, pair.budget), key="start_pair")


def _heading(card: ModelCard, pair: Pair | None) -> None:
    words = "start.example" if card.mechanism == "early exit" else "start.example.other"
    with st.container(horizontal=True, vertical_alignment="center", key="start_heading"):
        st.caption(say(words, title=literal(card.title)))
        easy, hard = map(say, TITLES)
        export.pair(card, pair, (easy, hard))
