"""Pictures of what no class of everyday30 is: small photos of animals and aeroplanes, cells, fields, pages, nothing.

Photos that scikit-image brings are in both splits; the others of a split come from the same split of their own sets.
No network for everyday30 was trained on any of them. Of things that everyday30 knows in other places (cars in its
streets, ships on its seas) there are none.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from dynviz.datasets.pictures import CIFAR10, data_folder
from dynviz.media.image import centre_square

SMALL = ("airplane", "bird", "deer", "frog", "horse")  # of cifar10
PER_CLASS = 40
MADE = 40  # of each kind of made picture
MOST = 72  # photos of a folder
FOLDERS = {"cells": ("blood_cells", ("val", "test")), "fields": ("crop_weed", ("test",))}  # and their splits
SHARP = (  # of scikit-image's
    "brick.png", "cell.png", "clock_motion.png", "coffee.png", "coins.png", "grass.png", "gravel.png",
    "hubble_deep_field.jpg", "ihc.png", "microaneurysms.png", "moon.png", "motorcycle_left.png", "retina.jpg",
    "rocket.jpg",
)  # fmt: skip
SEEDS = {"val": 1, "test": 2}


def unlike_pictures(split: str, side_px: int) -> tuple[Tensor, tuple[str, ...]]:
    """((N, 3, side, side) uint8, what each is of), of val or test. Raises OSError without their data sets."""
    found = list(_pictures(split, side_px))
    pixels = np.stack([pixels for _, pixels in found]).transpose(0, 3, 1, 2)
    return torch.from_numpy(np.ascontiguousarray(pixels)), tuple(kind for kind, _ in found)


def _pictures(split: str, side: int) -> Iterator[tuple[str, np.ndarray]]:
    from skimage import data

    small = CIFAR10.load(split, 32)
    labels = small.labels.numpy()
    for name in SMALL:
        for row in np.flatnonzero(labels == small.classes.index(name))[:PER_CLASS]:
            yield (
                "animals and aeroplanes",
                centre_square(Image.fromarray(small.images[row].permute(1, 2, 0).numpy()), side),
            )
    for kind, (folder, splits) in FOLDERS.items():
        if split in splits:
            with zipfile.ZipFile(data_folder() / "dense" / folder / f"{split}.zip") as archive:
                names = sorted(name for name in archive.namelist() if "/images/" in name)
                for name in names[:MOST]:
                    yield kind, centre_square(Image.open(io.BytesIO(archive.read(name))).convert("RGB"), side)
    folder = Path(data.__file__).parent
    for name in SHARP:
        yield "sharp photos of other things", centre_square(Image.open(folder / name).convert("RGB"), side)
    draw, page = np.random.default_rng(SEEDS[split]), Image.fromarray(data.page()).convert("RGB")
    for _ in range(MADE):
        first, second = draw.integers(0, 256, (2, 3))
        yield "one colour", np.broadcast_to(first, (side, side, 3)).astype(np.uint8)
        across = np.linspace(0, 1, side)[None, :, None]
        yield "shades", np.broadcast_to(first * (1 - across) + second * across, (side, side, 3)).astype(np.uint8)
        yield "noise", draw.integers(0, 256, (side, side, 3)).astype(np.uint8)
        edge = int(draw.integers(90, min(page.size)))
        left, top = (int(draw.integers(0, length - edge + 1)) for length in page.size)
        yield "printed pages", centre_square(page.crop((left, top, left + edge, top + edge)), side)
