"""What was looked at, as a trace keeps it: one description for inputs of every kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

Modality = Literal["image", "text", "video", "series"]


@dataclass(frozen=True, eq=False)
class Media:
    """What was looked at, complete enough for views and replay.

    digest: sha256 of the original bytes. width_px, height_px: of the original, after its EXIF orientation was applied.
    box_px: (x0, y0, x1, y1), the part that the network saw, in pixels of the original (it may reach beyond the
    picture when the whole picture was fitted into a square). preview: an encoded picture of at most 1,600 px.
    text: as typed; spans: (steps, 2) int, start and end of each word in it, in characters;
    unknown: (steps,) bool, the words that are not in the network's vocabulary. series: (samples,), or
    (samples, channels), rate_hz of them a second; a step reads frame_samples of them and the next begins step_samples
    later (0: a sample is a step). beats: (beats, 2) int, sample of each heartbeat and whether it is ventricular (1),
    where that is known. thumbnails: of the candidate frames of a video; times_s: (frames,)
    when each is shown. notes: sentences about what was assumed,
    converted or left out when it was read.
    """

    modality: Modality
    digest: str
    width_px: int = 0
    height_px: int = 0
    box_px: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    preview: bytes = b""
    text: str = ""
    spans: np.ndarray | None = None
    unknown: np.ndarray | None = None
    series: np.ndarray | None = None
    rate_hz: float = 0.0
    frame_samples: int = 0
    step_samples: int = 0
    beats: np.ndarray | None = None
    thumbnails: tuple[bytes, ...] = ()
    times_s: np.ndarray | None = None
    notes: tuple[str, ...] = ()
