"""What decisions inside a network have in common: how they are trained, and what they are told to spend.

A decision is taken hard and trained straight through: forward 0 or 1, backward the slope of a sigmoid, with logistic
noise on its logit (the binary case of Jang et al. 2017 and Maddison et al. 2017, "Gumbel-softmax"). Gates that are soft
in training and hard in use collapse (Wang et al. 2018, SkipNet, section 4). The noise should fade: while it is there,
gates that know nothing keep to every budget by chance; without it they have to tell one input from another.

One checkpoint serves every budget: in training each quarter of a batch is asked for another share of the open
decisions, and the logits are shifted by the log odds of that share. In use the shift is the threshold: a decision is
open where its logit is above it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from dynviz.networks.contract import Packable
from dynviz.recorder import TrainingSignal

OPEN_START = 2.0  # the bias a gate begins with: about 88 % of its decisions are open
QUIET = 0.5  # share of the training from which gates decide without noise
QUARTERS = 4  # of a batch; the first is asked for everything, so that the open network stays as good as its parent


class Decider(nn.Module):
    """A part of a network that decides and does not compute features. It is trained with AdamW, never with Muon, whose
    equally large steps in all directions suit matrices of features."""


class GateFeatures(Decider, Packable):
    """(N, C, H, W) -> (N, ``width``) hidden features of a gate, from the means of the channels.

    Each mean is set against its own mean and spread over all inputs, without which inputs hardly differ for a gate.
    """

    def __init__(self, channels: int, width: int = 16):
        super().__init__()
        self.norm: nn.Module = nn.BatchNorm1d(channels, affine=False)
        self.linear = nn.Linear(channels, width)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.linear(self.norm(x.mean(dim=(2, 3)))))

    def pack(self) -> None:
        """For inference only: the standardisation becomes part of the linear layer."""
        if isinstance(self.norm, nn.BatchNorm1d):
            spread = (self.norm.running_var + self.norm.eps).sqrt()
            weight = self.linear.weight.data / spread
            self.linear.bias.data -= weight @ self.norm.running_mean
            self.linear.weight.data = weight
            self.norm = nn.Identity()

    @property
    def macs(self) -> int:
        return self.linear.weight.numel()


def logistic_noise(like: Tensor) -> Tensor:
    """What is added to a logit so that it is above zero with the probability that it is the logit of."""
    drawn = torch.rand_like(like).clamp_(1e-6, 1 - 1e-6)
    return drawn.log() - (1 - drawn).log()


def noise_left(signal: TrainingSignal) -> float:
    """How much of that noise is left: all at the end of the warm-up, none from the share QUIET of what follows on."""
    return max(0.0, 1 - signal.learned / QUIET)


def straight_through(logits: Tensor, *, noisy: float) -> Tensor:
    """Logits of any shape -> 0 or 1, with the gradient of their sigmoid. noisy: how much logistic noise is added."""
    if noisy:
        logits = logits + noisy * logistic_noise(logits)
    soft = logits.sigmoid()
    return (logits > 0).to(soft.dtype) + soft - soft.detach()


@dataclass(frozen=True)
class Asked:
    """What each sample of a training batch is told to spend.

    shares: (QUARTERS,) of the decisions that are to be open; quarter: (N,) which of them a sample belongs to.
    """

    shares: Tensor
    quarter: Tensor

    @classmethod
    def draw(cls, count: int, lowest: float, ramp: float, device: torch.device) -> Asked:
        """lowest: the smallest share that is ever asked for, once ``ramp`` has come from 0 to 1."""
        low = 1 + (lowest - 1) * ramp
        shares = low + (1 - low) * torch.rand(QUARTERS, device=device)
        shares[0] = 1.0
        return cls(shares, torch.arange(count, device=device) * QUARTERS // count)

    @property
    def shifts(self) -> Tensor:
        """(N,) to be added to the logits: the log odds of the share; infinite where all decisions are to be open."""
        return torch.logit(self.shares)[self.quarter]

    def means(self, values: Tensor) -> Tensor:
        """(N,) -> (QUARTERS,): the mean of each quarter's samples."""
        sums = values.new_zeros(len(self.shares)).index_add(0, self.quarter, values)
        return sums / torch.bincount(self.quarter, minlength=len(self.shares)).clamp(min=1)

    def penalty(self, used: Tensor, parts: list[Tensor], ramp: float) -> Tensor:
        """How far the quarters are from what they were asked to spend.

        used: (N,) share of the whole; parts: (N,) each, share of each unit's own. Beside the squared distance of the
        whole, each unit is held between bounds that open with the ramp (Verelst & Tuytelaars 2020, section 3.3), so
        that no unit closes before the others have learned anything.
        """
        loss = ((self.means(used) - self.shares)[1:] ** 2).mean()
        tight = math.cos(ramp * math.pi / 2) ** 2
        if ramp < 1:
            upper, lower = 1 - tight * (1 - self.shares), tight * self.shares
            for part in parts:
                mean = self.means(part)
                loss = loss + ((mean - upper).clamp(min=0) ** 2 + (lower - mean).clamp(min=0) ** 2)[1:].mean()
        return loss
