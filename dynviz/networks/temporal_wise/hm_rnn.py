"""Layers that find the boundaries of their own units: the layer above moves on only where the one below ends a unit.

Paper: Chung et al. 2017, "Hierarchical Multiscale Recurrent Neural Networks". Each layer but the top one emits a
boundary z, a hard sigmoid made 0 or 1 (straight-through, slope annealed from 1 to 5). Where the layer below ended a
unit, a layer UPDATEs, else it COPIES its state and nothing of it is computed; after a boundary of its own it FLUSHes:
it forgets, with the state of the layer above for its context. Differs: it reads words and answers from the mean of all
layers' states; upper layers are the wider ones, so that copying saves; in training each text has a boundary threshold
of its own, so that one network serves many; some texts have every step open, where nothing is flushed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from dynviz.decisions import STEP_ACTIONS, StepUpdate
from dynviz.networks.baselines import blind_choices
from dynviz.networks.contract import Between, DynamicNetwork
from dynviz.networks.recurrent import Answer, Steps, masked_mean, one_threshold, step_input
from dynviz.networks.repeated import Repeated
from dynviz.networks.running import running_answers
from dynviz.networks.temporal_wise.moving_layers import moving_layers
from dynviz.networks.training_output import TrainingOutput
from dynviz.recorder import SILENT, Recorder, Setting, TrainingSignal, ragged

UPDATE, COPY, FLUSH = (STEP_ACTIONS.index(name) for name in ("update", "copy", "flush"))
SPAN = 256  # steps whose products with the input are held in memory at once
STEEPEST = 5.0  # slope of the hard sigmoid at the end of the training
THRESHOLDS = (0.3, 0.7)  # those of the texts in training lie between these
OPEN_SHARE = 0.15  # of the texts in training that have every step open to the end

State = tuple[tuple[Tensor, ...], tuple[Tensor, ...], tuple[Tensor, ...]]  # hidden, cell and boundary of each layer
# layer, its boundary's value before the sigmoid (N, 1), the step, whether it ran (N, 1) -> score and boundary (N, 1)
Decide = Callable[[int, Tensor, int, Tensor], tuple[Tensor, Tensor]]


class Layer(nn.Module):
    """One product with [below; own; above] makes gates (input, forget, output), the new value, and a boundary."""

    def __init__(self, below: int, width: int, above: int):
        super().__init__()
        self.parts, self.width, self.ends = (below, width, above), width, above > 0
        self.linear = nn.Linear(sum(self.parts), 4 * width + self.ends)
        with torch.no_grad():
            self.linear.bias.zero_()
            self.linear.bias[width : 2 * width] = 1.0  # remembers from the start
            self.linear.bias[4 * width :] = 1.0  # every step ends a unit at first

    def macs(self, decides: bool = True) -> tuple[int, int, int]:
        """Of the products with the state below, its own and the one above; with or without its boundary's."""
        return tuple((4 * self.width + (self.ends and decides)) * part for part in self.parts)

    def weights(self) -> tuple[Tensor, ...]:
        """For the state below, its own, and the one above: (in, out) each."""
        return tuple(part.t() for part in self.linear.weight.split(self.parts, dim=1))


class HMRNN(DynamicNetwork):
    """widths: of the layers' states, lowest first. The one threshold is the boundary's, on its hard sigmoid, 0..1."""

    trained_at = 0.5
    candidates = Between(0.05, 0.95)

    def __init__(
        self,
        *,
        widths: Sequence[int],
        classes: int,
        dropout: float = 0.3,
        vectors: Tensor | None = None,
        channels: int = 0,
    ):
        super().__init__()
        self.input = step_input(vectors, channels)
        self.dropout = nn.Dropout(dropout)
        around = [self.input.width, *widths, 0]
        self.layers = nn.ModuleList(Layer(*around[i : i + 3]) for i in range(len(widths)))
        self.answer = Answer(sum(widths), classes, dropout)
        self.widths = tuple(widths)

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
        """What updating every layer at every step answers, without any boundary computed."""
        return torch.cat([self._alone(x[row : row + 1], -np.inf, decides=False)[0] for row in range(len(x))])

    def _train(self, x: Steps, signal: TrainingSignal) -> TrainingOutput:
        decides = signal.budget_weight > 0
        ramp = signal.ramp if decides else 0.0
        slope = 1 + (STEEPEST - 1) * (signal.learned if decides else 0.0)
        device = self.answer.linear.weight.device
        limits = torch.empty(len(x), 1, device=device).uniform_(*THRESHOLDS)
        closed = torch.rand(len(x), 1, device=device) > (OPEN_SHARE if decides else 1.0)

        def decide(_: int, value: Tensor, t: int, ran: Tensor) -> tuple[Tensor, Tensor]:
            score = (0.5 + slope * ((value + 1) / 2 - limits)).clamp(0, 1)
            z = ran * ((score > 0.5).float() + score - score.detach())
            return score, torch.where(closed, z, 1.0)

        projected = self._projected(self.dropout(self.input(x.steps)))
        products = [Repeated(part.to(projected.dtype)) for part in self._of_states()]
        start = self._start(len(x), ~closed)
        states, _, ends, _ = self._every_step(projected, products, start, closed * ramp, decide)
        logits = self.answer(masked_mean(states.transpose(0, 1), x))
        if not decides:
            return TrainingOutput(logits)
        counted = (x.mask & closed).t()
        used = self._share(ends, counted) / counted.sum().clamp(min=1)
        goal = 1 + (signal.target - 1) * ramp
        return TrainingOutput(logits, signal.budget_weight * (used - goal) ** 2)

    def _share(self, ends: Tensor, counted: Tensor) -> Tensor:
        """Differentiable: the share of all layers' MACs that is spent, summed over the steps ``counted`` (T, N)."""
        below, spent, full = torch.ones_like(ends[0]), 0.0, 0
        before = torch.cat([torch.zeros_like(ends[:, :1]), ends[:, :-1]], dim=1)
        for i, layer in enumerate(self.layers):
            of_below, of_own, of_above = layer.macs()
            ended = before[i] if layer.ends else torch.zeros_like(below)
            runs = 1 - (1 - below) * (1 - ended)
            spent = spent + below * of_below + runs * of_own + ended * of_above
            full += of_below + of_own + of_above
            below = ends[i] if layer.ends else below
        return (spent * counted).sum() / full

    def _of_states(self) -> list[Tensor]:
        """Each layer's weights for all that depends on states: (in, out)."""
        return [layer.linear.weight[:, layer.parts[0] * (i == 0) :].t() for i, layer in enumerate(self.layers)]

    def _projected(self, x: Tensor) -> Tensor:
        """(N, T, in) -> (T, N, out), what the lowest layer makes of its input."""
        lowest = self.layers[0]
        return F.linear(x.transpose(0, 1), lowest.linear.weight[:, : lowest.parts[0]], lowest.linear.bias)

    def _start(self, count: int, opened: Tensor) -> State:
        like = self.answer.linear.weight
        zeros = tuple(like.new_zeros(count, width) for width in self.widths)
        return zeros, zeros, tuple(opened.to(like.dtype) for _ in self.widths[1:])

    def _every_step(
        self, projected: Tensor, products: list[Repeated], state: State, flush: Tensor, decide: Decide
    ) -> tuple[Tensor, Tensor, Tensor, State]:
        """Every layer at every step of a batch, kept where it runs.

        flush: (N, 1), how much of its memory a layer loses after a boundary. Returns all layers' states
        (T, N, widths), scores and boundaries (layers - 1, T, N), and the last state.
        """
        hidden, cell, ended = (list(part) for part in state)
        biases = [layer.linear.bias.to(projected.dtype) for layer in self.layers]
        states, scores, ends = [], [[] for _ in ended], [[] for _ in ended]
        for t, known in enumerate(projected.unbind(0)):
            for i, layer in enumerate(self.layers):
                above = [ended[i] * hidden[i + 1]] if layer.ends else []
                if i == 0:
                    gates = products[0](torch.cat([hidden[0], *above], 1), known)
                else:
                    below = ended[i - 1] * hidden[i - 1]  # the layer below is a step ahead
                    gates = products[i](torch.cat([below, hidden[i], *above], 1), biases[i].expand(len(known), -1))
                width = layer.width
                gate, new, value = gates.split([3 * width, width, int(layer.ends)], dim=1)
                put, keep, out = gate.sigmoid().chunk(3, 1)
                kept = keep * cell[i]
                if layer.ends:
                    kept = kept * (1 - flush * ended[i])
                fresh = torch.addcmul(kept, put, new.tanh())
                shown = out * fresh.tanh()
                if i == 0:
                    runs = torch.ones_like(flush)
                    cell[i], hidden[i] = fresh, shown
                else:
                    runs = ended[i - 1]
                    if layer.ends:
                        runs = 1 - (1 - runs) * (1 - ended[i])
                    cell[i], hidden[i] = torch.lerp(cell[i], fresh, runs), torch.lerp(hidden[i], shown, runs)
                if layer.ends:
                    score, ended[i] = decide(i, value.float(), t, runs)
                    scores[i].append(score)
                    ends[i].append(ended[i])
            states.append(torch.cat(hidden, 1))
        found = (torch.stack([torch.cat(part, 1).t() for part in each]) for each in (scores, ends))
        return torch.stack(states), *found, (tuple(hidden), tuple(cell), tuple(ended))

    def _masked(self, x: Steps, limits: np.ndarray, baseline: str | None, recorder: Recorder) -> Tensor:
        length = x.steps.shape[1]
        like = self.answer.linear.weight
        limit = torch.from_numpy(limits.copy()).to(like)[:, None]
        opened = torch.isinf(limit) & (limit < 0)
        chosen = (
            [torch.from_numpy(part).to(like) for part in self._blind(baseline, limits, length)] if baseline else None
        )

        def decide(layer: int, value: Tensor, t: int, ran: Tensor) -> tuple[Tensor, Tensor]:
            score = hard_sigmoid(value)
            z = (score > limit).float() if chosen is None else chosen[layer][a + t, :, None]
            return score, ran * z

        state, products, parts = self._start(len(x), opened), [Repeated(part) for part in self._of_states()], []
        flush = (~opened).to(like)
        for a in range(0, length, SPAN):
            projected = self._projected(self.input(x.steps[:, a : a + SPAN]))
            states, scores, ends, state = self._every_step(projected, products, state, flush, decide)
            said = F.linear(states, like).float()
            parts.append((said.transpose(0, 1), scores.permute(2, 1, 0), ends.permute(2, 1, 0)))
        said, scores, ends = (torch.cat(part, dim=1) for part in zip(*parts, strict=True))
        logits = (said * x.mask[..., None]).sum(dim=1) / x.lengths[:, None] + self.answer.linear.bias
        if recorder.active:
            said, scores, ends = (part.detach().float().cpu().numpy() for part in (said, scores, ends))
            steps = [(said[row, :n], scores[row, :n], ends[row, :n] > 0.5) for row, n in enumerate(x.lengths.tolist())]
            self._record(recorder, range(len(x)), steps, limits, bool(baseline))
        return logits

    def _blind(self, baseline: str, shares: np.ndarray, length: int) -> list[np.ndarray]:
        """(T, N) for each layer with a boundary: the share of the steps at which the layer below ended a unit."""
        found = [np.ones((length, len(shares)), dtype=bool)]
        for seed in range(1, len(self.widths)):
            which = np.maximum(found[-1].cumsum(axis=0) - 1, 0)
            drawn = blind_choices(baseline, shares, length, seed)
            found.append(found[-1] & np.take_along_axis(drawn, which, axis=0))
        return found[1:]

    def _skipping(self, x: Steps, row: int, limit: float, recorder: Recorder) -> Tensor:
        logits, scores, states = self._alone(x, limit, keep=recorder.active)
        if recorder.active:
            said = np.stack([state.numpy()[0] for state in states]) @ self.answer.linear.weight.numpy().T
            seen = np.array(scores, dtype=np.float32).reshape(len(said), -1)
            ends = seen > limit if limit > -np.inf else np.ones_like(seen, dtype=bool)
            self._record(recorder, [row], [(said, seen, ends)], np.array([limit]))
        return logits

    def _alone(
        self, x: Steps, limit: float, *, decides: bool = True, keep: bool = False
    ) -> tuple[Tensor, list[float], list[Tensor]]:
        """One input, only the layers that move: logits, the boundaries' scores step by step, and the states if kept."""
        steps = self.input(x.steps[:, : int(x.lengths[0])])[0]
        outs = [4 * layer.width + (layer.ends and decides) for layer in self.layers]
        below, own, above = (
            [part[:, :out] for part, out in zip(parts, outs, strict=True)]
            for parts in zip(*(layer.weights() for layer in self.layers), strict=True)
        )
        biases = [layer.linear.bias[None, :out] for layer, out in zip(self.layers, outs, strict=True)]
        mean, scores, states = moving_layers(
            torch.addmm(biases[0], steps, below[0]), below, own, above, biases, float(limit), decides, keep
        )
        return self.answer(mean), scores, states

    def _record(
        self,
        recorder: Recorder,
        rows: range | list[int],
        steps: list[tuple[np.ndarray, np.ndarray, np.ndarray]],
        limits: np.ndarray,
        blind: bool = False,
    ) -> None:
        """steps: for each row what each step adds to the answer, its boundaries' scores and values (T, layers - 1)."""
        bias, opened = self.answer.linear.bias.detach().cpu().numpy(), np.isinf(limits) & (limits < 0)
        running = ragged([running_answers(said, bias) for said, _, _ in steps])
        lengths = np.array([len(said) for said, _, _ in steps])
        runs_below = [np.ones(length, dtype=bool) for length in lengths]
        top = len(self.layers) - 1
        for i, layer in enumerate(self.layers):
            actions, scores, spent, ended_below = [], [], [], []
            for row, (_, score, ends) in enumerate(steps):
                below, before = runs_below[row], np.full(lengths[row], opened[row])
                own = ends[:, i] if layer.ends else before
                before = np.append(opened[row], own[:-1]) if layer.ends else np.zeros_like(before)
                runs = below | before
                flushes = before & ~opened[row]
                actions.append(np.where(flushes, FLUSH, np.where(runs, UPDATE, COPY)).astype(np.int8))
                seen = np.full(lengths[row], np.nan) if blind or not layer.ends else np.where(runs, score[:, i], np.nan)
                scores.append(seen.astype(np.float32))
                counts = np.array([below.sum(), runs.sum(), before.sum()])
                spent.append(int(counts @ np.array(layer.macs(not blind))))
                ended_below.append(runs & own)
            copied = np.array([(action == COPY).sum() for action in actions])
            columns = {
                "actions": ragged(actions),
                "scores": ragged(scores),
                "choice": np.where(copied > 0, "copy", "move at every step"),
                "macs": np.array(spent),
                "macs_static": lengths * sum(layer.macs()),
                "threshold": np.where(np.isinf(limits), np.nan, limits),
            }
            if i == top:
                columns["running"] = running
            rule = "blind" if blind else "boundary"
            recorder.decide(StepUpdate, rows, columns=columns, unit=f"layers.{i}", rule=rule, layer=i)
            runs_below = ended_below
        recorder.work("answer", rows, self.answer.macs)


def hard_sigmoid(value: Tensor) -> Tensor:
    """Slope 1, as at the start of the training: steeper ones agree at one half and leave the threshold less room."""
    return ((value + 1) / 2).clamp(0, 1)
