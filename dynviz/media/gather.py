"""Many inputs at once: files, zips and rows of a table, made into one list. All limits on their number are here.

Nothing is unpacked to disk. What cannot be used is a sentence and costs no other.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from dynviz.media.errors import MediaError
from dynviz.media.table import Table

MOST = 500  # inputs at a go
MAX_FILE_BYTES = 40_000_000
MAX_ALL_BYTES = 400_000_000  # of one go, unpacked
MAX_ENTRIES = 20_000  # that a zip may list
ZIP = (b"PK\x03\x04", b"PK\x05\x06")  # and an empty one
SKIPPED = ("__MACOSX",)


@dataclass(frozen=True)
class Item:
    """One input. name: with its folders. kind: the folder it lay in, its class where folders name one, else ''."""

    name: str
    kind: str
    data: bytes


@dataclass(frozen=True)
class Gathered:
    """problems: sentences on what was left out."""

    items: tuple[Item, ...]
    problems: tuple[str, ...]


def gather(files: Sequence[tuple[str, bytes]]) -> Gathered:
    """Files by name, zips opened; at most ``MOST`` of them. Names may hold folders, the last of which is the class.

    Raises MediaError where there is nothing to look at.
    """
    items: list[Item] = []
    problems: list[str] = []
    left_out = 0
    for name, data in files:
        if data[:4] in ZIP and not _is_trace(data):
            found, more = _unpacked(name, data, problems, MOST - len(items))
            items += found
            left_out += more
        elif _hidden(name):
            continue
        elif len(items) >= MOST:
            left_out += 1
        elif len(data) > MAX_FILE_BYTES:
            problems.append(f"{name} is larger than {MAX_FILE_BYTES // 1_000_000} MB and was left out.")
        else:
            items.append(Item(name, PurePosixPath(name).parent.name, data))
    if left_out:
        problems.append(f"{left_out:,} more were left out: {MOST} at a go.")
    if not items:
        reason = f" {problems[0]}" if problems else ""
        raise MediaError(f"There is nothing here to look at.{reason}")
    return Gathered(tuple(items), tuple(problems))


def rows_of(table: Table, column: int, kind: int | None = None) -> Gathered:
    """The cells of a table's column as texts; ``kind``: the column that names their class. Raises MediaError."""
    items = []
    for row, cells in enumerate(table.rows, 1):
        if cells[column].strip() and len(items) < MOST:
            told = "" if kind is None else cells[kind].strip()
            items.append(Item(f"row {row}", told, cells[column].encode()))
    full = sum(bool(cells[column].strip()) for cells in table.rows)
    if not items:
        raise MediaError(f"There is nothing in the column {table.names[column]}.")
    problems = (f"{full - len(items):,} more rows were left out: {MOST} at a go.",) if full > len(items) else ()
    return Gathered(tuple(items), problems)


def _unpacked(name: str, data: bytes, problems: list[str], room: int) -> tuple[list[Item], int]:
    """The files of a zip in order, at most ``room``, and how many more there are."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        entries = [info for info in archive.infolist() if not info.is_dir() and not _hidden(info.filename)]
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        problems.append(f"{name} is a damaged zip ({error}).")
        return [], 0
    if len(entries) > MAX_ENTRIES:
        problems.append(f"{name} lists {len(entries):,} files; a zip of at most {MAX_ENTRIES:,} is accepted.")
        return [], 0
    if sum(info.file_size for info in entries[:room]) > MAX_ALL_BYTES:
        most = MAX_ALL_BYTES // 1_000_000
        problems.append(f"{name} would unpack to more than {most} MB; a smaller one is accepted.")
        return [], 0
    found: list[Item] = []
    for info in entries[: max(room, 0)]:
        if info.filename.lower().endswith(".zip"):
            problems.append(f"{info.filename} is a zip within {name}: it was not opened.")
            continue
        if info.file_size > MAX_FILE_BYTES:
            problems.append(f"{info.filename} is larger than {MAX_FILE_BYTES // 1_000_000} MB and was left out.")
            continue
        try:
            with archive.open(info) as file:
                own = file.read(MAX_FILE_BYTES + 1)  # what an entry says of its own size may be a lie
        except (zipfile.BadZipFile, zlib.error, OSError, RuntimeError, NotImplementedError, EOFError) as error:
            problems.append(f"{info.filename} could not be unpacked ({str(error) or type(error).__name__}).")
            continue
        if len(own) > info.file_size:
            problems.append(f"{info.filename} is larger than its zip says and was left out.")
            continue
        found.append(Item(info.filename, PurePosixPath(info.filename).parent.name, own))
    return found, max(len(entries) - max(room, 0), 0)


def _hidden(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return any(part.startswith(".") or part in SKIPPED for part in parts)


def _is_trace(data: bytes) -> bool:
    """A trace file is a zip of arrays."""
    return b".npy" in data[:100]
