"""A network whose blocks choose experts: only those chosen run; two halves of a trained block are that block."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from dynviz.networks.sample_wise.mixture_of_experts import MOST, ExpertBlock, MixtureOfExperts, load_imbalance
from dynviz.networks.static.resnet import ResNet
from dynviz.recorder import Recorder, Setting, TrainingSignal
from tests.checks.builds import varied
from tests.networks.agreement import check_agreement

SMALL = {"widths": (4, 8, 12), "depths": (2, 3, 2), "classes": 3}


def parent():
    torch.manual_seed(0)
    return varied(ResNet(**SMALL)).eval()


@pytest.fixture
def network():
    torch.manual_seed(0)
    network = MixtureOfExperts(**SMALL)
    network.begin_with(parent())
    for block in network.blocks:
        if isinstance(block, ExpertBlock):
            torch.nn.init.normal_(block.router.choose.weight, std=2.0)
            torch.nn.init.zeros_(block.router.choose.bias)
    return network.eval()


def pictures(count=6):
    torch.manual_seed(1)
    return torch.randn(count, 3, 48, 48) * torch.linspace(0.2, 4, count)[:, None, None, None]


def decided(network, x, **setting):
    recorder = Recorder()
    with torch.inference_mode():
        network(x, setting=Setting(**setting), recorder=recorder)
    return [recorder.cut(row)[0] for row in range(len(x))]


def test_the_two_experts_that_a_trained_block_was_cut_into_are_the_block(network):
    trained, x = parent(), pictures()
    for halves in ("1+2", "3+4"):
        forced = {f"blocks.{index}": halves for index in network.routed}
        with torch.inference_mode():
            found = network(x, setting=Setting(forced=forced))
            torch.testing.assert_close(found, trained(x), atol=1e-4, rtol=1e-4)


def test_masked_skipping_and_counting_agree_at_every_threshold(network):
    x, seen = pictures(), set()
    for limit in np.linspace(-3, 3, 13):
        _, skipping, masked = check_agreement(network, x, ((limit,),), close=1e-4)
        for row in range(6):
            assert [d.choice for d in skipping.cut(row)[0]] == [d.choice for d in masked.cut(row)[0]]
            seen |= {len(d.chosen) for d in skipping.cut(row)[0]}
    assert seen == {0, 1, 2}


def test_those_that_the_router_favours_run_if_they_are_above_the_threshold(network):
    for decisions in decided(network, pictures(), thresholds=((0.0,),)):
        for d in decisions:
            best = set(np.argsort(-d.weights)[:MOST])
            assert set(d.chosen) == {number for number in best if d.weights[number] > d.threshold}
            assert d.threshold == 0.5 and d.executed == bool(len(d.chosen))


def test_open_runs_two_experts_everywhere(network):
    for decisions in decided(network, pictures()):
        assert {len(d.chosen) for d in decisions} == {MOST}
        assert all(d.macs == d.macs_static and np.isnan(d.threshold) for d in decisions)


def test_a_block_can_be_forced_to_any_experts(network):
    unit = f"blocks.{network.routed[0]}"
    for choice, numbers in (("none", []), ("3", [2]), ("1+2+4", [0, 1, 3])):
        first = decided(network, pictures(1), forced={unit: choice})[0][0]
        assert (first.unit, first.choice, first.forced, first.chosen.tolist()) == (unit, choice, True, numbers)
    with pytest.raises(ValueError, match="can be forced to none, "):
        decided(network, pictures(1), forced={unit: "5"})


@pytest.mark.parametrize("baseline", ["random", "uniform"])
def test_blind_experts_are_as_many_as_they_are_told_and_all_alike(network, baseline):
    x = pictures(64)
    samples = decided(network, x, mode="masked", thresholds=((0.4,),), baseline=baseline)
    load = np.zeros(4)
    for d in (decision for decisions in samples for decision in decisions):
        load[d.chosen] += 1
    assert load.sum() / (MOST * len(x) * len(network.routed)) == pytest.approx(0.4, abs=0.08)
    assert load.min() > load.max() / 2


def test_the_load_is_balanced_where_all_are_used_alike():
    even = torch.eye(4)
    assert load_imbalance(torch.zeros(4, 4), even).item() == pytest.approx(1)
    alone = torch.tensor([[1.0, 0, 0, 0]]).expand(4, -1)
    assert load_imbalance(alone * 50, alone).item() == pytest.approx(4, abs=1e-3)


def test_a_gradient_reaches_everything(network):
    output = network.train()(pictures(8), setting=Setting("train", training=TrainingSignal(budget_weight=1.0)))
    (output.logits.square().sum() + output.penalty).backward()
    assert [key for key, value in network.named_parameters() if value.grad is None] == []


def test_too_few_experts_are_refused():
    with pytest.raises(ValueError, match="at least 2 experts, not 1"):
        MixtureOfExperts(**SMALL, experts=1)
