"""Kinds of input: each is known in two files, one that reads and trains, one that draws; nothing else asks for one."""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np
import pytest

from dynviz import zoo
from dynviz.media.description import Media
from dynviz.media.synthetic import synthetic_ecg
from dynviz.modalities import MODALITIES
from dynviz.modalities.adapter import InputForm
from dynviz.networks.batches import joined
from dynviz.training.recipes import RECIPES
from dynviz.views.examples.traces import examples, series_example
from dynviz.views.medium import MEDIA, Medium, medium_of
from dynviz.views.medium.medium import WIDTH
from dynviz.views.style.words import medium_words

ROOT = Path(__file__).resolve().parents[2]
LIBRARY = sorted((ROOT / "dynviz").rglob("*.py"))
KINDS = {"image", "text", "series", "video"}
KNOWN_HERE = {"modalities", "medium"}  # the two rooms that hold a file for each


def asks_for_a_kind(source: str) -> list[int]:
    """Lines that compare something's modality with a name, or look it up in a table of names written there."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
        elif isinstance(node, ast.Subscript):
            sides = [node.value, node.slice]
        else:
            continue
        whose = any(isinstance(side, ast.Attribute) and side.attr == "modality" for side in sides)
        names = {leaf.value for side in sides for leaf in ast.walk(side) if isinstance(leaf, ast.Constant)}
        if whose and names & KINDS:
            found.append(node.lineno)
    return found


@pytest.mark.parametrize("path", LIBRARY, ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_else_asks_of_which_kind_an_input_is(path):
    if not KNOWN_HERE & set(path.parts):
        assert not asks_for_a_kind(path.read_text())


@pytest.mark.parametrize(
    "source",
    ['if card.modality == "text": pass', 'x = {"image": 1, "text": 2}[card.modality]', 'm.modality not in ("video",)'],
)
def test_such_a_question_is_found(source):
    assert asks_for_a_kind(source) == [1]


def test_every_kind_of_a_card_or_recipe_has_its_files():
    kinds = {card.modality for card in zoo.models()} | {recipe.modality for recipe in RECIPES.values()}
    assert kinds <= set(MODALITIES) <= set(MEDIA) == KINDS
    with pytest.raises(KeyError, match=r"no kind of input is called 'smell'; known: .*image"):
        MODALITIES["smell"]
    for kind in KINDS:
        assert medium_words(kind).noun != medium_words("smell").noun == "input"


@pytest.mark.parametrize(
    ("network", "source"),
    [("resnet-9m", np.zeros((40, 50, 3), np.uint8)), ("lstm-imdb", "A good film."), ("lstm-ecg", synthetic_ecg())],
)
def test_a_batch_of_two_is_one_of_them_twice(network, source):
    card = zoo.card(network)
    x, media = MODALITIES[card.modality].prepare(card, source)
    assert media.modality == card.modality and len(x) == 1
    both = joined([x, x])
    values = [getattr(part, "steps", part) for part in (x, both[:1], both[1:])]
    assert len(both) == 2 and (values[0] == values[1]).all() and (values[0] == values[2]).all()


def test_a_rate_is_of_recordings_only():
    card = next(card for card in zoo.models() if card.modality == "text")
    with pytest.raises(ValueError, match="rate_hz is of recordings"):
        MODALITIES["text"].prepare(card, "A good film.", rate_hz=100.0)
    with pytest.raises(ValueError, match="pictures only"):
        MODALITIES["text"].own_samples(ROOT, card)


def test_how_a_network_wants_its_inputs_is_what_its_card_says():
    for card in zoo.models():
        if card.name in RECIPES:
            assert MODALITIES[card.modality].form(RECIPES[card.name]) == InputForm.of(card)


@pytest.mark.parametrize("trace", [*examples(), series_example()], ids=lambda trace: trace.title)
def test_every_kind_is_drawn_by_its_own(trace):
    assert medium_of(trace.media) is MEDIA[trace.media.modality]


def test_an_input_that_holds_nothing_to_draw_is_left_to_the_answer():
    for kind in ("image", "series", "video"):
        found = medium_of(Media(kind, "digest"))
        assert type(found) is Medium and found.still(series_example(), "light").width == WIDTH
    assert type(medium_of(Media("smell", "digest"))) is Medium  # a kind that is registered from outside
