"""A transformer that drops words nobody attends to, by a threshold learned for each layer.

Papers: Kim et al. 2022, "Learned Token Pruning for Transformers" (importance is the attention received; a soft mask
learns the thresholds, a hard one follows); Goyal et al. 2020, "PoWER-BERT" (tokens leave between attention and the
feed-forward layers). Differs: importance is the attention received from all tokens that are left, which is 1 on average
in a short text and in a long one, so that a threshold means the same in both; in training some texts are read whole and
some with other thresholds, so that one network serves every budget; the answer is the mean of the tokens that are left.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from dynviz.decisions import TokenSelection
from dynviz.networks.contract import Between
from dynviz.networks.encoder import Encoder, PooledAnswer, reached
from dynviz.networks.recurrent import Steps
from dynviz.networks.training_output import TrainingOutput
from dynviz.recorder import SILENT, Recorder, Setting, TrainingSignal, ragged

FIRST, LAST = 0.2, 0.6  # thresholds to begin with, of the first and the last layer
SOFT, SHARP = 0.3, 0.05  # temperature of the soft mask, at the beginning and at the end of learning the thresholds
SOFT_SHARE = 0.5  # of the training: with a soft mask
WHOLE, VARIED, WIDEST = 0.25, 0.5, 2.5  # shares of the texts: read whole, at a random strength of up to WIDEST; rest: 1


class TokenPruning(Encoder):
    """The one threshold is the strength that all layers' thresholds are multiplied with; at 0 every word stays."""

    rule = "attention received"
    trained_at = 1.0
    candidates = Between(0.0, 5.0)

    def __init__(self, *, width: int, classes: int, layers: int, dropout: float = 0.3, **sizes: Any):
        super().__init__(width=width, layers=layers, dropout=dropout, **sizes)
        self.answer = PooledAnswer(width, classes, dropout)
        self.limits = nn.Parameter(torch.linspace(FIRST, LAST, layers))

    def forward(
        self, x: Steps, *, setting: Setting | None = None, recorder: Recorder = SILENT
    ) -> Tensor | TrainingOutput:
        """N texts -> (N, classes) logits; a ``TrainingOutput`` in train mode."""
        setting = setting or Setting()
        if setting.mode == "train":
            return self._taught(x, setting.training)
        strengths = np.zeros((1, 1)) if setting.thresholds is None else np.asarray(setting.thresholds, dtype=np.float64)
        strengths = np.broadcast_to(strengths.reshape(-1), len(x)).copy()
        way = self._masked if setting.mode == "masked" else self._skipping
        return way(x, strengths, setting.baseline, _Account(self, x, recorder))

    def plain(self, x: Steps) -> Tensor:
        """What keeping every word answers, without asking which are attended to."""
        return self.answer(*self.encode(x, packed=True))

    def governs(self, unit: str) -> tuple[str, ...]:
        """Tokens leave between attention and the feed-forward part of a layer."""
        return f"{unit}.attention", f"{unit}.inner"

    def thresholds(self, strengths: np.ndarray) -> np.ndarray:
        """(N,) -> (layers, N): the attention that a word has to receive in each layer."""
        return self.limits.detach().clamp(min=0).numpy()[:, None] * strengths.astype(np.float32)

    def _taught(self, x: Steps, signal: TrainingSignal) -> TrainingOutput:
        hidden, mask = self.embedding(x, packed=False)
        present, strengths = mask, self._strengths(len(x), signal.budget_weight > 0)
        soft = signal.progress < SOFT_SHARE
        temperature = SOFT + (SHARP - SOFT) * min(1.0, signal.progress / SOFT_SHARE)
        lengths = mask.sum(dim=1)
        spent = self.embedding.macs(lengths)
        for layer, limit in zip(self.layers, self.limits.clamp(min=0), strict=True):
            hidden, (weights,) = layer.attention(hidden, present)
            spent = spent + layer.attention.macs(present.sum(dim=1))
            received = importance(weights.float(), present)
            margin = received - limit * strengths[:, None]
            going_on = (margin / temperature).sigmoid()
            if not soft:  # hard, with the slope of the soft mask
                best = received >= received.amax(dim=1, keepdim=True)
                going_on = ((margin >= 0) | best).float() + going_on - going_on.detach()
            present = present * torch.where(strengths[:, None] > 0, going_on, 1.0)
            spent = spent + layer.inner.macs(present.sum(dim=1))
            hidden = layer.inner(hidden)
        static = self.embedding.macs(lengths) + sum(layer.macs(lengths) for layer in self.layers)
        counted = (strengths == 1).float()
        used = (spent / static * counted).sum() / counted.sum().clamp(min=1)
        weight = signal.budget_weight * signal.ramp
        return TrainingOutput(self.answer(hidden, present), penalty=weight * (used - signal.target).relu().square())

    def _strengths(self, count: int, pruned: bool) -> Tensor:
        """(N,) how strongly each text of a training batch is pruned."""
        if not pruned:
            return torch.zeros(count)
        draw = torch.rand(count)
        return torch.where(draw < WHOLE, 0.0, torch.where(draw < WHOLE + VARIED, torch.rand(count) * WIDEST, 1.0))

    def _masked(self, x: Steps, strengths: np.ndarray, baseline: str | None, account: _Account) -> Tensor:
        hidden, present = self.embedding(x, packed=False)
        places = torch.arange(hidden.shape[1], device=hidden.device).expand(len(x), -1)
        limits = torch.from_numpy(self.thresholds(strengths)).to(hidden.device)
        generator = torch.Generator().manual_seed(0)
        for index, layer in enumerate(self.layers):
            hidden, (weights,) = layer.attention(hidden, present)
            there = present > 0
            received = importance(weights, present)
            if baseline:
                kept = there & blindly(baseline, there, torch.from_numpy(strengths).to(hidden.device), generator)
            else:
                best = received.masked_fill(~there, -1.0)
                kept = there & ((received >= limits[index, :, None]) | (best >= best.amax(dim=1, keepdim=True)))
            if account.active:
                account.layer(
                    index,
                    [p[t].cpu().numpy() for p, t in zip(places, there, strict=True)],
                    [k[t].cpu().numpy() for k, t in zip(kept, there, strict=True)],
                    [r[t].cpu().numpy() for r, t in zip(received.detach(), there, strict=True)],
                    limits[index].cpu().numpy(),
                )
            # what is left moves to the front, so that a batch gets as short as its longest remainder
            left = int(kept.sum(dim=1).max())
            order = kept.byte().argsort(dim=1, descending=True, stable=True)[:, :left]
            places, present = places.gather(1, order), kept.gather(1, order).float()
            hidden = layer.inner(hidden.gather(1, order[..., None].expand(-1, -1, hidden.shape[2])))
        account.close()
        return self.answer(hidden, present)

    def _skipping(self, x: Steps, strengths: np.ndarray, baseline: str | None, account: _Account) -> Tensor:
        if baseline:
            raise ValueError("decisions that do not look at the input are for the masked mode")
        hidden, lengths = self.embedding(x, packed=True)
        places = [np.arange(length) for length in lengths] if account.active else []
        limits = self.thresholds(strengths)
        for index, layer in enumerate(self.layers):
            hidden, found = layer.attention(hidden, lengths)
            if account.active or strengths.any():
                received = [weights.flatten(0, 1).sum(dim=0) / len(weights) for weights in found]
                kept = [
                    (one >= limit) | (one >= one.max())
                    for one, limit in zip(received, limits[index].tolist(), strict=True)
                ]
                if account.active:
                    chosen = [one.numpy() for one in kept]
                    account.layer(index, places, chosen, [one.numpy() for one in received], limits[index])
                    places = [place[keep] for place, keep in zip(places, chosen, strict=True)]
                hidden = hidden[kept[0] if len(kept) == 1 else torch.cat(kept)]
                lengths = [int(keep.sum()) for keep in kept]
            hidden = layer.inner(hidden)
        account.close()
        return self.answer(hidden, lengths)


def importance(weights: Tensor, present: Tensor) -> Tensor:
    """(N, heads, T, T) attention, (N, T) presence -> (N, T) attention received from what is there, 1 on average."""
    return (weights.mean(dim=1) * present[:, :, None]).sum(dim=1)


def blindly(baseline: str, there: Tensor, shares: Tensor, generator: torch.Generator) -> Tensor:
    """(N, T) which tokens go on if nobody looks at them: ``shares`` (N,) of those that are there, at least one."""
    if baseline == "random":
        drawn = torch.rand(there.shape, generator=generator).to(there.device).masked_fill(~there, 2.0)
    else:  # evenly spread: the n-th token there goes on where n x share passes a whole number
        count = there.cumsum(dim=1) * shares[:, None]
        passed = count.floor() > (count - shares[:, None]).floor()
        drawn = (~passed).float() + torch.linspace(0, 0.5, there.shape[1], device=there.device)
        drawn = drawn.masked_fill(~there, 2.0)
    rank = drawn.argsort(dim=1, stable=True).argsort(dim=1)
    most = (there.sum(dim=1) * shares).round().clamp(min=1)
    return rank < most[:, None]


class _Account:
    """Turns what happened in each layer of a batch into records."""

    def __init__(self, network: TokenPruning, x: Steps, recorder: Recorder):
        self.network, self.recorder, self.active = network, recorder, recorder.active
        if self.active:
            self.rows, self.lengths = np.arange(len(x)), reached(x)
            recorder.work("embedding", self.rows, network.embedding.macs(self.lengths))

    def layer(
        self,
        index: int,
        places: list[np.ndarray],
        kept: list[np.ndarray],
        scores: list[np.ndarray],
        limits: np.ndarray,
    ) -> None:
        """places: where in the text each token stands that reached the layer; kept, scores: of the same tokens.

        The one score of a text is that which came nearest to its threshold.
        """
        layer = self.network.layers[index]
        whole, numbers, nearest = [], [], []
        for length, place, keep, score, limit in zip(self.lengths, places, kept, scores, limits, strict=True):
            mask, values = np.zeros(length, dtype=bool), np.full(length, np.nan, dtype=np.float32)
            mask[place[keep]], values[place] = True, score
            whole.append(mask)
            numbers.append(values)
            nearest.append(score[np.abs(score - limit).argmin()])
        before, after = np.array([len(place) for place in places]), np.array([keep.sum() for keep in kept])
        columns = {
            "kept": ragged(whole),
            "scores": ragged(numbers),
            "choice": np.array([f"{a} of {b} go on" for a, b in zip(after, before, strict=True)]),
            "score": np.array(nearest),
            "threshold": limits,
            "macs": layer.attention.macs(before) + layer.inner.macs(after),
            "macs_static": layer.macs(self.lengths),
        }
        unit = f"layers.{index}"
        self.recorder.decide(TokenSelection, self.rows, columns=columns, unit=unit, layer=index, rule=self.network.rule)

    def close(self) -> None:
        if self.active:
            self.recorder.work("answer", self.rows, self.network.answer.macs)
