"""The bytes of what a person gave: bytes, a path or a binary file, never more than a limit."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from dynviz.media.errors import MediaError


def read_bytes(source: Any, max_bytes: int, wrong_kind: str, accepted: str) -> bytes:
    """At most ``max_bytes`` of ``source``. wrong_kind, accepted: what the MediaError says of an object that is none of
    these, after its type, and of what is accepted.
    """
    if isinstance(source, bytes | bytearray | memoryview):
        data = bytes(source)
    elif isinstance(source, str | os.PathLike):
        path = Path(source)
        if not path.is_file():
            raise MediaError(f"There is no file {str(path)!r}; {accepted}.")
        try:
            with path.open("rb") as file:
                data = file.read(max_bytes + 1)
        except OSError as error:
            raise MediaError(f"{str(path)!r} cannot be read ({error.strerror}); {accepted}.") from error
    elif hasattr(source, "read"):
        if hasattr(source, "seek"):
            source.seek(0)  # an upload may have been read before
        data = source.read(max_bytes + 1)
        if not isinstance(data, bytes):
            raise MediaError(f"The file must be opened in binary mode; {accepted}.")
    else:
        raise MediaError(f"A {type(source).__name__} {wrong_kind}")
    if len(data) > max_bytes:
        raise MediaError(f"The file is larger than {max_bytes // 1_000_000} MB; {accepted}.")
    return data
