"""A network against its baselines on the same samples, worked out by hand."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from dynviz import zoo
from dynviz.results.advantage import (
    SIBLINGS,
    Answers,
    against_blind,
    against_siblings,
    answers,
    sibling_answers,
    verdicts,
)
from dynviz.results.comparison import compare, mean_interval, own_curve, paired_interval, sibling_curve
from tests.hand_made import write_network, write_zoo


@pytest.fixture
def cards(tmp_path, monkeypatch):
    write_zoo(tmp_path)
    monkeypatch.setenv("DYNVIZ_PRETRAINED", str(tmp_path))
    return zoo.models()


def test_between_two_points_samples_are_mixed_on_a_log_scale():
    right = np.array([[True, False, False], [True, True, False]])
    curve = Answers(np.array([10.0, 1000.0]), right, np.zeros(3))
    assert curve.at(100.0) == pytest.approx([1, 0.5, 0])  # the middle in log MACs
    assert curve.at(1.0).tolist() == [1, 0, 0] and curve.at(1e9).tolist() == [1, 1, 0]
    single = Answers(np.array([10.0]), right[:1], np.zeros(3))
    assert single.at(77.0).tolist() == [1, 0, 0]


def test_the_mixture_has_the_accuracy_of_the_drawn_line(cards):
    card = zoo.card("exits")
    for macs in (15e6, 18e6, 26e6):
        x, y = np.log([macs for macs, _ in own_curve(card)]), [accuracy for _, accuracy in own_curve(card)]
        assert answers(card).at(macs).mean() == pytest.approx(np.interp(np.log(macs), x, y))
        x, y = np.log([10e6, 40e6]), [0.6, 0.9]
        assert sibling_answers(card, cards).at(macs).mean() == pytest.approx(np.interp(np.log(macs), x, y))


def test_verdict_against_every_baseline(cards):
    card = zoo.card("exits")
    found = {verdict.baseline: verdict for verdict in verdicts(card, cards)}
    assert list(found) == [SIBLINGS, "random exits"]
    siblings = found[SIBLINGS]
    expected = compare(own_curve(card), sibling_curve(card, cards))
    assert (siblings.share_above, siblings.best.gain, siblings.last.gain) == (0, expected.best, expected.last)
    low, high = siblings.last.interval
    assert low < siblings.last.gain < high < 0.2
    assert found["random exits"].best.interval is None  # no table says what every exit would have answered


def test_decisions_are_held_against_the_best_of_the_blind_ones(cards):
    """Two lines from 10 M to 40 M: half of 40 M is in the middle on a log scale. 5 points above the better one."""
    card = zoo.card("exits")
    points = tuple(
        replace(card.operating_points[0], macs=macs, accuracy=accuracy, n=400)
        for macs, accuracy in ((10e6, 0.6), (40e6, 0.8))
    )
    curves = {"random": ((10e6, 0.3), (40e6, 0.8)), "even": ((10e6, 0.5), (40e6, 0.8))}
    found = against_blind(replace(card, static_macs=40_000_000, operating_points=points, curves=curves))
    assert (found.name, found.macs) == ("even", 20e6) and found.gain == pytest.approx(0.05)
    assert found.noise == pytest.approx(1.96 * (2 * 0.7 * 0.3 / 400) ** 0.5)
    assert against_blind(replace(card, curves={})) is None
    assert against_blind(replace(card, operating_points=points, curves={"dear": ((50e6, 0.3), (60e6, 0.8))})) is None


def test_another_dynamic_network_is_a_rival_of_its_own(cards, tmp_path):
    everything = np.ones((10, 2, 1), dtype=bool)
    macs = np.array([[12_000_000, 30_000_000]] * 10)
    perfect = tuple(zoo.card("exits").labels.index(x) for x in ("cat",) * 4 + ("dog",) * 4 + ("sea",) * 2)
    write_network(tmp_path, "rival", [perfect, perfect], macs, everything, family="spatial-wise")
    found = {verdict.baseline: verdict for verdict in verdicts(zoo.card("exits"), zoo.models())}
    assert found["Rival"].share_above == 0 and found["Rival"].last.gain == pytest.approx(-0.3)
    other = json.loads((tmp_path / "rival" / "card.json").read_text()) | {"data": "elsewhere"}
    (tmp_path / "rival" / "card.json").write_text(json.dumps(other))
    assert "Rival" not in {verdict.baseline for verdict in verdicts(zoo.card("exits"), zoo.models())}


def test_one_point_against_the_siblings_at_its_compute(cards):
    card = zoo.card("exits")  # its second point: 28 M, 70 %; siblings 60 % at 10 M, 90 % at 40 M
    gain = against_siblings(card, cards, 1)
    assert gain.macs == 28e6
    theirs = 0.6 + 0.3 * np.log(2.8) / np.log(4)
    assert gain.gain == pytest.approx(0.7 - theirs)
    assert gain.interval[0] < gain.gain < gain.interval[1]
    only_large = [c for c in cards if c.name != "small"]
    assert against_siblings(card, only_large, 1) is None  # nothing static is that cheap
    assert against_siblings(card, [card], 1) is None


def test_without_a_table_there_is_a_gain_but_no_interval(cards, tmp_path):
    (tmp_path / "large" / "evaluation.npz").unlink()
    card = zoo.card("exits")
    assert sibling_answers(card, cards) is None
    assert against_siblings(card, cards, 1).interval is None
    assert verdicts(card, cards)[0].best.interval is None
    assert verdicts(card, cards)[0].best.gain == compare(own_curve(card), sibling_curve(card, cards)).best
    (tmp_path / "exits" / "evaluation.npz").unlink()
    assert answers(card) is None


def test_the_interval_is_that_of_drawing_samples_anew():
    draw = np.random.default_rng(3)
    values = draw.choice([-1.0, 0.0, 0.25, 1.0], 400, p=[0.1, 0.6, 0.1, 0.2])
    picks = draw.integers(0, 400, (4000, 400))
    by_hand = np.quantile(values[picks].mean(axis=1), [0.025, 0.975])
    assert mean_interval(values) == pytest.approx(tuple(by_hand), abs=0.01)
    assert mean_interval(np.full(50, 0.5)) == (0.5, 0.5)
    ours, theirs = values > 0, values < 0
    assert paired_interval(ours, theirs) == mean_interval(ours.astype(float) - theirs)
