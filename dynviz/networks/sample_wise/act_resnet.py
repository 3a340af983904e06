"""A residual network each of whose stages stops when it has seen enough: adaptive computation time over its blocks.

Papers: Graves 2016, "Adaptive Computation Time for Recurrent Neural Networks"; Figurnov et al. 2017, "Spatially
Adaptive Computation Time for Residual Networks", section 3.1, whose ACT over the blocks of a stage this is. As there,
each block gives a halting score; the stage halts where the sum reaches one, the sum starts anew in the next stage, and
the output is the mean of the states, weighted by the scores, with the remainder for the last. Differs: instead of a
price for each block there is a share to be spent, and the scores' logits are shifted by it, so that one network serves
all budgets (``networks.gates``); with everything open no stage ever halts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import torch
from torch import Tensor, nn

from dynviz.decisions import LayerSkip
from dynviz.networks.baselines import blind_depths
from dynviz.networks.blocks import Size, take_samples
from dynviz.networks.gated import GatedNetwork
from dynviz.networks.gates import Asked, Decider
from dynviz.networks.residual import ResidualNetwork
from dynviz.networks.training_output import TrainingOutput
from dynviz.recorder import Recorder, Setting, TrainingSignal

ENOUGH = 0.99  # one minus the papers' epsilon: a stage halts where its scores add up to this
FIRST_SCORE = -1.5  # logit of every score at the beginning of the training
NOTHING: Mapping[int, bool] = MappingProxyType({})  # is held by hand
LOWEST = 0.3  # the smallest share of the blocks that training asks for: one of six to eight is the least


class HaltingScore(Decider):
    """(N, C, H, W) -> (N,) logits of halting here."""

    def __init__(self, channels: int):
        super().__init__()
        self.linear = nn.Linear(channels, 1)
        nn.init.normal_(self.linear.weight, std=0.01)
        nn.init.constant_(self.linear.bias, FIRST_SCORE)

    def forward(self, x: Tensor) -> Tensor:
        return self.linear(x.mean(dim=(2, 3)))[:, 0]

    @property
    def macs(self) -> int:
        return self.linear.weight.numel()


@dataclass(frozen=True)
class Halting:
    """What happened in one stage: its output; (N,) blocks run; (N, blocks) cumulative scores, NaN where it had halted;
    (N,) the remainder.
    """

    out: Tensor
    blocks: Tensor
    cumulative: Tensor
    remainder: Tensor


class ACTResNet(GatedNetwork, ResidualNetwork):
    """A ``ResNet`` whose stages halt. The one threshold is taken off every halting score's logit."""

    rule = "halting score"
    opened = np.inf

    def __init__(self, *, widths: tuple[int, ...], depths: tuple[int, ...], classes: int, in_size: int = 128):
        super().__init__(widths=widths, depths=depths, classes=classes, in_size=in_size)
        # of every block but the last of each stage, behind which nothing is left to skip
        self.scores = nn.ModuleList(
            nn.ModuleList(HaltingScore(width) for _ in range(depth - 1))
            for width, depth in zip(widths, depths, strict=True)
        )

    def _answer(self, x: Tensor, setting: Setting, limits: np.ndarray, recorder: Recorder) -> Tensor:
        x = self.run("stem", x, recorder)
        for number, stage in enumerate(self.stages):
            x = self.run(f"blocks.{stage.start}", x, recorder)
            if setting.baseline:
                done = self._blindly(number, x, blind_depths(setting.baseline, limits, len(stage), number))
            else:
                shift = torch.tensor(limits, dtype=torch.float32, device=x.device)
                held = self._by_hand(stage, setting)
                way = self._halting if setting.mode == "masked" else self._skipping
                done = way(number, x, shift, held)
            if recorder.active:
                self._record(recorder, number, tuple(x.shape[2:]), done, limits, setting)
            x = done.out
        return self.run("head", x, recorder)

    @staticmethod
    def _by_hand(stage: range, setting: Setting) -> dict[int, bool]:
        """Behind which blocks of the stage it was said by hand that it halts (True) or goes on.

        A block that shall run needs all blocks in front of it. Raises ValueError where one of those shall be skipped.
        """
        found = {step: setting.by_hand(f"blocks.{stage[step]}", ("run", "skip")) for step in range(1, len(stage))}
        runs = max((step for step, skipped in found.items() if skipped == 0), default=0)
        halts = min((step for step, skipped in found.items() if skipped == 1), default=len(stage))
        if halts < runs:
            raise ValueError(
                f"a stage halts once: blocks.{stage[runs]} cannot run where blocks.{stage[halts]} is skipped"
            )
        return {step: False for step in range(runs)} | ({halts - 1: True} if halts < len(stage) else {})

    def _halting(self, number: int, x: Tensor, shift: Tensor, held: Mapping[int, bool] = NOTHING) -> Halting:
        """One stage behind its first block, everything computed. x: (N, C, H, W); shift: (N,); held: by hand."""
        stage = self.stages[number]
        running = x.new_ones(len(x), dtype=torch.float32)
        spent, blocks, remainder = torch.zeros_like(running), torch.ones_like(running), torch.zeros_like(running)
        out, cumulative = torch.zeros_like(x), []
        for step in range(len(stage)):
            if step:
                x = torch.where(running[:, None, None, None] > 0, self.blocks[stage[step]](x), x)
                blocks = blocks + running
            if step == len(stage) - 1:
                weight = remainder_here = (1 - spent) * running
            else:
                score = (self.scores[number][step](x).float() - shift).sigmoid()
                total = spent + score
                cumulative.append(torch.where(running > 0, total, torch.nan))
                halts = torch.full_like(running, held[step]) if step in held else (total >= ENOUGH).float()
                halts = halts * running
                score = torch.minimum(score, 1 - spent)  # a stage that goes on by hand has no more than one to spend
                weight = torch.where(halts > 0, 1 - spent, score) * running
                remainder_here = weight * halts
                spent, running = spent + score * running, running - halts
            remainder = remainder + remainder_here
            out = out + x * weight[:, None, None, None].to(x.dtype)
        return Halting(out, blocks, torch.stack(cumulative, dim=1), remainder)

    def _skipping(self, number: int, x: Tensor, shift: Tensor, held: Mapping[int, bool] = NOTHING) -> Halting:
        """The same for the pictures that still run only."""
        stage, count = self.stages[number], len(x)
        blocks, remainder = torch.ones(count), torch.zeros(count)
        cumulative = torch.full((count, len(stage) - 1), torch.nan)
        if not held and bool(torch.isinf(shift).all()):  # no score can be told from zero: nothing halts
            for index in stage[1:]:
                x = self.blocks[index](x)
            return Halting(x, blocks * len(stage), cumulative, remainder + 1)
        rows, spent = torch.arange(count), torch.zeros(count)
        out = torch.zeros_like(x)
        for step in range(len(stage)):
            if step:
                x = self.blocks[stage[step]](x)
                blocks[rows] += 1
            if step == len(stage) - 1:
                remainder[rows] = 1 - spent
                _add(out, rows, x, 1 - spent)
                break
            total = spent + (self.scores[number][step](x) - shift[rows]).sigmoid()
            cumulative[rows, step] = total
            halts = total >= ENOUGH if step not in held else torch.full_like(rows, held[step], dtype=torch.bool)
            weight = torch.where(halts, 1 - spent, (total - spent).minimum(1 - spent))
            _add(out, rows, x, weight)
            remainder[rows[halts]] = weight[halts]
            if bool(halts.all()):
                break
            spent = total.clamp(max=1)
            if bool(halts.any()):
                still = (~halts).nonzero()[:, 0]
                x, rows, spent = take_samples(x, still), rows[still], spent[still]
        return Halting(out, blocks, cumulative, remainder)

    def _blindly(self, number: int, x: Tensor, depth: np.ndarray) -> Halting:
        """depth: (N,) blocks that each picture is given, whatever it shows; the last state is the output."""
        stage, given = self.stages[number], torch.from_numpy(depth).to(x.device)
        for step in range(1, len(stage)):
            x = torch.where((given > step)[:, None, None, None], self.blocks[stage[step]](x), x)
        unknown = torch.full((len(x), len(stage) - 1), torch.nan)
        return Halting(x, given.float(), unknown, torch.ones(len(x)))

    def _train(self, x: Tensor, signal: TrainingSignal) -> TrainingOutput:
        asked = Asked.draw(len(x), LOWEST, signal.ramp, x.device)
        x, parts = self.stem(x), []
        for number, stage in enumerate(self.stages):
            done = self._halting(number, self.blocks[stage.start](x), asked.shifts)
            # the papers' ponder cost N + R: a count has no slope, the remainder has (less of it: halting sooner)
            parts.append((done.blocks + done.remainder - done.remainder.detach()) / len(stage))
            x = done.out
        depths = torch.tensor([len(stage) for stage in self.stages], device=x.device)
        used = (torch.stack(parts, dim=1) * depths).sum(dim=1) / depths.sum()
        return TrainingOutput(self.head(x), signal.budget_weight * asked.penalty(used, parts, signal.ramp))

    def _record(
        self, recorder: Recorder, number: int, size: Size, done: Halting, limits: np.ndarray, setting: Setting
    ) -> None:
        """A decision for each block behind the stage's first: it runs unless the stage halted in front of it.

        score: the sum of the scores in front of the block, NaN where nobody asked.
        """
        stage, rows, blind = self.stages[number], np.arange(len(limits)), bool(setting.baseline)
        held = {} if blind else self._by_hand(stage, setting)
        blocks = done.blocks.cpu().numpy()
        asked = not blind and (bool(held) or bool(np.isfinite(limits).any()))
        for step in range(1, len(stage)):
            unit = self.scores[number][step - 1]
            runs = blocks > step
            # the score in front of this block was worked out for pictures that had not halted before it
            decider = np.where(blocks >= step, unit.macs, 0) if asked else np.zeros(len(rows), dtype=np.int64)
            macs = self.blocks[stage[step]].macs(size)
            columns = {
                "choice": np.where(runs, "run", "skip"),
                "executed": runs,
                "macs": np.where(runs, macs, 0) + decider,
                "decider_macs": decider,
            }
            if asked:
                columns["score"] = done.cumulative[:, step - 1].detach().float().cpu().numpy()
            recorder.decide(
                LayerSkip,
                rows,
                columns=columns,
                unit=f"blocks.{stage[step]}",
                layer=stage[step],
                mechanism="halting score",
                rule="blind" if blind else self.rule,
                forced=step - 1 in held,
                threshold=ENOUGH if asked else None,
                macs_static=macs,
            )


def _add(out: Tensor, rows: Tensor, x: Tensor, weight: Tensor) -> None:
    """Add ``x`` (n, C, H, W), weighed by (n,) ``weight``, to the ``rows`` of ``out``, in place."""
    weighed = x * weight[:, None, None, None].to(x.dtype)
    if len(rows) == len(out):  # an index into the first dimension takes several times as long
        out += weighed
    else:
        out.index_add_(0, rows, weighed)
