"""Augmentation of whole batches at once: one affine warp and one colour map per picture, on any device.

Random resized crop (Szegedy et al. 2015), flip, a small rotation, colour jitter, random erasing (Zhong et al. 2020).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

Draw = Callable[[float, float], Tensor]  # (N,) values drawn evenly between two bounds


@dataclass(frozen=True)
class Augmentation:
    """area: smallest share of the picture that a crop keeps. Angles in degrees; jitters as shares around 1."""

    area: float = 0.35
    aspect: float = 4 / 3
    rotation_degrees: float = 12.0
    brightness: float = 0.35
    contrast: float = 0.35
    saturation: float = 0.35
    grey: float = 0.05
    erase: float = 0.25
    pad_px: int = 0  # > 0: shift by up to so many pixels instead of a resized crop (32 px pictures)

    def __call__(self, images: Tensor, side_px: int, generator: torch.Generator) -> Tensor:
        """uint8 (N, 3, H, W) -> float (N, 3, side, side) in 0..1."""
        count = len(images)

        def uniform(low: float, high: float) -> Tensor:
            return (torch.rand(count, generator=generator) * (high - low) + low).to(images.device)

        x = self._shift(images, uniform) if self.pad_px else self._crop(images, side_px, uniform)
        if x.shape[-1] != side_px:
            x = F.interpolate(x, size=(side_px, side_px), mode="bilinear", antialias=True, align_corners=False)
        x = self._colour(x, uniform)
        return self._erase(x, uniform)

    def _shift(self, images: Tensor, uniform: Draw) -> Tensor:
        """Whole pixels and a flip: no value is mixed with its neighbours, so small pictures stay as sharp as in use."""
        side, room = images.shape[-1], 2 * self.pad_px + 1
        padded = F.pad(images.float(), (self.pad_px,) * 4, mode="reflect").div_(255)
        place = torch.arange(side, device=images.device)
        rows = uniform(0, room).long().clamp_(max=room - 1)[:, None] + place
        columns = uniform(0, room).long().clamp_(max=room - 1)[:, None] + place
        columns = torch.where((uniform(0, 1) < 0.5)[:, None], columns.flip(1), columns)
        sample = torch.arange(len(images), device=images.device)[:, None, None]
        return padded.permute(0, 2, 3, 1)[sample, rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2)

    def _crop(self, images: Tensor, side_px: int, uniform: Draw) -> Tensor:
        """A random part of each picture, flipped and slightly turned, at ``side_px``."""
        count = len(images)
        area = uniform(self.area, 1.0)
        ratio = torch.exp(uniform(-math.log(self.aspect), math.log(self.aspect)))
        wide, tall = (area * ratio).sqrt().clamp(max=1), (area / ratio).sqrt().clamp(max=1)
        shift_x, shift_y = uniform(-1, 1) * (1 - wide), uniform(-1, 1) * (1 - tall)
        angle = uniform(-1, 1) * math.radians(self.rotation_degrees)
        mirror = torch.where(uniform(0, 1) < 0.5, -1.0, 1.0)
        cos, sin = angle.cos(), angle.sin()
        theta = torch.stack(
            [
                torch.stack([wide * cos * mirror, -tall * sin, shift_x], dim=1),
                torch.stack([wide * sin * mirror, tall * cos, shift_y], dim=1),
            ],
            dim=1,
        )
        grid = F.affine_grid(theta, [count, 3, side_px, side_px], align_corners=False)
        return F.grid_sample(images.float(), grid, padding_mode="reflection", align_corners=False).div_(255)

    def _colour(self, x: Tensor, uniform: Draw) -> Tensor:
        def column(low: float, high: float) -> Tensor:
            return uniform(low, high).view(-1, 1, 1, 1)

        x = x * column(1 - self.brightness, 1 + self.brightness)
        luma = (x * x.new_tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1)).sum(dim=1, keepdim=True)
        saturation = column(1 - self.saturation, 1 + self.saturation)
        saturation = torch.where(column(0, 1) < self.grey, 0.0, saturation)
        contrast = column(1 - self.contrast, 1 + self.contrast)
        mean = luma.mean(dim=(2, 3), keepdim=True)
        return ((luma + (x - luma) * saturation - mean) * contrast + mean).clamp_(0, 1)

    def _erase(self, x: Tensor, uniform: Draw) -> Tensor:
        side = x.shape[-1]
        coordinates = torch.arange(side, device=x.device).view(1, -1) / side
        width, height = uniform(0.15, 0.5).view(-1, 1), uniform(0.15, 0.5).view(-1, 1)
        left, top = uniform(0, 1).view(-1, 1) * (1 - width), uniform(0, 1).view(-1, 1) * (1 - height)
        columns = (coordinates >= left) & (coordinates < left + width)
        rows = (coordinates >= top) & (coordinates < top + height)
        hole = rows.unsqueeze(2) & columns.unsqueeze(1) & (uniform(0, 1) < self.erase).view(-1, 1, 1)
        return x.masked_fill(hole.unsqueeze(1), 0.45)
