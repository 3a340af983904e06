"""Do a network's decisions survive what makes networks small? Pruning, low rank and int8, and the curve again.

Each is done to the trained network as it is, without training it again: a structured pruning of the least used hidden
units of its feed-forward layers (by the norms of the weights that write and read them), a low-rank form of its linear
layers (truncated singular values), and torch.ao's dynamic int8 of the linear layers. Networks made of linear layers
only (transformers); a network without a feed-forward layer is not asked.
"""

from __future__ import annotations

import copy
import io
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from dynviz import zoo
from dynviz.datasets.registry import DATASETS, called
from dynviz.evaluation.operating import thresholds
from dynviz.modalities import MODALITIES
from dynviz.modalities.adapter import InputForm
from dynviz.networks.encoder import FeedForward
from dynviz.recorder import Setting
from dynviz.results.comparison import mean_interval
from dynviz.results.findings import CompatibilityUse
from dynviz.zoo import ModelCard

PRUNED = 0.25  # of the hidden units of each feed-forward layer
RANK = 0.5  # of the full rank; below half of it a square layer gets smaller
POINTS = 5  # operating points, from the cheapest to the dearest
TIMED = 40  # inputs, one at a time


def compatibility_use(
    card: ModelCard, samples: int, progress: Callable[[int, int], None] | None = None
) -> CompatibilityUse | None:
    """Accuracy before and after on every k-th test input, bytes, and milliseconds in turn on one thread."""
    whole = zoo.load(card.name)
    if not any(isinstance(part, FeedForward) for part in whole.modules()):
        return None
    dataset = DATASETS[called(card.data).name]
    chosen = MODALITIES[card.modality].samples(dataset, "test", InputForm.of(card)).thinned(samples)
    points = sorted({round(i) for i in np.linspace(0, len(card.operating_points) - 1, POINTS)})
    limits = [thresholds(card.operating_points[i]) for i in points]
    networks = {"as it is": whole, **{name: change(copy.deepcopy(whole)) for name, change in CHANGES.items()}}
    right: dict[str, np.ndarray] = {}
    for done, (name, network) in enumerate(networks.items()):
        right[name] = _right(network, chosen, limits)
        if progress is not None:
            progress(done + 1, len(networks))
    ms = _milliseconds(networks, chosen, limits[len(limits) // 2])
    return CompatibilityUse(
        budgets=tuple(card.operating_points[i].budget for i in points),
        names=tuple(networks),
        accuracy=tuple(tuple(right[name].mean(axis=0).tolist()) for name in networks),
        lost=tuple(_lost(right[name], right["as it is"]) for name in networks),
        bytes=tuple(_bytes(network) for network in networks.values()),
        ms=tuple(ms[name] for name in networks),
        n=len(chosen),
    )


def pruned(network: nn.Module, share: float = PRUNED) -> nn.Module:
    """Without the ``share`` of hidden units that are written and read least: smaller layers, really less work."""
    for part in network.modules():
        if isinstance(part, FeedForward):
            written, read = part.widen.weight.data, part.narrow.weight.data
            weight = written.norm(dim=1) * read.norm(dim=0)
            kept = weight.argsort(descending=True)[: max(1, round(len(weight) * (1 - share)))].sort().values
            part.widen = _linear(written[kept], part.widen.bias.data[kept])
            part.narrow = _linear(read[:, kept], part.narrow.bias.data)
    return network


def low_rank(network: nn.Module, share: float = RANK) -> nn.Module:
    """The feed-forward layers as products of two thin ones, where that is smaller."""
    for part in network.modules():
        if isinstance(part, FeedForward):
            part.widen, part.narrow = _thin(part.widen, share), _thin(part.narrow, share)
    return network


def int8(network: nn.Module) -> nn.Module:
    """torch.ao's dynamic quantisation: weights in 8 bits, activations quantised as they come."""
    from torch.ao.quantization import quantize_dynamic

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it is to move to a package of its own
        for part in network.modules():
            if isinstance(part, FeedForward):
                quantize_dynamic(part, {nn.Linear}, dtype=torch.qint8, inplace=True)
    return network


CHANGES: dict[str, Callable[[nn.Module], nn.Module]] = {"pruned": pruned, "low rank": low_rank, "int8": int8}


class Thin(nn.Module):
    """x -> B (A x) + bias: a linear layer of low rank."""

    def __init__(self, first: Tensor, second: Tensor, bias: Tensor) -> None:
        super().__init__()
        self.first, self.second = _linear(first, None), _linear(second, bias)

    @property
    def weight(self) -> Tensor:
        """As many numbers as are multiplied with each token; what counts MACs asks for no more."""
        return torch.empty(self.first.weight.numel() + self.second.weight.numel(), device="meta")

    def forward(self, x: Tensor) -> Tensor:
        return self.second(self.first(x))


def _thin(layer: nn.Linear, share: float) -> nn.Module:
    rows, columns = layer.weight.shape
    rank = max(1, round(min(rows, columns) * share))
    if rank * (rows + columns) >= rows * columns:
        return layer
    u, s, v = torch.linalg.svd(layer.weight.data, full_matrices=False)
    return Thin(v[:rank], u[:, :rank] * s[:rank], layer.bias.data)


def _linear(weight: Tensor, bias: Tensor | None) -> nn.Linear:
    made = nn.Linear(weight.shape[1], weight.shape[0], bias=bias is not None)
    made.weight = nn.Parameter(weight.contiguous(), requires_grad=False)
    if bias is not None:
        made.bias = nn.Parameter(bias, requires_grad=False)
    return made


def _right(network: Any, samples: Any, limits: list[tuple[float, ...]]) -> np.ndarray:
    """(samples, points) bool."""
    found = np.zeros((len(samples), len(limits)), dtype=bool)
    for rows, x in samples.batches():
        for place, values in enumerate(limits):
            with torch.inference_mode():
                logits = network(x, setting=Setting("masked", thresholds=values))
            found[rows, place] = logits.argmax(dim=1).numpy() == samples.labels[rows]
    return found


def _lost(right: np.ndarray, whole: np.ndarray) -> tuple[float, float, float]:
    """(mean, low, high) of the difference, each input once."""
    differences = (right.astype(float) - whole).mean(axis=1)
    return (float(differences.mean()), *mean_interval(differences))


def _milliseconds(networks: dict[str, Any], samples: Any, limits: tuple[float, ...]) -> dict[str, float]:
    """Median of each over the same inputs, really skipping, in turn."""
    _, x = next(iter(samples.batches()))
    took: dict[str, list[float]] = {name: [] for name in networks}
    for row in range(min(TIMED, len(x))):
        for name, network in networks.items():
            started = time.perf_counter()
            with torch.inference_mode():
                network(x[row : row + 1], setting=Setting("skipping", thresholds=limits))
            took[name].append((time.perf_counter() - started) * 1000)
    return {name: float(np.median(values)) for name, values in took.items()}


def _bytes(network: nn.Module) -> int:
    """Of a file with all its numbers."""
    buffer = io.BytesIO()
    torch.save(network.state_dict(), buffer)
    return buffer.tell()
