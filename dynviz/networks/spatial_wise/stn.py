"""A spatial transformer before a residual network: a small network finds the part of the picture to look at.

Paper: Jaderberg, Simonyan, Zisserman & Kavukcuoglu 2015, "Spatial Transformer Networks": an affine region, sampled
bilinearly, found without a label for where to look.
Differs: the region cannot leave the picture (the paper's may, and sees zeros there). It is one step before the network,
which is the same with and without it: it saves no compute, it is a question of accuracy.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from dynviz.compute import MACS_PER_INTERPOLATED_VALUE
from dynviz.decisions import Region
from dynviz.networks.blocks import PooledLinear, Size
from dynviz.networks.contract import DynamicNetwork
from dynviz.networks.gates import Decider
from dynviz.networks.resizing import resized, resized_macs
from dynviz.networks.sources import PictureSource
from dynviz.networks.static.resnet import ResNet
from dynviz.recorder import SILENT, Recorder, Setting

IDENTITY = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)  # a 2 x 2 matrix, then how far to move


class Locator(Decider):
    """Where to look, from a small version of the picture: (N, 2, 3) affine maps from -1..1 of the crop to -1..1 of it.

    Whatever the six numbers say, the region lies inside: rows of the matrix that reach further than 1 are shortened,
    and it is moved within the room that is left.
    """

    def __init__(self, widths: tuple[int, ...], side_px: int):
        super().__init__()
        self.side_px = side_px
        self.body = ResNet(widths=widths, depths=(1,) * len(widths), classes=len(IDENTITY), in_size=side_px)
        self.body.head = PooledLinear(widths[-1], len(IDENTITY))
        nn.init.zeros_(self.body.head.linear.weight)
        self.body.head.linear.bias.data = torch.tensor(IDENTITY)

    def forward(self, x: Tensor) -> Tensor:
        numbers = self.body(resized(x, self.side_px)).float()
        matrix, move = numbers[:, :4].view(-1, 2, 2), numbers[:, 4:]
        matrix = matrix / matrix.abs().sum(dim=2, keepdim=True).clamp(min=1.0)
        room = (1 - matrix.abs().sum(dim=2)).clamp(min=0.0)
        return torch.cat([matrix, (move.tanh() * room)[:, :, None]], dim=2)

    def macs(self, size: Size) -> int:
        small = (self.side_px, self.side_px)
        return resized_macs(3, size, self.side_px) + sum(macs for _, macs in self.body.unit_macs(small))


class SpatialTransformer(DynamicNetwork):
    """``locator`` finds the region, ``backbone`` is given it at the side of the view. No threshold: a single point.

    widths, depths: of the backbone. locator_widths, locator_px: of the network that looks for the region.
    """

    takes_source = True  # to tell the region in pixels of the original

    def __init__(
        self,
        *,
        widths: tuple[int, ...],
        depths: tuple[int, ...],
        classes: int,
        locator_widths: tuple[int, ...] = (12, 24, 48),
        locator_px: int = 64,
        in_size: int = 128,
    ):
        super().__init__()
        self.in_size = (in_size, in_size)
        self.locator = Locator(locator_widths, locator_px)
        self.backbone = ResNet(widths=widths, depths=depths, classes=classes, in_size=in_size)

    def forward(
        self, x: Tensor | PictureSource, *, setting: Setting | None = None, recorder: Recorder = SILENT
    ) -> Tensor:
        """(N, 3, side, side) normalised views, or a ``PictureSource`` -> (N, classes) logits."""
        source = PictureSource.of(x)
        view = source.view
        theta = self.locator(view)
        if recorder.active:
            self._record(recorder, source, theta.detach().cpu().numpy().astype(np.float64))
        grid = F.affine_grid(theta, list(view.shape), align_corners=False).to(view.dtype)
        # like every other network, one that finds nothing to cut away sees its picture as it is
        crop = F.grid_sample(view, grid, mode="bilinear", padding_mode="border", align_corners=False)
        return self.backbone(crop.contiguous(memory_format=torch.channels_last))

    def plain(self, x: Tensor | PictureSource) -> Tensor:
        return self(x)

    def _record(self, recorder: Recorder, source: PictureSource, theta: np.ndarray) -> None:
        size = tuple(source.view.shape[2:])
        frames = source.frames_px()
        middle = (frames[:, :2] + frames[:, 2:]) / 2
        half = (frames[:, 2:] - frames[:, :2]) / 2
        affine = theta * half[:, :, None]
        affine[:, :, 2] += middle
        reach = np.abs(affine[:, :, :2]).sum(axis=2)
        corners = np.concatenate([affine[:, :, 2] - reach, affine[:, :, 2] + reach], axis=1)
        boxes = np.empty(len(corners), dtype=object)
        boxes[:] = [tuple(box) for box in corners.tolist()]
        decider = self.locator.macs(size)
        sampled = MACS_PER_INTERPOLATED_VALUE * 3 * size[0] * size[1]
        rows = np.arange(len(theta))
        recorder.decide(
            Region,
            rows,
            columns={"box_px": boxes, "affine": affine},
            unit="locator",
            choice="transformed",
            rule="affine",
            macs=decider + sampled,
            macs_static=decider + sampled,
            decider_macs=decider,
        )
        for unit, macs in self.backbone.unit_macs(size):
            recorder.work(f"backbone.{unit}", rows, macs)
