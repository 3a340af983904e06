"""What networks that skip residual blocks have in common: which blocks, how they run, what is recorded and trained.

A block that keeps the size and the channels of its input may be left out, since its shortcut is the identity (Veit,
Wilber & Belongie 2016, "Residual Networks Behave Like Ensembles of Relatively Shallow Networks"). Who decides, and from
what, is each network's own.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

import numpy as np
import torch
from torch import Tensor

from dynviz.decisions import LayerSkip
from dynviz.networks.baselines import blind_choices
from dynviz.networks.blocks import BasicBlock, Size, take_samples
from dynviz.networks.gated import GatedNetwork
from dynviz.networks.gates import Asked, noise_left, straight_through
from dynviz.networks.residual import ResidualNetwork
from dynviz.networks.training_output import TrainingOutput
from dynviz.recorder import Recorder, Setting, TrainingSignal


class SkippableResNet(GatedNetwork, ResidualNetwork):
    """A ``ResNet`` whose blocks are run or skipped for each picture. The one threshold is what a block's logit must
    exceed to run; recorded as the probability that it is the logit of.

    mechanism: gate, or policy. lowest: the smallest share of the skippable blocks that training asks for.
    """

    mechanism: str
    lowest = 0.1

    def __init__(self, *, widths: tuple[int, ...], depths: tuple[int, ...], classes: int, in_size: int = 128):
        super().__init__(widths=widths, depths=depths, classes=classes, in_size=in_size)
        # of the first stage all blocks, since its first one does not downsample
        self.skippable = [index for stage in self.stages for index in stage if index != stage[0] or not index]

    @abstractmethod
    def before(self, pictures: Tensor) -> Any:
        """What is worked out before the first block, from the (N, 3, H, W) pictures; None if nothing is."""

    @abstractmethod
    def logits(self, plan: Any, x: Tensor, number: int) -> Tensor:
        """(N,) logits of running skippable block ``number``. plan: of ``before``; x: the features in front of it."""

    @abstractmethod
    def before_macs(self, size: Size) -> int:
        """MACs of ``before`` for a picture of ``size`` px."""

    @abstractmethod
    def decider_macs(self, number: int) -> int:
        """MACs of ``logits`` for skippable block ``number``."""

    def _answer(self, x: Tensor, setting: Setting, limits: np.ndarray, recorder: Recorder) -> Tensor:
        blind = blind_choices(setting.baseline, limits, len(self.skippable)) if setting.baseline else None
        plan, before = (None, 0) if setting.baseline else (self.before(x), self.before_macs(tuple(x.shape[2:])))
        if before and recorder.active:
            recorder.work("policy", np.arange(len(x)), before)
        x, number = self.run("stem", x, recorder), 0
        for index, block in enumerate(self.blocks):
            if index not in self.skippable:
                x = self.run(f"blocks.{index}", x, recorder)
                continue
            logits = None if blind is not None else self.logits(plan, x, number)
            runs = self._runs(index, number, logits, blind, limits, setting)
            if recorder.active:
                self._record(recorder, index, number, tuple(x.shape[2:]), logits, runs, limits, setting)
            x = _run_some(block, x, runs, setting.mode == "masked")
            number += 1
        return self.run("head", x, recorder)

    def _runs(
        self,
        index: int,
        number: int,
        logits: Tensor | None,
        blind: np.ndarray | None,
        limits: np.ndarray,
        setting: Setting,
    ) -> np.ndarray:
        """(N,) bool: which pictures run block ``index``."""
        if (forced := setting.by_hand(f"blocks.{index}", ("skip", "run"))) is not None:
            return np.full(len(limits), bool(forced))
        if blind is not None:
            return blind[number]
        assert logits is not None  # a network that is not blind has decided
        return logits.detach().float().cpu().numpy() > limits

    def _record(
        self,
        recorder: Recorder,
        index: int,
        number: int,
        size: Size,
        logits: Tensor | None,
        runs: np.ndarray,
        limits: np.ndarray,
        setting: Setting,
    ) -> None:
        decider = 0 if logits is None else self.decider_macs(number)
        macs = self.blocks[index].macs(size)
        columns: dict[str, Any] = {
            "choice": np.where(runs, "run", "skip"),
            "executed": runs,
            "macs": np.where(runs, macs, 0) + decider,
        }
        if logits is not None:
            columns["score"] = logits.detach().float().sigmoid().cpu().numpy()
            columns["threshold"] = np.where(np.isfinite(limits), 1 / (1 + np.exp(-limits.clip(-50, 50))), np.nan)
        recorder.decide(
            LayerSkip,
            np.arange(len(runs)),
            columns=columns,
            unit=f"blocks.{index}",
            layer=index,
            mechanism=self.mechanism,
            rule="blind" if logits is None else self.rule,
            forced=f"blocks.{index}" in setting.forced,
            decider_macs=decider,
            macs_static=macs + decider,
        )

    def _train(self, x: Tensor, signal: TrainingSignal) -> TrainingOutput:
        asked = Asked.draw(len(x), self.lowest, signal.ramp, x.device)
        plan = self.before(x)
        x = self.stem(x)
        parts: list[Tensor] = []
        for index, block in enumerate(self.blocks):
            if index not in self.skippable:
                x = block(x)
                continue
            runs = straight_through(self.logits(plan, x, len(parts)).float() + asked.shifts, noisy=noise_left(signal))
            parts.append(runs)
            x = torch.lerp(x, block(x), runs[:, None, None, None].to(x.dtype))
        # skippable blocks of a ResNet cost the same in every stage
        used = torch.stack(parts).mean(dim=0)
        return TrainingOutput(self.head(x), signal.budget_weight * asked.penalty(used, parts, signal.ramp))


def _run_some(block: BasicBlock, x: Tensor, runs: np.ndarray, masked: bool) -> Tensor:
    """``block`` for the pictures of the batch that run it; the others stay as they are."""
    if masked:
        return torch.where(torch.from_numpy(runs).to(x.device)[:, None, None, None], block(x), x)
    if runs.all():
        return block(x)
    if not runs.any():
        return x
    rows = torch.from_numpy(np.flatnonzero(runs))
    return x.index_copy(0, rows, block(take_samples(x, rows)))
