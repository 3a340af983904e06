"""Residual networks of several sizes: the static baseline that every dynamic network is held against.

Paper: He, Zhang, Ren & Sun 2016, "Deep Residual Learning for Image Recognition" (the three-stage form of section 4.2).
Differs: a stride-4 stem of two convolutions for 128 px photos; the last normalisation of each block starts at zero.
"""

from __future__ import annotations

from torch import Tensor, nn

from dynviz.networks.blocks import BasicBlock, PooledLinear, Size, Stem, initialise
from dynviz.networks.contract import DynamicNetwork
from dynviz.recorder import SILENT, Recorder, Setting


class ResNet(DynamicNetwork):
    """Three (or more) stages of basic blocks, the size halved and the channels changed at each new stage."""

    def __init__(
        self,
        *,
        widths: tuple[int, ...],
        depths: tuple[int, ...],
        classes: int,
        stem_stride: int = 4,
        in_size: int = 128,
    ):
        super().__init__()
        self.in_size = (in_size, in_size)
        self.stem = Stem(widths[0], stem_stride)
        self.blocks = nn.ModuleList()
        channels = widths[0]
        for stage, (width, depth) in enumerate(zip(widths, depths, strict=True)):
            for index in range(depth):
                self.blocks.append(BasicBlock(channels, width, stride=2 if stage and not index else 1))
                channels = width
        self.head = PooledLinear(channels, classes)
        initialise(self)
        for block in self.blocks:
            nn.init.zeros_(block.conv2.norm.weight)

    def forward(self, x: Tensor, *, setting: Setting | None = None, recorder: Recorder = SILENT) -> Tensor:
        """(N, 3, H, W) normalised pixels -> (N, classes) logits."""
        if recorder.active:
            for unit, macs in self.unit_macs(tuple(x.shape[2:])):
                recorder.work(unit, range(len(x)), macs)
        return self.head(self.features(x))

    def features(self, x: Tensor) -> Tensor:
        """(N, 3, H, W) normalised pixels -> (N, channels, H / 16, W / 16), what the classifier is given."""
        x = self.stem(x)
        for block in self.blocks:
            x = block(x)
        return x

    def feature_macs(self, size: Size) -> int:
        """MACs of ``features`` for an input of ``size`` px."""
        return sum(macs for unit, macs in self.unit_macs(size) if unit != "head")

    def unit_macs(self, size: Size) -> list[tuple[str, int]]:
        """(qualified name, MACs) of every unit in order, for an input of ``size`` px."""
        units = [("stem", self.stem.macs(size))]
        size = self.stem.out_size(size)
        for index, block in enumerate(self.blocks):
            units.append((f"blocks.{index}", block.macs(size)))
            size = block.out_size(size)
        return [*units, ("head", self.head.macs(size))]
