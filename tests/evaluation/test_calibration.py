"""A threshold is searched until each budget has one, and blind decisions are blind."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from dynviz.datasets.samples import Samples
from dynviz.decisions import ChannelSelection, ExpertChoice, LayerSkip, Route
from dynviz.evaluation import calibration
from dynviz.evaluation.blind import check_blind
from dynviz.evaluation.calibration import calibrate_candidates, search
from dynviz.evaluation.passes import ModesDifferError, check_modes, score_settings
from dynviz.networks.baselines import blind_choices
from dynviz.networks.branching import Branches
from dynviz.networks.contract import Between, ContractError, DynamicNetwork
from dynviz.networks.frames import Frames
from dynviz.recorder import SILENT, Recorder, Setting, ragged

GRID = np.arange(1, 21) * 50.0


@pytest.mark.parametrize("curve", [lambda t: 1000 * t, lambda t: 1000 * (1 - t) ** 4, lambda t: 1000 * t**0.5])
def test_every_target_gets_a_threshold_close_below_it(curve):
    asked = []

    def spent(thresholds):
        asked.append(len(thresholds))
        return np.array([curve(value) for value in thresholds])

    known = search(spent, Between(0.0, 1.0), GRID, filled=15.0)
    for target in GRID:
        if target >= min(known.values()):
            best = max(macs for macs in known.values() if macs <= target)
            assert target - best <= 15.0, target
    assert all(known[value] == curve(value) for value in known)
    assert len(asked) <= 7 and sum(asked) < 60  # together, and few of them


def test_a_step_is_not_searched_for_ever():
    known = search(lambda t: np.where(np.array(t) < 0.3, 100.0, 900.0), Between(0.0, 1.0), GRID, filled=15.0)
    assert set(known.values()) == {100.0, 900.0} and len(known) < 30


class Gates(DynamicNetwork):
    """Ten gates, each with a threshold of its own on the one number of its sample; a gate that is open costs 10."""

    candidates = Between(0.0, 1.0)

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(1))

    def forward(self, x, *, setting=None, recorder=SILENT):
        setting = setting or Setting()
        value = x[:, 0].numpy()
        limits = np.zeros(len(x)) if setting.thresholds is None else np.asarray(setting.thresholds, dtype=float)
        limits = np.broadcast_to(limits.reshape(-1), len(x))
        blind = blind_choices(setting.baseline, limits, 10) if setting.baseline else None
        total = torch.zeros(len(x))
        for index in range(10):
            opened = (value + index) / 11 >= limits if blind is None else blind[index]
            total = total + torch.from_numpy(opened)
            columns = {"executed": opened, "macs": opened * 10}
            recorder.decide(LayerSkip, np.arange(len(x)), columns=columns, unit=f"gates.{index}", macs_static=10)
        return torch.stack([total, 5 - total], dim=1)


def samples(count=40):
    values = torch.from_numpy(np.random.default_rng(0).random((count, 1)).astype(np.float32))

    def batches():
        for rows in (np.arange(1, count, 2), np.arange(0, count, 2)):
            yield rows, values[torch.from_numpy(rows)]

    return Samples(np.zeros(count, dtype=np.int64), ("a", "b"), batches)


def test_a_range_of_candidates_fills_the_grid():
    found = calibrate_candidates(Gates(), samples(), scale=1.0)
    budgets = [budget for budget, _ in found]
    assert budgets == pytest.approx([budget for budget in calibration.BUDGETS if budget >= budgets[0]])
    scores = score_settings(Gates(), samples(), [Setting("masked", thresholds=(limit,)) for _, limit in found])
    for budget, spent in zip(budgets, scores.macs.mean(axis=0), strict=True):
        assert budget * 100 - 5 < spent <= budget * 100


def test_which_units_ran_is_told_for_each_setting():
    asked = [Setting("masked", thresholds=((limit,),)) for limit in (0.0, 0.5, 2.0)]
    scores = score_settings(Gates(), samples(), asked)
    assert scores.units == tuple(f"gates.{index}" for index in range(10))
    assert scores.ran.shape == (40, 3, 10) and scores.ran[:, 0].all() and not scores.ran[:, 2].any()
    assert (scores.ran.sum(axis=2) * 10 == scores.macs).all()
    values = samples(40).batches()
    for rows, x in values:
        assert (scores.ran[rows, 1, 3] == ((x[:, 0].numpy() + 3) / 11 >= 0.5)).all()


class Deaf(Gates):
    def forward(self, x, *, setting=None, recorder=SILENT):
        return super().forward(x, setting=Setting("masked", setting.thresholds), recorder=recorder)


class Reversed(Gates):
    """Blind, but the more is asked for the less is open."""

    def forward(self, x, *, setting=None, recorder=SILENT):
        limits = 1 - np.asarray(setting.thresholds)
        return super().forward(x, setting=Setting("masked", limits, baseline=setting.baseline), recorder=recorder)


@pytest.mark.parametrize("baseline", ["random", "uniform"])
def test_a_baseline_that_is_ignored_is_found_out(baseline):
    asked = [Setting("masked", thresholds=((share,),), baseline=baseline) for share in (0.3, 0.75)]
    x = next(samples().batches())[1]
    check_blind(Gates(), x, asked)
    with pytest.raises(ContractError, match=f"ignores the baseline '{baseline}'.*change with the input"):
        check_blind(Deaf(), x, asked)
    with pytest.raises(ContractError, match="spends no more"):
        check_blind(Reversed(), x, asked)


def test_a_reader_is_tried_on_other_words():
    class Reader(Gates):
        def forward(self, x, *, setting=None, recorder=SILENT):
            return super().forward(x.values[:, 0], setting=setting, recorder=recorder)

    class DeafReader(Reader):
        def forward(self, x, *, setting=None, recorder=SILENT):
            return super().forward(x, setting=Setting("masked", setting.thresholds), recorder=recorder)

    x = Frames.batch([np.array([[0.1], [0.9]]), np.array([[0.7], [0.2], [0.3]])])
    asked = [Setting("masked", thresholds=((share,),), baseline="random") for share in (0.3, 0.75)]
    check_blind(Reader(), x, asked)
    with pytest.raises(ContractError):
        check_blind(DeafReader(), x, asked)


class Doubled(Gates):
    """Its skipping mode spends more than it says in the masked one."""

    def forward(self, x, *, setting=None, recorder=SILENT):
        if setting.mode == "skipping":
            recorder.work("gates", np.arange(len(x)), 1)
        return super().forward(x, setting=setting, recorder=recorder)


def test_two_modes_that_tell_different_things_are_found_out():
    asked = [Setting("masked", thresholds=((0.5,),))]
    check_modes(Gates(), samples(), asked)
    with pytest.raises(ModesDifferError, match=r"Doubled disagree: at the thresholds .* MACs masked and"):
        check_modes(Doubled(), samples(), asked)


def test_rows_with_the_same_past_share_their_features():
    branches = Branches(samples=2, rows=6)  # three settings
    assert branches.state.tolist() == [0, 1, 0, 1, 0, 1]
    parents, chosen = branches.part(torch.tensor([True, True, True, False, False, True]))
    assert parents.tolist() == [0, 0, 1, 1] and chosen.tolist() == [False, True, False, True]
    assert branches.state.tolist() == [1, 3, 1, 2, 0, 3]
    parents, chosen = branches.part(torch.tensor([True] * 6))
    assert parents.tolist() == [0, 1, 2, 3] and chosen.all()
    assert branches.state.tolist() == [1, 3, 1, 2, 0, 3]


def test_parts_are_told_one_by_one():
    recorder = Recorder()
    kept = [[True, False], [True, True]]
    recorder.decide(ChannelSelection, [0, 1], columns={"kept": kept}, unit="a")
    columns = {"chosen": ragged([np.array([2]), np.array([0, 2])]), "weights": np.full((2, 3), 1 / 3)}
    recorder.decide(ExpertChoice, [0, 1], columns=columns, unit="b")
    columns = {"ran": [[False, True]], "weights": [[0.1, 0.9]], "executed": [True]}
    recorder.decide(Route, [1], columns=columns, unit="c", edges=("keep", "down"))
    assert {unit: ran.astype(int).tolist() for unit, ran in recorder.executed(2).items()} == {
        "a/1": [1, 1],
        "a/2": [0, 1],
        "b/1": [0, 1],
        "b/2": [0, 0],
        "b/3": [1, 1],
        "c/keep": [0, 0],
        "c/down": [0, 1],
    }


def test_what_was_not_recorded_ran():
    recorder = Recorder()
    recorder.decide(LayerSkip, [1, 0], columns={"executed": [False, True]}, unit="a")
    recorder.decide(LayerSkip, [1], unit="b")
    recorder.work("c", [0, 1], 5)
    assert {unit: ran.tolist() for unit, ran in recorder.executed(2).items()} == {
        "a": [True, False],
        "b": [False, True],
    }
