"""A network of somebody else's: residual blocks computed at some pixels only, after Verelst & Tuytelaars 2020."""

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from dynviz.decisions import PixelMask
from dynviz.networks.baselines import blind_places
from dynviz.networks.blocks import BasicBlock, PooledLinear, Stem, initialise
from dynviz.networks.contract import Between, DynamicNetwork
from dynviz.networks.gates import Decider, straight_through
from dynviz.networks.training_output import TrainingOutput
from dynviz.recorder import SILENT, Setting


class Mask(Decider):
    """(N, C, H, W) -> (N, H, W) logits of computing each pixel."""

    def __init__(self, channels):
        super().__init__()
        self.near = nn.Conv2d(channels, 1, 1)

    def forward(self, x):
        return self.near(x)[:, 0]


class MaskedResNet(DynamicNetwork):
    """A block first runs everywhere, then one runs at the pixels whose logit exceeds the threshold."""

    candidates = Between(-8.0, 8.0)
    baselines = ("random", "uniform", "centre")
    rule = "mask logit"
    trained_at = 0.0

    def __init__(self, *, width, classes, in_size=128, stem_stride=4):
        super().__init__()
        self.in_size = (in_size, in_size)
        self.stem = Stem(width, stem_stride)
        self.first, self.second = BasicBlock(width, width), BasicBlock(width, width)
        self.mask = Mask(width)
        self.head = PooledLinear(width, classes)
        initialise(self)
        nn.init.normal_(self.mask.near.weight, std=0.5)

    def forward(self, x, *, setting=None, recorder=SILENT):
        setting = setting or Setting()
        if setting.mode == "train":
            return self._train(x, setting.training)
        size, rows = self.stem.out_size(tuple(x.shape[2:])), np.arange(len(x))
        limits = np.full(len(x), -np.inf)
        if setting.thresholds is not None:
            limits = np.broadcast_to(np.atleast_2d(setting.thresholds)[:, 0], len(x))
        if recorder.active:
            recorder.work("stem", rows, self.stem.macs(tuple(x.shape[2:])))
            recorder.work("first", rows, self.first.macs(size))
        x = self.first(self.stem(x))
        if setting.baseline:
            logits, chosen = None, torch.from_numpy(blind_places(setting.baseline, limits, *size))
        else:
            logits = self.mask(x)
            chosen = logits > torch.tensor(limits, dtype=logits.dtype)[:, None, None]
        halo = F.max_pool2d(chosen[:, None].float(), 3, stride=1, padding=1)[:, 0] > 0
        if setting.mode == "masked":
            x = torch.where(chosen[:, None], self.second(x), x)
        elif bool(chosen.any()):
            x = self._at(x, chosen, halo)
        if recorder.active:
            self._record(recorder, rows, logits, chosen.numpy(), halo.numpy(), limits)
            recorder.work("head", rows, self.head.macs(size))
        return self.head(x)

    def _at(self, x, chosen, halo):
        """The second block's first convolution in the halo, its second at the chosen pixels, both by products."""
        hidden = torch.zeros_like(x)
        first, second = self.second.conv1, self.second.conv2
        hidden.permute(0, 2, 3, 1)[halo] = F.relu(product(x, first.conv, halo))
        out = x.clone()
        residual = product(hidden, second.conv, chosen)
        out.permute(0, 2, 3, 1)[chosen] = F.relu(residual + x.permute(0, 2, 3, 1)[chosen])
        return out

    def _record(self, recorder, rows, logits, chosen, halo, limits):
        size = chosen.shape[1:]
        each = self.second.macs(size) // (2 * size[0] * size[1])  # of either convolution at one pixel
        asking = 0 if logits is None else self.mask.near.weight.numel() * size[0] * size[1]
        inside, around = chosen.sum(axis=(1, 2)), halo.sum(axis=(1, 2))
        columns = {
            "mask": chosen,
            "choice": np.where(inside > 0, "in the mask", "skip"),
            "executed": inside > 0,
            "macs": (inside + around) * each + asking,
            "macs_ideal": 2 * inside * each + asking,
            "threshold": np.where(np.isfinite(limits), limits, np.nan),
        }
        if logits is not None:
            columns["scores"] = logits.detach().float().numpy()
        recorder.decide(
            PixelMask,
            rows,
            columns=columns,
            unit="second",
            rule=self.rule if logits is not None else "blind",
            decider_macs=asking,
            macs_static=self.second.macs(size) + asking,
        )

    def plain(self, x):
        return self.head(self.second(self.first(self.stem(x))))

    def _train(self, x, training):
        x = self.first(self.stem(x))
        chosen = straight_through(self.mask(x), noisy=True)
        x = torch.lerp(x, self.second(x), chosen[:, None].to(x.dtype))
        return TrainingOutput(self.head(x), training.budget_weight * (chosen.mean() - training.target) ** 2)


def product(x, conv, where):
    """A 3x3 convolution, its normalisation folded in, at the pixels ``where`` (N, H, W): (pixels, out)."""
    near = F.unfold(x, 3, padding=1).transpose(1, 2)[where.flatten(1)]
    return torch.addmm(conv.bias, near, conv.weight.flatten(1).t())
