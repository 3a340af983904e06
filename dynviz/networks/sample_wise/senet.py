"""A residual network that weighs its channels anew for each picture: attention weights conditioned on the features.

Paper: Hu, Shen & Sun 2018, "Squeeze-and-Excitation Networks". As there, the mean of a block's residual goes through a
small bottleneck to one weight in 0..1 for each channel. Differs: the last layer starts so that every weight is nearly
one, so that a trained ResNet begins as itself. It saves nothing: what is dynamic is what the parameters are worth.
"""

from __future__ import annotations

import numpy as np
from torch import Tensor, nn
from torch.nn import functional as F

from dynviz.decisions import KernelMixture
from dynviz.networks.blocks import BasicBlock
from dynviz.networks.contract import DynamicNetwork
from dynviz.networks.gates import Decider
from dynviz.networks.static.resnet import ResNet
from dynviz.recorder import SILENT, Recorder, Setting

ALMOST_ONE = 3.0  # the bias of the last layer at first: weights of .95


class Excitation(Decider):
    """(N, C, H, W) residual -> (N, C) weights in 0..1."""

    def __init__(self, channels: int, reduction: int):
        super().__init__()
        self.squeeze = nn.Linear(channels, max(4, channels // reduction))
        self.excite = nn.Linear(self.squeeze.out_features, channels)
        nn.init.normal_(self.excite.weight, std=0.01)
        nn.init.constant_(self.excite.bias, ALMOST_ONE)

    def forward(self, residual: Tensor) -> Tensor:
        return self.excite(F.relu(self.squeeze(residual.mean(dim=(2, 3))))).sigmoid()

    @property
    def macs(self) -> int:
        return self.squeeze.weight.numel() + self.excite.weight.numel()


class SENet(DynamicNetwork):
    """A ``ResNet`` with an excitation in each block. No threshold: one point. reduction: of the bottleneck."""

    def __init__(
        self,
        *,
        widths: tuple[int, ...],
        depths: tuple[int, ...],
        classes: int,
        reduction: int = 8,
        in_size: int = 128,
    ):
        super().__init__()
        self.in_size = (in_size, in_size)
        self.backbone = ResNet(widths=widths, depths=depths, classes=classes, in_size=in_size)
        self.excitations = nn.ModuleList(
            Excitation(block.conv2.conv.out_channels, reduction) for block in self.backbone.blocks
        )

    def forward(self, x: Tensor, *, setting: Setting | None = None, recorder: Recorder = SILENT) -> Tensor:
        """(N, 3, H, W) normalised pixels -> (N, classes) logits."""
        rows, units = np.arange(len(x)), self.backbone.unit_macs(tuple(x.shape[2:])) if recorder.active else []
        macs = dict(units)
        if recorder.active:
            recorder.work("backbone.stem", rows, macs["stem"])
        x = self.backbone.stem(x)
        for index, (block, excitation) in enumerate(zip(self.backbone.blocks, self.excitations, strict=True)):
            x, weights = _excited(block, excitation, x)
            if recorder.active:
                spent = macs[f"blocks.{index}"] + excitation.macs
                recorder.decide(
                    KernelMixture,
                    rows,
                    columns={"weights": weights.detach().float().cpu().numpy()},
                    unit=f"excitations.{index}",
                    layer=index,
                    choice="channels weighed",
                    rule="attention weights",
                    macs=spent,
                    macs_static=spent,
                    decider_macs=excitation.macs,
                )
        if recorder.active:
            recorder.work("backbone.head", rows, macs["head"])
        return self.backbone.head(x)

    def plain(self, x: Tensor) -> Tensor:
        return self(x)


def _excited(block: BasicBlock, excitation: Excitation, x: Tensor) -> tuple[Tensor, Tensor]:
    """(the block with its residual's channels weighed, the weights)."""
    residual = block.conv2(block.conv1(x))
    weights = excitation(residual)
    residual = residual * weights[:, :, None, None]
    return F.relu(residual + (x if block.shortcut is None else block.shortcut(x))), weights
