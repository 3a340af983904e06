"""Networks whose parameters depend on the picture: mixed first and convolved once; channels weighed; nothing saved."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from dynviz.compute import count_macs
from dynviz.networks.sample_wise.condconv import CondConv, MixedConvNorm
from dynviz.networks.sample_wise.senet import SENet
from dynviz.networks.static.resnet import ResNet
from dynviz.recorder import Recorder

SMALL = {"widths": (4, 8), "depths": (2, 3), "classes": 3}


def parent():
    torch.manual_seed(0)
    network = ResNet(**SMALL)
    for block in network.blocks:
        torch.nn.init.normal_(block.conv2.norm.weight)
    return network.eval()


def test_kernels_mixed_first_are_outputs_mixed_afterwards():
    torch.manual_seed(0)
    layer = MixedConvNorm(4, 3, relu=True).eval()
    torch.nn.init.normal_(layer.weight)
    x, mixture = torch.rand(5, 4, 6, 6), torch.rand(5, 3).softmax(dim=1)
    with torch.inference_mode():
        torch.testing.assert_close(layer(x, mixture), layer.separately(x, mixture), atol=1e-5, rtol=1e-5)
        # one convolution and the mixing of its kernel, however many kernels there are
        assert count_macs(lambda: layer(x[:1], mixture[:1])) == layer.macs((6, 6)) == 36 * 144 + 3 * 144


def test_equal_kernels_are_the_network_that_they_began_as():
    trained, network = parent(), CondConv(**SMALL, kernels=3).eval()
    network.begin_with(trained)
    x = torch.rand(2, 3, 48, 48)
    with torch.inference_mode():
        apart = (network(x) - trained(x)).abs().max()
        for block in network.mixed:
            for layer in (block.conv1, block.conv2):
                layer.weight.data.copy_(layer.weight.data.mean(dim=0, keepdim=True).expand_as(layer.weight))
        same = network(x)
        for block, whose in zip(network.mixed, trained.blocks[3:], strict=True):
            block.conv1.weight.data.copy_(whose.conv1.conv.weight.flatten()[None].expand_as(block.conv1.weight))
            block.conv2.weight.data.copy_(whose.conv2.conv.weight.flatten()[None].expand_as(block.conv2.weight))
        torch.testing.assert_close(network(x), trained(x), atol=1e-5, rtol=1e-4)
    assert apart > 0 and torch.isfinite(same).all()


def test_channels_that_all_count_fully_are_the_network_without_excitation():
    trained, network = parent(), SENet(**SMALL).eval()
    network.backbone.load_state_dict(trained.state_dict())
    x = torch.rand(2, 3, 48, 48)
    with torch.inference_mode():
        for excitation in network.excitations:
            excitation.excite.weight.zero_()
            excitation.excite.bias.fill_(50.0)
        torch.testing.assert_close(network(x), trained(x), atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("network", [SENet(**SMALL), CondConv(**SMALL)], ids=["senet", "condconv"])
def test_weights_are_recorded_and_nothing_is_saved(network):
    recorder = Recorder()
    with torch.inference_mode():
        network.eval()(torch.rand(2, 3, 48, 48), recorder=recorder)
    decisions, stages = recorder.cut(1)
    assert sum(stage.macs for stage in stages) == sum(stage.macs_static for stage in stages)
    assert decisions and all(np.all((d.weights >= 0) & (d.weights <= 1)) for d in decisions)
    if isinstance(network, CondConv):
        assert all(d.weights.sum() == pytest.approx(1, abs=1e-5) for d in decisions)


def test_the_mixture_begins_even_and_becomes_its_own():
    from dynviz.recorder import TrainingSignal

    assert CondConv._temperature(TrainingSignal(progress=0.0)) == 30
    assert CondConv._temperature(TrainingSignal(progress=0.15)) == pytest.approx(15.5)
    assert CondConv._temperature(TrainingSignal(progress=0.5)) == 1
