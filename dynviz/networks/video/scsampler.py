"""SCSampler: a cheap look at every frame says which are worth a dear one.

Paper: Korbar, Tran & Torresani 2019, "SCSampler: Sampling Salient Clips from Video for Efficient Action Recognition":
a light network scores every part of a video, and the k best go through the recogniser.
Differs: k adapts to the video. Scores are shares of one attention over its frames, and the best are taken until their
shares make up the threshold; the scorer learns to which frames the recogniser, looking closely, gives the right class.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from dynviz.networks.clips import Clips
from dynviz.networks.contract import Between
from dynviz.networks.gates import Decider
from dynviz.networks.training_output import TrainingOutput
from dynviz.networks.video.frames import (
    Entrance,
    FrameNetwork,
    consensus,
    evidence,
    threshold_rows,
    within,
)
from dynviz.recorder import SILENT, Recorder, Setting


class Scorer(Decider):
    """How worthwhile a frame looks in small, (..., width) -> (...) logits; beside what is typical of its video."""

    def __init__(self, width: int, classes: int, hidden: int = 64):
        super().__init__()
        self.hidden = nn.Linear(2 * width + classes, hidden)
        self.out = nn.Linear(hidden, 1)

    def forward(self, glance: Tensor, said: Tensor, mask: Tensor) -> Tensor:
        """(N, T, width) features, (N, T, classes) probabilities of each frame in small -> (N, T), -inf at no frame."""
        present = mask[..., None].to(glance.dtype)
        typical = (glance * present).sum(dim=1, keepdim=True) / present.sum(dim=1, keepdim=True)
        known = torch.cat([glance, glance - typical, said.to(glance.dtype)], dim=2)
        return self.out(self.hidden(known).relu())[..., 0].float().masked_fill(~mask, -torch.inf)

    @property
    def macs(self) -> int:
        """Of one frame."""
        return self.hidden.weight.numel() + self.out.weight.numel()


class SCSampler(FrameNetwork):
    """The one threshold is the share of the attention that the frames looked at closely have to make up, 0..1."""

    rule = "share of the attention"
    candidates = Between(0.0, 0.999)
    single_pass_sweep = True

    def __init__(self, **rest: Any):
        super().__init__(**rest)
        self.glance = Entrance()
        self.scorer = Scorer(self.width, self.classes)

    def forward(
        self, x: Clips, *, setting: Setting | None = None, recorder: Recorder = SILENT
    ) -> Tensor | TrainingOutput:
        """N videos -> (N, classes) logits (P x N at P x N thresholds, masked); in train mode a TrainingOutput."""
        setting = setting or Setting()
        if setting.mode == "train":
            return self._taught(x)
        limits = threshold_rows(setting, len(x), np.inf)
        if setting.baseline:
            return self.blindly(x, setting.baseline, limits, recorder)
        scores = self.attention(x)
        before = share_before(scores, x.lengths)
        samples = np.arange(len(limits)) % len(x)
        chosen = (before[samples] < limits[:, None]) & (np.arange(before.shape[1]) < x.lengths[samples, None])
        if setting.mode == "masked":
            shares = self.shares(self.look_at_all(x, self.best))[torch.from_numpy(samples)]
            used = torch.from_numpy(chosen)[..., None].to(shares)
            logits = evidence((shares * used).sum(dim=1), used.sum(dim=1))
        else:
            rows, frames = np.nonzero(chosen)
            logits = consensus(self.encoder.head.linear(self.look(x, rows, frames, self.best)), rows, len(x))
        if recorder.active:
            self._record(recorder, x.lengths[samples], chosen, before[samples], limits)
        return logits

    def plain(self, x: Clips) -> Tensor:
        """All frames, nobody asked."""
        shares = self.shares(self.look_at_all(x, self.best))
        mask = within(x.lengths, shares.device)[..., None].to(shares)
        return evidence((shares * mask).sum(dim=1), mask.sum(dim=1))

    def attention(self, x: Clips) -> np.ndarray:
        """(N, T) shares of each frame, from a glance at all of them; 0 behind the end."""
        return self._logits(x).detach().softmax(dim=1).cpu().numpy().astype(np.float64)

    def _logits(self, x: Clips) -> Tensor:
        glance = self.glance_at_all(x)
        return self.scorer(glance, self.shares(glance), within(x.lengths, glance.device))

    @property
    def glance_macs(self) -> int:
        """MACs spent on every candidate: seeing it in small, what the encoder says of it, its score."""
        return self.frame_macs(0) + self.scorer.macs

    def _record(
        self, recorder: Recorder, lengths: np.ndarray, chosen: np.ndarray, before: np.ndarray, limits: np.ndarray
    ) -> None:
        macs = self.frame_macs(self.best)
        turns = before.argsort(axis=1, kind="stable").argsort(axis=1)
        for frame in range(chosen.shape[1]):
            there = np.flatnonzero(lengths > frame)
            used = chosen[there, frame]
            own = {
                "score": before[there, frame],
                "threshold": np.where(np.isinf(limits[there]), np.nan, limits[there]),
            }
            steps = np.full(len(there), None, dtype=object)
            steps[used] = turns[there, frame][used]
            columns = {"step": steps, **own}
            self.note_frame(
                recorder, there, frame, used, macs, macs + self.glance_macs, columns,
                decider_macs=self.glance_macs, rule=self.rule,
            )  # fmt: skip

    def _taught(self, x: Clips) -> TrainingOutput:
        """The attention learns to be where the recogniser gives the right class."""
        shares = self.shares(self.look_at_all(x, self.best)).detach()
        mask = within(x.lengths, shares.device)
        answer = evidence((shares * mask[..., None]).sum(dim=1), mask.sum(dim=1, keepdim=True))
        labels = answer.argmax(dim=1) if x.labels is None else x.labels.to(shares.device)
        right = shares.gather(2, labels[:, None, None].expand(-1, shares.shape[1], 1))[..., 0] * mask
        wanted = (right + 1e-4 * mask) / (right + 1e-4 * mask).sum(dim=1, keepdim=True)
        logits = self._logits(x)
        logs = logits.log_softmax(dim=1).masked_fill(~mask, 0.0)
        attended = (logs.exp()[..., None] * mask[..., None] * shares).sum(dim=1)
        return TrainingOutput((attended + 1e-3).log(), -(wanted * logs).sum(dim=1).mean() - _entropy(wanted))


def _entropy(shares: Tensor) -> Tensor:
    """Of (N, T) distributions, negative and on average: what no attention can do better than, so that 0 is perfect."""
    return -(shares * shares.clamp(min=1e-9).log()).sum(dim=1).mean()


def share_before(shares: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """(N, T) for each frame the sum of the shares of all that come before it, the largest first; -1 for the largest.

    So at every threshold from 0 up at least one frame is taken.
    """
    order = np.argsort(-shares, axis=1, kind="stable")
    ranked = np.take_along_axis(shares, order, axis=1)
    before = np.empty_like(shares)
    np.put_along_axis(before, order, np.cumsum(ranked, axis=1) - ranked, axis=1)
    before[np.arange(len(shares)), order[:, 0]] = -1.0
    return before
