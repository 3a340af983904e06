"""Sample videos, composed of scikit-image's pictures and encoded as any camera would: nothing is downloaded.

Each shows its thing in one or two stretches among other material, with a camera that pans and zooms.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

SIZE = (512, 384)  # networks see the square in the middle: of a wider one, of a cat no more than its eyes
FRAMES_A_SECOND = 12
FADE = 4  # frames in which one shot becomes the next
SHAKE = 0.004  # of the picture, of a hand


@dataclass(frozen=True)
class Shot:
    """picture: a file of scikit-image. start, end: (x, y, size), middle and side of what is shown, in shares of the
    picture. blur: px, of a camera that is out of focus.
    """

    picture: str
    seconds: float
    start: tuple[float, float, float]
    end: tuple[float, float, float]
    blur: float = 0.0


_CAT = "chelsea.png"
SAMPLE_VIDEOS: dict[str, tuple[Shot, ...]] = {
    "cat": (
        Shot("brick.png", 1.6, (0.3, 0.3, 0.5), (0.6, 0.5, 0.5)),
        Shot("gravel.png", 1.2, (0.6, 0.5, 0.6), (0.4, 0.4, 0.5)),
        Shot(_CAT, 2.4, (0.45, 0.5, 1.0), (0.5, 0.5, 0.92)),
        Shot("grass.png", 1.6, (0.4, 0.5, 0.6), (0.6, 0.5, 0.6)),
        Shot(_CAT, 1.6, (0.55, 0.5, 0.92), (0.5, 0.5, 1.0)),
    ),
    "coffee": (
        Shot("coffee.png", 1.2, (0.5, 0.5, 0.9), (0.5, 0.5, 0.9), blur=9),
        Shot("gravel.png", 1.5, (0.3, 0.3, 0.5), (0.7, 0.6, 0.5)),
        Shot("page.png", 1.8, (0.4, 0.5, 0.8), (0.6, 0.5, 0.8)),
        Shot("coffee.png", 3.2, (0.4, 0.5, 1.0), (0.45, 0.5, 0.75)),
    ),
    "motorcycle": (
        Shot("motorcycle_left.png", 1.8, (0.3, 0.6, 0.6), (0.5, 0.5, 1.0)),
        Shot("brick.png", 2.4, (0.3, 0.5, 0.6), (0.7, 0.5, 0.6)),
        Shot("grass.png", 2.0, (0.5, 0.3, 0.5), (0.5, 0.6, 0.5)),
        Shot("motorcycle_left.png", 1.4, (0.5, 0.5, 1.0), (0.55, 0.5, 0.9)),
    ),
    "rocket": (
        Shot("rocket.jpg", 4.0, (0.5, 0.72, 0.5), (0.5, 0.4, 0.85)),
        Shot("moon.png", 2.6, (0.5, 0.5, 0.9), (0.5, 0.5, 0.6)),
    ),
}


def sample_names() -> list[str]:
    """Names of the samples whose pictures are there, in the order they are offered."""
    folder = _folder()
    return [
        name
        for name, shots in SAMPLE_VIDEOS.items()
        if folder and all((folder / shot.picture).is_file() for shot in shots)
    ]


@lru_cache(maxsize=len(SAMPLE_VIDEOS))
def sample_video(name: str) -> bytes:
    """A sample as an MP4 file; composed when it is first asked for. Raises KeyError for an unknown name, OSError where
    scikit-image's pictures are missing.
    """
    import av

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sample.mp4"
        with av.open(path, "w", format="mp4", options={"movflags": "+faststart"}) as container:
            stream = container.add_stream("libx264" if "libx264" in av.codecs_available else "mpeg4", FRAMES_A_SECOND)
            stream.width, stream.height = SIZE
            stream.pix_fmt = "yuv420p"
            stream.codec_context.gop_size = FRAMES_A_SECOND
            stream.codec_context.thread_count = 1  # the same bytes everywhere, so the same digest
            stream.codec_context.options = {"crf": "23", "preset": "veryfast"}
            for pixels in _frames(SAMPLE_VIDEOS[name]):
                container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
            container.mux(stream.encode())
        return path.read_bytes()


def _frames(shots: tuple[Shot, ...]) -> Iterator[np.ndarray]:
    draw = np.random.default_rng(0)
    before: np.ndarray | None = None
    for shot in shots:
        whole = _picture(shot.picture)
        count = round(shot.seconds * FRAMES_A_SECOND)
        hand = np.cumsum(draw.normal(0, SHAKE, (count, 2)), axis=0)
        for i in range(count):
            done = i / max(count - 1, 1)
            x, y, side = (a + (b - a) * done for a, b in zip(shot.start, shot.end, strict=True))
            frame = _view(whole, x + hand[i, 0], y + hand[i, 1], side)
            if shot.blur:
                frame = frame.filter(ImageFilter.GaussianBlur(shot.blur))
            pixels = np.asarray(frame)
            if before is not None and i < FADE:
                share = (i + 1) / (FADE + 1)
                pixels = (pixels * share + before * (1 - share)).astype(np.uint8)
            yield np.ascontiguousarray(pixels)
        before = pixels


def _view(picture: Image.Image, x: float, y: float, side: float) -> Image.Image:
    """What a camera sees that looks at ``x``, ``y``: as wide as ``side`` of the widest that fits in the picture."""
    wide, high = picture.size
    scale = side * min(wide / SIZE[0], high / SIZE[1])
    width, height = SIZE[0] * scale, SIZE[1] * scale
    left = min(max(x * wide - width / 2, 0), wide - width)
    top = min(max(y * high - height / 2, 0), high - height)
    return picture.resize(SIZE, Image.Resampling.BICUBIC, box=(left, top, left + width, top + height))


@lru_cache(maxsize=8)
def _picture(file: str) -> Image.Image:
    folder = _folder()
    if folder is None:
        raise FileNotFoundError("scikit-image, which brings the pictures of the sample videos, is not installed")
    with Image.open(folder / file) as opened:
        return opened.convert("RGB")


def _folder() -> Path | None:
    from importlib.util import find_spec

    spec = find_spec("skimage")
    return Path(spec.origin).parent / "data" if spec and spec.origin else None
