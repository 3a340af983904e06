"""What the training loop is fed: batches of one kind of input, drawn anew for each epoch from their own generator."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

import torch
from torch import Tensor

CHECKED_AT_ONCE = 256


class Feed(Protocol):
    """One data set for one recipe. Labels are (N,) int64."""

    steps: int  # batches of an epoch

    def train(self, epoch: int, generator: torch.Generator) -> Iterator[tuple[Any, Tensor, Tensor]]:
        """The batches of an epoch: (what the network is given, labels, rows (N,) of the training split)."""
        ...

    def check(self) -> Iterator[tuple[Any, Tensor]]:
        """The validation split, in any order."""
        ...


def class_weights(labels: Tensor, classes: int, balance: float) -> Tensor:
    """(N,) relative probability to draw each sample: rare classes oftener, by (class size) ** -balance."""
    counts = torch.bincount(labels, minlength=classes).clamp(min=1).double()
    return counts.pow(-balance)[labels]
