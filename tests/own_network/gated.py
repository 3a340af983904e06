"""A network of somebody else's: a residual network whose gates skip blocks, after Wang et al. 2018, "SkipNet"."""

import numpy as np
import torch
from torch import nn

from dynviz.decisions import LayerSkip
from dynviz.networks.baselines import blind_choices
from dynviz.networks.blocks import BasicBlock, PooledLinear, Stem, initialise
from dynviz.networks.branching import Branches
from dynviz.networks.contract import Between, DynamicNetwork
from dynviz.networks.gates import Decider, straight_through
from dynviz.networks.training_output import TrainingOutput
from dynviz.recorder import SILENT, Setting


class Gate(Decider):
    """(N, C, H, W) -> (N,) logit of running the block, from the mean of the features."""

    def __init__(self, channels):
        super().__init__()
        self.linear = nn.Linear(channels, 1)

    def forward(self, x):
        return self.linear(x.mean(dim=(2, 3)))[:, 0]


class GatedResNet(DynamicNetwork):
    """The first block of each stage always runs; the others where their gate reaches the threshold, 0..1."""

    candidates = Between(0.0, 1.0)
    rule = "gate"
    trained_at = 0.5
    single_pass_sweep = True
    batched_skipping = True

    def __init__(self, *, widths, depths, classes, in_size=128, stem_stride=4):
        super().__init__()
        self.in_size = (in_size, in_size)
        self.stem = Stem(widths[0], stem_stride)
        self.blocks, self.gates = nn.ModuleList(), nn.ModuleDict()
        channels = widths[0]
        for stage, (width, depth) in enumerate(zip(widths, depths, strict=True)):
            for index in range(depth):
                if index:
                    self.gates[str(len(self.blocks))] = Gate(width)
                self.blocks.append(BasicBlock(channels, width, stride=2 if stage and not index else 1))
                channels = width
        self.head = PooledLinear(channels, classes)
        initialise(self)
        for gate in self.gates.values():
            nn.init.normal_(gate.linear.weight, std=0.3)
            nn.init.constant_(gate.linear.bias, 1.5)

    def forward(self, x, *, setting=None, recorder=SILENT):
        setting = setting or Setting()
        if setting.mode == "train":
            return self._train(x, setting.training)
        limits = np.array([[0.0]]) if setting.thresholds is None else np.atleast_2d(setting.thresholds)
        count, size = max(len(x), len(limits)), tuple(x.shape[2:])
        limits = np.broadcast_to(limits[:, 0], count)
        blind = blind_choices(setting.baseline, limits, len(self.gates)) if setting.baseline else None
        branches, rows = Branches(len(x), count), np.arange(count)
        if recorder.active:
            recorder.work("stem", rows, self.stem.macs(size))
        x, size = self.stem(x), self.stem.out_size(size)
        for index, block in enumerate(self.blocks):
            gate = dict(self.gates.items()).get(str(index))
            if gate is None:
                if recorder.active:
                    recorder.work(f"blocks.{index}", rows, block.macs(size))
                x, size = block(x), block.out_size(size)
                continue
            if blind is None:
                scores = gate(x).detach().float().sigmoid().cpu().numpy()[branches.state.numpy()]
                opened = scores >= limits
                if f"blocks.{index}" in setting.forced:
                    opened = np.full(count, setting.forced[f"blocks.{index}"] == "run")
            else:
                scores, opened = np.full(count, np.nan), blind[list(self.gates).index(str(index))]
            parents, runs = branches.part(torch.from_numpy(opened))
            x = self._advance(block, x[parents], runs)
            if recorder.active:
                asking = gate.linear.weight.numel() if blind is None else 0
                recorder.decide(
                    LayerSkip,
                    rows,
                    columns={
                        "choice": np.where(opened, "run", "skip"),
                        "executed": opened,
                        "score": scores,
                        "threshold": np.where(limits > 0, limits, np.nan),
                        "macs": opened * block.macs(size) + asking,
                    },
                    unit=f"blocks.{index}",
                    layer=index,
                    rule=self.rule if blind is None else "blind",
                    forced=f"blocks.{index}" in setting.forced,
                    decider_macs=asking,
                    macs_static=block.macs(size) + asking,
                )
        if recorder.active:
            recorder.work("head", rows, self.head.macs(size))
        return self.head(x)[branches.state]

    def _advance(self, block, x, runs):
        """The samples that run go through the block, the others stay as they are."""
        if bool(runs.all()):
            return block(x)
        if not bool(runs.any()):
            return x
        chosen = runs.nonzero()[:, 0]
        return x.index_copy(0, chosen, block(x[chosen]).to(x.dtype))

    def plain(self, x):
        x = self.stem(x)
        for block in self.blocks:
            x = block(x)
        return self.head(x)

    def _train(self, x, training):
        x, shares = self.stem(x), []
        for index, block in enumerate(self.blocks):
            if str(index) not in self.gates:
                x = block(x)
                continue
            opened = straight_through(self.gates[str(index)](x), noisy=True)
            shares.append(opened)
            x = torch.lerp(x, block(x), opened[:, None, None, None].to(x.dtype))
        used = torch.stack(shares).mean()
        return TrainingOutput(self.head(x), training.budget_weight * (used - training.target) ** 2)
