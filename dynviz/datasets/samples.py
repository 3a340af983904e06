"""Labelled samples as a shipped network is evaluated on them: prepared as for a person's input, in batches."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

BATCH = 128


@dataclass(frozen=True, eq=False)
class Samples:
    """labels: (N,) index into ``classes``. batches: (rows, what the network is given), in any order."""

    labels: np.ndarray
    classes: tuple[str, ...]
    batches: Callable[[], Iterator[tuple[np.ndarray, Any]]]

    def __len__(self) -> int:
        return len(self.labels)

    def thinned(self, most: int) -> Samples:
        """Every k-th of the samples, ``most`` of them at most; still in batches of equal length."""
        step = -(-len(self) // most)
        if step == 1:
            return self
        kept = np.arange(0, len(self), step)

        def batches() -> Iterator[tuple[np.ndarray, Any]]:
            for rows, x in self.batches():
                chosen = np.flatnonzero(rows % step == 0)
                if len(chosen):
                    yield rows[chosen] // step, x[torch.from_numpy(chosen)]

        return Samples(self.labels[kept], self.classes, batches)
