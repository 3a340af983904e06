"""Evaluation tables: what they say of a hand-made network, and which are refused."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from dynviz import zoo
from dynviz.results.tables import Table, TableError, changes, read_table, use_by_class, ways
from tests.hand_made import EXITS, LABEL, LABELS, write_network, write_zoo


@pytest.fixture
def place(tmp_path, monkeypatch):
    write_zoo(tmp_path)
    monkeypatch.setenv("DYNVIZ_PRETRAINED", str(tmp_path))
    return tmp_path / "exits"


def rewrite(place, **changed) -> None:
    path = place / "evaluation.npz"
    with np.load(path) as archive:
        arrays = {name: archive[name] for name in archive}
    np.savez_compressed(path, **{key: value for key, value in (arrays | changed).items() if value is not None})


def test_a_table_is_what_was_written(place):
    table = read_table(zoo.card("exits"))
    assert table.label.tolist() == list(LABEL)
    assert table.right.mean(axis=0) == pytest.approx([0.6, 0.7])
    assert table.answered_at[:, 0].tolist() == [0, 0, 0, 0, 1, 1, 0, 0, 0, 2]
    assert table.answered_at[:, 1].tolist() == [0, 1, 2, 2, 1, 1, 2, 2, 0, 2]
    assert table.units_run.shape == (10, 2, EXITS)
    with pytest.raises(ValueError, match="read-only"):
        table.prediction[0, 0] = 2


def test_units_have_their_names_where_the_file_has_them(place):
    assert read_table(zoo.card("exits")).units == ()  # an older file
    rewrite(place, unit_names=np.array(["exits.0", "exits.1", "exits.2"]))
    assert read_table(zoo.card("exits")).units == ("exits.0", "exits.1", "exits.2")
    rewrite(place, unit_names=np.array(["exits.0"]))
    with pytest.raises(TableError, match="names of the units"):
        read_table(zoo.card("exits"))


def test_what_changes_between_two_budgets(place):
    found = changes(read_table(zoo.card("exits")), 0, 1)
    assert found.gained.tolist() == [2, 6] and found.lost.tolist() == [9] and found.other.tolist() == []
    back = changes(read_table(zoo.card("exits")), 1, 0)
    assert back.gained.tolist() == [9] and back.lost.tolist() == [2, 6]


def test_another_wrong_answer_is_no_gain(tmp_path, monkeypatch):
    both_wrong = [(1,) * 10, (2,) * 10]
    write_network(tmp_path, "odd", both_wrong, np.full((10, 2), 1000), np.ones((10, 2, 1), dtype=bool))
    monkeypatch.setenv("DYNVIZ_PRETRAINED", str(tmp_path))
    found = changes(read_table(zoo.card("odd")), 0, 1)
    assert found.other.tolist() == [0, 1, 2, 3]  # the cats: wrong as dogs, then wrong as sea
    assert found.lost.tolist() == [4, 5, 6, 7] and found.gained.tolist() == [8, 9]


def test_use_of_each_exit_by_class(place):
    use = use_by_class(replace(read_table(zoo.card("exits")), classes=(*LABELS, "none")), 1, exits=True)
    assert use.n.tolist() == [4, 4, 2, 0]
    assert use.share[:3].tolist() == [[0.25, 0.25, 0.5], [0, 0.5, 0.5], [0.5, 0, 0.5]]
    assert use.macs[:3].tolist() == [27.5e6, 30e6, 25e6]
    assert use.accuracy[:3].tolist() == [0.75, 0.75, 0.5]
    assert np.isnan(use.share[3]).all() and np.isnan(use.macs[3])  # a class without test samples


def test_use_of_each_unit_where_units_are_no_exits(place):
    use = use_by_class(read_table(zoo.card("exits")), 1, exits=False)
    assert use.share[0].tolist() == [1, 0.75, 0.5]  # the share on which each ran, whatever ran after it


def test_ways_through_a_network_are_what_ran_together():
    ran = np.array([[1, 0, 1], [1, 0, 1], [1, 1, 0], [0, 0, 0]], dtype=bool)
    both = np.stack([ran, np.ones_like(ran)], axis=1)  # at the second point everything runs
    none = np.zeros((4, 2), dtype=np.int64)
    table = Table(np.zeros(4, dtype=np.int64), none, none, both)
    first, second = ways(table, 0), ways(table, 1)
    assert (first.samples, first.different, first.commonest) == (4, 3, 0.5)
    assert (second.different, second.commonest) == (1, 1.0)


def test_the_shares_are_those_of_the_card(place):
    card = zoo.card("exits")
    for i, point in enumerate(card.operating_points):
        answered = np.bincount(read_table(card).answered_at[:, i], minlength=EXITS) / 10
        assert answered.tolist() == pytest.approx(point.shares)


def test_mixtures_by_class(place):
    means = np.array([[1, 0, 0.5], [0, 1, 0.5], [0.5, 0.5, 0.5]], dtype=np.float16)
    spread = np.array([0.45, 0.45, 0.0], dtype=np.float16)
    given = {"mixture_units": np.array(["a", "b"]), "mixture_sizes": np.array([2, 1]), "mixture_means": means}
    rewrite(place, **given, mixture_spread=spread)
    table = read_table(zoo.card("exits"))
    assert [one.unit for one in table.mixtures] == ["a", "b"] and table.mixtures[0].means.tolist()[0] == [1, 0]
    n = np.bincount(table.label, minlength=3)
    # means lie 0.5 to either side of one half for eight of the ten samples: a variance of 0.2 of 0.45 squared
    assert table.mixtures[0].explained(n) == pytest.approx(0.2 / 0.45**2, rel=1e-2)
    assert table.mixtures[1].explained(n) is None  # it never varies
    spread[:] = 1e-4  # float16 near one half goes in steps of 5e-4
    for means[:, 0] in ([0.5, 0.5, 0.5], [0.5, 0.5005, 0.5]):  # rounded alike, or not
        means[:, 1] = means[:, 0]
        rewrite(place, **given, mixture_spread=spread)
        assert [one.explained(n) for one in read_table(zoo.card("exits")).mixtures] == [None, None]
    rewrite(place, **given, mixture_spread=spread[:2])
    with pytest.raises(TableError, match="mixtures do not belong"):
        read_table(zoo.card("exits"))


@pytest.mark.parametrize(
    "changed",
    [
        {"label": None},
        {"label": np.zeros((10, 1), np.uint8)},
        {"prediction": np.zeros((9, 2), np.uint8)},
        {"macs": np.zeros((10, 2), np.float32)},
        {"units": np.int64(0)},
        {"units": np.int64(20)},
        {"units": np.array(["three"])},
        {"prediction": np.array([["cat", "cat"]] * 10)},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_a_damaged_table_is_refused(place, changed):
    rewrite(place, **changed)
    with pytest.raises(TableError, match="damaged"):
        read_table(zoo.card("exits"))


@pytest.mark.parametrize("cut", [0, 10, 200, -30])
def test_a_cut_off_file_is_refused(place, cut):
    path = place / "evaluation.npz"
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(TableError, match="damaged"):
        read_table(zoo.card("exits"))


def test_a_missing_table_is_refused(place):
    (place / "evaluation.npz").unlink()
    with pytest.raises(TableError, match="cannot be read"):
        read_table(zoo.card("exits"))


def test_a_table_of_another_card_is_refused(place):
    with np.load(place / "evaluation.npz") as archive:
        other = 2 - archive["prediction"]
    rewrite(place, prediction=other)
    with pytest.raises(TableError, match="does not belong"):
        read_table(zoo.card("exits"))


def test_a_card_that_was_measured_anew_refuses_the_old_table(place):
    card = json.loads((place / "card.json").read_text())
    card["operating_points"][0]["macs"] *= 1.01
    (place / "card.json").write_text(json.dumps(card))
    with pytest.raises(TableError, match="train exits"):
        read_table(zoo.card("exits"))


def test_every_shipped_table_belongs_to_its_card():
    cards = [card for card in zoo.models() if card.operating_points]
    if not cards:
        pytest.skip("no trained network is here")
    for card in cards:
        assert read_table(card).right.shape == (card.operating_points[0].n, len(card.operating_points))


def test_no_expert_of_a_shipped_network_is_dead():
    """Every expert runs for some of the test samples where all that may run do."""
    cards = [card for card in zoo.models() if card.network == "mixture-of-experts"]
    if not cards:
        pytest.skip("no mixture of experts is shipped")
    for card in cards:
        table = read_table(card)
        load = table.units_run[:, -1].mean(axis=0)
        experts = {name: float(share) for name, share in zip(table.units, load, strict=True) if "/" in name}
        assert len(experts) > 8 and min(experts.values()) > 0.01, experts
