"""An LSTM that knows after each update how many steps it will skip: those are not even looked up.

Paper: Campos et al. 2018, "Skip RNN: Learning to Skip State Updates in Recurrent Neural Networks". As there, each
update emits an increment of the update probability, which accumulates until it is rounded up, trained straight through.
Differs: the increment is read off the hidden state, where theirs is read off the cell; the threshold of the rounding,
theirs is 0.5, is drawn anew for each input in training, so that it can be chosen afterwards; the penalty draws the
share of updates in a batch to a target; it answers from the mean of the states that it updated to.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from dynviz.decisions import STEP_ACTIONS, StepUpdate
from dynviz.networks.baselines import blind_choices
from dynviz.networks.contract import Between, Packable
from dynviz.networks.recurrent import (
    Reader,
    Steps,
    WordVectors,
    kept_steps,
    masked_mean,
    one_threshold,
)
from dynviz.networks.running import running_answers
from dynviz.networks.scripted import scripted
from dynviz.networks.temporal_wise.skip_training import StraightThroughSteps
from dynviz.networks.training_output import TrainingOutput
from dynviz.recorder import SILENT, Recorder, Setting, TrainingSignal, ragged

UPDATE, COPY = STEP_ACTIONS.index("update"), STEP_ACTIONS.index("copy")
ROUNDED = 0.5  # the paper's threshold, the one at which training asks for its target
SPREAD = 1.4  # training draws thresholds between exp(-SPREAD) and exp(SPREAD) times that
ARRANGED = ("of_input", "of_state", "of_bias")  # the weights as ``_weights`` gives them, once they are packed


class SkipRNN(Reader, Packable):
    """width: of the state. The one threshold is what the accumulated update probability must reach for an update."""

    trained_at = ROUNDED
    candidates = Between(0.05, 8.0)

    def __init__(self, *, width: int, classes: int, **rest: Any):
        super().__init__(width=width, classes=classes, **rest)
        self.increment = nn.Linear(width, 1)
        nn.init.normal_(self.increment.weight, std=0.01)
        nn.init.ones_(self.increment.bias)  # the paper's: at first every step is an update
        for name in ARRANGED:
            self.register_buffer(name, None, persistent=False)

    def forward(
        self, x: Steps, *, setting: Setting | None = None, recorder: Recorder = SILENT
    ) -> Tensor | TrainingOutput:
        """N inputs -> (N, classes) logits; a TrainingOutput in train mode."""
        setting = setting or Setting()
        if setting.mode == "train":
            return self._train(x, setting.training)
        limits = one_threshold(setting, len(x), opened=0.0)
        with torch.autocast(x.lengths.device.type, enabled=False):  # a count of steps must not hang on rounded numbers
            if setting.mode == "skipping":
                rows = [self._skipping(x[row : row + 1], row, limits[row], recorder) for row in range(len(x))]
                return torch.cat(rows)
            if setting.baseline:
                return self._blind(x, setting.baseline, limits, recorder)
            return self._masked(x, limits, recorder)

    def plain(self, x: Steps) -> Tensor:
        """What updating at every step answers: the same loop without its decision."""
        table, numbers = self._table(x)
        of_input, of_state, bias = self._weights()
        rows = []
        for row, end in zip(numbers.tolist(), x.lengths.tolist(), strict=True):
            mean, _, _, _ = _chosen_steps(table, row[:end], of_input, of_state[:, :-1], bias[:-1], None, False)
            rows.append(self.answer(mean))
        return torch.cat(rows)

    @property
    def step_macs(self) -> int:
        """MACs of one update: the cell and the increment read off its state."""
        return self.recurrence.macs + self.increment.weight.numel()

    def _table(self, x: Steps) -> tuple[Tensor, Tensor]:
        """Where steps are looked up, (entries, in_width), and the entry of each step, (N, T)."""
        if isinstance(self.input, WordVectors) and not x.steps.is_floating_point():
            return self.input.table, x.steps
        values = self.input(x.steps)
        entries = torch.arange(values.shape[0] * values.shape[1], device=values.device)
        return values.flatten(0, 1), entries.view(values.shape[:2])

    def pack(self) -> None:
        """For inference only: arrange the weights once, not for every text, which takes as long as a few updates."""
        for name, weights in zip(ARRANGED, self._weights(), strict=True):
            setattr(self, name, weights.detach())

    def _weights(self) -> tuple[Tensor, Tensor, Tensor]:
        """(in, 4 width) of the input; (width, 4 width + 1) of the state and (4 width + 1,) bias, the increment last.

        What the next update takes from the state and how far away it is are one product.
        """
        if self.of_input is not None:
            return self.of_input, self.of_state, self.of_bias
        lstm = self.recurrence.lstm
        of_state = torch.cat([lstm.weight_hh_l0, self.increment.weight])
        bias = torch.cat([lstm.bias_ih_l0 + lstm.bias_hh_l0, self.increment.bias])
        return lstm.weight_ih_l0.t().contiguous(), of_state.t().contiguous(), bias

    def _train(self, x: Steps, signal: TrainingSignal) -> TrainingOutput:
        if not signal.budget_weight:
            return TrainingOutput(self.read_all(x))
        lstm = self.recurrence.lstm
        steps = self.dropout(self.input(x.steps)).transpose(0, 1)
        projected = F.linear(steps, lstm.weight_ih_l0, lstm.bias_ih_l0 + lstm.bias_hh_l0)
        factor = torch.exp(SPREAD * signal.ramp * (2 * torch.rand(len(x), 1, device=projected.device) - 1))
        with torch.autocast(projected.device.type, enabled=False):
            hidden, updates = StraightThroughSteps.apply(
                projected, lstm.weight_hh_l0, self.increment.weight, self.increment.bias, 1 / factor
            )
        updates = updates.t() * x.mask  # (N, T)
        count = updates.sum(dim=1)
        mean = torch.einsum("tnw,nt->nw", hidden, updates) / count[:, None]
        goal = 1 + (signal.target - 1) * signal.ramp
        wanted = (goal / factor[:, 0]).clamp(max=1.0).mean()
        penalty = signal.budget_weight * ((count / x.lengths).mean() - wanted) ** 2
        return TrainingOutput(self.answer(mean), penalty)

    def _masked(self, x: Steps, limits: np.ndarray, recorder: Recorder) -> Tensor:
        table, numbers = self._table(x)
        limit = torch.from_numpy(np.array(limits)).to(table.device)
        total, places, increments, said = _in_step(
            table, numbers, x.lengths, *self._weights(), self.answer.linear.weight, limit
        )
        places = torch.stack(places, dim=1).cpu().numpy()  # (N, updates)
        ran = places < x.lengths.cpu().numpy()[:, None]
        counts = ran.sum(axis=1)
        if recorder.active:
            increment = torch.stack(increments, dim=1).detach().cpu().numpy()
            said = torch.stack(said, dim=1).detach().cpu().numpy()
            steps = [(places[i, :n], increment[i, :n], said[i, :n]) for i, n in enumerate(counts)]
            self._record(recorder, range(len(x)), x.lengths.tolist(), steps, limits)
        return self.answer(total / torch.from_numpy(counts).to(total)[:, None])

    def _blind(self, x: Steps, baseline: str, shares: np.ndarray, recorder: Recorder) -> Tensor:
        keep = torch.from_numpy(blind_choices(baseline, shares, x.steps.shape[1]).T.copy()).to(x.lengths.device)
        read = kept_steps(x, keep)
        hidden, _ = self.recurrence.span(self.input(read.steps))
        if recorder.active:
            said = F.linear(hidden, self.answer.linear.weight).detach().float().cpu().numpy()
            keep[:, 0] = True
            steps = []
            for row, (kept, end) in enumerate(zip(keep.cpu().numpy(), x.lengths.tolist(), strict=True)):
                places = np.flatnonzero(kept[:end])
                steps.append((places, np.full(len(places), np.nan), said[row, : len(places)]))
            self._record(recorder, range(len(x)), x.lengths.tolist(), steps, shares, blind=True)
        return self.answer(masked_mean(hidden, read))

    def _skipping(self, x: Steps, row: int, limit: float, recorder: Recorder) -> Tensor:
        table, numbers = self._table(x)
        entries = numbers[0, : int(x.lengths[0])].tolist()
        mean, places, increments, states = _chosen_steps(table, entries, *self._weights(), limit, recorder.active)
        if recorder.active:
            said = torch.cat(states).cpu().numpy() @ self.answer.linear.weight.detach().cpu().numpy().T
            steps = [(np.array(places), np.array(increments), said)]
            self._record(recorder, [row], [len(entries)], steps, np.array([limit]))
        return self.answer(mean)

    def _record(
        self,
        recorder: Recorder,
        rows: range | list[int],
        lengths: list[int],
        steps: list[tuple[np.ndarray, np.ndarray, np.ndarray]],
        limits: np.ndarray,
        blind: bool = False,
    ) -> None:
        """steps: of each row where it updated, the increments emitted there and what each update adds to the answer."""
        bias = self.answer.linear.bias.detach().cpu().numpy()
        actions, scores, running = [], [], []
        for (places, increments, said), length in zip(steps, lengths, strict=True):
            action = np.full(length, COPY, dtype=np.int8)
            action[places] = UPDATE
            last = np.cumsum(action == UPDATE) - 1  # at each step the number of its latest update
            before = np.concatenate([[0], last[:-1]])  # the update whose increments have accumulated at a step
            score = (np.arange(length) - places[before]) * increments[before]
            score[0] = 1.0  # the paper's: the first step is an update
            actions.append(action)
            scores.append(score.astype(np.float32))
            running.append(running_answers(said, bias)[last])
        total, read = np.array(lengths), np.array([len(places) for places, _, _ in steps])
        columns = {
            "actions": ragged(actions),
            "scores": ragged(scores),
            "running": ragged(running),
            "choice": np.where(read < total, "skip", "update at every step"),
            "macs": read * (self.recurrence.macs if blind else self.step_macs),
            "macs_static": total * self.step_macs,
            "threshold": np.where(limits > 0, limits, np.nan),
        }
        rule = "blind" if blind else "accumulated update probability"
        recorder.decide(StepUpdate, rows, columns=columns, unit="recurrence", rule=rule)
        recorder.work("answer", rows, self.answer.macs)


def _in_step(
    table: Tensor,
    numbers: Tensor,
    lengths: Tensor,
    of_input: Tensor,
    of_state: Tensor,
    bias: Tensor,
    answer: Tensor,
    limit: Tensor,
) -> tuple[Tensor, list[Tensor], list[Tensor], list[Tensor]]:
    """A batch, update by update, each row at its own place in its input, until the last row is through.

    Returns the sum of each row's states and, of every update, its place (N,), beyond the end where a row was through;
    its increment (N,); and what it adds to the answer (N, classes).
    """
    gates4 = bias.shape[0] - 1
    end = numbers.shape[1] - 1
    place = torch.zeros_like(lengths)
    from_state = bias.expand(place.shape[0], -1)
    cell = torch.zeros(place.shape[0], of_state.shape[0], device=bias.device)
    total = torch.zeros_like(cell)
    places: list[Tensor] = []
    increments: list[Tensor] = []
    said: list[Tensor] = []
    running = place < lengths
    while bool(running.any()):
        entry = numbers.gather(1, place.clamp(max=end).unsqueeze(1)).squeeze(1)
        i, f, g, o = torch.addmm(from_state[:, :gates4], table[entry], of_input).chunk(4, 1)
        cell = torch.sigmoid(f) * cell + torch.sigmoid(i) * torch.tanh(g)
        hidden = torch.sigmoid(o) * torch.tanh(cell)
        total = total + hidden * running.unsqueeze(1)
        from_state = torch.addmm(bias, hidden, of_state)
        increment = torch.sigmoid(from_state[:, gates4].double())
        places.append(place)
        increments.append(increment)
        said.append(F.linear(hidden, answer))
        away = torch.ceil(limit / increment).clamp(min=1.0, max=float(end + 1))
        place = place + away.long()
        running = place < lengths
    return total, places, increments, said


@scripted
def _chosen_steps(
    table: Tensor,
    entries: list[int],
    of_input: Tensor,
    of_state: Tensor,
    bias: Tensor,
    limit: float | None,
    keep: bool,
) -> tuple[Tensor, list[int], list[float], list[Tensor]]:
    """One input, its updates only: the mean state, their places and increments, and the states if they are kept.

    limit: None where no decision is computed.
    """
    gates4 = of_input.shape[1]
    cell = torch.zeros(1, of_state.shape[0], device=bias.device)
    total = torch.zeros_like(cell)
    from_state = bias.unsqueeze(0)
    places: list[int] = []
    increments: list[float] = []
    states: list[Tensor] = []
    t = 0
    while t < len(entries):
        gates = torch.addmm(from_state[:, :gates4], table[entries[t]].unsqueeze(0), of_input)
        i, f, g, o = gates.unsafe_chunk(4, 1)
        cell = torch.addcmul(f.sigmoid_() * cell, i.sigmoid_(), g.tanh_())
        hidden = o.sigmoid_() * cell.tanh()
        total += hidden
        places.append(t)
        if keep:
            states.append(hidden)
        from_state = torch.addmm(bias, hidden, of_state)
        if limit is None:
            t += 1
        else:
            increment = 1 / (1 + math.exp(-float(from_state[0, gates4])))
            increments.append(increment)
            t += max(1, int(min(math.ceil(limit / increment), len(entries))))
    return total / len(places), places, increments, states
