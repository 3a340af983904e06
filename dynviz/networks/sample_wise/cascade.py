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
from dynviz.networks.resizing import resized, resized_macs


class Cascade(ExitNetwork):
    """``members``: trained static networks over the same labels, cheapest first. sides_px: of the picture that each is
    given, made out of the input, where they do not all read the whole of it.
    """

    def __init__(self, members: Sequence[nn.Module], *, sides_px: Sequence[int] = ()):
        super().__init__()
        self.members, self.sides_px = nn.ModuleList(members), tuple(sides_px)
        if sides_px and len(sides_px) != len(members):
            raise ValueError(f"{len(sides_px)} sides for {len(members)} members")

    def plain(self, x: Tensor) -> Tensor:
        """What every decision open answers, without the decisions: only the last member, its logits need no other."""
        return self.segment(None, x, len(self.members) - 1)[1]

    def exit_names(self) -> list[str]:
        return [f"members.{k}" for k in range(len(self.members))]

    def segment(self, state: None, x: Tensor, index: int) -> tuple[None, Tensor]:
        """The logits of member ``index``; members share no state."""
        return None, self.members[index](resized(x, self.sides_px[index]) if self.sides_px else x)

    def select(self, state: None, x: Tensor, rows: Tensor) -> tuple[None, Tensor]:
        return None, take_samples(x, rows)

    def segment_macs(self, size: Size) -> list[int]:
        """MACs of each member for an input of ``size`` px."""
        sizes = [(side, side) for side in self.sides_px] or [size] * len(self.members)
        looked = [sum(macs for _, macs in m.unit_macs(own)) for m, own in zip(self.members, sizes, strict=True)]
        return [macs + resized_macs(3, size, own[0]) for macs, own in zip(looked, sizes, strict=True)]
