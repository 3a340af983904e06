"""What is loaded ahead stays loaded, and collecting garbage after every run of a page is off."""

from __future__ import annotations

import gc
from dataclasses import replace

import pytest
from streamlit import config

import dynviz
from app import warm
from app.picker.order import in_order
from dynviz import zoo


@pytest.fixture
def cards() -> list[dynviz.ModelCard]:
    found = dynviz.models()
    if not found:
        pytest.skip("no trained network is here")
    return found


def test_as_many_as_are_kept_are_loaded_and_no_more(cards):
    names = warm.ahead(cards, zoo.KEPT)
    assert len(set(names)) == len(names) <= zoo.KEPT
    assert len(names) == min(zoo.KEPT, len({name for card in cards for name in (card.name, *card.members)}))
    first = in_order(cards)[0]
    assert first.name in names[: 1 + len(first.members)]


def test_members_count_and_come_before_what_is_made_of_them(cards):
    card = replace(cards[0], family="sample-wise", mechanism="early exit", members=("a", "b", "c"), name="whole")
    plain = replace(card, members=(), name="plain", family="static", static_macs=1)
    assert warm.ahead([card, plain], 4) == ["a", "b", "c", "whole"]
    assert warm.ahead([card, plain], 3) == ["plain"]


def test_what_was_loaded_ahead_is_still_there(cards, monkeypatch):
    loaded = []
    zoo._load.cache_clear()
    monkeypatch.setattr(warm, "ahead", lambda cards, room: [card.name for card in cards if not card.members][:3])
    warm._load()
    try:
        assert gc.get_freeze_count() > 0
        before = zoo._load.cache_info()
        for name in warm.ahead(cards, zoo.KEPT):
            loaded.append(dynviz.load(name))
        after = zoo._load.cache_info()
        assert after.misses == before.misses and after.hits == before.hits + len(loaded) > before.hits
    finally:
        gc.unfreeze()


def test_pages_do_not_collect_garbage_after_every_run():
    assert config.get_option("runner.postScriptGC") is False
