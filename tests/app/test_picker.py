"""The picker's groups: data, family, mechanism; static networks apart; nothing lost, whatever is registered."""

from __future__ import annotations

from dataclasses import replace

import pytest

import dynviz
from app.picker.order import MECHANISMS, in_order
from app.picker.picker import groups
from dynviz.training.recipes import RECIPES


@pytest.fixture
def cards() -> list[dynviz.ModelCard]:
    found = in_order(dynviz.models())
    if not found:
        pytest.skip("no trained network is here")
    return found


def listed(found: list[dict]) -> list[str]:
    names = [entry[0] for group in found for entry in group["static"]]
    for group in found:
        for family in group["families"]:
            names += [entry[0] for kind in family["mechanisms"] for entry in kind["networks"]]
    return names


def test_every_network_is_there_once(cards):
    assert sorted(listed(groups(cards))) == sorted(card.name for card in cards)


def test_every_mechanism_has_its_place():
    dynamic = [recipe for recipe in RECIPES.values() if recipe.family != "static"]
    assert {recipe.mechanism for recipe in dynamic} <= set(MECHANISMS)


def test_families_stand_as_in_the_fields_map_and_static_ones_apart(cards):
    base = next((card for card in cards if card.modality == "image"), cards[0])
    base = replace(base, data="one (thing)")
    made = [
        replace(base, name="halting", family="spatial-wise", mechanism="halting by the moon"),
        replace(base, name="masks", family="spatial-wise", mechanism="pixel masks"),
        replace(base, name="exits", family="sample-wise", mechanism="early exit"),
        replace(base, name="frames", family="temporal-wise", mechanism="skipping"),
        replace(base, name="plain", family="static", mechanism="none"),
        replace(base, name="elsewhere", family="sample-wise", mechanism="early exit", data="two"),
    ]
    one, two = groups(made)
    assert [family["name"] for family in one["families"]] == ["sample-wise", "spatial-wise", "temporal-wise"]
    spatial = one["families"][1]["mechanisms"]
    assert [kind["name"] for kind in spatial] == ["pixel masks", "halting by the moon"]  # an unknown one comes last
    assert one["static"] == [["plain", base.title]] and two["data"].endswith("things · two") and not two["static"]


def test_a_hundred_networks_are_a_few_kilobytes(cards):
    import json

    many = [replace(cards[i % len(cards)], name=f"network-{i}") for i in range(100)]
    assert len(json.dumps(groups(many))) < 12_000
