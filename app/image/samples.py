"""The sample pictures: scikit-image's own, read from the installed wheel. Nothing is downloaded."""

from __future__ import annotations

from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

# Name in the app -> file in the wheel. The first is what a newcomer sees.
SAMPLES = {
    "cat": "chelsea.png",
    "astronaut": "astronaut.png",
    "cameraman": "camera.png",
    "motorcycle": "motorcycle_left.png",
    "rocket": "rocket.jpg",
    "coffee": "coffee.png",
}


def sample_names() -> list[str]:
    """Names of the samples whose file is there, in the order they are offered."""
    folder = _folder()
    return [name for name, file in SAMPLES.items() if folder and (folder / file).is_file()]


@lru_cache(maxsize=len(SAMPLES))
def sample_bytes(name: str) -> bytes:
    """The encoded picture. Raises KeyError for an unknown name, OSError where the file is missing."""
    folder = _folder()
    if folder is None:
        raise FileNotFoundError("scikit-image, which brings the sample pictures, is not installed")
    return (folder / SAMPLES[name]).read_bytes()


def _folder() -> Path | None:
    spec = find_spec("skimage")
    return Path(spec.origin).parent / "data" if spec and spec.origin else None
