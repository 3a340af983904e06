"""MSDNet: dense features at several scales, with classifiers along the way that may answer early.

Paper: Huang, Chen, Li, Wu, van der Maaten & Weinberger 2018, "Multi-Scale Dense Networks for Resource Efficient Image
Classification": dense layers over scales (section 4), network reduction and lazy evaluation (section 4, "Network
reduction and lazy evaluation"), the budgeted-batch thresholds (section 3, calibrated in ``evaluation.operating``).
Differs: wider and fewer layers (the paper's many narrow ones waste a processor), and a lighter classifier of one
strided convolution, average pooling and a linear layer.

Lazy evaluation is what makes an early answer cheap: an exit after layer l needs its own (coarsest) scale up to l, the
next finer one only up to l - 1, and so on. What no exit has asked for yet is not computed.
"""

from __future__ import annotations

from torch import Tensor, nn

from dynviz.networks.blocks import ConvNorm, PooledLinear, Size, Stem, concatenate, initialise, take_samples
from dynviz.networks.contract import ExitNetwork


class Bottleneck(nn.Module):
    """1x1 then 3x3 convolution: new features from all earlier ones."""

    def __init__(self, in_channels: int, out_channels: int, width: int, stride: int = 1):
        super().__init__()
        self.reduce = ConvNorm(in_channels, width, kernel=1)
        self.conv = ConvNorm(width, out_channels, stride=stride)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(self.reduce(x))

    def macs(self, size: Size) -> int:
        return self.reduce.macs(size) + self.conv.macs(size)


class ExitHead(nn.Module):
    """Classifier on the coarsest scale."""

    def __init__(self, in_channels: int, width: int, classes: int):
        super().__init__()
        self.conv = ConvNorm(in_channels, width, stride=2)
        self.classifier = PooledLinear(width, classes)

    def forward(self, x: Tensor) -> Tensor:
        return self.classifier(self.conv(x))

    def macs(self, size: Size) -> int:
        return self.conv.macs(size) + self.classifier.macs(size)


class MSDNet(ExitNetwork):
    """Dense layers over scales, finest first; ``exits`` are the layers of the coarsest scale that carry a classifier.

    channels, growth: of each scale. layers: dense layers after the first. drops[s]: the last layer that scale s has;
    after it, the coarser scales are halved by a 1x1 convolution (network reduction). The coarsest is never dropped.
    """

    def __init__(
        self,
        *,
        channels: tuple[int, ...],
        growth: tuple[int, ...],
        layers: int,
        drops: tuple[int, ...],
        exits: tuple[int, ...],
        head_width: int,
        classes: int,
        bottleneck: float = 2.0,
        stem_stride: int = 4,
        in_size: int = 128,
    ):
        super().__init__()
        self.in_size = (in_size, in_size)
        self.scales = len(channels)
        self.exit_layers = exits
        self.stem = Stem(channels[0], stem_stride)
        self.first = nn.ModuleList(
            ConvNorm(channels[s - 1], channels[s], stride=2) if s else nn.Identity() for s in range(self.scales)
        )
        last_layer = (*drops, layers)
        width = {(s, 0): channels[s] for s in range(self.scales)}
        self.same, self.down, self.transition = nn.ModuleDict(), nn.ModuleDict(), nn.ModuleDict()
        for layer in range(1, layers + 1):
            for s in range(self.scales):
                if layer > last_layer[s]:
                    continue
                new = growth[s] if s == 0 or layer - 1 > last_layer[s - 1] else growth[s] // 2
                inner = max(8, round(new * bottleneck / 8) * 8)
                before = width[s, layer - 1]
                self.same[f"{s}_{layer}"] = Bottleneck(before, new, inner)
                out = before + new
                if new != growth[s]:
                    self.down[f"{s}_{layer}"] = Bottleneck(width[s - 1, layer - 1], new, inner, stride=2)
                    out += new
                if layer in drops and layer < last_layer[s]:
                    self.transition[f"{s}_{layer}"] = ConvNorm(out, out // 2, kernel=1)
                    out //= 2
                width[s, layer] = out
        coarsest = self.scales - 1
        self.exits = nn.ModuleList(ExitHead(width[coarsest, layer], head_width, classes) for layer in exits)
        initialise(self)
        self.costs = self._count(self.in_size)

    def plain(self, x: Tensor) -> Tensor:
        """What every decision open answers, without the decisions: all layers, and only the last classifier."""
        last = len(self.exits) - 1
        return self.exits[last](self._advance(self._start(x), last))

    def exit_names(self) -> list[str]:
        return [f"exits.{k}" for k in range(len(self.exits))]

    def segment(self, state: _Pyramid | None, x: Tensor, index: int) -> tuple[_Pyramid, Tensor]:
        """Compute what exit ``index`` needs beyond what is there already: (state, its logits)."""
        state = self._start(x) if state is None else state
        return state, self.exits[index](self._advance(state, index))

    def select(self, state: _Pyramid, x: Tensor, rows: Tensor) -> tuple[_Pyramid, Tensor]:
        """The state of some samples of the batch only; the pictures are not looked at again."""
        return {s: (layer, take_samples(features, rows)) for s, (layer, features) in state.items()}, x

    def segment_macs(self, size: Size) -> list[int]:
        """MACs of each exit's segment for an input of ``size`` px: what it adds to the segments before it."""
        return self.costs if size == self.in_size else self._count(size)

    def _count(self, size: Size) -> list[int]:
        cost = self.stem.macs(size)
        sizes = [self.stem.out_size(size)]
        for s in range(1, self.scales):
            cost += self.first[s].macs(sizes[s - 1])
            sizes.append(self.first[s].out_size(sizes[s - 1]))
        done = dict.fromkeys(range(self.scales), 0)
        segments = []
        for layer, head in zip(self.exit_layers, self.exits, strict=True):
            cost += self._advance_macs(done, self.scales - 1, layer, sizes) + head.macs(sizes[-1])
            segments.append(cost)
            cost = 0
        return segments

    def _start(self, x: Tensor) -> _Pyramid:
        pyramid = {0: (0, self.stem(x))}
        for s in range(1, self.scales):
            pyramid[s] = (0, self.first[s](pyramid[s - 1][1]))
        return pyramid

    def _advance(self, pyramid: _Pyramid, exit_index: int) -> Tensor:
        self._advance_scale(pyramid, self.scales - 1, self.exit_layers[exit_index])
        return pyramid[self.scales - 1][1]

    def _advance_scale(self, pyramid: _Pyramid, s: int, target: int) -> None:
        """Bring scale ``s`` to layer ``target``, and the finer scales only as far as it needs them."""
        layer, features = pyramid[s]
        while layer < target:
            key = f"{s}_{layer + 1}"
            parts = [features, self.same[key](features)]
            if key in self.down:
                self._advance_scale(pyramid, s - 1, layer)
                parts.append(self.down[key](pyramid[s - 1][1]))
            features = concatenate(parts)
            if key in self.transition:
                features = self.transition[key](features)
            layer += 1
            pyramid[s] = (layer, features)

    def _advance_macs(self, done: dict[int, int], s: int, target: int, sizes: list[Size]) -> int:
        total = 0
        while done[s] < target:
            key = f"{s}_{done[s] + 1}"
            total += self.same[key].macs(sizes[s])
            if key in self.down:
                total += self._advance_macs(done, s - 1, done[s], sizes) + self.down[key].macs(sizes[s - 1])
            if key in self.transition:
                total += self.transition[key].macs(sizes[s])
            done[s] += 1
        return total


_Pyramid = dict[int, tuple[int, Tensor]]
