"""The order in which networks are offered, and how they are grouped: data, family, mechanism."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

from app.kinds import KINDS
from app.strings import say
from dynviz import ModelCard
from dynviz.trace import Modality
from dynviz.zoo import Family

MODALITIES = get_args(Modality)  # pictures first
PHOTO_PX = 64  # side of what a network reads
FAMILIES = tuple(family for family in get_args(Family) if family != "static")
# as a class would meet them, family by family; of each, what shows most at first sight first
MECHANISMS = (
    "early exit",
    "layer skipping by gates",
    "layer skipping by a policy network",
    "layer skipping by halting scores",
    "dynamic width",
    "dynamic width by experts",
    "dynamic routing",
    "dynamic parameters",
    "pixel masks",
    "halting score per position",
    "regions",
    "resolution",
    "token halting",
    "token pruning",
    "token merging",
    "skimming",
    "skipping",
    "jumping",
    "learned boundaries",
    "early stopping",
    "pre-sampling of key frames",
    "early exit over frames",
    "resolution or skip per frame",
    "agent that looks for frames",
    "dynamic update of hidden states",
    "region per frame",
)


def in_order(cards: Sequence[ModelCard]) -> list[ModelCard]:
    """As they are offered, the first being what a newcomer sees.

    Dynamic networks before static ones; pictures, texts, recordings; photos before small pictures, ECGs before sounds;
    what decides word by word or step by step, which shows most, before what takes in the whole input; mechanisms as a
    class would meet them; networks of their own before those made of others; those for longer texts first. Static ones
    as they come: by what they cost.
    """
    return sorted(cards, key=_place)


def reads_photos(card: ModelCard) -> bool:
    """Does it read photos, rather than pictures of the size of a thumbnail?"""
    return card.in_side_px >= PHOTO_PX


def mechanism_place(mechanism: str) -> tuple[int, str]:
    """Where a mechanism stands among the others; those that nobody knows come last, by name."""
    known = mechanism in MECHANISMS
    return (MECHANISMS.index(mechanism), "") if known else (len(MECHANISMS), mechanism)


def named(card: ModelCard) -> str:
    """'MSDNet · early exit' or 'ResNet · static'."""
    return f"{card.title} · {say('network.static') if card.family == 'static' else card.mechanism}"


def kind(card: ModelCard) -> str:
    """'early exit, sample-wise' or 'static'."""
    return say("network.static") if card.family == "static" else f"{card.mechanism}, {card.family}"


def _place(card: ModelCard) -> tuple:
    static, known = card.family == "static", KINDS[card.modality]
    sound = card.series is not None and card.series.kind != "ecg"
    medium = MODALITIES.index(card.modality), known.laid_over and not reads_photos(card), sound
    whole = (
        KINDS[card.modality].in_order and card.family != "temporal-wise"
    )  # of a text: no word is decided about alone
    last = card.mechanism in ("early stopping", "token pruning")  # of what is read in order: it shows least
    family = FAMILIES.index(card.family) if card.family in FAMILIES else len(FAMILIES)
    met = () if static else (whole, last, family, mechanism_place(card.mechanism))
    return static, *medium, met, bool(card.members), 0 if static else -card.static_macs
