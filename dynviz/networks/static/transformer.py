"""A transformer that spends the same on every word: the static baseline of the networks that attend.

Paper: Vaswani et al. 2017, "Attention Is All You Need", the encoder. Differs: norms first, and the answer comes from
the mean of the last layer's tokens. It sees the first 512 steps only.
"""

from __future__ import annotations

from typing import Any

from torch import Tensor

from dynviz.networks.encoder import Encoder, PooledAnswer, reached
from dynviz.networks.recurrent import Steps
from dynviz.recorder import SILENT, Recorder, Setting


class Transformer(Encoder):
    """sizes: of the ``Encoder``."""

    def __init__(self, *, width: int, classes: int, dropout: float = 0.3, **sizes: Any):
        super().__init__(width=width, dropout=dropout, **sizes)
        self.answer = PooledAnswer(width, classes, dropout)

    def forward(self, x: Steps, *, setting: Setting | None = None, recorder: Recorder = SILENT) -> Tensor:
        """N texts -> (N, classes) logits. Skipping mode computes nothing on padding."""
        if recorder.active:
            rows, lengths = range(len(x)), reached(x)
            recorder.work("embedding", rows, self.embedding.macs(lengths))
            for index, layer in enumerate(self.layers):
                recorder.work(f"layers.{index}", rows, layer.macs(lengths))
            recorder.work("answer", rows, self.answer.macs)
        return self.answer(*self.encode(x, packed=(setting or Setting()).mode == "skipping"))
