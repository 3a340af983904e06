"""A batch of recordings as networks read them: frames of numbers, of different lengths."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor


@dataclass(frozen=True, eq=False)
class Frames:
    """values: (N, T, channels) float32, zeros behind the end of each recording. lengths: (N,) int64, in frames."""

    values: Tensor
    lengths: Tensor

    @classmethod
    def batch(cls, recordings: Sequence[np.ndarray]) -> Frames:
        """Recordings as (frames, channels) arrays, put together. Raises ValueError where one is empty."""
        lengths = torch.tensor([len(recording) for recording in recordings])
        if not len(recordings) or int(lengths.min()) < 1:
            raise ValueError("a recording has at least one frame")
        values = torch.zeros(len(recordings), int(lengths.max()), recordings[0].shape[1])
        for row, recording in enumerate(recordings):
            values[row, : len(recording)] = torch.from_numpy(np.asarray(recording, dtype=np.float32))
        return cls(values, lengths)

    @classmethod
    def together(cls, batches: Sequence[Frames]) -> Frames:
        """Several batches as one."""
        return cls.batch([row[: int(n)].numpy() for x in batches for row, n in zip(x.values, x.lengths, strict=True)])

    def __len__(self) -> int:
        return len(self.lengths)

    def __getitem__(self, rows: Tensor | slice) -> Frames:
        """Some of the recordings, cut to the longest of them."""
        lengths = self.lengths[rows]
        return Frames(self.values[rows, : int(lengths.max())], lengths)

    def repeat(self, times: int) -> Frames:
        """All recordings, then all of them again, ``times`` times over."""
        return Frames(self.values.repeat(times, 1, 1), self.lengths.repeat(times))

    @property
    def steps(self) -> Tensor:
        """What a network reads at each step, (N, T, channels)."""
        return self.values

    @property
    def mask(self) -> Tensor:
        """(N, T) bool: true where there is a frame."""
        return torch.arange(self.values.shape[1], device=self.values.device) < self.lengths[:, None]

    def to(self, device: torch.device) -> Frames:
        return Frames(self.values.to(device), self.lengths.to(device))
