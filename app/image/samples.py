"""The sample pictures: scikit-image's own, read from the installed wheel, and what they show. Nothing is downloaded."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from PIL import Image


@dataclass(frozen=True)
class SamplePicture:
    """file: in the wheel. shows: what is on it, in the words that data sets use; also: other answers that are right.
    box: the part that is shown, in px.
    """

    file: str
    shows: str
    box: tuple[int, int, int, int] | None = None
    also: tuple[str, ...] = ()


# Name in the app -> picture. The first is what a newcomer sees. The later ones show what hardly any network here knows.
SAMPLES = {
    "cat": SamplePicture("chelsea.png", "cat", also=("tabby", "tiger cat", "Egyptian cat")),
    "astronaut": SamplePicture("astronaut.png", "person", (40, 0, 460, 420)),
    "cameraman": SamplePicture("camera.png", "person"),
    "page": SamplePicture("page.png", "a printed page"),
    "rocket": SamplePicture("rocket.jpg", "rocket"),
    "coffee": SamplePicture("coffee.png", "cup of coffee", also=("espresso", "cup", "coffee mug")),
}


def sample_names() -> list[str]:
    """Names of the samples whose file is there, in the order they are offered."""
    folder = _folder()
    return [name for name, sample in SAMPLES.items() if folder and (folder / sample.file).is_file()]


def is_known(name: str, labels: Sequence[str]) -> bool:
    """Can a network that answers with one of ``labels`` be right about this sample?"""
    return any(label in labels for label in (SAMPLES[name].shows, *SAMPLES[name].also))


@lru_cache(maxsize=len(SAMPLES))
def sample_bytes(name: str) -> bytes:
    """The encoded picture. Raises KeyError for an unknown name, OSError where the file is missing."""
    folder = _folder()
    if folder is None:
        raise FileNotFoundError("scikit-image, which brings the sample pictures, is not installed")
    sample = SAMPLES[name]
    data = (folder / sample.file).read_bytes()
    if sample.box is None:
        return data
    buffer = io.BytesIO()
    Image.open(io.BytesIO(data)).convert("RGB").crop(sample.box).save(buffer, "PNG")
    return buffer.getvalue()


def _folder() -> Path | None:
    spec = find_spec("skimage")
    return Path(spec.origin).parent / "data" if spec and spec.origin else None
