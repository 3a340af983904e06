"""A residual network each of whose blocks chooses how wide it is for the picture at hand.

Papers: Gao et al. 2019, "Dynamic Channel Pruning: Feature Boosting and Suppression", for a choice of channels from the
mean of the features; Yu et al. 2019, "Slimmable Neural Networks", for channels in an order, so that a narrower layer is
the beginning of a wider one; Li et al. 2021, "Dynamic Slimmable Network", for both together. A block's hidden channels
lie in contiguous groups; a gate decides how many of them, from the first on, are computed: either convolution then has
a beginning of its weights, and no channel is computed and multiplied by zero. Differs: trained at all budgets at once
(``networks.gates``).
"""

from __future__ import annotations

from copy import deepcopy
from functools import partial

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from dynviz.decisions import ChannelSelection
from dynviz.networks.baselines import blind_depths
from dynviz.networks.blocks import BasicBlock, ConvNorm, Size, take_samples
from dynviz.networks.contract import Between, Packable
from dynviz.networks.gated import GatedNetwork
from dynviz.networks.gates import OPEN_START, Asked, Decider, GateFeatures, logistic_noise, noise_left
from dynviz.networks.residual import ResidualNetwork
from dynviz.networks.training_output import TrainingOutput
from dynviz.recorder import Recorder, Setting, TrainingSignal

APART = 1.0  # how far the logits of neighbouring groups are from one another at first


class WidthGate(Decider):
    """(N, C, H, W) -> (N, groups) logits of computing each group of channels, falling from the first to the last."""

    def __init__(self, channels: int, groups: int):
        super().__init__()
        self.hidden = GateFeatures(channels)
        self.width = nn.Linear(self.hidden.linear.out_features, 1)
        self.steps = nn.Parameter(torch.full((groups - 1,), APART).expm1().log())  # softplus of it is APART
        nn.init.normal_(self.width.weight, std=0.1)
        nn.init.constant_(self.width.bias, OPEN_START + APART * len(self.steps) / 2)

    def forward(self, x: Tensor) -> Tensor:
        wide = self.width(self.hidden(x)).float()
        return wide - F.pad(F.softplus(self.steps).cumsum(0), (1, 0))

    @property
    def macs(self) -> int:
        return self.hidden.macs + self.width.weight.numel()


class SlimmableBlock(BasicBlock, Packable):
    """A residual block that can compute the first of its hidden channels only."""

    def __init__(self, in_channels: int, out_channels: int, groups: int, stride: int = 1):
        super().__init__(in_channels, out_channels, stride)
        if out_channels % groups:
            raise ValueError(f"{out_channels} channels cannot be divided into {groups} groups of the same size")
        self.groups = groups
        self._packed: list[tuple[Tensor, Tensor, Tensor, Tensor]] = []

    def pack(self) -> None:
        """For inference only: lay out the weights of each width once."""
        self._packed = [self._weights(width) for width in range(1, self.groups + 1)]

    def _weights(self, width: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """(weight, bias) of either convolution with ``width`` groups of hidden channels, normalisation folded in."""
        if self._packed:
            return self._packed[width - 1]
        first, second = (_folded(layer) for layer in (self.conv1, self.conv2))
        kept = first.out_channels * width // self.groups
        layout = {"memory_format": torch.channels_last}
        narrow = first.weight[:kept].contiguous(**layout), second.weight[:, :kept].contiguous(**layout)
        return narrow[0].detach(), first.bias[:kept].detach(), narrow[1].detach(), second.bias.detach()

    def at(self, x: Tensor, width: int) -> Tensor:
        """The block with ``width`` of its groups, at least one."""
        weight1, bias1, weight2, bias2 = self._weights(width)
        hidden = F.relu_(F.conv2d(x, weight1, bias1, self.conv1.conv.stride, self.conv1.conv.padding))
        residual = F.conv2d(hidden, weight2, bias2, padding=self.conv2.conv.padding)
        return F.relu_(residual + (x if self.shortcut is None else self.shortcut(x)))

    def masked(self, x: Tensor, kept: Tensor) -> Tensor:
        """The same with everything computed. kept: (N, groups), 1 where a group counts and 0 where not."""
        hidden = self.conv1(x)
        mask = kept.repeat_interleave(hidden.shape[1] // self.groups, dim=1)[:, :, None, None]
        return F.relu(self.conv2(hidden * mask.to(x.dtype)) + (x if self.shortcut is None else self.shortcut(x)))

    def macs_at(self, size: Size, width: int | np.ndarray) -> int | np.ndarray:
        """MACs with ``width`` groups, for an input of ``size`` px."""
        shortcut = 0 if self.shortcut is None else self.shortcut.macs(size)
        return shortcut + (self.macs(size) - shortcut) // self.groups * width


class ChannelGating(GatedNetwork, ResidualNetwork):
    """A ``ResNet`` of slimmable blocks. The one threshold is what a group's logit must exceed; the first group of a
    block always runs.
    """

    rule = "channel gate"
    candidates = Between(-10.0, 10.0)

    def __init__(
        self, *, widths: tuple[int, ...], depths: tuple[int, ...], classes: int, groups: int = 4, in_size: int = 128
    ):
        block = partial(SlimmableBlock, groups=groups)
        super().__init__(widths=widths, depths=depths, classes=classes, in_size=in_size, first=block, inner=block)
        self.groups = groups
        self.gates = nn.ModuleList(WidthGate(block.conv1.conv.in_channels, groups) for block in self.blocks)

    def _answer(self, x: Tensor, setting: Setting, limits: np.ndarray, recorder: Recorder) -> Tensor:
        x = self.run("stem", x, recorder)
        for index, block in enumerate(self.blocks):
            logits = None if setting.baseline else self.gates[index](x)
            by_hand = setting.by_hand(f"blocks.{index}", self.width_words)
            if by_hand is not None:
                width = np.full(len(x), by_hand + 1)
            elif logits is None:
                width = blind_depths(setting.baseline or "", limits, self.groups, seed=index)
            else:
                width = (logits.detach().cpu().numpy() > limits[:, None])[:, 1:].sum(axis=1) + 1
            if recorder.active:
                self._record(recorder, index, tuple(x.shape[2:]), logits, width, limits, by_hand is not None)
            x = self._block(block, x, width, setting.mode == "masked")
        return self.run("head", x, recorder)

    @property
    def width_words(self) -> list[str]:
        """What a block can choose, in words, from the narrowest on."""
        return [f"{width} of {self.groups} groups" for width in range(1, self.groups + 1)]

    def governs(self, unit: str) -> tuple[str, ...]:
        """What is gated are the channels between a block's two convolutions."""
        return (f"{unit}.conv1",)

    def _block(self, block: SlimmableBlock, x: Tensor, width: np.ndarray, masked: bool) -> Tensor:
        if masked:
            kept = torch.from_numpy(np.arange(self.groups) < width[:, None]).to(x.device)
            return block.masked(x, kept)
        widths = np.unique(width)
        if len(widths) == 1:
            return block.at(x, int(widths[0]))
        parts = [np.flatnonzero(width == one) for one in widths]
        out = torch.cat(
            [
                block.at(take_samples(x, torch.from_numpy(rows)), int(one))
                for rows, one in zip(parts, widths, strict=True)
            ]
        )
        return take_samples(out, torch.from_numpy(np.concatenate(parts).argsort()))

    def _record(
        self,
        recorder: Recorder,
        index: int,
        size: Size,
        logits: Tensor | None,
        width: np.ndarray,
        limits: np.ndarray,
        by_hand: bool,
    ) -> None:
        block, decider = self.blocks[index], 0 if logits is None else self.gates[index].macs
        columns = {
            "kept": np.arange(self.groups) < width[:, None],
            "choice": np.array(self.width_words)[width - 1],
            "macs": block.macs_at(size, width) + decider,
        }
        if logits is not None:
            columns["scores"] = logits.detach().cpu().numpy()
            columns["threshold"] = np.where(np.isfinite(limits), limits, np.nan)
        recorder.decide(
            ChannelSelection,
            np.arange(len(width)),
            columns=columns,
            unit=f"blocks.{index}",
            layer=index,
            rule="blind" if logits is None else self.rule,
            forced=by_hand,
            decider_macs=decider,
            macs_static=block.macs(size) + decider,
        )

    def _train(self, x: Tensor, signal: TrainingSignal) -> TrainingOutput:
        asked = Asked.draw(len(x), 1 / self.groups, signal.ramp, x.device)
        x, size = self.stem(x), self.stem.out_size(tuple(x.shape[2:]))
        spent, whole, parts = x.new_zeros(len(x), dtype=torch.float32), 0, []
        for block, gate in zip(self.blocks, self.gates, strict=True):
            logits = gate(x) + asked.shifts[:, None]
            # one draw a block, so that what is kept is still the first of the groups
            soft = (logits + noise_left(signal) * logistic_noise(logits[:, :1])).sigmoid()
            kept = (soft > 0.5).float() + soft - soft.detach()
            kept = torch.cat([torch.ones_like(kept[:, :1]), kept[:, 1:]], dim=1)
            x = block.masked(x, kept)
            macs = block.macs(size)
            size = block.out_size(size)
            parts.append(kept.mean(dim=1))
            spent, whole = spent + macs * parts[-1], whole + macs
        penalty = signal.budget_weight * asked.penalty(spent / whole, parts, signal.ramp)
        return TrainingOutput(self.head(x), penalty)


def _folded(layer: ConvNorm) -> nn.Conv2d:
    if isinstance(layer.norm, nn.BatchNorm2d):
        return torch.nn.utils.fusion.fuse_conv_bn_eval(deepcopy(layer.conv).eval(), deepcopy(layer.norm).eval())
    return layer.conv
