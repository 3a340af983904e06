"""DRNet: who is classified at which resolution, by hand."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from dynviz.compute import count_macs
from dynviz.networks import ready
from dynviz.networks.spatial_wise.drnet import CHOOSING, DRNet
from dynviz.networks.static.resnet import ResNet
from dynviz.recorder import Recorder, Setting, TrainingSignal

SHAPE = {"widths": (8, 8), "depths": (1, 1), "classes": 3}


@pytest.fixture
def network():
    torch.manual_seed(0)
    made = DRNet(sides_px=(16, 24, 32), predictor_widths=(8,), predictor_side_px=16, **SHAPE)
    for layer in made.modules():
        if isinstance(layer, torch.nn.BatchNorm2d):  # as if trained: every resolution has other statistics
            layer.running_mean.normal_(std=0.1)
            layer.running_var.uniform_(0.5, 2.0)
            layer.weight.data.uniform_(0.5, 1.5)
    return made.eval()


def told(network, worth):
    """The network with a predictor that says ``worth``, (N, 3), whatever it sees."""
    network.predictor.forward = lambda x: torch.tensor(worth)
    return network


def chosen(network, x, **setting):
    recorder = Recorder()
    network(x, setting=Setting(**setting), recorder=recorder)
    return [recorder.cut(row)[0][0] for row in range(len(x))]


def test_worth_less_price_decides(network):
    """MACs of the three sides: about 1/4, 9/16 and 1 of the largest."""
    x = torch.randn(2, 3, 32, 32)
    told(network, [[0.0, 0.0, 0.2], [0.0, 0.5, 0.6]])
    assert [d.side_px for d in chosen(network, x, thresholds=((0.0,),))] == [32, 32]
    assert [d.side_px for d in chosen(network, x, thresholds=((0.5,),))] == [16, 24]
    assert [d.side_px for d in chosen(network, x, thresholds=((5.0,),))] == [16, 16]
    assert [d.side_px for d in chosen(network, x, thresholds=((0.0,), (5.0,)))] == [32, 16]
    assert [d.side_px for d in chosen(network, x)] == [32, 32]
    assert [d.side_px for d in chosen(network, x, forced={"backbone": "24 px"})] == [24, 24]
    with pytest.raises(ValueError, match="can be forced to 16 px, 24 px, 32 px"):
        chosen(network, x, forced={"backbone": "20 px"})


def test_each_picture_gets_the_answer_of_its_own_resolution(network):
    x = torch.randn(5, 3, 32, 32)
    worth = torch.rand(5, 3).tolist()
    told(network, worth)
    limits = ((0.3,),)
    for mode in ("skipping", "masked"):
        logits = network(x, setting=Setting(mode, thresholds=limits))
        for row, decision in enumerate(chosen(network, x, mode=mode, thresholds=limits)):
            alone = network(x, setting=Setting(forced={"backbone": decision.choice}))[row]
            torch.testing.assert_close(logits[row], alone, atol=1e-5, rtol=1e-5)


def test_a_pass_at_several_prices_is_one_row_for_each(network):
    x = torch.randn(2, 3, 32, 32)
    prices = np.repeat([[0.0], [0.2], [9.0]], 2, axis=0)
    together = network(x, setting=Setting("masked", thresholds=prices))
    apart = [network(x, setting=Setting("masked", thresholds=((price,),))) for price in (0.0, 0.2, 9.0)]
    torch.testing.assert_close(together, torch.cat(apart), atol=1e-5, rtol=1e-5)


def test_folded_for_every_resolution(network):
    """Folding changes no answer, and the parameters are still counted once."""
    x = torch.randn(2, 3, 32, 32)
    before = [network(x, setting=Setting(forced={"backbone": f"{side} px"})) for side in (16, 24, 32)]
    shared = sum(p.numel() for p in network.parameters())
    ready(network)
    assert sum(p.numel() for p in network.parameters()) < shared
    for side, logits in zip((16, 24, 32), before, strict=True):
        setting = Setting(forced={"backbone": f"{side} px"})
        torch.testing.assert_close(network(x, setting=setting), logits, atol=1e-4, rtol=1e-4)
        recorder = Recorder()
        counted = count_macs(lambda: network(x[:1], setting=setting, recorder=recorder))  # noqa: B023
        assert int(recorder.totals(1)[0]) == counted


def test_begins_as_the_resnet_it_is_made_of(network):
    parent = ResNet(**SHAPE).eval()
    network.backbone.begin_with(parent)
    x = torch.randn(2, 3, 32, 32)
    torch.testing.assert_close(network(x), parent(x))


@pytest.mark.parametrize("baseline", ["random", "uniform"])
def test_blind_choices_cost_what_they_should(network, baseline):
    """The predictor is not asked, and the mean is the share that was wanted."""
    network.predictor.forward = None
    recorder = Recorder()
    x = torch.randn(400, 3, 32, 32)
    network(x, setting=Setting("masked", thresholds=((0.45,),), baseline=baseline), recorder=recorder)
    spent = recorder.totals(400) / network.side_macs[-1]
    assert spent.mean() == pytest.approx(0.45, abs=0.03)
    assert len(np.unique(spent)) == 2
    with pytest.raises(ValueError, match="no baseline"):
        network(x[:1], setting=Setting("masked", thresholds=((0.6,),), baseline="else"))


def test_a_gradient_reaches_everything(network):
    network.train()
    network.zero_grad()
    torch.manual_seed(0)
    for _ in range(12):  # one resolution is drawn at a time
        output = network(torch.randn(4, 3, 32, 32), setting=Setting("train", training=TrainingSignal(progress=1.0)))
        assert output.logits.shape == (2, 4, 3)
        (output.logits.square().mean() + output.penalty).backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in network.parameters())
    early = network(
        torch.randn(4, 3, 32, 32), setting=Setting("train", training=TrainingSignal(progress=CHOOSING - 0.1))
    )
    assert early.logits.shape == (4, 3) and early.penalty == 0
