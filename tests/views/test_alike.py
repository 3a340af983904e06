"""Guesses of a kind: told together where they are all a network is unsure between, and one by one where not."""

from __future__ import annotations

import pytest

from dynviz.datasets.imagenet import names
from dynviz.results.kinds import RUNS, SETS
from dynviz.trace import Media, Prediction, Trace
from dynviz.views.decisions.alike import NEARLY, guesses
from dynviz.views.decisions.panels import DOUBT, panels


def trace(top, labels=None) -> Trace:
    prediction = Prediction(top[0][0], top[0][1], tuple(top))
    return Trace("a", "A", labels or names(), prediction, (), (), Media("image", "0"), 0)


CATS = [("Egyptian cat", 0.35), ("lens cap", 0.2), ("tabby", 0.18), ("tiger cat", 0.12), ("lynx", 0.05)]


def test_cats_are_told_together_and_in_their_order():
    found = guesses(trace(CATS))
    assert [guess.name for guess in found] == ["cat", "lens cap", "lynx"]
    assert found[0].share == pytest.approx(0.65) and len(found[0].members) == 3


def test_the_answer_says_so_and_does_not_doubt_a_kind_that_is_sure():
    answer, *_, top = panels(trace(CATS))
    assert "cat of any kind: 65" in answer.html and DOUBT not in answer.html + answer.alt
    assert top.html.count("<li") == 5 and top.html.index("tiger cat") < top.html.index("lens cap")
    unsure = [("Egyptian cat", 0.2), ("lens cap", 0.2), ("lynx", 0.1), ("wig", 0.1), ("mop", 0.05)]
    answer, *_ = panels(trace(unsure))
    assert "of any kind" not in answer.html and DOUBT in answer.html and DOUBT in answer.alt


def test_whoever_knows_other_names_has_no_kinds():
    top = [("cat", 0.5), ("dog", 0.3), ("church", 0.2)]
    assert [guess.name for guess in guesses(trace(top, ("cat", "church", "dog")))] == ["cat", "dog", "church"]


def test_every_name_of_a_kind_is_one_of_the_thousand_and_in_one_kind_only():
    known, seen = names(), []
    for kind, first, last in RUNS:
        assert known.index(first) < known.index(last), kind
        seen += known[known.index(first) : known.index(last) + 1]
    for kind, members in SETS:
        assert set(members) <= set(known), kind
        seen += members
    for kind, members in NEARLY.items():
        assert set(members) <= set(known), kind
        seen += members
    assert len(seen) == len(set(seen))
