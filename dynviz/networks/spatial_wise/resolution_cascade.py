"""A network that looks at the picture small, and larger only as long as it is not sure: nothing is trained.

Papers: Yang et al. 2020, "Resolution Adaptive Networks for Efficient Inference", for going from low to high resolution;
Wang et al. 2018, "IDK Cascades", for answering at the first look that is sure. Differs from RANet: one network with the
same weights at every size, so that published ones can be used; looks share no features, and a larger one begins anew,
so that few looks are better than many. The last one answers alone: a mean of all was worse.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from torch import Tensor, nn

from dynviz.decisions import Resolution
from dynviz.networks.blocks import Size, take_samples
from dynviz.networks.contract import ExitNetwork
from dynviz.networks.looks import Look
from dynviz.networks.resizing import resized, resized_macs
from dynviz.recorder import Recorder


class ResolutionCascade(ExitNetwork):
    """members: one trained network. sides_px: of its looks, rising; the last is the side of the input."""

    def __init__(self, members: Sequence[nn.Module], *, sides_px: Sequence[int]):
        super().__init__()
        [network] = members
        self.sides_px = tuple(sides_px)
        self.in_size = (self.sides_px[-1], self.sides_px[-1])
        self.looks = nn.ModuleList(Look(network, side) for side in self.sides_px)

    def plain(self, x: Tensor) -> Tensor:
        """What every decision open answers, without the decisions: only the last look, its logits need no other."""
        return self.segment(None, x, len(self.looks) - 1)[1]

    def exit_names(self) -> list[str]:
        return [f"looks.{index}" for index in range(len(self.looks))]

    def segment(self, state: None, x: Tensor, index: int) -> tuple[None, Tensor]:
        """The logits of look ``index``; looks share no state."""
        return None, self.looks[index](resized(x, self.sides_px[index]))[0]

    def select(self, state: None, x: Tensor, rows: Tensor) -> tuple[None, Tensor]:
        return None, take_samples(x, rows)

    def note(self, recorder: Recorder, rows: np.ndarray, state: None, places: np.ndarray, index: int) -> int:
        """Record the resolution of look ``index``, and what scaling the picture to it costs."""
        side = self.sides_px[index]
        macs = resized_macs(3, self.in_size, side)
        recorder.decide(
            Resolution,
            rows,
            unit=f"looks.{index}.seen",
            step=index,
            choice=f"{side} px",
            rule="low to high",
            side_px=side,
            options_px=self.sides_px,
            macs=macs,
            macs_static=macs,
        )
        return macs

    def segment_macs(self, size: Size) -> list[int]:
        """MACs of each look at an input of ``size`` px, its scaling included."""
        return [resized_macs(3, size, look.side_px) + look.macs for look in self.looks]
