"""What a person decides by hand: kept for one input and one network, undone where it cannot be."""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import SimpleNamespace

import pytest

from app.live import by_hand
from app.live.view.usage import by_hand as sentence
from app.live.view.usage import longest_by_hand, usage
from app.strings import say
from dynviz.results.tables import Table
from tests.app.test_parts import exits_trace
from tests.hand_made import LABELS


@dataclass
class Asked:
    """An inference that remembers what was forced."""

    forced: tuple = ()


@pytest.fixture
def session(monkeypatch) -> dict:
    state, said = {}, []
    monkeypatch.setattr(
        by_hand, "st", SimpleNamespace(session_state=state, toast=lambda words, icon: said.append(words))
    )

    def infer(chosen, card, framing, found, forced):
        if "nowhere" in forced:
            raise ValueError("there is no decision at nowhere")
        if "broken" in forced:
            raise RuntimeError("no")
        return Asked(tuple(forced.items()))

    monkeypatch.setattr(by_hand, "infer_by_hand", infer)
    return {"state": state, "said": said}


def applied(identity: str = "one") -> Asked:
    return by_hand.applied(identity, None, SimpleNamespace(name="n"), "crop", Asked())


def test_what_was_taken_is_applied_until_something_else_is_looked_at(session):
    assert applied().forced == ()
    by_hand.take({"id": "one", "forced": {"a": "skip"}})
    assert applied().forced == applied().forced == (("a", "skip"),)
    assert applied("two").forced == () and applied("one").forced == ()


def test_what_cannot_be_is_said_and_what_was_before_stays(session):
    by_hand.take({"id": "one", "forced": {"a": "skip"}})
    by_hand.take({"id": "one", "forced": {"a": "skip", "nowhere": "run"}})
    assert applied().forced == (("a", "skip"),) and "no decision at nowhere" in session["said"][0]
    assert applied().forced == (("a", "skip"),) and len(session["said"]) == 1
    by_hand.take({"id": "two", "forced": {"broken": "run"}})
    assert applied("two").forced == () and say("hand.failed") in session["said"][1]


@pytest.mark.parametrize("value", [None, 3, {"id": "one"}, {"id": "one", "forced": ["a"]}])
def test_other_things_than_decisions_are_left_out(session, value):
    by_hand.take(value)
    assert applied().forced == () and not session["said"]


def test_how_often_a_part_runs(session):
    import numpy as np

    cheap = np.array([[1, 0, 0], [1, 1, 0], [1, 1, 1], [1, 1, 1]], dtype=bool)
    ran = np.stack([cheap, np.ones_like(cheap)], axis=1)  # everything runs at the second operating point
    zeros = np.zeros((4, 2), dtype=int)
    table = Table(np.array([0, 0, 1, 1]), zeros, zeros, ran, ("e0", "e1", "e2"), classes=LABELS)
    places, traces = (1, 0, 0), (exits_trace(2), exits_trace(0), exits_trace(1))
    told = usage(table, places, traces)
    assert told["labels"] == [trace.prediction.label for trace in traces] == ["dog", "cat", "dog"]
    assert told["units"] == ["e0", "e1", "e2"]  # once for all points
    assert told["own"] == [[100, 100, 100], [100, 50, 0], [100, 100, 100]]
    assert told["all"] == [[100, 100, 100], [100, 75, 50], [100, 75, 50]]
    assert usage(replace(table, units=()), places, traces) == told  # an older file: the exits are as many
    assert usage(replace(table, units=("a", "b")), places, traces) is None
    nothing = usage(replace(table, label=np.array([1, 1, 1, 1])), places, traces)
    assert nothing["own"][1] is None and nothing["all"] == told["all"]  # no cat was tested


def test_one_of_several_right_answers_is_told_of_by_its_class():
    """'cat' and 'dog' are both right for a pet, and no church was tested."""
    import numpy as np

    ran = np.array([[[1, 1, 1]], [[1, 0, 0]]], dtype=bool)
    accepted = np.zeros((1, len(LABELS)), dtype=bool)
    accepted[0, [LABELS.index("cat"), LABELS.index("dog")]] = True
    one = np.zeros((2, 1), dtype=int)
    table = Table(np.array([0, 0]), one, one, ran, ("e0", "e1", "e2"), classes=("pet",), accepted=accepted)
    told = usage(table, (0,), (exits_trace(0),))
    assert told["labels"] == ["pet"] and told["own"] == [[100, 50, 50]]
    accepted[:] = False
    assert usage(table, (0,), (exits_trace(0),))["own"] == [None]


def test_room_is_kept_for_the_longest_sentence():
    traces = [exits_trace(stop) for stop in range(3)]
    said = [sentence(trace, own) for trace in traces for own in traces]
    assert len(longest_by_hand(traces[0], 10)) >= max(map(len, said))
