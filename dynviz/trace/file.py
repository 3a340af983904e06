"""Trace files: a zip of ``trace.json`` (versioned), ``arrays.npz`` (no pickle) and the pictures that a trace holds.

Equal content gives equal bytes. A file may come from anybody: sizes are bounded from the headers and again while
reading, every value is checked against its declared type, and nothing is ever unpickled or written to disk.
"""

from __future__ import annotations

import io
import json
import math
import os
import re
import uuid
import zipfile
from pathlib import Path
from typing import Any, Self, TypeVar

import numpy as np

from dynviz.media.errors import MediaError
from dynviz.media.image import MAX_PIXELS, PREVIEW_SIDE_PX, picture_size, read_image
from dynviz.media.sniff import picture_format
from dynviz.trace.codec import PICTURE_ENDINGS, PICTURE_NAME, Misfit, Parts, decode, encode

FORMAT = "dynviz-trace"
VERSION = 1
MAX_FILE_BYTES = 64_000_000
MAX_JSON_BYTES = 8_000_000
MAX_ARRAYS_BYTES = 64_000_000
MAX_PICTURES_BYTES = 16_000_000  # all together
MAX_MEMBERS = 520  # the JSON, the arrays, the preview and some hundred thumbnails
MAX_ARRAYS = 20_000
DIRECTORY_ENTRY_BYTES = 128  # one member's entry in a zip's directory, with a name of up to 80 characters
ARRAY_NAME = re.compile(r"[a-z_]{1,32}-\d{1,6}\.npy")
EPOCH = (1980, 1, 1, 0, 0, 0)  # the oldest date a zip can hold; a real one would make equal traces differ
ACCEPTED = "a trace file saved by dynviz is accepted"

T = TypeVar("T", bound="Stored")


class TraceFileError(ValueError):
    """A trace file that cannot be used. Its text is one sentence for the person."""


class Stored:
    """What can be kept in a trace file: a dataclass of which ``codec`` knows every part."""

    def save(self, path: str | Path) -> Path:
        """Write a trace file, a zip of versioned JSON and npz without pickle, and return its path.

        The file appears whole or not at all. Raises OSError where it cannot be written, TraceFileError where it could
        not be read again.
        """
        path = Path(path)
        data = trace_bytes(self)
        temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}.tmp")
        try:
            temporary.write_bytes(data)
            os.replace(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)
        return path

    @classmethod
    def load(cls, source: str | Path | bytes) -> Self:
        """Read a trace file from its path or its bytes. Raises TraceFileError, and nothing else, where it cannot."""
        try:
            return _parse(cls, source if isinstance(source, bytes) else _read_file(Path(source)))
        except TraceFileError:
            raise
        except Misfit as error:
            raise TraceFileError(f"This trace file is damaged or was changed ({error}); {ACCEPTED}.") from error
        except Exception as error:  # BadZipFile, zlib.error, JSONDecodeError, RecursionError, MemoryError, ...
            raise TraceFileError(f"This trace file is damaged or incomplete and cannot be read; {ACCEPTED}.") from error

    def check(self) -> None:
        """Raise Misfit where what was read does not fit together, though every part is of its declared type."""


def trace_bytes(trace: Stored) -> bytes:
    """The bytes of the trace file. Raises TraceFileError for a trace that could not be read again."""
    parts = Parts()
    try:
        content = {"format": FORMAT, "version": VERSION, "trace": encode(trace, parts)}
        document = json.dumps(content, indent=1, allow_nan=False)
        members = {"trace.json": document.encode(), "arrays.npz": _pack_arrays(parts.arrays), **parts.pictures}
    except (ValueError, TypeError) as error:
        raise TraceFileError(f"This trace cannot be saved: {error}") from error
    data = _zip(members, zipfile.ZIP_DEFLATED)
    type(trace).load(data)
    return data


def _read_file(path: Path) -> bytes:
    if not path.is_file():
        raise TraceFileError(f"There is no file {str(path)!r}; {ACCEPTED}.")
    try:
        with path.open("rb") as file:
            return file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise TraceFileError(f"{str(path)!r} cannot be read ({error.strerror}); {ACCEPTED}.") from error


def _parse(kind: type[T], data: bytes) -> T:
    if not data:
        raise TraceFileError(f"This file is empty (0 bytes); {ACCEPTED}.")
    if len(data) > MAX_FILE_BYTES:
        raise TraceFileError(f"This file is larger than {MAX_FILE_BYTES // 1_000_000} MB; {ACCEPTED}.")
    if not data.startswith(b"PK"):
        raise TraceFileError(f"This is not a trace file; {ACCEPTED}.")
    with _open_zip(data, MAX_MEMBERS) as archive:
        names = archive.namelist()
        if "trace.json" not in names:
            raise TraceFileError(f"This zip archive holds no trace; {ACCEPTED}.")
        content = _trace_content(_read_member(archive, "trace.json", MAX_JSON_BYTES))
        if "arrays.npz" not in names:
            raise Misfit("it lacks its part arrays.npz")
        pictures = [name for name in names if name not in ("trace.json", "arrays.npz")]
        if bad := [name for name in pictures if not PICTURE_NAME.fullmatch(name)]:
            raise Misfit(f"it holds a file of the unknown name {bad[0][:60]!r}")
        if sum(archive.getinfo(name).file_size for name in pictures) > MAX_PICTURES_BYTES:
            raise Misfit(f"its pictures are larger than {MAX_PICTURES_BYTES // 1_000_000} MB")
        parts = Parts(
            _unpack_arrays(_read_member(archive, "arrays.npz", MAX_ARRAYS_BYTES)),
            {name: _read_member(archive, name, archive.getinfo(name).file_size) for name in pictures},
        )
    _check_pictures(parts.pictures)
    trace = decode(kind, content, parts, "trace")
    if left := [*parts.arrays, *parts.pictures]:
        raise Misfit(f"nothing refers to its part {left[0]!r}")
    trace.check()
    return trace


def _trace_content(document: bytes) -> Any:
    """The trace in a parsed ``trace.json``, after format and version were found right."""
    content = json.loads(document, parse_constant=_no_constant)
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise TraceFileError(f"This file holds no dynviz trace; {ACCEPTED}.")
    version = content.get("version")
    if isinstance(version, int) and version > VERSION:
        raise TraceFileError(
            f"This trace file was written by a newer version of dynviz (format {str(version)[:20]}, this one reads up "
            f"to {VERSION}); update dynviz to open it."
        )
    if version != VERSION or isinstance(version, bool):
        raise TraceFileError(f"This trace file has no version that dynviz knows; {ACCEPTED}.")
    if content.keys() != {"format", "version", "trace"}:
        raise Misfit("trace.json has missing or unknown fields")
    return content["trace"]


def _no_constant(name: str) -> None:
    raise Misfit(f"trace.json holds a bare {name}, which JSON does not know")


def _check_pictures(pictures: dict[str, bytes]) -> None:
    """Every picture must be one; their sizes are looked at first, so that none costs much to decode."""
    total = 0
    for name, data in pictures.items():
        try:
            width, height = picture_size(data)
            total += width * height
            if max(width, height) > PREVIEW_SIDE_PX or total > MAX_PIXELS:
                raise Misfit(f"its part {name} has more than {PREVIEW_SIDE_PX} px a side, or all have too many")
            if PICTURE_ENDINGS.get(picture_format(data)) != name.rsplit(".", 1)[1]:
                raise Misfit(f"its part {name} is of another format than its name says")
            read_image(data)
        except MediaError as error:
            raise Misfit(f"its part {name} is not a picture") from error


def _zip(members: dict[str, bytes], compression: int) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in members.items():
            info = zipfile.ZipInfo(name, EPOCH)
            info.create_system = 3  # the same bytes from every operating system
            info.external_attr = 0o644 << 16
            archive.writestr(info, data, compression)
    return buffer.getvalue()


def _open_zip(data: bytes, most_members: int) -> zipfile.ZipFile:
    """A zip whose directory is small enough to be parsed and names every member once."""
    end = data[-22:]  # the end of the directory; dynviz writes no comment after it
    if not end.startswith(b"PK\x05\x06") or end[-2:] != b"\0\0" or data[-42:-38] == b"PK\x06\x07":  # or of 64 bits
        raise zipfile.BadZipFile
    if int.from_bytes(end[12:16], "little") > most_members * DIRECTORY_ENTRY_BYTES:
        raise Misfit(f"it holds more than {most_members:,} parts")
    archive = zipfile.ZipFile(io.BytesIO(data))
    names = archive.namelist()
    if len(names) > most_members or len(set(names)) != len(names):
        raise Misfit(f"it holds more than {most_members:,} parts, or two of one name")
    return archive


def _read_member(archive: zipfile.ZipFile, name: str, most_bytes: int) -> bytes:
    """A member's bytes, its CRC verified, never more than ``most_bytes`` in memory whatever its header says."""
    info = archive.getinfo(name)
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) or info.flag_bits & 0x1:
        raise Misfit(f"its part {name} is encrypted or compressed in an unknown way")
    if info.file_size <= most_bytes:
        with archive.open(info) as member:
            data = member.read(most_bytes + 1)
        if len(data) <= most_bytes:
            return data
    raise Misfit(f"its part {name} is larger than {most_bytes // 1_000_000} MB")


def _pack_arrays(arrays: dict[str, np.ndarray]) -> bytes:
    members = {}
    for name, array in arrays.items():
        buffer = io.BytesIO()
        np.lib.format.write_array(buffer, np.asarray(array, order="C"), version=(1, 0), allow_pickle=False)
        members[f"{name}.npy"] = buffer.getvalue()
    return _zip(members, zipfile.ZIP_STORED)  # the outer zip compresses them all at once


def _unpack_arrays(data: bytes) -> dict[str, np.ndarray]:
    with _open_zip(data, MAX_ARRAYS) as archive:
        names = archive.namelist()
        if sum(archive.getinfo(name).file_size for name in names) > MAX_ARRAYS_BYTES:
            raise Misfit(f"its arrays are larger than {MAX_ARRAYS_BYTES // 1_000_000} MB")
        if bad := [name for name in names if not ARRAY_NAME.fullmatch(name)]:
            raise Misfit(f"it holds an array of the unknown name {bad[0][:60]!r}")
        return {name[:-4]: _unpack_array(_read_member(archive, name, MAX_ARRAYS_BYTES), name) for name in names}


def _unpack_array(data: bytes, name: str) -> np.ndarray:
    """One ``.npy``. Its header is held against the bytes there are before anything is allocated for it."""
    stream = io.BytesIO(data)
    if np.lib.format.read_magic(stream) != (1, 0):
        raise Misfit(f"its array {name} is of an unknown version")
    shape, fortran_order, dtype = np.lib.format.read_array_header_1_0(stream)
    if dtype.kind not in "biuf" or dtype.itemsize > 8 or fortran_order:
        raise Misfit(f"its array {name} holds {dtype}, not plain numbers")
    body = data[stream.tell() :]
    if any(length < 0 for length in shape) or math.prod(shape) * dtype.itemsize != len(body):
        raise Misfit(f"its array {name} has another size than it says")
    return np.frombuffer(body, dtype).reshape(shape).copy()
