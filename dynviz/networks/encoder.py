"""Transformer layers for texts and recordings, attention written out so that every multiplication is counted.

Paper: Vaswani et al. 2017, "Attention Is All You Need". Differs: norms come first (Xiong et al. 2020). At the lengths
and widths used here the written-out form is as fast on a processor as torch's fused one, and much faster in training.

The tokens of a batch lie in one of two ways, which every layer takes as ``layout``. *Dense*: (N, T, width), with a
tensor (N, T) that says how present each token is: 1, 0 for padding and dropped tokens, between them while dropping is
learned. *Packed*: the tokens of all inputs one after another, (tokens, width), with the list of how many each input
has. Nothing is padded, so what is recorded is what runs, and to leave out an input or a token is to index. Where all
inputs have all of equally many tokens the layout is None: (N, T, width), and nothing is masked.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from dynviz.networks.answering import Classifier
from dynviz.networks.contract import DynamicNetwork
from dynviz.networks.recurrent import Steps, step_input

REACH = 512  # steps that are seen at most; the rest of a longer input is beyond reach
ABSENT = 1e-30  # of a token that is not there: its logarithm, added to the scores, leaves it no attention
LEAST = 1e-6  # attention that is left for those who are there, where a softmax gave nearly all to those who are not

Layout = Tensor | list[int] | None
Count = TypeVar("Count", int, np.ndarray)


class Embedding(nn.Module):
    """The first ``REACH`` steps of each input at the layers' width, each with its place (sines and cosines)."""

    places: Tensor

    def __init__(self, width: int, dropout: float, vectors: Tensor | None, channels: int):
        super().__init__()
        self.steps = step_input(vectors, channels)
        self.dropout = nn.Dropout(dropout)
        self.linear = nn.Linear(self.steps.width, width)
        self.register_buffer("places", sinusoids(REACH, width), persistent=False)

    def macs(self, length: Count) -> Count:
        return length * self.linear.weight.numel()

    def forward(self, x: Steps, *, packed: bool) -> tuple[Tensor, Layout]:
        """N inputs -> their tokens and how they lie."""
        if not packed:
            return self._tokens(x.steps[:, :REACH]), x.mask[:, :REACH].float()
        lengths = x.lengths.clamp(max=REACH).tolist()
        parts = [self._tokens(steps[:length]) for steps, length in zip(x.steps, lengths, strict=True)]
        return parts[0] if len(parts) == 1 else torch.cat(parts), lengths

    def _tokens(self, steps: Tensor) -> Tensor:
        vectors = self.dropout(self.steps(steps))
        length = vectors.shape[-2]
        return self.linear(vectors) + self.places[:length]


class Attention(nn.Module):
    """Every token takes from all tokens of its input."""

    def __init__(self, width: int, heads: int, dropout: float):
        super().__init__()
        self.heads = heads
        self.norm = nn.LayerNorm(width)
        self.project = nn.Linear(width, 3 * width)  # to queries, keys and values
        self.merge = nn.Linear(width, width)
        self.dropout = nn.Dropout(dropout)

    def macs(self, length: Count) -> Count:
        width = self.merge.in_features
        return length * (4 * width * width) + 2 * width * length * length

    def forward(self, hidden: Tensor, layout: Layout, *, learning: bool = False) -> tuple[Tensor, list[Tensor]]:
        """The tokens afterwards, and the weights: packed, (heads, T, T) of each input; else, one (N, heads, T, T).

        learning: who is there is being learned, so that those who are not want a gradient as well (dense only).
        """
        projected = self.project(self.norm(hidden))
        if layout is None:
            found = [self.mix(projected)]
        elif learning:
            found = [self.mix(projected, present=layout)]
        elif isinstance(layout, Tensor):
            found = [self.mix(projected, layout.clamp(min=ABSENT).log()[:, None, None].to(projected.dtype))]
        else:
            found = [self.mix(part) for part in projected.split(layout)]
        mixed = found[0][0] if len(found) == 1 else torch.cat([part for part, _ in found])
        return hidden + self.dropout(self.merge(mixed)), [weights for _, weights in found]

    def mix(
        self, projected: Tensor, bias: Tensor | None = None, present: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """(..., T, 3 x width) -> values mixed by attention, (..., T, width), and its weights.

        bias: added to the scores. present: (N, T), what the weights are multiplied with instead: the same numbers as
        with its logarithm for a bias, but a token that is not there learns what would have changed if it were.
        """
        queries, keys, values = projected.unflatten(-1, (3, self.heads, -1)).movedim(-3, 0).transpose(-2, -3)
        scores = (queries * queries.shape[-1] ** -0.5) @ keys.transpose(-1, -2)
        weights = (scores if bias is None else scores + bias).softmax(dim=-1)
        if present is not None:
            weights = weights * present[:, None, None]
            weights = weights / weights.sum(dim=-1, keepdim=True).clamp(min=LEAST)
        return (weights.to(values.dtype) @ values).transpose(-2, -3).flatten(-2), weights


class FeedForward(nn.Module):
    """Two linear layers on each token."""

    def __init__(self, width: int, inner: int, dropout: float):
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.widen = nn.Linear(width, inner)
        self.narrow = nn.Linear(inner, width)
        self.dropout = nn.Dropout(dropout)

    def macs(self, length: Count) -> Count:
        return length * (self.widen.weight.numel() + self.narrow.weight.numel())

    def forward(self, hidden: Tensor) -> Tensor:
        return hidden + self.dropout(self.narrow(F.gelu(self.widen(self.norm(hidden)), approximate="tanh")))


class EncoderLayer(nn.Module):
    def __init__(self, width: int, heads: int, inner: int, dropout: float):
        super().__init__()
        self.attention = Attention(width, heads, dropout)
        self.inner = FeedForward(width, inner, dropout)

    def macs(self, length: Count) -> Count:
        """MACs for an input of ``length`` tokens."""
        return self.attention.macs(length) + self.inner.macs(length)

    def forward(self, hidden: Tensor, layout: Layout, *, learning: bool = False) -> Tensor:
        return self.inner(self.attention(hidden, layout, learning=learning)[0])


class PooledAnswer(nn.Module):
    """Classifier on the mean of the tokens that are there."""

    def __init__(self, width: int, classes: int, dropout: float):
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.dropout = nn.Dropout(dropout)
        self.linear = Classifier(width, classes)

    @property
    def macs(self) -> int:
        return self.linear.weight.numel()

    def forward(self, hidden: Tensor, layout: Layout) -> Tensor:
        """Tokens -> (N, classes) logits."""
        tokens = self.norm(hidden)
        if layout is None:
            mean = tokens.mean(dim=1)
        elif isinstance(layout, Tensor):
            present = layout[..., None].to(tokens.dtype)
            mean = (tokens * present).sum(dim=1) / present.sum(dim=1)
        else:
            mean = torch.stack([part.mean(dim=0) for part in tokens.split(layout)])
        return self.linear(self.dropout(mean))


class Encoder(DynamicNetwork):
    """Embedding and layers. dropout: of the word vectors and the mean, in training; half of it within the layers."""

    reach = REACH

    def __init__(
        self,
        *,
        width: int,
        layers: int,
        heads: int,
        inner: int,
        dropout: float,
        vectors: Tensor | None = None,
        channels: int = 0,
    ):
        super().__init__()
        self.embedding = Embedding(width, dropout, vectors, channels)
        self.layers = nn.ModuleList(EncoderLayer(width, heads, inner, dropout / 2) for _ in range(layers))

    def encode(self, x: Steps, *, packed: bool) -> tuple[Tensor, Layout]:
        """The tokens after all layers, and how they lie."""
        hidden, layout = self.embedding(x, packed=packed)
        for layer in self.layers:
            hidden = layer(hidden, layout)
        return hidden, layout


def reached(x: Steps) -> np.ndarray:
    """(N,) how many steps of each input are seen."""
    return np.minimum(x.lengths.numpy(), REACH)


def sinusoids(length: int, width: int) -> Tensor:
    """(length, width): the places of Vaswani et al. 2017, section 3.5."""
    rates = 10_000.0 ** (-torch.arange(0, width, 2) / width)
    angles = torch.arange(length)[:, None] * rates
    return torch.stack([angles.sin(), angles.cos()], dim=2).flatten(1)[:, :width]
