"""EfficientNet-Lite: the static networks for a thousand things, with weights that were published.

Papers: Tan & Le 2019, "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks"; Liu 2020, "Higher
accuracy on vision models with EfficientNet-Lite": no squeeze-and-excitation, ReLU6, and a beginning and an end that do
not grow with the network. Differs: nothing; a picture of any side can be given, not only of the one it was trained at.
"""

from __future__ import annotations

import math

from torch import Tensor, nn

from dynviz.networks.blocks import PooledLinear, Size, initialise, stem_and_blocks_macs
from dynviz.networks.contract import DynamicNetwork
from dynviz.networks.inverted import InvertedResidual, PaddedConvNorm
from dynviz.recorder import SILENT, Recorder, Setting

# (blocks, expansion, kernel, stride, channels) of each stage of the smallest
STAGES = ((1, 1, 3, 1, 16), (2, 6, 3, 2, 24), (2, 6, 5, 2, 40), (3, 6, 3, 2, 80), (3, 6, 5, 1, 112), (4, 6, 5, 2, 192))
LAST = (1, 6, 3, 1, 320)
FIRST_WIDTH, TOP_WIDTH = 32, 1280


class EfficientNetLite(DynamicNetwork):
    """width, depth: factors on the channels and on the blocks of each stage. in_size: side in px it was trained at."""

    def __init__(self, *, width: float, depth: float, classes: int, in_size: int):
        super().__init__()
        self.in_size = (in_size, in_size)
        self.stem = PaddedConvNorm(3, FIRST_WIDTH, stride=2)
        self.blocks = nn.ModuleList()
        channels = FIRST_WIDTH
        for stage, (count, expansion, kernel, stride, base) in enumerate((*STAGES, LAST)):
            wide = in_eights(base * width)
            # the first and the last stage do not get deeper
            for index in range(math.ceil(count * depth) if 0 < stage < len(STAGES) else count):
                block = InvertedResidual(channels, wide, kernel, 1 if index else stride, expansion)
                self.blocks.append(block)
                channels = wide
        self.top = PaddedConvNorm(channels, TOP_WIDTH, kernel=1)
        self.head = PooledLinear(TOP_WIDTH, classes)
        initialise(self)
        for block in self.blocks:
            nn.init.kaiming_normal_(block.depthwise.conv.weight, mode="fan_in")  # each filter sees one channel only

    def forward(self, x: Tensor, *, setting: Setting | None = None, recorder: Recorder = SILENT) -> Tensor:
        """(N, 3, H, W) normalised pixels -> (N, classes) logits."""
        if recorder.active:
            for unit, macs in self.unit_macs(tuple(x.shape[2:])):
                recorder.work(unit, range(len(x)), macs)
        return self.head(self.features(x))

    def features(self, x: Tensor) -> Tensor:
        """(N, 3, H, W) normalised pixels -> (N, 1280, H / 32, W / 32), rounded up: what the classifier is given."""
        x = self.stem(x)
        for block in self.blocks:
            x = block(x)
        return self.top(x)

    def feature_macs(self, size: Size) -> int:
        """MACs of ``features`` for an input of ``size`` px."""
        return sum(macs for unit, macs in self.unit_macs(size) if unit != "head")

    def feature_size(self, size: Size) -> Size:
        """(height, width) of the features of an input of ``size`` px."""
        for part in (self.stem, *self.blocks):
            size = part.out_size(size)
        return size

    def unit_macs(self, size: Size) -> list[tuple[str, int]]:
        """(qualified name, MACs) of every unit in order, for an input of ``size`` px."""
        units, size = stem_and_blocks_macs(self.stem, self.blocks, size)
        return [*units, ("top", self.top.macs(size)), ("head", self.head.macs(size))]


def in_eights(channels: float) -> int:
    """The multiple of 8 that is nearest, but never more than a tenth below."""
    nearest = max(8, int(channels + 4) // 8 * 8)
    return nearest + 8 if nearest < 0.9 * channels else nearest
