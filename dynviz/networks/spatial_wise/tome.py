"""Merging the patches that look alike, in a vision transformer that was never taught to.

Paper: Bolya et al. 2023, "Token Merging: Your ViT But Faster". As there, tokens are dealt into two sets, each of the
first finds its most similar one of the second by the layer's keys, and the pairs are merged between attention and
feed-forward, weighted by how many patches they stand for; attention is proportional to that number. Differs: the paper
merges the same number of pairs in every picture; here those whose similarity reaches a threshold, so that a plain sky
becomes few tokens and a crowd stays many. Nothing is trained: its one member is any vision transformer of ours.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from dynviz.decisions import TokenMerge
from dynviz.networks.blocks import Size
from dynviz.networks.contract import Between, DynamicNetwork
from dynviz.networks.encoder import ABSENT, Count, Layout
from dynviz.networks.recurrent import one_threshold
from dynviz.networks.vision import VisionEncoder
from dynviz.recorder import SILENT, Recorder, Setting, ragged

NEVER = 1.5  # a similarity that no pair has, cosines end at 1: with such a threshold nothing is compared


class ToMe(DynamicNetwork):
    """The one threshold is the cosine similarity at which two tokens become one; without one, or above 1, none do."""

    candidates = Between(0.4, 1.01)
    baselines = ("random", "uniform")
    rule = "similarity"

    def __init__(self, members: Sequence[VisionEncoder]):
        super().__init__()
        self.members = nn.ModuleList(members)

    def forward(self, x: Tensor, *, setting: Setting | None = None, recorder: Recorder = SILENT) -> Tensor:
        """(N, 3, H, W) normalised pixels -> (N, classes) logits."""
        setting = setting or Setting()
        member = self.members[0]
        limits = one_threshold(setting, len(x), opened=NEVER)
        if recorder.active:
            for unit, macs in member.trunk_macs((int(x.shape[2]), int(x.shape[3]))):
                recorder.work(f"members.0.{unit}", range(len(x)), macs)
        hidden = member.tokens(x)
        grid = member.grid((int(x.shape[2]), int(x.shape[3])))
        if setting.mode != "skipping":
            return self._merged(hidden, np.arange(len(x)), limits, grid, setting.baseline, recorder)
        if setting.baseline:
            raise ValueError("decisions that do not look at the input are for the masked mode")
        # each picture by itself: their numbers of tokens differ
        rows = (slice(row, row + 1) for row in range(len(x)))
        return torch.cat(
            [self._merged(hidden[row], np.arange(len(x))[row], limits[row], grid, None, recorder) for row in rows]
        )

    def governs(self, unit: str) -> tuple[str, ...]:
        """Tokens are merged between what attention adds to them and the feed-forward part of a layer."""
        return f"{unit}.attention.norm", f"{unit}.attention.merge", f"{unit}.inner"

    def plain(self, x: Tensor) -> Tensor:
        return self.members[0].plain(x)

    def _merged(
        self, hidden: Tensor, rows: np.ndarray, limits: np.ndarray, grid: Size, baseline: str | None, recorder: Recorder
    ) -> Tensor:
        member, total = self.members[0], grid[0] * grid[1]
        comparing = np.zeros(len(rows), dtype=bool) if baseline else limits <= 1
        tokens = _Merging(hidden)
        generator = torch.Generator().manual_seed(0)
        for index, layer in enumerate(member.layers):
            before, score = tokens.counts(), np.full(len(rows), np.nan)
            projected = layer.attention.project(layer.attention.norm(tokens.hidden))
            bias = None if tokens.whole else tokens.layout.clamp(min=ABSENT).log()[:, None, None]
            mixed, _ = layer.attention.mix(projected, bias)
            tokens.hidden = tokens.hidden + layer.attention.merge(mixed)
            if baseline:
                tokens.merge(*tokens.blindly(baseline, limits, generator))
            elif comparing.any() and tokens.hidden.shape[1] > 1:
                keys = projected.unflatten(-1, (3, layer.attention.heads, -1))[:, :, 1].mean(dim=2)
                similarity, partner = tokens.most_similar(keys)
                limit = torch.tensor(limits, dtype=torch.float32, device=hidden.device)[:, None]
                if recorder.active:
                    score = nearest(similarity, limit)
                tokens.merge((similarity >= limit) & (limit <= 1), partner)
            tokens.hidden = layer.inner(tokens.hidden)
            if recorder.active:
                after, deciding = tokens.counts(), comparison_macs(before, self._key_width) * comparing
                columns = {
                    "source": ragged(list(tokens.sources())),
                    "choice": np.array([f"{b} of {a} left" for a, b in zip(before, after, strict=True)]),
                    "score": score,
                    "threshold": np.where(comparing, limits, np.nan),
                    "macs": layer.attention.macs(before) + deciding + layer.inner.macs(after),
                    "decider_macs": deciding,
                }
                shared = {"layer": index, "grid": grid, "rule": self.rule, "macs_static": layer.macs(total)}
                recorder.decide(TokenMerge, rows, columns=columns, unit=f"members.0.layers.{index}", **shared)
        recorder.work("members.0.answer", rows, member.answer.macs)
        return member.answer(tokens.hidden, tokens.layout)

    @property
    def _key_width(self) -> int:
        attention = self.members[0].layers[0].attention
        return attention.merge.in_features // attention.heads


def comparison_macs(tokens: Count, width: int) -> Count:
    """MACs of comparing every second token with those between them, by keys of ``width``."""
    return (tokens + 1) // 2 * (tokens // 2) * width


def nearest(similarity: Tensor, limit: Tensor) -> np.ndarray:
    """(N,) of each picture's similarities, (N, pairs), that which came nearest to its limit, (N, 1)."""
    place = (similarity - limit).abs().argmin(dim=1, keepdim=True)
    found = similarity.gather(1, place)[:, 0].detach().float().cpu().numpy()
    return np.where(np.isfinite(found), found, np.nan)


class _Merging:
    """Tokens of N pictures and how many patches each stands for, those that are left in front.

    hidden: (N, T, width). sizes: (N, T), 0 where there is none any more. belongs: (N, patches), the place of the token
    that each patch is part of. first: (N, T), the patch that a token was to begin with.
    """

    def __init__(self, hidden: Tensor):
        self.hidden = hidden
        self.sizes = hidden.new_ones(hidden.shape[:2])
        self.first = torch.arange(hidden.shape[1], device=hidden.device).expand(len(hidden), -1)
        self.belongs = self.first
        self.whole = True  # nothing has been merged

    @property
    def layout(self) -> Layout:
        return None if self.whole else self.sizes

    def counts(self) -> np.ndarray:
        """(N,) how many tokens are left."""
        return (self.sizes > 0).sum(dim=1).cpu().numpy()

    def sources(self) -> np.ndarray:
        """(N, patches): the patch that the token of each patch was to begin with."""
        return self.first.gather(1, self.belongs).cpu().numpy()

    def most_similar(self, keys: Tensor) -> tuple[Tensor, Tensor]:
        """(N, T, key width) -> the cosine of every first token with its most similar second one, and which that is."""
        keys = F.normalize(keys, dim=-1)
        cosines = keys[:, ::2] @ keys[:, 1::2].transpose(1, 2)
        cosines = cosines.masked_fill((self.sizes == 0)[:, None, 1::2], -torch.inf)
        similarity, partner = cosines.max(dim=2)
        return similarity.masked_fill(self.sizes[:, ::2] == 0, -torch.inf), partner

    def blindly(self, baseline: str, shares: np.ndarray, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Which first tokens are merged if nobody looks, all but ``shares`` (N,) of them, and with which second ones.

        At ``random``; or evenly spread (``uniform``) and each with its neighbour, which is pooling.
        """
        there, seconds = self.sizes[:, ::2] > 0, (self.sizes[:, 1::2] > 0).sum(dim=1, keepdim=True)
        drawn, other = torch.rand(2, *there.shape, generator=generator).to(there.device)
        partner = (other * seconds).long()
        if baseline == "uniform":
            partner = torch.arange(there.shape[1], device=there.device).expand(there.shape)
            there = there & (partner < seconds)
            drawn = (partner * 0.618034) % 1  # the golden section: any first few of them are evenly spread
        elif baseline != "random":
            raise ValueError(f"no baseline is called {baseline!r}; known: random, uniform")
        rank = drawn.masked_fill(~there, torch.inf).argsort(dim=1).argsort(dim=1)
        most = (there.sum(dim=1) * (1 - torch.tensor(shares, device=there.device))).round()
        return (rank < most[:, None]) & there & (seconds > 0), partner

    def merge(self, merged: Tensor, partner: Tensor) -> None:
        """merged: (N, first) which of the first tokens go; partner: (N, first) into which of the second ones."""
        if not merged.any():
            return
        self.whole = False
        length = self.sizes.shape[1]
        place = torch.arange(length, device=merged.device).repeat(
            len(merged), 1
        )  # where each token is afterwards, before closing the gaps
        place[:, ::2] = torch.where(merged, 2 * partner + 1, place[:, ::2])
        weighted = torch.zeros_like(self.hidden).scatter_add(
            1, place[..., None].expand_as(self.hidden), self.hidden * self.sizes[..., None]
        )
        sizes = torch.zeros_like(self.sizes).scatter_add(1, place, self.sizes)
        kept = sizes > 0
        order = kept.byte().argsort(dim=1, descending=True, stable=True)[:, : int(kept.sum(dim=1).max())]
        self.belongs = (kept.cumsum(dim=1) - 1).gather(1, place.gather(1, self.belongs))
        self.sizes, self.first = sizes.gather(1, order), self.first.gather(1, order)
        hidden = weighted / sizes.clamp(min=1)[..., None]
        self.hidden = hidden.gather(1, order[..., None].expand(-1, -1, hidden.shape[2]))
