"""Videos: from a person's file to candidate frames that are decoded when they are asked for.

The file itself is kept on disk. Frames are decoded small; the memory for decoded ones is one for all videos and
bounded, so that many videos at once take no more than a few.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from dynviz.media import animation, container
from dynviz.media.animation import animation_format
from dynviz.media.candidates import FRAMES, give_back
from dynviz.media.container import ACCEPTED, Probe, container_format
from dynviz.media.errors import MediaError
from dynviz.media.sniff import named
from dynviz.media.source import read_bytes
from dynviz.media.spool import Spool
from dynviz.media.video import ArrayVideo, Video, small_jpeg

MAX_BYTES = 200_000_000
DECODERS = 2  # at once, in the whole process: a decoder of 4K frames takes a quarter of a GB
ENDINGS = ("mp4", "m4v", "mov", "3gp", "webm", "mkv", "avi", "ts", "mts", "m2ts", "gif", "webp")
NOT_A_SOURCE = "is not a video; give a path, bytes or a binary file."

Progress = Callable[[int, int], None]  # candidates decoded so far, and all; what it raises ends the reading

_DECODING = threading.BoundedSemaphore(DECODERS)


@dataclass(eq=False)
class VideoFile(Video):
    """A video on disk. decoded: how many candidates have been decoded so far (again counts again). decoding_ms: how
    long that took, scaling down included.
    """

    digest: str
    probe: Probe
    spool: Spool
    decoded: int = 0
    decoding_ms: float = 0.0
    _thumbnails: tuple[bytes, ...] = ()
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @property
    def times_s(self) -> np.ndarray:
        return np.array(self.probe.times_s)

    @property
    def width_px(self) -> int:
        return self.probe.width_px

    @property
    def height_px(self) -> int:
        return self.probe.height_px

    @property
    def duration_s(self) -> float:
        return self.probe.duration_s

    @property
    def notes(self) -> tuple[str, ...]:
        return self.probe.notes

    @property
    def is_ready(self) -> bool:
        """Has all of it been decoded once?"""
        return bool(self._thumbnails)

    def frame(self, index: int) -> np.ndarray:
        """(height, width, 3) uint8, candidate ``index``, at most ``candidates.KEPT_PX`` on its longer side; read-only.

        Decoded now if it is not remembered, from the nearest frame before it at which one can begin; the candidates
        passed on the way are remembered too. Raises IndexError, MediaError where the file cannot be decoded there.
        """
        if not 0 <= index < len(self):
            raise IndexError(f"the video has {len(self)} candidate frames, not one of number {index}")
        probe = self.probe
        if (found := FRAMES.get(self.digest, probe.pts[index])) is None:
            on_the_way = [k for k in range(index + 1) if probe.entries[k] == probe.entries[index]]
            found = dict(self._decode(on_the_way)).get(index)
            if found is None:
                raise MediaError(f"The frame at {probe.times_s[index]:.1f} s cannot be decoded; {ACCEPTED}.")
        return found

    def thumbnails(self, progress: Progress | None = None) -> tuple[bytes, ...]:
        """A small JPEG of every candidate, in order of time: one walk through the video, once. Frames that turn out to
        be damaged are no candidates any more.
        """
        with self._lock:
            if not self._thumbnails:
                small: dict[int, bytes] = {}
                for i, pixels in self._decode(range(len(self))):
                    small[i] = small_jpeg(pixels)
                    if progress:
                        progress(len(small), len(self))
                give_back()
                if not small:
                    raise MediaError(f"This video cannot be decoded; {ACCEPTED}.")
                if len(small) < len(self):
                    self.probe = self.probe.only(sorted(small))
                self._thumbnails = tuple(small[i] for i in sorted(small))
            return self._thumbnails

    def _decode(self, wanted: Sequence[int]) -> Iterator[tuple[int, np.ndarray]]:
        read = animation.decode if self.probe.kind in ("gif", "webp") else container.decode
        with _DECODING:
            began = time.perf_counter()
            for i, pixels in read(self.spool, self.probe, wanted):
                self.decoded += 1
                self.decoding_ms += (time.perf_counter() - began) * 1000
                FRAMES.put(self.digest, self.probe.pts[i], pixels)
                yield i, pixels
                began = time.perf_counter()


def video_format(data: bytes) -> str:
    """The reader for the video that ``data`` (its first KB will do) starts like; '' for anything else."""
    return container_format(data) or animation_format(data)


def read_video(source: Any) -> Video:
    """A path, bytes or a binary file, or a (frames, height, width, 3) uint8 array. Raises MediaError for whatever
    cannot be used.
    """
    if isinstance(source, Video):
        return source
    return ArrayVideo.of(source) if isinstance(source, np.ndarray) else read_video_file(source)


def read_video_file(source: Any) -> VideoFile:
    """Read a path, bytes or a binary file as a video; nothing but its first frame is decoded yet.

    Raises MediaError, and nothing else, where it cannot be used; its text is one sentence for the person.
    """
    spool = source if isinstance(source, Spool) else Spool(read_bytes(source, MAX_BYTES, NOT_A_SOURCE, ACCEPTED))
    if not len(spool):
        raise MediaError(f"The file is empty (0 bytes); {ACCEPTED}.")
    head = spool[:4096]
    kind = video_format(head)
    if not kind:
        raise MediaError(_refusal(head))
    read = animation.probe if kind in ("gif", "webp") else container.probe
    with _DECODING:
        found = read(spool, kind)
    return VideoFile(_digest(spool), found, spool)


def _digest(spool: Spool) -> str:
    found, reader = hashlib.sha256(), spool.open()
    while part := reader.read(1 << 20):
        found.update(part)
    return found.hexdigest()


def _refusal(head: bytes) -> str:
    what = named(head) or "a file of another kind"
    if what == "a video":
        return f"This kind of video cannot be read here: export it as MP4 (H.264); {ACCEPTED}."
    if what == "a picture":
        return f"This is a picture, not a video, whatever its name says: look at it on the Image page; {ACCEPTED}."
    return f"This is {what}, not a video that can be read here; {ACCEPTED}."
