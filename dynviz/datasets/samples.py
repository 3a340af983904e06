"""Labelled samples as a shipped network is evaluated on them: prepared as for a person's input, in batches."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch

BATCH = 128


@dataclass(frozen=True, eq=False)
class Samples:
    """labels: (N,) index into ``classes``. batches: (rows, what the network is given), in any order.

    answers: what a network can say, where that is not ``classes`` itself; accepted: (classes, answers) bool, which
    answers are then right for a sample of each class. groups: classes that are to be told of apart from the others.
    """

    labels: np.ndarray
    classes: tuple[str, ...]
    batches: Callable[[], Iterator[tuple[np.ndarray, Any]]]
    answers: tuple[str, ...] = ()
    accepted: np.ndarray | None = None
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def known(self) -> tuple[str, ...]:
        """What a network can say."""
        return self.answers or self.classes

    def right(self, prediction: np.ndarray) -> np.ndarray:
        """(N, ...) index into ``known`` -> bool of the same shape: is it right for its sample?"""
        labels = self.labels.reshape(-1, *[1] * (prediction.ndim - 1))
        return prediction == labels if self.accepted is None else self.accepted[labels, prediction]

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

        return replace(self, labels=self.labels[kept], batches=batches)
