"""A grid of cells, layers by scales, through which every picture takes ways of its own.

Paper: Li et al. 2020, "Learning Dynamic Routing for Semantic Segmentation". As there, a cell computes at one scale and
a gate opens edges from it: up to the finer scale, on at the same one, down to the coarser one; a cell that no open edge
leads to is not run, and neither is one whose own edges are all closed: it hands on what it was given. Differs: it
classifies, so that a linear layer reads the last cells of all scales; gates are hard and trained straight through at
all budgets at once (``networks.gates``), where theirs are soft; cells are residual blocks, edges down are blocks that
downsample, edges up 1x1 convolutions enlarged by repetition. It begins as a trained ResNet, whose blocks are one way
through the grid; all other cells and the edges up begin as nothing added, all edges down as the ResNet's own.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import torch
from torch import Tensor, nn

from dynviz.networks.blocks import BasicBlock, Size, Stem, initialise, take_samples
from dynviz.networks.contract import Startable
from dynviz.networks.gated import GatedNetwork
from dynviz.networks.gates import Asked, noise_left, straight_through
from dynviz.networks.sample_wise.supernet_grid import (
    EDGES,
    Arrival,
    EdgeGate,
    Gating,
    Node,
    PooledScales,
    Some,
    Up,
    gathered,
    grid_of,
    joined,
)
from dynviz.networks.static.resnet import ResNet
from dynviz.networks.training_output import TrainingOutput
from dynviz.recorder import Recorder, Setting, TrainingSignal

ON_THE_WAY = 3.0  # bias at first of the gates of the trained ResNet's own edges
LOWEST = 0.1  # the smallest share of the whole grid's compute that training asks for

# (node, features, who is there (N,)) -> (N, edges) one for each edge that is open; (N,) handed on as it came
Decide = Callable[[Node, Tensor, Tensor], tuple[Tensor, Tensor | None]]


class RoutingSupernet(GatedNetwork, Startable):
    """A grid of cells. widths: channels of each scale, the finest first, each half as large as the one before. depths:
    of the ResNet of these widths that is one way through it; a layer for each of its blocks that does not downsample.

    The one threshold is what an edge's logit must exceed to be open; recorded as the probability that it is the logit
    of. A cell can be forced to open certain edges: "keep", "keep+down", "none".
    """

    rule = "edge gate"

    def __init__(self, *, widths: tuple[int, ...], depths: tuple[int, ...], classes: int, in_size: int = 128):
        super().__init__()
        self.in_size = (in_size, in_size)
        self.widths, self.depths = tuple(widths), tuple(depths)
        self.grid = grid_of(sum(depths) - len(depths) + 1, len(widths))
        self.stem = Stem(widths[0], 4)
        self.cells, self.ups, self.downs, self.gates = (nn.ModuleList() for _ in range(4))
        for nodes in self.grid:
            self.cells.append(nn.ModuleList(BasicBlock(widths[node.scale], widths[node.scale]) for node in nodes))
            self.ups.append(self._along(nodes, "up", Up))
            self.downs.append(self._along(nodes, "down", partial(BasicBlock, stride=2)))
        self.head = PooledScales(self.widths, classes)
        initialise(self)
        for part in self.modules():
            if isinstance(part, BasicBlock):
                nn.init.zeros_(part.conv2.norm.weight)
            elif isinstance(part, Up):
                nn.init.zeros_(part.norm.weight)
        for nodes in self.grid:
            self.gates.append(nn.ModuleList(EdgeGate(widths[node.scale], len(node.edges)) for node in nodes))

    def _along(self, nodes: list[Node], edge: str, kind: Callable[[int, int], nn.Module]) -> nn.ModuleDict:
        """A module for each of a layer's nodes that has such an edge, by its scale."""
        return nn.ModuleDict(
            {str(n.scale): kind(self.widths[n.scale], self.widths[n.target(edge)]) for n in nodes if edge in n.edges}
        )

    def begin_with(self, other: ResNet) -> None:
        """Take the weights of a trained ``ResNet`` of these widths and depths."""
        self.stem.load_state_dict(other.stem.state_dict())
        blocks, layer = iter(other.blocks), 0
        for scale, depth in enumerate(self.depths):
            if scale:
                turn = next(blocks).state_dict()
                for downs in self.downs:
                    if str(scale - 1) in downs:
                        downs[str(scale - 1)].load_state_dict(turn)
                self._favour(layer - 1, scale - 1, "down")
            for step in range(depth - (scale > 0)):
                self.cells[layer][scale].load_state_dict(next(blocks).state_dict())
                if step:
                    self._favour(layer - 1, scale, "keep")
                layer += 1
        self._favour(layer - 1, len(self.depths) - 1, "keep")
        self.head.linear.weight.data.zero_()
        self.head.linear.weight.data[:, -self.widths[-1] :] = other.head.linear.weight.data
        self.head.linear.bias.data.copy_(other.head.linear.bias.data)

    def _favour(self, layer: int, scale: int, edge: str) -> None:
        self.gates[layer][scale].open.bias.data[self.grid[layer][scale].edges.index(edge)] = ON_THE_WAY

    def costs(self, node: Node, size: Size) -> tuple[int, np.ndarray]:
        """MACs of the cell of ``node`` and, (edges,), of each edge out of it, where the finest scale has ``size``."""
        for _ in range(node.scale):
            size = (size[0] - 1) // 2 + 1, (size[1] - 1) // 2 + 1
        edges = [0 if edge == "keep" else self._edge(node, edge).macs(size) for edge in node.edges]
        return self.cells[node.layer][node.scale].macs(size), np.array(edges, dtype=np.int64)

    def _edge(self, node: Node, edge: str) -> Up | BasicBlock:
        return (self.ups if edge == "up" else self.downs)[node.layer][str(node.scale)]

    def _answer(self, x: Tensor, setting: Setting, limits: np.ndarray, recorder: Recorder) -> Tensor:
        """Height and width have to be whole cells of the coarsest scale: of three scales, multiples of 16 px."""
        count, rows = len(x), np.arange(len(x))
        gating = Gating(self.grid, self.gates, setting, limits)
        if recorder.active:
            recorder.work("stem", rows, self.stem.macs(tuple(x.shape[2:])))
        run = self._masked if setting.mode == "masked" else self._skipping
        logits = self.head(run(self.stem(x), gating, recorder), count)
        if recorder.active:
            recorder.work("head", rows, self.head.macs)
        return logits

    def plain(self, x: Tensor) -> Tensor:
        """What the whole grid answers, without a gate."""
        every = x.new_ones(len(x), len(EDGES))
        return self.head(self._dense(self.stem(x), lambda node, *_: (every[:, : len(node.edges)], None)), len(x))

    def _next(self, layer: int) -> list[list]:
        """A place for what arrives at each node of the next layer, or at the classifier."""
        return [[] for _ in self.grid[min(layer + 1, len(self.grid) - 1)]]

    def _dense(self, x: Tensor, decide: Decide) -> list[Tensor]:
        """Features of the last cells, by scale; everything is computed, and counts where ``decide`` says so."""
        given = [[Arrival(x, x.new_ones(len(x), dtype=torch.float32))]]  # counts stay exact in half precision
        for layer, nodes in enumerate(self.grid):
            arriving = self._next(layer)
            for node, parts in zip(nodes, given, strict=True):
                features, there = joined(parts)
                edges, passed = decide(node, features, there)
                y = self.cells[node.layer][node.scale](features)
                for edge, weight in zip(node.edges, edges.unbind(dim=1), strict=True):
                    out = y if edge == "keep" else self._edge(node, edge)(y)
                    arriving[node.target(edge)].append(Arrival(out, weight, edge == "up"))
                if passed is not None:
                    arriving[node.scale].append(Arrival(features, passed))
            given = arriving
        return [joined(parts)[0] for parts in given]

    def _masked(self, x: Tensor, gating: Gating, recorder: Recorder) -> list[Tensor]:
        size = tuple(x.shape[2:])

        def decide(node: Node, features: Tensor, there: Tensor) -> tuple[Tensor, Tensor]:
            rows = np.flatnonzero(there.detach().cpu().numpy())
            logits = gating.logits(node, features)
            logits = None if logits is None else logits[rows]
            opened = np.zeros((len(features), len(node.edges)), dtype=bool)
            opened[rows] = gating.opened(node, logits, rows)
            if recorder.active:
                gating.record(recorder, node, *self.costs(node, size), rows, logits, opened[rows])
            edges = torch.from_numpy(opened).to(there)
            return edges, there - edges.amax(dim=1)

        return self._dense(x, decide)

    def _train(self, x: Tensor, signal: TrainingSignal) -> TrainingOutput:
        asked = Asked.draw(len(x), LOWEST, signal.ramp, x.device)
        size, spent, whole, parts = self.stem.out_size(tuple(x.shape[2:])), [], [], []

        def decide(node: Node, features: Tensor, there: Tensor) -> tuple[Tensor, Tensor]:
            logits = self.gates[node.layer][node.scale](features).float() + asked.shifts[:, None]
            opened = straight_through(logits, noisy=noise_left(signal))
            parts.append(opened.mean(dim=1))
            edges = opened * there[:, None]
            runs = edges.sum(dim=1).clamp(max=1)
            cell, costs = self.costs(node, size)
            spent.append(cell * runs + edges @ torch.from_numpy(costs).to(edges))
            whole.append(cell + costs.sum())
            return edges, there - runs

        logits = self.head(self._dense(self.stem(x), decide), len(x))
        used = torch.stack(spent).sum(dim=0) / float(sum(whole))
        return TrainingOutput(logits, signal.budget_weight * asked.penalty(used, parts, signal.ramp))

    def _skipping(self, x: Tensor, gating: Gating, recorder: Recorder) -> list[Tensor | None]:
        """The same, and nothing is computed that is not used; None for a scale that no way led to."""
        count, size = len(x), tuple(x.shape[2:])
        given = [[Some(np.arange(count), x)]]
        for layer, nodes in enumerate(self.grid):
            arriving = self._next(layer)
            for node, parts in zip(nodes, given, strict=True):
                rows, features = gathered(parts) if parts else (np.arange(0), None)
                logits = None if features is None else gating.logits(node, features)
                opened = gating.opened(node, logits, rows) if parts else np.zeros((0, len(node.edges)), dtype=bool)
                if recorder.active:
                    gating.record(recorder, node, *self.costs(node, size), rows, logits, opened)
                if features is not None:
                    self._send(node, rows, features, opened, arriving)
            given = arriving
        return [_of_all(parts, count) for parts in given]

    def _send(self, node: Node, rows: np.ndarray, x: Tensor, opened: np.ndarray, arriving: list[list[Some]]) -> None:
        """Run the cell for those that an edge is open for, and let all go on."""
        runs = opened.any(axis=1)
        if not runs.all():
            arriving[node.scale].append(Some(rows[~runs], _some(x, ~runs)))
        if not runs.any():
            return
        rows, opened, y = rows[runs], opened[runs], self.cells[node.layer][node.scale](_some(x, runs))
        for edge, chosen in zip(node.edges, opened.T, strict=True):
            if chosen.any():
                part = _some(y, chosen)
                part = part if edge == "keep" else self._edge(node, edge)(part)
                arriving[node.target(edge)].append(Some(rows[chosen], part, edge == "up"))


def _some(x: Tensor, chosen: np.ndarray) -> Tensor:
    return x if chosen.all() else take_samples(x, torch.from_numpy(np.flatnonzero(chosen)))


def _of_all(parts: list[Some], count: int) -> Tensor | None:
    """Features of all pictures: zeros of those that no way led to; None where none did."""
    if not parts:
        return None
    rows, x = gathered(parts)
    if len(rows) == count:
        return x
    return x.new_zeros(count, *x.shape[1:]).index_copy(0, torch.from_numpy(rows), x)
