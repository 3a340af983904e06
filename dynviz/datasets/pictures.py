"""Labelled pictures for training and evaluation, decoded once into one uint8 tensor.

``DYNVIZ_DATA`` points to the folder that holds the data sets. A folder or zip laid out as CLASS/file works too, so
that a person can evaluate on pictures of their own.
"""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from dynviz.datasets.registry import Dataset
from dynviz.media.image import centre_square

PICTURE_ENDINGS = {".webp", ".jpg", ".jpeg", ".png", ".bmp"}
ZIPS = {"train": ("train_0.zip", "train_1.zip"), "val": ("val.zip",), "test": ("test.zip",)}
HELD_OUT_SEED = 2018  # cifar10 has no validation split: a tenth of its training pictures, drawn with this seed


@dataclass(frozen=True)
class Split:
    """images: (N, 3, side, side) uint8. labels: (N,) int64. names: where each picture came from. answers, accepted,
    groups: as in ``samples.Samples``.
    """

    images: Tensor
    labels: Tensor
    classes: tuple[str, ...]
    names: tuple[str, ...]
    answers: tuple[str, ...] = ()
    accepted: np.ndarray | None = None
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.labels)


def data_folder() -> Path:
    """The folder of ``DYNVIZ_DATA``. Raises FileNotFoundError with what to do where it is not set."""
    folder = os.environ.get("DYNVIZ_DATA", "")
    if not folder or not Path(folder).is_dir():
        raise FileNotFoundError("set DYNVIZ_DATA to the folder that holds the data sets (everyday30/, cifar10/, ...)")
    return Path(folder)


def _everyday30(split: str, side_px: int) -> Split:
    """Each picture's centre square, scaled to ``side_px``."""
    return everyday30(split, side_px)


def everyday30(split: str, side_px: int, choose: Callable[[list[str]], Collection[str]] | None = None) -> Split:
    """The pictures of a split, or those that ``choose`` names out of all of them: no other is decoded."""
    return from_archives([data_folder() / "everyday30" / name for name in ZIPS[split]], side_px, choose=choose)


def from_archives(
    paths: list[Path],
    side_px: int,
    classes: tuple[str, ...] | None = None,
    choose: Callable[[list[str]], Collection[str]] | None = None,
) -> Split:
    """Pictures of folders or zips laid out as CLASS/file. ``classes`` fixes the labels; others are left out.

    choose: all names -> those to use.
    """
    found = [(name, data) for path in paths for name, data in _files(path)]
    if choose is not None:
        chosen = set(choose([name for name, _ in found]))
        found = [(name, data) for name, data in found if name in chosen]
    if classes is None:
        classes = tuple(sorted({PurePosixPath(name).parts[-2] for name, _ in found}))
    index = {name: i for i, name in enumerate(classes)}
    found = [(name, data) for name, data in found if PurePosixPath(name).parts[-2] in index]
    if not found:
        raise ValueError(f"no pictures in CLASS/file layout, with CLASS one of: {', '.join(classes)}")
    images = np.empty((len(found), 3, side_px, side_px), dtype=np.uint8)
    for i, (_, data) in enumerate(found):
        images[i] = centre_square(Image.open(io.BytesIO(data)).convert("RGB"), side_px).transpose(2, 0, 1)
    labels = torch.tensor([index[PurePosixPath(name).parts[-2]] for name, _ in found])
    return Split(torch.from_numpy(images), labels, classes, tuple(name for name, _ in found))


def _files(path: Path) -> Iterator[tuple[str, bytes]]:
    if path.is_dir():
        for file in sorted(path.rglob("*")):
            if file.suffix.lower() in PICTURE_ENDINGS:
                yield file.relative_to(path.parent).as_posix(), file.read_bytes()
        return
    with zipfile.ZipFile(path) as archive:
        for name in sorted(archive.namelist()):
            parts = PurePosixPath(name)
            if parts.suffix.lower() in PICTURE_ENDINGS and len(parts.parts) >= 2:
                yield name, archive.read(name)


def _cifar10(split: str, side_px: int) -> Split:
    """As they are, whatever ``side_px`` says: 32 px."""
    with np.load(data_folder() / "cifar10" / ("test.npz" if split == "test" else "train.npz")) as archive:
        stream, offset = archive["jpeg"].tobytes(), archive["offset"]
        labels, classes = archive["label"].astype(np.int64), tuple(str(name) for name in archive["classes"])
    indices = np.arange(len(labels))
    if split != "test":
        order = np.random.default_rng(HELD_OUT_SEED).permutation(len(labels))
        held_out = len(labels) // 10
        indices = np.sort(order[:held_out] if split == "val" else order[held_out:])
    images = np.empty((len(indices), 3, 32, 32), dtype=np.uint8)
    for row, i in enumerate(indices):
        picture = Image.open(io.BytesIO(stream[offset[i] : offset[i + 1]])).convert("RGB")
        images[row] = np.asarray(picture).transpose(2, 0, 1)
    names = tuple(f"{classes[labels[i]]}/{'test' if split == 'test' else 'train'}_{i:05d}" for i in indices)
    return Split(torch.from_numpy(images), torch.from_numpy(labels[indices]), classes, names)


def normalise(images: Tensor, mean: tuple[float, ...], std: tuple[float, ...]) -> Tensor:
    """uint8 (N, 3, H, W) -> float with the per-channel ``mean`` and ``std`` of values in 0..1 taken out."""
    return standardise(images.float() / 255, mean, std)


def standardise(images: Tensor, mean: tuple[float, ...], std: tuple[float, ...]) -> Tensor:
    """The same for float (N, 3, H, W) in 0..1."""
    shape = (1, 3, 1, 1)
    return (images - images.new_tensor(mean).view(shape)) / images.new_tensor(std).view(shape)


EVERYDAY30 = Dataset(
    "everyday30",
    "everyday30 (photos of 30 everyday classes)",
    "Imagenette v2 photos (ImageNet: non-commercial research and education); animals and Intel scenes (not stated); "
    "clothing-dataset-small (CC0); person segmentation (not stated); fruit boxes (MIT repository, web photos)",
    "image",
    _everyday30,
    stored_side_px=144,
)
CIFAR10 = Dataset(
    "cifar10",
    "CIFAR-10 (JPEG)",
    "Krizhevsky 2009, via the re-compressed JPEG edition CIFAR-10-images",
    "image",
    _cifar10,
    stored_side_px=32,
)
