"""Inverted residual blocks, as networks for phones are made of: widen, filter each channel by itself, narrow again.

Papers: Sandler et al. 2018, "MobileNetV2" (the block); Tan & Le 2019, "EfficientNet" (its sizes). Published weights
come from TensorFlow, whose padding differs: where a step of two leaves a row of padding over, it lies behind.
"""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F

from dynviz.networks.blocks import ConvNorm, Size

EPSILON = 1e-3  # of the normalisation that the published weights were trained with


class PaddedConvNorm(ConvNorm):
    """Convolution in ``groups``, padded as TensorFlow does, normalisation and (optionally) ReLU6."""

    def __init__(
        self, in_channels: int, out_channels: int, kernel: int = 3, stride: int = 1, relu: bool = True, groups: int = 1
    ):
        super().__init__(in_channels, out_channels, kernel, stride, relu)
        padding = kernel // 2 if stride == 1 else 0
        self.conv = nn.Conv2d(in_channels, out_channels, kernel, stride, padding, groups=groups, bias=False)
        self.norm = nn.BatchNorm2d(out_channels, eps=EPSILON)

    def forward(self, x: Tensor) -> Tensor:
        if self.conv.stride[0] > 1:
            x = F.pad(x, [part for length in (x.shape[3], x.shape[2]) for part in self._beyond(length)])
        x = self.norm(self.conv(x))
        return F.relu6(x, inplace=True) if self.relu else x

    def _beyond(self, length: int) -> tuple[int, int]:
        """Rows of padding before and behind ``length`` of them."""
        kernel, stride = self.conv.kernel_size[0], self.conv.stride[0]
        missing = max((-(-length // stride) - 1) * stride + kernel - length, 0)
        return missing // 2, missing - missing // 2


class InvertedResidual(nn.Module):
    """1x1 to ``expansion`` times the channels, a filter for each channel, 1x1 to ``out_channels``; no activation last.

    The input is added where neither size nor channels change.
    """

    def __init__(self, in_channels: int, out_channels: int, kernel: int, stride: int, expansion: int):
        super().__init__()
        wide = in_channels * expansion
        self.expand = PaddedConvNorm(in_channels, wide, kernel=1) if expansion > 1 else None
        self.depthwise = PaddedConvNorm(wide, wide, kernel, stride, groups=wide)
        self.project = PaddedConvNorm(wide, out_channels, kernel=1, relu=False)
        self.adds = stride == 1 and in_channels == out_channels

    def forward(self, x: Tensor) -> Tensor:
        wide = x if self.expand is None else self.expand(x)
        narrow = self.project(self.depthwise(wide))
        return narrow + x if self.adds else narrow

    def out_size(self, size: Size) -> Size:
        return self.depthwise.out_size(size)

    def macs(self, size: Size) -> int:
        wide = 0 if self.expand is None else self.expand.macs(size)
        return wide + self.depthwise.macs(size) + self.project.macs(self.out_size(size))
