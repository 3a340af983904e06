"""A grid of cells: a trained ResNet is one way through it, and what no open edge leads to is not run."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch

from dynviz.networks.sample_wise.routing_supernet import RoutingSupernet
from dynviz.networks.static.resnet import ResNet
from dynviz.recorder import Recorder, Setting, TrainingSignal
from tests.checks.builds import varied
from tests.networks.agreement import check_agreement

SMALL = {"widths": (4, 6, 8), "depths": (2, 3, 2), "classes": 3}
LAYERS = 5  # two at the finest scale, two at the middle one, one at the coarsest
WAY = {  # the ResNet's own
    "cells.0.0": "keep",
    "cells.1.0": "down",
    "cells.2.1": "keep",
    "cells.3.1": "down",
    "cells.4.2": "keep",
}


def parent():
    torch.manual_seed(0)
    return varied(ResNet(**SMALL)).eval()


@pytest.fixture
def network():
    torch.manual_seed(0)
    network = varied(RoutingSupernet(**SMALL))
    for gates in network.gates:
        for gate in gates:
            torch.nn.init.normal_(gate.open.weight, std=2.0)
    return network.eval()


def pictures(count=6):
    torch.manual_seed(1)
    return torch.randn(count, 3, 48, 48) * torch.linspace(0.2, 4, count)[:, None, None, None]


def decided(network, x, **setting):
    recorder = Recorder()
    with torch.inference_mode():
        logits = network(x, setting=Setting(**setting), recorder=recorder)
    return logits, [{d.unit: d for d in recorder.cut(row)[0]} for row in range(len(x))]


@pytest.mark.parametrize("mode", ["skipping", "masked"])
def test_one_way_through_the_grid_is_the_resnet_that_it_began_as(mode):
    trained, network, x = parent(), RoutingSupernet(**SMALL).eval(), pictures()
    network.begin_with(trained)
    logits, samples = decided(network, x, mode=mode, forced=WAY)
    with torch.inference_mode():
        torch.testing.assert_close(logits, trained(x), atol=1e-5, rtol=1e-5)
    for decisions in samples:
        assert {unit: d.choice for unit, d in decisions.items() if d.executed} == WAY
        # nobody came there, and nothing was asked or run
        assert {d.macs for unit, d in decisions.items() if unit not in WAY} == {0}
        assert {d.choice for unit, d in decisions.items() if unit not in WAY} == {"not reached"}


def test_its_own_way_is_the_likeliest_at_first():
    network = RoutingSupernet(**SMALL).eval()
    network.begin_with(parent())
    _, samples = decided(network, pictures(), thresholds=((2.0,),))
    for decisions in samples:
        assert {unit: d.choice for unit, d in decisions.items() if d.executed} == WAY


def test_every_cell_is_a_decision_and_edges_lead_to_cells(network):
    _, samples = decided(network, pictures(1))
    assert len(samples[0]) == 1 + 2 + 3 * (LAYERS - 2)
    for unit, d in samples[0].items():
        layer, scale = (int(part) for part in unit.split(".")[1:])
        assert d.layer == layer and d.macs == d.macs_static
        steps = {"up": -1, "keep": 0, "down": 1}
        assert layer == LAYERS - 1 or all(f"cells.{layer + 1}.{scale + steps[edge]}" in samples[0] for edge in d.edges)


def test_masked_skipping_and_counting_agree_at_every_threshold(network):
    x, seen = pictures(), set()
    for limit in np.linspace(-4, 4, 13):
        _, skipping, masked = check_agreement(network, x, ((limit,),), close=1e-4)
        for row in range(6):
            mine, yours = skipping.cut(row), masked.cut(row)
            assert mine[1] == yours[1]
            assert [d.choice for d in mine[0]] == [d.choice for d in yours[0]]
            seen |= {tuple(d.choice for d in mine[0])}
    assert len(seen) > 13


def test_open_is_the_plain_path(network):
    x = pictures(2)
    with torch.inference_mode():
        for mode in ("masked", "skipping"):
            torch.testing.assert_close(network(x, setting=Setting(mode)), network.plain(x), atol=1e-4, rtol=1e-4)


def test_a_closed_cell_hands_on_what_it_was_given(network):
    x = pictures(2)
    shut = {
        f"cells.{layer}.{scale}": "none" for layer, nodes in enumerate(network.cells) for scale in range(len(nodes))
    }
    for mode in ("skipping", "masked"):
        logits, samples = decided(network, x, mode=mode, forced=shut)
        with torch.inference_mode():
            means = network.stem(x).mean(dim=(2, 3))
            expected = network.head.linear(torch.cat([means, means.new_zeros(2, 14)], dim=1))
        torch.testing.assert_close(logits, expected, atol=1e-5, rtol=1e-5)
        assert not any(d.executed for d in samples[0].values())
        assert [u for u, d in samples[0].items() if d.choice == "none"] == [f"cells.{i}.0" for i in range(LAYERS)]


@pytest.mark.parametrize("way", ["up", "down"])
def test_an_edge_that_did_not_run_has_no_influence_and_one_that_did_has(network, way):
    x, mattered = pictures(1), 0
    setting = {"mode": "masked", "thresholds": ((0.5,),)}
    expected, (decisions,) = decided(network, x, **setting)
    for d in decisions.values():
        if way not in d.edges:
            continue
        layer, scale = d.unit.split(".")[1:]
        other = copy.deepcopy(network)
        module = other.get_submodule(f"{way}s.{layer}.{scale}")
        module.register_forward_hook(lambda m, given, out: out + 5 * torch.rand_like(out))
        changed, _ = decided(other, x, **setting)
        if d.ran[d.edges.index(way)]:
            mattered += not torch.equal(changed, expected)
        else:
            torch.testing.assert_close(changed, expected)
    assert mattered


def test_what_is_forced_is_one_of_the_edges(network):
    _, samples = decided(network, pictures(1), forced={"cells.0.0": "keep+down"})
    assert samples[0]["cells.0.0"].forced and samples[0]["cells.0.0"].choice == "keep+down"
    with pytest.raises(ValueError, match="can be forced to none, "):
        decided(network, pictures(1), forced={"cells.0.0": "up"})


def test_a_gradient_reaches_everything(network):
    output = network.train()(pictures(8), setting=Setting("train", training=TrainingSignal(budget_weight=1.0)))
    (output.logits.square().sum() + output.penalty).backward()
    assert [key for key, value in network.named_parameters() if value.grad is None] == []
