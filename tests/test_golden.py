"""Every shipped network still says what it said of two inputs that ship with the project. No data set is needed."""

from __future__ import annotations

import os

import pytest

from dynviz import zoo
from tests import golden
from tests.checks.inputs import each

CARDS = [] if os.environ.get("DYNVIZ_PRETRAINED") else sorted(zoo.models(), key=lambda card: card.data)


@each(CARDS)
def test_the_golden_answers_are_given(card):
    golden.check_golden(card, golden.read())


def test_there_is_no_golden_answer_of_a_network_that_is_not_shipped():
    if not CARDS:
        pytest.skip("these are not the networks that ship with the project")
    assert golden.read().keys() <= {card.name for card in CARDS}
