"""Networks that look elsewhere without saving anything: a spatial transformer and deformable convolutions, by hand."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from dynviz.compute import count_macs
from dynviz.decisions import Region, SamplingOffsets
from dynviz.networks.sources import Original, PictureSource
from dynviz.networks.spatial_wise.deformable import DeformableConvNorm, DeformableResNet
from dynviz.networks.spatial_wise.stn import SpatialTransformer
from dynviz.networks.static.resnet import ResNet
from dynviz.recorder import Recorder, Setting

SHAPE = {"widths": (8, 8), "depths": (1, 3), "classes": 3, "in_size": 64}


def stn():
    torch.manual_seed(0)
    return SpatialTransformer(**SHAPE, locator_widths=(8,), locator_px=32).eval()


def deformable():
    torch.manual_seed(0)
    made = DeformableResNet(**SHAPE, deformed=2)
    for block in made.backbone.blocks:
        torch.nn.init.ones_(block.conv2.norm.weight)
    return made.eval()


def recorded(network, x, setting=None):
    recorder = Recorder()
    with torch.inference_mode():
        logits = network(x, setting=setting or Setting(), recorder=recorder)
    return logits, recorder.cut(0)[0]


def source(view, box=(100, 20, 228, 148), scale=(2.0, 2.0)):
    return PictureSource(view, (Original(torch.zeros(3, 200, 300, dtype=torch.uint8), box, scale),))


@pytest.mark.parametrize("make", [stn, deformable])
def test_recorded_macs_are_those_that_run(make):
    network, recorder, x = make(), Recorder(), torch.randn(1, 3, 64, 64)
    with torch.inference_mode():
        counted = count_macs(lambda: network(x, recorder=recorder))
    assert int(recorder.totals(1)[0]) == counted
    masked, _ = recorded(network, x, Setting("masked"))
    torch.testing.assert_close(masked, network.plain(x))


@pytest.mark.parametrize("make", [stn, deformable])
def test_begins_as_the_network_without(make):
    """At the identity, and with offsets of zero, the answer is the backbone's."""
    network = make()
    alone = ResNet(**SHAPE).eval()
    alone.load_state_dict(network.backbone.state_dict(), strict=False)
    x = torch.randn(2, 3, 64, 64)
    torch.testing.assert_close(network(x), alone(x), atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("make", [stn, deformable])
def test_a_gradient_reaches_where_it_looks(make):
    network = make().train()
    network(torch.randn(4, 3, 64, 64), setting=Setting("train")).square().mean().backward()
    if make is stn:
        assert network.locator.body.head.linear.bias.grad.abs().max() > 0
    else:
        assert network.backbone.blocks[-1].conv2.offsets.conv.weight.grad.abs().max() > 0


def test_the_region_is_told_in_pixels_of_the_original():
    """Half the size, moved right as far as it goes: the right half of the seen square, which is 256 px at 200, 40."""
    network = stn()
    network.locator.body.head.linear.bias.data = torch.tensor([0.5, 0.0, 0.0, 0.5, 50.0, 0.0])
    view = torch.randn(1, 3, 64, 64)
    _, (region,) = recorded(network, source(view))
    assert isinstance(region, Region)
    assert region.box_px == pytest.approx((328, 104, 456, 232))
    np.testing.assert_allclose(region.affine, [[64, 0, 392], [0, 64, 168]])
    given = network.backbone(F.interpolate(view[:, :, 16:48, 32:64], scale_factor=2, mode="bilinear"))
    inner = network(view)
    assert (given - inner).abs().max() < 0.5 * given.abs().max()  # edges differ: neighbours outside are seen too


def test_no_region_leaves_the_picture():
    network, draw = stn(), torch.Generator().manual_seed(1)
    for _ in range(50):
        network.locator.body.head.linear.bias.data = torch.randn(6, generator=draw) * 2
        _, (region,) = recorded(network, source(torch.randn(1, 3, 64, 64)))
        x0, y0, x1, y1 = region.box_px
        assert 200 - 1e-3 <= x0 <= x1 <= 456 + 1e-3 and 40 - 1e-3 <= y0 <= y1 <= 296 + 1e-3


def test_offsets_move_the_taps():
    """Every tap moved one cell to the right: the convolution of the picture moved one cell to the left."""
    torch.manual_seed(0)
    layer = DeformableConvNorm(4, 4, relu=False).eval()
    x = torch.randn(1, 4, 6, 6)
    layer.offsets.conv.bias.data = torch.tensor([1.0, 0.0] * 9)
    moved = F.pad(x, (0, 1))[:, :, :, 1:]
    expected = F.conv2d(F.pad(x, (0, 3, 1, 1))[:, :, :, :], layer.conv.weight)[:, :, :, :6]
    torch.testing.assert_close(layer(x)[:, :, :, 1:5], layer.norm(expected)[:, :, :, 1:5], atol=1e-4, rtol=1e-4)
    assert moved.shape == x.shape


def test_sampling_points_are_told_in_pixels_of_the_original():
    """Offsets of zero: the middle cell's taps are the middles of the cells around it; a cell is 256 / 8 = 32 px."""
    network = deformable()
    _, decisions = recorded(network, source(torch.randn(1, 3, 64, 64)))
    assert [type(d) for d in decisions] == [SamplingOffsets, SamplingOffsets]
    points = decisions[0].points_px
    assert points.shape == (64, 9, 2)
    row, column = 3, 5
    np.testing.assert_allclose(points[8 * row + column, 4], [200 + 32 * (column + 0.5), 40 + 32 * (row + 0.5)])
    np.testing.assert_allclose(points[8 * row + column, 0], [200 + 32 * (column - 0.5), 40 + 32 * (row - 0.5)])
