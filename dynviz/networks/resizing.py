"""Pictures made smaller inside a network, and what that costs."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from dynviz.compute import MACS_PER_INTERPOLATED_VALUE


def resized(x: Tensor, side_px: int) -> Tensor:
    """(N, C, H, W) -> (N, C, side, side), with antialiasing, in channels_last; ``x`` itself where it has that side."""
    if tuple(x.shape[2:]) == (side_px, side_px):
        return x
    x = F.interpolate(x, size=(side_px, side_px), mode="bilinear", antialias=True, align_corners=False)
    return x.contiguous(memory_format=torch.channels_last)


def resized_macs(channels: int, size: tuple[int, int], side_px: int) -> int:
    """MACs of ``resized`` for one sample of ``size`` (height, width)."""
    if size == (side_px, side_px):
        return 0
    return MACS_PER_INTERPOLATED_VALUE * channels * side_px * side_px
