"""A ResNet that serves several resolutions: its convolutions are shared, normalisation is each resolution's own.

Paper: Yu et al. 2019, "Slimmable Neural Networks" (switchable normalisation), for resolutions as in Zhu et al. 2021,
"Dynamic Resolution Network".
"""

from __future__ import annotations

from functools import partial

from torch import Tensor, nn
from torch.nn import functional as F

from dynviz.networks.blocks import ConvNorm, PooledLinear, Size, Stem, SwitchedConvNorm, initialise
from dynviz.networks.contract import Startable
from dynviz.networks.residual import stages_of
from dynviz.networks.static.resnet import ResNet


class SwitchedBlock(nn.Module):
    """``BasicBlock`` with normalisation for each way to use it."""

    def __init__(self, in_channels: int, out_channels: int, ways: int, stride: int = 1):
        super().__init__()
        self.conv1 = SwitchedConvNorm(in_channels, out_channels, ways, stride=stride)
        self.conv2 = SwitchedConvNorm(out_channels, out_channels, ways, relu=False)
        self.shortcut: SwitchedConvNorm | None = None
        if stride != 1 or in_channels != out_channels:
            self.shortcut = SwitchedConvNorm(in_channels, out_channels, ways, kernel=1, stride=stride, relu=False)

    def forward(self, x: Tensor, way: int) -> Tensor:
        residual = self.conv2(self.conv1(x, way), way)
        return F.relu(residual + (x if self.shortcut is None else self.shortcut(x, way)))

    def out_size(self, size: Size) -> Size:
        return self.conv1.out_size(size)

    def macs(self, size: Size) -> int:
        shortcut = 0 if self.shortcut is None else self.shortcut.macs(size)
        return self.conv1.macs(size) + self.conv2.macs(self.out_size(size)) + shortcut


class SwitchedResNet(nn.Module, Startable):
    """A ``ResNet`` for photos whose convolutions serve several resolutions, each with its own normalisation."""

    def __init__(self, widths: tuple[int, ...], depths: tuple[int, ...], classes: int, ways: int):
        super().__init__()
        inner = Stem(widths[0], 4).layers[0].conv.out_channels
        self.stem = nn.ModuleList(
            (SwitchedConvNorm(3, inner, ways, stride=2), SwitchedConvNorm(inner, widths[0], ways, stride=2))
        )
        block = partial(SwitchedBlock, ways=ways)
        self.blocks, _ = stages_of(widths, depths, block, block)
        self.head = PooledLinear(widths[-1], classes)
        initialise(self)

    def forward(self, x: Tensor, way: int) -> Tensor:
        """(N, 3, H, W) normalised pixels -> (N, classes) logits."""
        return self.head(self.features(x, way))

    def features(self, x: Tensor, way: int) -> Tensor:
        """(N, 3, H, W) normalised pixels -> (N, channels, h, w), what the classifier is given."""
        for layer in (*self.stem, *self.blocks):
            x = layer(x, way)
        return x

    def feature_macs(self, size: Size) -> int:
        """MACs of ``features`` for an input of ``size`` px."""
        total = 0
        for layer in (*self.stem, *self.blocks):
            total += layer.macs(size)
            size = layer.out_size(size)
        return total

    def macs(self, size: Size) -> int:
        return self.feature_macs(size) + self.head.macs(size)

    def begin_with(self, other: ResNet) -> None:
        """Take the weights of a trained ``ResNet`` of these sizes, its normalisation for every resolution.

        Classes beyond its own begin as they are.
        """
        mine = [layer for layer in self.modules() if isinstance(layer, SwitchedConvNorm)]
        theirs = [layer for layer in other.modules() if isinstance(layer, ConvNorm)]
        for layer, trained in zip(mine, theirs, strict=True):
            layer.conv.load_state_dict(trained.conv.state_dict())
            for norm in layer.norms:
                norm.load_state_dict(trained.norm.state_dict())
        known = len(other.head.linear.bias)
        self.head.linear.weight.data[:known] = other.head.linear.weight.data
        self.head.linear.bias.data[:known] = other.head.linear.bias.data
