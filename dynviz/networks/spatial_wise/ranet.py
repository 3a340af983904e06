"""RANet: a small version of the picture first; larger ones only where the answer is not yet sure.

Paper: Yang, Han, Chen, Song, Dai & Huang 2020, "Resolution Adaptive Networks for Efficient Inference": sub-networks
from low to high resolution, each fusing the features of the one before it, with classifiers along the way.
Differs: the sub-networks are residual, so that they begin as trained static networks, where the paper's are dense; what
is fused are the last features of the sub-network before, at the entry of each stage but the first; every classifier
also reads the pooled features of all earlier sub-networks, so that what a low resolution has settled stays settled.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from dynviz.compute import MACS_PER_INTERPOLATED_VALUE
from dynviz.decisions import Resolution
from dynviz.networks.blocks import ConvNorm, Size, take_samples
from dynviz.networks.contract import ExitNetwork
from dynviz.networks.resizing import resized, resized_macs
from dynviz.networks.sample_wise.msdnet import ExitHead
from dynviz.networks.static.resnet import ResNet
from dynviz.recorder import Recorder


@dataclass(frozen=True)
class _State:
    """x: what the sub-network at work has computed so far. before: the last features of the one before it.

    pooled: (N, channels) of each finished sub-network. whole_px: side of the input.
    """

    x: Tensor
    whole_px: int
    before: Tensor | None = None
    pooled: tuple[Tensor, ...] = field(default=())


class Fusion(nn.Module):
    """Features of a lower resolution, brought to the channels and the size of a higher one and added to it."""

    def __init__(self, in_channels: int, out_channels: int):
        super().__init__()
        self.conv = ConvNorm(in_channels, out_channels, kernel=1, relu=False)

    def forward(self, x: Tensor, low: Tensor) -> Tensor:
        return x + F.interpolate(self.conv(low), size=x.shape[2:], mode="bilinear", align_corners=False)

    def macs(self, size: Size, low: Size) -> int:
        """size: of the higher resolution's features; low: of the lower one's."""
        values = self.conv.conv.out_channels * size[0] * size[1]
        return self.conv.macs(low) + MACS_PER_INTERPOLATED_VALUE * values


class RANet(ExitNetwork):
    """``ResNet``s of rising resolution. Exits: at the end of each, and before the last stage of all but the first.

    sides_px: the side each sub-network sees, for an input of ``in_size`` px, and the same share of any other. widths,
    depths: of each sub-network. middle_width: channels of the classifiers before a last stage.
    """

    def __init__(
        self,
        *,
        sides_px: tuple[int, ...],
        widths: tuple[tuple[int, ...], ...],
        depths: tuple[tuple[int, ...], ...],
        classes: int,
        middle_width: int = 96,
        in_size: int = 128,
    ):
        super().__init__()
        self.in_size, self.sides_px = (in_size, in_size), tuple(sides_px)
        self.subnets = nn.ModuleList(
            ResNet(widths=width, depths=depth, classes=classes) for width, depth in zip(widths, depths, strict=True)
        )
        self.depths = tuple(tuple(depth) for depth in depths)
        self.fusions, self.middles = nn.ModuleDict(), nn.ModuleDict()
        self.earlier = nn.ModuleDict()  # classifiers of what finished sub-networks have pooled
        exits = []
        pooled = 0
        for index, width in enumerate(widths):
            last = len(width) - 1
            if index:
                for stage in range(1, len(width)):
                    self.fusions[f"{index}_{stage}"] = Fusion(widths[index - 1][-1], width[stage - 1])
                self.middles[str(index)] = ExitHead(width[last - 1], middle_width, classes)
                exits.append((index, last))
            exits.append((index, last + 1))
            for at, stages in exits[-2:]:
                if at == index and index:
                    self.earlier[f"{index}_{stages}"] = nn.Linear(pooled, classes, bias=False)
            pooled += width[-1]
        self.exits = tuple(exits)  # (sub-network, how many of its stages are needed)
        for fusion in self.fusions.values():
            nn.init.zeros_(fusion.conv.norm.weight)  # begins as the trained networks, which know nothing of each other
        for linear in self.earlier.values():
            nn.init.zeros_(linear.weight)
        self.costs = self._count(self.in_size)

    def plain(self, x: Tensor) -> Tensor:
        """What every decision open answers, without the classifiers that only a decision needs."""
        state, last = None, len(self.exits) - 1
        for index in range(last):
            state, _ = self._advance(state, x, index, classify=False)
        return self._advance(state, x, last)[1]

    def exit_names(self) -> list[str]:
        return [
            f"subnets.{index}.head" if stages == len(self.depths[index]) else f"middles.{index}"
            for index, stages in self.exits
        ]

    def segment(self, state: _State | None, x: Tensor, index: int) -> tuple[_State, Tensor]:
        """Compute what exit ``index`` needs beyond what is there already: (state, its logits)."""
        return self._advance(state, x, index)

    def select(self, state: _State, x: Tensor, rows: Tensor) -> tuple[_State, Tensor]:
        """The state and the pictures of some samples of the batch only."""
        before = None if state.before is None else take_samples(state.before, rows)
        pooled = tuple(features[rows] for features in state.pooled)
        return replace(state, x=take_samples(state.x, rows), before=before, pooled=pooled), take_samples(x, rows)

    def note(self, recorder: Recorder, rows: np.ndarray, state: _State, places: np.ndarray, index: int) -> int:
        """Where a sub-network begins: the resolution it sees, and what scaling the picture to it costs."""
        if not self._begins(index):
            return 0
        subnet, whole = self.exits[index][0], state.whole_px
        sides = tuple(self._side(i, whole) for i in range(len(self.sides_px)))
        macs = resized_macs(3, (whole, whole), sides[subnet])
        recorder.decide(
            Resolution,
            rows,
            unit=f"subnets.{subnet}",
            step=subnet,
            choice=f"{sides[subnet]} px",
            rule="low to high",
            side_px=sides[subnet],
            options_px=sides,
            macs=macs,
            macs_static=macs,
        )
        return macs

    def governs(self, unit: str) -> tuple[str, ...]:
        """A sub-network's stem is handed its small picture."""
        return (f"{unit}.stem",) if unit.count(".") == 1 and unit.startswith("subnets.") else (unit,)

    def segment_macs(self, size: Size) -> list[int]:
        """MACs of each exit's segment for an input of ``size`` px: what it adds to the segments before it."""
        return self.costs if size == self.in_size else self._count(size)

    def _begins(self, exit_index: int) -> bool:
        """Does a sub-network begin with this exit's segment?"""
        return exit_index == 0 or self.exits[exit_index - 1][0] != self.exits[exit_index][0]

    def _side(self, index: int, whole: int) -> int:
        return round(whole * self.sides_px[index] / self.in_size[0])

    def _advance(
        self, state: _State | None, x: Tensor, exit_index: int, classify: bool = True
    ) -> tuple[_State, Tensor | None]:
        index, stages = self.exits[exit_index]
        net, depths = self.subnets[index], self.depths[index]
        ends = stages == len(depths)
        begins = self._begins(exit_index)
        if begins:
            small = resized(x, self._side(index, x.shape[2]))
            before = None if state is None else state.x
            state = _State(net.stem(small), x.shape[2], before, () if state is None else state.pooled)
        assert state is not None  # there is one after the first exit
        features = state.x
        for stage in range(0 if begins else self.exits[exit_index - 1][1], stages):
            if index and stage:
                features = self.fusions[f"{index}_{stage}"](features, state.before)
            first = sum(depths[:stage])
            for block in net.blocks[first : first + depths[stage]]:
                features = block(features)
        known, logits = state.pooled, None
        pooled = features.mean(dim=(2, 3)) if ends else None
        if classify:
            logits = net.head(features) if ends else self.middles[str(index)](features)
            if index:
                logits = logits + self.earlier[f"{index}_{stages}"](torch.cat(known, dim=1))
        state = replace(state, x=features, pooled=(*known, pooled) if ends else known)
        return state, logits

    def _count(self, size: Size) -> list[int]:
        segments, low, done = [], (0, 0), (0, 0)
        for place, (index, stages) in enumerate(self.exits):
            net, depths = self.subnets[index], self.depths[index]
            begins = self._begins(place)
            cost = 0
            if begins:
                side = self._side(index, size[0])
                cost += resized_macs(3, size, side) + net.stem.macs((side, side))
                low, done = done, net.stem.out_size((side, side))
            for stage in range(0 if begins else self.exits[place - 1][1], stages):
                if index and stage:
                    cost += self.fusions[f"{index}_{stage}"].macs(done, low)
                first = sum(depths[:stage])
                for block in net.blocks[first : first + depths[stage]]:
                    cost += block.macs(done)
                    done = block.out_size(done)
            ends = stages == len(depths)
            cost += net.head.macs(done) if ends else self.middles[str(index)].macs(done)
            if index:
                cost += self.earlier[f"{index}_{stages}"].weight.numel()
            segments.append(cost)
        return segments
