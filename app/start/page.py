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
from app.start.example import EXAMPLES, MASKS, Examples, Pair, example_network, places_network
from app.start.masks import masks_sheet
from app.start.pair import TITLES, pair_sheet, pending_sheet
from app.strings import TEXT, say, say_of
from dynviz import CheckpointError, ModelCard

log = logging.getLogger(__name__)
POLL_S = 0.4


def page() -> None:
    """Two sentences, a photo with a mask, ways on, where each mechanism can be tried, an easy and a hard picture."""
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
    masked, card = places_network(cards), example_network(cards)
    if masked:
        _masks(masked)
    everything = in_order(dynviz.models())
    _ways(everything)
    _map(everything)
    if card:
        _example(card)
    navigation.follow()
    wanted = [(known, one) for known, one in ((MASKS, masked), (EXAMPLES, card)) if one and not known.is_done(one)]
    if wanted:
        arrived("start")
        for known, one in wanted:
            known.ask(one)  # now: torch may begin to load, since everything has been sent
        _watch(wanted)  # last: as often as the browser asks for it, it ends a run of the whole page


def _masks(card: ModelCard) -> None:
    """The first picture, or its place while it is made. A fault of it must not take the page with it: it says less."""
    masks = MASKS.found(card)
    if masks is None and MASKS.is_done(card):
        log.error("%s failed on a sample photo", card.name, exc_info=MASKS.ask(card).exception())
        return
    sheet(masks_sheet(card, masks), key="start_masks")


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


def _map(cards: Sequence[ModelCard]) -> None:
    """The families that have a network here, each with a way to every kind of its networks."""
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
                with st.container(horizontal=True):
                    for card in members.values():
                        _network(card)


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
def _watch(wanted: Sequence[tuple[Examples, ModelCard]]) -> None:
    if any(known.is_done(card) for known, card in wanted):
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
