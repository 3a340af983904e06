"""Labelled videos: everyday-video, composed of the photos of everyday30, and clips of surveillance cameras.

A split of everyday-video is a list of seeds: each of its videos is rendered frame by frame when it is asked for
(``dynviz.media.made_video``), the same every time, and never are many of them in memory. Photos of a split of
everyday30 make the videos of the same split; what lies between them are small pictures of cars and animals, blown up
and so out of focus, fields and their ground from close, and blood cells, which no class of it is, of the same splits
of their own sets.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path, PurePosixPath
from typing import Protocol

import numpy as np
from PIL import Image

from dynviz.datasets.pictures import CIFAR10, HELD_OUT_SEED, ZIPS, data_folder
from dynviz.datasets.registry import Dataset
from dynviz.media.made_video import SHORT_PX, MadeVideo, Photo
from dynviz.media.video import Video

COUNTS = {"train": 800, "val": 300, "test": 800}
SEEDS = {"train": 1_000_000, "val": 2_000_000, "test": 4_000_000}  # of the first video of a split
MOST_SHOTS = 3  # of the target
OTHERS = {  # folder of dense/ -> the zip for each split; fields have no validation split
    "blood_cells": {"train": "train", "val": "val", "test": "test"},
    "crop_weed": {"train": "train", "test": "test"},
}
PARTS = {  # what is shown of such a photo: all of it, or the ground from close
    "blood_cells": (None,),
    "crop_weed": (None, *((x, y) for x in (0.0, 0.35, 0.7) for y in (0.0, 0.35, 0.7))),
}
PART = 0.3  # of its sides
UNKNOWN = ("airplane", "automobile", "bird", "deer", "frog", "horse", "ship")  # of cifar10, what everyday30 has not
MOST_SMALL = 3000
FIGHT_HZ, FIGHT_FOLDERS = 8.0, ("fight", "noFight")


class ClipSet(Protocol):
    """A split of labelled videos. labels: (N,) int64."""

    labels: np.ndarray
    classes: tuple[str, ...]

    def __len__(self) -> int: ...

    def video(self, row: int) -> Video: ...


@dataclass(frozen=True, eq=False)
class MadeClips:
    """A split of everyday-video. photos: those of each class; others: of none."""

    split: str
    classes: tuple[str, ...]
    photos: tuple[tuple[Photo, ...], ...]
    others: tuple[Photo, ...]
    labels: np.ndarray

    def __len__(self) -> int:
        return len(self.labels)

    def label(self, row: int) -> int:
        """The class of a video. Of classes with few photos there are fewer videos: about the root of their number."""
        shares = np.sqrt([len(photos) for photos in self.photos])
        return int(np.random.default_rng((SEEDS[self.split], row)).choice(len(shares), p=shares / shares.sum()))

    def video(self, row: int) -> MadeVideo:
        """row: beyond the end of the split too, for one that is trained on more videos than it has."""
        seed = SEEDS[self.split] + row
        mine = self.photos[self.label(row)]
        draw = np.random.default_rng((seed, 1))
        chosen = draw.choice(len(mine), size=min(len(mine), int(draw.integers(1, MOST_SHOTS + 1))), replace=False)
        return MadeVideo(seed, [mine[i] for i in chosen], self.others)


@lru_cache(maxsize=4)
def made_clips(split: str) -> MadeClips:
    """``split`` of everyday-video. Raises OSError without its photos."""
    found: dict[str, list[Photo]] = {}
    for name in ZIPS[split]:
        path = data_folder() / "everyday30" / name
        for member in _members(path):
            found.setdefault(PurePosixPath(member).parts[-2], []).append(partial(_photo, path, member))
    others: list[Photo] = []
    for folder, zips in OTHERS.items():
        if split in zips:
            path = data_folder() / "dense" / folder / f"{zips[split]}.zip"
            others += [partial(_photo, path, member, part) for member in _members(path) for part in PARTS[folder]]
    small = CIFAR10.load(split, 32)
    rows = np.flatnonzero(np.isin(small.labels.numpy(), [small.classes.index(name) for name in UNKNOWN]))
    rows = rows[:: -(-len(rows) // MOST_SMALL)]  # of all of these classes, by which they may be sorted
    others += [partial(_blown_up, small.images[row].permute(1, 2, 0).numpy()) for row in rows]
    classes = tuple(sorted(found))
    photos = tuple(tuple(found[name]) for name in classes)
    made = MadeClips(split, classes, photos, tuple(others), np.zeros(0, dtype=np.int64))
    labels = np.array([made.label(row) for row in range(COUNTS[split])], dtype=np.int64)
    return MadeClips(split, classes, photos, tuple(others), labels)


class _Strip(Video):
    """Frames of a surveillance camera, a picture each. shown: (n,) bool, all of them show what they are labelled as."""

    def __init__(self, path: Path, members: tuple[str, ...]):
        self.path, self.members = path, members
        self.times_s = np.arange(len(members)) / FIGHT_HZ
        self.shown = np.ones(len(members), dtype=bool)
        self.height_px, self.width_px = self.frame(0).shape[:2]

    @property
    def digest(self) -> str:
        return hashlib.sha256("".join(self.members).encode()).hexdigest()

    def frame(self, index: int) -> np.ndarray:
        return np.asarray(_picture(self.path, self.members[index]))


@dataclass(frozen=True, eq=False)
class CameraClips:
    """A split of surveillance_fight. members: of each clip, the pictures of its frames."""

    path: Path
    classes: tuple[str, ...]
    members: tuple[tuple[str, ...], ...]
    labels: np.ndarray

    def __len__(self) -> int:
        return len(self.labels)

    def label(self, row: int) -> int:
        return int(self.labels[row % len(self)])

    def video(self, row: int) -> Video:
        """row: begins anew behind the last one."""
        return _Strip(self.path, self.members[row % len(self)])


@lru_cache(maxsize=3)
def camera_clips(split: str) -> CameraClips:
    """``split`` of surveillance_fight; a tenth of its training clips is for validation. Raises OSError."""
    path = data_folder() / "video" / "surveillance_fight" / ("test.zip" if split == "test" else "train.zip")
    clips: dict[str, list[str]] = {}
    for member in _members(path):
        clips.setdefault(str(PurePosixPath(member).parent), []).append(member)
    names = np.array(sorted(clips))
    if split != "test":
        held_out = np.isin(
            np.arange(len(names)), np.random.default_rng(HELD_OUT_SEED).permutation(len(names))[: len(names) // 10]
        )
        names = names[held_out if split == "val" else ~held_out]
    labels = np.array([FIGHT_FOLDERS.index(name.split("/")[0]) for name in names], dtype=np.int64)
    return CameraClips(path, ("fight", "no fight"), tuple(tuple(clips[name]) for name in names), labels)


def _members(path: Path) -> list[str]:
    with zipfile.ZipFile(path) as archive:
        return sorted(n for n in archive.namelist() if n.endswith((".webp", ".jpg")) and "/masks/" not in n)


@lru_cache(maxsize=16)
def _archive(path: Path) -> zipfile.ZipFile:
    return zipfile.ZipFile(path)


def _picture(path: Path, member: str) -> Image.Image:
    return Image.open(io.BytesIO(_archive(path).read(member))).convert("RGB")


@lru_cache(maxsize=256)
def _photo(path: Path, member: str, part: tuple[float, float] | None = None) -> Image.Image:
    """RGB, its shorter side as long as a frame's. part: the corner of what is taken of it, in shares of its sides."""
    picture = Image.open(io.BytesIO(_archive(path).read(member)))
    if part is not None:
        x, y = part[0] * picture.width, part[1] * picture.height
        picture = picture.crop((int(x), int(y), int(x + PART * picture.width), int(y + PART * picture.height)))
    scale = SHORT_PX / min(picture.size)
    if picture.format == "JPEG":
        picture.draft("RGB", (round(picture.width * scale), round(picture.height * scale)))
        scale = SHORT_PX / min(picture.size)
    picture = picture.convert("RGB")
    if scale == 1:
        return picture
    size = round(picture.width * scale), round(picture.height * scale)
    return picture.resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0)


def _blown_up(pixels: np.ndarray) -> Image.Image:
    return Image.fromarray(pixels).resize((SHORT_PX, SHORT_PX), Image.Resampling.BICUBIC)


EVERYDAY_VIDEO = Dataset(
    "everyday-video",
    "everyday-video (made of photos of 30 everyday classes: real pictures, made motion)",
    "Composed of everyday30: Imagenette v2 photos (ImageNet: non-commercial research and education); animals and Intel "
    "scenes (not stated); clothing-dataset-small (CC0); person segmentation (not stated); fruit boxes (MIT repository, "
    "web photos). Between them CIFAR-10 (Krizhevsky 2009), BCCD (MIT), crop/weed fields (non-commercial research)",
    "video",
    lambda split, _side_px=0: made_clips(split),
)
SURVEILLANCE_FIGHT = Dataset(
    "surveillance_fight",
    "surveillance_fight (2 s of surveillance cameras, fight or no fight)",
    "Akti, Tataroglu & Ekenel 2019, Vision-based Fight Detection from Surveillance Cameras (repository under MIT)",
    "video",
    lambda split, _side_px=0: camera_clips(split),
)
