"""What the vision transformers here share: a small convolutional trunk, patches of its features, transformer layers.

Papers: Dosovitskiy et al. 2021, "An Image is Worth 16x16 Words"; Xiao et al. 2021, "Early Convolutions Help
Transformers See Better" (the trunk). Differs: the trunk is the first stages of the ResNets here, so that it can begin
with trained ones; there is no class token, the answer comes from the mean of the tokens that are left; places are
learned for the network's own size and interpolated for others.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from dynviz.networks.blocks import ConvNorm, Size, Stem, initialise, stem_and_blocks_macs
from dynviz.networks.contract import DynamicNetwork
from dynviz.networks.encoder import EncoderLayer, PooledAnswer
from dynviz.networks.residual import begin_as_identity, stages_of

PATCH_STRIDE = 2  # patches of the trunk's features: 3 x 3, every second place


class VisionEncoder(DynamicNetwork):
    """Everything that a vision transformer is made of, and its costs; the networks differ in how they run it.

    widths, depths: channels and residual blocks of each stage of the trunk. width, layers, heads, inner: of the
    transformer layers and of their feed-forward part.
    """

    def __init__(
        self,
        *,
        widths: tuple[int, ...],
        depths: tuple[int, ...],
        width: int,
        layers: int,
        heads: int,
        inner: int,
        classes: int,
        in_size: int = 128,
    ):
        super().__init__()
        self.in_size = (in_size, in_size)
        self.stem = Stem(widths[0], 4)
        self.blocks, _ = stages_of(widths, depths)
        self.patches = ConvNorm(widths[-1], width, stride=PATCH_STRIDE, relu=False)
        initialise(self)
        begin_as_identity(self.blocks)
        rows, columns = self.grid(self.in_size)
        self.places = nn.Parameter(torch.randn(rows * columns, width) * 0.02)
        self.layers = nn.ModuleList(EncoderLayer(width, heads, inner, 0.0) for _ in range(layers))
        self.answer = PooledAnswer(width, classes, 0.0)

    def tokens(self, x: Tensor) -> Tensor:
        """(N, 3, H, W) normalised pixels -> (N, T, width), row by row."""
        x = self.stem(x)
        for block in self.blocks:
            x = block(x)
        x = self.patches(x)
        return x.flatten(2).transpose(1, 2) + self._places_of(tuple(x.shape[2:]))

    def _places_of(self, grid: Size) -> Tensor:
        own = self.grid(self.in_size)
        if grid == own:
            return self.places
        known = self.places.T.unflatten(1, own).unsqueeze(0)
        return F.interpolate(known, size=grid, mode="bilinear", antialias=True, align_corners=False)[0].flatten(1).T

    def grid(self, size: Size) -> Size:
        """(rows, columns) of tokens of a picture of ``size`` px."""
        size = self.stem.out_size(size)
        for block in self.blocks:
            size = block.out_size(size)
        return self.patches.out_size(size)

    def trunk_macs(self, size: Size) -> list[tuple[str, int]]:
        """(qualified name, MACs) of every unit before the transformer layers, for a picture of ``size`` px."""
        units, size = stem_and_blocks_macs(self.stem, self.blocks, size)
        return [*units, ("patches", self.patches.macs(size))]

    def unit_macs(self, size: Size) -> list[tuple[str, int]]:
        """The same of every unit, all tokens kept."""
        rows, columns = self.grid(size)
        layers = [(f"layers.{index}", layer.macs(rows * columns)) for index, layer in enumerate(self.layers)]
        return [*self.trunk_macs(size), *layers, ("answer", self.answer.macs)]

    def plain(self, x: Tensor) -> Tensor:
        """What keeping every token answers, without deciding anything."""
        hidden = self.tokens(x)
        for layer in self.layers:
            hidden = layer(hidden, None)
        return self.answer(hidden, None)
