"""The paths that LSTM-Jump takes through texts: the scripted loop over one of them, and what is remembered of each."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Optional

import numpy as np
import torch
from torch import Tensor

from dynviz.networks.recurrent import read_span
from dynviz.networks.scripted import scripted


@dataclass(frozen=True, eq=False)
class ReadPath:
    """What one text's reader did. starts: (spans,) first words of what it read. hidden: (words read, width).

    reads_on: (choices,) chance of reading on, at the end of each span that was followed by a choice.
    """

    starts: np.ndarray
    hidden: np.ndarray
    reads_on: np.ndarray
    stops: bool


@dataclass
class ReadPaths:
    """The same span by span, for a batch."""

    starts: list[np.ndarray] = field(default_factory=list)
    hidden: list[np.ndarray] = field(default_factory=list)
    reads_on: list[np.ndarray] = field(default_factory=list)
    stops: list[np.ndarray] = field(default_factory=list)

    def of(self, row: int, length: int) -> ReadPath:
        """The path of one row of the batch, which may have been through before others."""
        starts = np.array([start[row] for start in self.starts])
        spans = int((starts < length).sum())
        hidden = np.concatenate(
            [h[row, : length - start] for h, start in zip(self.hidden, starts[:spans], strict=False)]
        )
        span = self.hidden[0].shape[1]
        choices = spans if starts[spans - 1] + span < length else spans - 1
        reads_on = np.array([value[row] for value in self.reads_on[:choices]], dtype=np.float32)
        stops = choices == spans and bool(self.stops[choices - 1][row])
        return ReadPath(starts[:spans], hidden, reads_on, stops)


@scripted
def read_alone(
    table: Optional[Tensor],  # noqa: UP045 (what TorchScript understands)
    steps: Tensor,
    length: int,
    span: int,
    weights: list[Tensor],
    packed: bool,
    chooser: list[Tensor],
    pace: Tensor,
    opened: bool,
    slope: float,
    median: float,
    keep: bool,
) -> tuple[Tensor, list[int], list[float], bool, list[Tensor]]:
    """Read one text span by span and choose after each: (mean state, starts of the spans, chance of reading on at each
    choice, whether it chose to stop, states of each span). The last two lists are filled if they are to be kept.

    chooser: weights and biases of the two layers that choose; none where nothing is to be chosen. opened: whatever is
    chosen, the next span follows. Scripted, since between short spans the interpreter takes longer than the reading.
    """
    hidden = torch.zeros(1, 1, weights[3].size(0) // 4, device=weights[3].device)
    cell = hidden
    total = hidden[0]
    starts: list[int] = []
    reads_on: list[float] = []
    kept: list[Tensor] = []
    stops = False
    start = 0
    count = 0
    while start < length:
        end = min(start + span, length)
        part = steps[:, start:end]
        x = part if table is None else torch.embedding(table, part)
        read, hidden, cell = read_span(x, hidden, cell, weights, packed)
        total = total + read.sum(1)
        count += end - start
        starts.append(start)
        if keep:
            kept.append(read)
        start = end
        if end == length or len(chooser) == 0:
            continue
        passed = torch.full_like(pace, end / length)
        told = torch.cat([hidden[0], total / count, pace, passed], 1)
        look = torch.addmm(chooser[1], told, chooser[0].t()).relu_()
        chances = (slope * torch.addmm(chooser[3], look, chooser[2].t())).softmax(1)
        if keep:
            reads_on.append(float(chances[0, 0]))
        jump = int((chances.cumsum(1) < median).sum())
        if opened:
            continue
        stops = jump >= chances.size(1) - 1
        start = length if stops else end + jump * span
    return total / count, starts, reads_on, stops, kept
