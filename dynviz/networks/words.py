"""A batch of texts as networks read them: numbers of words in a vocabulary, of different lengths."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

PADDING = 0  # the number that no word has


@dataclass(frozen=True, eq=False)
class Words:
    """ids: (N, T) int64, PADDING behind the end of each text. lengths: (N,) int64, at least 1, in words."""

    ids: Tensor
    lengths: Tensor

    @classmethod
    def batch(cls, texts: Sequence[np.ndarray]) -> Words:
        """Texts as arrays of word numbers, put together. Raises ValueError where one is empty."""
        lengths = torch.tensor([len(text) for text in texts])
        if not len(texts) or int(lengths.min()) < 1:
            raise ValueError("a text has at least one word")
        ids = torch.full((len(texts), int(lengths.max())), PADDING, dtype=torch.int64)
        for row, text in enumerate(texts):
            ids[row, : len(text)] = torch.from_numpy(np.asarray(text, dtype=np.int64))
        return cls(ids, lengths)

    @classmethod
    def together(cls, batches: Sequence[Words]) -> Words:
        """Several batches as one."""
        return cls.batch([row[: int(n)].numpy() for x in batches for row, n in zip(x.ids, x.lengths, strict=True)])

    def __len__(self) -> int:
        return len(self.lengths)

    def __getitem__(self, rows: Tensor | slice) -> Words:
        """Some of the texts, cut to the longest of them."""
        lengths = self.lengths[rows]
        return Words(self.ids[rows, : int(lengths.max())], lengths)

    def repeat(self, times: int) -> Words:
        """All texts, then all of them again, ``times`` times over."""
        return Words(self.ids.repeat(times, 1), self.lengths.repeat(times))

    @property
    def steps(self) -> Tensor:
        """What a network reads at each step, (N, T)."""
        return self.ids

    @property
    def mask(self) -> Tensor:
        """(N, T) bool: true where there is a word."""
        return torch.arange(self.ids.shape[1], device=self.ids.device) < self.lengths[:, None]

    def to(self, device: torch.device) -> Words:
        return Words(self.ids.to(device), self.lengths.to(device))
