"""RANet: exits over rising resolutions, by hand."""

from __future__ import annotations

import pytest
import torch

from dynviz.compute import count_macs
from dynviz.decisions import Resolution
from dynviz.networks.spatial_wise.ranet import RANet
from dynviz.recorder import Recorder, Setting


@pytest.fixture
def network():
    torch.manual_seed(0)
    made = RANet(
        sides_px=(32, 48, 64),
        widths=((8, 8), (8, 12), (12, 16)),
        depths=((1, 1), (1, 1), (1, 2)),
        classes=3,
        middle_width=8,
        in_size=64,
    )
    for fusion in made.fusions.values():
        torch.nn.init.ones_(fusion.conv.norm.weight)
    for linear in made.earlier.values():
        torch.nn.init.normal_(linear.weight)
    return made.eval()


def test_exits_stand_where_a_subnet_ends_and_before_its_last_stage(network):
    assert network.exit_names() == [
        "subnets.0.head",
        "middles.1",
        "subnets.1.head",
        "middles.2",
        "subnets.2.head",
    ]


@pytest.mark.parametrize("side", [64, 48])
def test_segments_cost_what_runs(network, side):
    x, state = torch.randn(1, 3, side, side), None
    for index, foretold in enumerate(network.segment_macs((side, side))):
        made = []
        counted = count_macs(lambda: made.append(network.segment(state, x, index)))  # noqa: B023
        assert counted == foretold
        state = made[0][0]


def test_begins_as_networks_that_know_nothing_of_each_other(network):
    """With nothing fused and nothing read of earlier ones, each end answers as the sub-network alone."""
    for fusion in network.fusions.values():
        torch.nn.init.zeros_(fusion.conv.norm.weight)
    for linear in network.earlier.values():
        torch.nn.init.zeros_(linear.weight)
    x = torch.randn(2, 3, 64, 64)
    answers = network(x, setting=Setting("train"))
    torch.testing.assert_close(answers[-1], network.subnets[2](x))
    assert answers.shape == (5, 2, 3)


def test_a_higher_resolution_knows_the_lower_one(network):
    """Another small version changes what every later exit says."""
    x = torch.randn(1, 3, 64, 64)
    before = network(x, setting=Setting("train"))
    with torch.no_grad():
        network.subnets[0].stem.layers[0].conv.weight.mul_(1.5)
    after = network(x, setting=Setting("train"))
    assert all(not torch.equal(a, b) for a, b in zip(before, after, strict=True))


@torch.inference_mode()
def test_only_the_undecided_go_on(network):
    """Half of a batch leaves at the first exit; the others get the answers they get alone."""
    x = torch.randn(4, 3, 64, 64)
    sure = network(x, setting=Setting(forced={"subnets.0.head": "exit"})).softmax(dim=1).amax(dim=1)
    limit = float(sure.median()) + 1e-6
    limits = (limit, 2.0, 0.4, 2.0, 2.0)
    recorder = Recorder()
    batch = network(x, setting=Setting(thresholds=limits), recorder=recorder)
    assert 1 <= sum(recorder.cut(row)[0][1].choice == "exit" for row in range(4)) < 4  # behind the resolution
    for row in range(4):
        alone = network(x[row : row + 1], setting=Setting(thresholds=limits))[0]
        torch.testing.assert_close(batch[row], alone, atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(network.plain(x), network(x), atol=1e-5, rtol=1e-5)


def test_a_gradient_reaches_everything(network):
    network.train()
    network(torch.randn(4, 3, 64, 64), setting=Setting("train")).square().mean().backward()
    # the last normalisation of a block starts at zero: what lies before it learns from the second step on
    silent = [name for name, p in network.named_parameters() if p.grad is None]
    assert not silent


def test_each_resolution_that_was_seen_is_told(network):
    """Stopped before the last stage of the second sub-network: two of the three resolutions, the second in full."""
    recorder = Recorder()
    forced = {"subnets.0.head": "continue", "middles.1": "exit"}
    with torch.inference_mode():
        network(torch.randn(1, 3, 64, 64), setting=Setting(forced=forced), recorder=recorder)
    decisions, stages = recorder.cut(0)
    seen = [decision.side_px for decision in decisions if isinstance(decision, Resolution)]
    assert seen == [32, 48]
    costs = network.segment_macs((64, 64))
    assert sum(stage.macs for stage in stages) == sum(costs[:2])
    assert sum(stage.macs_static for stage in stages) == sum(costs)
