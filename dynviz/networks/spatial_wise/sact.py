"""A residual network that stops computing each place of the picture when that place has been looked at enough.

Papers: Figurnov et al. 2017, "Spatially Adaptive Computation Time for Residual Networks"; Graves 2016, "Adaptive
Computation Time". As there, each block of a stage gives every place a halting score; where their sum reaches one the
place halts, keeps what it has, and the stage's output is the mean of its states, weighted by the scores, with the
remainder for the last. Differs: the score sees the place itself and the mean of the picture, where theirs sees a 3x3
neighbourhood; instead of a price for each block of compute there is a share to be spent, and the scores' logits are
shifted by it, so that one network serves all budgets (``networks.gates``); with everything open no place ever halts.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from dynviz.decisions import PonderMap
from dynviz.networks.baselines import blind_places
from dynviz.networks.blocks import Size
from dynviz.networks.gated import GatedNetwork
from dynviz.networks.gates import Asked, Decider
from dynviz.networks.residual import ResidualNetwork, behind_blocks
from dynviz.networks.spatial_wise.gathered import GatheredBlock, Places, dilated
from dynviz.networks.training_output import TrainingOutput
from dynviz.recorder import Recorder, Setting, TrainingSignal

ENOUGH = 0.99  # one minus the papers' epsilon: a place halts where its scores add up to this
FIRST_SCORE = -1.5  # logit of every score at the beginning of the training
LOWEST = 0.3  # the smallest share of the blocks that training asks for: one of three to eight is the least


class HaltingScore(Decider):
    """(places, C) features and (places, C) means of their pictures -> (places,) logits of halting here."""

    def __init__(self, channels: int):
        super().__init__()
        self.here = nn.Linear(channels, 1)
        self.whole = nn.Linear(channels, 1, bias=False)
        for layer in (self.here, self.whole):
            nn.init.normal_(layer.weight, std=0.01)
        nn.init.constant_(self.here.bias, FIRST_SCORE)

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) -> (N, H, W) logits."""
        here = F.linear(x.permute(0, 2, 3, 1), self.here.weight, self.here.bias)[..., 0]
        return here + self.whole(x.mean(dim=(2, 3)))[:, :, None]

    def at(self, features: Tensor, means: Tensor, chosen: Tensor, sample: Tensor) -> Tensor:
        """The same at the ``chosen`` rows of (positions, C) features; sample: (places,) the picture of each, in order.

        means: (N, C). A picture without a chosen place is not looked at.
        """
        pictures, place = sample.unique_consecutive(return_inverse=True)
        return self.here(features.index_select(0, chosen))[:, 0] + self.whole(means[pictures])[place, 0]

    def macs(self, places: np.ndarray | int) -> np.ndarray | int:
        """MACs of scoring ``places`` of one picture."""
        return (places + 1) * self.here.weight.numel()


class SACT(GatedNetwork, ResidualNetwork):
    """A ``ResNet`` whose stages halt place by place. The one threshold is taken off every halting score's logit."""

    rule = "halting score"
    opened = np.inf
    baselines = ("random", "uniform", "centre")

    def __init__(self, *, widths: tuple[int, ...], depths: tuple[int, ...], classes: int, in_size: int = 128):
        super().__init__(
            widths=widths, depths=depths, classes=classes, in_size=in_size, inner=lambda width, _: GatheredBlock(width)
        )
        self.scores = behind_blocks(HaltingScore, widths, depths)

    def _answer(self, x: Tensor, setting: Setting, limits: np.ndarray, recorder: Recorder) -> Tensor:
        x = self.run("stem", x, recorder)
        for number, stage in enumerate(self.stages):
            before = tuple(x.shape[2:])
            x = self.blocks[stage.start](x)
            if setting.baseline:
                depth = self._blind(setting.baseline, limits, number, x)
                x = self._blindly(stage, x, depth)
            else:
                way = self._masked if setting.mode == "masked" else self._skipping
                x, depth = way(number, x, torch.tensor(limits, dtype=torch.float32, device=x.device))
            if recorder.active:
                self._record(recorder, number, before, depth, limits, blind=bool(setting.baseline))
        return self.run("head", x, recorder)

    def governs(self, unit: str) -> tuple[str, ...]:
        """Where a place has halted, nothing is added to it; the first block of a stage is for all."""
        return tuple(f"blocks.{index}.conv2" for index in self.stages[int(unit.rpartition(".")[2])][1:])

    def _halting(self, number: int, x: Tensor, shift: Tensor) -> Iterator[tuple[Tensor, Tensor, Tensor, Tensor]]:
        """One stage, everything computed: after each block its state (N, C, H, W); and, (N, H, W) each, the weight of
        that state in the stage's output, whether the place ran in that block and whether it was its last. shift: (N,).
        """
        running = x.new_ones(x.shape[0], *x.shape[2:], dtype=torch.float32)
        spent = torch.zeros_like(running)
        stage = self.stages[number]
        for index in stage:
            if index > stage.start:
                x = self.blocks[index].masked(x, running[:, None].to(x.dtype))
            if index == stage[-1]:
                yield x, (1 - spent) * running, running, running
                return
            score = (self.scores[number][index - stage.start](x).float() - shift[:, None, None]).sigmoid()
            halts = (spent + score >= ENOUGH).float() * running
            yield x, torch.where(halts > 0, 1 - spent, score) * running, running, halts
            spent = spent + score * running
            running = running - halts

    def _masked(self, number: int, x: Tensor, shift: Tensor) -> tuple[Tensor, Tensor]:
        """(the stage's output, (N, H, W) how many of its blocks each place was given)."""
        out, depth = torch.zeros_like(x), x.new_zeros(x.shape[0], *x.shape[2:])
        for state, weight, running, _ in self._halting(number, x, shift):
            out, depth = out + state * weight[:, None].to(x.dtype), depth + running
        return out, depth

    def _skipping(self, number: int, x: Tensor, shift: Tensor) -> tuple[Tensor, Tensor]:
        """The same at the places that still run only."""
        stage, (count, channels, height, width) = self.stages[number], x.shape
        if bool(torch.isinf(shift).all()):  # no score can be told from zero: nothing halts
            for index in stage[1:]:
                x = self.blocks[index](x)
            return x, x.new_full((count, height, width), len(stage))
        mask = torch.ones(count, height, width, dtype=torch.bool)
        depth, places = mask.to(x.dtype), Places(mask)
        features = places.spread(x)
        out, spent = torch.zeros_like(features), torch.zeros(len(features))
        for index in stage:
            if index > stage.start:
                self.blocks[index].at(places, features)
            chosen = places.chosen
            if index == stage[-1]:
                weight = 1 - spent[chosen]
                out.index_add_(0, chosen, features.index_select(0, chosen) * weight[:, None].to(out.dtype))
                break
            sample = chosen // ((height + 2) * (width + 2))
            means = features.view(count, -1, channels).sum(dim=1) / (height * width)
            unit = self.scores[number][index - stage.start]
            score = (unit.at(features, means, chosen, sample) - shift[sample]).sigmoid()
            before = spent[chosen]
            halts = before + score >= ENOUGH
            weight = torch.where(halts, 1 - before, score)
            out.index_add_(0, chosen, features.index_select(0, chosen) * weight[:, None].to(out.dtype))
            if bool(halts.all()):
                break
            spent[chosen] = before + score
            if bool(halts.any()):
                still = torch.zeros(len(features), dtype=torch.bool)
                still[chosen[~halts]] = True
                mask = still.view(*places.shape)[:, 1:-1, 1:-1]
                places = Places(mask)
            depth = depth + mask
        return places.gathered(out), depth

    def _blind(self, baseline: str, shares: np.ndarray, number: int, x: Tensor) -> Tensor:
        """(N, H, W) blocks for each place, settled beforehand: all of them at the share of the places that remains
        when every place gets one."""
        most, size = len(self.stages[number]), tuple(x.shape[2:])
        chosen = blind_places(baseline, (shares * most - 1) / (most - 1), *size, seed=number)
        return torch.from_numpy(np.where(chosen, most, 1)).to(x)

    def _blindly(self, stage: range, x: Tensor, depth: Tensor) -> Tensor:
        for step, index in enumerate(stage):
            if step:
                x = self.blocks[index].masked(x, (depth > step)[:, None].to(x.dtype))
        return x

    def _train(self, x: Tensor, signal: TrainingSignal) -> TrainingOutput:
        asked = Asked.draw(len(x), LOWEST, signal.ramp, x.device)
        x = self.stem(x)
        spent, whole, parts = x.new_zeros(len(x), dtype=torch.float32), 0, []
        for number, stage in enumerate(self.stages):
            x = self.blocks[stage.start](x)
            out, blocks = torch.zeros_like(x), x.new_zeros(len(x), dtype=torch.float32)
            remainder = torch.zeros_like(blocks)
            for state, weight, running, halts in self._halting(number, x, asked.shifts):
                out = out + state * weight[:, None].to(x.dtype)
                # the papers' ponder cost N + R: a count has no slope, the remainder has (less of it: halting sooner)
                blocks = blocks + running.mean(dim=(1, 2))
                remainder = remainder + (weight * halts).mean(dim=(1, 2))
            blocks = blocks + remainder - remainder.detach()
            x = out
            macs = self.blocks[stage[-1]].macs(tuple(x.shape[2:]))
            parts.append(blocks / len(stage))
            spent, whole = spent + macs * blocks, whole + macs * len(stage)
        penalty = signal.budget_weight * asked.penalty(spent / whole, parts, signal.ramp)
        return TrainingOutput(self.head(x), penalty)

    def _record(
        self, recorder: Recorder, number: int, before: Size, depth: Tensor, limits: np.ndarray, *, blind: bool
    ) -> None:
        """before: the size of the map in px that the stage was given."""
        stage, rows, size = self.stages[number], np.arange(len(depth)), tuple(depth.shape[1:])
        recorder.work(f"blocks.{stage.start}", rows, self.blocks[stage.start].macs(before))
        macs = np.zeros(len(depth), dtype=np.int64)
        decider, ideal = np.zeros_like(macs), np.zeros_like(macs)
        for step, index in enumerate(stage):
            running = depth > step
            count = running.sum(dim=(1, 2)).cpu().numpy()
            if step:
                halo = dilated(running).sum(dim=(1, 2)).cpu().numpy()
                macs += (count + halo) * self.blocks[index].macs_per_place
                ideal += 2 * count * self.blocks[index].macs_per_place
            if index < stage[-1] and not blind:
                # pictures that never halt are not asked; else each is as long as any of its places runs
                asked = (count > 0) & np.isfinite(limits).any()
                decider += np.where(asked, self.scores[number][step].macs(count), 0)
        static = sum(self.blocks[index].macs(size) for index in stage[1:])
        columns = {
            "map": depth.float().cpu().numpy(),
            "choice": np.where(macs < static, "halt early", "every block everywhere"),
            "macs": macs + decider,
            "macs_ideal": ideal + decider,
            "decider_macs": decider,
        }
        recorder.decide(
            PonderMap,
            rows,
            columns=columns,
            unit=f"scores.{number}",
            layer=number,
            rule="blind" if blind else self.rule,
            most=float(len(stage)),
            macs_static=static,
            threshold=None if blind else ENOUGH,
        )
