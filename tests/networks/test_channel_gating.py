"""A network that chooses its width block by block: narrow weights are a beginning of the wide ones."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from dynviz.compute import count_macs
from dynviz.networks.sample_wise.channel_gating import ChannelGating, SlimmableBlock, WidthGate
from dynviz.recorder import Setting, TrainingSignal
from tests.networks.agreement import check_agreement


@pytest.fixture
def network():
    torch.manual_seed(0)
    network = ChannelGating(widths=(8, 16), depths=(2, 2), classes=3)
    for values in network.state_dict().values():
        if values.is_floating_point():
            values.copy_(torch.rand_like(values) * 0.5 + (0.5 if values.dim() == 1 else -0.25))
    for gate in network.gates:
        gate.width.bias.data.fill_(0.0)
    return network.eval()


def pictures(count=6):
    torch.manual_seed(1)
    return torch.randn(count, 3, 48, 48) * torch.linspace(0.2, 4, count)[:, None, None, None]


@pytest.mark.parametrize("stride", [1, 2])
def test_a_narrow_block_is_the_wide_one_without_its_last_channels(stride):
    torch.manual_seed(0)
    block = SlimmableBlock(4, 8, groups=4, stride=stride).eval()
    torch.nn.init.normal_(block.conv2.norm.weight)
    x = torch.rand(2, 4, 9, 9)
    with torch.inference_mode():
        for width in range(1, 5):
            kept = (torch.arange(4) < width).float().expand(2, -1)
            torch.testing.assert_close(block.at(x, width), block.masked(x, kept), atol=1e-5, rtol=1e-5)
            assert count_macs(lambda: block.at(x[:1], width)) == block.macs_at((9, 9), width)  # noqa: B023
        torch.testing.assert_close(block.at(x, 4), block(x), atol=1e-5, rtol=1e-5)
        unpacked = block.at(x, 2)
        block.pack()
        torch.testing.assert_close(block.at(x, 2), unpacked)
    assert block.macs_at((9, 9), 4) == block.macs((9, 9))


def test_groups_that_do_not_divide_are_refused():
    with pytest.raises(ValueError, match="8 channels cannot be divided into 3 groups"):
        SlimmableBlock(8, 8, groups=3)


def test_logits_fall_from_the_first_group_to_the_last():
    gate = WidthGate(4, 5)
    logits = gate(torch.rand(3, 4, 2, 2))
    assert logits.shape == (3, 5) and (logits.diff(dim=1) < 0).all()
    torch.testing.assert_close(logits.diff(dim=1), torch.full((3, 4), -1.0))


def test_masked_skipping_and_counting_agree_at_every_threshold(network):
    x, seen = pictures(), set()
    with torch.inference_mode():
        spread = network.gates[1](network.blocks[0](network.stem(x))).flatten().tolist()
    for limit in (*np.linspace(-6, 6, 7), *np.quantile(spread, np.linspace(0.1, 0.9, 6))):
        _, skipping, _ = check_agreement(network, x, ((limit,),), close=1e-4)
        for row in range(6):
            decisions, _ = skipping.cut(row)
            assert all(d.kept[0] and (np.diff(d.kept.astype(int)) <= 0).all() for d in decisions)
            seen |= {tuple(int(d.kept.sum()) for d in decisions)}
    assert len(seen) > 3


def test_open_is_the_plain_path(network):
    x = pictures(2)
    with torch.inference_mode():
        for mode in ("masked", "skipping"):
            torch.testing.assert_close(network(x, setting=Setting(mode)), network.plain(x), atol=1e-4, rtol=1e-4)


def test_a_gradient_reaches_everything(network):
    output = network.train()(pictures(8), setting=Setting("train", training=TrainingSignal(budget_weight=1.0)))
    (output.logits.square().sum() + output.penalty).backward()
    assert [key for key, value in network.named_parameters() if value.grad is None] == []
