"""Networks for video, untrained but whole, as a folder of the zoo: the page is tested with networks of any weights."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch

from dynviz import zoo
from dynviz.evaluation.publishing import _as_shipped
from dynviz.media.made_video import stand_in
from dynviz.networks.clips import Clip, Clips
from dynviz.recorder import Recorder, Setting
from dynviz.training.recipes import MEAN, RECIPES, STD, Recipe
from dynviz.zoo import ModelCard, OperatingPoint
from tests.checks.builds import settings, untrained

LABELS = tuple(f"thing {i}" for i in range(30))


def write_untrained(folder: Path, names: Sequence[str]) -> list[ModelCard]:
    """Cards and weights of the recipes ``names``, members and parents first; their accuracy is made up."""
    return [_write(folder, RECIPES[name]) for name in names]


def _write(folder: Path, recipe: Recipe) -> ModelCard:
    network = untrained(recipe)
    target = folder / recipe.name
    target.mkdir(parents=True)
    sha256 = ""
    if recipe.members:
        sha256 = zoo.members_checksum(recipe.members)
    else:
        network, weights = _as_shipped(recipe, network)
        sha256 = hashlib.sha256(weights).hexdigest()
        (target / "model.safetensors").write_bytes(weights)
    video = stand_in(1, 32)
    x = Clips.of([Clip(video, video.seen_box())], MEAN, STD)
    spent = {}
    for setting in settings(network, x):
        recorder = Recorder()
        with torch.inference_mode():
            network(x, setting=Setting(mode="masked", thresholds=setting.thresholds), recorder=recorder)
        spent[sum(stage.macs for stage in recorder.cut(0)[1])] = setting.thresholds
    whole = max(spent)
    decided = {macs: limits for macs, limits in spent.items() if limits}
    spent = decided or spent  # a network that decides has thresholds at each of its points
    points = tuple(
        OperatingPoint(
            rule="none" if recipe.family == "static" else "gate",
            budget=macs / whole,
            macs=float(macs),
            accuracy=0.5,
            n=100,
            interval=(0.4, 0.6),
            thresholds=_flat(spent[macs]),
            shares=(),
        )
        for macs in sorted(spent)
    )
    card = ModelCard(
        name=recipe.name,
        title=recipe.title,
        family=recipe.family,
        mechanism=recipe.mechanism,
        modality="video",
        paper=recipe.paper,
        data="made videos (untrained)",
        data_licence="",
        parent=None,
        static_macs=whole,
        test_accuracy=0.5,
        test_interval=(0.4, 0.6),
        operating_points=points,
        anytime=False,
        weakness="It has learned nothing.",
        network=recipe.network,
        arguments=recipe.arguments,
        labels=LABELS,
        in_side_px=recipe.in_side_px,
        mean=MEAN,
        std=STD,
        parameters=sum(weights.numel() for weights in network.parameters()),
        recipe=f"python -m dynviz train {recipe.name}",
        seed=0,
        epochs=0,
        sha256=sha256,
        curves={},
        class_accuracy={},
        members=recipe.members,
    )
    (target / "card.json").write_text(json.dumps(asdict(card)))
    return card


def _flat(thresholds: object) -> tuple[float | None, ...]:
    values = np.ravel(np.asarray(thresholds if thresholds is not None else (), dtype=float))
    return tuple(None if not np.isfinite(value) else float(value) for value in values)
