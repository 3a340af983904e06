"""A large LSTM that skims: at an unimportant word a small LSTM renews only the first entries of its state.

Paper: Seo et al. 2018, "Neural Speed Reading via Skim-RNN". As there, p(read fully) = softmax(Linear([word; state])) is
one threshold at test, and the Gumbel-softmax teaches it. Differs: of the softmax over two classes only the difference
of its logits is computed, a sigmoid; the forward pass takes hard decisions in training as well (straight-through);
the penalty draws the share of the compute in a batch to a target; it answers from the mean state.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from dynviz.decisions import STEP_ACTIONS, StepUpdate
from dynviz.networks.baselines import blind_choices
from dynviz.networks.contract import Between
from dynviz.networks.recurrent import Reader, State, Steps, masked_mean, one_threshold
from dynviz.networks.repeated import Repeated
from dynviz.networks.running import running_answers
from dynviz.networks.scripted import scripted
from dynviz.networks.training_output import TrainingOutput
from dynviz.recorder import SILENT, Recorder, Setting, TrainingSignal, ragged

READ, SKIM = STEP_ACTIONS.index("update"), STEP_ACTIONS.index("skim")
SPAN = 256  # steps whose products with the input are held in memory at once
TEMPERATURE = 0.5  # of the Gumbel-softmax in the end; it starts at 1


class SkimRNN(Reader):
    """width: of the large state; small: how many of its entries skimming renews.

    The one threshold is the least p(read fully) at which a step is read fully, 0..1.
    """

    trained_at = 0.5
    candidates = Between(0.0, 0.99)

    def __init__(self, *, width: int, small: int, classes: int, **rest: Any):
        super().__init__(width=width, classes=classes, **rest)
        self.skimming = nn.Linear(self.input.width + width, 4 * small)  # input, forget, output gate; new value
        self.decision = nn.Linear(self.input.width + width, 1)
        self.width, self.small = width, small
        with torch.no_grad():
            self.skimming.bias.zero_()
            self.skimming.bias[small : 2 * small] = 1.0  # remembers from the start, as the large one does
            self.decision.bias.fill_(1.0)  # reads most at first

    def forward(
        self, x: Steps, *, setting: Setting | None = None, recorder: Recorder = SILENT
    ) -> Tensor | TrainingOutput:
        """N inputs -> (N, classes) logits; a TrainingOutput in train mode."""
        setting = setting or Setting()
        if setting.mode == "train":
            return self._train(x, setting.training)
        limits = one_threshold(setting, len(x), opened=-np.inf)
        if setting.mode == "masked":
            return self._masked(x, limits, setting.baseline, recorder)
        return torch.cat([self._skipping(x[row : row + 1], row, limits[row], recorder) for row in range(len(x))])

    def plain(self, x: Steps) -> Tensor:
        """What reading every step fully answers, through the fused kernel and without any decision."""
        return self.read_all(x)

    @property
    def glance_macs(self) -> int:
        """MACs that every step costs: the decision and the small cell, one product with [word; state]."""
        return self.skimming.weight.numel() + self.decision.weight.numel()

    def _train(self, x: Steps, signal: TrainingSignal) -> TrainingOutput:
        if not signal.budget_weight:
            return TrainingOutput(self.read_all(x))
        of_input, of_state, bias = self._weights()
        projected = F.linear(self.dropout(self.input(x.steps)).transpose(0, 1), of_input, bias)
        noise = torch.rand(x.steps.shape[1], len(x), 1, device=bias.device).clamp(1e-6, 1 - 1e-6).logit()
        temperature = 1 + (TEMPERATURE - 1) * signal.ramp

        def decide(decision: Tensor, t: int) -> tuple[Tensor, Tensor]:
            score = torch.sigmoid((decision + noise[t]) / temperature)
            return score, (score > 0.5).float() + score - score.detach()

        start = projected.new_zeros(len(x), self.width, dtype=torch.float32)
        hidden, _, read, _ = _every_step(
            projected, Repeated(of_state.to(projected.dtype)), self.small, (start, start), decide
        )
        share = (read.t() * x.mask).sum() / x.lengths.sum()
        full = self.recurrence.macs + self.glance_macs
        used = (self.glance_macs + share * self.recurrence.macs) / full
        goal = 1 + (signal.target - 1) * signal.ramp
        return TrainingOutput(
            self.answer(masked_mean(hidden.transpose(0, 1), x)), signal.budget_weight * (used - goal) ** 2
        )

    def _weights(self) -> tuple[Tensor, Tensor, Tensor]:
        """Of the large cell, the small one and the decision together: (all, in), (width, all) and bias (all,)."""
        lstm, inputs = self.recurrence.lstm, self.input.width
        of_input = torch.cat([lstm.weight_ih_l0, self.skimming.weight[:, :inputs], self.decision.weight[:, :inputs]])
        of_state = torch.cat([lstm.weight_hh_l0, self.skimming.weight[:, inputs:], self.decision.weight[:, inputs:]])
        bias = torch.cat([lstm.bias_ih_l0 + lstm.bias_hh_l0, self.skimming.bias, self.decision.bias])
        return of_input, of_state.t(), bias

    def _masked(self, x: Steps, limits: np.ndarray, baseline: str | None, recorder: Recorder) -> Tensor:
        count, length = len(x), x.steps.shape[1]
        of_input, of_state, bias = self._weights()
        product = Repeated(of_state)
        limit = torch.from_numpy(limits.copy()).to(bias)[:, None]
        chosen = torch.from_numpy(blind_choices(baseline, limits, length)).to(bias)[..., None] if baseline else None

        def decide(decision: Tensor, t: int) -> tuple[Tensor, Tensor]:
            score = torch.sigmoid(decision)
            return score, (score > limit).float() if chosen is None else chosen[a + t]

        start = bias.new_zeros(count, self.width)
        state, parts = (start, start), []
        for a in range(0, length, SPAN):
            projected = F.linear(self.input(x.steps[:, a : a + SPAN]).transpose(0, 1), of_input, bias)
            states, *decided, state = _every_step(projected, product, self.small, state, decide)
            parts.append((F.linear(states, self.answer.linear.weight).float(), *decided))
        # what each step adds to the answer, its score, and whether it was read
        said, score, read = (torch.cat(part).transpose(0, 1) for part in zip(*parts, strict=True))
        logits = (said * x.mask[..., None]).sum(dim=1) / x.lengths[:, None] + self.answer.linear.bias
        if recorder.active:
            said, score, read = (part.detach().float().cpu().numpy() for part in (said, score, read))
            read = read > 0.5
            if baseline:
                score = np.full_like(score, np.nan)
            steps = [(read[row, :end], score[row, :end], said[row, :end]) for row, end in enumerate(x.lengths.tolist())]
            self._record(recorder, range(count), steps, limits, bool(baseline))
        return logits

    def _skipping(self, x: Steps, row: int, limit: float, recorder: Recorder) -> Tensor:
        inputs, lstm = self.input.width, self.recurrence.lstm
        steps = self.input(x.steps[:, : int(x.lengths[0])])[0]
        glance = torch.cat([self.skimming.weight, self.decision.weight])
        projected = F.linear(steps, glance[:, :inputs], torch.cat([self.skimming.bias, self.decision.bias]))
        mean, scores, states = _chosen_steps(
            steps,
            projected,
            glance[:, inputs:].t(),
            lstm.weight_ih_l0.t(),
            lstm.weight_hh_l0.t(),
            (lstm.bias_ih_l0 + lstm.bias_hh_l0)[None],
            self.small,
            _logit(limit),
            recorder.active,
        )
        if recorder.active:
            said = np.stack([state.numpy()[0] for state in states]) @ self.answer.linear.weight.numpy().T
            seen = np.array(scores)
            score = 1 / (1 + np.exp(-seen))
            self._record(recorder, [row], [(seen > _logit(limit), score, said)], np.array([limit]))
        return self.answer(mean)

    def _record(
        self,
        recorder: Recorder,
        rows: range | list[int],
        steps: list[tuple[np.ndarray, np.ndarray, np.ndarray]],
        limits: np.ndarray,
        blind: bool = False,
    ) -> None:
        """steps: for each row which steps were read fully, their scores, and what each adds to the answer."""
        bias = self.answer.linear.bias.detach().cpu().numpy()
        length, full = np.array([len(read) for read, _, _ in steps]), np.array([read.sum() for read, _, _ in steps])
        glance, large = self.glance_macs, self.recurrence.macs
        if blind:  # no decision is computed, and only the cell that was chosen runs
            spent = full * large + (length - full) * self.skimming.weight.numel()
        else:
            spent = length * glance + full * large
        columns = {
            "actions": ragged([np.where(read, READ, SKIM).astype(np.int8) for read, _, _ in steps]),
            "scores": ragged([score.astype(np.float32) for _, score, _ in steps]),
            "running": ragged([running_answers(said, bias) for _, _, said in steps]),
            "choice": np.where(full < length, "skim", "read every step fully"),
            "macs": spent,
            "macs_static": length * (glance + large),
            "threshold": np.where(np.isinf(limits), np.nan, limits),
        }
        recorder.decide(StepUpdate, rows, columns=columns, unit="recurrence", rule="blind" if blind else "p(read)")
        recorder.work("answer", rows, self.answer.macs)


def _logit(probability: float) -> float:
    if probability <= 0:
        return -float("inf")
    return float("inf") if probability >= 1 else float(np.log(probability / (1 - probability)))


def _every_step(
    projected: Tensor,
    of_state: Repeated,
    small: int,
    state: State,
    decide: Callable[[Tensor, int], tuple[Tensor, Tensor]],
) -> tuple[Tensor, Tensor, Tensor, State]:
    """Both cells at every step of a batch, and of each row the result that it chose.

    projected: (T, N, all) products with the input. decide: the decision's logits (N, 1) and the step -> the scores and
    what is read, 1 or 0. Returns the states (T, N, width), scores and what was read (T, N), and the last state.
    """
    hidden, cell = state
    width = hidden.shape[1]
    states, scores, reads = [], [], []
    for t, known in enumerate(projected.unbind(0)):
        large, gates, new, decision = of_state(hidden, known).split([4 * width, 3 * small, small, 1], dim=1)
        score, read = decide(decision.float(), t)
        i, f, g, o = large.chunk(4, 1)
        full = torch.addcmul(f.sigmoid() * cell, i.sigmoid(), g.tanh())
        full_hidden = o.sigmoid() * full.tanh()
        i, f, o = gates.sigmoid().chunk(3, 1)
        part = torch.addcmul(f * cell[:, :small], i, new.tanh())
        hidden = torch.lerp(torch.cat([o * part.tanh(), hidden[:, small:]], 1), full_hidden, read)
        cell = torch.lerp(torch.cat([part, cell[:, small:]], 1), full, read)
        states.append(hidden)
        scores.append(score)
        reads.append(read)
    return torch.stack(states), torch.cat(scores, 1).t(), torch.cat(reads, 1).t(), (hidden, cell)


@scripted
def _chosen_steps(
    x: Tensor,
    projected: Tensor,
    of_state: Tensor,
    large_input: Tensor,
    large_state: Tensor,
    bias: Tensor,
    small: int,
    limit: float,
    keep: bool,
) -> tuple[Tensor, list[float], list[Tensor]]:
    """One input, only the chosen cell at each step: the mean state, the decision's logits, the states if kept."""
    length, width = x.shape[0], of_state.shape[0]
    hidden = torch.zeros(1, width, device=x.device, dtype=x.dtype)
    cell = torch.zeros_like(hidden)
    total = torch.zeros_like(hidden)
    head, cell_head = hidden[:, :small], cell[:, :small]
    scores: list[float] = []
    states: list[Tensor] = []
    words = x.split(1)
    for t, known in enumerate(projected.split(1)):
        glance = torch.addmm(known, hidden, of_state)
        score = float(glance.select(1, 4 * small))
        scores.append(score)
        if score > limit:
            gates = torch.addmm(torch.addmm(bias, words[t], large_input), hidden, large_state)
            i, f, g, o = gates.chunk(4, 1)
            cell.mul_(f.sigmoid_()).addcmul_(i.sigmoid_(), g.tanh_())
            torch.mul(o.sigmoid_(), cell.tanh(), out=hidden)
        else:
            open, g, _ = glance.split([3 * small, small, 1], 1)
            i, f, o = open.sigmoid_().chunk(3, 1)
            cell_head.mul_(f).addcmul_(i, g.tanh_())
            torch.mul(o, cell_head.tanh(), out=head)
        total.add_(hidden)
        if keep:
            states.append(hidden.clone())
    return total / length, scores, states
