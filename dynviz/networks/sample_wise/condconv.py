"""A residual network whose last kernels are mixed anew for each picture from a few that it has learned.

Papers: Yang, Bender, Le & Ngiam 2019, "CondConv: Conditionally Parameterized Convolutions for Efficient Inference";
Chen et al. 2020, "Dynamic Convolution: Attention over Convolution Kernels", whose softmax with a falling temperature
this is. Kernels are mixed first and convolved with once, so that the mixture costs as much as one kernel. It saves
nothing: the parameters are dynamic, not the amount of work. Differs: only the blocks of the last stage behind its first
one are mixed, where there is most to tell apart; all kernels of a layer begin as the trained network's one, a little
apart.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from dynviz.decisions import KernelMixture
from dynviz.networks.blocks import PooledLinear, Size, initialise
from dynviz.networks.contract import DynamicNetwork, Startable
from dynviz.networks.gates import Decider
from dynviz.networks.static.resnet import ResNet
from dynviz.recorder import SILENT, Recorder, Setting, TrainingSignal

HOT, COOL_BY = 30.0, 0.3  # temperature of the mixture at first, and the share of the training until it is one
APART = 0.1  # how far kernels begin from one another, as a share of their own spread


class Router(Decider):
    """(N, C, H, W) -> (N, kernels) logits of the mixture."""

    def __init__(self, channels: int, kernels: int):
        super().__init__()
        self.linear = nn.Linear(channels, kernels)

    def forward(self, x: Tensor) -> Tensor:
        return self.linear(x.mean(dim=(2, 3)))


class MixedConvNorm(nn.Module):
    """A 3x3 convolution with ``kernels`` kernels, mixed for each picture, and its normalisation."""

    def __init__(self, channels: int, kernels: int, relu: bool):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(kernels, channels * channels * 9))  # a kernel each, as mixing needs them
        self.channels = channels
        self.norm = nn.BatchNorm2d(channels)
        self.relu = relu

    def begin_with(self, kernel: Tensor) -> None:
        """All kernels as the one given, (C, C, 3, 3), a little apart."""
        apart = torch.randn_like(self.weight) * kernel.std() * APART
        self.weight.data.copy_(kernel.flatten() + apart)

    def forward(self, x: Tensor, mixture: Tensor) -> Tensor:
        """(N, C, H, W) and (N, kernels) shares -> (N, C, H, W)."""
        count, channels, height, width = x.shape
        mixed = (mixture @ self.weight).view(count * channels, channels, 3, 3)
        y = F.conv2d(x.reshape(1, count * channels, height, width), mixed, padding=1, groups=count)
        y = self.norm(y.view(count, channels, height, width))
        return F.relu(y) if self.relu else y

    def separately(self, x: Tensor, mixture: Tensor) -> Tensor:
        """The same for training: each kernel convolves the whole batch, and what comes out is mixed.

        A convolution is linear in its kernel, and one of many groups is slow to train on a processor.
        """
        kernels = self.weight.view(-1, self.channels, 3, 3)
        every = F.conv2d(x, kernels, padding=1).unflatten(1, (len(self.weight), self.channels))
        y = self.norm(torch.einsum("nk,nkchw->nchw", mixture.to(every.dtype), every))
        return F.relu(y) if self.relu else y

    def macs(self, size: Size) -> int:
        """MACs of the one convolution, and of mixing its kernel."""
        return size[0] * size[1] * self.weight[0].numel() + self.weight.numel()


class MixedBlock(nn.Module):
    """A residual block whose two convolutions share one mixture."""

    def __init__(self, channels: int, kernels: int):
        super().__init__()
        self.router = Router(channels, kernels)
        self.conv1 = MixedConvNorm(channels, kernels, relu=True)
        self.conv2 = MixedConvNorm(channels, kernels, relu=False)
        nn.init.zeros_(self.conv2.norm.weight)

    def forward(self, x: Tensor, temperature: float = 1.0) -> tuple[Tensor, Tensor]:
        """(N, C, H, W) -> (the same, the mixture (N, kernels))."""
        mixture = (self.router(x).float() / temperature).softmax(dim=1).to(x.dtype)
        if self.training:
            residual = self.conv2.separately(self.conv1.separately(x, mixture), mixture)
        else:
            residual = self.conv2(self.conv1(x, mixture), mixture)
        return F.relu(residual + x), mixture

    def macs(self, size: Size) -> int:
        return self.conv1.macs(size) + self.conv2.macs(size) + self.router.linear.weight.numel()


class CondConv(DynamicNetwork, Startable):
    """A ``ResNet`` with mixed kernels in its last stage. No threshold: one point. kernels: of each convolution."""

    def __init__(
        self,
        *,
        widths: tuple[int, ...],
        depths: tuple[int, ...],
        classes: int,
        kernels: int = 3,
        in_size: int = 128,
    ):
        super().__init__()
        self.in_size = (in_size, in_size)
        # the trunk ends with the first block of the last stage
        self.trunk = ResNet(widths=widths, depths=(*depths[:-1], 1), classes=classes, in_size=in_size)
        del self.trunk.head
        self.mixed = nn.ModuleList(MixedBlock(widths[-1], kernels) for _ in range(depths[-1] - 1))
        self.head = PooledLinear(widths[-1], classes)
        initialise(self.head)
        for layer in self.modules():
            if isinstance(layer, MixedConvNorm):
                kernel = torch.empty(layer.channels, layer.channels, 3, 3)
                nn.init.kaiming_normal_(kernel, mode="fan_out", nonlinearity="relu")
                layer.begin_with(kernel)

    def begin_with(self, other: ResNet) -> None:
        """Take the weights of a trained ``ResNet`` of these sizes."""
        theirs = other.state_dict()
        self.trunk.load_state_dict({name: theirs[name] for name in self.trunk.state_dict()})
        self.head.load_state_dict(other.head.state_dict())
        first = len(self.trunk.blocks)
        for block, trained in zip(self.mixed, other.blocks[first:], strict=True):
            for mine, whose in ((block.conv1, trained.conv1), (block.conv2, trained.conv2)):
                mine.begin_with(whose.conv.weight)
                mine.norm.load_state_dict(whose.norm.state_dict())

    def forward(self, x: Tensor, *, setting: Setting | None = None, recorder: Recorder = SILENT) -> Tensor:
        """(N, 3, H, W) normalised pixels -> (N, classes) logits."""
        setting = setting or Setting()
        temperature = self._temperature(setting.training) if setting.mode == "train" else 1.0
        rows, size = np.arange(len(x)), self.trunk.stem.out_size(tuple(x.shape[2:]))
        if recorder.active:
            recorder.work("trunk.stem", rows, self.trunk.stem.macs(tuple(x.shape[2:])))
        x = self.trunk.stem(x)
        for index, block in enumerate(self.trunk.blocks):
            if recorder.active:
                recorder.work(f"trunk.blocks.{index}", rows, block.macs(size))
            x, size = block(x), block.out_size(size)
        for index, block in enumerate(self.mixed):
            x, mixture = block(x, temperature)
            if recorder.active:
                recorder.decide(
                    KernelMixture,
                    rows,
                    columns={"weights": mixture.detach().float().cpu().numpy()},
                    unit=f"mixed.{index}",
                    layer=len(self.trunk.blocks) + index,
                    choice="kernels mixed",
                    rule="mixture",
                    macs=block.macs(size),
                    macs_static=block.macs(size),
                    decider_macs=block.router.linear.weight.numel(),
                )
        if recorder.active:
            recorder.work("head", rows, self.head.macs(size))
        return self.head(x)

    def plain(self, x: Tensor) -> Tensor:
        return self(x)

    @staticmethod
    def _temperature(signal: TrainingSignal) -> float:
        return 1 + (HOT - 1) * max(0.0, 1 - signal.progress / COOL_BY)
