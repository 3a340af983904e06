"""From a trained network to a shipped one: fp16 weights, calibrated operating points, measured tables, a card."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dynviz import operating, zoo
from dynviz.evaluation import Progress, Scores, at_points, score, wilson
from dynviz.zoo import ModelCard, OperatingPoint

if TYPE_CHECKING:
    from torch import nn

    from dynviz.training.recipes import Recipe

DECIMALS = 6  # of every number on a card


def publish(
    recipe: Recipe, network: nn.Module, folder: Path | None = None, progress: Progress | None = None
) -> ModelCard:
    """Ship a trained network: fp16 weights, operating points from the validation split, tables from the test split.

    Writes ``folder``/NAME/{model.safetensors, card.json, evaluation.npz} (``folder``: the zoo's first by default) and
    returns the card. It is the fp16 file that is evaluated, read back from disk.
    """
    from dynviz.training.data import DATA_WORDS, load_split
    from dynviz.training.recipes import MEAN, STD

    target = (folder or zoo.folders()[0]) / recipe.name
    target.mkdir(parents=True, exist_ok=True)
    if recipe.members:
        sha256 = zoo.members_checksum(recipe.members)
    else:
        network, sha256 = _ship_weights(recipe, network, target / "model.safetensors")
    val = load_split(recipe.dataset, "val", recipe.in_side_px)
    test = load_split(recipe.dataset, "test", recipe.in_side_px)
    val_scores = score(network, val, MEAN, STD)
    test_scores = score(network, test, MEAN, STD, progress)
    full_macs = int(test_scores.macs[-1])
    if test_scores.right.shape[1] > 1:
        limits = calibrate(val_scores, zoo.card(recipe.parent).static_macs if recipe.parent else full_macs)
        blank = [_blank_point("confidence", budget, thresholds) for budget, thresholds in limits]
    else:
        blank = [_blank_point("none", 1.0, np.zeros(0))]
    measured = at_points(recipe.name, test_scores, test, tuple(blank))
    words, licence = DATA_WORDS[recipe.dataset]
    last = test_scores.right[:, -1]
    card = ModelCard(
        name=recipe.name,
        title=recipe.title,
        family=recipe.family,
        mechanism=recipe.mechanism,
        modality="image",
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
        in_side_px=recipe.in_side_px,
        mean=MEAN,
        std=STD,
        parameters=sum(weights.numel() for weights in network.parameters()),
        recipe=f"python -m dynviz train {recipe.name}",
        seed=recipe.seed,
        epochs=recipe.epochs,
        sha256=sha256,
        members=recipe.members,
        teacher=recipe.teacher,
        curves=_baselines(test_scores),
        class_accuracy={
            name: (float(last[test.labels.numpy() == i].mean()), int((test.labels == i).sum()))
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


def _ship_weights(recipe: Recipe, network: nn.Module, path: Path) -> tuple[nn.Module, str]:
    """Write the weights as fp16; (the network as users will load it, the file's sha256)."""
    import torch
    from safetensors.torch import save

    from dynviz.networks import build
    from dynviz.networks.blocks import fold_batchnorm

    weights = {
        name: (value.half() if value.is_floating_point() else value).contiguous()
        for name, value in network.state_dict().items()
    }
    data = save(weights)
    path.write_bytes(data)
    shipped = build(recipe.network, recipe.arguments)
    shipped.load_state_dict({name: value.float() for name, value in weights.items()})
    fold_batchnorm(shipped)
    return shipped.to(memory_format=torch.channels_last).eval(), hashlib.sha256(data).hexdigest()


def calibrate(scores: Scores, full_macs: float) -> list[tuple[float, np.ndarray]]:
    """(budget, thresholds) on the shared grid, from the scores on the validation split.

    For each budget the share of samples per exit is bent (Huang et al. 2018, section 3) until the mean MACs on the
    validation split are just within budget x ``full_macs``. Budgets below the first exit's cost have no point.
    """
    points = []
    for budget in np.linspace(0, 1, operating.BUDGET_GRID)[1:]:
        if budget * full_macs < scores.macs[0]:
            continue
        points.append((round(float(budget), 4), _thresholds_within(scores, budget * full_macs)))
    return points


def _thresholds_within(scores: Scores, mean_macs: float) -> np.ndarray:
    exits = len(scores.macs)
    low, high = -12.0, 12.0  # log of the ratio between one exit's share and the exit's before it
    best = np.append(np.zeros(exits - 1), np.inf)  # everything leaves at the first exit
    for _ in range(40):
        middle = (low + high) / 2
        logs = middle * np.arange(exits)
        shares = np.exp(logs - logs.max())
        limits = operating.calibrate_exits(scores.confidence, shares / shares.sum())
        if scores.macs[operating.apply_exits(scores.confidence, limits)].mean() <= mean_macs:
            best, low = limits, middle
        else:
            high = middle
    return best


def _baselines(scores: Scores) -> dict[str, tuple[tuple[float, float], ...]]:
    """Rival curves that need no training: random exits, and every input stopped at the same exit."""
    if len(scores.macs) == 1:
        return {}
    fixed = tuple(zip(scores.macs.astype(float).tolist(), scores.right.mean(axis=0).tolist(), strict=True))
    return {
        "random exits": tuple(operating.random_exits(scores.macs.astype(float), scores.right)),
        "same exit for all": fixed,
    }


def _blank_point(rule: str, budget: float, limits: np.ndarray) -> OperatingPoint:
    # rounded here, before anything is measured, so that the card's thresholds are the measured ones
    values = tuple(round(float(value), DECIMALS) if math.isfinite(value) else None for value in limits)
    return OperatingPoint(rule, budget, 0.0, 0.0, 0, (0.0, 0.0), values)


def _plain(value: Any) -> Any:
    """Tuples as lists, floats rounded to what they are worth, for a readable card."""
    if isinstance(value, float):
        return round(value, DECIMALS)
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return value
