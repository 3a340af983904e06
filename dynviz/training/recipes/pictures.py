"""Recipes of the static networks that look at pictures, and what all that learn from pictures have in common."""

from __future__ import annotations

from typing import Any

from dynviz.training.augment import Augmentation
from dynviz.training.recipes.recipe import Recipe

PAPER_RESNET = "He, Zhang, Ren & Sun 2016, Deep Residual Learning for Image Recognition"
PAPER_VIT = "Dosovitskiy et al. 2021, An Image is Worth 16x16 Words"

EVEN = "Spends as much on easy pictures as on hard ones."
CONFIDENT = "An early exit is taken on confidence, and a confident mistake is never looked at again."

# fine-tuned from the largest ResNet, all in the same way, so that a class compares mechanisms and not trainings; sides
# in whole cells of every stage's map
PARENT = {"widths": (24, 48, 96), "depths": (6, 8, 6), "classes": 30}
FROM_PARENT = {
    "parent": "resnet-213m",
    "starts": {"": "resnet-213m"},
    "teacher": "resnet-213m",
    "epochs": 12,
    "learning_rate": 0.005,
    "budget_weight": 4.0,
    "sides_px": ((0.7, 96), (0.3, 128)),
    "clip": 5.0,
}


# 32 px pictures: no stem to speak of, shifts instead of crops, and as many epochs as balanced classes need
SMALL_INPUT = {"classes": 10, "stem_stride": 1, "in_size": 32}
SMALL_TRAINING = {
    "dataset": "cifar10",
    "in_side_px": 32,
    "epochs": 30,
    "balance": 0.0,
    "weight_decay": 0.1,
    "sides_px": ((0.4, 24), (0.3, 28), (0.3, 32)),
    "augmentation": Augmentation(pad_px=4, brightness=0.1, contrast=0.1, saturation=0.1, grey=0.0, erase=0.35),
}


def _resnet(
    name: str,
    title: str,
    widths: tuple[int, ...],
    depths: tuple[int, ...],
    weakness: str,
    arguments: dict[str, Any] | None = None,
    training: dict[str, Any] | None = None,
) -> Recipe:
    return Recipe(
        name=name,
        title=title,
        family="static",
        mechanism="none",
        paper=PAPER_RESNET,
        network="resnet",
        arguments={"widths": widths, "depths": depths, **(arguments or {"classes": 30})},
        weakness=weakness,
        **(training or {}),
    )


def _small_resnet(name: str, title: str, widths: tuple[int, ...], depths: tuple[int, ...], weakness: str) -> Recipe:
    return _resnet(name, title, widths, depths, weakness, SMALL_INPUT, SMALL_TRAINING)


# one trunk for all vision transformers, begun with the stages of a small ResNet
TRUNK = {"widths": (12, 24), "depths": (2, 4), "classes": 30}
LAYERS = {"width": 128, "layers": 8, "heads": 4, "inner": 384}


def _vit(name: str, title: str, layers: dict[str, int]) -> Recipe:
    return Recipe(
        name=name,
        title=title,
        family="static",
        mechanism="none",
        paper=PAPER_VIT,
        network="vit",
        arguments=TRUNK | layers,
        weakness=EVEN,
        starts={"": "resnet-24m"},
        teacher="resnet-66m",
        muon_layers=True,
        epochs=20,
        sides_px=((0.4, 80), (0.35, 96), (0.25, 128)),
    )


STATIC = (
    _resnet("resnet-9m", "ResNet, 9 M multiply-adds", (12, 24, 48), (1, 1, 1), "Too small for fine differences."),
    _resnet("resnet-24m", "ResNet, 24 M multiply-adds", (12, 24, 48), (2, 4, 3), EVEN),
    _resnet("resnet-66m", "ResNet, 66 M multiply-adds", (16, 32, 64), (4, 6, 4), EVEN),
    _resnet("resnet-213m", "ResNet, 213 M multiply-adds", (24, 48, 96), (6, 8, 6), "The most expensive network here."),
    _vit("vit-31m", "Vision transformer, 31 M multiply-adds", {"width": 64, "layers": 4, "heads": 2, "inner": 192}),
    _vit("vit-59m", "Vision transformer, 59 M multiply-adds", {"width": 96, "layers": 6, "heads": 3, "inner": 288}),
    _vit("vit", "Vision transformer", LAYERS),
    _small_resnet("resnet-10m-cifar10", "ResNet, 10 M multiply-adds", (8, 16, 56), (2, 2, 2), EVEN),
    _small_resnet("resnet-42m-cifar10", "ResNet, 42 M multiply-adds", (16, 32, 88), (2, 2, 3), EVEN),
    _small_resnet("resnet-83m-cifar10", "ResNet-38", (16, 32, 64), (6, 6, 6), EVEN),
)
