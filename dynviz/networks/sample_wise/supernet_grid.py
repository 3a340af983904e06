"""What a grid of cells is made of: its places, the edges between them, their gates, and what is recorded of them.

See ``routing_supernet``, the network that these are parts of.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from dynviz.decisions import Route
from dynviz.decisions import joined as choice_of
from dynviz.networks.answering import Classifier
from dynviz.networks.baselines import blind_choices
from dynviz.networks.blocks import ConvNorm
from dynviz.networks.gates import Decider, GateFeatures
from dynviz.recorder import Recorder, Setting

EDGES = ("up", "keep", "down")
ELSEWHERE = 1.0  # bias of every gate at first, but for those that the network favours
UNREACHED = "not reached"


class EdgeGate(Decider):
    """(N, C, H, W) -> (N, edges) logits of opening each edge out of a cell."""

    def __init__(self, channels: int, edges: int):
        super().__init__()
        self.hidden = GateFeatures(channels)
        self.open = nn.Linear(self.hidden.linear.out_features, edges)
        nn.init.normal_(self.open.weight, std=0.1)
        nn.init.constant_(self.open.bias, ELSEWHERE)

    def forward(self, x: Tensor) -> Tensor:
        return self.open(self.hidden(x))

    @property
    def macs(self) -> int:
        return self.hidden.macs + self.open.weight.numel()


class Up(ConvNorm):
    """To the finer scale: a 1x1 convolution, its output repeated to twice the size."""

    def __init__(self, in_channels: int, out_channels: int):
        super().__init__(in_channels, out_channels, kernel=1, relu=False)

    def forward(self, x: Tensor) -> Tensor:
        return F.interpolate(super().forward(x), scale_factor=2.0, mode="nearest")


class PooledScales(nn.Module):
    """Linear classifier of the means of the last cells' features, those of all scales beside one another."""

    def __init__(self, widths: tuple[int, ...], classes: int):
        super().__init__()
        self.widths = widths
        self.linear = Classifier(sum(widths), classes)

    def forward(self, maps: list[Tensor | None], count: int) -> Tensor:
        """A (N, C, H, W) map of each scale; None, or zeros, where no way led to it."""
        means = [
            self.linear.weight.new_zeros(count, width) if x is None else x.mean(dim=(2, 3))
            for x, width in zip(maps, self.widths, strict=True)
        ]
        return self.linear(torch.cat([mean.to(means[0].dtype) for mean in means], dim=1))

    @property
    def macs(self) -> int:
        return self.linear.weight.numel()


@dataclass(frozen=True)
class Node:
    """A place of the grid. edges: of those out of it that there are, in the order of ``EDGES``."""

    layer: int
    scale: int
    edges: tuple[str, ...]

    @property
    def unit(self) -> str:
        return f"cells.{self.layer}.{self.scale}"

    def choice(self, opened: np.ndarray) -> str:
        """(edges,) bool -> "keep", "keep+down", "none"."""
        return choice_of(edge for edge, ran in zip(self.edges, opened, strict=True) if ran)

    def target(self, edge: str) -> int:
        """The scale that ``edge`` leads to, in the next layer."""
        return self.scale + EDGES.index(edge) - 1


@dataclass(frozen=True)
class Arrival:
    """What came along one edge, of all pictures: (N, C, H, W), and (N,) one where it came and zero where not."""

    x: Tensor
    weight: Tensor
    up: bool = False


@dataclass(frozen=True)
class Some:
    """What came along one edge, of the pictures that it came for only: ``rows`` are theirs in the batch, ascending."""

    rows: np.ndarray
    x: Tensor
    up: bool = False


class Gating:
    """The gates of one call: asked, decided by hand, or blind; and what is recorded of them.

    grid: the nodes of each layer; gates: of each of them; limits: (N,) the threshold of each picture.
    """

    def __init__(self, grid: list[list[Node]], gates: nn.ModuleList, setting: Setting, limits: np.ndarray):
        self.gates, self.setting, self.count, self.limits = gates, setting, len(limits), limits
        self.blind: dict[str, np.ndarray] = {}
        if setting.baseline:
            nodes = [node for layer in grid for node in layer]
            draws = blind_choices(setting.baseline, self.limits, sum(len(node.edges) for node in nodes))
            for node in nodes:
                self.blind[node.unit], draws = draws[: len(node.edges)].T, draws[len(node.edges) :]

    def logits(self, node: Node, features: Tensor) -> np.ndarray | None:
        """(n, edges) of each of the features' pictures; None where no gate is asked."""
        if self.setting.baseline:
            return None
        return self.gates[node.layer][node.scale](features).detach().float().cpu().numpy()

    def opened(self, node: Node, logits: np.ndarray | None, rows: np.ndarray) -> np.ndarray:
        """(n, edges) bool, which edges out of ``node`` are open for the pictures ``rows``."""
        if (forced := self.setting.some_by_hand(node.unit, node.edges)) is not None:
            return np.tile(forced, (len(rows), 1))
        if logits is None:
            return self.blind[node.unit][rows]
        return logits > self.limits[rows, None]

    def record(
        self,
        recorder: Recorder,
        node: Node,
        cell: int,
        edges: np.ndarray,
        rows: np.ndarray,
        logits: np.ndarray | None,
        opened: np.ndarray,
    ) -> None:
        """What ``node`` decided for all pictures: nothing for those not among ``rows``, which never came to it.

        cell: MACs of its cell; edges: (edges,) MACs of each edge; logits, opened: of ``rows``.
        """
        decider = 0 if self.setting.baseline else self.gates[node.layer][node.scale].macs
        asked = np.zeros(self.count, dtype=np.int64)
        ran, weights = np.zeros((self.count, len(edges)), dtype=bool), np.zeros((self.count, len(edges)))
        ran[rows], asked[rows] = opened, decider
        if logits is not None:
            weights[rows] = sigmoid(logits)
        choice = np.full(self.count, UNREACHED, dtype=object)
        choice[rows] = [node.choice(row) for row in opened]
        recorder.decide(
            Route,
            np.arange(self.count),
            columns={
                "ran": ran,
                "weights": weights,
                "choice": choice.astype(str),
                "executed": ran.any(axis=1),
                "macs": cell * ran.any(axis=1) + ran @ edges + asked,
                "decider_macs": asked,
                "threshold": np.where(np.isfinite(self.limits), sigmoid(self.limits), np.nan),
            },
            unit=node.unit,
            layer=node.layer,
            step=node.scale,
            edges=node.edges,
            rule="blind" if self.setting.baseline else "edge gate",
            forced=node.unit in self.setting.forced,
            macs_static=cell + int(edges.sum()) + decider,
        )


def grid_of(layers: int, scales: int) -> list[list[Node]]:
    """The nodes of each layer: one scale in the first, one more in each after it until all are there.

    Every node has the edges that lead to a node; those of the last layer one, to the classifier.
    """
    grid = []
    for layer in range(layers):
        last, nodes = layer == layers - 1, []
        for scale in range(min(layer + 1, scales)):
            there = {"up": scale > 0 and not last, "keep": True, "down": scale + 1 < scales and not last}
            nodes.append(Node(layer, scale, tuple(edge for edge in EDGES if there[edge])))
        grid.append(nodes)
    return grid


def joined(parts: list[Arrival]) -> tuple[Tensor, Tensor]:
    """What arrives at a node, of all pictures -> (its features, (N,) one where anything arrived and zero where not).

    The mean of what comes from the same and the finer scale, and what comes up added to it.
    """
    total = sum(part.x * part.weight[:, None, None, None].to(part.x.dtype) for part in parts)
    across = [part.weight for part in parts if not part.up]
    if len(across) > 1:
        total = total / sum(across).clamp(min=1)[:, None, None, None].to(total.dtype)
    return total, sum(part.weight for part in parts).clamp(max=1)


def gathered(parts: list[Some]) -> tuple[np.ndarray, Tensor]:
    """The same of the pictures that arrived only: (which of the batch they are, their features)."""
    rows = parts[0].rows
    if len(parts) == 1:
        return rows, parts[0].x
    if any(not np.array_equal(part.rows, rows) for part in parts):
        rows = np.unique(np.concatenate([part.rows for part in parts]))
    total, across = None, np.zeros(len(rows), dtype=np.float32)
    for part in parts:
        places, x = np.searchsorted(rows, part.rows), part.x
        if len(places) < len(rows):
            x = x.new_zeros(len(rows), *x.shape[1:]).index_copy(0, torch.from_numpy(places), x)
        total = x if total is None else total + x
        across[places] += not part.up
    if (across > 1).any():
        total = total / torch.from_numpy(across.clip(min=1)).to(total.device)[:, None, None, None]
    return rows, total


def sigmoid(values: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-np.asarray(values, dtype=np.float64).clip(-50, 50)))
