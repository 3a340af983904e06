"""An LSTM that reads every word: the static baseline of the recurrent readers.

Paper: Hochreiter & Schmidhuber 1997, "Long Short-Term Memory". Differs: it answers from the mean of its hidden states,
which on long texts beats the last state.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from dynviz.networks.contract import DynamicNetwork
from dynviz.networks.recurrent import Answer, Recurrence, Steps, masked_mean, step_input
from dynviz.recorder import SILENT, Recorder, Setting


class LSTMReader(DynamicNetwork):
    """width: of the hidden state. dropout: of the word vectors and of the mean state, in training."""

    def __init__(
        self, *, width: int, classes: int, dropout: float = 0.3, vectors: Tensor | None = None, channels: int = 0
    ):
        super().__init__()
        self.input = step_input(vectors, channels)
        self.dropout = nn.Dropout(dropout)
        self.recurrence = Recurrence(self.input.width, width)
        self.answer = Answer(width, classes, dropout)

    def forward(self, x: Steps, *, setting: Setting | None = None, recorder: Recorder = SILENT) -> Tensor:
        """N texts -> (N, classes) logits. Skipping mode reads each text to its end and not a step further."""
        setting = setting or Setting()
        if recorder.active:
            recorder.work("recurrence", range(len(x)), x.lengths.numpy() * self.recurrence.macs)
            recorder.work("answer", range(len(x)), self.answer.macs)
        if setting.mode == "skipping" and len(x) > 1:
            return torch.cat([self._read(x[row : row + 1]) for row in range(len(x))])
        return self._read(x)

    def _read(self, x: Steps) -> Tensor:
        hidden, _ = self.recurrence.span(self.dropout(self.input(x.steps)))
        return self.answer(masked_mean(hidden, x))
