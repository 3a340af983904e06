"""The six advantages put to the test, on tables made by hand; one that does not hold is told as not holding."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from app.lessons.experiment import evidence_sheet
from dynviz.results import battery
from dynviz.results import promises as room
from dynviz.results.battery import drain, halves
from dynviz.results.findings import AttributionUse, CompatibilityUse, Findings
from dynviz.results.promises import PROMISES, Evidence
from dynviz.results.tables import Table
from tests.views.fragments import balanced

N = 400
LABEL = np.zeros(N, dtype=int)


def table(right, macs) -> Table:
    """right: (points,) share of right answers; macs: (points,) of each."""
    prediction = np.ones((N, len(right)), dtype=int)
    for point, share in enumerate(right):
        prediction[: round(share * N), point] = 0
    cost = np.tile(np.array(macs), (N, 1))
    return Table(LABEL, prediction, cost, np.ones((N, len(right), 1), bool))


def card(name, macs, points=1, **more):
    told = {
        "family": "static",
        "parent": None,
        "data": "d",
        "modality": "image",
        "network": "resnet",
        "mechanism": "none",
        "epochs": 9,
        "teacher": None,
        "seed": 1,
    }
    told |= {"title": name, "name": name, "data_name": "d", "static_macs": macs, "test_accuracy": 0.9} | more
    return SimpleNamespace(operating_points=[None] * points, **told)


@pytest.fixture
def pair(monkeypatch):
    parent = card("parent", 100)
    child = card("child", 100, 3, family="sample-wise", parent="parent", mechanism="early exit")
    tables = {"parent": table([0.9], [100]), "child": table([0.5, 0.9, 0.9], [20, 60, 100])}
    monkeypatch.setattr(room, "read_table", lambda card: tables[card.name])
    return [parent, child], tables


def test_efficiency_is_the_cheapest_point_that_is_as_good(pair):
    cards, tables = pair
    (line,) = room.efficiency(cards)
    assert line.value == pytest.approx(0.4) and line.holds
    tables["child"] = table([0.5, 0.85, 0.88], [20, 60, 100])
    (line,) = room.efficiency(cards)
    assert not line.holds and line.value == 0 and "never" in line.detail


def test_efficiency_is_reported_on_inputs_that_it_was_not_chosen_on(pair):
    cards, tables = pair
    first, second = halves(N)
    lucky = tables["child"].prediction.copy()
    lucky[first, 0], lucky[second, 0] = tables["parent"].prediction[first, 0], 1  # as good on the half it is chosen on
    tables["child"] = Table(LABEL, lucky, tables["child"].macs, np.ones((N, 3, 1), bool))
    (line,) = room.efficiency(cards)
    assert line.value == pytest.approx(0.8) and not line.holds and "-9" in line.detail


def test_a_battery_by_hand():
    one = table([0.9, 0.9], [100, 20])
    rows = np.arange(N)
    full = drain(one, 100 * N, rows)
    assert full.right == 360 and full.left[-1] == pytest.approx(0)
    least = drain(one, 20 * N, rows)
    assert least.right == 360 and least.left[0] == 1 and least.left[-1] == pytest.approx(0)
    still = drain(table([0.9], [100]), 20 * N, rows)  # empty after a fifth of the stream
    assert still.right == N // 5 and still.left[2] == 0


def test_who_adapts_is_held_against_the_best_static_network_of_one_size(pair, monkeypatch):
    cards, tables = pair
    monkeypatch.setattr(battery, "read_table", lambda card: tables[card.name])
    (line,) = room.adaptiveness(cards)
    assert line.value > 1.2 and not line.holds and "no smaller" in line.detail
    tables["weak"] = table([0.3], [10])
    (line,) = room.adaptiveness([*cards, card("weak", 10)])
    assert line.value > 1.2 and line.holds and line.low <= line.value <= line.high
    small = card("small", 10)
    tables["small"] = table([0.89], [10])  # hardly less accurate, at a tenth
    (line,) = room.adaptiveness([*cards, small])
    assert line.value < 1 and not line.holds and "against small" in line.detail and "against parent" in line.detail
    found = battery.drains(cards[1], [*cards, small], 0.4)
    assert [one.title for one in found] == ["child", "small", "parent"]
    assert found[2].left[-1] == 0 < found[1].left[-1]


def test_representation_asks_only_what_saves_nothing(pair):
    cards, tables = pair
    assert not room.representation(cards)
    mixed = card("mixed", 102, 1, family="sample-wise", parent="parent", mechanism="dynamic parameters")
    tables["mixed"] = table([0.95], [102])
    (line,) = room.representation([*cards, mixed])
    assert line.value == pytest.approx(0.05) and line.holds and "+2.0%" in line.detail


def test_representation_is_held_against_the_control_that_was_trained_alike(pair):
    cards, tables = pair
    trained = {"parent": "parent", "epochs": 2, "teacher": "parent"}
    mixed = card("mixed", 102, 1, family="sample-wise", mechanism="dynamic parameters", **trained)
    tuned = card("tuned", 100, **trained)
    tables["mixed"], tables["tuned"] = table([0.95], [102]), table([0.95], [100])
    (line,) = room.representation([*cards, mixed, tuned])
    assert line.value == 0 and not line.holds and "against tuned" in line.detail  # fine-tuning alone gains as much
    for other in ({"epochs": 3}, {"teacher": None}, {"data": "e"}, {"static_macs": 50}):
        (line,) = room.representation([*cards, mixed, SimpleNamespace(**(vars(tuned) | other))])
        assert line.value == pytest.approx(0.05) and "against parent" in line.detail


def test_findings_speak_where_there_are_any(monkeypatch):
    one = card("one", 100)
    use = AttributionUse(
        "m",
        (0.4, 1.0),
        (0.2, None),
        (0.1, None),
        (0.3, None),
        (0.5, None),
        (0.4, None),
        {"centre": ((0.15, 0.5), (None, None))},
        0.0,
        9,
    )
    small = CompatibilityUse(
        (0.5,), ("as it is", "int8"), ((0.9,), (0.7,)), ((0, 0, 0), (-0.2, -0.3, -0.1)), (10, 4), (2.0, 1.0), 9
    )
    found = Findings("x", attribution=use, compatibility=small)
    monkeypatch.setattr(room, "read_findings", lambda card: found)
    (line,) = room.interpretability([one])
    assert line.value == 0.2 and not line.holds and "decided centre: +0.15" in line.detail
    (line,) = room.compatibility([one])
    assert line.value == -0.2 and not line.holds and "40% of the bytes" in line.detail


@pytest.mark.parametrize("name", list(PROMISES))
def test_each_is_drawn_with_its_verdict(name):
    lines = (Evidence("A <b>", 0.5, 0.4, 0.6, True, "d"), Evidence("B", -0.1, None, None, False, "e"))
    html = evidence_sheet(name, lines)
    assert balanced(html) and "✓" in html and "✗" in html and "A &lt;b&gt;" in html
    assert balanced(evidence_sheet(name, ()))
