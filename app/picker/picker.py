"""One line that says which network is chosen, and a panel behind it to choose another: built for a hundred of them.

What a network knows (its data) is chosen first, then family and mechanism as the field's map shows them; the static
networks stand behind "compare with". The whole list is in the browser, so that searching and moving ask nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

import dynviz
from app.component import component
from app.kinds import KINDS
from app.picker.order import FAMILIES, mechanism_place
from app.start.example import MASKS, places_network
from app.start.masks import small_picture
from app.strings import say
from dynviz import ModelCard

HERE = Path(__file__).parent
WORDS = ("search", "none", "data", "compare", "change", "close")


@cache
def _component() -> Callable[..., Any]:
    return component("picker", HERE, "picker.html", ["picker"])


def chosen(cards: Sequence[ModelCard], key: str) -> ModelCard:
    """The card whose name the session holds under ``key``; the first one where it holds none of these."""
    by_name = {card.name: card for card in cards}
    if st.session_state.get(key) not in by_name:
        st.session_state[key] = cards[0].name
    return by_name[st.session_state[key]]


def pick(
    cards: Sequence[ModelCard], card: ModelCard, *, key: str, choose: Callable[[str], None], line: str = ""
) -> None:
    """Show the line and its panel.

    cards: all that can be chosen, in order. card: the one that is. choose: called with the name of another one, before
    the page runs again. line: what is said instead of the network, for a run from a file.
    """

    def changed() -> None:
        name = (st.session_state.get(key) or {}).get("network")
        if name in [other.name for other in cards]:
            choose(name)

    with st.container(key=f"{key}_place"):
        _component()(
            key=key,
            data={
                "groups": groups(cards),
                "pictures": pictures(),
                "chosen": card.name,
                "line": line,
                "text": _words(),
            },
            on_network_change=changed,
        )


def groups(cards: Sequence[ModelCard]) -> list[dict[str, Any]]:
    """By data: families with their mechanisms and networks, and the static networks beside them."""
    found = []
    for data in dict.fromkeys(knows(card) for card in cards):
        alike = [card for card in cards if knows(card) == data]
        families = []
        for family in FAMILIES:
            members = [card for card in alike if card.family == family]
            mechanisms = sorted({card.mechanism for card in members}, key=mechanism_place)
            if members:
                kinds = [
                    {"name": mechanism, "networks": [_entry(card) for card in members if card.mechanism == mechanism]}
                    for mechanism in mechanisms
                ]
                families.append({"name": family, "line": say(f"picker.{family}"), "mechanisms": kinds})
        static = [_entry(card) for card in alike if card.family == "static"]
        found.append({"data": data, "families": families, "static": static})
    return found


def pictures() -> dict[str, str]:
    """HTML of a small live picture for families that have one by now: what is decided about places shows at once."""
    card = places_network(dynviz.models())
    masks = MASKS.found(card) if card is not None else None
    return {card.family: small_picture(masks)} if card is not None and masks is not None else {}


def knows(card: ModelCard) -> str:
    """What a network knows, as people choose it: '1,000 things · ImageNet-1k'; of what is read, its data."""
    return KINDS[card.modality].knows(card)


def _entry(card: ModelCard) -> list[str]:
    return [card.name, card.title]


def _words() -> dict[str, str]:
    return {name: say(f"picker.{name}") for name in WORDS} | {"static": say("network.static")}
