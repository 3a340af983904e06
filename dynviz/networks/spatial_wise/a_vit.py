"""A vision transformer in which each patch stops on its own, after as many layers as it needs.

Papers: Yin et al. 2022, "A-ViT: Adaptive Tokens for Efficient Vision Transformer"; Graves 2016, "Adaptive Computation
Time for Recurrent Neural Networks" (halting scores that add up; what a token gives is the mean of its states, weighted
by them). As in A-ViT, a token that has stopped is not attended to any more. Differs: the halting score has linear units
of its own instead of the token's first number, and is smaller for a token of which more is expected, learned from what
going on turns out to add to the answer (``evidence``), since the answer's loss alone says little about what a stopped
token would still have given to others; neighbours are kept apart by a fixed pattern (ordered dithering); the limit that
scores have to reach is drawn anew in training for each quarter of a batch, so that it can be chosen afterwards, and the
compute is drawn to a share that goes with it, where A-ViT punishes all of it; the answer comes from the mean of all
tokens, not from a class token.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from dynviz.networks.blocks import Size
from dynviz.networks.contract import Between
from dynviz.networks.encoder import Count, Layout
from dynviz.networks.evidence import WORTH, expectation_loss, worth
from dynviz.networks.gates import Asked, Decider
from dynviz.networks.picked import (
    SelectionRecords,
    Tokens,
    blindly,
    means,
    scattered,
)
from dynviz.networks.picking import PickingEncoder
from dynviz.networks.training_output import TrainingOutput
from dynviz.recorder import Recorder, TrainingSignal

HALTING_BIAS = -2.2  # to begin with: about a tenth a layer
SPREAD = 1.0  # of worth and pattern in the logits of scores: the slow tokens of a picture stop after all others
LOWEST = 0.25  # share of the layers' compute that is asked for at least
SOFT = 0.15  # how far from its limit a sum still moves the gradient of stopping, as a share of the limit


class Halting(Decider):
    """The score that a token adds after each layer, 0..1.

    From what is expected of it among those of its picture, from the pattern that keeps neighbours apart, and from all.
    """

    def __init__(self, width: int):
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.judge = nn.Linear(width, 1, bias=False)  # compared within a picture only
        self.demand = nn.Linear(width, 1)  # how fast the picture's tokens stop
        nn.init.zeros_(self.demand.weight)
        nn.init.constant_(self.demand.bias, HALTING_BIAS)

    def macs(self, length: Count) -> Count:
        return length * (self.judge.weight.numel() + self.demand.weight.numel())

    def forward(self, hidden: Tensor, layout: Layout, pattern: Tensor) -> tuple[Tensor, Tensor]:
        """Tokens and the pattern's logits -> their scores and the evidence expected of them, one number a token."""
        tokens = self.norm(hidden)
        expected = worth(self.judge(tokens), layout)[..., 0]
        faster = -SPREAD * (WORTH * expected.detach() + pattern)
        return (faster + means(self.demand(tokens).float(), layout)[..., 0]).sigmoid(), expected


class AViT(PickingEncoder):
    """The one threshold is the limit that a token's halting scores have to add up to; without one no token stops."""

    candidates = Between(0.05, 3.0)
    rule = "halting score"
    opened = np.inf

    def __init__(self, *, width: int, **sizes: Any):
        super().__init__(width=width, **sizes)
        self.halting = Halting(width)

    def governs(self, unit: str) -> tuple[str, ...]:
        """Tokens go on from one layer to the next."""
        return f"layers.{int(unit.rpartition('.')[2]) - 1}", unit

    def picked(
        self, tokens: Tokens, limits: np.ndarray, baseline: str | None, records: SelectionRecords, recorder: Recorder
    ) -> Tensor:
        grid, count = records.grid, len(limits)
        total = grid[0] * grid[1]
        if recorder.active:
            recorder.work("layers.0", records.rows, self.layers[0].macs(total))
        if baseline:  # those that are left out stop after the first layer, the others never
            out = (~blindly(baseline, tokens, limits, grid, torch.Generator().manual_seed(0))).float()
            limits = np.ones(count)
        summed = tokens.hidden.new_zeros(tokens.hidden.shape[:-1])  # of each token's halting scores
        given = tokens.hidden.new_zeros(count, tokens.hidden.shape[-1])  # what the tokens of each picture have given
        for index, layer in enumerate(self.layers[:-1]):
            if tokens.hidden.numel():
                tokens.hidden = layer(tokens.hidden, tokens.layout)
            limit = tokens.per_token(limits)
            if baseline:
                added = out if index == 0 else torch.zeros_like(summed)
            else:
                added = self._scores(tokens, grid) if tokens.hidden.numel() else summed
            going_on = summed + added < limit
            share = torch.where(going_on, added, limit - summed) / limit
            given = given + tokens.sums(self.answer.norm(tokens.hidden) * share[..., None])
            summed = summed + added
            if recorder.active:
                asked, left = (tokens.counts(flags) for flags in (torch.ones_like(going_on), going_on))
                deciding = self.halting.macs(asked) * (not baseline)
                records.add(
                    tokens,
                    going_on,
                    summed,
                    limits,
                    unit=f"layers.{index + 1}",
                    layer=index + 1,
                    macs=deciding + self.layers[index + 1].macs(left),
                    macs_static=self.halting.macs(total) + self.layers[index + 1].macs(total),
                    decider_macs=deciding,
                )
            if not going_on.all():
                summed = tokens.keep(going_on, summed)
        if tokens.hidden.numel():
            tokens.hidden = self.layers[-1](tokens.hidden, tokens.layout)
        share = 1 - summed / tokens.per_token(limits)
        given = given + tokens.sums(self.answer.norm(tokens.hidden) * share[..., None])
        recorder.work("answer", records.rows, self.answer.macs)
        return self.answer.linear(given / total)

    def _scores(self, tokens: Tokens, grid: Size) -> Tensor:
        return self.halting(tokens.hidden, tokens.layout, scattered(tokens.places, grid))[0]

    def taught(self, x: Tensor, signal: TrainingSignal) -> TrainingOutput:
        """Gradients of who goes on are those of a sigmoid."""
        hidden = self.tokens(x)
        present = hidden.new_ones(hidden.shape[:2])
        asked = Asked.draw(len(x), LOWEST, signal.ramp, x.device)
        strengths = torch.where(asked.shares < 1, 1 / asked.shares, 0.0)[asked.quarter][:, None]
        pattern = self.pattern(x)
        summed, given, spent, decisions = torch.zeros_like(present), 0.0, present.mean(dim=1), []
        for layer in self.layers[:-1]:
            hidden = layer(hidden, present, learning=True)
            score, expected = self.halting(hidden.detach(), present, pattern)
            added = score * strengths
            margin = 1 - summed - added
            soft = (margin / SOFT).sigmoid()
            going_on = (margin > 0).float() + soft - soft.detach()
            share = going_on * added + (1 - going_on) * (1 - summed)
            given = given + (self.answer.norm(hidden) * (present * share)[..., None]).sum(dim=1)
            summed = summed + added
            decisions.append((going_on, expected, present.detach()))
            present = present * going_on
            spent = spent + present.mean(dim=1)
        hidden = self.layers[-1](hidden, present, learning=True)
        given = given + (self.answer.norm(hidden) * (present * (1 - summed))[..., None]).sum(dim=1)
        used = spent / len(self.layers)
        penalty = ((asked.means(used) - asked.shares)[1:] ** 2).mean()
        answers = self.answer.linear(given / hidden.shape[1])
        penalty = signal.budget_weight * penalty + expectation_loss(answers, decisions)
        return TrainingOutput(answers, penalty=penalty)
