"""A vision transformer that drops patches it can do without, each picture as many as it likes.

Paper: Rao et al. 2021, "DynamicViT: Efficient Vision Transformers with Dynamic Token Sparsification". As there, small
deciders between the layers look at each token and at the mean of all, and the shares that are left fall geometrically.
Differs: in use the paper keeps the same number of tokens in every picture; here those whose score is above a threshold
stay, so that a plain picture keeps fewer. A score is a token's worth among those of its picture, learned from what
tokens turn out to add to the answer (``evidence``) and not from the answer's loss, and a fixed pattern that keeps
neighbours apart (ordered dithering); all of a picture's are moved by what the picture is. The share to keep is drawn
anew in training for each quarter of a batch, so that one network serves every budget. The answer comes from the mean of
the tokens that are left.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from dynviz.networks.contract import Between
from dynviz.networks.encoder import Count, Layout
from dynviz.networks.evidence import WORTH, expectation_loss, worth
from dynviz.networks.gates import Asked, Decider, straight_through
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

LOWEST = 0.2  # share of tokens that a decider is asked to keep at least
ASKED, RUNNING = 0.3, 0.05  # how much of what a picture asks for it gets in use; of a batch in the running mean of that
SHARPNESS = 3.0  # of the logits in training, in units of their noise: the noise must not make the order


class TokenDecider(Decider):
    """How much a token is worth: from itself and from the mean of all that are there (Rao et al. 2021, equation 4)."""

    def __init__(self, width: int, inner: int):
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.look = nn.Linear(width, 2 * inner)  # to what is said of the token, and what is said of the picture
        self.compare = nn.Linear(2 * inner, inner)
        self.judge = nn.Linear(inner, 1, bias=False)  # compared within a picture only
        self.demand = nn.Linear(inner, 1)  # how many tokens the picture needs
        nn.init.zeros_(self.demand.weight)
        nn.init.zeros_(self.demand.bias)
        self.register_buffer("usual", torch.zeros(1))  # what pictures ask for on average

    def macs(self, length: Count) -> Count:
        each = sum(linear.weight.numel() for linear in (self.look, self.compare, self.judge, self.demand))
        return length * each

    def forward(self, hidden: Tensor, layout: Layout) -> Tensor:
        """Tokens -> what they are worth, as a logit, without the last dimension.

        In use a picture asks for more or fewer tokens than usual, and gets a part of it only: in training the pictures
        bid against the penalty, which says little about how many tokens each is best served with.
        """
        expected, demand = self._judged(hidden, layout)
        return WORTH * expected + ASKED * (demand - self.usual)

    def learn(self, hidden: Tensor, present: Tensor) -> tuple[Tensor, Tensor]:
        """The same of a training batch, (N, T): pictures get what they ask for. And the evidence that is expected."""
        expected, demand = self._judged(hidden, present)
        self.usual.lerp_(demand.detach().mean().view(1), RUNNING)
        return WORTH * expected.detach() + demand, expected

    def _judged(self, hidden: Tensor, layout: Layout) -> tuple[Tensor, Tensor]:
        own, whole = F.gelu(self.look(self.norm(hidden)), approximate="tanh").chunk(2, dim=-1)
        whole = means(whole, layout)
        judged = self.judge(F.gelu(self.compare(torch.cat([own, whole], dim=-1)), approximate="tanh"))
        return worth(judged, layout)[..., 0], self.demand(whole).float()[..., 0]


class ViTTokens(PickingEncoder):
    """before: the layers that a decider stands before. inner of the deciders: ``judging``.

    The one threshold is the score, 0..1, that a token has to reach at the first decider; at 0 every token stays. Those
    of the others follow from it, so that the share that is left falls geometrically.
    """

    candidates = Between(0.0, 0.97)
    rule = "score of the token"
    opened = 0.0

    def __init__(self, *, width: int, layers: int, before: tuple[int, ...], judging: int = 16, **sizes: Any):
        super().__init__(width=width, layers=layers, **sizes)
        self.before = tuple(before)
        self.deciders = nn.ModuleList(TokenDecider(width, judging) for _ in before)

    def governs(self, unit: str) -> tuple[str, ...]:
        """A decider is handed the tokens it scores, and the layer behind it those that are left."""
        return unit, f"layers.{self.before[int(unit.rpartition('.')[2])]}"

    def picked(
        self, tokens: Tokens, limits: np.ndarray, baseline: str | None, records: SelectionRecords, recorder: Recorder
    ) -> Tensor:
        grid, first = records.grid, limits
        if recorder.active:
            for index in range(self.before[0]):
                recorder.work(f"layers.{index}", records.rows, self.layers[index].macs(grid[0] * grid[1]))
        for layer in self.layers[: self.before[0]]:
            tokens.hidden = layer(tokens.hidden, tokens.layout)
        generator = torch.Generator().manual_seed(0)
        for index, (decider, (start, end)) in enumerate(zip(self.deciders, self._spans(), strict=True)):
            limits = 1 - (1 - first) ** (index + 1)
            if baseline:
                scores = tokens.hidden.new_zeros(tokens.hidden.shape[:2])
                kept = blindly(baseline, tokens, first, grid, generator)
            else:
                worth = decider(tokens.hidden, tokens.layout)
                scores = (worth + scattered(tokens.places, grid)).sigmoid()
                kept = (scores >= tokens.per_token(limits)) | tokens.best(scores)
            if recorder.active:
                asked, left = (tokens.counts(flags) for flags in (torch.ones_like(kept), kept))
                deciding = decider.macs(asked) * (not baseline)
                records.add(
                    tokens,
                    kept,
                    scores,
                    limits,
                    unit=f"deciders.{index}",
                    layer=start,
                    macs=deciding + self._layers_macs(start, end, left),
                    macs_static=decider.macs(grid[0] * grid[1]) + self._layers_macs(start, end, grid[0] * grid[1]),
                    decider_macs=deciding,
                )
            if not kept.all():
                tokens.keep(kept)
            for layer in self.layers[start:end]:
                tokens.hidden = layer(tokens.hidden, tokens.layout)
        recorder.work("answer", records.rows, self.answer.macs)
        return self.answer(tokens.hidden, tokens.layout)

    def _spans(self) -> list[tuple[int, int]]:
        """(first, behind the last) layer that each decider governs."""
        return list(zip(self.before, (*self.before[1:], len(self.layers)), strict=True))

    def _layers_macs(self, start: int, end: int, tokens: Count) -> Count:
        return sum(layer.macs(tokens) for layer in self.layers[start:end])

    def taught(self, x: Tensor, signal: TrainingSignal) -> TrainingOutput:
        hidden = self.tokens(x)
        present = hidden.new_ones(hidden.shape[:2])
        asked = Asked.draw(len(x), LOWEST, signal.ramp, x.device)
        wanted, penalty, decisions = asked.shares, 0.0, []
        pattern = self.pattern(x)
        for layer in self.layers[: self.before[0]]:
            hidden = layer(hidden, None)
        for decider, (start, end) in zip(self.deciders, self._spans(), strict=True):
            logits, expected = decider.learn(hidden.detach(), present)
            logits = logits + pattern
            best = logits.detach().masked_fill(present == 0, -torch.inf)
            best = (best >= best.amax(dim=1, keepdim=True)).float()
            going_on = straight_through(SHARPNESS * (logits + torch.logit(wanted)[asked.quarter, None]), noisy=True)
            kept = going_on + best * (1 - going_on.detach())
            decisions.append((kept, expected, present.detach()))
            present = present * kept
            penalty = penalty + ((asked.means(present.mean(dim=1)) - wanted) ** 2).mean() / len(self.deciders)
            wanted = wanted * asked.shares
            for layer in self.layers[start:end]:
                hidden = layer(hidden, present, learning=True)
        answers = self.answer(hidden, present)
        penalty = signal.budget_weight * penalty + expectation_loss(answers, decisions)
        return TrainingOutput(answers, penalty=penalty)
