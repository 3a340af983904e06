"""Texts: the numbers of their words in a shared vocabulary; trained in batches of about equal length."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from dynviz import zoo
from dynviz.datasets.registry import DATASETS, Dataset
from dynviz.datasets.samples import BATCH, Samples
from dynviz.media.description import Media
from dynviz.media.text import Text, read_text
from dynviz.media.vocabulary import UNKNOWN
from dynviz.modalities.adapter import Adapter, InputForm
from dynviz.networks.words import Words
from dynviz.training.feed import CHECKED_AT_ONCE
from dynviz.training.recipes import Recipe

LENGTH_NOISE = 0.15  # in the logarithm of lengths, before they are sorted into batches of about equally long texts


class TextAdapter(Adapter):
    noun = "text"

    def prepare(
        self, card: zoo.ModelCard, media: Any, framing: str = "crop", rate_hz: float | None = None
    ) -> tuple[Words, Media]:
        """media: a ``Text``, or what ``read_text`` reads."""
        self.refuse_rate(card, rate_hz)
        assert card.vocabulary is not None  # every card of a text network names one
        text = media if isinstance(media, Text) else read_text(media)
        numbers = zoo.vocabulary(card.vocabulary).numbers(text.words[: card.reach])
        notes = text.notes
        if card.reach is not None and len(text) > card.reach:
            notes = (*notes, f"This network reads the first {card.reach:,} of {len(text):,} words.")
        described = replace(text.media(), spans=text.spans[: card.reach], unknown=numbers == UNKNOWN, notes=notes)
        return Words.batch([numbers]), described

    def form(self, recipe: Recipe) -> InputForm:
        return InputForm(vocabulary=recipe.vocabulary)

    def samples(self, dataset: Dataset, split: str, form: InputForm) -> Samples:
        """Those of a length together. Texts without a word are one unknown word."""
        texts, vocabulary = dataset.load(split, 0), zoo.vocabulary(form.vocabulary)
        numbers = [text if len(text) else np.array([UNKNOWN]) for text in texts.numbers(vocabulary)]
        order = np.argsort([len(text) for text in numbers], kind="stable")

        def batches() -> Iterator[tuple[np.ndarray, Words]]:
            for rows in np.split(order, range(BATCH, len(order), BATCH)):
                yield rows, Words.batch([numbers[row] for row in rows])

        return Samples(texts.labels.numpy(), texts.classes, batches)

    def feed(self, recipe: Recipe) -> TextFeed:
        return TextFeed(recipe)


TEXTS = TextAdapter()


class TextFeed:
    """Texts in batches of about equal length; a share of the words is made unknown (word dropout, Iyyer et al. 2015).

    A text longer than ``recipe.longest`` words loses its middle: a review's opening and its verdict say most.
    """

    def __init__(self, recipe: Recipe):
        assert recipe.vocabulary is not None  # else it is a feed of pictures
        vocabulary = zoo.vocabulary(recipe.vocabulary)
        self.recipe = recipe
        train, val = (DATASETS[recipe.dataset].load(split, 0) for split in ("train", "val"))
        self.texts = [_without_middle(text, recipe.longest) for text in train.numbers(vocabulary)]
        self.labels = train.labels
        self.checked, self.checked_labels = val.numbers(vocabulary), val.labels
        self.steps = -(-len(self.texts) // recipe.batch)

    def train(self, epoch: int, generator: torch.Generator) -> Iterator[tuple[Words, Tensor, Tensor]]:
        lengths = torch.tensor([len(text) for text in self.texts], dtype=torch.float32)
        noise = torch.rand(len(lengths), generator=generator) * LENGTH_NOISE
        batches = (lengths.log() + noise).argsort().split(self.recipe.batch)
        for place in torch.randperm(len(batches), generator=generator).tolist():
            rows = batches[place]
            x = Words.batch([self.texts[row] for row in rows.tolist()])
            dropped = torch.rand(x.ids.shape, generator=generator) < self.recipe.word_dropout
            yield Words(x.ids.masked_fill(dropped & x.mask, UNKNOWN), x.lengths), self.labels[rows], rows

    def check(self) -> Iterator[tuple[Words, Tensor]]:
        order = np.argsort([len(text) for text in self.checked], kind="stable")
        for start in range(0, len(order), CHECKED_AT_ONCE):
            rows = order[start : start + CHECKED_AT_ONCE]
            yield Words.batch([self.checked[row] for row in rows]), self.checked_labels[torch.from_numpy(rows)]


def _without_middle(text: np.ndarray, longest: int) -> np.ndarray:
    if len(text) <= longest:
        return text
    return np.concatenate([text[: longest - longest // 2], text[len(text) - longest // 2 :]])
