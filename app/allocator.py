"""Memory that threads free goes back: glibc keeps it for each of them, in up to eight arenas a core, and a server of
twenty sessions has forty threads.
"""

from __future__ import annotations

import contextlib
import ctypes

ARENAS = 2
_M_ARENA_MAX = -8  # malloc.h


def bound() -> None:
    """Once, before there are many threads; nothing where there is another C library."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL("libc.so.6").mallopt(_M_ARENA_MAX, ARENAS)
