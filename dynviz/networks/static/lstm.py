"""An LSTM that reads every word: the static baseline of the recurrent readers.

Paper: Hochreiter & Schmidhuber 1997, "Long Short-Term Memory". Differs: it answers from the mean of its hidden states,
which on long texts beats the last state.
"""

from __future__ import annotations

import torch
from torch import Tensor

from dynviz.networks.recurrent import Reader, Steps
from dynviz.recorder import SILENT, Recorder, Setting


class LSTMReader(Reader):
    """Every step is read. The parts are those of every ``Reader``."""

    def forward(self, x: Steps, *, setting: Setting | None = None, recorder: Recorder = SILENT) -> Tensor:
        """N texts -> (N, classes) logits. Skipping mode reads each text to its end and not a step further."""
        setting = setting or Setting()
        if recorder.active:
            recorder.work("recurrence", range(len(x)), x.lengths.numpy() * self.recurrence.macs)
            recorder.work("answer", range(len(x)), self.answer.macs)
        if setting.mode == "skipping" and len(x) > 1:
            return torch.cat([self.read_all(x[row : row + 1]) for row in range(len(x))])
        return self.read_all(x)
