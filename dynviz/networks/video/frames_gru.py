"""Every frame in full, and a memory of their order instead of a mean.

Paper: Cho et al. 2014, "Learning Phrase Representations using RNN Encoder-Decoder" (the gated recurrent unit). The
second static baseline: a memory may learn to ignore frames that show nothing, which a mean cannot.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from dynviz.networks.clips import Clips
from dynviz.networks.video.frames import FrameNetwork, Verdict, evidence, spread_frames, within
from dynviz.recorder import SILENT, Recorder, Setting


class FramesGRU(FrameNetwork):
    """count: how many frames it looks at, evenly spread; None: every candidate."""

    def __init__(self, *, memory: int = 96, count: int | None = None, **rest: Any):
        super().__init__(**rest)
        self.count = count
        self.cell = nn.GRUCell(self.width + self.classes, memory)
        self.verdict = Verdict(memory, self.classes)

    def forward(self, x: Clips, *, setting: Setting | None = None, recorder: Recorder = SILENT) -> Tensor:
        """N videos -> (N, classes) logits."""
        length = self.count or int(x.lengths.max())
        chosen = [spread_frames(own, length) for own in x.lengths.tolist()]
        turns = np.array([len(frames) for frames in chosen])
        rows = np.repeat(np.arange(len(x)), turns)
        features = self.look(x, rows, np.concatenate(chosen), self.best)
        there = torch.from_numpy(rows), torch.from_numpy(np.concatenate([np.arange(count) for count in turns]))
        seen = features.new_zeros(len(x), int(turns.max()), self.width).index_put(there, features)
        if recorder.active:
            self._record(recorder, x.lengths, chosen)
        return self._remembered(seen, turns)

    def plain(self, x: Clips) -> Tensor:
        """The same."""
        return self.forward(x)

    def _remembered(self, seen: Tensor, turns: np.ndarray) -> Tensor:
        """(N, T, width) features -> (N, classes) logits."""
        shares = self.shares(seen)
        given = torch.cat([seen, shares.to(seen.dtype)], dim=2)
        state = torch.zeros(len(seen), self.cell.hidden_size, device=seen.device)
        mask = within(turns, seen.device)[..., None].to(shares.dtype)
        for turn in range(given.shape[1]):
            state = torch.where(mask[:, turn] > 0, self._next(given[:, turn], state), state)
        return self.verdict(evidence((shares * mask).sum(dim=1), mask.sum(dim=1)), state)

    def _next(self, x: Tensor, state: Tensor) -> Tensor:
        """Written out in products that are counted."""
        cell = self.cell
        reset, update, new = F.linear(x, cell.weight_ih, cell.bias_ih).chunk(3, dim=1)
        own_reset, own_update, own_new = F.linear(state, cell.weight_hh, cell.bias_hh).chunk(3, dim=1)
        kept = (update + own_update).sigmoid()
        return (1 - kept) * (new + (reset + own_reset).sigmoid() * own_new).tanh() + kept * state

    def _record(self, recorder: Recorder, lengths: np.ndarray, chosen: list[np.ndarray]) -> None:
        macs = self.frame_macs(self.best) + self.cell.weight_ih.numel() + self.cell.weight_hh.numel()
        for frame in range(int(lengths.max())):
            there = np.flatnonzero(lengths > frame)
            used = np.array([frame in chosen[row] for row in there])
            step = np.full(len(there), None, dtype=object)
            step[used] = [int(np.searchsorted(chosen[row], frame)) for row in there[used]]
            static = np.where(used, macs, 0)
            self.note_frame(recorder, there, frame, used, macs, static, {"step": step}, rule="evenly spread")
        recorder.work("verdict", np.arange(len(lengths)), self.verdict.macs)
