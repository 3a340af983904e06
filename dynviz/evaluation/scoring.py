"""What a network reaches on labelled samples: accuracy and compute per sample and operating point.

How the samples are run is in ``passes``; here their scores become numbers of operating points.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from dynviz import zoo
from dynviz.evaluation import operating
from dynviz.evaluation.passes import Progress, Scores, score, score_settings
from dynviz.modalities import MODALITIES
from dynviz.recorder import Setting
from dynviz.zoo import ModelCard, OperatingPoint

if TYPE_CHECKING:
    from dynviz.datasets.samples import Samples


@dataclass(frozen=True, eq=False)
class Evaluation:
    """Accuracy and compute of a network on labelled samples. labels: all it knows; matched_labels: the classes
    that are present; right_labels: those of ``labels`` that are right for a class, where they are not it alone.

    prediction, macs: (samples, points). label: (samples,), index into the samples' classes. units_run: (samples,
    points, units) bool, by their names in ``units``.
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
    units: tuple[str, ...]
    right_labels: dict[str, tuple[str, ...]] = field(default_factory=dict)


def evaluate(
    name: str,
    *,
    data: Path | None = None,
    split: str = "test",
    left_out: list[str] | None = None,
    reading: Progress | None = None,
    progress: Progress | None = None,
) -> Evaluation:
    """Measure a shipped network at its operating points, on ``split`` of its own data set or on pictures of your own.

    data: a folder or zip laid out as CLASS/file; classes are matched by name. left_out: gets a sentence for each file
    of it that could not be used. reading, progress: called with how much is read, and tested, of how much. Raises
    FileNotFoundError where neither ``data`` nor DYNVIZ_DATA is there, ValueError where no class matches.
    """
    card, network = zoo.card(name), zoo.load(name)
    if data is None:
        samples = split_samples(card, split)
    else:
        samples = MODALITIES[card.modality].own_samples(Path(data), card, left_out, reading)
    points = card.operating_points
    if network.candidates:
        scores = score_settings(network, samples, [setting_of(point) for point in points], progress)
        return at_points(card.name, scores, samples, points, own=True)
    return at_points(card.name, score(network, samples, progress), samples, points)


def split_samples(card: ModelCard, split: str) -> Samples:
    """``split`` of the data set that a card was trained on. Raises FileNotFoundError without DYNVIZ_DATA."""
    from dynviz.datasets.registry import called
    from dynviz.modalities.adapter import InputForm

    return MODALITIES[card.modality].samples(called(card.data), split, InputForm.of(card))


def setting_of(point: OperatingPoint) -> Setting:
    """The masked mode at an operating point of a network with ``candidates``."""
    return Setting("masked", thresholds=(operating.thresholds(point),))


def wilson(right: int, n: int) -> tuple[float, float]:
    """95 % interval of a share ``right`` / ``n`` (Wilson 1927)."""
    z, p = 1.959964, right / n
    middle = p + z * z / (2 * n)
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return (middle - half) / (1 + z * z / n), (middle + half) / (1 + z * z / n)


def at_points(
    name: str, scores: Scores, samples: Samples, points: tuple[OperatingPoint, ...], *, own: bool = False
) -> Evaluation:
    """Apply each point's thresholds to the scores of exits; ``own``: the scores were made at these points already."""
    n, exits = scores.confidence.shape
    # each exit has a threshold of its own, so that it is a unit of its own
    fixed = not own and len(points[0].thresholds) == exits
    taken = np.zeros((n, len(points)), dtype=np.int64)
    for i, point in enumerate(points):
        if own:
            taken[:, i] = i
        elif point.thresholds:
            taken[:, i] = operating.apply_exits(scores.confidence, np.array(operating.thresholds(point)))
    rows = np.arange(n)[:, None]
    right, macs = scores.right[rows, taken], scores.macs[rows, taken]
    measured = tuple(
        replace(
            point,
            macs=float(macs[:, i].mean()),
            accuracy=float(right[:, i].mean()),
            n=n,
            interval=wilson(int(right[:, i].sum()), n),
            shares=tuple((np.bincount(taken[:, i], minlength=exits) / n).tolist()) if fixed else (),
        )
        for i, point in enumerate(points)
    )
    if own and scores.ran is not None:
        units, ran = scores.units, scores.ran
    elif fixed:
        units, ran = scores.units, np.arange(exits)[None, None, :] <= taken[:, :, None]
    else:
        units, ran = ("network",), np.ones((n, len(points), 1), dtype=bool)
    present = np.unique(samples.labels)
    return Evaluation(
        name=name,
        operating_points=measured,
        n=n,
        labels=samples.known,
        matched_labels=tuple(samples.classes[i] for i in present),
        label=samples.labels,
        prediction=scores.prediction[rows, taken],
        macs=macs,
        units_run=ran,
        units=units,
        right_labels=_right_labels(samples, present),
    )


def _right_labels(samples: Samples, present: np.ndarray) -> dict[str, tuple[str, ...]]:
    if samples.accepted is None:
        return {}
    found = {samples.classes[i]: tuple(samples.known[k] for k in np.flatnonzero(samples.accepted[i])) for i in present}
    return {name: right for name, right in found.items() if right != (name,)}
