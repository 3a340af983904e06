"""From a trained network to a shipped one: fp16 weights, calibrated operating points, measured tables, a card."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable
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
CURVE_POINTS = 41  # at most, of a baseline


def publish(
    recipe: Recipe, network: nn.Module, folder: Path | None = None, progress: Progress | None = None
) -> ModelCard:
    """Ship a trained network: fp16 weights, operating points from the validation split, tables from the test split.

    Writes ``folder``/NAME/{model.safetensors, card.json, evaluation.npz} (``folder``: the zoo's first by default) and
    returns the card. It is the fp16 file that is evaluated, read back from disk.
    """
    from dynviz.training.data import DATA_WORDS
    from dynviz.training.recipes import MEAN, STD
    from dynviz.training.samples import load_samples

    target = (folder or zoo.folders()[0]) / recipe.name
    target.mkdir(parents=True, exist_ok=True)
    if recipe.members:
        sha256 = zoo.members_checksum(recipe.members)
    else:
        network, sha256 = _ship_weights(recipe, network, target / "model.safetensors")
    text = recipe.vocabulary is not None
    mean, std, side_px = ((), (), 0) if text else (MEAN, STD, recipe.in_side_px)
    val, test = (load_samples(recipe.dataset, s, side_px, recipe.vocabulary, mean, std) for s in ("val", "test"))
    val_scores, test_scores = score(network, val), score(network, test, progress)
    full_macs = round(float(test_scores.macs[:, -1].mean()))
    if test_scores.right.shape[1] > 1:
        parent_macs = zoo.card(recipe.parent).static_macs if recipe.parent else full_macs
        fixed = hasattr(network, "exit_names")
        # texts of the validation split may be longer or shorter than those of the test split
        limits = calibrate(val_scores, val_scores.macs[:, -1].mean() * parent_macs / full_macs, fixed=fixed)
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
        modality="text" if text else "image",
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
        teacher=recipe.teacher,
        curves=_baselines(test_scores),
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
    shipped = build(recipe.network, recipe.arguments | zoo.parts((), recipe.vocabulary))
    shipped.load_state_dict({name: value.float() for name, value in weights.items()})
    fold_batchnorm(shipped)
    return shipped.to(memory_format=torch.channels_last).eval(), hashlib.sha256(data).hexdigest()


def calibrate(scores: Scores, full_macs: float, *, fixed: bool = True) -> list[tuple[float, np.ndarray]]:
    """(budget, thresholds) on the shared grid, from the scores on the validation split.

    fixed: each exit has a threshold of its own, and for each budget the share of samples per exit is bent (Huang et al.
    2018, section 3) until the mean MACs on the validation split are just within budget x ``full_macs``; else one
    threshold for all exits is sought. Budgets below the first exit's cost have no point.
    """
    thresholds = _thresholds_within if fixed else _threshold_within
    budgets = np.linspace(0, 1, operating.BUDGET_GRID)[1:]
    return [
        (round(float(budget), 4), thresholds(scores, budget * full_macs))
        for budget in budgets
        if budget * full_macs >= scores.macs[:, 0].mean()
    ]


def _thresholds_within(scores: Scores, mean_macs: float) -> np.ndarray:
    exits = scores.macs.shape[1]
    best = np.append(np.zeros(exits - 1), np.inf)  # everything leaves at the first exit

    def limits(bend: float) -> np.ndarray:
        """bend: log of the ratio between one exit's share and that of the exit before it."""
        logs = bend * np.arange(exits)
        shares = np.exp(logs - logs.max())
        return operating.calibrate_exits(scores.confidence, shares / shares.sum())

    return _dearest_within(scores, mean_macs, limits, -12.0, 12.0, best)


def _threshold_within(scores: Scores, mean_macs: float) -> np.ndarray:
    def limits(limit: float) -> np.ndarray:
        # as the card will hold it, and rounded down: many short texts are equally sure to the last decimal
        return np.array([math.floor(limit * 10**DECIMALS) / 10**DECIMALS])

    return _dearest_within(scores, mean_macs, limits, 0.0, 1.0, np.zeros(1))


def _dearest_within(
    scores: Scores,
    mean_macs: float,
    limits: Callable[[float], np.ndarray],
    low: float,
    high: float,
    best: np.ndarray,
) -> np.ndarray:
    """The thresholds of the largest number between ``low`` and ``high`` that keep to ``mean_macs``, else ``best``."""
    rows = np.arange(len(scores.macs))
    for _ in range(40):
        middle = (low + high) / 2
        tried = limits(middle)
        if scores.macs[rows, operating.apply_exits(scores.confidence, tried)].mean() <= mean_macs:
            best, low = tried, middle
        else:
            high = middle
    return best


def _baselines(scores: Scores) -> dict[str, tuple[tuple[float, float], ...]]:
    """Rival curves that need no training: random exits, and every input stopped at the same exit."""
    if scores.macs.shape[1] == 1:
        return {}
    macs, right = scores.macs.mean(axis=0), scores.right.mean(axis=0)
    drawn = np.unique(np.linspace(0, len(macs) - 1, CURVE_POINTS).round().astype(int))
    fixed = tuple(zip(macs[drawn].tolist(), right[drawn].tolist(), strict=True))
    return {"random exits": tuple(operating.random_exits(macs, scores.right)), "same exit for all": fixed}


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
