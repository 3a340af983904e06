"""What a recipe is: a network's architecture and how it is trained."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from dynviz.installed import InstalledFile
from dynviz.media.signal import SeriesInput
from dynviz.training.augment import Augmentation

MEAN, STD = (0.47, 0.45, 0.42), (0.28, 0.27, 0.28)


@dataclass(frozen=True)
class Recipe:
    """Everything that ``dynviz train NAME`` needs.

    members: shipped networks that this one is made of; it is then calibrated only. weights: of another
    package, which are taken as they are: it is calibrated only. mean, std: of pictures, normalisation of pixel values
    in 0..1. teacher: a shipped network whose
    answers it learns from as well, after the share ``distil_after`` of the epochs; teacher_once: those to the training
    samples as they are, kept, instead of those to each augmented batch. sides_px: (share of the epochs, side
    of the training pictures in px), progressive resizing. balance: a picture is drawn with probability proportional to
    (size of its class) ** -balance. vocabulary: the shared words that a network for texts reads; longest: of its
    training texts, in words; word_dropout: share of the words made unknown. series: how a network for recordings reads
    them; without: the number of a speaker or patient who is left out of its training, and checked on. clip: largest
    norm of a gradient. starts: the shipped networks whose weights it begins with: '' for the network as a whole, as far
    as it has them, names of modules for those; renamed: of the names of the whole's weights, beginnings there -> here.
    gate_learning_rate: of the parts that decide (``networks.gates``). target: the share of the static path's compute
    that it is taught to spend, budget_weight: how hard (the weight of the penalty); warm_up: share of the training
    before that, everything open; ramp: share of the training in which what is asked for comes down to the target.
    frozen: beginnings of the names of the parameters that stay as they began.
    single_frames: of networks for video: trained on a few frames of each of many videos, rendered anew, and not on what
    an encoder that stays as it is says of every frame.
    reinforce: whether its sampled decisions are taught by their reward (Williams 1992) as well. muon_layers: whether
    the matrices of transformer layers are trained by Muon, as convolutions are, or by AdamW.
    """

    name: str
    title: str
    family: str
    mechanism: str
    paper: str
    network: str
    arguments: dict[str, Any]
    modality: str = "image"
    dataset: str = "everyday30"
    in_side_px: int = 128
    mean: tuple[float, ...] = MEAN
    std: tuple[float, ...] = STD
    parent: str | None = None
    members: tuple[str, ...] = ()
    weights: InstalledFile | None = None
    vocabulary: str | None = None
    series: SeriesInput | None = None
    without: int | None = None
    teacher: str | None = None
    teacher_once: bool = False
    distil_after: float = 0.0
    starts: dict[str, str] = field(default_factory=dict)
    renamed: dict[str, str] = field(default_factory=dict)
    target: float = 1.0
    budget_weight: float = 0.0
    warm_up: float = 0.0
    ramp: float = 1 / 3
    frozen: tuple[str, ...] = ()
    single_frames: bool = False
    reinforce: bool = False
    muon_layers: bool = False
    anytime: bool = False
    weakness: str = ""
    epochs: int = 60
    batch: int = 128
    learning_rate: float = 0.02
    gate_learning_rate: float = 0.003
    weight_decay: float = 0.02
    label_smoothing: float = 0.1
    ema: float = 0.998
    balance: float = 0.25
    seed: int = 1
    clip: float | None = None
    longest: int = 400
    word_dropout: float = 0.1
    sides_px: tuple[tuple[float, int], ...] = ((0.45, 80), (0.4, 96), (0.15, 112))
    augmentation: Augmentation = field(default_factory=Augmentation)
