"""Frames that are looked at without choosing: all of a video's candidates or k of them, evenly spread, and their mean.

Paper: Wang, Xiong, Wang, Qiao, Lin, Tang & Van Gool 2016, "Temporal Segment Networks" (segments of equal length, one
frame of each, the consensus is the mean of what they say). Differs: the encoder may say of a frame that it shows none
of the classes, and such a frame then hardly counts.
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
from dynviz.networks.video.frames import FrameNetwork, consensus, in_turn, places, spread_frames
from dynviz.recorder import SILENT, Recorder, Setting

EACH_FRAME = 2.0  # the weight of what the encoder says of single frames, beside the answer's


class FramesMean(FrameNetwork):
    """The static parent of all networks for video: every candidate frame. The others have its encoder."""

    def __init__(self, *, frozen: bool = False, **rest: Any):
        super().__init__(frozen=frozen, **rest)

    def forward(
        self, x: Clips, *, setting: Setting | None = None, recorder: Recorder = SILENT
    ) -> Tensor | TrainingOutput:
        """N videos -> (N, classes) logits; a TrainingOutput in train mode."""
        setting = setting or Setting()
        if setting.mode == "train":
            return self._taught(x)
        return mean_of_frames(self, x, None, recorder)

    def plain(self, x: Clips) -> Tensor:
        """The same."""
        return mean_of_frames(self, x, None, SILENT)

    def _taught(self, x: Clips) -> TrainingOutput:
        """Every frame at every resolution: to render one takes longer than to look at it."""
        rows, frames = places(x.lengths)
        views = self.views(x, rows, frames)
        seen = [self.encoder.features(view.to(self.device), way).mean(dim=(2, 3)) for way, view in enumerate(views)]
        said = self.encoder.head.linear(torch.cat(seen)).float()
        answer = consensus(said, np.tile(rows, len(views)), len(x))
        if x.shown is None:
            return TrainingOutput(answer)
        shown = x.shown[torch.from_numpy(rows), torch.from_numpy(frames)].to(said.device).repeat(len(views))
        return TrainingOutput(answer, EACH_FRAME * F.cross_entropy(said, shown, label_smoothing=0.05))


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
        """The same."""
        return self.forward(x)


def mean_of_frames(network: FramesMean, x: Clips, count: int | None, recorder: Recorder, prefix: str = "") -> Tensor:
    """What ``network`` answers from ``count`` frames of each video, all if None. prefix: of its modules' names."""
    chosen = [spread_frames(length, length if count is None else count) for length in x.lengths.tolist()]
    rows = np.repeat(np.arange(len(x)), [len(frames) for frames in chosen])
    features = network.look(x, rows, np.concatenate(chosen), network.best)
    if recorder.active:
        macs = network.frame_macs(network.best)
        for frame in range(int(x.lengths.max())):
            there = np.flatnonzero(x.lengths > frame)
            used = np.array([frame in chosen[row] for row in there])
            turns = [int(np.searchsorted(chosen[row], frame)) for row in there]
            own = np.where(used, macs, 0)  # frames that are nobody's choice are no part of the static path
            columns = {"step": in_turn(turns, used)}
            network.note_frame(recorder, there, frame, used, macs, own, columns, prefix, rule="evenly spread")
    return consensus(network.encoder.head.linear(features), rows, len(x))
