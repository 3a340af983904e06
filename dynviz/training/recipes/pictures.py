"""Recipes of the networks that look at pictures."""

from __future__ import annotations

from typing import Any

from dynviz.training.augment import Augmentation
from dynviz.training.recipes.recipe import Recipe

PAPER_RESNET = "He, Zhang, Ren & Sun 2016, Deep Residual Learning for Image Recognition"
PAPER_VIT = "Dosovitskiy et al. 2021, An Image is Worth 16x16 Words"
PAPER_DYNAMIC_VIT = "Rao et al. 2021, DynamicViT: Efficient Vision Transformers with Dynamic Token Sparsification"
PAPER_A_VIT = "Yin et al. 2022, A-ViT: Adaptive Tokens for Efficient Vision Transformer"
PAPER_TOME = "Bolya et al. 2023, Token Merging: Your ViT But Faster"
PAPER_MSDNET = "Huang, Chen, Li, Wu, van der Maaten & Weinberger 2018, Multi-Scale Dense Networks"

EVEN = "Spends as much on easy pictures as on hard ones."
CONFIDENT = "An early exit is taken on confidence, and a confident mistake is never looked at again."

# fine-tuned from the largest ResNet, all in the same way, so that a class compares mechanisms and not trainings; sides
# in whole cells of every stage's map
PARENT = {"widths": (24, 48, 96), "depths": (6, 8, 6), "classes": 30}
FROM_PARENT = {
    "parent": "resnet-213m",
    "start": "resnet-213m",
    "teacher": "resnet-213m",
    "epochs": 12,
    "learning_rate": 0.005,
    "budget_weight": 4.0,
    "sides_px": ((0.7, 96), (0.3, 128)),
    "clip": 5.0,
}
PAPER_SKIPNET = "Wang et al. 2018, SkipNet; Veit & Belongie 2018, Convolutional Networks with Adaptive Inference Graphs"
PAPER_BLOCKDROP = "Wu et al. 2018, BlockDrop: Dynamic Inference Paths in Residual Networks"
PAPER_ACT = "Graves 2016, Adaptive Computation Time; Figurnov et al. 2017, section 3.1"
PAPER_SACT = "Figurnov et al. 2017, Spatially Adaptive Computation Time for Residual Networks"
PAPER_DYNCONV = "Verelst & Tuytelaars 2020, Dynamic Convolutions: Exploiting Spatial Sparsity for Faster Inference"

# networks that save nothing are held against the same network without, a smaller one
SMALLER = {"widths": (16, 32, 64), "depths": (4, 6, 4), "classes": 30}
FROM_SMALLER = {
    "parent": "resnet-66m",
    "teacher": "resnet-66m",
    "epochs": 3,
    "learning_rate": 0.005,
    "gate_learning_rate": 0.0003,
    "clip": 5.0,
    "sides_px": ((0.7, 96), (0.3, 128)),
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


# one trunk for all vision transformers, begun with the stages of a small ResNet; those that drop tokens are fine-tuned
# from the largest, all in the same way
TRUNK = {"widths": (12, 24), "depths": (2, 4), "classes": 30}
LAYERS = {"width": 128, "layers": 8, "heads": 4, "inner": 384}
FROM_VIT = {
    "parent": "vit",
    "start": "vit",
    "teacher": "resnet-66m",
    "muon_layers": True,
    "epochs": 5,
    "learning_rate": 0.004,
    "gate_learning_rate": 0.006,
    "budget_weight": 4.0,
    "clip": 5.0,
    "sides_px": ((0.8, 96), (0.2, 128)),
}


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
        start="resnet-24m",
        teacher="resnet-66m",
        muon_layers=True,
        epochs=20,
        sides_px=((0.4, 80), (0.35, 96), (0.25, 128)),
    )


def _cascade(name: str, members: tuple[str, ...], **rest: Any) -> Recipe:
    """Static networks of the same data, cheapest first: nothing of its own to train."""
    return Recipe(
        name=name,
        title="Cascade of ResNets",
        family="sample-wise",
        mechanism="early exit",
        paper="Wang et al. 2018, IDK Cascades: Fast Deep Learning by Learning not to Overthink",
        network="cascade",
        arguments={},
        parent=members[-1],
        members=members,
        anytime=True,
        weakness="A hard picture pays for every member: together they cost more than the largest alone.",
        **rest,
    )


PICTURES = (
    _resnet("resnet-9m", "ResNet, 9 M MACs", (12, 24, 48), (1, 1, 1), "Too small for fine differences."),
    _resnet("resnet-24m", "ResNet, 24 M MACs", (12, 24, 48), (2, 4, 3), EVEN),
    _resnet("resnet-66m", "ResNet, 66 M MACs", (16, 32, 64), (4, 6, 4), EVEN),
    _resnet("resnet-213m", "ResNet, 213 M MACs", (24, 48, 96), (6, 8, 6), "The most expensive network here."),
    _vit("vit-31m", "Vision transformer, 31 M MACs", {"width": 64, "layers": 4, "heads": 2, "inner": 192}),
    _vit("vit-59m", "Vision transformer, 59 M MACs", {"width": 96, "layers": 6, "heads": 3, "inner": 288}),
    _vit("vit", "Vision transformer", LAYERS),
    Recipe(
        name="vit-tokens",
        title="DynamicViT",
        family="spatial-wise",
        mechanism="token pruning",
        paper=PAPER_DYNAMIC_VIT,
        network="vit-tokens",
        arguments=TRUNK | LAYERS | {"before": (0, 3, 6)},
        weakness="A token that was dropped never comes back, however much later layers would have liked it.",
        **FROM_VIT,
    ),
    Recipe(
        name="a-vit",
        title="A-ViT",
        family="spatial-wise",
        mechanism="token halting",
        paper=PAPER_A_VIT,
        network="a-vit",
        arguments=TRUNK | LAYERS,
        weakness="Every patch is given one layer at least, and patches that stopped tell the others nothing more.",
        **FROM_VIT,
    ),
    Recipe(
        name="tome",
        title="Token merging",
        family="spatial-wise",
        mechanism="token merging",
        paper=PAPER_TOME,
        network="tome",
        arguments={},
        parent="vit",
        members=("vit",),
        weakness="It merges what looks alike, whether it matters or not: two small faces become one.",
    ),
    _cascade("cascade", ("resnet-9m", "resnet-24m", "resnet-66m", "resnet-213m")),
    Recipe(
        name="msdnet",
        title="MSDNet",
        family="sample-wise",
        mechanism="early exit",
        paper=PAPER_MSDNET,
        network="msdnet",
        arguments={
            "channels": (16, 32, 64),
            "growth": (16, 32, 64),
            "layers": 9,
            "drops": (3, 6),
            "exits": (1, 2, 3, 4, 5, 7, 9),
            "head_width": 96,
            "bottleneck": 1.5,
            "classes": 30,
        },
        anytime=True,
        weakness=CONFIDENT,
    ),
    Recipe(
        name="glance-focus",
        title="Glance and focus",
        family="spatial-wise",
        mechanism="regions",
        paper="Wang, Lv, Huang, Song, Yang & Huang 2020, Glance and Focus; Wang et al. 2022, AdaFocus V2",
        network="glance-focus",
        arguments={
            # objects fill these photos: a glance of 64 px confuses them, and a patch of 64 px, a fifth of the picture,
            # shows too little of them to help (76.2 % and, after four patches, 74.2 %)
            "glance_px": 96,
            "patch_px": 96,
            "patches": 3,
            "widths": (12, 24, 48),
            "depths": (2, 4, 3),
            "patch_widths": (16, 32, 64),
            "patch_depths": (4, 6, 4),
            "classes": 30,
            "in_size": 144,
        },
        in_side_px=144,
        parent="resnet-213m",
        starts={"glance": "resnet-24m", "focus": "resnet-66m"},
        epochs=5,
        learning_rate=0.004,
        gate_learning_rate=0.0003,
        clip=5.0,
        sides_px=((1.0, 144),),
        anytime=True,
        weakness="A glance that takes one thing for another is sure of it, and then no patch is looked at.",
    ),
    Recipe(
        name="ranet",
        title="RANet",
        family="spatial-wise",
        mechanism="resolution",
        paper="Yang, Han, Chen, Song, Dai & Huang 2020, Resolution Adaptive Networks for Efficient Inference",
        network="ranet",
        arguments={
            "sides_px": (64, 96, 112),
            "widths": ((16, 32, 64), (16, 32, 64), (24, 48, 96)),
            "depths": ((4, 6, 4), (4, 6, 4), (6, 8, 6)),
            "classes": 30,
        },
        parent="resnet-213m",
        starts={"subnets.0": "resnet-66m", "subnets.1": "resnet-66m", "subnets.2": "resnet-213m"},
        epochs=3,
        learning_rate=0.005,
        clip=5.0,
        sides_px=((0.7, 96), (0.3, 128)),
        anytime=True,
        weakness=CONFIDENT,
    ),
    Recipe(
        name="drnet",
        title="DRNet",
        family="spatial-wise",
        mechanism="resolution",
        paper="Zhu, Han, Wu, Zhang, Nie, Lan & Wang 2021, Dynamic Resolution Network",
        network="drnet",
        arguments={"sides_px": (64, 80, 96, 128), "widths": (24, 48, 96), "depths": (6, 8, 6), "classes": 30},
        parent="resnet-213m",
        starts={"backbone": "resnet-213m", "predictor": "resnet-9m"},
        teacher="resnet-213m",
        epochs=5,
        learning_rate=0.005,
        clip=5.0,
        sides_px=((1.0, 128),),
        weakness="It decides once, from a small version in which a small object may not be seen at all.",
    ),
    Recipe(
        name="skipnet",
        title="SkipNet",
        family="sample-wise",
        mechanism="layer skipping by gates",
        paper=PAPER_SKIPNET,
        network="skipnet",
        arguments=PARENT,
        weakness="Each gate sees only what lies before it, and does not know what the later ones will skip.",
        **FROM_PARENT,
    ),
    Recipe(
        name="blockdrop",
        title="BlockDrop",
        family="sample-wise",
        mechanism="layer skipping by a policy network",
        paper=PAPER_BLOCKDROP,
        network="blockdrop",
        arguments=PARENT,
        weakness="Everything is settled by a small network before the large one has seen anything.",
        **FROM_PARENT,
    ),
    Recipe(
        name="act-resnet",
        title="Adaptive computation time",
        family="sample-wise",
        mechanism="layer skipping by halting scores",
        paper=PAPER_ACT,
        network="act-resnet",
        arguments=PARENT,
        weakness="It can only leave out the last blocks of a stage, never one in between.",
        **FROM_PARENT,
    ),
    Recipe(
        name="channel-gating",
        title="Channel gating",
        family="sample-wise",
        mechanism="dynamic width",
        paper="Yu et al. 2019, Slimmable Neural Networks; Li et al. 2021, Dynamic Slimmable Network",
        network="channel-gating",
        arguments=PARENT,
        weakness="Narrow convolutions keep a processor less busy: it saves more MACs than time.",
        **FROM_PARENT,
    ),
    Recipe(
        name="condconv",
        title="Mixed kernels (CondConv)",
        family="sample-wise",
        mechanism="dynamic parameters",
        paper="Yang et al. 2019, CondConv; Chen et al. 2020, Dynamic Convolution: Attention over Convolution Kernels",
        network="condconv",
        arguments=PARENT,
        starts={"": "resnet-213m"},
        weakness="It saves nothing: which kernel it has is dynamic, how much it computes is not.",
        **(FROM_PARENT | {"start": None}),
    ),
    Recipe(
        name="senet",
        title="Squeeze and excitation",
        family="sample-wise",
        mechanism="dynamic parameters",
        paper="Hu, Shen & Sun 2018, Squeeze-and-Excitation Networks",
        network="senet",
        arguments=PARENT,
        starts={"backbone": "resnet-213m"},
        weakness="It saves nothing: what its channels are worth is dynamic, how much it computes is not.",
        **(FROM_PARENT | {"start": None}),
    ),
    Recipe(
        name="dynconv",
        title="Dynamic convolutions",
        family="spatial-wise",
        mechanism="pixel masks",
        paper=PAPER_DYNCONV,
        network="dynconv",
        arguments={**PARENT, "cells": (4, 4, 2)},
        weakness="It looks where its own early features are strong: a faint object before a busy background is missed.",
        **FROM_PARENT,
    ),
    Recipe(
        name="dynconv-glance",
        title="Dynamic convolutions with a glance",
        family="spatial-wise",
        mechanism="pixel masks",
        paper=PAPER_DYNCONV,
        network="dynconv",
        arguments={**PARENT, "cells": (4, 4, 2), "glance_widths": (12, 24, 48)},
        starts={"glance": "resnet-9m"},
        weakness="What the small network takes for background is not computed, however it looks from close by.",
        **FROM_PARENT,
    ),
    Recipe(
        name="sact",
        title="Spatially adaptive computation time",
        family="spatial-wise",
        mechanism="halting score per position",
        paper=PAPER_SACT,
        network="sact",
        arguments=PARENT,
        weakness="Places halt one by one, and gathering scattered places takes time: it saves more MACs than time.",
        **FROM_PARENT,
    ),
    Recipe(
        name="stn",
        title="Spatial transformer",
        family="spatial-wise",
        mechanism="regions",
        paper="Jaderberg, Simonyan, Zisserman & Kavukcuoglu 2015, Spatial Transformer Networks",
        network="stn",
        arguments=SMALLER,
        starts={"backbone": "resnet-66m", "locator.body": "resnet-9m"},
        weakness="It finds one region and saves nothing: the network behind it sees as many pixels as without it.",
        **FROM_SMALLER,
    ),
    Recipe(
        name="deformable",
        title="Deformable convolutions",
        family="spatial-wise",
        mechanism="dynamic parameters",
        paper="Dai, Qi, Xiong, Li, Zhang, Hu & Wei 2017, Deformable Convolutional Networks",
        network="deformable",
        arguments=SMALLER | {"deformed": 3},
        starts={"backbone": "resnet-66m"},
        weakness="It saves nothing: where the kernel samples is dynamic, how much it samples is not.",
        **FROM_SMALLER,
    ),
    _small_resnet("resnet-10m-cifar10", "ResNet, 10 M MACs", (8, 16, 56), (2, 2, 2), EVEN),
    _small_resnet("resnet-42m-cifar10", "ResNet, 42 M MACs", (16, 32, 88), (2, 2, 3), EVEN),
    _small_resnet("resnet-83m-cifar10", "ResNet-38", (16, 32, 64), (6, 6, 6), EVEN),
    _cascade("cascade-cifar10", ("resnet-10m-cifar10", "resnet-42m-cifar10", "resnet-83m-cifar10"), **SMALL_TRAINING),
    Recipe(
        name="msdnet-cifar10",
        title="MSDNet",
        family="sample-wise",
        mechanism="early exit",
        paper=PAPER_MSDNET,
        network="msdnet",
        arguments={
            "channels": (16, 32, 64),
            "growth": (16, 32, 64),
            "layers": 7,
            "drops": (2, 4),
            "exits": (1, 2, 3, 4, 5, 6, 7),
            "head_width": 64,
            "bottleneck": 1.0,
            **SMALL_INPUT,
        },
        anytime=True,
        weakness=CONFIDENT,
        **SMALL_TRAINING,
    ),
)
