"""What a network reaches on labelled pictures: accuracy and compute per sample and operating point.

The numbers come from the masked mode (every unit computed, decisions applied to the numbers); a registry-wide test
holds that mode and its MACs against the skipping mode that users see.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from dynviz import operating, zoo
from dynviz.decisions import Exit
from dynviz.recorder import Recorder, Setting
from dynviz.zoo import ModelCard, OperatingPoint

if TYPE_CHECKING:
    from torch import nn

    from dynviz.training.data import Split

Progress = Callable[[int, int], None]
BATCH = 128


@dataclass(frozen=True, eq=False)
class Scores:
    """What every exit said: confidence, prediction, right are (samples, exits), macs (exits,).

    macs are cumulative per sample: what a sample costs that stops there. A static network is one exit.
    """

    confidence: np.ndarray
    prediction: np.ndarray
    right: np.ndarray
    macs: np.ndarray


@dataclass(frozen=True, eq=False)
class Evaluation:
    """Accuracy and compute of a network on labelled pictures. labels: all it knows; matched_labels: those present.

    prediction, macs: (samples, points). label: (samples,). units_run: (samples, points, units) bool.
    """

    name: str
    operating_points: tuple[OperatingPoint, ...]
    n: int
    labels: tuple[str, ...]
    matched_labels: tuple[str, ...]
    label: np.ndarray
    prediction: np.ndarray
    macs: np.ndarray
    units_run: np.ndarray


def evaluate(
    name: str, *, data: Path | None = None, split: str = "test", progress: Progress | None = None
) -> Evaluation:
    """Measure a shipped network at its operating points, on ``split`` of its own data set or on pictures of your own.

    data: a folder or zip laid out as CLASS/file; classes are matched by name, unknown ones are left out. Raises
    FileNotFoundError where neither ``data`` nor DYNVIZ_DATA is there, ValueError where no class matches.
    """
    from dynviz.training.data import load_split
    from dynviz.training.own import own_pictures

    card, network = zoo.card(name), zoo.load(name)
    if data is not None:
        pictures = own_pictures(Path(data), card.in_side_px, card.labels)
    else:
        pictures = load_split(data_set(card), split, card.in_side_px)
    scores = score(network, pictures, card.mean, card.std, progress)
    return at_points(card.name, scores, pictures, card.operating_points)


def score(
    network: nn.Module,
    pictures: Split,
    mean: tuple[float, ...],
    std: tuple[float, ...],
    progress: Progress | None = None,
) -> Scores:
    """One masked pass over ``pictures``: every exit's confidence and prediction, and what stopping there costs."""
    import torch

    from dynviz.training.data import normalise

    confidence, prediction, macs = [], [], np.zeros(0)
    for start in range(0, len(pictures), BATCH):
        x = normalise(pictures.images[start : start + BATCH], mean, std).contiguous(memory_format=torch.channels_last)
        recorder = Recorder()
        with torch.inference_mode():
            logits = network(x, setting=Setting(mode="masked"), recorder=recorder)
        exits = [record.columns for record in recorder.records if record.decision is Exit]
        probabilities = [columns["probabilities"] for columns in exits] or [logits.softmax(dim=1).numpy()]
        confidence.append(np.stack([p.max(axis=1) for p in probabilities], axis=1))
        prediction.append(np.stack([p.argmax(axis=1) for p in probabilities], axis=1))
        if exits:
            macs = np.cumsum([record.shared["macs"] for record in recorder.records if record.decision is Exit])
        else:
            macs = recorder.totals(len(x))[:1]
        if progress:
            progress(min(start + BATCH, len(pictures)), len(pictures))
    predictions = np.concatenate(prediction)
    right = predictions == pictures.labels.numpy()[:, None]
    return Scores(np.concatenate(confidence), predictions, right, macs)


def wilson(right: int, n: int) -> tuple[float, float]:
    """95 % interval of a share ``right`` / ``n`` (Wilson 1927)."""
    z, p = 1.959964, right / n
    middle = p + z * z / (2 * n)
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return (middle - half) / (1 + z * z / n), (middle + half) / (1 + z * z / n)


def at_points(name: str, scores: Scores, pictures: Split, points: tuple[OperatingPoint, ...]) -> Evaluation:
    """Apply each point's thresholds to the scores."""
    units = len(scores.macs)
    taken = np.empty((len(pictures), len(points)), dtype=np.int64)
    for i, point in enumerate(points):
        limits = operating.thresholds(point)
        taken[:, i] = operating.apply_exits(scores.confidence, np.array(limits)) if limits else 0
    rows = np.arange(len(pictures))[:, None]
    right, macs = scores.right[rows, taken], scores.macs[taken]
    n = len(pictures)
    measured = tuple(
        replace(
            point,
            macs=float(macs[:, i].mean()),
            accuracy=float(right[:, i].mean()),
            n=n,
            interval=wilson(int(right[:, i].sum()), n),
            shares=tuple((np.bincount(taken[:, i], minlength=units) / n).tolist()) if units > 1 else (),
        )
        for i, point in enumerate(points)
    )
    present = np.unique(pictures.labels.numpy())
    return Evaluation(
        name=name,
        operating_points=measured,
        n=n,
        labels=pictures.classes,
        matched_labels=tuple(pictures.classes[i] for i in present),
        label=pictures.labels.numpy(),
        prediction=scores.prediction[rows, taken],
        macs=macs,
        units_run=np.arange(units)[None, None, :] <= taken[:, :, None],
    )


def data_set(card: ModelCard) -> str:
    """Key of the data set that a card was trained on, as ``DYNVIZ_DATA`` names its folder."""
    from dynviz.training.data import DATA_WORDS

    return next(key for key, (words, _) in DATA_WORDS.items() if words == card.data)
