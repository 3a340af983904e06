"""The evaluation table of a network: what it said, what it spent and what ran, per test sample and operating point.

Every card comes with one (``evaluation.npz``), so that questions about samples and classes need neither the data set
nor the network. Nothing here imports torch.
"""

from __future__ import annotations

import zipfile
import zlib
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from dynviz import zoo
from dynviz.zoo import ModelCard

ROUNDING = 1e-5  # a card holds its shares with six decimals


class TableError(ValueError):
    """An evaluation table that cannot be used; the message says which and why."""


@dataclass(frozen=True, eq=False)
class Mixture:
    """How a layer's parameters are mixed by class. means: (classes, weights), NaN where a class has no samples.

    spread: (weights,) standard deviation over all samples.
    """

    unit: str
    means: np.ndarray
    spread: np.ndarray

    def explained(self, n: np.ndarray) -> float | None:
        """The share of the weights' variance that lies between classes, 0..1. n: (classes,) samples of each.

        None where the weights vary by less than the file's float16 means are rounded to: as good as the same mixture
        for every sample, and a share of that would be told of rounding alone.
        """
        known = n > 0
        means, share = self.means[known], n[known] / n.sum()
        mean = share @ means
        between = (share[:, None] * (means - mean) ** 2).sum()
        whole = float((self.spread**2).sum())
        step = np.spacing(np.abs(mean).astype(np.float16)).astype(np.float64)
        return min(1.0, float(between) / whole) if whole > (step**2).sum() else None


@dataclass(frozen=True, eq=False)
class Table:
    """Test samples by operating points, in the card's order. All arrays are read-only.

    label: (samples,) index of the true class, into ``classes``. prediction: (samples, points) index of the answer, into
    the card's labels, which are the classes where ``accepted`` is None; else that is (classes, answers) bool, which
    answers are right for each class. macs:
    (samples, points) executed multiply-adds. units_run: (samples, points, units) bool, which exits, blocks, ... ran;
    units: their names, as far as the file has them; channel groups, experts and edges are told one by one, as
    ``unit/part``. mixtures: of each layer with dynamic parameters.
    """

    label: np.ndarray
    prediction: np.ndarray
    macs: np.ndarray
    units_run: np.ndarray
    units: tuple[str, ...] = ()
    mixtures: tuple[Mixture, ...] = ()
    classes: tuple[str, ...] = ()
    accepted: np.ndarray | None = None

    @property
    def right(self) -> np.ndarray:
        """(samples, points) bool: was the answer right?"""
        if self.accepted is None:
            return self.prediction == self.label[:, None]
        return self.accepted[self.label[:, None], self.prediction]

    @property
    def answered_at(self) -> np.ndarray:
        """(samples, points) index of the last unit that ran, which for a network with exits gave the answer."""
        units = self.units_run.shape[2]
        return units - 1 - self.units_run[:, :, ::-1].argmax(axis=2)


@dataclass(frozen=True, eq=False)
class Changes:
    """Indices of test samples whose answer differs between two operating points.

    gained: wrong before, right after. lost: right before, wrong after. other: wrong both times, in another way.
    """

    gained: np.ndarray
    lost: np.ndarray
    other: np.ndarray


@dataclass(frozen=True, eq=False)
class ClassUse:
    """One operating point by class: NaN where a class has no test samples.

    n: (classes,) test samples. share: (classes, units) share of them that each exit answered or, for a network without
    exits, that each unit ran on. macs, accuracy: (classes,) means. classes: their names.
    """

    n: np.ndarray
    share: np.ndarray
    macs: np.ndarray
    accuracy: np.ndarray
    classes: tuple[str, ...]


@dataclass(frozen=True)
class Ways:
    """How many ways through a network its test samples took. commonest: the share of them that went the same one."""

    samples: int
    different: int
    commonest: float


def read_table(card: ModelCard) -> Table:
    """The table that lies beside ``card``, checked against it. Raises TableError where it is missing or wrong."""
    path = zoo.place(card.name) / "evaluation.npz"
    try:
        table = _read(path, path.stat().st_mtime_ns)
    except OSError as error:
        raise TableError(f"{path} cannot be read ({error.strerror})") from error
    _check_against(card, table, path)
    return table if table.classes else replace(table, classes=card.labels)


def changes(table: Table, before: int, after: int) -> Changes:
    """Which samples change between the operating points with index ``before`` and ``after``."""
    was, is_ = table.right[:, before], table.right[:, after]
    moved = table.prediction[:, before] != table.prediction[:, after]
    return Changes(*(np.flatnonzero(kind) for kind in (~was & is_, was & ~is_, moved & ~was & ~is_)))


def use_by_class(table: Table, point: int, *, exits: bool) -> ClassUse:
    """How much of the network the samples of each class took at operating point ``point``.

    exits: the units are exits, of which exactly one answers each sample; else each unit ran or did not.
    """
    ran = table.units_run[:, point]
    units = ran.shape[1]
    used = np.eye(units)[table.answered_at[:, point]] if exits else ran.astype(float)
    member = np.eye(len(table.classes))[table.label]  # (samples, classes)
    n = member.sum(axis=0)
    each = np.where(n > 0, n, np.nan)
    return ClassUse(
        n=n.astype(np.int64),
        share=member.T @ used / each[:, None],
        macs=member.T @ table.macs[:, point].astype(float) / each,
        accuracy=member.T @ table.right[:, point].astype(float) / each,
        classes=table.classes,
    )


def ways(table: Table, point: int) -> Ways:
    """Which blocks, channel groups, experts or edges ran, taken together as one way, at operating point ``point``."""
    _, counts = np.unique(np.packbits(table.units_run[:, point], axis=1), axis=0, return_counts=True)
    return Ways(len(table.label), len(counts), float(counts.max() / counts.sum()))


@lru_cache(maxsize=32)
def _read(path: Path, _changed: int) -> Table:
    try:
        with np.load(path, allow_pickle=False) as archive:
            label, prediction, macs = archive["label"], archive["prediction"], archive["macs"]
            packed, units = archive["units_run"], int(archive["units"])
            names = archive["unit_names"].astype(str).tolist() if "unit_names" in archive else []
            mixtures = _mixtures(archive) if "mixture_units" in archive else ()
            classes = archive["classes"].astype(str).tolist() if "classes" in archive else []
            accepted = np.unpackbits(archive["accepted"], axis=1).astype(bool) if classes else None
        if units < 1 or packed.dtype != np.uint8 or packed.shape[-1] != -(-units // 8):
            raise ValueError("the unit choices do not fit the number of units")
        if len(names) not in (0, units):
            raise ValueError("the names of the units do not fit their number")
        ran = np.unpackbits(packed, axis=2, count=units).astype(bool)
        _check_shapes(label, prediction, macs, ran)
        if accepted is not None and (
            len(accepted) != len(classes) or label.max() >= len(classes) or prediction.max() >= accepted.shape[1]
        ):
            raise ValueError("what it calls right does not fit its classes and answers")
    except (KeyError, ValueError, TypeError, IndexError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise TableError(f"{path} is damaged: {error.args[0] if error.args else error}") from error
    told = tuple(names), mixtures, tuple(classes), accepted
    table = Table(label.astype(np.int64), prediction.astype(np.int64), macs, ran, *told)
    for array in (table.label, table.prediction, table.macs, table.units_run):
        array.setflags(write=False)
    return table


def _mixtures(archive: np.lib.npyio.NpzFile) -> tuple[Mixture, ...]:
    units, sizes = archive["mixture_units"].astype(str).tolist(), archive["mixture_sizes"].astype(int)
    means, spread = (archive[name].astype(np.float64) for name in ("mixture_means", "mixture_spread"))
    if means.ndim != 2 or len(units) != len(sizes) or not means.shape[1] == sizes.sum() == len(spread):
        raise ValueError("the mixtures do not belong together")
    ends = np.cumsum(sizes)
    parts = zip(units, ends - sizes, ends, strict=True)
    return tuple(Mixture(unit, means[:, first:last], spread[first:last]) for unit, first, last in parts)


def _check_shapes(label: np.ndarray, prediction: np.ndarray, macs: np.ndarray, ran: np.ndarray) -> None:
    if label.ndim != 1 or prediction.ndim != 2 or not len(label):
        raise ValueError("it does not hold samples by operating points")
    if len(prediction) != len(label) or macs.shape != prediction.shape or ran.shape[:2] != prediction.shape:
        raise ValueError("its arrays do not belong together")
    if any(array.dtype.kind not in "ui" for array in (label, prediction, macs)):
        raise ValueError("it holds something other than whole numbers")


def _check_against(card: ModelCard, table: Table, path: Path) -> None:
    points = card.operating_points
    known = len(card.labels)
    fits = table.prediction.shape[1] == len(points) and all(point.n == len(table.label) for point in points)
    classes = len(table.classes) or known
    fits = fits and table.label.min() >= 0 and table.label.max() < classes and table.prediction.max() < known
    if fits:
        accuracy, macs = table.right.mean(axis=0), table.macs.mean(axis=0)
        fits = all(abs(a - p.accuracy) < ROUNDING for a, p in zip(accuracy, points, strict=True))
        fits = fits and all(abs(m - p.macs) <= ROUNDING * p.macs + 1 for m, p in zip(macs, points, strict=True))
    if not fits:
        raise TableError(f"{path} does not belong to the card of {card.name}; evaluate it again with: {card.recipe}")
