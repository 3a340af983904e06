"""A cascade of independent networks, cheapest first: the honest baseline of every early-exit network.

Each member looks at the input afresh; the first that is confident enough answers (Viola & Jones 2001 had the idea;
Wang et al. 2018, "IDK Cascades", calibrate it on confidence as is done here). Nothing is trained and nothing is shared,
so what an early-exit network gains by sharing features shows in the difference between the two.
"""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn

from dynviz.networks.blocks import Size, take_samples
from dynviz.networks.contract import ExitNetwork


class Cascade(ExitNetwork):
    """``members``: trained static networks over the same labels and input size, cheapest first."""

    def __init__(self, members: Sequence[nn.Module]):
        super().__init__()
        self.members = nn.ModuleList(members)

    def plain(self, x: Tensor) -> Tensor:
        """What every decision open answers, without the decisions: only the last member, its logits need no other."""
        return self.members[-1](x)

    def exit_names(self) -> list[str]:
        return [f"members.{k}" for k in range(len(self.members))]

    def segment(self, state: None, x: Tensor, index: int) -> tuple[None, Tensor]:
        """The logits of member ``index``; members share no state."""
        return None, self.members[index](x)

    def select(self, state: None, x: Tensor, rows: Tensor) -> tuple[None, Tensor]:
        return None, take_samples(x, rows)

    def segment_macs(self, size: Size) -> list[int]:
        """MACs of each member for an input of ``size`` px."""
        return [sum(macs for _, macs in member.unit_macs(size)) for member in self.members]
