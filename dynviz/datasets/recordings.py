"""Labelled recordings for training and evaluation: 10 s of ECG by patient, spoken digits by speaker."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import combinations

import numpy as np
import torch
from torch import Tensor

from dynviz.datasets.pictures import HELD_OUT_SEED, data_folder
from dynviz.datasets.registry import Dataset
from dynviz.media.signal import QUANTUM, SeriesInput

MV_A_STEP = 0.02  # of the strips' int8 samples
ECG_CLASSES = ("normal", "ventricular beats")
ECG_NUMBERS = (0, 2)  # of these in the files; strips with supraventricular or other beats only are left out
VENTRICULAR = 2  # the number of a ventricular beat
HELD_OUT_PATIENTS = 3  # of 22: the fewest whose strips hold both classes in about the shares of all
DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


@dataclass(frozen=True, eq=False)
class Recordings:
    """values: of each, (samples,) in mV or (frames, bands) log-mel. group: (N,) the patient or speaker of each.

    beats: of each ECG strip, (beats, 2) int, sample and number of its class; empty for other recordings.
    """

    values: tuple[np.ndarray, ...]
    labels: Tensor
    classes: tuple[str, ...]
    group: np.ndarray
    beats: tuple[np.ndarray, ...] = ()

    def __len__(self) -> int:
        return len(self.labels)

    def pick(self, rows: np.ndarray) -> Recordings:
        """Some of them; ``rows``: indices."""
        values, beats = tuple(self.values[i] for i in rows), tuple(self.beats[i] for i in rows if self.beats)
        labels, group = self.labels[torch.from_numpy(rows)], self.group[rows]
        return replace(self, values=values, labels=labels, group=group, beats=beats)

    def frames(self, form: SeriesInput) -> list[np.ndarray]:
        """What a network reads of each."""
        if form.kind == "ecg":
            return [form.normalised(form.cut(samples)) for samples in self.values]
        return [form.normalised(frames) for frames in self.values]


@lru_cache(maxsize=4)
def load_recordings(dataset: str, split: str) -> Recordings:
    """``split`` (train, val or test) of ``dataset``. Raises KeyError for an unknown set, OSError without its files.

    Neither set has a validation split: a few patients are held out for it, whole, and a tenth of the spoken digits.
    """
    readers = {"mitbih_strips": _strips, "fsdd": _digits}
    if dataset not in readers:
        raise KeyError(f"no recordings are called {dataset!r}; known: {', '.join(readers)}")
    found = readers[dataset]("test" if split == "test" else "train")
    if split == "test":
        return found
    held_out = _held_out_patients(found) if found.beats else _held_out_tenth(found)
    return found.pick(np.flatnonzero(held_out if split == "val" else ~held_out))


def _strips(file: str) -> Recordings:
    with np.load(data_folder() / "series" / "mitbih_strips" / f"{file}.npz", allow_pickle=False) as stored:
        x, y, record = stored["x"].astype(np.float32) * MV_A_STEP, stored["y"], stored["record"].astype(np.int64)
        cuts = stored["beat_index"][1:-1]
        beats = np.split(np.stack([stored["beat_pos"], stored["beat_class"]], axis=1).astype(np.int64), cuts)
    rows = np.flatnonzero(np.isin(y, ECG_NUMBERS))
    labels = torch.from_numpy(np.searchsorted(ECG_NUMBERS, y.astype(np.int64)))
    return Recordings(tuple(x), labels, ECG_CLASSES, record, tuple(beats)).pick(rows)


def _digits(file: str) -> Recordings:
    with np.load(data_folder() / "series" / "fsdd" / f"{file}.npz", allow_pickle=False) as stored:
        values = np.split(stored["x"].astype(np.float32) * QUANTUM, np.cumsum(stored["length"])[:-1])
        labels, speaker = torch.from_numpy(stored["y"].astype(np.int64)), stored["speaker"].astype(np.int64)
    return Recordings(tuple(values), labels, DIGITS, speaker)


def _held_out_patients(found: Recordings) -> np.ndarray:
    """(N,) bool: the strips of the patients who together come nearest to the whole set's share of ventricular strips.

    Of equally near ones those with the most patients of a mixed record, then the first.
    """
    patients = np.unique(found.group)
    ill = np.array([float((found.labels[torch.from_numpy(found.group == p)] == 1).sum()) for p in patients])
    all_of = np.array([(found.group == p).sum() for p in patients])
    mixed = np.minimum(ill, all_of - ill) / all_of
    share = ill.sum() / all_of.sum()

    def distance(chosen: tuple[int, ...]) -> float:
        rows = list(chosen)
        return round(abs(ill[rows].sum() / all_of[rows].sum() - share), 2) - mixed[rows].mean() / 100

    best = min(combinations(range(len(patients)), min(HELD_OUT_PATIENTS, len(patients) - 1)), key=distance)
    return np.isin(found.group, patients[list(best)])


def _held_out_tenth(found: Recordings) -> np.ndarray:
    """(N,) bool: a tenth of the recordings, whoever speaks."""
    order = np.random.default_rng(HELD_OUT_SEED).permutation(len(found))
    return np.isin(np.arange(len(found)), order[: len(found) // 10])


MITBIH_STRIPS = Dataset(
    "mitbih_strips",
    "MIT-BIH strips (10 s of ECG, by patient)",
    "MIT-BIH Arrhythmia Database, Moody & Mark 2001 (ODC-By)",
    "series",
    lambda split, _side_px=0: load_recordings("mitbih_strips", split),
)
FSDD = Dataset(
    "fsdd",
    "FSDD (spoken digits of six speakers)",
    "Free Spoken Digit Dataset; CC BY-SA 4.0",
    "series",
    lambda split, _side_px=0: load_recordings("fsdd", split),
)
