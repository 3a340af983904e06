"""A residual network each of whose stages stops when it has seen enough: adaptive computation time over its blocks.

Papers: Graves 2016, "Adaptive Computation Time for Recurrent Neural Networks"; Figurnov et al. 2017, "Spatially
Adaptive Computation Time for Residual Networks", section 3.1, whose ACT over the blocks of a stage this is. As there,
each block gives a halting score; the stage halts where the sum reaches one, the sum starts anew in the next stage, and
the output is the mean of the states, weighted by the scores, with the remainder for the last. Differs: instead of a
price for each block there is a share to be spent, and the scores' logits are shifted by it, so that one network serves
all budgets (``networks.gates``); with everything open no stage ever halts.

Taken by hand, each block is its own: one that is skipped leaves the state as it is and the stage goes on, one that runs
does so although the stage has halted in front of it. What is left of one counts for the last block that runs.
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
from dynviz.networks.residual import ResidualNetwork, behind_blocks
from dynviz.networks.training_output import TrainingOutput
from dynviz.recorder import Recorder, Setting, TrainingSignal

ENOUGH = 0.99  # one minus the papers' epsilon: a stage halts where its scores add up to this
FIRST_SCORE = -1.5  # logit of every score at the beginning of the training
NOTHING: Mapping[int, bool] = MappingProxyType({})  # is decided by hand
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
    """What happened in one stage: its output; (N, blocks) whether each ran; (N, blocks - 1) cumulative scores behind
    each, NaN where it had halted; (N, blocks - 1) whether a score was worked out for it there; (N,) the remainder.
    """

    out: Tensor
    ran: Tensor
    cumulative: Tensor
    asked: Tensor
    remainder: Tensor

    @property
    def blocks(self) -> Tensor:
        """(N,) how many ran."""
        return self.ran.sum(dim=1)


class ACTResNet(GatedNetwork, ResidualNetwork):
    """A ``ResNet`` whose stages halt. The one threshold is taken off every halting score's logit."""

    rule = "halting score"
    opened = np.inf

    def __init__(self, *, widths: tuple[int, ...], depths: tuple[int, ...], classes: int, in_size: int = 128):
        super().__init__(widths=widths, depths=depths, classes=classes, in_size=in_size)
        self.scores = behind_blocks(HaltingScore, widths, depths)

    def _answer(self, x: Tensor, setting: Setting, limits: np.ndarray, recorder: Recorder) -> Tensor:
        x = self.run("stem", x, recorder)
        for number, stage in enumerate(self.stages):
            x = self.run(f"blocks.{stage.start}", x, recorder)
            if setting.baseline:
                done = self._blindly(number, x, blind_depths(setting.baseline, limits, len(stage), number))
            else:
                shift = torch.tensor(limits, dtype=torch.float32, device=x.device)
                held = self._by_hand(stage, setting)
                if setting.mode == "skipping" and not held:
                    done = self._skipping(number, x, shift)
                else:
                    done = self._halting(number, x, shift, held, sparse=setting.mode == "skipping")
            if recorder.active:
                self._record(recorder, number, tuple(x.shape[2:]), done, limits, setting)
            x = done.out
        return self.run("head", x, recorder)

    @staticmethod
    def _by_hand(stage: range, setting: Setting) -> dict[int, bool]:
        """Place in the stage -> does the block run? Of those blocks of which it was said by hand."""
        found = {step: setting.by_hand(f"blocks.{stage[step]}", ("skip", "run")) for step in range(1, len(stage))}
        return {step: bool(choice) for step, choice in found.items() if choice is not None}

    def _halting(
        self, number: int, x: Tensor, shift: Tensor, held: Mapping[int, bool] = NOTHING, *, sparse: bool = False
    ) -> Halting:
        """One stage behind its first block. x: (N, C, H, W); shift: (N,); held: by hand.

        sparse: a block is put on those pictures only that need it; else everything is computed.
        """
        stage, last = self.stages[number], len(self.stages[number]) - 1
        last_run = max((step for step, runs in held.items() if runs), default=0)
        while held.get(last) is False:  # nothing behind it can run
            last -= 1
        running = x.new_ones(len(x), dtype=torch.bool)
        spent = torch.zeros(len(x), device=x.device)
        total, remainder, out, ran, sums, scored = spent, spent, torch.zeros_like(x), [], [], []
        for step in range(len(stage)):
            runs = running if step not in held else torch.full_like(running, held[step])
            if step and not (sparse and not bool(runs.any())):
                x = _where(runs, self.blocks[stage[step]], x, sparse)
            ran.append(runs)
            asked = runs & running if step < last else torch.zeros_like(runs)
            score = x.new_zeros(len(x), dtype=torch.float32)
            if step < last and not (sparse and not bool(asked.any())):
                score = torch.where(asked, (self.scores[number][step](x).float() - shift).sigmoid(), 0)
                total = torch.where(asked, spent + score, total)
            scored.append(asked)
            # behind a halt that a later block ignores by hand, the sum is that of the states that still count
            behind = spent if step < last_run else torch.full_like(spent, torch.nan)
            sums.append(torch.where(running, total, behind))
            halts = running & ((asked & (total >= ENOUGH)) | (step >= last))
            still = running & ~halts
            ends = runs & ~still & (step >= last_run)
            weight = torch.where(ends, 1 - spent, torch.where(still & asked, torch.minimum(score, 1 - spent), 0))
            remainder = remainder + weight * ends
            spent, running = spent + weight * ~ends, still
            out = out + x * weight[:, None, None, None].to(x.dtype)
        every = (torch.stack(parts, dim=1) for parts in (ran, sums[:-1], scored[:-1]))
        return Halting(out, *every, remainder)

    def _skipping(self, number: int, x: Tensor, shift: Tensor) -> Halting:
        """The same with nothing by hand, for the pictures that still run only."""
        stage, count = self.stages[number], len(x)
        blocks, remainder = torch.ones(count), torch.zeros(count)
        cumulative = torch.full((count, len(stage) - 1), torch.nan)
        if bool(torch.isinf(shift).all()):  # no score can be told from zero: nothing halts
            for index in stage[1:]:
                x = self.blocks[index](x)
            return Halting(x, _first(blocks * len(stage), stage), cumulative, cumulative > 0, remainder + 1)
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
            halts = total >= ENOUGH
            weight = torch.where(halts, 1 - spent, total - spent)
            _add(out, rows, x, weight)
            remainder[rows[halts]] = weight[halts]
            if bool(halts.all()):
                break
            spent = total
            if bool(halts.any()):
                still = (~halts).nonzero()[:, 0]
                x, rows, spent = take_samples(x, still), rows[still], spent[still]
        return Halting(out, _first(blocks, stage), cumulative, ~cumulative.isnan(), remainder)

    def _blindly(self, number: int, x: Tensor, depth: np.ndarray) -> Halting:
        """depth: (N,) blocks that each picture is given, whatever it shows; the last state is the output."""
        stage, given = self.stages[number], torch.from_numpy(depth).to(x.device)
        for step in range(1, len(stage)):
            x = torch.where((given > step)[:, None, None, None], self.blocks[stage[step]](x), x)
        unknown = torch.full((len(x), len(stage) - 1), torch.nan)
        return Halting(x, _first(given, stage), unknown, unknown > 0, torch.ones(len(x)))

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
        ran, scored = done.ran.cpu().numpy(), done.asked.cpu().numpy()
        asked = not blind and (bool(held) or bool(np.isfinite(limits).any()))
        for step in range(1, len(stage)):
            runs = ran[:, step]
            # the score in front of this block is that behind the one before
            decider = np.where(scored[:, step - 1] & asked, self.scores[number][step - 1].macs, 0)
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
                forced=step in held,
                threshold=ENOUGH if asked else None,
                macs_static=macs,
            )


def _where(chosen: Tensor, block: nn.Module, x: Tensor, sparse: bool) -> Tensor:
    """``block`` of those of ``x`` (N, C, H, W) that are ``chosen`` (N,), the others as they are."""
    if not sparse:
        return torch.where(chosen[:, None, None, None], block(x), x)
    if bool(chosen.all()):
        return block(x)
    changed, rows = x.clone(), chosen.nonzero()[:, 0]
    changed[rows] = block(take_samples(x, rows))
    return changed


def _first(count: Tensor, stage: range) -> Tensor:
    """(N,) numbers of blocks -> (N, blocks) bool: as many at the beginning."""
    return torch.arange(len(stage), device=count.device) < count[:, None]


def _add(out: Tensor, rows: Tensor, x: Tensor, weight: Tensor) -> None:
    """Add ``x`` (n, C, H, W), weighed by (n,) ``weight``, to the ``rows`` of ``out``, in place."""
    weighed = x * weight[:, None, None, None].to(x.dtype)
    if len(rows) == len(out):  # an index into the first dimension takes several times as long
        out += weighed
    else:
        out.index_add_(0, rows, weighed)
