"""Layers shared by the networks, each with a formula for its multiply-accumulates.

Every layer answers ``macs(size)``: the MACs of one sample whose input is ``size`` = (height, width) pixels,
and, where it changes the size, ``out_size(size)``. Only convolutions and matrix products are counted, as the
field does (He et al. 2016; Huang et al. 2018); normalisation, activation and pooling are not. The formulas are
checked against ``torch.utils.flop_counter`` for every registered network.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from dynviz.networks.answering import Classifier

Size = tuple[int, int]


class ConvNorm(nn.Module):
    """Convolution, batch normalisation and (optionally) ReLU: (N, C, H, W) -> (N, C', H', W')."""

    def __init__(self, in_channels: int, out_channels: int, kernel: int = 3, stride: int = 1, relu: bool = True):
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, kernel, stride, kernel // 2, bias=False)
        self.norm: nn.Module = nn.BatchNorm2d(out_channels)
        self.relu = relu

    def forward(self, x: Tensor) -> Tensor:
        x = self.norm(self.conv(x))
        return F.relu(x, inplace=True) if self.relu else x

    def out_size(self, size: Size) -> Size:
        stride = self.conv.stride[0]
        return (size[0] - 1) // stride + 1, (size[1] - 1) // stride + 1

    def macs(self, size: Size) -> int:
        height, width = self.out_size(size)
        return height * width * self.conv.weight.numel()


class SwitchedConvNorm(nn.Module):
    """A convolution shared by several ways to use it, with batch normalisation for each (Yu et al. 2019).

    Statistics of features differ between resolutions; one normalisation for all of them costs accuracy.
    """

    def __init__(
        self, in_channels: int, out_channels: int, ways: int, kernel: int = 3, stride: int = 1, relu: bool = True
    ):
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, kernel, stride, kernel // 2, bias=False)
        self.norms = nn.ModuleList(nn.BatchNorm2d(out_channels) for _ in range(ways))
        self.relu, self.folded = relu, False

    def forward(self, x: Tensor, way: int) -> Tensor:
        """(N, C, H, W) -> (N, C', H', W'), normalised as for ``way``."""
        if self.folded:
            weight, bias = getattr(self, f"weight_{way}"), getattr(self, f"bias_{way}")
            x = F.conv2d(x, weight, bias, self.conv.stride, self.conv.padding)
        else:
            x = self.norms[way](self.conv(x))
        return F.relu(x, inplace=True) if self.relu else x

    def fold(self) -> None:
        """For inference: kernels of its own for every way, made of the shared ones, which stay the parameters."""
        for way, norm in enumerate(self.norms):
            fused = torch.nn.utils.fusion.fuse_conv_bn_eval(self.conv.eval(), norm.eval())
            self.register_buffer(f"weight_{way}", fused.weight.detach(), persistent=False)
            self.register_buffer(f"bias_{way}", fused.bias.detach(), persistent=False)
        self.folded = True

    out_size = ConvNorm.out_size
    macs = ConvNorm.macs


class BasicBlock(nn.Module):
    """Two 3x3 convolutions around an identity or 1x1 shortcut (He et al. 2016, section 3)."""

    def __init__(self, in_channels: int, out_channels: int, stride: int = 1):
        super().__init__()
        self.conv1 = ConvNorm(in_channels, out_channels, stride=stride)
        self.conv2 = ConvNorm(out_channels, out_channels, relu=False)
        nn.init.zeros_(self.conv2.norm.weight)  # every block starts as the identity, so deep nets train at once
        self.shortcut: ConvNorm | None = None
        if stride != 1 or in_channels != out_channels:
            self.shortcut = ConvNorm(in_channels, out_channels, kernel=1, stride=stride, relu=False)

    def forward(self, x: Tensor) -> Tensor:
        residual = self.conv2(self.conv1(x))
        return F.relu(residual + (x if self.shortcut is None else self.shortcut(x)))

    def out_size(self, size: Size) -> Size:
        return self.conv1.out_size(size)

    def macs(self, size: Size) -> int:
        shortcut = 0 if self.shortcut is None else self.shortcut.macs(size)
        return self.conv1.macs(size) + self.conv2.macs(self.out_size(size)) + shortcut


class Stem(nn.Module):
    """From pixels to the first stage: stride 4 through two convolutions for photos, stride 1 for 32 px pictures."""

    def __init__(self, channels: int, stride: int):
        super().__init__()
        if stride not in (1, 4):
            raise ValueError(f"a stem has stride 1 or 4, not {stride}")
        layers = [ConvNorm(3, channels)]
        if stride == 4:
            inner = max(8, channels * 2 // 3 // 8 * 8)
            layers = [ConvNorm(3, inner, stride=2), ConvNorm(inner, channels, stride=2)]
        self.layers = nn.Sequential(*layers)

    def forward(self, x: Tensor) -> Tensor:
        return self.layers(x)

    def out_size(self, size: Size) -> Size:
        for layer in self.layers:
            size = layer.out_size(size)
        return size

    def macs(self, size: Size) -> int:
        total = 0
        for layer in self.layers:
            total += layer.macs(size)
            size = layer.out_size(size)
        return total


class PooledLinear(nn.Module):
    """Global average pooling and a linear classifier: (N, C, H, W) -> (N, classes)."""

    def __init__(self, channels: int, classes: int):
        super().__init__()
        self.linear = Classifier(channels, classes)

    def forward(self, x: Tensor) -> Tensor:
        return self.linear(x.mean(dim=(2, 3)))

    def macs(self, size: Size) -> int:
        return self.linear.weight.numel()


class _Concatenate(torch.autograd.Function):
    """torch.cat over channels whose gradients are compact: the plain one hands strided slices to every layer behind it,
    which on a processor makes training a dense network half as slow again."""

    @staticmethod
    def forward(ctx: Any, *parts: Tensor) -> Tensor:
        ctx.channels = [part.shape[1] for part in parts]
        return torch.cat(parts, dim=1)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, ...]:
        slices = gradient.split(ctx.channels, dim=1)
        return tuple(part.contiguous(memory_format=torch.channels_last) for part in slices)


def concatenate(parts: list[Tensor]) -> Tensor:
    """Feature maps (N, C_i, H, W) -> (N, sum of C_i, H, W)."""
    return _Concatenate.apply(*parts) if torch.is_grad_enabled() else torch.cat(parts, dim=1)


def take_samples(features: Tensor, rows: Tensor) -> Tensor:
    """(N, C, H, W) -> (len(rows), C, H, W), kept in channels_last, where a sample is one piece of memory to copy.

    Indexing the first dimension directly copies number by number and takes seven times as long.
    """
    return features.permute(0, 2, 3, 1).index_select(0, rows).permute(0, 3, 1, 2)


def stem_and_blocks_macs(stem: nn.Module, blocks: nn.ModuleList, size: Size) -> tuple[list[tuple[str, int]], Size]:
    """(qualified name, MACs) of the stem and of each block, for an input of ``size`` px; and what size they hand on."""
    units = [("stem", stem.macs(size))]
    size = stem.out_size(size)
    for index, block in enumerate(blocks):
        units.append((f"blocks.{index}", block.macs(size)))
        size = block.out_size(size)
    return units, size


def initialise(module: nn.Module) -> None:
    """He initialisation of every convolution, small normal weights for linear layers."""
    for layer in module.modules():
        if isinstance(layer, nn.Conv2d):
            nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")
        elif isinstance(layer, nn.Linear):
            nn.init.normal_(layer.weight, std=0.01)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)


def fold_batchnorm(module: nn.Module) -> None:
    """Merge each batch normalisation into its convolution, in place, for inference only."""
    for layer in module.modules():
        if isinstance(layer, ConvNorm) and isinstance(layer.norm, nn.BatchNorm2d):
            layer.conv = torch.nn.utils.fusion.fuse_conv_bn_eval(layer.conv.eval(), layer.norm.eval())
            layer.norm = nn.Identity()
        elif isinstance(layer, SwitchedConvNorm):
            layer.fold()
