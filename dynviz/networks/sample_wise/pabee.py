"""Exits at every layer of a transformer, by patience or by entropy.

Papers: Zhou et al. 2020, "BERT Loses Patience: Fast and Robust Inference with Early Exit" (PABEE): stop once the answer
has not changed for some layers; the exits are trained together, a later one counting more. Xin et al. 2020, "DeeBERT:
Dynamic Early Exiting for Accelerating BERT Inference": stop once the answer's entropy is small.
Differs: patience is counted in layers that agree, so a patience of 1 stops at the first layer (the paper's counter
starts at 0); both rules use the same weights, those of PABEE, so that a comparison is one of rules. Certainty is 1
minus the entropy over its largest value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from dynviz.decisions import Exit
from dynviz.networks.contract import DynamicNetwork
from dynviz.networks.encoder import REACH, Encoder, PooledAnswer, reached
from dynviz.networks.recurrent import Steps
from dynviz.networks.training_output import TrainingOutput
from dynviz.recorder import SILENT, Recorder, Setting

Before = tuple[np.ndarray, np.ndarray]  # the probabilities and scores of the layer before
# logits (N, classes); probabilities and scores of every layer, (layers, N, ...); the layer that answered, (N,)
Outcome = tuple[Tensor, np.ndarray, np.ndarray, np.ndarray]
State = tuple[Tensor, list[int]]  # packed tokens, and how many each text has


@dataclass(frozen=True)
class Rule:
    """score: (N, classes) probabilities and what was there a layer before -> (N,); at the threshold a text leaves.

    most: the largest score; scores and thresholds are recorded as shares of it.
    """

    name: str
    score: Callable[[np.ndarray, Before | None], np.ndarray]
    most: float = 1.0


def agreeing(probabilities: np.ndarray, before: Before | None) -> np.ndarray:
    """(N,) how many layers in a row have given the same answer, the latest included."""
    if before is None:
        return np.ones(len(probabilities))
    same = probabilities.argmax(axis=1) == before[0].argmax(axis=1)
    return np.where(same, before[1] + 1, 1.0)


def certainty(probabilities: np.ndarray, before: Before | None = None) -> np.ndarray:
    """(..., classes) -> (...), 0 where all classes are alike and 1 where there is no doubt."""
    entropy = -(probabilities * np.log(np.maximum(probabilities, 1e-12))).sum(axis=-1)
    return 1 - entropy / np.log(probabilities.shape[-1])


class Pabee(Encoder):
    """The one threshold is the patience: how many layers in a row have to agree, 1 to all of them."""

    single_pass_sweep = True  # the threshold changes no token, so one full pass serves every operating point
    rule = "patience"

    def __init__(self, *, width: int, classes: int, layers: int, dropout: float = 0.3, **sizes: Any):
        super().__init__(width=width, layers=layers, dropout=dropout, **sizes)
        self.exits = nn.ModuleList(PooledAnswer(width, classes, dropout) for _ in range(layers))
        self.candidates = tuple(float(patience) for patience in range(1, layers + 1))

    def forward(
        self, x: Steps, *, setting: Setting | None = None, recorder: Recorder = SILENT
    ) -> Tensor | TrainingOutput:
        """N texts -> (N, classes) logits of the layer that answered (train: a ``TrainingOutput`` of all layers)."""
        setting = setting or Setting()
        if setting.mode == "train":
            return TrainingOutput(self.every_layer(x), weights=torch.arange(1.0, len(self.layers) + 1))
        return _Run(self, Rule(self.rule, agreeing, len(self.layers)), self.exit_names()).answer(x, setting, recorder)

    def plain(self, x: Steps) -> Tensor:
        """What every decision open answers: all layers, and only the last classifier."""
        return self.exits[-1](*self.encode(x, packed=True))

    def exit_names(self) -> list[str]:
        return [f"layers.{index}" for index in range(len(self.layers))]

    def segment(self, state: State | None, x: Steps, index: int) -> tuple[State, Tensor]:
        """One layer more and its classifier: (state, logits)."""
        hidden, lengths = self.embedding(x, packed=True) if state is None else state
        hidden = self.layers[index](hidden, lengths)
        return (hidden, lengths), self.exits[index](hidden, lengths)

    def select(self, state: State, rows: np.ndarray) -> State:
        """The tokens of some texts only."""
        hidden, lengths = state
        parts = hidden.split(lengths)
        return torch.cat([parts[row] for row in rows]), [lengths[row] for row in rows]

    def layer_by_layer(self, x: Steps) -> Iterator[Tensor]:
        """(N, classes) logits of one layer after another, dense; a layer is computed when it is asked for."""
        hidden, layout = self.embedding(x, packed=False)
        for layer, head in zip(self.layers, self.exits, strict=True):
            hidden = layer(hidden, layout)
            yield head(hidden, layout)

    def every_layer(self, x: Steps) -> Tensor:
        """(layers, N, classes) logits."""
        return torch.stack(list(self.layer_by_layer(x)))

    def segment_macs(self, lengths: np.ndarray) -> np.ndarray:
        """(layers, N) MACs of each layer and its classifier, for texts of these lengths."""
        return np.stack([layer.macs(lengths) + head.macs for layer, head in zip(self.layers, self.exits, strict=True)])


class DeeBert(DynamicNetwork):
    """The exits of a trained ``Pabee``, its one member, by entropy. Thresholds: a certainty for each exit, 0..1."""

    single_pass_sweep = True
    rule = "entropy"
    baselines = ()
    reach = REACH

    def __init__(self, members: Sequence[Pabee]):
        super().__init__()
        self.members = nn.ModuleList(members)

    def forward(self, x: Steps, *, setting: Setting | None = None, recorder: Recorder = SILENT) -> Tensor:
        """N texts -> (N, classes) logits of the layer that answered."""
        run = _Run(self.members[0], Rule(self.rule, certainty), self.exit_names(), "members.0.")
        return run.answer(x, setting or Setting(), recorder)

    def plain(self, x: Steps) -> Tensor:
        return self.members[0].plain(x)

    def exit_names(self) -> list[str]:
        return [f"members.0.{name}" for name in self.members[0].exit_names()]

    def segment(self, state: State | None, x: Steps, index: int) -> tuple[State, Tensor]:
        return self.members[0].segment(state, x, index)

    def outcomes(self, x: Steps) -> tuple[np.ndarray, np.ndarray]:
        """What stopping at each layer would answer, (N, layers, classes) probabilities, and cost, (N, layers) MACs."""
        member, lengths = self.members[0], reached(x)
        probabilities = member.every_layer(x).float().softmax(dim=2).numpy()
        macs = member.embedding.macs(lengths) + member.segment_macs(lengths).cumsum(axis=0)
        return probabilities.transpose(1, 0, 2), macs.T

    def certainty(self, probabilities: np.ndarray) -> np.ndarray:
        """(..., classes) -> (...): what the thresholds are compared with."""
        return certainty(probabilities)


@dataclass(frozen=True)
class _Run:
    """One way to leave the layers of ``network``. units: their names; prefix: what stands before other units' names."""

    network: Pabee
    rule: Rule
    units: list[str]
    prefix: str = ""

    def answer(self, x: Steps, setting: Setting, recorder: Recorder) -> Tensor:
        layers = len(self.units)
        limits = np.full((1, layers), np.inf)
        if setting.thresholds is not None and not setting.baseline:
            limits = np.atleast_2d(np.asarray(setting.thresholds, dtype=np.float64))
        if limits.shape[1] not in (1, layers):
            raise ValueError(f"{limits.shape[1]} thresholds for {layers} layers")
        several = setting.mode == "masked" and len(limits) % len(x) == 0  # the batch at several rows of thresholds
        if len(limits) not in (1, len(x)) and not several:
            raise ValueError(f"{len(limits)} rows of thresholds for {len(x)} texts")
        count = max(len(x), len(limits))
        limits = np.broadcast_to(limits, (count, layers))
        way = self._masked if setting.mode == "masked" else self._skipping
        logits, probabilities, scores, taken = way(x, limits, setting)
        if recorder.active:
            self._record(recorder, np.tile(reached(x), count // len(x)), probabilities, scores, taken, limits, setting)
        return logits

    def _leaves(self, index: int, scores: np.ndarray, limits: np.ndarray, setting: Setting) -> np.ndarray:
        """Which rows stop at layer ``index``."""
        if index == len(self.units) - 1:
            return np.ones(len(scores), dtype=bool)
        if (forced := setting.by_hand(self.units[index], ("continue", "exit"))) is not None:
            return np.full(len(scores), bool(forced))
        return scores >= limits[:, index]

    def _masked(self, x: Steps, limits: np.ndarray, setting: Setting) -> Outcome:
        """Every text goes as far as the last one that is answered."""
        count, share = len(limits), float(np.ravel(setting.thresholds)[0]) if setting.baseline else 1.0
        blind = baseline_layers(setting.baseline, share, (len(self.units), count)) if setting.baseline else None
        taken = np.full(count, -1)
        answers: list[Tensor] = []
        seen: list[Before] = []
        for index, logits in enumerate(self.network.layer_by_layer(x)):
            answers.append(logits.repeat(count // len(x), 1))
            found = answers[-1].detach().float().softmax(dim=1).numpy()
            seen.append((found, self.rule.score(found, seen[-1] if seen else None)))
            leaves = self._leaves(index, seen[-1][1], limits, setting) if blind is None else blind == index
            taken = np.where((taken < 0) & leaves, index, taken)
            if (taken >= 0).all():
                break
        logits = torch.stack(answers)[torch.from_numpy(taken), torch.arange(count)]
        return logits, np.stack([found for found, _ in seen]), np.stack([score for _, score in seen]), taken

    def _skipping(self, x: Steps, limits: np.ndarray, setting: Setting) -> Outcome:
        """A text that has been answered is carried no further; what later layers would say stays empty."""
        layers, count = len(self.units), len(x)
        waiting, taken = np.arange(count), np.empty(count, dtype=np.int64)
        everything: np.ndarray | None = None
        scores = np.full((layers, count), np.nan)
        answers: list[tuple[np.ndarray, Tensor]] = []
        state, before = None, None
        for index in range(layers):
            state, logits = self.network.segment(state, x, index)
            found = logits.float().softmax(dim=1).numpy()
            if everything is None:
                everything = np.full((layers, count, found.shape[1]), np.nan, dtype=np.float32)
            score = self.rule.score(found, before)
            everything[index, waiting], scores[index, waiting] = found, score
            leaves = self._leaves(index, score, limits[waiting], setting)
            taken[waiting[leaves]] = index
            answers.append((waiting[leaves], logits[torch.from_numpy(leaves)]))
            if leaves.all():
                break
            stay = np.flatnonzero(~leaves)
            if len(stay) < len(waiting):
                state = self.network.select(state, stay)
            waiting, before = waiting[stay], (found[stay], score[stay])
        order = np.concatenate([rows for rows, _ in answers]).argsort()
        assert everything is not None  # there is at least one layer
        return torch.cat([part for _, part in answers])[torch.from_numpy(order)], everything, scores, taken

    def _record(
        self,
        recorder: Recorder,
        lengths: np.ndarray,
        probabilities: np.ndarray,
        scores: np.ndarray,
        taken: np.ndarray,
        limits: np.ndarray,
        setting: Setting,
    ) -> None:
        rows = np.arange(len(taken))
        recorder.work(f"{self.prefix}embedding", rows, self.network.embedding.macs(lengths))
        for index, (unit, macs) in enumerate(zip(self.units, self.network.segment_macs(lengths), strict=True)):
            ran, out = rows[taken >= index], rows[taken < index]
            final = index == len(self.units) - 1
            if len(ran):
                limit = limits[ran, index] / self.rule.most
                columns = {
                    "choice": np.where(taken[ran] == index, "exit", "continue"),
                    "score": scores[index, ran] / self.rule.most,
                    "threshold": np.where(np.isinf(limit) | final, np.nan, limit),
                    "probabilities": probabilities[index, ran],
                    "macs": macs[ran],
                    "macs_static": macs[ran],
                }
                rule = "last exit" if final else self.rule.name
                forced = not final and unit in setting.forced
                recorder.decide(Exit, ran, columns=columns, unit=unit, layer=index, rule=rule, forced=forced)
            if len(out):
                columns = {"macs_static": macs[out]}
                recorder.decide(
                    Exit, out, columns=columns, unit=unit, layer=index, choice="not reached", executed=False
                )


def baseline_layers(baseline: str, share: float, shape: tuple[int, int]) -> np.ndarray:
    """(N,) the layer where each text stops if nobody looks at it. shape: (layers, N); share: of the layers that run."""
    layers, count = shape
    if baseline == "random":
        run = np.random.default_rng(0).binomial(layers, share, count)
    else:  # one layer more for some texts than for others, evenly spread over the batch
        run = np.diff(np.floor(np.arange(count + 1) * share * layers + 0.5)).astype(np.int64)
    return np.clip(run, 1, layers) - 1
