"""Small pictures or the first words of test samples, by their index in an evaluation table.

``DYNVIZ_DATA`` has to point to the data.

The order is that of ``dynviz.datasets.pictures.load_split``, without decoding the whole split and without torch.
"""

from __future__ import annotations

import gzip
import io
import os
import re
import zipfile
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

import numpy as np
from PIL import Image

from dynviz.media.image import centre_square
from dynviz.zoo import ModelCard

ENDINGS = {".webp", ".jpg", ".jpeg", ".png", ".bmp"}


class NoPictures(LookupError):
    """The test samples are not here; the message says why."""


def thumbnails(card: ModelCard, indices: Sequence[int], side_px: int = 56) -> list[bytes]:
    """WebP files of ``side_px`` x ``side_px`` of the card's test samples ``indices``. Raises NoPictures."""
    named = os.environ.get("DYNVIZ_DATA", "")
    if not named or not Path(named).is_dir():
        raise NoPictures("DYNVIZ_DATA names no folder")
    folder = Path(named) / folder_name(card.data)
    table, archive = folder / "test.npz", folder / "test.zip"
    count = card.operating_points[0].n
    try:
        read = _from_table(table, indices, count) if table.is_file() else _from_zip(archive, indices, count)
        return [_small(data, side_px) for data in read]
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise NoPictures(f"{folder} does not hold the test pictures of this network ({error})") from error


def openings(card: ModelCard, indices: Sequence[int], characters: int = 160) -> list[str]:
    """The first ``characters`` of the card's test texts ``indices``. Raises NoPictures."""
    named = os.environ.get("DYNVIZ_DATA", "")
    folders = (Path(named) / "text").glob("*/") if named else ()
    folder = next((f for f in folders if re.sub(r"[^a-z0-9]", "", f.name).startswith(folder_name(card.data))), None)
    if folder is None:
        raise NoPictures("DYNVIZ_DATA names no folder with these texts")
    try:
        with gzip.open(folder / "test.tsv.gz", "rt", encoding="utf-8", newline="\n") as lines:
            texts = [line.rstrip("\n").partition("\t")[2] for line in lines]
        _check_count(len(texts), card.operating_points[0].n)
    except (OSError, ValueError) as error:
        raise NoPictures(f"{folder} does not hold the test texts of this network ({error})") from error
    return [texts[i][:characters] + ("…" if len(texts[i]) > characters else "") for i in indices]


def folder_name(data: str) -> str:
    """What the folder of a data set is called that cards call ``data``: 'CIFAR-10 (JPEG)' lies in 'cifar10'."""
    return re.sub(r"[^a-z0-9]", "", data.split(" (")[0].lower())


def _from_zip(path: Path, indices: Sequence[int], count: int) -> list[bytes]:
    """CLASS/file pictures in the order of their names."""
    with zipfile.ZipFile(path) as archive:
        names = [name for name in sorted(archive.namelist()) if PurePosixPath(name).suffix.lower() in ENDINGS]
        names = [name for name in names if len(PurePosixPath(name).parts) >= 2]
        _check_count(len(names), count)
        return [archive.read(names[i]) for i in indices]


def _from_table(path: Path, indices: Sequence[int], count: int) -> list[bytes]:
    """JPEG files end to end in one array, with the place of each."""
    with np.load(path, allow_pickle=False) as archive:
        stream, offset = archive["jpeg"], archive["offset"]
    _check_count(len(offset) - 1, count)
    return [stream[offset[i] : offset[i + 1]].tobytes() for i in indices]


def _check_count(found: int, wanted: int) -> None:
    if found != wanted:
        raise ValueError(f"{found:,} pictures instead of {wanted:,}")


def _small(data: bytes, side_px: int) -> bytes:
    picture = Image.fromarray(centre_square(Image.open(io.BytesIO(data)).convert("RGB"), side_px))
    encoded = io.BytesIO()
    picture.save(encoded, "WEBP", quality=70)
    return encoded.getvalue()
