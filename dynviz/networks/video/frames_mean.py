"""Frames that are looked at without choosing: all of a video's candidates or k of them, evenly spread, and their mean.

Paper: Wang, Xiong, Wang, Qiao, Lin, Tang & Van Gool 2016, "Temporal Segment Networks" (segments of equal length, one
frame of each, consensus by the mean). Differs: while it is trained, the encoder also learns to say of each frame
which class it shows, or that it shows none of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from dynviz.networks.clips import Clips
from dynviz.networks.contract import DynamicNetwork
from dynviz.networks.training_output import TrainingOutput
from dynviz.networks.video.frames import FrameNetwork, in_turn, spread_frames, within
from dynviz.recorder import SILENT, Recorder, Setting

EACH_FRAME = 1.0  # the weight of what the encoder says of single frames, beside the answer's


class FramesMean(FrameNetwork):
    """The static parent of all networks for video. count: how many frames it looks at; None: every candidate."""

    def __init__(self, *, count: int | None = None, frozen: bool = False, **rest: Any):
        super().__init__(frozen=frozen, **rest)
        self.count = count
        self.head = nn.Linear(self.width, self.classes)

    def forward(
        self, x: Clips, *, setting: Setting | None = None, recorder: Recorder = SILENT
    ) -> Tensor | TrainingOutput:
        """N videos -> (N, classes) logits; a TrainingOutput in train mode."""
        setting = setting or Setting()
        if setting.mode == "train":
            return self._taught(x)
        return mean_of_frames(self, x, self.count, recorder)

    def plain(self, x: Clips) -> Tensor:
        return mean_of_frames(self, x, self.count, SILENT)

    def _taught(self, x: Clips) -> TrainingOutput:
        """Each video at one of the resolutions, whichever comes to it."""
        ways, parts = len(self.sides_px), []
        turn = int(torch.randint(ways, ()))
        order = [np.arange((way + turn) % ways, len(x), ways) for way in range(ways)]
        for way, rows in enumerate(order):
            if len(rows):
                seen = self.look_at_all(x[rows], way)
                parts.append(F.pad(seen, (0, 0, 0, int(x.lengths.max()) - seen.shape[1])))
        features = torch.cat(parts)[torch.from_numpy(np.concatenate(order).argsort())]
        mask = within(x.lengths, features.device).to(features.dtype)
        answer = self.head((features * mask[..., None]).sum(dim=1) / mask.sum(dim=1, keepdim=True))
        said = self.encoder.head.linear(features[mask > 0])
        if x.shown is None:  # nobody knows what the frames show: the encoder is sure of them, or it is not
            return TrainingOutput(answer, -(said.softmax(dim=1) * said.log_softmax(dim=1)).sum(dim=1).mean())
        shown = x.shown.to(said.device)[mask > 0]
        return TrainingOutput(answer, EACH_FRAME * F.cross_entropy(said.float(), shown, label_smoothing=0.1))


class UniformFrames(DynamicNetwork):
    """The same weights with ``count`` frames only, evenly spread. members: one ``FramesMean``."""

    def __init__(self, *, count: int, members: Sequence[nn.Module]):
        super().__init__()
        self.members = nn.ModuleList(members)
        self.count = count

    def forward(self, x: Clips, *, setting: Setting | None = None, recorder: Recorder = SILENT) -> Tensor:
        """N videos -> (N, classes) logits."""
        return mean_of_frames(self.members[0], x, self.count, recorder, "members.0.")

    def plain(self, x: Clips) -> Tensor:
        return self.forward(x)


def mean_of_frames(network: FramesMean, x: Clips, count: int | None, recorder: Recorder, prefix: str = "") -> Tensor:
    """What ``network`` answers from ``count`` frames of each video, all if None. prefix: of its modules' names."""
    chosen = [spread_frames(length, length if count is None else count) for length in x.lengths.tolist()]
    rows = np.repeat(np.arange(len(x)), [len(frames) for frames in chosen])
    features = network.look(x, rows, np.concatenate(chosen), network.best)
    sums = features.new_zeros(len(x), features.shape[1]).index_add(0, torch.from_numpy(rows), features)
    logits = network.head(sums / sums.new_tensor([len(frames) for frames in chosen])[:, None])
    if recorder.active:
        macs = int(network.side_macs[network.best])
        for frame in range(int(x.lengths.max())):
            there = np.flatnonzero(x.lengths > frame)
            used = np.array([frame in chosen[row] for row in there])
            turns = [int(np.searchsorted(chosen[row], frame)) for row in there]
            own = np.where(used, macs, 0)  # frames that are nobody's choice are no part of the static path
            columns = {"step": in_turn(turns, used)}
            network.note_frame(recorder, there, frame, used, macs, own, columns, prefix, rule="evenly spread")
        recorder.work(f"{prefix}head", np.arange(len(x)), network.head.weight.numel())
    return logits
