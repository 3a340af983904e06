"""An LSTM that stops reading once it is sure.

Papers: Huang et al. 2017, "Length Adaptive Recurrent Model for Text Classification", and Liu et al. 2018, "Jumping and
Stopping", stop by a learnt agent; here the running answer's own confidence decides, as in the exits of Huang et al.
2018, after every few words, and the threshold is calibrated on the validation split as theirs are.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from dynviz.decisions import STEP_ACTIONS, StepUpdate
from dynviz.networks.recurrent import (
    Reader,
    Steps,
    WordVectors,
    read_span,
    running_mean,
)
from dynviz.recorder import SILENT, Recorder, Setting, ragged

UPDATE, STOP = STEP_ACTIONS.index("update"), STEP_ACTIONS.index("stop")


class EarlyReader(Reader):
    """stride: words between two looks at the running answer. The one threshold is its top confidence, 0..1."""

    rule = "confidence"
    single_pass_sweep = True  # the threshold changes no state, so one full pass serves every operating point

    def __init__(self, *, width: int, classes: int, stride: int = 8, **rest: Any):
        super().__init__(width=width, classes=classes, **rest)
        self.stride = stride

    def forward(self, x: Steps, *, setting: Setting | None = None, recorder: Recorder = SILENT) -> Tensor:
        """N texts -> (N, classes) logits where each reading stopped; (looks, N, classes) in train mode."""
        setting = setting or Setting()
        if setting.mode == "train":
            return self._every_look(x).transpose(0, 1)
        limits = np.full((1, 1), np.inf)
        if setting.thresholds is not None:
            limits = np.asarray(setting.thresholds, dtype=np.float64).reshape(-1, 1)
        if setting.mode == "masked":
            return self._masked(x, limits[:, 0], recorder)
        limits = np.broadcast_to(limits, (len(x), 1))[:, 0]
        return torch.cat([self._skipping(x[row : row + 1], row, limits[row], recorder) for row in range(len(x))])

    def plain(self, x: Steps) -> Tensor:
        """What reading to the end answers, without looking at the answer on the way."""
        return self.read_all(x)

    def outcomes(self, x: Steps) -> tuple[np.ndarray, np.ndarray]:
        """What stopping at each look would answer, (N, looks, classes) probabilities, and cost, (N, looks) MACs.

        Beyond a text's end its last look stands again.
        """
        probabilities = self._every_look(x).float().softmax(dim=2).cpu().numpy()
        ends, lengths = np.array(self.looks(x.steps.shape[1])), x.lengths.numpy()[:, None]
        looked = np.minimum(np.arange(1, len(ends) + 1), -(-lengths // self.stride))
        return probabilities, np.minimum(ends, lengths) * self.recurrence.macs + looked * self.answer.macs

    def looks(self, length: int) -> list[int]:
        """After how many words the answer is looked at; the last is the end of the text."""
        return [*range(self.stride, length, self.stride), length]

    def _every_look(self, x: Steps) -> Tensor:
        """(N, looks, classes): beyond a text's end its last answer again."""
        hidden, _ = self.recurrence.span(self.dropout(self.input(x.steps)))
        means = running_mean(hidden)
        ends = torch.tensor(self.looks(x.steps.shape[1]), device=means.device)
        at = torch.minimum(ends[None], x.lengths[:, None]) - 1
        return self.answer(means[torch.arange(len(x), device=means.device)[:, None], at])

    def _masked(self, x: Steps, limits: np.ndarray, recorder: Recorder) -> Tensor:
        logits = self._every_look(x)
        probabilities = logits.detach().float().softmax(dim=2).cpu().numpy()
        count = max(len(x), len(limits))
        answers = []
        for row in range(count):
            text, limit = row % len(x), limits[row % len(limits)]
            ends = self.looks(int(x.lengths[text]))
            sure = probabilities[text, : len(ends)].max(axis=1) >= limit
            sure[-1] = True
            stop = int(sure.argmax())
            answers.append(logits[text, stop])
            self._record(recorder, row, ends, probabilities[text], stop, limit)
        return torch.stack(answers)

    def _skipping(self, x: Steps, row: int, limit: float, recorder: Recorder) -> Tensor:
        table = self.input.table if isinstance(self.input, WordVectors) else None
        ends = self.looks(int(x.lengths[0]))
        answer = self.answer.linear
        logits, seen = _read_until_sure(
            table, x.steps, ends, *self.recurrence.kernel(), answer.weight, answer.bias, float(limit)
        )
        if recorder.active:
            self._record(recorder, row, ends, torch.cat(seen).softmax(dim=1).numpy(), len(seen) - 1, limit)
        return logits

    def _record(
        self, recorder: Recorder, row: int, ends: list[int], probabilities: np.ndarray, stop: int, limit: float
    ) -> None:
        if not recorder.active:
            return
        length, read = ends[-1], ends[stop]
        look_of_step = np.minimum(np.searchsorted(ends, np.arange(length), side="right"), stop)
        actions = np.full(length, UPDATE, dtype=np.int8)
        if read < length:
            actions[read - 1 :] = STOP
        running = probabilities[look_of_step].astype(np.float32)
        step, look = self.recurrence.macs, self.answer.macs
        columns = {
            "actions": ragged([actions]),
            "running": ragged([running]),
            "scores": ragged([running.max(axis=1)]),
            "choice": np.array(["stop" if read < length else "read to the end"]),
            "macs": np.array([read * step + (stop + 1) * look]),
            "macs_static": np.array([length * step + len(ends) * look]),
            "threshold": np.array([np.nan if np.isinf(limit) else limit]),
            "score": np.array([float(running[read - 1].max())]),
        }
        recorder.decide(StepUpdate, [row], columns=columns, unit="recurrence", rule="confidence")


def _read_until_sure(
    table: Tensor | None,
    steps: Tensor,
    ends: list[int],
    weights: list[Tensor],
    packed: bool,
    answer: Tensor,
    bias: Tensor,
    limit: float,
) -> tuple[Tensor, list[Tensor]]:
    """Read one input span by span, look after each, stop once sure: (the last logits, those of every look)."""
    hidden = torch.zeros(1, 1, answer.size(1), device=answer.device)
    cell = hidden
    total = torch.zeros(1, answer.size(1), device=answer.device)
    seen: list[Tensor] = []
    start = 0
    for end in ends:
        span = steps[:, start:end]
        x = span if table is None else torch.embedding(table, span)
        read, hidden, cell = read_span(x, hidden, cell, weights, packed)
        total = total + read.sum(1)
        logits = torch.addmm(bias, total / end, answer.t())
        seen.append(logits)
        if float(torch.softmax(logits, 1).max()) >= limit:
            break
        start = end
    return seen[-1], seen
