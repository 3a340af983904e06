"""Do a network's decisions survive what makes networks small? Pruning, low rank and int8, and the curve again.

Each is done to the trained network as it is, without training it again, to the two layers of each part that has a
hidden width of its own (the feed-forward layers of transformers, the bottlenecks of an MSDNet, the blocks of a ResNet):
a structured pruning of the hidden units that are written and read least (by the norms of the weights that do so), a
low-rank form (truncated singular values), and torch.ao's int8: dynamic for linear layers; for convolutions static, with
the ranges of some validation inputs. A network without such parts is not asked. Where pixels are gathered, a block uses
its weights directly and is only pruned.
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
from dynviz.networks.blocks import BasicBlock
from dynviz.networks.encoder import FeedForward
from dynviz.networks.sample_wise.msdnet import Bottleneck
from dynviz.networks.spatial_wise.gathered import ARRANGED, GatheredBlock
from dynviz.recorder import Setting
from dynviz.results.comparison import mean_interval
from dynviz.results.findings import CompatibilityUse
from dynviz.zoo import ModelCard

PRUNED = 0.25  # of the hidden units of each feed-forward layer
RANK = 0.5  # of the full rank; below half of it a square layer gets smaller
POINTS = 5  # operating points, from the cheapest to the dearest
TIMED = 40  # inputs, one at a time
CALIBRATED = 64  # validation inputs whose ranges int8 convolutions cover


def compatibility_use(
    card: ModelCard, samples: int, progress: Callable[[int, int], None] | None = None
) -> CompatibilityUse | None:
    """Accuracy before and after on every k-th test input, bytes, and milliseconds in turn on one thread."""
    whole = zoo.load(card.name)
    if not pairs(whole):
        return None
    dataset, adapter = DATASETS[called(card.data).name], MODALITIES[card.modality]
    chosen = adapter.samples(dataset, "test", InputForm.of(card)).thinned(samples)
    points = sorted({round(i) for i in np.linspace(0, len(card.operating_points) - 1, POINTS)})
    limits = [thresholds(card.operating_points[i]) for i in points]
    held_out = adapter.samples(dataset, "val", InputForm.of(card)).thinned(CALIBRATED)
    networks = changed(whole, lambda network: _run_all(network, held_out))
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


def changed(whole: nn.Module, calibration: Callable[[nn.Module], Any]) -> dict[str, nn.Module]:
    """The network as it is, and each change of it that it can take. calibration: as for ``int8``."""
    networks = {"as it is": whole, "pruned": pruned(copy.deepcopy(whole))}
    if not any(isinstance(part, GatheredBlock) for part in whole.modules()):
        networks["low rank"] = low_rank(copy.deepcopy(whole))
        networks["int8"] = int8(copy.deepcopy(whole), calibration)
    return networks


Place = tuple[nn.Module, str]  # a module and the name of a layer in it


def pairs(network: nn.Module) -> list[tuple[Place, Place]]:
    """Of each part with a hidden width of its own: the layer that writes it and the one that reads it."""
    found: list[tuple[Place, Place]] = []
    for part in network.modules():
        if isinstance(part, FeedForward):
            found.append(((part, "widen"), (part, "narrow")))
        elif isinstance(part, Bottleneck):
            found.append(((part.reduce, "conv"), (part.conv, "conv")))
        elif type(part) in (BasicBlock, GatheredBlock):  # others share out their channels
            found.append(((part.conv1, "conv"), (part.conv2, "conv")))
    return found


def pruned(network: nn.Module, share: float = PRUNED) -> nn.Module:
    """Without the ``share`` of hidden units that are written and read least: smaller layers, really less work."""
    for writer, reader in pairs(network):
        first, second = getattr(*writer), getattr(*reader)
        written, read = first.weight.data, second.weight.data
        weight = written.flatten(1).norm(dim=1) * read.transpose(0, 1).flatten(1).norm(dim=1)
        kept = weight.argsort(descending=True)[: max(1, round(len(weight) * (1 - share)))].sort().values
        setattr(*writer, _like(first, written[kept], None if first.bias is None else first.bias.data[kept]))
        setattr(*reader, _like(second, read[:, kept], None if second.bias is None else second.bias.data))
    _packed_anew(network)
    return network


def low_rank(network: nn.Module, share: float = RANK) -> nn.Module:
    """These layers as products of two thin ones, where that is smaller."""
    for place in (place for pair in pairs(network) for place in pair):
        setattr(*place, _thin(getattr(*place), share))
    return network


def int8(network: nn.Module, calibration: Callable[[nn.Module], Any] | None = None) -> nn.Module:
    """torch.ao's 8 bits. calibration: runs the network on inputs whose ranges static quantisation is to cover."""
    from torch.ao.quantization import quantize_dynamic

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it is to move to a package of its own
        for part in network.modules():
            if isinstance(part, FeedForward):
                quantize_dynamic(part, {nn.Linear}, dtype=torch.qint8, inplace=True)
        places = [p for pair in pairs(network) for p in pair if isinstance(getattr(*p), nn.Conv2d)]
        if places:
            assert calibration is not None
            ranges = _ranges([getattr(*place) for place in places], lambda: calibration(network))
            for place, (given, out) in zip(places, ranges, strict=True):
                setattr(*place, Int8Conv(getattr(*place), given, out))
    return network


class Thin(nn.Module):
    """x -> B (A x) + bias: a linear layer or a convolution of low rank."""

    def __init__(self, first: nn.Module, second: nn.Module, stride: Any = None) -> None:
        super().__init__()
        self.first, self.second, self.stride = first, second, stride

    @property
    def weight(self) -> Tensor:
        """As many numbers as are multiplied with each token; what counts MACs asks for no more."""
        return torch.empty(self.first.weight.numel() + self.second.weight.numel(), device="meta")

    def forward(self, x: Tensor) -> Tensor:
        return self.second(self.first(x))


class Int8Conv(nn.Module):
    """A convolution in 8 bits: what comes is quantised, what goes is not. given, out: (least, most) of either."""

    def __init__(self, conv: nn.Conv2d, given: tuple[float, float], out: tuple[float, float]) -> None:
        from torch.ao.nn.quantized import Conv2d

        super().__init__()
        shape = conv.in_channels, conv.out_channels, conv.kernel_size, conv.stride, conv.padding
        self.inner = Conv2d(*shape, bias=conv.bias is not None)
        weight = conv.weight.detach()
        scales = weight.flatten(1).abs().amax(dim=1).clamp(min=1e-8) / 127
        zeros = torch.zeros(len(scales), dtype=torch.long)
        quantised = torch.quantize_per_channel(weight, scales.double(), zeros, 0, torch.qint8)
        self.inner.set_weight_bias(quantised, None if conv.bias is None else conv.bias.detach())
        self.inner.scale, self.inner.zero_point = _steps(out)
        self.given, self.stride, self.count = _steps(given), conv.stride, conv.weight.numel()

    @property
    def weight(self) -> Tensor:
        """For counting MACs."""
        return torch.empty(self.count, device="meta")

    def forward(self, x: Tensor) -> Tensor:
        return self.inner(torch.quantize_per_tensor(x, *self.given, torch.quint8)).dequantize()


def _steps(ends: tuple[float, float]) -> tuple[float, int]:
    """Scale and zero point of 256 steps that hold zero."""
    low, high = min(ends[0], 0.0), max(ends[1], 0.0)
    scale = max((high - low) / 255, 1e-8)
    return scale, int(np.clip(round(-low / scale), 0, 255))


def _ranges(layers: list[nn.Module], run: Callable[[], Any]) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    """(least, most) of what each layer is given and gives while ``run`` goes."""
    found: dict[nn.Module, list[float]] = {layer: [0.0, 0.0, 0.0, 0.0] for layer in layers}

    def see(layer: nn.Module, given: tuple[Tensor], out: Tensor) -> None:
        known = found[layer]
        (x,) = given
        if x.numel():
            ends = x.min(), x.max(), out.min(), out.max()
            found[layer] = [pick(a, float(b)) for pick, a, b in zip((min, max, min, max), known, ends, strict=True)]

    hooks = [layer.register_forward_hook(see) for layer in layers]
    try:
        with torch.inference_mode():
            run()
    finally:
        for hook in hooks:
            hook.remove()
    return [((ends[0], ends[1]), (ends[2], ends[3])) for ends in found.values()]


def _thin(layer: Any, share: float) -> nn.Module:
    weight = layer.weight.data.flatten(1)
    rows, columns = weight.shape
    rank = max(1, round(min(rows, columns) * share))
    if rank * (rows + columns) >= rows * columns:
        return layer
    u, s, v = torch.linalg.svd(weight, full_matrices=False)
    first, second = v[:rank], u[:, :rank] * s[:rank]
    bias = None if layer.bias is None else layer.bias.data
    if isinstance(layer, nn.Linear):
        return Thin(_like(layer, first, None), _like(layer, second, bias))
    narrow = _like(layer, first.view(rank, *layer.weight.shape[1:]), None)
    return Thin(narrow, _conv(second[:, :, None, None], bias, 1, 0), layer.stride)


def _like(layer: Any, weight: Tensor, bias: Tensor | None) -> nn.Module:
    """A layer of the same kind with other weights."""
    if isinstance(layer, nn.Conv2d):
        return _conv(weight, bias, layer.stride, layer.padding)
    made = nn.Linear(weight.shape[1], weight.shape[0], bias=bias is not None)
    return _filled(made, weight, bias)


def _conv(weight: Tensor, bias: Tensor | None, stride: Any, padding: Any) -> nn.Module:
    made = nn.Conv2d(weight.shape[1], weight.shape[0], weight.shape[2:], stride, padding, bias=bias is not None)
    return _filled(made.to(memory_format=torch.channels_last), weight, bias)


def _filled(made: Any, weight: Tensor, bias: Tensor | None) -> nn.Module:
    layout = torch.channels_last if weight.dim() == 4 else torch.contiguous_format
    made.weight = nn.Parameter(weight.contiguous(memory_format=layout), requires_grad=False)
    if bias is not None:
        made.bias = nn.Parameter(bias, requires_grad=False)
    return made.eval()


def _packed_anew(network: nn.Module) -> None:
    for part in network.modules():
        if isinstance(part, GatheredBlock):
            for name in ARRANGED:
                setattr(part, name, None)
            part.pack()


def _run_all(network: Any, samples: Any) -> None:
    for _, x in samples.batches():
        network(x, setting=Setting("masked"))


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
    """Median of each over the same inputs, really skipping, in turn: of the processor on one thread, so that whatever
    else a machine does meanwhile is not counted.
    """
    _, x = next(iter(samples.batches()))
    took: dict[str, list[float]] = {name: [] for name in networks}
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        for row in range(min(TIMED, len(x))):
            for name, network in networks.items():
                started = time.thread_time()
                with torch.inference_mode():
                    network(x[row : row + 1], setting=Setting("skipping", thresholds=limits))
                took[name].append((time.thread_time() - started) * 1000)
    finally:
        torch.set_num_threads(threads)
    return {name: float(np.median(values)) for name, values in took.items()}


def _bytes(network: nn.Module) -> int:
    """Of a file with all its numbers."""
    buffer = io.BytesIO()
    torch.save(network.state_dict(), buffer)
    return buffer.tell()
