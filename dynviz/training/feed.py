"""What the training loop is fed: batches of pictures or texts, drawn anew for each epoch from its own generator."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor

from dynviz.datasets.pictures import STORED_SIDE_PX, Split, load_split, normalise, standardise
from dynviz.datasets.recordings import VENTRICULAR, Recordings, load_recordings
from dynviz.datasets.texts import load_texts
from dynviz.networks.frames import Frames
from dynviz.networks.words import Words
from dynviz.training.augment_series import augment_ecg, augment_speech
from dynviz.training.recipes import MEAN, STD, Recipe

CHECKED_AT_ONCE = 256
UNKNOWN = 1  # the number of a word that is not in the vocabulary
LENGTH_NOISE = (
    0.15  # texts of a batch are about equally long: lengths are sorted after so much noise in their logarithm
)


class Feed(Protocol):
    """One data set for one recipe. Labels are (N,) int64."""

    steps: int  # batches of an epoch

    def train(self, epoch: int, generator: torch.Generator) -> Iterator[tuple[Any, Tensor]]:
        """The batches of an epoch: (what the network is given, labels)."""
        ...

    def check(self) -> Iterator[tuple[Any, Tensor]]:
        """The validation split, in any order."""
        ...


def feed(recipe: Recipe) -> Feed:
    """The feed for ``recipe``, by what its network takes in."""
    return {"image": PictureFeed, "text": TextFeed, "series": SeriesFeed}[recipe.modality](recipe)


class PictureFeed:
    """Pictures, whole uint8 batches augmented at once; rare classes are drawn oftener, by ``recipe.balance``."""

    def __init__(self, recipe: Recipe):
        self.recipe = recipe
        self.pictures = load_split(recipe.dataset, "train", STORED_SIDE_PX[recipe.dataset])
        self.checked = load_split(recipe.dataset, "val", recipe.in_side_px)
        self.steps = len(self.pictures) // recipe.batch

    def train(self, epoch: int, generator: torch.Generator) -> Iterator[tuple[Tensor, Tensor]]:
        recipe, side = self.recipe, training_side(self.recipe, epoch)
        weights = sampling_weights(self.pictures, recipe.balance)
        count = self.steps * recipe.batch
        order = torch.multinomial(weights, count, replacement=recipe.balance > 0, generator=generator)
        for rows in order.split(recipe.batch):
            x = recipe.augmentation(self.pictures.images[rows], side, generator)
            x = standardise(x, MEAN, STD).contiguous(memory_format=torch.channels_last)
            yield x, self.pictures.labels[rows]

    def check(self) -> Iterator[tuple[Tensor, Tensor]]:
        for start in range(0, len(self.checked), CHECKED_AT_ONCE):
            rows = slice(start, start + CHECKED_AT_ONCE)
            x = normalise(self.checked.images[rows], MEAN, STD)
            yield x.contiguous(memory_format=torch.channels_last), self.checked.labels[rows]


class TextFeed:
    """Texts in batches of about equal length; a share of the words is made unknown (word dropout, Iyyer et al. 2015).

    A text longer than ``recipe.longest`` words loses its middle: a review's opening and its verdict say most.
    """

    def __init__(self, recipe: Recipe):
        from dynviz import zoo

        assert recipe.vocabulary is not None  # else it is a feed of pictures
        vocabulary = zoo.vocabulary(recipe.vocabulary)
        self.recipe = recipe
        train, val = load_texts(recipe.dataset, "train"), load_texts(recipe.dataset, "val")
        self.texts = [_without_middle(text, recipe.longest) for text in train.numbers(vocabulary)]
        self.labels = train.labels
        self.checked, self.checked_labels = val.numbers(vocabulary), val.labels
        self.steps = -(-len(self.texts) // recipe.batch)

    def train(self, epoch: int, generator: torch.Generator) -> Iterator[tuple[Words, Tensor]]:
        lengths = torch.tensor([len(text) for text in self.texts], dtype=torch.float32)
        noise = torch.rand(len(lengths), generator=generator) * LENGTH_NOISE
        batches = (lengths.log() + noise).argsort().split(self.recipe.batch)
        for place in torch.randperm(len(batches), generator=generator).tolist():
            rows = batches[place]
            x = Words.batch([self.texts[row] for row in rows.tolist()])
            dropped = torch.rand(x.ids.shape, generator=generator) < self.recipe.word_dropout
            yield Words(x.ids.masked_fill(dropped & x.mask, UNKNOWN), x.lengths), self.labels[rows]

    def check(self) -> Iterator[tuple[Words, Tensor]]:
        order = np.argsort([len(text) for text in self.checked], kind="stable")
        for start in range(0, len(order), CHECKED_AT_ONCE):
            rows = order[start : start + CHECKED_AT_ONCE]
            yield Words.batch([self.checked[row] for row in rows]), self.checked_labels[torch.from_numpy(rows)]


class SeriesFeed:
    """Recordings, drawn oftener where their class is rare, by ``recipe.balance``, and augmented a batch at once.

    Where the recipe leaves a speaker out, that one is checked on instead of the validation split.
    """

    def __init__(self, recipe: Recipe):
        assert recipe.series is not None  # else it is a feed of something else
        self.recipe, self.form = recipe, recipe.series
        train, val = load_recordings(recipe.dataset, "train"), load_recordings(recipe.dataset, "val")
        if recipe.without is not None:
            val = train.pick(np.flatnonzero(train.group == recipe.without))
            train = train.pick(np.flatnonzero(train.group != recipe.without))
        self.recordings, self.checked = train, val
        self.steps = -(-len(train) // recipe.batch)

    def train(self, epoch: int, generator: torch.Generator) -> Iterator[tuple[Frames, Tensor]]:
        labels = self.recordings.labels
        weights = class_weights(labels, len(self.recordings.classes), self.recipe.balance)
        order = torch.multinomial(weights, len(labels), replacement=self.recipe.balance > 0, generator=generator)
        for rows in order.split(self.recipe.batch):
            batch = self.recordings.pick(rows.numpy())
            yield self._strips(batch, generator) if batch.beats else (self._sounds(batch, generator), batch.labels)

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


def training_side(recipe: Recipe, epoch: int) -> int:
    """Side in px of this epoch's training pictures."""
    reached = 0.0
    for share, side in recipe.sides_px:
        reached += share
        if epoch < round(reached * recipe.epochs):
            return side
    return recipe.sides_px[-1][1]


def sampling_weights(split: Split, balance: float) -> Tensor:
    """(N,) relative probability to draw each picture: rare classes oftener, by (class size) ** -balance."""
    return class_weights(split.labels, len(split.classes), balance)


def class_weights(labels: Tensor, classes: int, balance: float) -> Tensor:
    """The same from the labels alone."""
    counts = torch.bincount(labels, minlength=classes).clamp(min=1).double()
    return counts.pow(-balance)[labels]


def _without_middle(text: np.ndarray, longest: int) -> np.ndarray:
    if len(text) <= longest:
        return text
    return np.concatenate([text[: longest - longest // 2], text[len(text) - longest // 2 :]])
