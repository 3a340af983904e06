"""Pictures from which a network takes its own views: the seen square made small, and regions of it in full sharpness.

A network that chooses where to look does not get its picture scaled down once and for all. It asks this source for one
region after another, cut out of the original, and is told where each region lies in pixels of the original. A region
comes from the picture as it was kept, as long as that has as many pixels there as the network reads; else from the
upload in all its pixels, which is decoded then, once. What lies outside the regions it asks for is not read.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

MID_GREY = 128 / 255  # what is shown where a seen square reaches beyond its picture


@dataclass(frozen=True, eq=False)
class Original:
    """A picture as it was kept, and the square of it that is seen.

    pixels: (3, H, W) uint8. box: (x0, y0, x1, y1) of the seen square in these pixels; it may reach beyond them.
    scale: (across, down) pixels of the original picture for each of these. whole: gives the original's own pixels, as
    (H, W, 3) uint8, where there are more than these; asked for only when a region needs them.
    """

    pixels: Tensor
    box: tuple[float, float, float, float]
    scale: tuple[float, float] = (1.0, 1.0)
    whole: Callable[[], np.ndarray] | None = None

    def sharp(self, size: float, side_px: int) -> Original:
        """What a region of ``size`` (share of the seen square's side) that is read at ``side_px`` is to be cut from."""
        kept_px = size * min(self.box[2] - self.box[0], self.box[3] - self.box[1])
        if self.whole is None or kept_px >= side_px:
            return self
        pixels = torch.from_numpy(self.whole()).permute(2, 0, 1)
        return Original(pixels, tuple(edge * self.scale[i % 2] for i, edge in enumerate(self.box)))

    @property
    def inside(self) -> tuple[float, float, float, float]:
        """The part of the seen square that shows the picture, (x0, y0, x1, y1) in shares of its side."""
        left, top, right, bottom = self.box
        height, width = self.pixels.shape[1:]
        shares = (-left / (right - left), -top / (bottom - top))
        ends = ((width - left) / (right - left), (height - top) / (bottom - top))
        return max(shares[0], 0.0), max(shares[1], 0.0), min(ends[0], 1.0), min(ends[1], 1.0)


@dataclass(frozen=True, eq=False)
class PictureSource:
    """A batch of pictures. view: (N, 3, side, side), the seen squares, normalised. originals: (N,), where there is more
    than the view; without them, for training and tables, the view itself is the original. mean, std: of the
    normalisation, for pixel values in 0..1.
    """

    view: Tensor
    originals: tuple[Original, ...] = ()
    mean: tuple[float, ...] = (0.0, 0.0, 0.0)
    std: tuple[float, ...] = (1.0, 1.0, 1.0)

    @classmethod
    def of(cls, x: Tensor | PictureSource) -> PictureSource:
        """A batch of views as a source; a source as it is."""
        return x if isinstance(x, PictureSource) else cls(x)

    @classmethod
    def together(cls, sources: Sequence[PictureSource]) -> PictureSource:
        """Several batches as one."""
        view = torch.cat([source.view for source in sources])
        return cls(view, tuple(one for s in sources for one in s.originals), sources[0].mean, sources[0].std)

    def __len__(self) -> int:
        return len(self.view)

    def __getitem__(self, rows: Tensor | slice) -> PictureSource:
        """Some of the pictures."""
        chosen = torch.arange(len(self))[rows].tolist() if self.originals else []
        return PictureSource(self.view[rows], tuple(self.originals[row] for row in chosen), self.mean, self.std)

    def repeat(self, times: int) -> PictureSource:
        """All pictures, then all of them again, ``times`` times; nothing is copied but the view."""
        return PictureSource(self.view.repeat(times, 1, 1, 1), self.originals * times, self.mean, self.std)

    def to(self, device: torch.device) -> PictureSource:
        return PictureSource(self.view.to(device), self.originals, self.mean, self.std)

    @property
    def shape(self) -> torch.Size:
        """(N, 3, side, side), that of the view."""
        return self.view.shape

    def regions(self, centres: np.ndarray, size: float, side_px: int) -> tuple[Tensor, np.ndarray]:
        """One square region of each picture, scaled to (N, 3, side, side) and normalised, and where it was.

        centres: (N, 2) as x, y in shares of the seen square, 0..1; a region that would leave the picture is moved back.
        size: side of the regions, in shares of the seen square. Returns the boxes as (N, 4) float64: x0, y0, x1, y1 in
        pixels of the original. Edges are rounded to whole pixels, so nothing outside its box is read.
        """
        if not self.originals:
            return self._from_views(centres, size, side_px)
        parts, boxes = [], []
        for original, centre in zip(self.originals, centres, strict=True):
            part, box = self._from_original(original.sharp(size, side_px), centre, size)
            parts.append(F.interpolate(part[None], (side_px, side_px), mode="bilinear", antialias=True))
            boxes.append(box)
        found = torch.cat(parts).to(self.view.device)
        return found.contiguous(memory_format=torch.channels_last), np.array(boxes).reshape(-1, 4)

    def frames_px(self) -> np.ndarray:
        """(N, 4) x0, y0, x1, y1 of the seen squares in pixels of the originals: where shares of the square 0..1 lie."""
        if not self.originals:
            return np.tile([0.0, 0.0, float(self.view.shape[3]), float(self.view.shape[2])], (len(self), 1))
        return np.array([[edge * one.scale[i % 2] for i, edge in enumerate(one.box)] for one in self.originals])

    def _from_views(self, centres: np.ndarray, size: float, side_px: int) -> tuple[Tensor, np.ndarray]:
        whole = self.view.shape[2]
        length = max(1, min(whole, round(size * whole)))
        first = np.clip(np.rint(centres * whole - length / 2), 0, whole - length).astype(np.int64)
        columns, rows = (torch.from_numpy(first[:, axis, None] + np.arange(length)) for axis in (0, 1))
        sample = torch.arange(len(self))[:, None, None]
        # pixel by pixel in channels_last, so that what is cut out is in it too
        cut = self.view.permute(0, 2, 3, 1)[sample, rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2)
        part = F.interpolate(cut, (side_px, side_px), mode="bilinear", antialias=True)
        boxes = np.concatenate([first, first + length], axis=1).astype(np.float64)
        return part.contiguous(memory_format=torch.channels_last), boxes

    def _from_original(
        self, original: Original, centre: np.ndarray, size: float
    ) -> tuple[Tensor, tuple[float, float, float, float]]:
        """(3, h, w) normalised: the region as it is, with grey where it is larger than the picture; and its box."""
        edges = []
        for axis in (0, 1):
            whole = original.pixels.shape[2 - axis]
            low, side = original.box[axis], original.box[axis + 2] - original.box[axis]
            length = max(1, round(size * side))
            first = round(low + float(centre[axis]) * side - length / 2)
            # a region inside the picture as far as it can be; else the picture in the middle of the region
            first = min(max(first, 0), whole - length) if length <= whole else (whole - length) // 2
            edges.append((first, first + length, whole))
        (x0, x1, width), (y0, y1, height) = edges
        left, top, right, bottom = max(x0, 0), max(y0, 0), min(x1, width), min(y1, height)
        pixels = original.pixels[:, top:bottom, left:right].float() / 255
        pixels = F.pad(pixels, (left - x0, x1 - right, top - y0, y1 - bottom), value=MID_GREY)
        shape = (3, 1, 1)
        pixels = (pixels - pixels.new_tensor(self.mean).view(shape)) / pixels.new_tensor(self.std).view(shape)
        across, down = original.scale
        return pixels, (left * across, top * down, right * across, bottom * down)


def bilinear_regions(view: Tensor, centres: Tensor, size: float, side_px: int) -> Tensor:
    """The same for training: differentiable in ``centres``, (N, 2) in shares of the view (Wang et al. 2022).

    view: (N, 3, H, H). Returns (N, 3, side, side); without antialiasing, so meant for regions of about ``side_px``.
    """
    steps = (torch.arange(side_px, device=view.device, dtype=centres.dtype) + 0.5) / side_px - 0.5
    places = (centres[:, None] + steps[None, :, None] * size) * 2 - 1  # (N, side, 2) in -1..1, x and y
    x, y = places[:, :, 0], places[:, :, 1]
    grid = torch.stack([x[:, None, :].expand(-1, side_px, -1), y[:, :, None].expand(-1, -1, side_px)], dim=3)
    found = F.grid_sample(view, grid.to(view.dtype), mode="bilinear", padding_mode="border", align_corners=False)
    return found.contiguous(memory_format=torch.channels_last)
