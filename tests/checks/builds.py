"""Any network of the registry, untrained, with weights drawn so that it decides, and inputs that its recipe asks for.

What is trained and shipped is checked in ``test_registry`` and ``test_records``; here a network is checked from the day
on which it has a recipe.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from dynviz.media.image import read_image
from dynviz.media.video import ArrayVideo
from dynviz.networks import NETWORKS, build
from dynviz.networks.clips import Clip, Clips
from dynviz.networks.contract import Between, DynamicNetwork
from dynviz.networks.frames import Frames
from dynviz.networks.sources import Original, PictureSource
from dynviz.networks.words import Words
from dynviz.recorder import Setting
from dynviz.training.recipes import MEAN, RECIPES, STD, Recipe
from tests.checks.records import recorded

WORDS, VECTOR = 300, 20  # of a vocabulary that stands for the real one
LENGTHS = (9, 40, 23, 64)  # of texts and recordings
FRAMES = (9, 6, 1, 14)  # of videos


def recipe_of(network: str) -> Recipe:
    """The first recipe that trains ``network``, or calibrates it."""
    return next(recipe for recipe in RECIPES.values() if recipe.network == network)


TRAINED = tuple(
    name for name in NETWORKS if any(recipe.network == name and not recipe.members for recipe in RECIPES.values())
)


def untrained(recipe: Recipe) -> DynamicNetwork:
    """The network of ``recipe``, its members untrained too."""
    torch.manual_seed(0)
    parts: dict[str, Any] = {}
    if recipe.members:
        parts["members"] = [untrained(RECIPES[name]) for name in recipe.members]
    elif recipe.vocabulary:
        parts["vectors"] = torch.randn(WORDS, VECTOR, generator=torch.Generator().manual_seed(0))
    return varied(build(recipe.network, recipe.arguments | parts)).eval()


@torch.no_grad()
def varied(network: nn.Module) -> nn.Module:
    """Noise on what begins as zero or one, so that no block is the identity and no decision everywhere the same."""
    for value in network.parameters():
        if value.numel() and (value.dim() < 2 or not value.any()):
            value.add_(torch.randn_like(value) * 0.2)
    for layer in network.modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.running_mean.normal_(std=0.1)
            layer.running_var.uniform_(0.5, 1.5)
    return network


def batch(recipe: Recipe, photos: list) -> Any:
    """Four inputs as training hands them over."""
    if recipe.modality == "image":
        return torch.cat([picture(recipe, photo).view for photo in photos])
    if recipe.modality == "video":
        videos = [moving(photo, length) for photo, length in zip(photos, FRAMES, strict=True)]
        return Clips.of([Clip(video, video.seen_box()) for video in videos], MEAN, STD)
    draw = np.random.default_rng(0)
    if recipe.modality == "text":
        return Words.batch([draw.integers(2, WORDS - 1, length) for length in LENGTHS])
    channels = recipe.arguments["channels"]
    return Frames.batch([draw.normal(size=(length, channels)).astype(np.float32) for length in LENGTHS])


def singles(network: DynamicNetwork, recipe: Recipe, photos: list) -> list[Any]:
    """The same inputs, each as a person's would be given to ``network``."""
    if recipe.modality == "image" and network.takes_source:
        return [picture(recipe, photo) for photo in photos]
    x = batch(recipe, photos)
    return [x[row : row + 1] for row in range(len(x))]


def picture(recipe: Recipe, photo: np.ndarray) -> PictureSource:
    """A photo's seen square and the photo itself."""
    read = read_image(photo)
    pixels, box = read.view(recipe.in_side_px, "crop")
    x = (pixels.astype(np.float32) / 255 - np.float32(MEAN)) / np.float32(STD)
    view = torch.from_numpy(x).permute(2, 0, 1)[None].contiguous(memory_format=torch.channels_last)
    scale = read.width_px / read.image.width, read.height_px / read.image.height
    kept = Original(
        torch.from_numpy(np.array(read.image)).permute(2, 0, 1),
        tuple(edge / scale[i % 2] for i, edge in enumerate(box)),
        scale,
    )
    return PictureSource(view, (kept,), MEAN, STD)


def moving(photo: np.ndarray, length: int) -> ArrayVideo:
    """A photo passing by, 96 x 72 px: every frame shows another part of it."""
    height, width = photo.shape[0] - 72, photo.shape[1] - 96
    at = [(int(t * height / length), int(t * width / length)) for t in range(length)]
    return ArrayVideo.of(np.stack([photo[y : y + 72, x : x + 96] for y, x in at]))


def settings(network: DynamicNetwork, x: Any) -> Iterator[Setting]:
    """The open network, and some at which it may leave something out."""
    yield Setting()
    values = network.candidates
    if isinstance(values, Between):
        values = tuple(np.linspace(values.low, values.high, 9)[1:-1].tolist())
    if values:
        chosen = [values[index] for index in sorted({round(i) for i in np.linspace(0, len(values) - 1, 5)})]
        for value in (*chosen, *typical_scores(network, x)):
            yield Setting(thresholds=((float(value),),))
    elif names := network.exit_names():
        with torch.inference_mode():
            probabilities, _ = network.outcomes(x)
        sure = network.certainty(probabilities)
        for index in range(len(names) - 1):
            limits = np.full(len(names), np.inf)
            limits[index] = np.median(sure[:, index])
            yield Setting(thresholds=tuple(limits))


def typical_scores(network: DynamicNetwork, x: Any) -> list[float]:
    """Three numbers between which the scores of the open network lie: thresholds there leave out a part."""
    _, samples = recorded(network, x, Setting("masked"))
    scores = [getattr(decision, "scores", None) for decisions in samples for decision in decisions]
    scores += [decision.score for decisions in samples for decision in decisions]
    known = np.concatenate([np.ravel(np.asarray(one, dtype=float)) for one in scores if one is not None] or [[]])
    known = known[np.isfinite(known)]
    return np.quantile(known, (0.25, 0.5, 0.75)).tolist() if len(known) else []


def logits_of(answer: Any) -> Tensor:
    """What a network answered in train mode, (..., N, classes)."""
    return answer.logits if hasattr(answer, "logits") else answer
