"""What the networks for video have in common: an encoder of single frames, and the places where frames enter it.

The encoder is one small ResNet for several resolutions. It is trained once, as a part of ``frames-mean``, on single
frames; the others begin with it and keep it as it is, so that they can learn from features that were worked out once.
Each candidate frame enters through a module of its own, ``frames.T``: a frame that was not chosen never comes through.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from dynviz.decisions import FrameChoice
from dynviz.networks.clips import Clips
from dynviz.networks.contract import DynamicNetwork
from dynviz.networks.switched import SwitchedResNet
from dynviz.recorder import Recorder

MOST_FRAMES = 64  # candidates of a video
UNSEEN = 1e-3  # added to the probability of each class: what is shown in no frame is nobody's guess
AT_ONCE = 64  # frames in the encoder at the same time: memory stays bounded however long a video is


class Entrance(nn.Identity):
    """Where one candidate frame comes in, (n, 3, side, side): it is handed on as it is."""


class FrameNetwork(DynamicNetwork):
    """sides_px: of the resolutions at which frames can be looked at, smallest first. widths, depths: of the encoder.

    classes: that it answers with; the encoder alone knows one more, for frames that show none of them.
    frozen: the encoder is not trained.
    """

    def __init__(
        self,
        *,
        sides_px: tuple[int, ...],
        widths: tuple[int, ...],
        depths: tuple[int, ...],
        classes: int,
        frozen: bool = True,
    ):
        super().__init__()
        self.sides_px, self.classes, self.frozen = tuple(sides_px), classes, frozen
        self.width = widths[-1]
        self.encoder = SwitchedResNet(widths, depths, classes + 1, len(sides_px))
        self.frames = nn.ModuleList(Entrance() for _ in range(MOST_FRAMES))
        self.side_macs = np.array([self.encoder.feature_macs((side, side)) for side in self.sides_px])
        if frozen:
            self.encoder.requires_grad_(False)

    def train(self, mode: bool = True) -> FrameNetwork:
        """A frozen encoder keeps its statistics too."""
        super().train(mode)
        if self.frozen:
            self.encoder.eval()
        return self

    @property
    def best(self) -> int:
        """The number of the largest resolution."""
        return len(self.sides_px) - 1

    def look(self, x: Clips, rows: np.ndarray, frames: np.ndarray, way: int) -> Tensor:
        """(M, width) features of frame ``frames[m]`` of video ``rows[m]`` at the resolution number ``way``."""
        if way in x.known:
            known = x.known[way]
            return known[torch.from_numpy(np.asarray(rows)), torch.from_numpy(np.asarray(frames))].to(known.device)
        order = np.argsort(frames, kind="stable")  # frame by frame, each through its own entrance
        found = []
        for start in range(0, len(order), AT_ONCE):
            part = order[start : start + AT_ONCE]
            entered = []
            for frame in np.unique(frames[part]):
                own = part[frames[part] == frame]
                entered.append(self.frames[frame](x.frames(rows[own], frames[own], self.sides_px[way])[0]))
            pixels = torch.cat(entered) if len(entered) > 1 else entered[0]
            found.append(self.encoder.features(pixels.to(self.device), way).mean(dim=(2, 3)))
        features = torch.cat(found) if len(found) > 1 else found[0]
        return features[torch.from_numpy(np.argsort(order))]

    def views(self, x: Clips, rows: np.ndarray, frames: np.ndarray) -> list[Tensor]:
        """The same frames at every resolution, (M, 3, side, side) each; every frame is decoded once."""
        single = [
            [x.frames(rows[m : m + 1], frames[m : m + 1], side)[0] for side in self.sides_px] for m in range(len(rows))
        ]
        return [torch.cat(parts) for parts in zip(*single, strict=True)]

    def encoder_digest(self) -> str:
        """A name for what the encoder says: the same for the same weights, however they are arranged."""
        weights = hashlib.sha256(repr(self.sides_px).encode())
        for name, value in self.encoder.state_dict().items():
            if "norms" not in name or value.is_floating_point():
                weights.update(value.half().contiguous().numpy().tobytes())
        return weights.hexdigest()[:16]

    def look_at_all(self, x: Clips, way: int) -> Tensor:
        """(N, T, width) of every candidate frame; zeros behind the end of each clip."""
        if way in x.known:
            return x.known[way]
        rows, frames = places(x.lengths)
        features = self.look(x, rows, frames, way)
        whole = features.new_zeros(len(x), int(x.lengths.max()), features.shape[1])
        return whole.index_put((torch.from_numpy(rows), torch.from_numpy(frames)), features)

    def frame_macs(self, way: int) -> int:
        """MACs of one frame at the resolution number ``way``, with what the encoder says of it."""
        return int(self.side_macs[way]) + self.encoder.head.linear.weight.numel()

    @property
    def device(self) -> torch.device:
        return next(self.parameters()).device

    def note_frame(
        self,
        recorder: Recorder,
        rows: np.ndarray,
        frame: int,
        used: np.ndarray,
        macs: np.ndarray | int,
        macs_static: np.ndarray | int,
        columns: dict[str, Any] | None = None,
        prefix: str = "",
        **shared: Any,
    ) -> None:
        """Record for ``rows`` whether candidate ``frame`` was used, (n,) bool. macs: of each row in which it was."""
        recorder.decide(
            FrameChoice,
            rows,
            columns={
                "choice": np.where(used, "use", "skip"),
                "executed": used,
                "macs": np.where(used, macs, 0),
                "macs_static": np.broadcast_to(macs_static, len(rows)),
                **(columns or {}),
            },
            unit=f"{prefix}frames.{frame}",
            frame=int(frame),
            **shared,
        )


def places(lengths: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(rows, frames) of every candidate frame of a batch, video by video."""
    rows = np.repeat(np.arange(len(lengths)), lengths)
    return rows, np.concatenate([np.arange(length) for length in lengths])


def within(lengths: np.ndarray, device: torch.device | str = "cpu") -> Tensor:
    """(N, T) bool: is there such a frame?"""
    steps = torch.arange(int(lengths.max()), device=device)
    return steps < torch.from_numpy(lengths).to(device)[:, None]


def spread_frames(length: int, count: int) -> np.ndarray:
    """``count`` of ``length`` candidate frames (all, if there are no more), the middles of equal stretches of time."""
    taken = min(length, count)
    return ((np.arange(taken) + 0.5) * length / taken).astype(np.int64)


def consensus(said: Tensor, rows: np.ndarray, count: int) -> Tensor:
    """(M, classes + 1) logits of frames, the last for "none of them" -> (count, classes) logits of their videos.

    The mean of the probabilities that frames give to each class. rows: (M,) the video of each frame.
    """
    shares = said.float().softmax(dim=1)[:, :-1]
    sums = shares.new_zeros(count, shares.shape[1]).index_add(0, torch.from_numpy(rows).to(said.device), shares)
    frames = torch.from_numpy(np.bincount(rows, minlength=count)).to(said.device)
    return (sums / frames[:, None] + UNSEEN).log()


def in_turn(turns: Sequence[int] | np.ndarray, used: np.ndarray) -> np.ndarray:
    """(n,) a column of steps: the turn of those that were used, None for the others."""
    column = np.full(len(used), None, dtype=object)
    column[used] = np.asarray(turns, dtype=object)[used]
    return column
