"""Augmentation of recordings, a batch at once; the random numbers come from one generator.

Nothing is mixed between recordings, so nothing goes from one patient or speaker to another.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from dynviz.media.signal import FLOOR

SLOWEST, FASTEST = 0.9, 1.1  # time stretch, of both kinds
LEAST_SHARE = 0.3  # of an ECG strip that a training sample keeps at least


def augment_ecg(samples: Tensor, rate_hz: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """(N, samples) in mV -> (N, fewer samples): a part of each strip, stretched in time, with a baseline that wanders
    as it does with the breath, and noise; and (N, 2), the first and the last sample of each part, so that its label can
    be told from the beats in it. The parts of a batch are equally long.
    """
    count, length = samples.shape

    def uniform(low: float, high: float) -> Tensor:
        return torch.rand(count, 1, generator=generator) * (high - low) + low

    share = float(torch.rand((), generator=generator)) * (1 - LEAST_SHARE) + LEAST_SHARE
    kept = int(length * share)
    start, speed = uniform(0, 1), uniform(SLOWEST, FASTEST)
    reach = torch.minimum((kept - 1) * speed, torch.tensor(length - 1.0))
    places = start * (length - 1 - reach) + reach * torch.linspace(0, 1, kept)
    x = _between(samples, places)
    seconds = torch.arange(kept) / rate_hz
    wander = uniform(0, 0.15) * torch.sin(2 * math.pi * (uniform(0.1, 0.5) * seconds + uniform(0, 1)))
    noise = torch.randn(x.shape, generator=generator) * uniform(0, 0.03)
    return x + wander + noise, places[:, [0, -1]]


def augment_speech(frames: Tensor, lengths: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """(N, T, bands) log-mel, (N,) frames of each -> the same, stretched, of other voices and rooms.

    The bands are moved by up to two (a higher or deeper voice), tilted and lifted (another microphone), a run of bands
    and one of frames is blanked (Park et al. 2019, SpecAugment).
    """
    count, longest, bands = frames.shape

    def uniform(low: float, high: float) -> Tensor:
        return torch.rand(count, generator=generator) * (high - low) + low

    before, lengths = lengths, (lengths * uniform(SLOWEST, FASTEST)).round().long().clamp(min=1)
    stretched = int(lengths.max())
    steps = torch.arange(stretched)[None] * ((before - 1) / (lengths - 1).clamp(min=1))[:, None]
    x = _between(frames, steps.clamp(max=longest - 1))
    moved = (torch.arange(bands)[None] + uniform(-2, 2)[:, None]).clamp(0, bands - 1)
    x = _between(x.transpose(1, 2), moved).transpose(1, 2)
    tilt = uniform(-1, 1)[:, None, None] * torch.linspace(-1, 1, bands) + uniform(-1, 1)[:, None, None]
    x = (x + tilt).clamp(min=math.log(FLOOR))
    for axis, size, most in ((2, bands, 6), (1, stretched, 5)):
        width = uniform(0, most + 1).long()[:, None]
        first = (uniform(0, 1)[:, None] * (size - width + 1)).long()
        at = torch.arange(size)[None]
        blank = (at >= first) & (at < first + width)
        mean = x.mean(dim=(1, 2), keepdim=True)
        x = torch.where(blank.unsqueeze(3 - axis), mean, x)
    return x, lengths


def _between(values: Tensor, places: Tensor) -> Tensor:
    """(N, T, ...) at fractional places (N, M) along its second axis, by straight lines."""
    below = places.floor().long().clamp(max=values.shape[1] - 1)
    above = (below + 1).clamp(max=values.shape[1] - 1)
    rows = torch.arange(len(values))[:, None]
    share = (places - below).reshape(*places.shape, *[1] * (values.dim() - 2))
    return torch.lerp(values[rows, below], values[rows, above], share)
