"""Which optimizer trains what: Muon for matrices of features, AdamW for the rest; and the schedule of their rates."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import nn

from dynviz.networks.encoder import EncoderLayer
from dynviz.networks.gates import Decider
from dynviz.training.recipes import Recipe


class FlatMuon(torch.optim.Muon):
    """Muon (Jordan et al. 2024): a convolution's kernel is one (out, in x k x k) matrix sharing its memory."""

    def __init__(self, kernels: list[nn.Parameter], **options: float):
        self.kernels = kernels
        self.flat = [nn.Parameter(kernel.data.view(len(kernel), -1)) for kernel in kernels]
        super().__init__(self.flat, adjust_lr_fn="original", **options)

    def zero_grad(self, set_to_none: bool = True) -> None:
        for kernel in self.kernels:
            kernel.grad = None

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> float | None:
        for kernel, flat in zip(self.kernels, self.flat, strict=True):
            flat.grad = None if kernel.grad is None else kernel.grad.reshape(len(kernel), -1)
        return super().step(closure)


def make_optimizers(model: nn.Module, recipe: Recipe) -> list[torch.optim.Optimizer]:
    """Muon for convolutions that compute features and, where the recipe says so, for matrices of transformer layers.

    AdamW without decay for the rest (norms, biases, places, other linear layers) and, at a learning rate of its own,
    for whatever belongs to a ``Decider``. Frozen parameters are nobody's.
    """
    deciding = {p for module in model.modules() if isinstance(module, Decider) for p in module.parameters()}
    matrices = layer_matrices(model) if recipe.muon_layers else set()
    learning = [p for p in model.parameters() if p.requires_grad]
    kernels = [p for p in learning if (p.dim() == 4 or p in matrices) and p not in deciding]
    known = {*kernels, *deciding}
    groups = [{"params": [p for p in learning if p not in known], "lr": recipe.learning_rate / 5}]
    if gates := [p for p in learning if p in deciding]:
        groups.append({"params": gates, "lr": recipe.gate_learning_rate})
    adam = torch.optim.AdamW(groups, weight_decay=0.0, betas=(0.9, 0.99))
    if not kernels:
        return [adam]
    return [FlatMuon(kernels, lr=recipe.learning_rate, weight_decay=recipe.weight_decay, momentum=0.95), adam]


def layer_matrices(model: nn.Module) -> set[nn.Parameter]:
    """The weights of the linear layers within transformer layers."""
    layers = [module for module in model.modules() if isinstance(module, EncoderLayer)]
    return {linear.weight for layer in layers for linear in layer.modules() if isinstance(linear, nn.Linear)}


def schedule(done: float) -> float:
    """Learning-rate factor after the share ``done`` of all steps: a short warm-up, then half a cosine to 0."""
    return done / 0.04 if done < 0.04 else 0.5 * (1 + math.cos(math.pi * (done - 0.04) / 0.96))
