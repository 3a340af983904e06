"""The candidate frames of a video: which of its frames a network may ask for, and the memory of decoded ones."""

from __future__ import annotations

import contextlib
import ctypes
import threading
from collections import OrderedDict

import numpy as np

from dynviz.media.video import MAX_CANDIDATES

KEPT_PX = 480  # longer side of a decoded frame
KEPT_BYTES = 100_000_000  # decoded frames of all videos together


def uniform(times_s: np.ndarray, duration_s: float) -> np.ndarray:
    """(candidates,) int, increasing: of frames that are shown from ``times_s`` on (increasing), those that stand in the
    middles of up to MAX_CANDIDATES equal parts of the video.
    """
    count = min(MAX_CANDIDATES, len(times_s))
    start = float(times_s[0])
    span = max(duration_s, float(times_s[-1]) - start)
    wanted = start + (np.arange(count) + 0.5) * span / max(count, 1)
    return np.unique((np.searchsorted(times_s, wanted, side="right") - 1).clip(0))


def kept_size(width: int, height: int, most: int = KEPT_PX) -> tuple[int, int]:
    """(width, height) of a frame with at most ``most`` px on its longer side."""
    scale = min(1.0, most / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))


class FrameMemory:
    """Decoded frames of all videos, the last used ones; others are decoded again when they are asked for."""

    def __init__(self, most_bytes: int = KEPT_BYTES) -> None:
        self._frames: OrderedDict[tuple[str, int], np.ndarray] = OrderedDict()
        self._most, self._size, self._lock = most_bytes, 0, threading.Lock()

    def get(self, video: str, frame: int) -> np.ndarray | None:
        with self._lock:
            found = self._frames.get((video, frame))
            if found is not None:
                self._frames.move_to_end((video, frame))
            return found

    def put(self, video: str, frame: int, pixels: np.ndarray) -> None:
        pixels.flags.writeable = False  # shared by everybody who looks at this video
        with self._lock:
            if (video, frame) in self._frames:
                return
            self._frames[video, frame] = pixels
            self._size += pixels.nbytes
            while self._size > self._most and len(self._frames) > 1:
                self._size -= self._frames.popitem(last=False)[1].nbytes


FRAMES = FrameMemory()


def give_back() -> None:
    """Memory that decoders have left behind goes back to the system: glibc keeps it, for every thread on its own."""
    with contextlib.suppress(OSError, AttributeError):  # another C library
        ctypes.CDLL("libc.so.6").malloc_trim(0)
