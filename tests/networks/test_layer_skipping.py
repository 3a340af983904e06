"""Networks that skip residual blocks: by gates, by a policy, by halting scores; small ones, their answers by hand."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from dynviz.compute import count_macs
from dynviz.decisions import LayerSkip
from dynviz.networks.baselines import blind_depths
from dynviz.networks.gates import GateFeatures, noise_left, straight_through
from dynviz.networks.sample_wise.act_resnet import ENOUGH, ACTResNet
from dynviz.networks.sample_wise.blockdrop import BlockDrop
from dynviz.networks.sample_wise.skipnet import SkipNet
from dynviz.recorder import Recorder, Setting, TrainingSignal

SMALL = {"widths": (4, 8), "depths": (3, 3), "classes": 3}
MADE = {
    "skipnet": lambda: SkipNet(**SMALL),
    "blockdrop": lambda: BlockDrop(**SMALL, policy_widths=(4, 4)),
    "act-resnet": lambda: ACTResNet(**SMALL),
}
each = pytest.mark.parametrize("name", MADE)


def varied(name):
    """Every weight drawn anew, so that no block is the identity and the decisions differ."""
    torch.manual_seed(2)
    network = MADE[name]()
    for values in network.state_dict().values():
        if values.is_floating_point():
            values.copy_(torch.rand_like(values) * 0.5 + (0.5 if values.dim() == 1 else -0.25))
    return network.eval()


def pictures(count=5):
    """Pictures of rising contrast, so that they are decided about differently."""
    torch.manual_seed(4)
    return torch.randn(count, 3, 48, 48) * torch.linspace(0.2, 4, count)[:, None, None, None]


def decided(network, setting, x):
    recorder = Recorder()
    with torch.inference_mode():
        logits = network(x, setting=setting, recorder=recorder)
    return logits, [recorder.cut(row) for row in range(len(x))], recorder.totals(len(x))


@each
def test_masked_skipping_and_counting_agree_at_every_threshold(name):
    network, x, choices = varied(name), pictures(), set()
    known = [d.score for cut in decided(network, Setting("masked", ((0.0,),)), x)[1] for d in cut[0]]
    known = np.array([score for score in known if 0 < score < 1])
    quantiles = np.quantile(np.log(known / (1 - known)), np.linspace(0.05, 0.95, 10))
    for limit in (*np.linspace(-4, 4, 9), *quantiles + 1e-3):
        skipping, ours, spent = decided(network, Setting("skipping", ((limit,),)), x)
        masked, theirs, expected = decided(network, Setting("masked", ((limit,),)), x)
        torch.testing.assert_close(skipping, masked, atol=1e-4, rtol=1e-4)
        assert spent.tolist() == expected.tolist()
        with torch.inference_mode():
            assert count_macs(lambda: network(x, setting=Setting("skipping", ((limit,),)))) == spent.sum()  # noqa: B023
        for (decisions, stages), (others, _) in zip(ours, theirs, strict=True):
            assert [d.choice for d in decisions] == [d.choice for d in others]
            assert sum(stage.macs for stage in stages) <= sum(stage.macs_static for stage in stages) + 8 * 200
            choices |= {tuple(d.choice for d in decisions)}
    assert len(choices) > 3  # more than everything and nothing


@each
def test_open_networks_are_their_plain_path(name):
    network, x = varied(name), pictures(2)
    with torch.inference_mode():
        for mode in ("masked", "skipping"):
            torch.testing.assert_close(network(x, setting=Setting(mode)), network.plain(x), atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("name", ["skipnet", "blockdrop"])
def test_a_skipped_block_is_the_identity_and_downsampling_is_never_skipped(name):
    network, x = varied(name), pictures(2)
    assert network.skippable == [0, 1, 2, 4, 5]
    closed, cuts, _ = decided(network, Setting("skipping", ((1e9,),)), x)
    assert [d.choice for d in cuts[0][0]] == ["skip"] * 5
    with torch.inference_mode():
        torch.testing.assert_close(closed, network.head(network.blocks[3](network.stem(x))), atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("name", ["skipnet", "blockdrop"])
def test_a_block_can_be_forced_either_way(name):
    network, x = varied(name), pictures(1)
    for choice in ("run", "skip"):
        setting = Setting("skipping", ((0.0,),), forced={"blocks.1": choice})
        _, ((decisions, _),), _ = decided(network, setting, x)
        forced = [d for d in decisions if d.forced]
        assert [d.unit for d in forced] == ["blocks.1"] and forced[0].choice == choice


def test_a_policy_is_settled_before_the_first_block_and_a_gate_is_not():
    """Other weights in the first block change what a later gate sees, and nothing of a policy."""
    for name, fixed in (("skipnet", False), ("blockdrop", True)):
        network, x = varied(name), pictures()
        before = [[d.score for d in cut[0]] for cut in decided(network, Setting("masked", ((-50.0,),)), x)[1]]
        network.blocks[0].conv2.norm.weight.data.mul_(-3)
        after = [[d.score for d in cut[0]] for cut in decided(network, Setting("masked", ((-50.0,),)), x)[1]]
        assert (before == after) == fixed


def test_halting_by_hand():
    """Scores of one half each: the first state has weight .5, the second the remainder .5, and no third block runs."""
    network = varied("act-resnet")
    for unit in network.scores[0]:
        torch.nn.init.zeros_(unit.linear.weight)
        torch.nn.init.zeros_(unit.linear.bias)
    x = torch.rand(1, 4, 6, 6)
    with torch.inference_mode():
        first = x
        second = network.blocks[1](first)
        for way in (network._halting, network._skipping):
            done = way(0, x, torch.zeros(1))
            torch.testing.assert_close(done.out, 0.5 * first + 0.5 * second)
            assert done.blocks.tolist() == [2] and done.remainder.tolist() == [0.5]
            assert done.cumulative[0].tolist() == [0.5, 1.0]


@pytest.mark.parametrize("limits", [None, ((0.0,),), ((-50.0,),)])
@pytest.mark.parametrize("hand", [{1: "skip"}, {2: "run"}, {1: "skip", 2: "run"}, {2: "skip"}, {1: "skip", 2: "skip"}])
def test_a_block_of_a_stage_is_taken_by_hand_and_no_other(hand, limits):
    """The halting at -50 comes behind the first block; open, never; at 0 somewhere."""
    network, x = varied("act-resnet"), pictures(3)
    forced = {f"blocks.{3 + step}": choice for step, choice in hand.items()}
    outs = []
    for mode in ("masked", "skipping"):
        logits, cuts, spent = decided(network, Setting(mode, limits, forced=forced), x)
        outs.append((logits, spent))
        for decisions, _ in cuts:
            found = {d.unit: (d.choice, d.forced) for d in decisions}
            assert {unit: found[unit] for unit in forced} == {unit: (choice, True) for unit, choice in forced.items()}
            for step in {1, 2} - set(hand):
                if limits != ((0.0,),):
                    assert found[f"blocks.{3 + step}"] == ("skip" if limits else "run", False)
    torch.testing.assert_close(outs[0][0], outs[1][0], atol=1e-5, rtol=1e-4)
    assert outs[0][1].tolist() == outs[1][1].tolist()
    with torch.inference_mode():
        counted = count_macs(lambda: network(x, setting=Setting("skipping", limits, forced=forced)))
    assert counted == outs[1][1].sum()


def test_what_is_left_of_one_counts_for_the_last_block_that_runs():
    """Scores of one half: by itself half of the first state and half of the second; by hand the third comes last."""
    network, x = varied("act-resnet"), torch.rand(1, 4, 6, 6)
    for unit in network.scores[0]:
        torch.nn.init.zeros_(unit.linear.weight)
        torch.nn.init.zeros_(unit.linear.bias)
    with torch.inference_mode():
        one, two = network.blocks[1], network.blocks[2]
        expected = {
            (2, True): 0.5 * x + 0.5 * two(one(x)),  # the second halted the stage, and a third runs after all
            (1, False): 0.5 * x + 0.5 * two(x),
            (2, False): 0.5 * x + 0.5 * one(x),
        }
        for (step, runs), out in expected.items():
            for sparse in (False, True):
                done = network._halting(0, x, torch.zeros(1), {step: runs}, sparse=sparse)
                torch.testing.assert_close(done.out, out)
                assert done.remainder.tolist() == [0.5]
        alone = network._halting(0, x, torch.zeros(1), {1: False, 2: False})
        torch.testing.assert_close(alone.out, x)
        assert not alone.asked.any()  # there is nothing to decide


def test_what_is_recorded_of_halting():
    network, x = varied("act-resnet"), pictures()
    _, cuts, _ = decided(network, Setting("skipping", ((0.0,),)), x)
    for decisions, _ in cuts:
        assert [d.unit for d in decisions] == ["blocks.1", "blocks.2", "blocks.4", "blocks.5"]
        for d in decisions:
            assert isinstance(d, LayerSkip) and d.mechanism == "halting score" and d.threshold == ENOUGH
            assert d.executed == (d.choice == "run") and (not d.executed or d.score < ENOUGH)


@each
def test_a_gradient_reaches_everything(name):
    network = varied(name).train()
    output = network(pictures(8), setting=Setting("train", training=TrainingSignal(budget_weight=1.0)))
    (output.logits.square().sum() + output.penalty).backward()
    assert [key for key, value in network.named_parameters() if value.grad is None] == []


def test_reinforce_makes_rewarded_policies_likelier():
    network = varied("blockdrop").train()
    for value in network.parameters():
        value.requires_grad_(False)
    bias = network.policy.choice.linear.bias.requires_grad_(True)
    torch.manual_seed(0)
    signal = TrainingSignal(budget_weight=0.0, reinforce=True)
    output = network(pictures(64), setting=Setting("train", training=signal))
    assert output.log_probability.shape == (64,) and (output.log_probability <= 0).all()
    output.log_probability.sum().backward()
    assert bias.grad is not None and bias.grad.abs().sum() > 0


@pytest.mark.parametrize("baseline", ["random", "uniform"])
def test_blind_depths_spend_about_the_share(baseline):
    drawn = blind_depths(baseline, np.full(200, 0.6), 5, seed=1)
    assert drawn.min() >= 1 and drawn.max() <= 5 and abs(drawn.mean() / 5 - 0.6) < 0.05
    with pytest.raises(ValueError, match="known: random, uniform"):
        blind_depths("centre", np.ones(1), 5, seed=1)


def test_the_noise_of_gates_fades_after_the_warm_up():
    assert [noise_left(TrainingSignal(learned=done)) for done in (0.0, 0.25, 0.5, 0.9)] == [1.0, 0.5, 0.0, 0.0]
    torch.manual_seed(0)
    logits = torch.linspace(-3, 3, 2001)
    assert ((straight_through(logits, noisy=1.0) > 0.5) != (logits > 0)).float().mean() > 0.1
    assert ((straight_through(logits, noisy=0.0) > 0.5) == (logits > 0)).all()


def test_a_gate_made_ready_decides_as_before():
    torch.manual_seed(0)
    features, x = GateFeatures(6), torch.rand(64, 6, 3, 3) * torch.arange(1, 7)[:, None, None]
    for _ in range(20):
        features(x)
    with torch.no_grad():
        hidden = features.eval().linear(features.norm(x.mean(dim=(2, 3))))
        expected = features(x)
        features.pack()
        torch.testing.assert_close(features(x), expected, atol=1e-5, rtol=1e-4)
    assert hidden.std(dim=0).min() > 0.1 and isinstance(features.norm, torch.nn.Identity)
