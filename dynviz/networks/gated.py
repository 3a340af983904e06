"""What networks have in common whose gates are held against one threshold and are trained at all budgets at once."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

import numpy as np
from torch import Tensor

from dynviz.networks.contract import Between, DynamicNetwork
from dynviz.networks.recurrent import one_threshold
from dynviz.networks.training_output import TrainingOutput
from dynviz.recorder import SILENT, Recorder, Setting, TrainingSignal


class GatedNetwork(DynamicNetwork):
    """The one threshold shifts the logits of all gates, as training does (``networks.gates``).

    opened: the threshold that leaves every decision open. A network that is a ``ResidualNetwork`` too names this first.
    """

    opened: float = -np.inf
    batched_skipping = True
    candidates = Between(-8.0, 8.0)
    trained_at = 0.0  # no shift: half of the decisions are asked for there

    def forward(
        self, x: Any, *, setting: Setting | None = None, recorder: Recorder = SILENT
    ) -> Tensor | TrainingOutput:
        """(N, 3, H, W) normalised pixels -> (N, classes) logits; a ``TrainingOutput`` in train mode."""
        setting = setting or Setting()
        if setting.mode != "train":
            return self._answer(x, setting, one_threshold(setting, len(x), opened=self.opened), recorder)
        if setting.training.budget_weight or setting.training.reinforce:
            return self._train(x, setting.training)
        return TrainingOutput(self.plain(x))  # still warming up

    @abstractmethod
    def _answer(self, x: Any, setting: Setting, limits: np.ndarray, recorder: Recorder) -> Tensor:
        """The logits in masked or skipping mode. limits: (N,) the threshold of each input."""

    @abstractmethod
    def _train(self, x: Any, signal: TrainingSignal) -> TrainingOutput:
        """The logits, and the penalty for spending other than was asked for."""
