"""Recipes of the networks that look at pictures and choose for each how much of the network runs."""

from __future__ import annotations

from typing import Any

from dynviz.training.recipes.pictures import (
    CONFIDENT,
    FROM_PARENT,
    PAPER_RESNET,
    PARENT,
    SMALL_INPUT,
    SMALL_TRAINING,
)
from dynviz.training.recipes.recipe import Recipe

PAPER_MSDNET = "Huang, Chen, Li, Wu, van der Maaten & Weinberger 2018, Multi-Scale Dense Networks"
PAPER_SKIPNET = "Wang et al. 2018, SkipNet; Veit & Belongie 2018, Convolutional Networks with Adaptive Inference Graphs"
PAPER_BLOCKDROP = "Wu et al. 2018, BlockDrop: Dynamic Inference Paths in Residual Networks"
PAPER_EXPERTS = (
    "Shazeer et al. 2017, The Sparsely-Gated Mixture-of-Experts Layer; Fedus et al. 2022, Switch Transformers"
)
PAPER_ACT = "Graves 2016, Adaptive Computation Time; Figurnov et al. 2017, section 3.1"

# few passes over the pictures, of the sides that the parent had: only what decides begins at nothing, and validation
# accuracy of a network that took eight moved by half a point after its third
FINE_TUNED = FROM_PARENT | {"epochs": 2, "sides_px": ((0.5, 80), (0.5, 112))}
# gates begin at nothing; with three passes SkipNet was right on 80.9 % at half of the compute, with ten on 85.5 %
GATED = FINE_TUNED | {"epochs": 10, "sides_px": ((0.6, 80), (0.4, 112)), "gate_learning_rate": 0.01}


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


SAMPLE_WISE = (
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
        name="skipnet",
        title="SkipNet",
        family="sample-wise",
        mechanism="layer skipping by gates",
        paper=PAPER_SKIPNET,
        network="skipnet",
        arguments=PARENT,
        weakness="Below 70 % of the compute static networks of the same compute are more accurate; above, it is about "
        "level with them, though its gates choose: 1,158 ways at half of the compute over 4,871 pictures, more than "
        "ten points above blocks at random.",
        **GATED,
    ),
    Recipe(
        name="blockdrop",
        title="BlockDrop",
        family="sample-wise",
        mechanism="layer skipping by a policy network",
        paper=PAPER_BLOCKDROP,
        network="blockdrop",
        arguments=PARENT,
        weakness="Below 60 % of the compute static networks are more accurate, above about as accurate. The small "
        "network that settles everything beforehand finds at most 65 policies for 4,871 test pictures; at half of the "
        "compute seven of ten pictures get the same one.",
        **(GATED | {"starts": GATED["starts"] | {"policy": "resnet-9m"}}),
    ),
    Recipe(
        name="act-resnet",
        title="Adaptive computation time",
        family="sample-wise",
        mechanism="layer skipping by halting scores",
        paper=PAPER_ACT,
        network="act-resnet",
        arguments=PARENT,
        weakness="Most pictures halt at the same blocks: at most eight different ways over 4,871 test pictures. Static "
        "networks of the same compute are more accurate everywhere.",
        **(FROM_PARENT | {"epochs": 8}),
    ),
    Recipe(
        name="channel-gating",
        title="Channel gating",
        family="sample-wise",
        mechanism="dynamic width",
        paper="Yu et al. 2019, Slimmable Neural Networks; Li et al. 2021, Dynamic Slimmable Network",
        network="channel-gating",
        arguments=PARENT,
        weakness="Narrow convolutions keep a processor less busy: it saves more multiply-adds than time. Static "
        "networks of the same compute are more accurate below 60 % of the compute, about as accurate above; below 35 % "
        "it breaks down.",
        **GATED,
    ),
    Recipe(
        name="mixture-of-experts",
        title="Mixture of experts",
        family="sample-wise",
        mechanism="dynamic width by experts",
        paper=PAPER_EXPERTS,
        network="mixture-of-experts",
        arguments=PARENT,
        weakness="Below 85 % of the compute static networks are more accurate, above about as accurate: nothing is "
        "gained that pays for its experts. Twice as many weights are kept as any picture uses.",
        **GATED,
    ),
    Recipe(
        name="routing-supernet",
        title="Routing supernet",
        family="sample-wise",
        mechanism="dynamic routing",
        paper="Li et al. 2020, Learning Dynamic Routing for Semantic Segmentation",
        network="routing-supernet",
        arguments={"widths": (16, 32, 64), "depths": (4, 6, 4), "classes": 30},
        weakness="One pass over the data at 96 px is all the training it got: 81.1 % open, below the 85.6 % of the "
        "network of 66 M multiply-adds that it began as. Static networks of the same compute are more accurate "
        "everywhere; the whole grid costs more than the network it is held against.",
        **(GATED | {"starts": {"": "resnet-66m"}, "epochs": 1, "sides_px": ((1.0, 96),)}),
    ),
    Recipe(
        name="condconv",
        title="Mixed kernels (CondConv)",
        family="sample-wise",
        mechanism="dynamic parameters",
        paper="Yang et al. 2019, CondConv; Chen et al. 2020, Dynamic Convolution: Attention over Convolution Kernels",
        network="condconv",
        arguments=PARENT,
        weakness="It saves nothing, and here it gains nothing: no more accurate than the same network fine-tuned "
        "without mixing. Its mixtures differ by class all the same: 31 to 45 % of how they vary lies between classes.",
        **FINE_TUNED,
    ),
    Recipe(
        name="senet",
        title="Squeeze and excitation",
        family="sample-wise",
        mechanism="dynamic parameters",
        paper="Hu, Shen & Sun 2018, Squeeze-and-Excitation Networks",
        network="senet",
        arguments=PARENT,
        weakness="It saves nothing, and here it gains nothing over the same network fine-tuned without attention: in "
        "two epochs its attention weights have hardly left where they began, nearly the same for every picture.",
        **(FINE_TUNED | {"starts": {"backbone": "resnet-213m"}}),
    ),
    Recipe(
        name="resnet-213m-tuned",
        title="ResNet, 213 M multiply-adds, fine-tuned",
        family="static",
        mechanism="none",
        paper=PAPER_RESNET,
        network="resnet",
        arguments=PARENT,
        weakness="Two more epochs gain it nothing over the network that it began as. It is a control: what networks "
        "with dynamic parameters gain has to be more than fine-tuning alone does.",
        **FINE_TUNED,
    ),
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
