"""A residual network whose later blocks each have several experts and choose for every picture which of them run.

Papers: Shazeer et al. 2017, "Outrageously Large Neural Networks: The Sparsely-Gated Mixture-of-Experts Layer", and
Fedus, Zoph & Shazeer 2022, "Switch Transformers", whose load-balancing loss this is; Huang et al. 2024, "Harder Tasks
Need More Experts", for a number of experts that depends on the input; Zhang et al. 2022, "MoEfication", for experts
that begin as parts of a trained layer. An expert is a residual branch with half of the hidden channels of the block in
its place; the two that a router favours most run, if their logits are above the threshold: two, one or none. Differs:
what chosen experts say is added as it is, not weighed by the router, so that two experts that began as the two halves
of a trained block are that block; all experts are computed in training, and the choice is learned straight through
(``networks.gates``), at all budgets at once.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from dynviz.decisions import ExpertChoice, joined
from dynviz.networks.baselines import blind_choices
from dynviz.networks.blocks import BasicBlock, ConvNorm, Size, initialise, take_samples
from dynviz.networks.contract import Startable
from dynviz.networks.gated import GatedNetwork
from dynviz.networks.gates import OPEN_START, Asked, Decider, GateFeatures, logistic_noise, noise_left
from dynviz.networks.residual import ResidualNetwork
from dynviz.networks.static.resnet import ResNet
from dynviz.networks.training_output import TrainingOutput
from dynviz.recorder import Recorder, Setting, TrainingSignal, ragged

MOST = 2  # experts that may run in a block; each has this part of a block's hidden channels
LOWEST = 0.1  # the smallest share of the experts that training asks for
BALANCE = 0.01  # weight of the load-balancing loss of a block, as in the papers


class Router(Decider):
    """(N, C, H, W) -> (N, experts) logits of running each."""

    def __init__(self, channels: int, experts: int):
        super().__init__()
        self.hidden = GateFeatures(channels)
        self.choose = nn.Linear(self.hidden.linear.out_features, experts)
        nn.init.normal_(self.choose.weight, std=0.1)
        nn.init.constant_(self.choose.bias, OPEN_START)

    def forward(self, x: Tensor) -> Tensor:
        return self.choose(self.hidden(x))

    @property
    def macs(self) -> int:
        return self.hidden.macs + self.choose.weight.numel()


class Expert(nn.Module):
    """(N, C, H, W) -> (N, C, H, W): what it adds to its block's input."""

    def __init__(self, channels: int):
        super().__init__()
        self.conv1 = ConvNorm(channels, channels // MOST)
        self.conv2 = ConvNorm(channels // MOST, channels, relu=False)

    def begin_with(self, trained: BasicBlock, part: Tensor) -> None:
        """Take the hidden channels ``part`` of a trained block; experts with all its parts add up to its residual."""
        first, second = trained.conv1, trained.conv2
        self.conv1.conv.weight.data.copy_(first.conv.weight[part])
        self.conv2.conv.weight.data.copy_(second.conv.weight[:, part])
        for name in ("weight", "bias", "running_mean", "running_var"):
            getattr(self.conv1.norm, name).data.copy_(getattr(first.norm, name)[part])
            # a part of a sum has that part of its mean and variance; normalised, it counts by its root
            share = MOST**-0.5 if name == "weight" else 1 / MOST
            getattr(self.conv2.norm, name).data.copy_(getattr(second.norm, name) * share)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv2(self.conv1(x))

    def macs(self, size: Size) -> int:
        return self.conv1.macs(size) + self.conv2.macs(size)


class ExpertBlock(nn.Module):
    """A residual block that is a router and its experts."""

    def __init__(self, channels: int, experts: int):
        super().__init__()
        self.router = Router(channels, experts)
        self.experts = nn.ModuleList(Expert(channels) for _ in range(experts))

    def begin_with(self, trained: BasicBlock) -> None:
        """Each ``MOST`` experts are the parts of the trained block, cut in another way than the ones before."""
        generator = torch.Generator().manual_seed(1)
        for first in range(0, len(self.experts), MOST):
            parts = torch.randperm(trained.conv1.conv.out_channels, generator=generator).chunk(MOST)
            for expert, part in zip(self.experts[first : first + MOST], parts, strict=False):
                expert.begin_with(trained, part)

    def forward(self, x: Tensor, chosen: np.ndarray) -> Tensor:
        """(N, C, H, W) -> the same. chosen: (N, experts) bool, what runs; nothing else does."""
        added: Tensor | None = None
        for number, expert in enumerate(self.experts):
            rows = np.flatnonzero(chosen[:, number])
            if len(rows) == len(x):
                part = expert(x)
                added = part if added is None else added + part
            elif len(rows):
                rows = torch.from_numpy(rows)
                added = torch.zeros_like(x) if added is None else added
                added = added.index_add(0, rows, expert(take_samples(x, rows)))
        return x if added is None else F.relu_(added.add_(x))

    def masked(self, x: Tensor, chosen: Tensor) -> Tensor:
        """The same with every expert computed. chosen: (N, experts), 1 where one counts and 0 where not."""
        added = torch.zeros_like(x)
        for expert, counts in zip(self.experts, chosen.to(x.dtype).unbind(dim=1), strict=True):
            added = added + expert(x) * counts[:, None, None, None]
        return F.relu(added + x)

    def out_size(self, size: Size) -> Size:
        return size

    def macs(self, size: Size) -> int:
        """MACs of all that may run at once."""
        return MOST * self.experts[0].macs(size) + self.router.macs


class MixtureOfExperts(GatedNetwork, ResidualNetwork, Startable):
    """A ``ResNet`` with experts in the blocks behind the first of each stage, from the second stage on.

    The one threshold is what an expert's logit must exceed to run; recorded as the probability that it is the logit of.
    A block can be forced to any experts by their numbers, from 1 on: "2", "1+4", "none". experts: of each block.
    """

    rule = "router"

    def __init__(
        self, *, widths: tuple[int, ...], depths: tuple[int, ...], classes: int, experts: int = 4, in_size: int = 128
    ):
        super().__init__(widths=widths, depths=depths, classes=classes, in_size=in_size)
        if experts < MOST:
            raise ValueError(f"a block needs at least {MOST} experts, not {experts}")
        self.routed = [index for stage in self.stages[1:] for index in stage[1:]]
        for index in self.routed:
            block = ExpertBlock(self.blocks[index].conv2.conv.out_channels, experts)
            initialise(block.experts)
            for expert in block.experts:
                nn.init.zeros_(expert.conv2.norm.weight)
            self.blocks[index] = block

    def begin_with(self, other: ResNet) -> None:
        """Take the weights of a trained ``ResNet`` of these sizes."""
        own = self.state_dict()
        self.load_state_dict({name: value for name, value in other.state_dict().items() if name in own}, strict=False)
        for index in self.routed:
            self.blocks[index].begin_with(other.blocks[index])

    def _answer(self, x: Tensor, setting: Setting, limits: np.ndarray, recorder: Recorder) -> Tensor:
        x = self.run("stem", x, recorder)
        for index, block in enumerate(self.blocks):
            if not isinstance(block, ExpertBlock):
                x = self.run(f"blocks.{index}", x, recorder)
                continue
            logits = None if setting.baseline else block.router(x).detach().float().cpu().numpy()
            chosen = self._chosen(index, logits, limits, setting)
            if recorder.active:
                self._record(recorder, index, tuple(x.shape[2:]), logits, chosen, limits, setting)
            if setting.mode == "masked":
                x = block.masked(x, torch.from_numpy(chosen).to(x.device))
            elif chosen.any():
                x = block(x, chosen)
        return self.run("head", x, recorder)

    def plain(self, x: Tensor) -> Tensor:
        """What the two experts of each block that its router favours answer, whatever they are worth to it."""
        return self(x)

    def governs(self, unit: str) -> tuple[str, ...]:
        return tuple(f"{unit}.experts.{number}" for number in range(len(self.get_submodule(unit).experts)))

    def _chosen(self, index: int, logits: np.ndarray | None, limits: np.ndarray, setting: Setting) -> np.ndarray:
        """(N, experts) bool: which experts of block ``index`` run for each picture."""
        count, place = len(self.blocks[index].experts), self.routed.index(index)
        if (
            forced := setting.some_by_hand(f"blocks.{index}", [str(number + 1) for number in range(count)])
        ) is not None:
            return np.tile(forced, (len(limits), 1))
        if logits is not None:
            return _best(logits) & (logits > limits[:, None])
        draws = blind_choices(setting.baseline or "", limits, MOST * len(self.routed))
        how_many = draws.reshape(len(self.routed), MOST, -1)[place].sum(axis=0)
        if setting.baseline == "random":
            order = np.random.default_rng(100 + index).random((len(limits), count)).argsort(axis=1)
        else:
            order = (np.arange(count) - np.arange(len(limits))[:, None] - place) % count  # one after another
        return order < how_many[:, None]

    def _record(
        self,
        recorder: Recorder,
        index: int,
        size: Size,
        logits: np.ndarray | None,
        chosen: np.ndarray,
        limits: np.ndarray,
        setting: Setting,
    ) -> None:
        block = self.blocks[index]
        decider = 0 if logits is None else block.router.macs
        columns = {
            "chosen": ragged([np.flatnonzero(row) for row in chosen]),
            "choice": np.array([_named(row) for row in chosen]),
            "weights": np.zeros(chosen.shape) if logits is None else _sigmoid(logits),
            "executed": chosen.any(axis=1),
            "macs": chosen.sum(axis=1) * block.experts[0].macs(size) + decider,
        }
        if logits is not None:
            columns["score"] = _sigmoid(logits.max(axis=1))
            columns["threshold"] = np.where(np.isfinite(limits), _sigmoid(limits), np.nan)
        recorder.decide(
            ExpertChoice,
            np.arange(len(chosen)),
            columns=columns,
            unit=f"blocks.{index}",
            layer=index,
            rule="blind" if logits is None else self.rule,
            forced=f"blocks.{index}" in setting.forced,
            decider_macs=decider,
            macs_static=MOST * block.experts[0].macs(size) + decider,
        )

    def _train(self, x: Tensor, signal: TrainingSignal) -> TrainingOutput:
        asked = Asked.draw(len(x), LOWEST, signal.ramp, x.device)
        x = self.stem(x)
        parts, balance = [], x.new_zeros((), dtype=torch.float32)
        for block in self.blocks:
            if not isinstance(block, ExpertBlock):
                x = block(x)
                continue
            logits = block.router(x).float()
            noisy = logits + noise_left(signal) * logistic_noise(logits)
            soft = (noisy + asked.shifts[:, None]).sigmoid()
            best = torch.zeros_like(soft).scatter_(1, noisy.topk(MOST, dim=1).indices, 1.0)
            counts = best * (soft > 0.5) + soft - soft.detach()
            balance = balance + load_imbalance(logits, best)
            parts.append(counts.sum(dim=1) / MOST)
            x = block.masked(x, counts)
        used = torch.stack(parts).mean(dim=0)  # an expert costs the same in every stage
        penalty = signal.budget_weight * asked.penalty(used, parts, signal.ramp)
        return TrainingOutput(self.head(x), penalty + BALANCE * balance)


def load_imbalance(logits: Tensor, chosen: Tensor) -> Tensor:
    """The load-balancing loss: one where all experts are used alike, as many as there are where one is used alone.

    logits: (N, experts) of the router; chosen: the same, 1 where an expert is among the best (Fedus et al. 2022, 2.2).
    """
    load = chosen.mean(dim=0) / chosen.mean(dim=0).sum().clamp(min=1e-6)
    return len(load) * (load.detach() * logits.softmax(dim=1).mean(dim=0)).sum()


def _best(logits: np.ndarray) -> np.ndarray:
    """(N, experts) bool, the ``MOST`` highest of each row."""
    best = np.zeros(logits.shape, dtype=bool)
    np.put_along_axis(best, np.argpartition(-logits, MOST - 1, axis=1)[:, :MOST], True, axis=1)
    return best


def _named(chosen: np.ndarray) -> str:
    """(experts,) bool -> the numbers of those chosen, from one on: "2", "1+4", "none"."""
    return joined(str(number + 1) for number in np.flatnonzero(chosen))


def _sigmoid(values: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-np.asarray(values, dtype=np.float64).clip(-50, 50)))
