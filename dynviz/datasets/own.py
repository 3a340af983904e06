"""A person's own labelled pictures, for ``dynviz evaluate --data``: read as an upload is, so that both agree."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path, PurePosixPath

import numpy as np
import torch

from dynviz.datasets.pictures import Split
from dynviz.media import MediaError
from dynviz.media.image import ENDINGS, MAX_BYTES, read_image
from dynviz.results.kinds import everyday_words

Progress = Callable[[int, int], None]
NAMED = 40  # classes that a sentence lists


def own_pictures(
    path: Path,
    side_px: int,
    classes: tuple[str, ...],
    left_out: list[str] | None = None,
    progress: Progress | None = None,
) -> Split:
    """The pictures of a folder or zip laid out as CLASS/file, each one's centre square at ``side_px``.

    A folder counts for the class of its name, whatever the case, and ``golf_ball`` is ``golf ball``; one that is called
    by an everyday word for several of ``classes`` (``kinds.everyday_words``), which then are all right, is a class of
    its own: its row of ``accepted`` says which they are. Hidden files are no one's. left_out: gets a sentence for every
    other file that is not used, with its name: of a class that is not known, no picture by its ending, damaged.
    progress: called with the files read and all there are. Raises ValueError where nothing is left.
    """
    left_out = [] if left_out is None else left_out
    words = everyday_words(classes)
    called = (*classes, *words)  # a word stands before a class of the same name, which is one of its kind
    index = {_folded(name): i for i, name in enumerate(called)}
    views, labels, names = [], [], []
    for name, read in _files(path, progress):
        folder = PurePosixPath(name).parent.name
        label = index.get(_folded(folder), index.get(_folded(folder).removesuffix("s")))
        if label is None:
            left_out.append(f"{name}: it knows no class {folder!r}")
            continue
        if PurePosixPath(name).suffix.lower().lstrip(".") not in ENDINGS:
            left_out.append(f"{name}: not a picture by its ending")
            continue
        try:
            view, _ = read_image(read()).view(side_px)
        except (MediaError, OSError) as error:
            left_out.append(f"{name}: {str(error) or type(error).__name__}")
            continue
        views.append(view.transpose(2, 0, 1))
        labels.append(label)
        names.append(name)
    if not views:
        first = f" ({left_out[0]})" if left_out else ""
        known = ", ".join(classes[:NAMED])
        if len(classes) > NAMED:
            known += f" and {len(classes) - NAMED:,} more"
        raise ValueError(f"{path} holds no pictures laid out as CLASS/file, with CLASS one of: {known}{first}")
    images = torch.from_numpy(np.stack(views))
    if max(labels) < len(classes):
        return Split(images, torch.tensor(labels), classes, tuple(names))
    accepted = np.zeros((len(called), len(classes)), dtype=bool)
    np.fill_diagonal(accepted, True)
    for row, right in enumerate(words.values(), start=len(classes)):
        accepted[row, [classes.index(name) for name in right]] = True
    return Split(images, torch.tensor(labels), called, tuple(names), answers=classes, accepted=accepted)


def _folded(name: str) -> str:
    return " ".join(name.replace("_", " ").replace("-", " ").split()).casefold()


def _files(path: Path, progress: Progress | None) -> Iterator[tuple[str, Callable[[], bytes]]]:
    """(CLASS/file, what reads its first bytes: one more than is accepted, so that a bomb in a zip stays packed)."""
    if path.is_dir():
        root = path.resolve().parent
        files = [file for file in sorted(path.resolve().rglob("*")) if file.is_file()]
        found = [(file.relative_to(root).as_posix(), partial(_from_disk, file)) for file in files]
        yield from _counted(found, progress)
        return
    with zipfile.ZipFile(path) as archive:
        names = sorted(name for name in archive.namelist() if not name.endswith("/"))
        yield from _counted([(name, partial(_from_zip, archive, name)) for name in names], progress)


def _counted(
    found: list[tuple[str, Callable[[], bytes]]], progress: Progress | None
) -> Iterator[tuple[str, Callable[[], bytes]]]:
    seen = [(name, read) for name, read in found if not _is_hidden(name)]
    for done, (name, read) in enumerate(seen, start=1):
        yield name, read
        if progress:
            progress(done, len(seen))


def _from_disk(file: Path) -> bytes:
    with file.open("rb") as stream:
        return stream.read(MAX_BYTES + 1)


def _from_zip(archive: zipfile.ZipFile, name: str) -> bytes:
    try:
        with archive.open(name) as stream:
            return stream.read(MAX_BYTES + 1)
    except (RuntimeError, EOFError, NotImplementedError, zipfile.BadZipFile, zlib.error) as error:  # a password, damage
        raise MediaError(f"cannot be unpacked ({error})") from error


def _is_hidden(name: str) -> bool:
    """Such as what macOS adds to its zips and Windows to its folders."""
    path = PurePosixPath(name)
    return any(part.startswith((".", "__MACOSX")) for part in path.parts) or path.name in ("Thumbs.db", "desktop.ini")
