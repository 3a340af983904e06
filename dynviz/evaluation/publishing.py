"""From a trained network to a shipped one: fp16 weights, calibrated operating points, measured tables, a card."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dynviz import zoo
from dynviz.evaluation.calibration import (
    DECIMALS,
    Curve,
    blank_point,
    blind_baselines,
    blind_exits,
    calibrate_candidates,
    calibrate_exits,
    exit_baselines,
)
from dynviz.evaluation.scoring import Evaluation, Progress, Scores, at_points, score, score_settings, setting_of, wilson
from dynviz.recorder import Setting
from dynviz.zoo import ModelCard

if TYPE_CHECKING:
    from torch import nn

    from dynviz.training.recipes import Recipe
    from dynviz.training.samples import Samples


def publish(
    recipe: Recipe, network: nn.Module, folder: Path | None = None, progress: Progress | None = None
) -> ModelCard:
    """Ship a trained network: fp16 weights, operating points from the validation split, tables from the test split.

    Writes ``folder``/NAME/{model.safetensors, card.json, evaluation.npz} (``folder``: the zoo's first by default) and
    returns the card. It is the fp16 file that is evaluated, read back from disk.
    """
    from dynviz.datasets.pictures import DATA_WORDS
    from dynviz.training.recipes import MEAN, STD
    from dynviz.training.samples import load_samples

    target = (folder or zoo.folders()[0]) / recipe.name
    target.mkdir(parents=True, exist_ok=True)
    if recipe.members:
        sha256 = zoo.members_checksum(recipe.members)
    else:
        network, sha256 = _ship_weights(recipe, network, target / "model.safetensors")
    mean, std, side_px = (MEAN, STD, recipe.in_side_px) if recipe.modality == "image" else ((), (), 0)
    val, test = (
        load_samples(recipe.dataset, split, side_px, recipe.vocabulary, mean, std, recipe.series)
        for split in ("val", "test")
    )
    measured, scores, curves = _measured(recipe, network, val, test, progress)
    full_macs = round(float(scores.macs[:, -1].mean()))
    words, licence = DATA_WORDS[recipe.dataset]
    last = scores.right[:, -1]
    card = ModelCard(
        name=recipe.name,
        title=recipe.title,
        family=recipe.family,
        mechanism=recipe.mechanism,
        modality=recipe.modality,
        paper=recipe.paper,
        data=words,
        data_licence=licence,
        parent=recipe.parent,
        static_macs=full_macs,
        test_accuracy=float(last.mean()),
        test_interval=wilson(int(last.sum()), len(last)),
        operating_points=measured.operating_points,
        anytime=recipe.anytime,
        weakness=recipe.weakness,
        network=recipe.network,
        arguments=recipe.arguments,
        labels=test.classes,
        in_side_px=side_px,
        mean=mean,
        std=std,
        parameters=sum(weights.numel() for weights in network.parameters()),
        recipe=f"python -m dynviz train {recipe.name}",
        seed=recipe.seed,
        epochs=recipe.epochs,
        sha256=sha256,
        members=recipe.members,
        vocabulary=recipe.vocabulary,
        reach=network.reach,
        series=recipe.series,
        teacher=recipe.teacher,
        curves=curves,
        class_accuracy={
            name: (float(last[test.labels == i].mean()), int((test.labels == i).sum()))
            for i, name in enumerate(test.classes)
        },
    )
    (target / "card.json").write_text(json.dumps(_plain(asdict(card)), indent=1) + "\n")
    np.savez_compressed(
        target / "evaluation.npz",
        label=measured.label.astype(np.uint8),
        prediction=measured.prediction.astype(np.uint8),
        macs=measured.macs.astype(np.uint32),
        units_run=np.packbits(measured.units_run, axis=2),
        units=np.int64(measured.units_run.shape[2]),
    )
    return card


def _measured(
    recipe: Recipe, network: nn.Module, val: Samples, test: Samples, progress: Progress | None
) -> tuple[Evaluation, Scores, dict[str, Curve]]:
    """(the operating points on the test split, scores whose last column is every decision open, baselines)."""
    candidates = network.candidates
    if not candidates:
        scores, curves = score(network, test, progress), {}
        full = float(scores.macs[:, -1].mean())
        if scores.right.shape[1] == 1:
            blank = [blank_point("none", 1.0, np.zeros(0))]
        else:
            on_val, fixed = score(network, val), bool(network.exit_names())
            # inputs of the validation split may be longer or shorter than those of the test split
            static = on_val.macs[:, -1].mean() * _parent_macs(recipe, full) / full
            found = calibrate_exits(on_val, static, fixed=fixed)
            blank = [blank_point(network.rule, budget, thresholds) for budget, thresholds in found]
            if fixed:
                curves = blind_exits(network, val, test, static, progress)
        return at_points(recipe.name, scores, test, tuple(blank)), scores, exit_baselines(scores) | curves
    tried = [Setting("masked", thresholds=((value,),)) for value in candidates]
    whole = score_settings(network, test, [Setting("masked")], progress)
    full = float(whole.macs.mean())
    on_val, whole_val = (
        score_settings(network, val, asked).macs.mean(axis=0) for asked in (tried, [Setting("masked")])
    )
    # inputs of the validation split may be longer or shorter than those of the test split
    found = calibrate_candidates(candidates, on_val, whole_val[0] * _parent_macs(recipe, full) / full)
    blank = [blank_point(network.rule, budget, thresholds) for budget, thresholds in found]
    scores = score_settings(network, test, [setting_of(point) for point in blank], progress)
    measured = at_points(recipe.name, scores, test, tuple(blank), own=True)
    end = full, float(whole.right.mean())
    return measured, whole, blind_baselines(network, test, end, progress)


def _parent_macs(recipe: Recipe, own: float) -> float:
    return zoo.card(recipe.parent).static_macs if recipe.parent else own


def _ship_weights(recipe: Recipe, network: nn.Module, path: Path) -> tuple[nn.Module, str]:
    """Write the weights as fp16; (the network as users will load it, the file's sha256)."""
    from safetensors.torch import save

    from dynviz.networks import build, ready

    weights = {
        name: (value.half() if value.is_floating_point() else value).contiguous()
        for name, value in network.state_dict().items()
    }
    data = save(weights)
    path.write_bytes(data)
    shipped = build(recipe.network, recipe.arguments | zoo.parts((), recipe.vocabulary))
    shipped.load_state_dict({name: value.float() for name, value in weights.items()})
    return ready(shipped), hashlib.sha256(data).hexdigest()


def _plain(value: Any) -> Any:
    """Tuples as lists, floats rounded to what they are worth, for a readable card."""
    if isinstance(value, float):
        return round(value, DECIMALS)
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return value
