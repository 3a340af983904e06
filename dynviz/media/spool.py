"""Bytes that are too many to keep in memory: a temporary file, gone when nothing holds it any more."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import tempfile
import weakref
from typing import IO


class Spool:
    """Bytes on disk that read like ``bytes``: ``len``, slices, and as many readers at once as one likes.

    path: of the file, for other processes, while this lives.
    """

    def __init__(self, data: bytes = b"") -> None:
        self._begin(io.BytesIO(data))

    @classmethod
    def of(cls, file: IO[bytes]) -> Spool:
        """What ``file`` holds from where it stands, little by little."""
        spool = cls.__new__(cls)
        spool._begin(file)
        return spool

    def _begin(self, source: IO[bytes]) -> None:
        self._handle, self.path = tempfile.mkstemp(prefix="dynviz-")
        weakref.finalize(self, _end, self._handle, self.path)
        with open(self.path, "wb") as file:
            shutil.copyfileobj(source, file, 1 << 20)
            self._length = file.tell()
        held = f"/proc/{os.getpid()}/fd/{self._handle}"
        if os.path.exists(held):  # Linux: without a name it is gone for sure with this process, however that ends
            os.remove(self.path)
            self.path = held

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, part: slice) -> bytes:
        start, stop, step = part.indices(self._length)
        return self.read_at(start, max(0, stop - start))[::step]

    def __bytes__(self) -> bytes:
        return self.read_at(0, self._length)

    def read_at(self, offset: int, count: int) -> bytes:
        """At most ``count`` bytes from ``offset`` on."""
        parts = []
        while count > 0 and (part := os.pread(self._handle, min(count, 1 << 24), offset)):
            parts.append(part)
            offset, count = offset + len(part), count - len(part)
        return b"".join(parts)

    def open(self) -> io.RawIOBase:
        """A reader of its own, at the beginning."""
        return _Reader(self)


def _end(handle: int, path: str) -> None:
    os.close(handle)
    with contextlib.suppress(OSError):
        os.remove(path)


class _Reader(io.RawIOBase):
    """What a decoder is given: it reads and seeks, and disturbs no other reader."""

    def __init__(self, spool: Spool) -> None:
        self._spool, self._at = spool, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: len(self._spool)}[whence]
        self._at = max(0, base + offset)
        return self._at

    def read(self, count: int = -1) -> bytes:
        left = max(0, len(self._spool) - self._at)
        part = self._spool.read_at(self._at, left if count is None or count < 0 else min(count, left))
        self._at += len(part)
        return part
