"""A residual network whose blocks are chosen beforehand, all at once, by a small network that sees the picture.

Paper: Wu, Nagarajan, Kumar, Rennie, Davis, Grauman & Feris 2018, "BlockDrop: Dynamic Inference Paths in Residual
Networks". Differs: the policy is trained with the backbone, by straight-through decisions with noise at all budgets at
once (``networks.gates``), since reinforcement learning from scratch fails at this size; where a recipe says
``reinforce``, its sampled policies are rewarded for right answers as well, against the mean of the batch.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from dynviz.networks.blocks import Size, Stem
from dynviz.networks.gates import OPEN_START, Asked, Decider
from dynviz.networks.residual import stages_of
from dynviz.networks.sample_wise.layer_skipping import SkippableResNet
from dynviz.networks.training_output import TrainingOutput
from dynviz.recorder import TrainingSignal

POOL = 2  # the policy sees the picture at half its side


class Policy(nn.Module):
    """(N, 3, H, W) pictures -> (N, blocks) logits of running each block: a small ResNet of one block a stage."""

    def __init__(self, blocks: int, widths: tuple[int, ...]):
        super().__init__()
        self.stem = Stem(widths[0], 4)
        self.blocks, _ = stages_of(widths, (1,) * len(widths))
        self.choice = Choice(widths[-1], blocks)

    def forward(self, pictures: Tensor) -> Tensor:
        x = self.stem(F.avg_pool2d(pictures, POOL))
        for block in self.blocks:
            x = block(x)
        return self.choice.linear(x.mean(dim=(2, 3)))

    def macs(self, size: Size) -> int:
        size = size[0] // POOL, size[1] // POOL
        total, size = self.stem.macs(size), self.stem.out_size(size)
        for block in self.blocks:
            total, size = total + block.macs(size), block.out_size(size)
        return total + self.choice.linear.weight.numel()


class Choice(Decider):
    """The last layer of the policy: most blocks run at first, whatever the picture."""

    def __init__(self, channels: int, blocks: int):
        super().__init__()
        self.linear = nn.Linear(channels, blocks)

    def start(self) -> None:
        nn.init.normal_(self.linear.weight, std=0.01)
        nn.init.constant_(self.linear.bias, OPEN_START)


class BlockDrop(SkippableResNet):
    """policy_widths: of the network that decides, whose stages have one block each."""

    mechanism = "policy"
    rule = "policy"

    def __init__(self, *, policy_widths: tuple[int, ...] = (12, 24, 48), **sizes: object):
        super().__init__(**sizes)
        self.policy = Policy(len(self.skippable), policy_widths)
        self.policy.choice.start()

    def before(self, pictures: Tensor) -> Tensor:
        return self.policy(pictures)

    def before_macs(self, size: Size) -> int:
        return self.policy.macs(size)

    def logits(self, plan: Tensor, x: Tensor, number: int) -> Tensor:
        return plan[:, number]

    def decider_macs(self, number: int) -> int:
        return 0

    def _train(self, x: Tensor, signal: TrainingSignal) -> TrainingOutput:
        if not signal.reinforce:
            return super()._train(x, signal)
        asked = Asked.draw(len(x), self.lowest, signal.ramp, x.device)
        logits = self.policy(x).float() + asked.shifts[:, None]
        chances = logits.sigmoid().clamp(1e-4, 1 - 1e-4)
        policy = torch.bernoulli(chances).detach()
        log_probability = torch.where(policy > 0, chances.log(), (1 - chances).log()).sum(dim=1)
        x, number = self.stem(x), 0
        for index, block in enumerate(self.blocks):
            if index not in self.skippable:
                x = block(x)
                continue
            x = torch.lerp(x, block(x), policy[:, number, None, None, None].to(x.dtype))
            number += 1
        penalty = signal.budget_weight * asked.penalty(chances.mean(dim=1), [], signal.ramp)
        return TrainingOutput(self.head(x), penalty, log_probability=log_probability)
