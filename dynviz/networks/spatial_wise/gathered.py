"""3x3 convolutions at chosen places only: their neighbourhoods are gathered into a matrix and multiplied at once.

The features of a whole stage stay in one matrix of (padded positions, channels), so that nothing is laid out anew
between its blocks, and all blocks of the stage share the index of one mask (the gather-im2col of SBNet and of sparse
convolutions, done with plain tensor operators). What is not chosen is neither read into a product nor written.
"""

from __future__ import annotations

from copy import deepcopy

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from dynviz.networks.blocks import BasicBlock, ConvNorm
from dynviz.networks.contract import Packable

ARRANGED = ("input_bias", "of_input", "hidden_bias", "of_hidden")  # a block's weights, once they are packed


class Places:
    """The chosen places of a batch and their neighbourhoods. mask: (N, H, W) bool, at least one place chosen."""

    def __init__(self, mask: Tensor):
        count, height, width = mask.shape
        self.shape = count, height + 2, width + 2
        row = width + 2
        around = torch.tensor([-row - 1, -row, -row + 1, -1, 0, 1, row - 1, row, row + 1])
        self.chosen = F.pad(mask, (1, 1, 1, 1)).flatten().nonzero()[:, 0]  # their rows in the matrix of features
        self.halo = F.pad(dilated(mask), (1, 1, 1, 1)).flatten().nonzero()[:, 0]
        self.around_halo = (self.halo[:, None] + around).flatten()
        # the hidden layer exists in the halo only; every other place is its last row, zero, as the border is
        number = torch.full((count * (height + 2) * row,), len(self.halo))
        number[self.halo] = torch.arange(len(self.halo))
        self.around_chosen = number[(self.chosen[:, None] + around).flatten()]

    def spread(self, x: Tensor) -> Tensor:
        """(N, C, H, W) -> (positions, C), a border of zeros around each sample."""
        return F.pad(x.permute(0, 2, 3, 1), (0, 0, 1, 1, 1, 1)).view(-1, x.shape[1])

    def gathered(self, features: Tensor) -> Tensor:
        """The way back from ``spread``."""
        return features.view(*self.shape, -1)[:, 1:-1, 1:-1].permute(0, 3, 1, 2)


def dilated(mask: Tensor) -> Tensor:
    """(N, H, W) bool -> the places whose 3x3 neighbourhood holds a chosen one."""
    return F.max_pool2d(mask[:, None].float(), 3, stride=1, padding=1)[:, 0] > 0


class GatheredBlock(BasicBlock, Packable):
    """A residual block without stride that can run at chosen places only."""

    def __init__(self, channels: int):
        super().__init__(channels, channels)
        for name in ARRANGED:
            self.register_buffer(name, None, persistent=False)

    def pack(self) -> None:
        """For inference only: arrange the weights once, as ``at`` multiplies with them."""
        for name, weights in zip(ARRANGED, self._matrices(), strict=True):
            setattr(self, name, weights)

    def _matrices(self) -> list[Tensor]:
        """The bias and the matrix of either convolution, normalisation folded in."""
        if self.of_input is not None:
            return [getattr(self, name) for name in ARRANGED]
        return [part for layer in (self.conv1, self.conv2) for part in _as_matrix(layer)]

    def at(self, places: Places, features: Tensor) -> None:
        """Update ``features``, (positions, C), at the chosen places, in place."""
        channels = features.shape[1]
        input_bias, of_input, hidden_bias, of_hidden = self._matrices()
        near = features.index_select(0, places.around_halo).view(-1, 9 * channels)
        hidden = torch.addmm(input_bias, near, of_input).relu_()
        width = hidden.shape[1]
        hidden = torch.cat([hidden, hidden.new_zeros(1, width)])
        near = hidden.index_select(0, places.around_chosen).view(-1, 9 * width)
        residual = torch.addmm(hidden_bias, near, of_hidden)
        residual += features.index_select(0, places.chosen)
        features.index_copy_(0, places.chosen, residual.relu_())

    def masked(self, x: Tensor, mask: Tensor) -> Tensor:
        """(N, C, H, W) -> the same, changed only where ``mask`` (N, 1, H, W) is 1. Everything is computed."""
        return F.relu(x + self.conv2(self.conv1(x)) * mask)

    @property
    def macs_per_place(self) -> int:
        """MACs of each of its two convolutions at one place."""
        return self.conv1.conv.weight.numel()


def _as_matrix(layer: ConvNorm) -> tuple[Tensor, Tensor]:
    """(out,) bias and (9 in, out) weights, in the order in which neighbourhoods are gathered."""
    conv = layer.conv
    if isinstance(layer.norm, nn.BatchNorm2d):
        conv = torch.nn.utils.fusion.fuse_conv_bn_eval(deepcopy(conv).eval(), deepcopy(layer.norm).eval())
    matrix = conv.weight.detach().permute(2, 3, 1, 0).reshape(-1, conv.out_channels).contiguous()
    return conv.bias.detach(), matrix
