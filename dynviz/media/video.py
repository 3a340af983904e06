"""Videos: the candidate frames that networks choose from, uniform in time and decoded only when somebody asks.

A network never looks at more than MAX_CANDIDATES frames of a video. A frame that nobody asks for is not decoded (its
thumbnail for the timeline is another matter: a trace keeps one of every candidate).
"""

from __future__ import annotations

import hashlib
import io
from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
from PIL import Image

from dynviz.media.description import Media
from dynviz.media.errors import MediaError
from dynviz.media.image import FRAMINGS, PREVIEW_SIDE_PX, Box

MAX_CANDIDATES = 64
THUMBNAIL_PX = 320  # the longer side: large enough to be looked at one by one
THUMBNAIL_QUALITY, PREVIEW_QUALITY = 80, 88


class Video(ABC):
    """A video as networks are given it: ``len`` candidate frames, 1 to MAX_CANDIDATES.

    digest: sha256 of the file's bytes (of the pixels where there is no file). width_px, height_px: of the original,
    upright. times_s: (n,) float64, when each candidate is shown, in seconds. notes: sentences about what was assumed or
    left out, as for pictures.
    """

    digest: str
    width_px: int
    height_px: int
    times_s: np.ndarray
    notes: tuple[str, ...] = ()

    @abstractmethod
    def frame(self, index: int) -> np.ndarray:
        """(H, W, 3) uint8, upright, of the original's proportions but maybe smaller. index: 0..n-1.

        The same array for the same index; decoded when it is asked for. Raises ``MediaError`` where it is damaged.
        """

    def __len__(self) -> int:
        return len(self.times_s)

    def seen_box(self, framing: str = "crop") -> Box:
        """The square that a network sees, (x0, y0, x1, y1) in pixels of the original; with ``fit`` it reaches beyond.

        Raises ValueError for another framing.
        """
        if framing not in FRAMINGS:
            raise ValueError(f"framing must be one of {', '.join(FRAMINGS)}, not {framing!r}")
        side = (min if framing == "crop" else max)(self.width_px, self.height_px)
        left, top = (self.width_px - side) / 2, (self.height_px - side) / 2
        return left, top, left + side, top + side

    def thumbnails(self) -> tuple[bytes, ...]:
        """A small JPEG of every candidate, in order of time."""
        return tuple(small_jpeg(self.frame(index)) for index in range(len(self)))

    def media(self, box_px: Box) -> Media:
        """The description that a trace keeps: a thumbnail and a time of every candidate, the middle one larger."""
        thumbnails = self.thumbnails()  # first: of a file that turns out to be damaged there may be fewer afterwards
        return Media(
            "video",
            self.digest,
            self.width_px,
            self.height_px,
            box_px,
            small_jpeg(self.frame(len(self) // 2), PREVIEW_SIDE_PX, PREVIEW_QUALITY),
            thumbnails=thumbnails,
            times_s=np.asarray(self.times_s, dtype=np.float64),
            notes=self.notes,
        )


@dataclass(frozen=True, eq=False)
class ArrayVideo(Video):
    """A video whose candidate frames are in memory. frames: (n, H, W, 3) uint8; times_s: (n,)."""

    frames: np.ndarray
    times_s: np.ndarray
    notes: tuple[str, ...] = ()

    @classmethod
    def of(cls, frames: np.ndarray, frames_a_second: float = 8.0) -> ArrayVideo:
        """At most MAX_CANDIDATES of ``frames``, spread evenly. Raises MediaError for what is no array of frames."""
        if not isinstance(frames, np.ndarray) or frames.dtype != np.uint8 or frames.ndim != 4 or frames.shape[3] != 3:
            raise MediaError("Frames of a video are a uint8 array of shape (frames, height, width, 3).")
        if not frames.size:
            raise MediaError("This video has no frames.")
        chosen = spread(len(frames), MAX_CANDIDATES)
        return cls(np.ascontiguousarray(frames[chosen]), chosen / frames_a_second)

    def __post_init__(self) -> None:
        if not 1 <= len(self.frames) <= MAX_CANDIDATES or len(self.frames) != len(self.times_s):
            raise ValueError(f"{len(self.frames)} frames and {len(self.times_s)} times; 1 to {MAX_CANDIDATES} of each")

    @property
    def digest(self) -> str:
        told = "x".join(map(str, self.frames.shape)).encode()
        return hashlib.sha256(told + self.frames.tobytes() + self.times_s.tobytes()).hexdigest()

    @property
    def width_px(self) -> int:
        return self.frames.shape[2]

    @property
    def height_px(self) -> int:
        return self.frames.shape[1]

    def frame(self, index: int) -> np.ndarray:
        return self.frames[index]


def spread(count: int, most: int) -> np.ndarray:
    """(min(count, most),) int64: ``most`` of ``count`` frames, the middles of equal stretches of time."""
    taken = min(count, most)
    return ((np.arange(taken) + 0.5) * count / taken).astype(np.int64)


def small_jpeg(frame: np.ndarray, longest_px: int = THUMBNAIL_PX, quality: int = THUMBNAIL_QUALITY) -> bytes:
    """A frame, (H, W, 3) uint8, as a JPEG of at most ``longest_px`` on its longer side."""
    picture, buffer = Image.fromarray(frame), io.BytesIO()
    picture.thumbnail((longest_px, longest_px), Image.Resampling.BILINEAR, reducing_gap=3.0)
    picture.save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()
