"""Recordings, such as ECG strips and spoken words: frames of numbers at the rate that a network reads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from dynviz import zoo
from dynviz.datasets.recordings import VENTRICULAR, Recordings
from dynviz.datasets.registry import DATASETS, Dataset
from dynviz.datasets.samples import BATCH, Samples
from dynviz.media.description import Media
from dynviz.media.errors import MediaError
from dynviz.media.series import Series, read_series
from dynviz.modalities.adapter import Adapter, InputForm
from dynviz.networks.frames import Frames
from dynviz.training.augment_series import augment_ecg, augment_speech
from dynviz.training.feed import CHECKED_AT_ONCE, class_weights
from dynviz.training.recipes import Recipe


class RecordingAdapter(Adapter):
    noun = "recording"

    def prepare(
        self, card: zoo.ModelCard, media: Any, framing: str = "crop", rate_hz: float | None = None
    ) -> tuple[Frames, Media]:
        """media: a ``Series``, or what ``read_series`` reads, with ``rate_hz`` for a table of numbers."""
        assert card.series is not None  # every card of a network for recordings says how it reads them
        series = media if isinstance(media, Series) else read_series(media, card.series, rate_hz)
        if (series.form.kind, series.form.rate_hz) != (card.series.kind, card.series.rate_hz):
            raise MediaError(f"{card.title} reads {card.series.kind} recordings; this one is {series.form.kind}.")
        return Frames.batch([card.series.frames(series.samples)]), series.media()

    def form(self, recipe: Recipe) -> InputForm:
        return InputForm(series=recipe.series)

    def samples(self, dataset: Dataset, split: str, form: InputForm) -> Samples:
        """As frames, those of a length together."""
        recordings = dataset.load(split, 0)
        frames = recordings.frames(form.series)
        order = np.argsort([len(recording) for recording in frames], kind="stable")

        def batches() -> Iterator[tuple[np.ndarray, Frames]]:
            for rows in np.split(order, range(BATCH, len(order), BATCH)):
                yield rows, Frames.batch([frames[row] for row in rows])

        return Samples(recordings.labels.numpy(), recordings.classes, batches)

    def feed(self, recipe: Recipe) -> SeriesFeed:
        return SeriesFeed(recipe)


RECORDINGS = RecordingAdapter()


class SeriesFeed:
    """Recordings, drawn oftener where their class is rare, by ``recipe.balance``, and augmented a batch at once.

    Where the recipe leaves a speaker out, that one is checked on instead of the validation split.
    """

    def __init__(self, recipe: Recipe):
        assert recipe.series is not None  # else it is a feed of something else
        self.recipe, self.form = recipe, recipe.series
        train, val = (DATASETS[recipe.dataset].load(split, 0) for split in ("train", "val"))
        if recipe.teacher_once and (train.beats or recipe.without is not None):
            raise ValueError(f"{recipe.name} is trained on parts of what its teacher would have answered once")
        if recipe.without is not None:
            val = train.pick(np.flatnonzero(train.group == recipe.without))
            train = train.pick(np.flatnonzero(train.group != recipe.without))
        self.recordings, self.checked = train, val
        self.steps = -(-len(train) // recipe.batch)

    def train(self, epoch: int, generator: torch.Generator) -> Iterator[tuple[Frames, Tensor, Tensor]]:
        labels = self.recordings.labels
        weights = class_weights(labels, len(self.recordings.classes), self.recipe.balance)
        order = torch.multinomial(weights, len(labels), replacement=self.recipe.balance > 0, generator=generator)
        for rows in order.split(self.recipe.batch):
            batch = self.recordings.pick(rows.numpy())
            x, own = self._strips(batch, generator) if batch.beats else (self._sounds(batch, generator), batch.labels)
            yield x, own, rows

    def _strips(self, batch: Recordings, generator: torch.Generator) -> tuple[Frames, Tensor]:
        """Parts of strips. A part is ventricular if one of the beats in it is: what was cut off does not count."""
        samples, part = augment_ecg(torch.from_numpy(np.stack(batch.values)), self.form.rate_hz, generator)
        frames = torch.from_numpy(self.form.normalised(self.form.cut(samples.numpy())))
        labels = [
            ((beats[:, 1] == VENTRICULAR) & (beats[:, 0] >= first) & (beats[:, 0] <= last)).any()
            for beats, (first, last) in zip(batch.beats, part.tolist(), strict=True)
        ]
        lengths = torch.full((len(frames),), frames.shape[1])
        return Frames(frames, lengths), torch.tensor(np.array(labels, dtype=np.int64))

    def _sounds(self, batch: Recordings, generator: torch.Generator) -> Frames:
        x = Frames.batch(batch.values)
        frames, lengths = augment_speech(x.values, x.lengths, generator)
        x = Frames((frames - self.form.mean) / self.form.std, lengths)
        return Frames(x.values * x.mask[..., None], lengths)

    def check(self) -> Iterator[tuple[Frames, Tensor]]:
        frames = self.checked.frames(self.form)
        order = np.argsort([len(recording) for recording in frames], kind="stable")
        for start in range(0, len(order), CHECKED_AT_ONCE):
            rows = order[start : start + CHECKED_AT_ONCE]
            yield Frames.batch([frames[row] for row in rows]), self.checked.labels[torch.from_numpy(rows)]
