"""What a training begins with and what stays as it is; which optimizer gets what; how budgets come down."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import nn

from dynviz.networks.gates import Decider
from dynviz.training.loop import training_signal
from dynviz.training.optimizers import FlatMuon, make_optimizers
from dynviz.training.recipes import RECIPES
from dynviz.training.starting import begin_with, freeze, train_mode

RECIPE = RECIPES["dynconv"]


class Gate(Decider):
    def __init__(self):
        super().__init__()
        self.near = nn.Conv2d(4, 1, 3)


def network(gate=False, width=4):
    parts = {"stem": nn.Conv2d(3, width, 3), "norm": nn.BatchNorm2d(width), "head": nn.Linear(width, 2)}
    return nn.ModuleDict(parts | ({"gate": Gate()} if gate else {}))


def test_a_start_takes_what_fits_and_says_so():
    trained, fresh = network(), network(gate=True)
    said = begin_with(fresh, trained)
    for name, value in trained.state_dict().items():
        torch.testing.assert_close(fresh.state_dict()[name], value)
    taken = sum(value.numel() for value in trained.state_dict().values())
    assert f"begins with {taken:,} of {taken:,} trained numbers" in said and "new here: gate.near" in said


def test_a_start_under_other_names():
    trained, fresh = network(), nn.ModuleDict({"body": network()})
    begin_with(fresh, trained, {"": "body."})
    torch.testing.assert_close(fresh["body"]["stem"].weight, trained["stem"].weight)
    with pytest.raises(ValueError, match="too little in common"):
        begin_with(nn.ModuleDict({"body": network()}), trained)


def test_a_counter_in_common_is_no_start():
    with pytest.raises(ValueError, match="not taken: head, norm, stem"):
        begin_with(network(width=4), network(width=8))


def test_what_is_frozen_stays():
    torch.manual_seed(0)
    model = network()
    freeze(model, ("stem.", "norm."))
    train_mode(model, ("stem.", "norm."))
    before = {name: value.clone() for name, value in model.state_dict().items()}
    optimizers = make_optimizers(model, RECIPE)
    features = model["norm"](model["stem"](torch.rand(5, 3, 8, 8))).mean(dim=(2, 3))
    model["head"](features).square().sum().backward()
    for optimizer in optimizers:
        optimizer.step()
    changed = {name for name, value in model.state_dict().items() if not torch.equal(value, before[name])}
    assert changed == {"head.weight", "head.bias"}
    with pytest.raises(ValueError, match="nothing in the network is called tail"):
        freeze(model, ("tail.",))


def test_muon_is_for_features_and_not_for_what_decides():
    model = network(gate=True)
    muon, adam = make_optimizers(model, RECIPE)
    assert isinstance(muon, FlatMuon) and [id(p) for p in muon.kernels] == [id(model["stem"].weight)]
    others, gates = adam.param_groups
    assert {id(p) for p in gates["params"]} == {id(p) for p in model["gate"].parameters()}
    assert gates["lr"] == RECIPE.gate_learning_rate and others["lr"] == pytest.approx(RECIPE.learning_rate / 5)
    every = [*muon.kernels, *others["params"], *gates["params"]]
    assert {id(p) for p in every} == {id(p) for p in model.parameters()} and len(every) == len(list(model.parameters()))


def test_the_budget_comes_after_the_warm_up_and_comes_down():
    recipe = replace(RECIPE, target=0.4, budget_weight=2.0, warm_up=0.2, ramp=0.4)
    told = [training_signal(recipe, progress) for progress in (0.0, 0.1, 0.2, 0.4, 0.6, 1.0)]
    assert [signal.budget_weight for signal in told] == [0, 0, 2, 2, 2, 2]
    assert [signal.ramp for signal in told] == pytest.approx([0, 0, 0, 0.5, 1, 1])
    assert [signal.learned for signal in told] == pytest.approx([0, 0, 0, 0.25, 0.5, 1])
