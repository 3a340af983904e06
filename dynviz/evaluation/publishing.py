"""From a trained network to a shipped one: fp16 weights, calibrated operating points, measured tables, a card."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np

from dynviz import zoo
from dynviz.evaluation.blind import Curve, blind_baselines, blind_exits
from dynviz.evaluation.calibration import (
    DECIMALS,
    blank_point,
    calibrate_candidates,
    calibrate_exits,
    exit_baselines,
)
from dynviz.evaluation.mixtures import mixtures
from dynviz.evaluation.passes import Progress, Scores, accelerated, check_modes, score, score_settings
from dynviz.evaluation.scoring import Evaluation, at_points, setting_of, wilson
from dynviz.modalities import MODALITIES
from dynviz.networks import NETWORKS
from dynviz.recorder import Setting
from dynviz.zoo import ModelCard

if TYPE_CHECKING:
    from torch import nn

    from dynviz.datasets.samples import Samples
    from dynviz.networks.contract import DynamicNetwork
    from dynviz.training.recipes import Recipe


def publish(
    recipe: Recipe, network: nn.Module, folder: Path | None = None, progress: Progress | None = None
) -> ModelCard:
    """Ship a trained network: fp16 weights, operating points from the validation split, tables from the test split.

    Writes ``folder``/NAME/{model.safetensors, card.json, evaluation.npz} (``folder``: the zoo's first by default) and
    returns the card. It is the fp16 file that is evaluated. What lay there before is replaced in the end, all at once,
    and stays as it is where anything fails. Raises ``passes.ModesDifferError`` and ``contract.ContractError`` for a
    network whose record is not true.
    """
    from dynviz.datasets.registry import DATASETS
    from dynviz.networks import ready
    from dynviz.training.recipes import command

    if recipe.members:
        weights, sha256 = None, zoo.members_checksum(recipe.members)
    elif recipe.weights:
        weights, sha256 = None, recipe.weights.read()[1]
        network = ready(network)
    else:
        network, weights = _as_shipped(recipe, network)
        sha256 = hashlib.sha256(weights).hexdigest()
    dataset, modality = DATASETS[recipe.dataset], MODALITIES[recipe.modality]
    form = modality.form(recipe)
    val, test = (
        modality.kept(modality.samples(dataset, split, form), network, dataset, split) for split in ("val", "test")
    )
    measured, scores, curves = _measured(recipe, network, val, test, progress)
    mixed = mixtures(network, test) if recipe.family == "sample-wise" and not network.candidates else {}
    full_macs = round(float(scores.macs[:, -1].mean()))
    last = scores.right[:, -1]
    card = ModelCard(
        name=recipe.name,
        title=recipe.title,
        family=recipe.family,
        mechanism=recipe.mechanism,
        modality=recipe.modality,
        paper=recipe.paper,
        data=dataset.words,
        data_licence=dataset.licence,
        parent=recipe.parent,
        static_macs=full_macs,
        test_accuracy=float(last.mean()),
        test_interval=wilson(int(last.sum()), len(last)),
        operating_points=measured.operating_points,
        anytime=recipe.anytime,
        weakness=recipe.weakness,
        network=recipe.network,
        arguments=recipe.arguments,
        labels=test.known,
        in_side_px=form.in_side_px,
        mean=form.mean,
        std=form.std,
        parameters=sum(weights.numel() for weights in network.parameters()),
        recipe=command(recipe),
        seed=recipe.seed,
        epochs=recipe.epochs,
        sha256=sha256,
        members=recipe.members,
        weights=recipe.weights,
        vocabulary=form.vocabulary,
        reach=network.reach,
        series=form.series,
        teacher=recipe.teacher,
        package=NETWORKS.package(recipe.network),
        curves=curves,
        class_accuracy={
            name: (float(last[test.labels == i].mean()), int((test.labels == i).sum()))
            for i, name in enumerate(test.classes)
        },
        groups=dict(test.groups),
    )
    with _replacing((folder or zoo.folders()[0]) / recipe.name) as target:
        if weights is not None:
            (target / "model.safetensors").write_bytes(weights)
        (target / "card.json").write_text(json.dumps(_plain(asdict(card)), indent=1) + "\n")
        np.savez_compressed(
            target / "evaluation.npz",
            label=measured.label.astype(np.uint8),
            prediction=measured.prediction.astype(np.uint8 if len(test.known) <= 256 else np.uint16),
            macs=measured.macs.astype(np.uint32),
            units_run=np.packbits(measured.units_run, axis=2),
            units=np.int64(len(measured.units)),
            unit_names=np.array(measured.units),
            **mixed,
            **_several_right(test),
        )
    return card


def _several_right(test: Samples) -> dict[str, np.ndarray]:
    """What a table needs where the classes of the samples are not the answers: their names, and what is right."""
    if test.accepted is None:
        return {}
    return {"classes": np.array(test.classes), "accepted": np.packbits(test.accepted, axis=1)}


@contextmanager
def _replacing(target: Path) -> Iterator[Path]:
    """A new folder that takes the place of ``target`` when the block is through, and vanishes where it fails."""
    beside = target.parent / "_new"  # a name that no network has
    beside.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=beside, prefix=f"{target.name}-", ignore_cleanup_errors=True) as made:
        new, old = Path(made) / "new", Path(made) / "old"
        new.mkdir()
        yield new
        if target.exists():
            target.rename(old)
        try:
            new.rename(target)
        except OSError:
            if old.exists():
                old.rename(target)
            raise
    with suppress(OSError):  # another network may just be published
        beside.rmdir()


def _measured(
    recipe: Recipe, network: DynamicNetwork, val: Samples, test: Samples, progress: Progress | None
) -> tuple[Evaluation, Scores, dict[str, Curve]]:
    """(the operating points on the test split, scores whose last column is every decision open, baselines)."""
    _, x = next(iter(test.batches()))
    network = accelerated(network, x[:1])
    try:
        way = _with_candidates if network.candidates else _with_exits
        return way(recipe, network, val, test, progress)
    finally:
        network.to("cpu")


def _with_exits(
    recipe: Recipe, network: DynamicNetwork, val: Samples, test: Samples, progress: Progress | None
) -> tuple[Evaluation, Scores, dict[str, Curve]]:
    """Of a network with exits, or of a static one: every point is read off one full pass."""
    scores, curves = score(network, test, progress), {}
    full = float(scores.macs[:, -1].mean())
    if scores.right.shape[1] == 1:
        blank = [blank_point("none", 1.0, np.zeros(0))]
    else:
        on_val = score(network, val)
        # inputs of the validation split may be longer or shorter than those of the test split
        static = on_val.macs[:, -1].mean() * _parent_macs(recipe, full) / full
        found = calibrate_exits(on_val, static, fixed=bool(network.exit_names()))
        blank = [blank_point(network.rule, budget, thresholds) for budget, thresholds in found]
        check_modes(network, test, [setting_of(blank[i]) for i in {0, len(blank) // 2, len(blank) - 1}])
        if network.exit_names():
            curves = blind_exits(network, val, test, static, progress)
    return at_points(recipe.name, scores, test, tuple(blank)), scores, exit_baselines(scores) | curves


def _with_candidates(
    recipe: Recipe, network: DynamicNetwork, val: Samples, test: Samples, progress: Progress | None
) -> tuple[Evaluation, Scores, dict[str, Curve]]:
    """Of a network whose decisions change what comes after: every point is a pass."""
    whole = score_settings(network, test, [Setting("masked")], progress)
    full = float(whole.macs.mean())
    found = calibrate_candidates(network, val, _parent_macs(recipe, full) / full, progress)
    blank = [blank_point(network.rule, budget, thresholds) for budget, thresholds in found]
    settings = [setting_of(point) for point in blank]
    check_modes(network, test, [settings[i] for i in {0, len(settings) // 2, len(settings) - 1}])
    curves = blind_baselines(network, test, (full, float(whole.right.mean())), progress)
    scores = score_settings(network, test, settings, progress)
    return at_points(recipe.name, scores, test, tuple(blank), own=True), whole, curves


def _parent_macs(recipe: Recipe, own: float) -> float:
    return zoo.card(recipe.parent).static_macs if recipe.parent else own


def _as_shipped(recipe: Recipe, network: nn.Module) -> tuple[DynamicNetwork, bytes]:
    """The network as users will load it, and the file of its weights in fp16."""
    from safetensors.torch import save

    from dynviz.networks import build, ready

    weights = {
        name: (value.half() if value.is_floating_point() else value).contiguous()
        for name, value in network.state_dict().items()
    }
    shipped = build(recipe.network, recipe.arguments | zoo.parts((), recipe.vocabulary))
    shipped.load_state_dict({name: value.float() for name, value in weights.items()})
    return ready(shipped), save(weights)


def _plain(value: Any) -> Any:
    """Tuples as lists, floats rounded to what they are worth, for a readable card."""
    if isinstance(value, float):
        return round(value, DECIMALS)
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return value
