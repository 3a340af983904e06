"""Pictures: the seen square at a network's side, normalised; trained on whole uint8 batches augmented at once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from dynviz import zoo
from dynviz.datasets.own import Progress, own_pictures
from dynviz.datasets.pictures import Split, normalise, standardise
from dynviz.datasets.registry import DATASETS, Dataset
from dynviz.datasets.samples import BATCH, Samples
from dynviz.media.description import Media
from dynviz.media.image import Box, Picture, centre_square, read_image
from dynviz.modalities.adapter import Adapter, InputForm
from dynviz.networks.sources import Original, PictureSource
from dynviz.training.feed import CHECKED_AT_ONCE, class_weights
from dynviz.training.recipes import Recipe


class PictureAdapter(Adapter):
    noun = "picture"
    one_picture = True

    def prepare(
        self, card: zoo.ModelCard, media: Any, framing: str = "crop", rate_hz: float | None = None
    ) -> tuple[Tensor | PictureSource, Media]:
        """(1, 3, side, side), in a ``PictureSource`` for a network that chooses what to look at. media: a ``Picture``,
        or what ``read_image`` reads.
        """
        self.refuse_rate(card, rate_hz)
        picture = media if isinstance(media, Picture) else read_image(media)
        x, box_px = self.view(card, picture, framing)
        return x, picture.media(box_px)

    def view(self, card: zoo.ModelCard, picture: Picture, framing: str) -> tuple[Tensor | PictureSource, Box]:
        """The seen square, with the picture it is part of for a network that asks for it; and where it is."""
        pixels, box_px = picture.view(card.in_side_px, framing)
        x = (pixels.astype(np.float32) / 255 - np.float32(card.mean)) / np.float32(card.std)
        seen = torch.from_numpy(x).permute(2, 0, 1)[None].contiguous(memory_format=torch.channels_last)
        if not zoo.load(card.name).takes_source:
            return seen, box_px
        kept = picture.image
        scale = picture.width_px / kept.width, picture.height_px / kept.height
        box = tuple(edge / scale[i % 2] for i, edge in enumerate(box_px))
        whole = torch.from_numpy(np.array(kept)).permute(2, 0, 1)
        upload = None if picture.upload is None else picture.upload.pixels
        return PictureSource(seen, (Original(whole, box, scale, upload),), card.mean, card.std), box_px

    def form(self, recipe: Recipe) -> InputForm:
        return InputForm(in_side_px=recipe.in_side_px, mean=recipe.mean, std=recipe.std)

    def samples(self, dataset: Dataset, split: str, form: InputForm) -> Samples:
        return _samples(dataset.load(split, form.in_side_px), form)

    def own_samples(
        self,
        path: Path,
        card: zoo.ModelCard,
        left_out: list[str] | None = None,
        progress: Progress | None = None,
    ) -> Samples:
        pictures = own_pictures(path, card.in_side_px, card.labels, left_out, progress)
        return _samples(pictures, InputForm.of(card))

    def stand_ins(self, card: zoo.ModelCard, count: int) -> Tensor:
        """Random squares of scikit-image's photos."""
        from skimage import data

        photos = [Image.fromarray(photo) for photo in (data.chelsea(), data.coffee(), data.astronaut(), data.rocket())]
        return normalise(_crops(photos, count, card.in_side_px), card.mean, card.std)

    def feed(self, recipe: Recipe) -> PictureFeed:
        return PictureFeed(recipe)


PICTURES = PictureAdapter()


def _samples(pictures: Split, form: InputForm) -> Samples:
    def batches() -> Iterator[tuple[np.ndarray, Tensor]]:
        for rows in np.split(np.arange(len(pictures)), range(BATCH, len(pictures), BATCH)):
            x = normalise(pictures.images[rows[0] : rows[-1] + 1], form.mean, form.std)
            yield rows, x.contiguous(memory_format=torch.channels_last)

    told = {"answers": pictures.answers, "accepted": pictures.accepted, "groups": pictures.groups}
    return Samples(pictures.labels.numpy(), pictures.classes, batches, **told)


class PictureFeed:
    """Pictures, whole uint8 batches augmented at once; rare classes are drawn oftener, by ``recipe.balance``."""

    def __init__(self, recipe: Recipe):
        self.recipe = recipe
        dataset = DATASETS[recipe.dataset]
        self.pictures = dataset.load("train", dataset.stored_side_px)
        self.checked = dataset.load("val", recipe.in_side_px)
        self.steps = len(self.pictures) // recipe.batch

    def train(self, epoch: int, generator: torch.Generator) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
        recipe, side = self.recipe, training_side(self.recipe, epoch)
        weights = class_weights(self.pictures.labels, len(self.pictures.classes), recipe.balance)
        count = self.steps * recipe.batch
        order = torch.multinomial(weights, count, replacement=recipe.balance > 0, generator=generator)
        for rows in order.split(recipe.batch):
            x = recipe.augmentation(self.pictures.images[rows], side, generator)
            x = standardise(x, recipe.mean, recipe.std).contiguous(memory_format=torch.channels_last)
            yield x, self.pictures.labels[rows], rows

    def check(self) -> Iterator[tuple[Tensor, Tensor]]:
        for start in range(0, len(self.checked), CHECKED_AT_ONCE):
            rows = slice(start, start + CHECKED_AT_ONCE)
            x = normalise(self.checked.images[rows], self.recipe.mean, self.recipe.std)
            yield x.contiguous(memory_format=torch.channels_last), self.checked.labels[rows]


def training_side(recipe: Recipe, epoch: int) -> int:
    """Side in px of this epoch's training pictures."""
    reached = 0.0
    for share, side in recipe.sides_px:
        reached += share
        if epoch < round(reached * recipe.epochs):
            return side
    return recipe.sides_px[-1][1]


def _crops(photos: list[Image.Image], count: int, side_px: int) -> Tensor:
    """(count, 3, side, side) uint8, random squares of them."""
    draw = np.random.default_rng(0)
    crops = []
    for i in range(count):
        photo = photos[i % len(photos)]
        side = int(draw.uniform(0.4, 1.0) * min(photo.size))
        left, top = (int(draw.integers(0, length - side + 1)) for length in photo.size)
        crops.append(centre_square(photo.crop((left, top, left + side, top + side)), side_px))
    return torch.from_numpy(np.stack(crops).transpose(0, 3, 1, 2).copy())
