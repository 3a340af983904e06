"""Is what is trained what the recipe says? Small trainings whose every number can be worked out by hand.

All go through ``fit``; only where the data come from and which optimizer takes the steps is settled here.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from dynviz.datasets.pictures import Split
from dynviz.datasets.registry import DATASETS
from dynviz.modalities import MODALITIES
from dynviz.modalities.pictures import PictureFeed
from dynviz.networks.contract import DynamicNetwork
from dynviz.networks.training_output import TrainingOutput
from dynviz.recorder import SILENT, Recorder, Setting, TrainingSignal
from dynviz.training import loop
from dynviz.training.augment import Augmentation
from dynviz.training.optimizers import schedule
from tests.tiny import tiny_resnet

LABELS = torch.tensor([0, 1, 0, 1])
STEPS = 12
PLAIN = {"brightness": 0.0, "contrast": 0.0, "saturation": 0.0, "grey": 0.0, "erase": 0.0}

Answer = Callable[["Given", Tensor, TrainingSignal], Tensor | TrainingOutput]


class Given(DynamicNetwork):
    """Says the same of every input: ``said``, its parameter. free: another one, for what ``answer`` makes of it."""

    def __init__(self, said: tuple[float, ...] = (2.0, 0.0, 0.0), answer: Answer | None = None):
        super().__init__()
        self.said, self.free = nn.Parameter(torch.tensor(said)), nn.Parameter(torch.tensor(1.0))
        self.answer = answer

    def forward(self, x: Tensor, *, setting: Setting | None = None, recorder: Recorder = SILENT) -> Any:
        logits = self.said.expand(len(x), -1)
        if self.answer and setting and setting.mode == "train":
            return self.answer(self, logits, setting.training)
        return logits


@dataclass
class Run:
    """A training that was done. before: the parameters before each step, and after the last. average: what it gave."""

    losses: list[float]
    before: list[dict[str, Tensor]]
    average: dict[str, Tensor]


class _Feed:
    """The same four inputs at every step, their labels ``LABELS``."""

    steps = STEPS

    def __init__(self, network: nn.Module):
        self.network, self.seen = network, []

    def train(self, epoch: int, generator: torch.Generator) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
        for _ in range(self.steps):
            self.keep()
            yield torch.zeros(len(LABELS), 1), LABELS, torch.arange(len(LABELS))
        self.keep()

    def check(self) -> Iterator[tuple[Tensor, Tensor]]:
        yield torch.zeros(len(LABELS), 1), LABELS

    def keep(self) -> None:
        self.seen.append({name: value.detach().clone() for name, value in self.network.named_parameters()})


def trained(network: DynamicNetwork, rate: float, **recipe: Any) -> Run:
    """One epoch of plain gradient descent with the peak learning rate ``rate``, through ``fit``."""
    given, lines = _Feed(network), []
    threads = torch.get_num_threads()
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as folder:
        patch.setattr(loop, "build", lambda *_: network)
        patch.setattr(type(MODALITIES["image"]), "feed", lambda *_: given)
        patch.setattr(loop, "make_optimizers", lambda model, _: [torch.optim.SGD(model.parameters(), lr=rate)])
        average = loop.fit(tiny_resnet(**{"epochs": 1, **recipe}), Path(folder), report=lines.append)
    torch.set_num_threads(threads)
    losses = [float(line.partition('"loss": ')[2].partition(",")[0]) for line in lines if '"loss": ' in line]
    return Run(losses, given.seen, {name: value.detach() for name, value in average.named_parameters()})


def check_loss() -> None:
    """Cross-entropy with a tenth of each label spread over all classes (Szegedy et al. 2016), over four inputs."""
    logs = [2 - math.log(math.e**2 + 2), -math.log(math.e**2 + 2), -math.log(math.e**2 + 2)]
    expected = sum(-0.9 * logs[label] - 0.1 * sum(logs) / 3 for label in LABELS.tolist()) / len(LABELS)
    assert trained(Given(), 0.0, label_smoothing=0.1).losses == [pytest.approx(expected, abs=1e-4)]


def check_penalty() -> None:
    """The penalty for spending is added to the loss, and what is spent falls."""

    def answer(network: Given, logits: Tensor, signal: TrainingSignal) -> TrainingOutput:
        return TrainingOutput(logits, signal.budget_weight * network.free**2)

    recipe = {"budget_weight": 0.5, "target": 0.3, "warm_up": 0.0, "label_smoothing": 0.0}
    still, alone = trained(Given(answer=answer), 0.0, **recipe), trained(Given(), 0.0, label_smoothing=0.0)
    assert still.losses[0] == pytest.approx(alone.losses[0] + 0.5, abs=1e-3)
    spent = [float(state["free"]) for state in trained(Given(answer=answer), 0.3, **recipe).before]
    assert spent[0] == spent[1] == 1.0 and 0 < spent[-1] < 0.7 and spent == sorted(spent, reverse=True)


def check_average() -> None:
    """The average follows the weights with the recipe's decay, and less of it while there are few steps behind it."""
    run = trained(Given(), 0.5, ema=0.5)
    average = run.before[0]["said"]
    for done, state in enumerate(run.before[1:]):
        decay = min(0.5, (1 + done) / (10 + done))
        average = decay * average + (1 - decay) * state["said"]
    torch.testing.assert_close(run.average["said"], average)
    assert not torch.allclose(average, run.before[0]["said"]) and not torch.allclose(average, run.before[-1]["said"])


def check_clipping() -> None:
    """No step is longer than the largest norm that the recipe allows, and one along a steep slope is as long."""

    def answer(network: Given, logits: Tensor, signal: TrainingSignal) -> TrainingOutput:
        return TrainingOutput(logits, 100 * network.free)

    moves = trained(Given(answer=answer), 1.0, clip=0.25).before
    for step, (before, after) in enumerate(pairwise(moves)):
        moved = math.sqrt(sum(float((after[name] - before[name]).square().sum()) for name in before))
        assert moved == pytest.approx(0.25 * schedule(step / STEPS), rel=1e-3, abs=1e-6)


def check_reinforce() -> None:
    """Choices of inputs that were answered right get more likely, those of the others less (Williams 1992)."""
    sign = torch.where(LABELS == 0, 1.0, -1.0)  # class 0 is what is said of all

    def answer(network: Given, logits: Tensor, signal: TrainingSignal) -> TrainingOutput:
        assert signal.reinforce
        return TrainingOutput(logits, log_probability=sign * network.free)

    run = trained(Given(answer=answer), 0.1, reinforce=True)
    free = [float(state["free"]) for state in run.before]
    # reward less its mean is +-1/2, so the loss falls by half of what ``free`` rises
    expected = 1 + sum(0.1 * schedule(step / STEPS) * 0.5 for step in range(STEPS))
    assert free[-1] == pytest.approx(expected, rel=1e-3)


def check_warm_start() -> None:
    """A training that starts from a shipped network starts with its weights."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loop.zoo, "load_unfolded", lambda name: Given((3.0, 1.0, 2.0)))
        run = trained(Given(), 0.0, starts={"": "another"})
    assert run.before[0]["said"].tolist() == run.average["said"].tolist() == [3.0, 1.0, 2.0]


def check_balance() -> None:
    """Rare classes are drawn oftener, by (size of the class) ** -balance; with 0 each picture once."""
    labels = torch.cat([torch.zeros(90), torch.ones(30)]).long()
    images = torch.randint(0, 256, (120, 3, 32, 32), dtype=torch.uint8)
    for balance, share in ((0.0, 30 / 120), (0.5, 30**0.5 / (30**0.5 + 90**0.5)), (1.0, 0.5)):
        drawn = torch.cat(
            [found for epoch in range(20) for _, found, _ in _fed(images, labels, epoch, balance=balance)]
        )
        assert float((drawn == 1).float().mean()) == pytest.approx(share, abs=0.001 if balance == 0 else 0.04)


def check_mirror() -> None:
    """Half of the pictures are mirrored, and each keeps its label."""
    images = torch.randint(0, 256, (400, 3, 12, 12), dtype=torch.uint8, generator=torch.Generator().manual_seed(1))
    plain = Augmentation(area=1.0, aspect=1.0, rotation_degrees=0.0, **PLAIN)
    found = plain(images, 12, torch.Generator().manual_seed(0)) * 255
    same, flipped = (
        (found - kept).abs().amax(dim=(1, 2, 3)) < 0.5 for kept in (images.float(), images.float().flip(3))
    )
    assert (same ^ flipped).all() and 0.4 < float(flipped.float().mean()) < 0.6
    labels = torch.arange(120) % 2
    sides = (labels * 200).to(torch.uint8)[:, None, None, None].expand(-1, 3, 32, 32)  # black ones and bright ones
    for x, found_labels, _ in _fed(sides, labels, 0, augmentation=Augmentation(erase=0.0)):
        assert ((x.mean(dim=(1, 2, 3)) > -0.7).long() == found_labels).all()


def _fed(images: Tensor, labels: Tensor, epoch: int, **recipe: Any) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    """What the feed of pictures makes of a data set."""
    split = Split(images, labels, ("a", "b"), tuple(map(str, range(len(labels)))))
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(DATASETS.table, "everyday30", replace(DATASETS["everyday30"], load=lambda *_: split))
        yield from PictureFeed(tiny_resnet(**recipe)).train(epoch, torch.Generator().manual_seed(epoch))


CHECKS = (
    check_loss,
    check_penalty,
    check_average,
    check_clipping,
    check_reinforce,
    check_warm_start,
    check_balance,
    check_mirror,
)
