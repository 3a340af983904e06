"""The sample videos, ready to be looked at."""

from __future__ import annotations

from functools import lru_cache

from app.live.uploads import Chosen
from dynviz.media.sample_video import SAMPLE_VIDEOS, sample_names, sample_video
from dynviz.media.spool import Spool
from dynviz.media.video_file import read_video_file

SAMPLES = {"cat": "cat, now and then", "coffee": "coffee, at last", "motorcycle": "motorcycle", "rocket": "rocket"}


def names() -> list[str]:
    """Those that can be composed here, the first being what a newcomer sees."""
    return [name for name in sample_names() if name in SAMPLES]


def is_sample(name: str | None) -> bool:
    return name in SAMPLE_VIDEOS


@lru_cache(maxsize=len(SAMPLES))
def sample(name: str) -> Chosen:
    """A sample, composed once in the life of the server."""
    spool = Spool(sample_video(name))
    return Chosen(SAMPLES[name], spool, video=read_video_file(spool))
