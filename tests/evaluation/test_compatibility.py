"""What makes networks small: each change by hand on one feed-forward layer, and a whole measurement on a tiny
reader.
"""

from __future__ import annotations

import copy

import torch
from torch import nn

from dynviz.evaluation.compatibility import _lost, int8, low_rank, pruned
from dynviz.networks.encoder import FeedForward


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


def test_what_is_lost_is_paired():
    right = torch.ones(50, 2, dtype=torch.bool).numpy()
    worse = right.copy()
    worse[:5] = False
    mean, low, high = _lost(worse, right)
    assert mean == -0.1 and low < -0.1 < high <= 0
    assert _lost(right, right) == (0, 0, 0)
