"""What a network reaches on labelled samples: accuracy and compute per sample and operating point.

The numbers come from the masked mode (every unit computed, decisions applied to the numbers); a registry-wide test
holds that mode and its MACs against the skipping mode that users see.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from dynviz import zoo
from dynviz.evaluation import operating
from dynviz.recorder import Recorder, Setting
from dynviz.zoo import ModelCard, OperatingPoint

if TYPE_CHECKING:
    from dynviz.networks.contract import DynamicNetwork
    from dynviz.training.samples import Samples

Progress = Callable[[int, int], None]


@dataclass(frozen=True, eq=False)
class Scores:
    """What every exit said, (samples, exits) each. macs: what a sample costs that stops there, all before included.

    A static network is one exit. A reader has an exit at every look at its answer; behind the end of a shorter text its
    last look stands again. For a network whose decisions change what comes after, each setting takes an exit's place.
    """

    confidence: np.ndarray
    prediction: np.ndarray
    right: np.ndarray
    macs: np.ndarray


@dataclass(frozen=True, eq=False)
class Evaluation:
    """Accuracy and compute of a network on labelled samples. labels: all it knows; matched_labels: those present.

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
    from dynviz.datasets.own import own_pictures
    from dynviz.training.samples import of_pictures

    card, network = zoo.card(name), zoo.load(name)
    if data is None:
        samples = own_samples(card, split)
    elif card.modality == "image":
        samples = of_pictures(own_pictures(Path(data), card.in_side_px, card.labels), card.mean, card.std)
    else:
        raise ValueError(f"{card.name} reads {card.modality}; data of your own can be pictures only")
    points = card.operating_points
    if network.candidates:
        scores = score_settings(network, samples, [setting_of(point) for point in points], progress)
        return at_points(card.name, scores, samples, points, own=True)
    return at_points(card.name, score(network, samples, progress), samples, points)


def own_samples(card: ModelCard, split: str) -> Samples:
    """``split`` of the data set that a card was trained on. Raises FileNotFoundError without DYNVIZ_DATA."""
    from dynviz.training.samples import load_samples

    return load_samples(data_set(card), split, card.in_side_px, card.vocabulary, card.mean, card.std, card.series)


def score(
    network: DynamicNetwork, samples: Samples, progress: Progress | None = None, baseline: str | None = None
) -> Scores:
    """One masked pass over ``samples``: what stopping at every exit would answer and cost.

    baseline: of an exit network's other decisions, one that does not look at the input.
    """
    import torch

    count, done = len(samples), 0
    parts: list[tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]] = []
    for rows, x in samples.batches():
        with torch.inference_mode():
            probabilities, macs = network.outcomes(x, baseline) if baseline else network.outcomes(x)
        parts.append((rows, network.certainty(probabilities), probabilities.argmax(axis=2), macs))
        done += len(rows)
        if progress:
            progress(done, count)
    exits = max(confidence.shape[1] for _, confidence, _, _ in parts)
    confidence = np.empty((count, exits), dtype=np.float32)
    prediction, macs = np.empty((count, exits), dtype=np.int64), np.empty((count, exits), dtype=np.int64)
    for rows, *found in parts:
        for whole, part in zip((confidence, prediction, macs), found, strict=True):
            whole[rows] = np.pad(part, ((0, 0), (0, exits - part.shape[1])), mode="edge")
    return Scores(confidence, prediction, prediction == samples.labels[:, None], macs)


def score_settings(
    network: DynamicNetwork, samples: Samples, settings: Sequence[Setting], progress: Progress | None = None
) -> Scores:
    """A masked pass over ``samples`` for each of ``settings``: what the network answers and spends, a column each."""
    import torch

    count, done = len(samples), 0
    confidence = np.empty((count, len(settings)), dtype=np.float32)
    prediction, macs = np.empty(confidence.shape, dtype=np.int64), np.empty(confidence.shape, dtype=np.int64)
    for rows, x in samples.batches():
        for columns, setting in _together(network, settings, len(rows)):
            recorder = Recorder()
            with torch.inference_mode():
                probabilities = network(x, setting=setting, recorder=recorder).float().softmax(dim=1).numpy()
            place = rows[:, None], np.arange(columns.start, columns.stop)[None]
            shape = len(rows), columns.stop - columns.start
            confidence[place] = probabilities.max(axis=1).reshape(shape[::-1]).T
            prediction[place] = probabilities.argmax(axis=1).reshape(shape[::-1]).T
            macs[place] = recorder.totals(shape[0] * shape[1]).reshape(shape[::-1]).T
        done += len(rows)
        if progress:
            progress(done, count)
    return Scores(confidence, prediction, prediction == samples.labels[:, None], macs)


def _together(network: DynamicNetwork, settings: Sequence[Setting], count: int) -> Iterator[tuple[slice, Setting]]:
    """(columns, setting) of each pass: a network whose thresholds change no feature answers all settings in one."""
    tables = [setting.thresholds for setting in settings]
    if network.single_pass_sweep and all(t is not None for t in tables) and not settings[0].baseline:
        rows = np.repeat(np.concatenate([np.atleast_2d(np.asarray(t, dtype=float)) for t in tables]), count, axis=0)
        yield slice(0, len(settings)), replace(settings[0], thresholds=rows)
        return
    for column, setting in enumerate(settings):
        yield slice(column, column + 1), setting


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
    present = np.unique(samples.labels)
    return Evaluation(
        name=name,
        operating_points=measured,
        n=n,
        labels=samples.classes,
        matched_labels=tuple(samples.classes[i] for i in present),
        label=samples.labels,
        prediction=scores.prediction[rows, taken],
        macs=macs,
        units_run=np.arange(exits)[None, None, :] <= taken[:, :, None]
        if fixed
        else np.ones((n, len(points), 1), dtype=bool),
    )


def data_set(card: ModelCard) -> str:
    """Key of the data set that a card was trained on, as ``DYNVIZ_DATA`` names its folder."""
    from dynviz.datasets.pictures import DATA_WORDS

    return next(key for key, (words, _) in DATA_WORDS.items() if words == card.data)
