"""A batch of videos from which a network takes the frames that it wants, at the resolution that it wants.

A network that chooses what to look at is not handed pixels. It asks for single candidate frames, whole or a part of
them, and only then are they decoded and scaled down. Like a picture's, a frame's decoding and scaling down is no work
of the network and is not counted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from dynviz.networks.sources import PictureSource

GREY = (128, 128, 128)  # what is shown where a seen square reaches beyond its frame

Box = tuple[float, float, float, float]


class Frames(Protocol):
    """What is asked of a video (``dynviz.media.video.Video``)."""

    width_px: int
    height_px: int

    def __len__(self) -> int: ...

    def frame(self, index: int) -> np.ndarray: ...


@dataclass(frozen=True, eq=False)
class Clip:
    """A video and the square of it that is seen, (x0, y0, x1, y1) in pixels of the original; it may reach beyond."""

    video: Frames
    box_px: Box

    def view(self, frame: int, side_px: int, centre: tuple[float, float], share: float) -> tuple[np.ndarray, Box]:
        """(side, side, 3) uint8, a square part of the seen square of one frame, and where it lies in the original.

        centre: x, y in shares of the seen square; share: the part's side over that of the seen square. A part that
        would leave the frame is moved back.
        """
        pixels = self.video.frame(frame)
        height, width = pixels.shape[:2]
        across, down = self.video.width_px / width, self.video.height_px / height
        scales, box = (across, down), []
        for axis, whole in enumerate((width, height)):
            low, high = self.box_px[axis] / scales[axis], self.box_px[axis + 2] / scales[axis]
            length = share * (high - low)
            first = low + centre[axis] * (high - low) - length / 2
            if share < 1:  # a region inside the frame as far as it can be
                first = min(max(first, 0.0), whole - length) if length <= whole else (whole - length) / 2
            box.append((first, first + length))
        (x0, x1), (y0, y1) = box
        picture = Image.fromarray(pixels)
        inside = max(x0, 0.0), max(y0, 0.0), min(x1, float(width)), min(y1, float(height))
        if inside == (x0, y0, x1, y1):
            found = picture.resize((side_px, side_px), Image.Resampling.BILINEAR, box=inside, reducing_gap=3.0)
        else:
            step = (x1 - x0) / side_px
            left, top, right, bottom = (
                round((edge - start) / step) for edge, start in zip(inside, (x0, y0, x0, y0), strict=True)
            )
            found = Image.new("RGB", (side_px, side_px), GREY)
            size = max(1, right - left), max(1, bottom - top)
            found.paste(picture.resize(size, Image.Resampling.BILINEAR, box=inside, reducing_gap=3.0), (left, top))
        return np.asarray(found), (x0 * across, y0 * down, x1 * across, y1 * down)


@dataclass(frozen=True, eq=False)
class Clips:
    """A batch of videos. mean, std: of the normalisation, for pixel values in 0..1.

    lengths: (N,) int64, candidate frames of each. known: features of every frame that were worked out once by the same
    encoder, a key of the network's own -> (N, T, ...) with zeros behind the end of each clip; where there are such,
    ``clips`` may be empty. shown: for training, (N, T) the class that each frame shows; as many as there are classes
    where it shows none of them, and behind the end. labels: for training, (N,) the class of each video. values: every
    frame's seen square, (N, T, 3, side, side) normalised, from which all views are then taken, so that an answer has a
    gradient with respect to them (``with_values``).
    """

    clips: tuple[Clip, ...]
    lengths: np.ndarray
    mean: tuple[float, ...] = (0.0, 0.0, 0.0)
    std: tuple[float, ...] = (1.0, 1.0, 1.0)
    known: Mapping[Any, Tensor] = field(default_factory=dict)
    shown: Tensor | None = None
    labels: Tensor | None = None
    values: Tensor | None = None

    @classmethod
    def of(cls, clips: Sequence[Clip], mean: tuple[float, ...], std: tuple[float, ...]) -> Clips:
        return cls(tuple(clips), np.array([len(clip.video) for clip in clips], dtype=np.int64), mean, std)

    @classmethod
    def together(cls, batches: Sequence[Clips]) -> Clips:
        """Several batches as one. What is known of them is left out: it can be worked out again."""
        clips = tuple(clip for batch in batches for clip in batch.clips)
        return cls.of(clips, batches[0].mean, batches[0].std)

    def __len__(self) -> int:
        return len(self.lengths)

    def __getitem__(self, rows: Tensor | np.ndarray | slice) -> Clips:
        """Some of the videos."""
        rows = torch.arange(len(self))[torch.from_numpy(rows) if isinstance(rows, np.ndarray) else rows]
        lengths = self.lengths[rows.numpy()]
        longest = int(lengths.max(initial=0))
        known = {key: values[rows.to(values.device), :longest] for key, values in self.known.items()}
        shown = None if self.shown is None else self.shown[rows, :longest]
        clips = tuple(self.clips[row] for row in rows.tolist()) if self.clips else ()
        labels = None if self.labels is None else self.labels[rows]
        values = None if self.values is None else self.values[rows, :longest]
        return Clips(clips, lengths, self.mean, self.std, known, shown, labels, values)

    def repeat(self, times: int) -> Clips:
        """All videos, then all of them again, ``times`` times; no frame is copied."""
        known = {key: values.repeat(times, *[1] * (values.dim() - 1)) for key, values in self.known.items()}
        values = None if self.values is None else self.values.repeat(times, 1, 1, 1, 1)
        lengths = np.tile(self.lengths, times)
        return Clips(self.clips * times, lengths, self.mean, self.std, known, values=values)

    def with_values(self, side_px: int) -> Clips:
        """The same videos, all their frames at ``side_px`` in one tensor."""
        values = torch.zeros(len(self), int(self.lengths.max()), 3, side_px, side_px)
        for row, length in enumerate(self.lengths):
            values[row, :length] = self.frames([row] * length, range(length), side_px)[0]
        return replace(self, values=values)

    def backwards(self) -> Clips:
        """The same videos, from their ends to their beginnings."""
        clips = tuple(Clip(_Backwards(clip.video), clip.box_px) for clip in self.clips)
        turned = np.zeros((len(self), int(self.lengths.max())), dtype=np.int64)
        for row, length in enumerate(self.lengths):
            turned[row] = np.arange(turned.shape[1])
            turned[row, :length] = np.arange(length)[::-1]
        places = torch.from_numpy(turned)
        rows = torch.arange(len(self))[:, None]
        known = {key: values[rows, places.to(values.device)] for key, values in self.known.items()}
        return Clips(clips, self.lengths, self.mean, self.std, known)

    def to(self, device: torch.device) -> Clips:
        known = {key: values.to(device) for key, values in self.known.items()}
        return Clips(self.clips, self.lengths, self.mean, self.std, known, self.shown, self.labels)

    def frames(
        self,
        rows: Sequence[int] | np.ndarray,
        frames: Sequence[int] | np.ndarray,
        side_px: int,
        centres: np.ndarray | None = None,
        share: float = 1.0,
    ) -> tuple[Tensor, np.ndarray]:
        """(M, 3, side, side) normalised, and the boxes (M, 4) in pixels of the originals: frame ``frames[m]`` of video
        ``rows[m]``.

        The whole seen square, or a part of it with the side ``share`` around ``centres`` (M, 2), x and y in shares.
        """
        if self.values is not None:
            return self._from_values(rows, frames, side_px, centres, share)
        views, boxes = [], []
        for place, (row, frame) in enumerate(zip(rows, frames, strict=True)):
            centre = (0.5, 0.5) if centres is None else tuple(centres[place].tolist())
            view, box = self.clips[row].view(int(frame), side_px, centre, share)
            views.append(view)
            boxes.append(box)
        pixels = torch.from_numpy(np.stack(views)).permute(0, 3, 1, 2).float() / 255
        mean, std = (pixels.new_tensor(values).view(1, 3, 1, 1) for values in (self.mean, self.std))
        return ((pixels - mean) / std).contiguous(memory_format=torch.channels_last), np.array(boxes).reshape(-1, 4)

    def _from_values(
        self,
        rows: Sequence[int] | np.ndarray,
        frames: Sequence[int] | np.ndarray,
        side_px: int,
        centres: np.ndarray | None,
        share: float,
    ) -> tuple[Tensor, np.ndarray]:
        places = torch.as_tensor(np.asarray(rows)), torch.as_tensor(np.asarray(frames))
        view = self.values[places]
        centres = np.full((len(view), 2), 0.5) if centres is None else centres
        pixels, boxes = PictureSource(view).regions(centres, share, side_px)
        seen = np.array([self.clips[row].box_px for row in rows])
        sides = (seen[:, 2:] - seen[:, :2]).repeat(2, axis=0).reshape(-1, 4)
        return pixels, seen[:, [0, 1, 0, 1]] + boxes / view.shape[-1] * sides


@dataclass(frozen=True, eq=False)
class _Backwards:
    video: Frames

    @property
    def width_px(self) -> int:
        return self.video.width_px

    @property
    def height_px(self) -> int:
        return self.video.height_px

    def __len__(self) -> int:
        return len(self.video)

    def frame(self, index: int) -> np.ndarray:
        return self.video.frame(len(self.video) - 1 - index)
