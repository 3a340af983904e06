"""What every network here is that is a ResNet inside: how its stem, its stages of blocks and its classifier are made,
and run where they are no matter of a decision.

Networks differ in what they do with a block. The names of the weights are those of ``ResNet``, so that each of them can
begin with a trained one.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from torch import Tensor, nn

from dynviz.networks.blocks import BasicBlock, PooledLinear, Size, Stem, initialise, stem_and_blocks_macs
from dynviz.networks.contract import DynamicNetwork
from dynviz.recorder import Recorder

MakeBlock = Callable[..., nn.Module]  # called with the channels in and out; the first of a stage with a stride too


class ResidualNetwork(DynamicNetwork):
    """A stem, stages of residual blocks, and a classifier of the mean of their features.

    The size is halved and the channels change at each new stage. stages: which of the ``blocks`` belong to each; every
    block behind the first of a stage hands on a map of the size and the channels that it was given. first, inner: how
    those are made.
    """

    def __init__(
        self,
        *,
        widths: tuple[int, ...],
        depths: tuple[int, ...],
        classes: int,
        stem_stride: int = 4,
        in_size: int = 128,
        first: MakeBlock = BasicBlock,
        inner: MakeBlock = BasicBlock,
    ):
        super().__init__()
        self.in_size = (in_size, in_size)
        self.stem = Stem(widths[0], stem_stride)
        self.blocks, self.stages = stages_of(widths, depths, first, inner)
        self.head = PooledLinear(widths[-1], classes)
        initialise(self)
        begin_as_identity(self.blocks)

    def plain(self, x: Tensor) -> Tensor:
        """(N, 3, H, W) normalised pixels -> (N, classes) logits of the ResNet as it is, without any decision."""
        return self.head(self.features(x))

    def features(self, x: Tensor) -> Tensor:
        """(N, 3, H, W) normalised pixels -> (N, channels, H / 16, W / 16) of three stages, given to the classifier."""
        x = self.stem(x)
        for block in self.blocks:
            x = block(x)
        return x

    def unit_macs(self, size: Size) -> list[tuple[str, int]]:
        """(qualified name, MACs) of every unit in order, for an input of ``size`` px."""
        units, size = stem_and_blocks_macs(self.stem, self.blocks, size)
        return [*units, ("head", self.head.macs(size))]

    def run(self, unit: str, x: Tensor, recorder: Recorder) -> Tensor:
        """What the stem, the head or a block makes of all of ``x``, recorded as work that nobody decides about."""
        module = self.get_submodule(unit)
        if recorder.active:
            recorder.work(unit, np.arange(len(x)), module.macs(tuple(x.shape[2:])))
        return module(x)


def stages_of(
    widths: tuple[int, ...], depths: tuple[int, ...], first: MakeBlock = BasicBlock, inner: MakeBlock = BasicBlock
) -> tuple[nn.ModuleList, list[range]]:
    """The blocks of all stages in order, and which of them belong to each."""
    blocks, stages, channels = nn.ModuleList(), [], widths[0]
    for number, (width, depth) in enumerate(zip(widths, depths, strict=True)):
        stages.append(range(len(blocks), len(blocks) + depth))
        blocks.append(first(channels, width, stride=2 if number else 1))
        blocks.extend(inner(width, width) for _ in range(depth - 1))
        channels = width
    return blocks, stages


def begin_as_identity(blocks: nn.ModuleList) -> None:
    """Every block begins as its shortcut, so that deep networks train at once; after ``initialise``."""
    for block in blocks:
        nn.init.zeros_(block.conv2.norm.weight)


def behind_blocks(kind: Callable[[int], nn.Module], widths: tuple[int, ...], depths: tuple[int, ...]) -> nn.ModuleList:
    """A ``kind(channels)`` behind every block but the last of each stage, where nothing is left to decide about."""
    return nn.ModuleList(
        nn.ModuleList(kind(width) for _ in range(depth - 1)) for width, depth in zip(widths, depths, strict=True)
    )
