"""Does a network for everyday30 tell pictures that are unlike all it knows? Fitted, calibrated and measured here.

What each of its classifiers knows (``likeness.Known``) is fitted on training photos, every class alike, with every
decision open. The limit is the distance that ``CALLED`` of the validation photos of the known classes lie beyond, at
the cheapest operating point and, apart, with every decision open; of an exit, all of them, as a hard cap asks it. Test
photos and pictures of ``datasets.unlike`` then say how often it errs, both ways. Nothing looks at a test photo before;
pictures of unknown things never move the limit.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache, partial

import numpy as np
import torch
from torch import Tensor

from dynviz import zoo
from dynviz.datasets.pictures import everyday30, normalise
from dynviz.datasets.unlike import unlike_pictures
from dynviz.evaluation.operating import thresholds
from dynviz.evaluation.passes import device_of
from dynviz.evaluation.scoring import wilson
from dynviz.likeness import Known, answering, read_known, write_known
from dynviz.networks.answering import listening
from dynviz.networks.contract import DynamicNetwork
from dynviz.recorder import Recorder, Setting
from dynviz.results.findings import UnlikeUse
from dynviz.zoo import ModelCard

CALLED = 0.05  # of the validation photos of known classes that are called unlike
FITTED = 40  # training photos of each class
VAL, TEST = 500, 600  # photos of known classes, drawn by their names
SHRINKAGE = 1e-3  # of the covariance towards a multiple of the identity
AT_ONCE = 64

Answers = list[tuple[str, np.ndarray]]


def unlike_use(card: ModelCard, report: Callable[[str], None] | None = None) -> UnlikeUse | None:
    """Fit and calibrate what ``card``'s network knows, keep it beside the card, and measure it; None where its answers
    are not those of single classifiers. Raises OSError without the data sets.
    """
    network, side = zoo.load(card.name), card.in_side_px
    settings = _settings(card)
    fitted, labels = _photos("train", side)
    known = _fitted(_all_features(card, network, fitted), labels)
    calibration: list[dict[str, np.ndarray]] = []
    for setting in settings:
        found = _answers(card, network, _photos("val", side)[0], setting)
        if any(name not in known for name, _ in found):
            return None
        names = {name for name, _ in found}
        calibration.append({name: np.stack([rows for own, rows in found if own == name]) for name in names})
    if network.exit_names():  # every exit may have to answer every picture
        calibration = [_all_features(card, network, _photos("val", side)[0])]
    limits = [
        {name: float(np.quantile(known[name].distance(rows), 1 - CALLED)) for name, rows in answers.items()}
        for answers in calibration
    ]
    limited = {
        name: Known(own.whitening, own.means, limits[-1][name], _cheapest(card, name, limits))
        for name, own in known.items()
        if name in limits[-1]
    }
    write_known(card, limited)
    kept = read_known(card)  # in half precision, as it is used
    called, missed, kinds = [], [], {}
    pictures, of = unlike_pictures("test", side)
    budgets = (card.operating_points[0].budget, None)[-len(settings) :]
    for setting, budget in zip(settings, budgets, strict=True):
        told = _unlike(kept, _answers(card, network, _photos("test", side)[0], setting), budget)
        called.append((float(told.mean()), *wilson(int(told.sum()), len(told))))
        unseen = ~_unlike(kept, _answers(card, network, pictures, setting), budget)
        missed.append((float(unseen.mean()), *wilson(int(unseen.sum()), len(unseen))))
        kinds = {kind: (float(unseen[np.array(of) == kind].mean()), of.count(kind)) for kind in dict.fromkeys(of)}
        if report:
            report(f"known called unlike {called[-1][0]:.1%}, unlike ones missed {missed[-1][0]:.1%}")
    return UnlikeUse(
        budgets=budgets,
        called=tuple(called),
        missed=tuple(missed),
        kinds=kinds,
        known=len(_photos("test", side)[0]),
        unknown=len(of),
        macs=max(own.macs for own in kept.values()),
    )


def _settings(card: ModelCard) -> list[Setting]:
    """The cheapest operating point, where there are several, and every decision open."""
    whole = Setting("masked")
    if len(card.operating_points) < 2:
        return [whole]
    return [Setting("masked", thresholds=(thresholds(card.operating_points[0]),)), whole]


def _fitted(features: dict[str, np.ndarray], labels: np.ndarray) -> dict[str, Known]:
    """features: (photos, features) by classifier, all photos once or several times over."""
    found = {}
    for name, rows in features.items():
        unit = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
        own = np.tile(labels, len(rows) // len(labels))
        means = np.stack([unit[own == label].mean(axis=0) for label in np.unique(own)])
        rest = unit - means[np.searchsorted(np.unique(own), own)]
        covariance = rest.T @ rest / len(rest)
        covariance += SHRINKAGE * np.trace(covariance) / len(covariance) * np.eye(len(covariance))
        whitening = np.linalg.cholesky(np.linalg.inv(covariance))
        found[name] = Known(whitening.astype(np.float32), (means @ whitening).astype(np.float32))
    return found


def _cheapest(card: ModelCard, name: str, limits: Sequence[dict[str, float]]) -> tuple[float, float] | None:
    return (card.operating_points[0].budget, limits[0][name]) if len(limits) > 1 and name in limits[0] else None


def _unlike(known: dict[str, Known], answers: Answers, budget: float | None) -> np.ndarray:
    limits = {name: own.limit_at(budget) for name, own in known.items()}
    return np.array([known[name].distance(features[None])[0] > limits[name] for name, features in answers])


def _answers(card: ModelCard, network: DynamicNetwork, pictures: Tensor, setting: Setting) -> Answers:
    """Of each picture, the classifier that answered and the features it answered from."""
    found: Answers = []
    for x in _batches(card, network, pictures):
        with torch.inference_mode(), listening() as heard:
            logits = network(x, setting=setting, recorder=Recorder())
        found += answering(network, heard, logits)
    return found


def _all_features(card: ModelCard, network: DynamicNetwork, pictures: Tensor) -> dict[str, np.ndarray]:
    """(pictures, features) of every classifier with every decision open, below one another where it is asked twice."""
    found: dict[str, list[list[np.ndarray]]] = {}
    for x in _batches(card, network, pictures):
        with torch.inference_mode(), listening() as heard:
            network(x, setting=Setting("masked"), recorder=Recorder())
        times: dict[str, int] = {}
        for call in heard:
            ((name, _),) = answering(network, [call], call.logits[:1])
            asked = times[name] = times.get(name, 0) + 1
            parts = found.setdefault(name, [])
            parts += [[]] * (asked - len(parts))
            parts[asked - 1] = [*parts[asked - 1], call.features.float().cpu().numpy()]
    return {name: np.concatenate([np.concatenate(part) for part in parts]) for name, parts in found.items()}


def _batches(card: ModelCard, network: DynamicNetwork, pictures: Tensor) -> Iterator[Tensor]:
    for part in pictures.split(AT_ONCE):
        x = normalise(part, card.mean, card.std).contiguous(memory_format=torch.channels_last)
        yield x.to(device_of(network))


@lru_cache(maxsize=6)
def _photos(split: str, side: int) -> tuple[Tensor, np.ndarray]:
    """Photos of the known classes, and their labels: of training as many of each class, else as they come."""
    choose = _alike if split == "train" else partial(_drawn, count=VAL if split == "val" else TEST)
    found = everyday30(split, side, choose)
    return found.images, found.labels.numpy()


def _drawn(names: Sequence[str], count: int) -> list[str]:
    return sorted(names, key=lambda name: zlib.crc32(name.encode()))[:count]


def _alike(names: Sequence[str]) -> list[str]:
    classes: dict[str, list[str]] = {}
    for name in names:
        classes.setdefault(name.rpartition("/")[0], []).append(name)
    return [name for own in classes.values() for name in _drawn(own, FITTED)]
