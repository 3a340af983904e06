"""Layers shared by the networks that read: what a step looks like, one recurrence, an answer from its mean state.

Every layer answers ``macs``, the multiply-accumulates of one step, as ``blocks`` does for pictures. Looking a word up
multiplies nothing and is not counted.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from dynviz.networks.contract import DynamicNetwork, Packable
from dynviz.networks.frames import Frames
from dynviz.networks.scripted import scripted
from dynviz.networks.words import Words
from dynviz.recorder import Setting

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
        """Word numbers (...) -> vectors (..., width). Vectors, which have been looked up already, stay as they are."""
        return ids if ids.is_floating_point() else F.embedding(ids, self.table)


class FrameValues(nn.Module):
    """The frames of a recording as they are: they were brought to a common scale when they were read."""

    def __init__(self, width: int):
        super().__init__()
        self.width = width

    def forward(self, values: Tensor) -> Tensor:
        """(..., width) -> the same."""
        return values


def looked_up(network: nn.Module, x: Words) -> Frames:
    """Texts as their word vectors, which a network in masked mode takes as well: a gradient can be taken of them."""
    table = next(part.table for part in network.modules() if isinstance(part, WordVectors))
    return Frames(F.embedding(x.ids, table), x.lengths)


def step_input(vectors: Tensor | None, channels: int) -> WordVectors | FrameValues:
    """What turns steps into vectors: the shared word vectors for texts, else frames of ``channels`` numbers."""
    return FrameValues(channels) if vectors is None else WordVectors(vectors)


class _Packed:
    """The weights of an LSTM layer in the layout of oneDNN's kernel. Without it each call arranges them anew, which for
    a span of a few steps takes three times as long as the steps.
    """

    def __init__(self) -> None:
        self.weights: list[Tensor] | None = None

    def __deepcopy__(self, memo: Any) -> _Packed:
        return self  # as constant as the weights that it was made of


class Recurrence(nn.Module, Packable):
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
        self._packed = _Packed()

    @property
    def macs(self) -> int:
        return self.lstm.weight_ih_l0.numel() + self.lstm.weight_hh_l0.numel()

    def span(self, x: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """(N, T, in_width) -> hidden states (N, T, width) and the last state."""
        carried = None if state is None else (state[0][None], state[1][None])
        weights, packed = self.kernel()
        # packed weights are for plain inference: not under autocast, on another device, or for gradients
        elsewhere = x.is_cuda or torch.is_autocast_enabled(x.device.type) or x.requires_grad
        if packed and x.dtype == torch.float32 and not elsewhere:
            hidden, cell = carried or (x.new_zeros(1, len(x), self.width),) * 2
            steps, last, cell = read_span(x, hidden, cell, weights, True)
        else:
            steps, (last, cell) = self.lstm(x, carried)
        return steps, (last[0], cell[0])

    def pack(self) -> None:
        """For inference only: arrange the weights once. Does nothing where PyTorch has no oneDNN for this processor."""
        if torch.backends.mkldnn.is_available() and not self.lstm.weight_ih_l0.is_cuda:
            weights = self.lstm.weight_ih_l0.detach(), self.lstm.weight_hh_l0.detach()
            self._packed.weights = torch.ops.mkldnn._reorder_mkldnn_rnn_layer_weight(
                *weights, self.width, False, True, False, None
            )

    def kernel(self) -> tuple[list[Tensor], bool]:
        """The weights as ``read_span`` wants them, and whether they are laid out for oneDNN."""
        lstm = self.lstm
        packed = self._packed.weights
        weights = packed or [lstm.weight_ih_l0, lstm.weight_hh_l0]
        return [*weights, lstm.bias_ih_l0, lstm.bias_hh_l0], packed is not None


@scripted
def read_span(
    x: Tensor, hidden: Tensor, cell: Tensor, weights: list[Tensor], packed: bool
) -> tuple[Tensor, Tensor, Tensor]:
    """(N, T, in_width) and the state, (1, N, width) twice -> hidden states (N, T, width) and the last state."""
    if not packed:
        return torch.lstm(x, [hidden, cell], weights, True, 1, 0.0, False, False, True)
    read, last, last_cell, _ = torch.mkldnn_rnn_layer(
        x.transpose(0, 1).contiguous(),
        weights[0],
        weights[1],
        weights[2],
        weights[3],
        hidden.contiguous(),
        cell.contiguous(),
        False,
        [],
        2,  # the number of this kind of layer among oneDNN's
        hidden.size(2),
        1,
        True,
        False,
        False,
        False,
    )
    return read.transpose(0, 1), last, last_cell


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


class Reader(DynamicNetwork):
    """The parts of every network that reads with one LSTM layer and answers from the mean of its states.

    width: of the hidden state. dropout: of the step vectors and of the mean state, in training. vectors: the shared
    word vectors, for texts; channels: numbers a step, for recordings.
    """

    def __init__(
        self, *, width: int, classes: int, dropout: float = 0.3, vectors: Tensor | None = None, channels: int = 0
    ):
        super().__init__()
        self.input = step_input(vectors, channels)
        self.dropout = nn.Dropout(dropout)
        self.recurrence = Recurrence(self.input.width, width)
        self.answer = Answer(width, classes, dropout)

    def read_all(self, x: Steps) -> Tensor:
        """What reading every step answers, through the fused kernel: N inputs -> (N, classes) logits."""
        hidden, _ = self.recurrence.span(self.dropout(self.input(x.steps)))
        return self.answer(masked_mean(hidden, x))


def one_threshold(setting: Setting, count: int, *, opened: float) -> np.ndarray:
    """(count,) the threshold of each of ``count`` inputs; ``opened``, which leaves every decision open, without any.

    Thresholds are one for all inputs or a row of one for each.
    """
    if setting.thresholds is None:
        return np.full(count, opened)
    return np.broadcast_to(np.asarray(setting.thresholds, dtype=np.float64).reshape(-1, 1), (count, 1))[:, 0]


def running_mean(hidden: Tensor) -> Tensor:
    """(N, T, width) -> for each step the mean of the hidden states up to it."""
    steps = torch.arange(1, hidden.shape[1] + 1, device=hidden.device, dtype=hidden.dtype)
    return hidden.cumsum(dim=1) / steps[:, None]


def masked_mean(hidden: Tensor, x: Steps) -> Tensor:
    """(N, T, width) -> (N, width), the mean over each input's own steps."""
    mask = x.mask[:, : hidden.shape[1], None]
    return (hidden * mask).sum(dim=1) / x.lengths[:, None].to(hidden.dtype)


def kept_steps(x: Steps, keep: Tensor) -> Steps:
    """Each input cut to the steps that ``keep`` (N, T) says, in their order; its first step is always among them."""
    keep = keep & x.mask
    keep[:, 0] = True
    lengths = keep.sum(dim=1)
    places = (~keep).to(torch.uint8).argsort(dim=1, stable=True)[:, : int(lengths.max())]
    if x.steps.dim() == 3:
        places = places[..., None].expand(-1, -1, x.steps.shape[2])
    return type(x)(x.steps.gather(1, places), lengths)
