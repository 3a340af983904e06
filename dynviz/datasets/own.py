"""A person's own labelled pictures, for ``dynviz evaluate --data``: read as an upload is, so that both agree."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import numpy as np
import torch

from dynviz.datasets.pictures import Split
from dynviz.media import MediaError
from dynviz.media.image import ENDINGS, MAX_BYTES, read_image


def own_pictures(path: Path, side_px: int, classes: tuple[str, ...]) -> Split:
    """The pictures of a folder or zip laid out as CLASS/file, each one's centre square at ``side_px``.

    A folder counts for the class of its name, whatever the case, and ``golf_ball`` is ``golf ball``; other folders,
    hidden files and files that are no pictures by their ending are left out. Raises ValueError where nothing is left,
    MediaError naming the file where one cannot be read.
    """
    index = {_folded(name): i for i, name in enumerate(classes)}
    views, labels, names = [], [], []
    for name, data in _files(path):
        label = index.get(_folded(PurePosixPath(name).parent.name))
        if label is None:
            continue
        try:
            view, _ = read_image(data).view(side_px)
        except MediaError as error:
            raise MediaError(f"{name}: {error}") from error
        views.append(view.transpose(2, 0, 1))
        labels.append(label)
        names.append(name)
    if not views:
        raise ValueError(f"{path} holds no pictures laid out as CLASS/file, with CLASS one of: {', '.join(classes)}")
    return Split(torch.from_numpy(np.stack(views)), torch.tensor(labels), classes, tuple(names))


def _folded(name: str) -> str:
    return " ".join(name.replace("_", " ").replace("-", " ").split()).casefold()


def _files(path: Path) -> Iterator[tuple[str, bytes]]:
    """(CLASS/file, its first bytes: one more than is accepted, so that a bomb in a zip is never unpacked)."""
    if path.is_dir():
        root = path.resolve().parent
        for file in sorted(path.resolve().rglob("*")):
            name = file.relative_to(root).as_posix()
            if _is_picture(name) and file.is_file():
                with file.open("rb") as stream:
                    yield name, stream.read(MAX_BYTES + 1)
        return
    with zipfile.ZipFile(path) as archive:
        for name in sorted(archive.namelist()):
            if _is_picture(name):
                try:
                    with archive.open(name) as stream:
                        data = stream.read(MAX_BYTES + 1)
                except (RuntimeError, EOFError, zipfile.BadZipFile, zlib.error) as error:  # a password, damage
                    raise MediaError(f"{name} cannot be unpacked from {path}: {error}") from error
                yield name, data


def _is_picture(name: str) -> bool:
    path = PurePosixPath(name)
    hidden = any(part.startswith((".", "__MACOSX")) for part in path.parts)  # such as what macOS adds to its zips
    return path.suffix.lower().lstrip(".") in ENDINGS and not hidden
