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
from dynviz.recorder import Recorder, Setting

MOST_FRAMES = 64  # candidates of a video
UNSEEN = 1e-3  # added to the probability of each class: what is shown in no frame is nobody's guess
FORGOTTEN = 0.5  # share of what is remembered that training leaves out
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
        return whole(self.look(x, *places(x.lengths), way), x.lengths)

    def worked_out(self, x: Clips) -> dict[Any, Tensor]:
        """What else a network works out of single frames, whatever its thresholds are: key -> (N, T, ...).

        For tables: it is then found in ``x.known``.
        """
        return {}

    def glance_at(self, x: Clips, rows: np.ndarray, frames: np.ndarray) -> Tensor:
        """The same as ``look`` at the smallest resolution, through ``glance``: for frames that may never be chosen."""
        if 0 in x.known:
            return self.look(x, rows, frames, 0)
        found = []
        for start in range(0, len(rows), 4 * AT_ONCE):
            part = slice(start, start + 4 * AT_ONCE)
            pixels = self.glance(x.frames(rows[part], frames[part], self.sides_px[0])[0])
            found.append(self.encoder.features(pixels.to(self.device), 0).mean(dim=(2, 3)))
        return torch.cat(found)

    def glance_at_all(self, x: Clips) -> Tensor:
        """(N, T, width) of every candidate frame at the smallest resolution; zeros behind the end of each clip."""
        return x.known[0] if 0 in x.known else whole(self.glance_at(x, *places(x.lengths)), x.lengths)

    def shares(self, features: Tensor) -> Tensor:
        """(..., width) features of frames -> (..., classes) the probability of each class; less than 1 together."""
        return self.encoder.head.linear(features).float().softmax(dim=-1)[..., :-1]

    def blindly(self, x: Clips, baseline: str, limits: np.ndarray, recorder: Recorder) -> Tensor:
        """What the encoder says of frames that are chosen without a look at them, about the share ``limits`` of all."""
        chosen = blind_frames(baseline, limits, x.lengths)
        rows, frames = np.nonzero(chosen)
        features = self.look(x, rows, frames, self.best)
        if recorder.active:
            macs = self.frame_macs(self.best)
            for frame in range(chosen.shape[1]):
                there = np.flatnonzero(x.lengths > frame)
                self.note_frame(recorder, there, frame, chosen[there, frame], macs, macs, rule="blind")
        return consensus(self.encoder.head.linear(features), rows, len(x))

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
        decider_macs: np.ndarray | int = 0,
        **shared: Any,
    ) -> None:
        """Record for ``rows`` whether candidate ``frame`` was used, (n,) bool. macs: of each row in which it was.

        decider_macs: of looking at it in small and deciding, whatever was decided; of each row, or the same for all.
        """
        recorder.decide(
            FrameChoice,
            rows,
            columns={
                "choice": np.where(used, "use", "skip"),
                "executed": used,
                "macs": np.where(used, macs, 0) + decider_macs,
                "macs_static": np.broadcast_to(macs_static, len(rows)),
                "decider_macs": np.broadcast_to(decider_macs, len(rows)),
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


def whole(values: Tensor, lengths: np.ndarray) -> Tensor:
    """A row for each frame, video by video -> (N, T, ...), zeros behind the end of each video."""
    rows, frames = places(lengths)
    empty = values.new_zeros(len(lengths), int(lengths.max()), *values.shape[1:])
    return empty.index_put((torch.from_numpy(rows), torch.from_numpy(frames)), values)


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


def evidence(sums: Tensor, count: Tensor | float) -> Tensor:
    """The same from sums of probabilities, (N, classes), over ``count`` frames, a number or (N, 1)."""
    return (sums / count + UNSEEN).log()


class Verdict(nn.Module):
    """The answer from what frames say, (N, classes) logarithms, and from what is remembered of them, (N, width).

    Begins with what the frames say alone. What is remembered moves a logit by ``most``: it may tip the scales, but
    videos that were learned by heart are no reason to talk the frames down.
    """

    def __init__(self, width: int, classes: int, most: float = 1.0):
        super().__init__()
        self.most = most
        self.scale = nn.Parameter(torch.ones(()))
        self.dropout = nn.Dropout(FORGOTTEN)
        self.linear = nn.Linear(width, classes)
        nn.init.zeros_(self.linear.weight)
        nn.init.zeros_(self.linear.bias)

    def forward(self, said: Tensor, seen: Tensor) -> Tensor:
        return self.scale * said + self.most * self.linear(self.dropout(seen)).tanh()

    @property
    def macs(self) -> int:
        return self.linear.weight.numel()


def threshold_rows(setting: Setting, samples: int, opened: float) -> np.ndarray:
    """(rows,) the one threshold of each row: P x N rows in masked mode, N in skipping mode. ``opened`` without any.

    Raises ValueError where their number fits no whole number of samples.
    """
    if setting.thresholds is None:
        return np.full(samples, opened)
    limits = np.ravel(np.asarray(setting.thresholds, dtype=np.float64))
    count = max(samples, len(limits))
    if count % samples or len(limits) not in (1, count) or (setting.mode == "skipping" and count != samples):
        raise ValueError(f"{len(limits)} rows of thresholds for {samples} videos")
    return np.broadcast_to(limits, count)


def blind_frames(baseline: str, shares: np.ndarray, lengths: np.ndarray, seed: int = 1) -> np.ndarray:
    """(N, T) bool: about the share ``shares`` (N,) of each video's frames, at least one: evenly spread or at random.

    Raises ValueError for an unknown ``baseline``.
    """
    if baseline not in ("random", "uniform"):
        raise ValueError(f"no baseline is called {baseline!r}; known: random, uniform")
    draw, chosen = np.random.default_rng(seed), np.zeros((len(lengths), int(lengths.max())), dtype=bool)
    for row, (share, length) in enumerate(zip(shares, lengths, strict=True)):
        count = min(max(1, round(float(share) * length)), int(length))
        frames = spread_frames(length, count) if baseline == "uniform" else draw.permutation(length)[:count]
        chosen[row, frames] = True
    return chosen


def in_turn(turns: Sequence[int] | np.ndarray, used: np.ndarray) -> np.ndarray:
    """(n,) a column of steps: the turn of those that were used, None for the others."""
    column = np.full(len(used), None, dtype=object)
    column[used] = np.asarray(turns, dtype=object)[used]
    return column
