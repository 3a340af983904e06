"""Recipes of the networks that look at pictures and choose where in them to compute."""

from __future__ import annotations

from dynviz.training.recipes.pictures import CONFIDENT, FROM_PARENT, LAYERS, PARENT, TRUNK
from dynviz.training.recipes.recipe import Recipe

PAPER_DYNAMIC_VIT = "Rao et al. 2021, DynamicViT: Efficient Vision Transformers with Dynamic Token Sparsification"
PAPER_A_VIT = "Yin et al. 2022, A-ViT: Adaptive Tokens for Efficient Vision Transformer"
PAPER_TOME = "Bolya et al. 2023, Token Merging: Your ViT But Faster"
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
# those that drop tokens are fine-tuned from the largest vision transformer, all in the same way
FROM_VIT = {
    "parent": "vit",
    "starts": {"": "vit"},
    "teacher": "resnet-66m",
    "muon_layers": True,
    "epochs": 4,
    "learning_rate": 0.004,
    "gate_learning_rate": 0.006,
    "budget_weight": 4.0,
    "clip": 5.0,
    "sides_px": ((0.75, 96), (0.25, 128)),
}


SPATIAL_WISE = (
    Recipe(
        name="vit-tokens",
        title="DynamicViT",
        family="spatial-wise",
        mechanism="token pruning",
        paper=PAPER_DYNAMIC_VIT,
        network="vit-tokens",
        arguments=TRUNK | LAYERS | {"before": (1, 3), "judging": 32},
        weakness="A token that was dropped never comes back, however much later layers would have liked it. It is "
        "well above tokens at random, but at half its compute not shown to be better than an even pattern of "
        "tokens. Merging tokens, which is not even trained, is better throughout, and so are smaller "
        "transformers and ResNets.",
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
        weakness="Every patch is given one layer at least, and patches that stopped tell the others nothing more. "
        "Which of them go on matters little: at half the compute patches drawn at random do as well. Merging "
        "tokens, which is not even trained, is better throughout, and so is a smaller transformer.",
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
        weakness="It merges what looks alike, whether it matters or not: two small faces become one. "
        "At half its compute it is as good as the transformer in full, but small ResNets are better at that compute. "
        "Finding what is alike takes about as long as is saved: one picture alone is no faster above a third.",
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
            # shows too little of them to help
            "glance_px": 96,
            "patch_px": 96,
            "patches": 2,
            "widths": (12, 24, 48),
            "depths": (2, 4, 3),
            "patch_widths": (24, 48, 96),
            "patch_depths": (6, 8, 6),
            "classes": 30,
            "in_size": 144,
            "frozen": True,
        },
        in_side_px=144,
        parent="resnet-213m",
        starts={"glance": "resnet-24m", "focus": "resnet-213m"},
        epochs=1,
        learning_rate=0.005,
        gate_learning_rate=0.001,
        clip=5.0,
        sides_px=((1.0, 144),),
        anytime=True,
        weakness="A glance that takes one thing for another is sure of it, and then no patch is looked at. "
        "Above its glance smaller static networks are better, and patches in the middle, chosen blindly, do "
        "as well as its own.",
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
        weakness=f"{CONFIDENT} It is above exits at random, but smaller static networks are better at every compute.",
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
        weakness="It decides once, from a small version in which a small object may not be seen at all. "
        "Smaller static networks are better at every compute that it reaches.",
    ),
    Recipe(
        name="dynconv",
        title="Dynamic convolutions",
        family="spatial-wise",
        mechanism="pixel masks",
        paper=PAPER_DYNCONV,
        network="dynconv",
        arguments={**PARENT, "cells": (4, 4, 2)},
        weakness="It looks where its own early features are strong: a faint object before a busy background is missed. "
        "At half the compute the middle of the picture, chosen blindly, does as well, and below 150 M multiply-adds "
        "smaller static networks do better.",
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
        weakness="What the small network takes for background is not computed, however it looks from close by.",
        **(FROM_PARENT | {"starts": {"": "resnet-213m", "glance": "resnet-9m"}}),
    ),
    Recipe(
        name="sact",
        title="Spatially adaptive computation time",
        family="spatial-wise",
        mechanism="halting score per position",
        paper=PAPER_SACT,
        network="sact",
        arguments=PARENT,
        weakness="Places halt one by one, and gathering scattered places takes time: it saves more "
        "multiply-adds than time. It is far above places that halt at random, but smaller static networks are better "
        "at every compute.",
        **(FROM_PARENT | {"epochs": 8}),
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
        weakness="It finds one region and saves nothing: the network behind it sees as many pixels as without it. "
        "Objects fill these photos: it learned to take the whole picture, and without it the network is as accurate. "
        "Trained on photos shown small before strange backgrounds, from a region free to shrink and to move, it "
        "did move, and was right less often.",
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
        weakness="It saves nothing: where the kernel samples is dynamic, how much it samples is not. "
        "On these photos the same network with a fixed grid is as accurate.",
        **FROM_SMALLER,
    ),
)
