"""LiteEval: a coarse memory sees every frame in small; a fine one is updated only where a gate says it is worth it.

Papers: Wu, Xiong, Jiang & Davis 2019, "LiteEval: A Coarse-to-Fine Framework for Resource Efficient Video Recognition":
two LSTMs and a gate by straight-through Gumbel-softmax; Campos et al. 2018, "Skip RNN" (updates of a state that are
skipped).
Differs: the gate's threshold is drawn anew for each training video, so that one network serves every budget; the answer
begins with the mean of what the frames say, to which the fine memory adds.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from dynviz.networks.clips import Clips
from dynviz.networks.contract import Between
from dynviz.networks.gates import Asked, Decider, straight_through
from dynviz.networks.training_output import TrainingOutput
from dynviz.networks.video.frames import Entrance, FrameNetwork, Verdict, evidence, threshold_rows, within
from dynviz.networks.video.memory import Memory
from dynviz.recorder import SILENT, Recorder, Setting, TrainingSignal

LEAST = 0.08  # the smallest share of the frames that training ever asks for
SMALL = 0.5  # how much the mean of what is seen in small counts, in frames seen in full


class Gate(Decider):
    """Is this frame worth a close look? (n, coarse) and (n, fine) states -> (n,) logits."""

    def __init__(self, coarse: int, fine: int, hidden: int = 32):
        super().__init__()
        self.hidden = nn.Linear(coarse + fine, hidden)
        self.out = nn.Linear(hidden, 1)

    def forward(self, coarse: Tensor, fine: Tensor) -> Tensor:
        return self.out(self.hidden(torch.cat([coarse, fine], dim=1)).relu())[:, 0]

    @property
    def macs(self) -> int:
        return self.hidden.weight.numel() + self.out.weight.numel()


class LiteEval(FrameNetwork):
    """The one threshold is what the gate's logit has to exceed for a frame to be looked at closely."""

    rule = "gate"
    candidates = Between(-8.0, 8.0)
    single_pass_sweep = True

    def __init__(self, *, coarse: int = 48, fine: int = 64, **rest: Any):
        super().__init__(**rest)
        self.glance = Entrance()
        self.coarse = Memory(self.width + self.classes, coarse)
        self.fine = Memory(self.width + coarse, fine)
        self.gate = Gate(coarse, fine)
        self.verdict = Verdict(fine, self.classes)

    def forward(
        self, x: Clips, *, setting: Setting | None = None, recorder: Recorder = SILENT
    ) -> Tensor | TrainingOutput:
        """N videos -> (N, classes) logits (P x N at P x N thresholds, masked); in train mode a TrainingOutput."""
        setting = setting or Setting()
        if setting.mode == "train":
            return self._taught(x, setting.training)
        limits = threshold_rows(setting, len(x), -np.inf)
        if setting.baseline:
            return self.blindly(x, setting.baseline, limits, recorder)
        samples = np.arange(len(limits)) % len(x)
        lengths = x.lengths[samples]
        small, small_shares = self._small(x)
        full = self.look_at_all(x, self.best) if setting.mode == "masked" else None
        coarse, fine = (memory.begin(len(limits), self.device) for memory in (self.coarse, self.fine))
        sums, count = self._begun(small_shares, x.lengths)
        sums, count = sums[torch.from_numpy(samples)], count.repeat(len(limits), 1)
        used = np.zeros((len(limits), int(lengths.max())), dtype=bool)
        scores = np.full(used.shape, np.nan)
        for frame in range(used.shape[1]):
            rows = np.flatnonzero(lengths > frame)
            picked, own = torch.from_numpy(rows).to(self.device), torch.from_numpy(samples[rows])
            coarse = self.coarse.put(coarse, picked, small[own, frame])
            logits = self.gate(coarse[0][picked], fine[0][picked])
            scores[rows, frame] = logits.detach().float().cpu().numpy()
            looked = rows[scores[rows, frame] > limits[rows]]
            if not len(looked):
                continue
            used[looked, frame] = True
            picked, own = torch.from_numpy(looked).to(self.device), samples[looked]
            if full is not None:
                features = full[torch.from_numpy(own), frame]
            else:
                features = self.look(x, own, np.full(len(own), frame), self.best)
            fine = self.fine.put(fine, picked, torch.cat([features, coarse[0][picked]], dim=1))
            sums = sums.index_add(0, picked, self.shares(features))
            count = count.index_add(0, picked, count.new_ones(len(looked), 1))
        if recorder.active:
            self._record(recorder, lengths, used, scores, limits)
        return self.verdict(evidence(sums, count), fine[0])

    def plain(self, x: Clips) -> Tensor:
        """Every frame closely, no gate."""
        small, small_shares = self._small(x)
        full = self.look_at_all(x, self.best)
        coarse, fine = (memory.begin(len(x), self.device) for memory in (self.coarse, self.fine))
        for frame in range(full.shape[1]):
            rows = torch.from_numpy(np.flatnonzero(x.lengths > frame))
            coarse = self.coarse.put(coarse, rows, small[rows, frame])
            fine = self.fine.put(fine, rows, torch.cat([full[rows, frame], coarse[0][rows]], dim=1))
        sums, count = self._begun(small_shares, x.lengths)
        mask = within(x.lengths, full.device)[..., None].to(full.dtype)
        sums, count = sums + (self.shares(full) * mask).sum(dim=1), count + mask.sum(dim=1)
        return self.verdict(evidence(sums, count), fine[0])

    @property
    def glance_macs(self) -> int:
        """MACs of each frame in small: the encoder, the coarse memory, the gate."""
        return self.frame_macs(0) + self.coarse.macs + self.gate.macs

    def _small(self, x: Clips) -> tuple[Tensor, Tensor]:
        """(N, T, width + classes) what the coarse memory is given, and (N, T, classes) of it."""
        glance = self.glance_at_all(x)
        shares = self.shares(glance)
        return torch.cat([glance, shares.to(glance.dtype)], dim=2), shares

    @staticmethod
    def _begun(shares: Tensor, lengths: np.ndarray) -> tuple[Tensor, Tensor]:
        """What is known before a frame was looked at closely: (N, classes) sums, and their weight (1, 1)."""
        mask = within(lengths, shares.device)[..., None].to(shares.dtype)
        mean = (shares * mask).sum(dim=1) / mask.sum(dim=1)
        return SMALL * mean, mean.new_full((1, 1), SMALL)

    def _record(
        self, recorder: Recorder, lengths: np.ndarray, used: np.ndarray, scores: np.ndarray, limits: np.ndarray
    ) -> None:
        macs, glance = self.frame_macs(self.best) + self.fine.macs, self.glance_macs
        turns = used.cumsum(axis=1) - 1
        for frame in range(used.shape[1]):
            there = np.flatnonzero(lengths > frame)
            step = np.full(len(there), None, dtype=object)
            step[used[there, frame]] = turns[there, frame][used[there, frame]]
            columns = {
                "step": step,
                "score": scores[there, frame],
                "threshold": np.where(np.isinf(limits[there]), np.nan, limits[there]),
            }
            self.note_frame(
                recorder, there, frame, used[there, frame], macs, macs + glance, columns,
                decider_macs=glance, rule=self.rule,
            )  # fmt: skip
        recorder.work("verdict", np.arange(len(lengths)), self.verdict.macs)

    def _taught(self, x: Clips, signal: TrainingSignal) -> TrainingOutput:
        """A quarter of the videos sees every frame closely, the others a share of them that is asked for."""
        small, small_shares = self._small(x)
        full = self.look_at_all(x, self.best)
        shares, mask = self.shares(full), within(x.lengths, full.device)
        asked = Asked.draw(len(x), LEAST, signal.ramp, full.device)
        shifts = asked.shifts
        coarse, fine = (memory.begin(len(x), full.device) for memory in (self.coarse, self.fine))
        sums, count = self._begun(small_shares, x.lengths)
        count = count.repeat(len(x), 1)
        spent = torch.zeros(len(x), device=full.device)
        for frame in range(full.shape[1]):
            there = mask[:, frame].float()
            coarse = self.coarse.blend(coarse, small[:, frame], there)
            logits = self.gate(coarse[0], fine[0]).float()
            use = straight_through(logits + shifts.nan_to_num(posinf=30.0), noisy=True) * there
            given = torch.cat([full[:, frame], coarse[0].to(full.dtype)], dim=1)
            fine = self.fine.blend(fine, given, use)
            sums, count = sums + use[:, None] * shares[:, frame], count + use[:, None]
            spent = spent + use
        logits = self.verdict(evidence(sums, count), fine[0])
        used = spent / mask.sum(dim=1)
        penalty = signal.budget_weight * asked.penalty(used, [], 1.0) if signal.budget_weight else 0.0
        return TrainingOutput(logits, penalty)
