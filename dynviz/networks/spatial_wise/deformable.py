"""Deformable convolutions in the last stage of a residual network: each place chooses where its kernel samples.

Paper: Dai, Qi, Xiong, Li, Zhang, Hu & Wei 2017, "Deformable Convolutional Networks": a convolution predicts an offset
for each tap of a kernel at each place, and the tap is sampled there bilinearly. They begin at zero.
Differs: sampling by ``grid_sample`` and one matrix product, so that it runs and is counted everywhere. It saves no
compute: the parameters are dynamic, not the amount of work.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from dynviz.compute import MACS_PER_INTERPOLATED_VALUE
from dynviz.decisions import SamplingOffsets
from dynviz.networks.blocks import BasicBlock, ConvNorm, Size
from dynviz.networks.contract import DynamicNetwork
from dynviz.networks.gates import Decider
from dynviz.networks.sources import PictureSource
from dynviz.networks.static.resnet import ResNet
from dynviz.recorder import SILENT, Recorder, Setting

TAPS = 9  # of a 3 x 3 kernel, row by row


class Offsets(Decider):
    """(N, C, H, W) features -> (N, H, W, TAPS, 2): how far each tap of each place moves, as x and y in cells."""

    def __init__(self, channels: int):
        super().__init__()
        self.conv = nn.Conv2d(channels, 2 * TAPS, 3, padding=1)
        nn.init.zeros_(self.conv.weight)
        nn.init.zeros_(self.conv.bias)

    def forward(self, x: Tensor) -> Tensor:
        moved = self.conv(x)
        return moved.permute(0, 2, 3, 1).reshape(len(x), x.shape[2], x.shape[3], TAPS, 2)


class DeformableConvNorm(ConvNorm):
    """A 3 x 3 ``ConvNorm`` of stride 1 whose taps are moved; with offsets of zero it is that ``ConvNorm``."""

    def __init__(self, in_channels: int, out_channels: int, relu: bool = True):
        super().__init__(in_channels, out_channels, relu=relu)
        self.offsets = Offsets(in_channels)

    def forward(self, x: Tensor) -> Tensor:
        return self.sampled(x, self.places(x))

    def places(self, x: Tensor) -> Tensor:
        """(N, H, W, TAPS, 2) where each tap samples, as x and y in cells; the middle of the first cell is 0, 0."""
        height, width = x.shape[2:]
        taps = torch.arange(3, device=x.device) - 1.0
        grid = torch.stack(torch.meshgrid(taps, taps, indexing="xy"), dim=2).reshape(TAPS, 2)
        columns, rows = torch.arange(width, device=x.device), torch.arange(height, device=x.device)
        middles = torch.stack(torch.meshgrid(columns, rows, indexing="xy"), dim=2)
        return middles[:, :, None] + grid + self.offsets(x).float()

    def sampled(self, x: Tensor, places: Tensor) -> Tensor:
        """(N, C, H, W) and where to sample it -> (N, C', H, W)."""
        count, channels, height, width = x.shape
        scale = places.new_tensor([width, height])
        grid = ((places + 0.5) * 2 / scale - 1).view(count, height * width, TAPS, 2).transpose(1, 2).to(x.dtype)
        # outside is zero, as a convolution pads; taps first, so that (N, C, TAPS, places) is the product's right side
        found = F.grid_sample(x, grid, mode="bilinear", padding_mode="zeros", align_corners=False)
        y = self.conv.weight.flatten(1) @ found.reshape(count, channels * TAPS, height * width)
        y = y.view(count, -1, height, width).contiguous(memory_format=torch.channels_last)
        if self.conv.bias is not None:
            y = y + self.conv.bias[:, None, None]
        y = self.norm(y)
        return F.relu(y) if self.relu else y

    def offset_macs(self, size: Size) -> int:
        return size[0] * size[1] * self.offsets.conv.weight.numel()

    def macs(self, size: Size) -> int:
        sampled = MACS_PER_INTERPOLATED_VALUE * TAPS * self.conv.in_channels * size[0] * size[1]
        return super().macs(size) + sampled + self.offset_macs(size)


class DeformableResNet(DynamicNetwork):
    """A ``ResNet`` whose last ``deformed`` blocks have a deformable second convolution. No threshold: one point."""

    takes_source = True  # to tell the sampling points in pixels of the original

    def __init__(
        self, *, widths: tuple[int, ...], depths: tuple[int, ...], classes: int, deformed: int = 3, in_size: int = 128
    ):
        super().__init__()
        if not 1 <= deformed < depths[-1]:
            raise ValueError(f"deformed must be between 1 and {depths[-1] - 1}, blocks of stride 1, not {deformed}")
        self.in_size = (in_size, in_size)
        self.backbone = ResNet(widths=widths, depths=depths, classes=classes, in_size=in_size)
        self.first = len(self.backbone.blocks) - deformed
        for block in self.backbone.blocks[self.first :]:
            block.conv2 = DeformableConvNorm(widths[-1], widths[-1], relu=False)
            nn.init.kaiming_normal_(block.conv2.conv.weight, mode="fan_out", nonlinearity="relu")
            nn.init.zeros_(block.conv2.norm.weight)

    def forward(
        self, x: Tensor | PictureSource, *, setting: Setting | None = None, recorder: Recorder = SILENT
    ) -> Tensor:
        """(N, 3, side, side) normalised views, or a ``PictureSource`` -> (N, classes) logits."""
        source = PictureSource.of(x)
        account = _Account(self, source, recorder) if recorder.active else None
        features = self.backbone.stem(source.view)
        for index, block in enumerate(self.backbone.blocks):
            if index < self.first:
                features = block(features)
            else:
                features = self._deformed(block, features, account, index)
        if account is not None:
            account.close()
        return self.backbone.head(features)

    def plain(self, x: Tensor | PictureSource) -> Tensor:
        return self(x)

    @staticmethod
    def _deformed(block: BasicBlock, x: Tensor, account: _Account | None, index: int) -> Tensor:
        """``BasicBlock.forward``, with its sampling points told."""
        inner = block.conv1(x)
        places = block.conv2.places(inner)
        if account is not None:
            account.layer(index, places.detach().cpu().numpy().astype(np.float64))
        return F.relu(block.conv2.sampled(inner, places) + x)


class _Account:
    """Turns what a batch did into records."""

    def __init__(self, network: DeformableResNet, source: PictureSource, recorder: Recorder):
        self.network, self.recorder = network, recorder
        self.frames, self.rows = source.frames_px(), np.arange(len(source))
        self.units = dict(network.backbone.unit_macs(tuple(source.view.shape[2:])))
        for unit, macs in self.units.items():
            if unit != "head" and not (unit.startswith("blocks.") and int(unit[7:]) >= network.first):
                recorder.work(f"backbone.{unit}", self.rows, macs)

    def layer(self, index: int, places: np.ndarray) -> None:
        """places: (N, H, W, TAPS, 2) in cells of the layer's features."""
        count, height, width = places.shape[:3]
        block = self.network.backbone.blocks[index]
        shares = (places + 0.5) / np.array([width, height])
        low, high = self.frames[:, :2], self.frames[:, 2:]
        points = low[:, None, None, None] + shares * (high - low)[:, None, None, None]
        macs = self.units[f"blocks.{index}"]
        self.recorder.decide(
            SamplingOffsets,
            self.rows,
            columns={"points_px": points.reshape(count, height * width, TAPS, 2).astype(np.float32)},
            unit=f"backbone.blocks.{index}",
            layer=index,
            choice="moved",
            rule="offsets",
            macs=macs,
            macs_static=macs,
            decider_macs=block.conv2.offset_macs((height, width)),
        )

    def close(self) -> None:
        self.recorder.work("backbone.head", self.rows, self.units["head"])
