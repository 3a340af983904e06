"""Tokens of a picture that are left at some point of a network: dropping them, and telling which.

Skipping keeps the tokens of all pictures packed, one after another, so that what was dropped is not there. The masked
way computes the same on a dense batch: what is left moves to the front, so that the batch gets as short as its longest
remainder, and the rest is padding.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from dynviz.decisions import TokenSelection
from dynviz.networks.blocks import Size
from dynviz.networks.encoder import Layout
from dynviz.recorder import Recorder, ragged

LEAST = 1e-6  # added to the square of how far values lie apart, for a picture whose values are all the same
DITHERED = 8  # tokens after which the pattern of ordered dithering begins again


class Packed:
    """The tokens of N pictures that are left, one after another: hidden (tokens, width); places: of each picture."""

    def __init__(self, hidden: Tensor):
        """hidden: (N, T, width), all tokens of all pictures."""
        count, length = hidden.shape[:2]
        self.hidden = hidden.flatten(0, 1)
        self.lengths = [length] * count
        self.places = torch.arange(length, device=hidden.device).repeat(count)

    @property
    def layout(self) -> list[int]:
        return self.lengths

    def each(self, values: Tensor) -> list[np.ndarray]:
        """One value a token -> those of each picture."""
        return [part.numpy() for part in values.detach().cpu().split(self.lengths)]

    def per_token(self, values: np.ndarray) -> Tensor:
        """(N,) float -> the value of its picture for each token."""
        limits = torch.tensor(values, dtype=torch.float32, device=self.hidden.device)
        return (
            limits if len(limits) == 1 else limits.repeat_interleave(torch.tensor(self.lengths, device=limits.device))
        )

    def best(self, scores: Tensor) -> Tensor:
        """Is a token the best of its picture? So that one always is left."""
        parts = scores.split(self.lengths)
        return torch.cat([part >= part.max() if len(part) else part > 0 for part in parts])

    def counts(self, flags: Tensor) -> np.ndarray:
        """One bool a token -> (N,) how many are true in each picture."""
        return np.array([int(part.sum()) for part in flags.split(self.lengths)])

    def sums(self, values: Tensor) -> Tensor:
        """A row for each token -> (N, width), the sum of each picture's rows."""
        return torch.stack([part.sum(dim=0) for part in values.split(self.lengths)])

    def keep(self, kept: Tensor, carried: Tensor | None = None) -> Tensor | None:
        """Go on with those for which ``kept``, one bool a token; the same of ``carried``, one number a token."""
        self.lengths = [int(part.sum()) for part in kept.split(self.lengths)]
        self.hidden, self.places = self.hidden[kept], self.places[kept]
        return None if carried is None else carried[kept]


class Dense:
    """The same as (N, T, width), those that are left in front. present: (N, T), 1 where there is a token, else 0."""

    def __init__(self, hidden: Tensor):
        self.hidden = hidden
        self.places = torch.arange(hidden.shape[1], device=hidden.device).expand(len(hidden), -1)
        self.present = hidden.new_ones(hidden.shape[:2])

    @property
    def layout(self) -> Tensor:
        return self.present

    def each(self, values: Tensor) -> list[np.ndarray]:
        return [row[there].numpy() for row, there in zip(values.detach().cpu(), self.present.cpu() > 0, strict=True)]

    def per_token(self, values: np.ndarray) -> Tensor:
        return torch.tensor(values, dtype=torch.float32, device=self.hidden.device)[:, None]

    def best(self, scores: Tensor) -> Tensor:
        known = scores.masked_fill(self.present == 0, -torch.inf)
        return known >= known.amax(dim=1, keepdim=True)

    def counts(self, flags: Tensor) -> np.ndarray:
        return (flags & (self.present > 0)).sum(dim=1).cpu().numpy()

    def sums(self, values: Tensor) -> Tensor:
        return (values * self.present[..., None]).sum(dim=1)

    def keep(self, kept: Tensor, carried: Tensor | None = None) -> Tensor | None:
        kept = kept & (self.present > 0)
        left = int(kept.sum(dim=1).max())
        order = kept.byte().argsort(dim=1, descending=True, stable=True)[:, :left]
        self.places, self.present = self.places.gather(1, order), kept.gather(1, order).to(self.present.dtype)
        self.hidden = self.hidden.gather(1, order[..., None].expand(-1, -1, self.hidden.shape[2]))
        return None if carried is None else carried.gather(1, order)


Tokens = Packed | Dense


def means(rows: Tensor, layout: Layout) -> Tensor:
    """A row for each token -> the mean of its picture's rows, one for each token as well."""
    if isinstance(layout, Tensor):
        present = layout[..., None].to(rows.dtype)
        return ((rows * present).sum(dim=1, keepdim=True) / present.sum(dim=1, keepdim=True).clamp(min=1)).expand_as(
            rows
        )
    parts = [part.mean(dim=0, keepdim=True).expand_as(part) for part in rows.split(layout)]
    return parts[0] if len(parts) == 1 else torch.cat(parts)


def standardised(values: Tensor, layout: Layout) -> Tensor:
    """(..., 1), a value for each token -> how many standard deviations it is from the mean of its picture."""
    away = values.float() - means(values.float(), layout)
    return away / (means(away.square(), layout) + LEAST).sqrt()


def scattered(places: Tensor, grid: Size) -> Tensor:
    """Of each token a logit that differs from its neighbours' and spreads any share of the tokens evenly.

    Ordered dithering (Bayer 1973), as pictures are printed with few dots: tokens are chosen by their worth plus this,
    so that they stand denser where the worth is high and no part of the picture is left without. Similar neighbours
    have similar worth: without it a decision keeps or drops them all together.
    """
    rank = torch.from_numpy(_ordered(DITHERED)).to(places.device)
    return torch.logit(rank[places // grid[1] % DITHERED, places % grid[1] % DITHERED])


def shifted_pattern(count: int, grid: Size, device: torch.device) -> Tensor:
    """(count, tokens) the same for a training batch, begun at another place for each picture."""
    rows, columns = (torch.randint(DITHERED, (count, 1, 1), device=device) for _ in range(2))
    down = (torch.arange(grid[0], device=device)[:, None] + rows) % DITHERED
    across = (torch.arange(grid[1], device=device) + columns) % DITHERED
    return scattered(down * DITHERED + across, (DITHERED, DITHERED)).flatten(1)


def _ordered(side: int) -> np.ndarray:
    """(side, side) float32 in 0..1, the ranks of ordered dithering. side: a power of 2."""
    ranks = np.zeros((1, 1))
    while len(ranks) < side:
        ranks = np.block([[4 * ranks, 4 * ranks + 2], [4 * ranks + 3, 4 * ranks + 1]])
    return ((ranks + 0.5) / side**2).astype(np.float32)


class SelectionRecords:
    """Records who goes on, decision after decision. grid: (rows, columns) of all tokens."""

    def __init__(self, recorder: Recorder, count: int, grid: Size, rule: str):
        self.recorder, self.grid, self.rule = recorder, grid, rule
        self.rows = np.arange(count)

    def add(
        self,
        tokens: Tokens,
        kept: Tensor,
        scores: Tensor,
        limits: np.ndarray,
        *,
        unit: str,
        layer: int,
        macs: np.ndarray,
        macs_static: int,
        decider_macs: np.ndarray,
    ) -> None:
        """``tokens`` are those that were asked, before the others are dropped. limits: (N,) what scores had to reach.

        The one score of a picture is that which came nearest to its threshold.
        """
        masks, numbers, nearest, choices = [], [], [], []
        asked = zip(tokens.each(tokens.places), tokens.each(kept), tokens.each(scores), limits, strict=True)
        for place, keep, score, limit in asked:
            mask = np.zeros(self.grid[0] * self.grid[1], dtype=bool)
            values = np.full(len(mask), np.nan, dtype=np.float32)
            mask[place[keep]], values[place] = True, score
            masks.append(mask)
            numbers.append(values)
            nearest.append(score[np.abs(score - limit).argmin()] if len(score) else np.nan)
            choices.append(f"{keep.sum()} of {len(keep)} go on")
        columns = {
            "kept": ragged(masks),
            "scores": ragged(numbers),
            "choice": np.array(choices),
            "score": np.array(nearest),
            "threshold": np.where(np.isfinite(limits), limits, np.nan),
            "macs": macs,
            "decider_macs": decider_macs,
            "executed": macs > decider_macs,
        }
        shared = {"unit": unit, "layer": layer, "rule": self.rule, "grid": self.grid, "macs_static": macs_static}
        self.recorder.decide(TokenSelection, self.rows, columns=columns, **shared)


def blindly(baseline: str, tokens: Dense, shares: np.ndarray, grid: Size, generator: torch.Generator) -> Tensor:
    """(N, T) which tokens go on if nobody looks at them: ``shares`` (N,) of those that are there, at least one.

    baseline: drawn at ``random``, spread evenly by ordered dithering (``uniform``), or nearest to the ``centre``.
    Raises ValueError for another one.
    """
    there = tokens.present > 0
    if baseline == "random":
        badness = torch.rand(there.shape, generator=generator).to(there.device)
    elif baseline == "uniform":
        badness = -scattered(tokens.places, grid)
    elif baseline == "centre":
        across, down = tokens.places % grid[1] - (grid[1] - 1) / 2, tokens.places // grid[1] - (grid[0] - 1) / 2
        badness = across.square() + down.square()
    else:
        raise ValueError(f"no baseline is called {baseline!r}; known: random, uniform, centre")
    rank = badness.masked_fill(~there, torch.inf).argsort(dim=1, stable=True).argsort(dim=1)
    most = (there.sum(dim=1) * torch.tensor(shares, device=there.device)).round().clamp(min=1)
    return rank < most[:, None]
