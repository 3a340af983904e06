"""What makes networks small: each change by hand on one feed-forward layer, and a whole measurement on a tiny
reader.
"""

from __future__ import annotations

import copy

import torch
from torch import nn

from dynviz.evaluation.compatibility import _lost, int8, low_rank, pruned
from dynviz.networks.blocks import fold_batchnorm
from dynviz.networks.encoder import FeedForward
from dynviz.networks.sample_wise.msdnet import Bottleneck
from dynviz.networks.spatial_wise.gathered import GatheredBlock, Places


def layer() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(FeedForward(8, 32, 0.0)).eval()


def test_pruning_takes_away_the_units_that_do_least():
    whole = layer()
    part = whole[0]
    with torch.no_grad():
        part.narrow.weight[:, 5:13] = 0  # these eight are read by nobody
    x = torch.randn(2, 3, 8)
    small = pruned(copy.deepcopy(whole), 0.25)
    assert small[0].widen.weight.shape == (24, 8) and small[0].narrow.weight.shape == (8, 24)
    torch.testing.assert_close(small(x), whole(x))
    assert small[0].macs(1) == 0.75 * part.macs(1)
    assert pruned(copy.deepcopy(whole), 0.5)(x).sub(whole(x)).abs().max() > 1e-3


def test_low_rank_is_exact_where_the_layer_is_of_low_rank():
    whole = layer()
    part = whole[0]
    with torch.no_grad():
        part.widen.weight.copy_(torch.randn(32, 3) @ torch.randn(3, 8))
        part.narrow.weight.copy_(torch.randn(8, 3) @ torch.randn(3, 32))
    x = torch.randn(2, 3, 8)
    thin = low_rank(copy.deepcopy(whole), 0.5)
    torch.testing.assert_close(thin(x), whole(x), atol=1e-4, rtol=1e-4)
    assert thin[0].macs(1) == 2 * 4 * (32 + 8) < part.macs(1)


def test_int8_is_near_and_smaller():
    whole = layer()
    x = torch.randn(2, 3, 8)
    small = int8(copy.deepcopy(whole))
    assert "qint8" in str(small[0].widen.weight().dtype)
    assert 0 < small(x).sub(whole(x)).abs().max() < 0.1


def bottleneck() -> nn.Sequential:
    torch.manual_seed(0)
    whole = nn.Sequential(Bottleneck(6, 5, 16, stride=2)).eval()
    fold_batchnorm(whole)
    return whole


def test_convolutions_are_pruned_between_the_two_of_a_bottleneck():
    whole, x = bottleneck(), torch.randn(2, 6, 9, 9)
    with torch.no_grad():
        whole[0].conv.conv.weight[:, 3:7] = 0  # these four are read by nobody
    small = pruned(copy.deepcopy(whole), 0.25)
    assert small[0].reduce.conv.out_channels == 12
    torch.testing.assert_close(small(x), whole(x), atol=1e-5, rtol=1e-5)
    assert small[0].macs((9, 9)) == 0.75 * whole[0].macs((9, 9))


def test_a_convolution_of_low_rank_is_two_thin_ones():
    whole, x = bottleneck(), torch.randn(2, 6, 9, 9)
    with torch.no_grad():
        for weight in (whole[0].reduce.conv.weight, whole[0].conv.conv.weight):
            rows, columns = weight.flatten(1).shape
            weight.copy_((torch.randn(rows, 2) @ torch.randn(2, columns)).view_as(weight))
    thin = low_rank(copy.deepcopy(whole), 0.5)
    torch.testing.assert_close(thin(x), whole(x), atol=1e-3, rtol=1e-4)
    assert thin[0].macs((9, 9)) < whole[0].macs((9, 9)) and thin[0].conv.out_size((9, 9)) == (5, 5)


def test_int8_convolutions_are_near_within_the_ranges_they_saw():
    whole, x = bottleneck(), torch.randn(8, 6, 9, 9)
    small = int8(copy.deepcopy(whole), lambda network: network(x))
    off = small(x).sub(whole(x)).abs().max()
    assert 0 < off < 0.05 * whole(x).abs().max() and small[0].macs((9, 9)) == whole[0].macs((9, 9))


def test_a_block_that_gathers_is_pruned_in_both_its_modes():
    torch.manual_seed(0)
    block = GatheredBlock(8).eval()
    fold_batchnorm(block)
    for layer in (block.conv1, block.conv2):  # its second one begins with nothing to say
        nn.init.normal_(layer.conv.weight)
    block.pack()
    small = pruned(nn.Sequential(copy.deepcopy(block)), 0.25)[0]
    x, mask = torch.rand(1, 8, 6, 6), torch.rand(1, 6, 6) < 0.5
    places = Places(mask)
    features = places.spread(x).clone()
    small.at(places, features)
    torch.testing.assert_close(places.gathered(features), small.masked(x, mask[:, None].float()), atol=1e-4, rtol=1e-4)
    assert [matrix.shape for matrix in small._matrices()] == [(6,), (72, 6), (8,), (54, 8)]
    assert small.masked(x, torch.ones(1, 1, 6, 6)).sub(block.masked(x, torch.ones(1, 1, 6, 6))).abs().max() > 1e-4


def test_what_is_lost_is_paired():
    right = torch.ones(50, 2, dtype=torch.bool).numpy()
    worse = right.copy()
    worse[:5] = False
    mean, low, high = _lost(worse, right)
    assert mean == -0.1 and low < -0.1 < high <= 0
    assert _lost(right, right) == (0, 0, 0)
