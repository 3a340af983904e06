"""Several looks with one and the same network: at another size, or at another part of the picture.

The network's weights are shared, and each look is a module of its own, so that a decision about one says what it is
about.
"""

from __future__ import annotations

from torch import Tensor, nn

from dynviz.networks.static.efficientnet_lite import EfficientNetLite


class Look(nn.Module):
    """One look of ``network`` at a picture of ``side_px``: (N, 3, side, side).

    seen: is handed what is looked at, and hands it on.
    """

    def __init__(self, network: EfficientNetLite, side_px: int):
        super().__init__()
        self.network, self.side_px = network, side_px
        self.seen = nn.Identity()

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """(N, 3, side, side) -> logits (N, classes), and the features behind them (N, C, h, w)."""
        features = self.network.features(self.seen(x))
        return self.network.head(features), features

    @property
    def macs(self) -> int:
        """Of one look, its answer included."""
        return sum(macs for _, macs in self.network.unit_macs((self.side_px, self.side_px)))
