"""Layers shared by the networks that read: what a step looks like, one recurrence, an answer from its mean state.

Every layer answers ``macs``, the multiply-accumulates of one step, as ``blocks`` does for pictures. Looking a word up
multiplies nothing and is not counted.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from dynviz.networks.frames import Frames
from dynviz.networks.words import Words

Steps = Words | Frames  # what is read: a batch of texts or of recordings
State = tuple[Tensor, Tensor]  # hidden and cell, (N, width) each


class WordVectors(nn.Module):
    """The shared table of word vectors: frozen, held once in memory, and not part of a network's own weights."""

    table: Tensor

    def __init__(self, vectors: Tensor):
        super().__init__()
        self.register_buffer("table", vectors, persistent=False)

    @property
    def width(self) -> int:
        return self.table.shape[1]

    def forward(self, ids: Tensor) -> Tensor:
        """Word numbers (...) -> vectors (..., width)."""
        return F.embedding(ids, self.table)


class FrameValues(nn.Module):
    """The frames of a recording as they are: they were brought to a common scale when they were read."""

    def __init__(self, width: int):
        super().__init__()
        self.width = width

    def forward(self, values: Tensor) -> Tensor:
        """(..., width) -> the same."""
        return values


def step_input(vectors: Tensor | None, channels: int) -> WordVectors | FrameValues:
    """What turns steps into vectors: the shared word vectors for texts, else frames of ``channels`` numbers."""
    return FrameValues(channels) if vectors is None else WordVectors(vectors)


class Recurrence(nn.Module):
    """One LSTM layer (Hochreiter & Schmidhuber 1997): whole spans through the fused kernel, or step by step."""

    def __init__(self, in_width: int, width: int):
        super().__init__()
        self.lstm = nn.LSTM(in_width, width, batch_first=True)
        self.width = width
        nn.init.orthogonal_(self.lstm.weight_hh_l0)
        with torch.no_grad():
            self.lstm.bias_ih_l0.zero_()
            self.lstm.bias_hh_l0.zero_()
            self.lstm.bias_ih_l0[width : 2 * width] = 1.0  # remembers from the start (Jozefowicz et al. 2015)

    @property
    def macs(self) -> int:
        return self.lstm.weight_ih_l0.numel() + self.lstm.weight_hh_l0.numel()

    def span(self, x: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """(N, T, in_width) -> hidden states (N, T, width) and the last state."""
        carried = None if state is None else (state[0][None], state[1][None])
        hidden, (last, cell) = self.lstm(x, carried)
        return hidden, (last[0], cell[0])


class Answer(nn.Module):
    """Classifier on the mean of the hidden states of the steps that were read."""

    def __init__(self, width: int, classes: int, dropout: float = 0.0):
        super().__init__()
        self.dropout = nn.Dropout(dropout)
        self.linear = nn.Linear(width, classes)

    @property
    def macs(self) -> int:
        return self.linear.weight.numel()

    def forward(self, mean: Tensor) -> Tensor:
        """(..., width) -> logits (..., classes)."""
        return self.linear(self.dropout(mean))


def running_mean(hidden: Tensor) -> Tensor:
    """(N, T, width) -> for each step the mean of the hidden states up to it."""
    steps = torch.arange(1, hidden.shape[1] + 1, device=hidden.device, dtype=hidden.dtype)
    return hidden.cumsum(dim=1) / steps[:, None]


def masked_mean(hidden: Tensor, x: Steps) -> Tensor:
    """(N, T, width) -> (N, width), the mean over each input's own steps."""
    mask = x.mask[:, : hidden.shape[1], None]
    return (hidden * mask).sum(dim=1) / x.lengths[:, None].to(hidden.dtype)
