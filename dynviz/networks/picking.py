"""Vision transformers that pick, from layer to layer, the tokens that go on: what their use has in common."""

from __future__ import annotations

from abc import abstractmethod

import numpy as np
from torch import Tensor

from dynviz.networks.picked import Dense, Packed, SelectionRecords, Tokens, shifted_pattern
from dynviz.networks.recurrent import one_threshold
from dynviz.networks.training_output import TrainingOutput
from dynviz.networks.vision import VisionEncoder
from dynviz.recorder import SILENT, Recorder, Setting, TrainingSignal


class PickingEncoder(VisionEncoder):
    """opened: the threshold at which every token goes on through all layers."""

    baselines = ("random", "uniform", "centre")
    opened: float

    def forward(
        self, x: Tensor, *, setting: Setting | None = None, recorder: Recorder = SILENT
    ) -> Tensor | TrainingOutput:
        """(N, 3, H, W) normalised pixels -> (N, classes) logits; a ``TrainingOutput`` in train mode."""
        setting = setting or Setting()
        if setting.mode == "train":
            if not setting.training.budget_weight:
                return TrainingOutput(self.plain(x))
            return self.taught(x, setting.training)
        if setting.baseline and setting.mode == "skipping":
            raise ValueError("decisions that do not look at the input are for the masked mode")
        limits = one_threshold(setting, len(x), opened=self.opened)
        tokens = (Packed if setting.mode == "skipping" else Dense)(self.tokens(x))
        size = (int(x.shape[2]), int(x.shape[3]))
        records = SelectionRecords(recorder, len(x), self.grid(size), "blind" if setting.baseline else self.rule)
        if recorder.active:
            for unit, macs in self.trunk_macs(size):
                recorder.work(unit, records.rows, macs)
        return self.picked(tokens, limits, setting.baseline, records, recorder)

    @abstractmethod
    def picked(
        self, tokens: Tokens, limits: np.ndarray, baseline: str | None, records: SelectionRecords, recorder: Recorder
    ) -> Tensor:
        """(N, classes) logits. limits: (N,) thresholds; in a baseline the shares of tokens that are to go on."""

    @abstractmethod
    def taught(self, x: Tensor, signal: TrainingSignal) -> TrainingOutput:
        """Who goes on is a factor, 0 or 1, of the attention that a token receives and of its part in the answer."""

    def pattern(self, x: Tensor) -> Tensor:
        """The fixed pattern that keeps neighbours apart, for each picture of a training batch: (N, T)."""
        return shifted_pattern(len(x), self.grid((int(x.shape[2]), int(x.shape[3]))), x.device)
