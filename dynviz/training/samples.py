"""Labelled samples as a shipped network is evaluated on them: prepared as for a person's input, in batches."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from dynviz.datasets.pictures import Split, load_split, normalise
from dynviz.datasets.recordings import Recordings, load_recordings
from dynviz.datasets.texts import Texts, load_texts
from dynviz.media.signal import SeriesInput
from dynviz.media.vocabulary import Vocabulary
from dynviz.networks.frames import Frames
from dynviz.networks.words import Words

BATCH = 128


@dataclass(frozen=True, eq=False)
class Samples:
    """labels: (N,) index into ``classes``. batches: (rows, what the network is given), in any order."""

    labels: np.ndarray
    classes: tuple[str, ...]
    batches: Callable[[], Iterator[tuple[np.ndarray, Any]]]

    def __len__(self) -> int:
        return len(self.labels)

    def thinned(self, most: int) -> Samples:
        """Every k-th of the samples, ``most`` of them at most; still in batches of equal length."""
        step = -(-len(self) // most)
        if step == 1:
            return self
        kept = np.arange(0, len(self), step)

        def batches() -> Iterator[tuple[np.ndarray, Any]]:
            for rows, x in self.batches():
                chosen = np.flatnonzero(rows % step == 0)
                if len(chosen):
                    yield rows[chosen] // step, x[torch.from_numpy(chosen)]

        return Samples(self.labels[kept], self.classes, batches)


def of_pictures(pictures: Split, mean: tuple[float, ...], std: tuple[float, ...]) -> Samples:
    """Pictures as they were loaded, normalised."""

    def batches() -> Iterator[tuple[np.ndarray, torch.Tensor]]:
        for rows in np.split(np.arange(len(pictures)), range(BATCH, len(pictures), BATCH)):
            x = normalise(pictures.images[rows[0] : rows[-1] + 1], mean, std)
            yield rows, x.contiguous(memory_format=torch.channels_last)

    return Samples(pictures.labels.numpy(), pictures.classes, batches)


def of_texts(texts: Texts, vocabulary: Vocabulary) -> Samples:
    """Texts by the numbers of their words, those of a length together. Texts without a word are one unknown word."""
    numbers = [text if len(text) else np.array([1]) for text in texts.numbers(vocabulary)]
    order = np.argsort([len(text) for text in numbers], kind="stable")

    def batches() -> Iterator[tuple[np.ndarray, Words]]:
        for rows in np.split(order, range(BATCH, len(order), BATCH)):
            yield rows, Words.batch([numbers[row] for row in rows])

    return Samples(texts.labels.numpy(), texts.classes, batches)


def of_recordings(recordings: Recordings, form: SeriesInput) -> Samples:
    """Recordings as frames, those of a length together."""
    frames = recordings.frames(form)
    order = np.argsort([len(recording) for recording in frames], kind="stable")

    def batches() -> Iterator[tuple[np.ndarray, Frames]]:
        for rows in np.split(order, range(BATCH, len(order), BATCH)):
            yield rows, Frames.batch([frames[row] for row in rows])

    return Samples(recordings.labels.numpy(), recordings.classes, batches)


def load_samples(
    dataset: str,
    split: str,
    side_px: int,
    vocabulary: str | None,
    mean: tuple[float, ...],
    std: tuple[float, ...],
    series: SeriesInput | None = None,
) -> Samples:
    """``split`` (train, val or test) of a data set: texts if a vocabulary is given, recordings if ``series``, else
    pictures.
    """
    from dynviz import zoo

    if series:
        return of_recordings(load_recordings(dataset, split), series)
    if vocabulary:
        return of_texts(load_texts(dataset, split), zoo.vocabulary(vocabulary))
    return of_pictures(load_split(dataset, split, side_px), mean, std)
