"""The one training loop: Muon with a warm-up and a cosine, EMA, progressive resizing, resumable after every epoch."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from dynviz import zoo
from dynviz.installed import fill
from dynviz.modalities import MODALITIES
from dynviz.networks import build
from dynviz.networks.contract import DynamicNetwork
from dynviz.networks.training_output import TrainingOutput
from dynviz.recorder import Setting, TrainingSignal
from dynviz.training.feed import Feed
from dynviz.training.optimizers import make_optimizers, schedule
from dynviz.training.recipes import Recipe
from dynviz.training.starting import begin, freeze, train_mode
from dynviz.training.teacher import Teacher

Report = Callable[[str], None]
TEMPERATURE, TEACHER_SHARE = 2.0, 0.7  # distillation: how soft the teacher's answer is, how much it counts


def fit(recipe: Recipe, folder: Path, *, threads: int = 1, report: Report | None = None) -> nn.Module:
    """Train ``recipe`` and return the averaged (EMA) network. ``folder`` keeps the state of the last finished epoch.

    Called again after a kill it goes on from there, and ends where an uninterrupted run ends. A recipe made of
    ``members``, or with ``weights`` of another package, has nothing to train. Validation accuracy is
    reported only: it chooses nothing.
    """
    parts = zoo.parts(recipe.members, recipe.vocabulary)
    if recipe.members:
        return build(recipe.network, recipe.arguments | parts)
    if recipe.weights:
        network = build(recipe.network, recipe.arguments)
        fill(network, recipe.weights.read()[0])
        return network.eval()
    report = report or (lambda line: print(line, file=sys.stderr, flush=True))
    torch.set_num_threads(threads)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    folder.mkdir(parents=True, exist_ok=True)
    data = MODALITIES[recipe.modality].feed(recipe)
    torch.manual_seed(recipe.seed)
    model = build(recipe.network, recipe.arguments | parts).to(device)
    for told in begin(model, recipe.starts, recipe.renamed):
        report(f"{recipe.name}: {told}")
    freeze(model, recipe.frozen)
    optimizers = make_optimizers(model, recipe)
    peaks = [[group["lr"] for group in optimizer.param_groups] for optimizer in optimizers]
    state = _State(folder / "state.pt", model, deepcopy(model).requires_grad_(False), optimizers, peaks)
    teacher = Teacher(recipe, folder.parent / "_kept", device) if recipe.teacher else None
    first = state.restore(device)
    if first:
        report(f"{recipe.name}: going on after epoch {first}")
    for epoch in range(first, recipe.epochs):
        started = time.perf_counter()
        loss = _train_epoch(recipe, epoch, data, state, teacher, device)
        line = {
            "epoch": epoch + 1,
            "loss": round(loss, 4),
            "val": [round(value, 4) for value in validate(state.average, data, device)],
            "seconds": round(time.perf_counter() - started, 1),
        }
        state.keep(epoch + 1)
        report(f"{recipe.name} {json.dumps(line)}")
        with (folder / "log.jsonl").open("a") as log:
            log.write(json.dumps(line) + "\n")
    return state.average.cpu().eval()


@dataclass
class _State:
    """What a training run needs to go on after a kill."""

    path: Path
    model: nn.Module
    average: nn.Module
    optimizers: list[torch.optim.Optimizer]
    peaks: list[list[float]]  # learning rates that the schedule's factor multiplies, per optimizer and group

    def restore(self, device: torch.device) -> int:
        """Number of epochs that an earlier run finished, its state loaded; 0 where there was none."""
        if not self.path.exists():
            return 0
        saved = torch.load(self.path, map_location=device, weights_only=True)
        self.model.load_state_dict(saved["model"])
        self.average.load_state_dict(saved["average"])
        for optimizer, state in zip(self.optimizers, saved["optimizers"], strict=True):
            optimizer.load_state_dict(state)
        return saved["epoch"]

    def keep(self, epoch: int) -> None:
        """Write the state so that a kill at any moment leaves either the old file or the new one."""
        saved = {
            "model": self.model.state_dict(),
            "average": self.average.state_dict(),
            "optimizers": [optimizer.state_dict() for optimizer in self.optimizers],
            "epoch": epoch,
        }
        new = self.path.with_suffix(".new")
        torch.save(saved, new)
        os.replace(new, self.path)


def _train_epoch(
    recipe: Recipe, epoch: int, data: Feed, state: _State, teacher: Teacher | None, device: torch.device
) -> float:
    """One pass over the data; the random numbers depend on the seed and the epoch only. Returns the mean loss."""
    generator = torch.Generator().manual_seed(recipe.seed * 100_003 + epoch)
    torch.manual_seed(recipe.seed * 100_003 + epoch)  # for dropout
    steps = data.steps
    total = torch.zeros((), device=device)
    if epoch < round(recipe.distil_after * recipe.epochs):
        teacher = None
    train_mode(state.model, recipe.frozen)
    for step, (x, labels, rows) in enumerate(data.train(epoch, generator)):
        done = epoch * steps + step
        factor = schedule(done / (recipe.epochs * steps))
        for optimizer, peaks in zip(state.optimizers, state.peaks, strict=True):
            for group, peak in zip(optimizer.param_groups, peaks, strict=True):
                group["lr"] = peak * factor
        x = x.to(device)
        told = training_signal(recipe, done / (recipe.epochs * steps))
        with torch.autocast(device.type, torch.bfloat16):
            answer = state.model(x, setting=Setting(mode="train", training=told))
            teacher_logits = teacher.logits(x, rows) if teacher else None
        output = answer if isinstance(answer, TrainingOutput) else TrainingOutput(answer)
        loss = training_loss(output, labels.to(device), recipe.label_smoothing, teacher_logits)
        for optimizer in state.optimizers:
            optimizer.zero_grad(set_to_none=True)
        loss.backward()
        if recipe.clip:
            nn.utils.clip_grad_norm_(state.model.parameters(), recipe.clip)
        for optimizer in state.optimizers:
            optimizer.step()
        # the average forgets its random start: early on it follows closely
        update_average(state.average, state.model, min(recipe.ema, (1 + done) / (10 + done)))
        total += loss.detach()
    return float(total) / steps


def training_signal(recipe: Recipe, progress: float) -> TrainingSignal:
    """What the network is told after the share ``progress`` of the training.

    No budget during the warm-up; then what is asked for comes down from everything to the recipe's target.
    """
    since = progress - recipe.warm_up
    return TrainingSignal(
        progress=progress,
        learned=max(since / (1 - recipe.warm_up), 0.0),
        ramp=min(max(since / recipe.ramp, 0.0), 1.0),
        target=recipe.target,
        budget_weight=recipe.budget_weight if since >= 0 else 0.0,
        reinforce=recipe.reinforce,
    )


def training_loss(
    output: TrainingOutput, labels: Tensor, smoothing: float, teacher_logits: Tensor | None = None
) -> Tensor:
    """What is minimised: the loss of the answers, the network's own penalty, and the reward of sampled decisions."""
    loss = exits_loss(output.logits.float(), labels, smoothing, teacher_logits, output.weights) + output.penalty
    if output.log_probability is not None:
        right = (output.logits.detach().argmax(dim=-1) == labels).float()
        loss = loss - ((right - right.mean()) * output.log_probability).mean()
    return loss


def exits_loss(
    logits: Tensor,
    labels: Tensor,
    smoothing: float,
    teacher_logits: Tensor | None = None,
    weights: Tensor | None = None,
) -> Tensor:
    """Cross-entropy, averaged over exits where ``logits`` is (exits, N, classes) (Huang et al. 2018, section 4).

    teacher_logits: (N, classes); every exit then learns mostly from the teacher's softened answer (Hinton et al. 2015).
    weights: (exits,) where some exits count more than others.
    """
    logits = logits if logits.dim() == 3 else logits.unsqueeze(0)
    flat = logits.flatten(0, 1)
    if weights is None:
        loss = F.cross_entropy(flat, labels.repeat(len(logits)), label_smoothing=smoothing)
    else:
        each = F.cross_entropy(flat, labels.repeat(len(logits)), label_smoothing=smoothing, reduction="none")
        loss = (each.view(len(logits), -1).mean(dim=1) * weights / weights.sum()).sum()
    if teacher_logits is None:
        return loss
    soft = (teacher_logits / TEMPERATURE).softmax(dim=1).repeat(len(logits), 1)
    distance = F.kl_div((flat / TEMPERATURE).log_softmax(dim=1), soft, reduction="batchmean")
    return (1 - TEACHER_SHARE) * loss + TEACHER_SHARE * TEMPERATURE**2 * distance


@torch.no_grad()
def update_average(average: nn.Module, model: nn.Module, decay: float) -> None:
    mine, theirs = average.state_dict(), model.state_dict()
    floats = [name for name, value in mine.items() if value.is_floating_point()]
    torch._foreach_lerp_([mine[n] for n in floats], [theirs[n] for n in floats], 1 - decay)


@torch.no_grad()
def validate(model: DynamicNetwork, data: Feed, device: torch.device) -> list[float]:
    """Top-1 accuracy on the validation split, of the network as it will run: at each of its exits; else with every
    decision open and, if there is such a one, at the threshold that training aims at.
    """
    model.eval()
    aims = [] if model.trained_at is None else [Setting("masked", thresholds=((model.trained_at,),))]
    settings = [Setting("masked"), *aims]
    right: Tensor | float = 0.0
    count = 0
    for x, labels in data.check():
        x = x.to(device)
        with torch.autocast(device.type, torch.bfloat16):
            if model.exit_names():
                answers = torch.from_numpy(model.outcomes(x)[0].argmax(axis=2).T)
            else:
                answers = torch.stack([model(x, setting=setting).argmax(dim=1) for setting in settings]).cpu()
        right = right + (answers == labels).sum(dim=1)
        count += len(labels)
    return (right / count).tolist()
