"""Which networks stand for all where a test is about what is around a network: its page, its commands."""

from __future__ import annotations

from collections.abc import Sequence

from dynviz.zoo import ModelCard


def one_of_each(cards: Sequence[ModelCard]) -> list[ModelCard]:
    """The cheapest network of each mechanism, kind of input and data set, in the order of ``cards``.

    What a network itself does is checked for every one in ``test_registry``.
    """
    cheapest = {_kind(card): card for card in sorted(cards, key=lambda card: (-card.static_macs, card.name))}
    return [card for card in cards if cheapest[_kind(card)].name == card.name]


def _kind(card: ModelCard) -> tuple[str, str, str]:
    return card.modality, card.mechanism, card.data
