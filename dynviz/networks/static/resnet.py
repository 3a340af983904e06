"""Residual networks of several sizes: the static baseline that every dynamic network is held against.

Paper: He, Zhang, Ren & Sun 2016, "Deep Residual Learning for Image Recognition" (the three-stage form of section 4.2).
Differs: a stride-4 stem of two convolutions for 128 px photos; the last normalisation of each block starts at zero.
"""

from __future__ import annotations

from torch import Tensor

from dynviz.networks.blocks import Size
from dynviz.networks.contract import DynamicNetwork
from dynviz.networks.residual import ResidualNetwork
from dynviz.recorder import SILENT, Recorder, Setting


class ResNet(ResidualNetwork):
    """Three (or more) stages of basic blocks, the size halved and the channels changed at each new stage."""

    plain = DynamicNetwork.plain  # it has no other way than its own

    def forward(self, x: Tensor, *, setting: Setting | None = None, recorder: Recorder = SILENT) -> Tensor:
        """(N, 3, H, W) normalised pixels -> (N, classes) logits."""
        if recorder.active:
            for unit, macs in self.unit_macs(tuple(x.shape[2:])):
                recorder.work(unit, range(len(x)), macs)
        return self.head(self.features(x))

    def feature_macs(self, size: Size) -> int:
        """MACs of ``features`` for an input of ``size`` px."""
        return sum(macs for unit, macs in self.unit_macs(size) if unit != "head")
