"""A residual network with a gate in front of each block, which decides from the features at that point.

Papers: Wang, Yu, Dou, Darrell & Gonzalez 2018, "SkipNet: Learning Dynamic Routing in Convolutional Networks"; Veit &
Belongie 2018, "Convolutional Networks with Adaptive Inference Graphs", whose gate this is: the mean of the features, a
small hidden layer, hard decisions trained straight through with noise from an all-open start. Differs: normalisation
stands before the hidden layer, and the noise fades; trained at all budgets at once (``networks.gates``).
"""

from __future__ import annotations

from torch import Tensor, nn

from dynviz.networks.blocks import Size
from dynviz.networks.gates import OPEN_START, Decider, GateFeatures
from dynviz.networks.sample_wise.layer_skipping import SkippableResNet


class Gate(Decider):
    """(N, C, H, W) -> (N,) logits of running the block that it stands before."""

    def __init__(self, channels: int):
        super().__init__()
        self.hidden = GateFeatures(channels)
        self.open = nn.Linear(self.hidden.linear.out_features, 1)
        nn.init.normal_(self.open.weight, std=0.1)
        nn.init.constant_(self.open.bias, OPEN_START)

    def forward(self, x: Tensor) -> Tensor:
        return self.open(self.hidden(x))[:, 0]

    @property
    def macs(self) -> int:
        return self.hidden.macs + self.open.weight.numel()


class SkipNet(SkippableResNet):
    """One gate for each block that does not downsample."""

    mechanism = "gate"
    rule = "gate"

    def __init__(self, **sizes: object):
        super().__init__(**sizes)
        self.gates = nn.ModuleList(Gate(self.blocks[index].conv1.conv.in_channels) for index in self.skippable)

    def before(self, pictures: Tensor) -> None:
        return None

    def before_macs(self, size: Size) -> int:
        return 0

    def logits(self, plan: None, x: Tensor, number: int) -> Tensor:
        return self.gates[number](x)

    def decider_macs(self, number: int) -> int:
        return self.gates[number].macs
