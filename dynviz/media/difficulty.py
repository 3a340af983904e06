"""Making a picture harder, so that one can see what a dynamic network does about it.

One table of knobs. Each is a pure function of a picture and a strength: the same two give the same pixels, on every
machine and in every run, and the result has a digest of its own. Hendrycks & Dietterich 2019, "Benchmarking Neural
Network Robustness to Common Corruptions and Perturbations", had the idea; here strengths are lengths and shares of the
picture's own size, so that they mean the same for a thumbnail and for a phone's photo.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from PIL import Image, ImageFilter

from dynviz.media.image import MID_GREY, PREVIEW_SIDE_PX, Picture

WORKING_SIDE_PX = 800  # of a harder picture's longer side: many times what networks read, and ten are made in a second
GRAINS = 256  # noise has so many grains along the shorter side, however many pixels there are

Unit = Literal["share", "factor", "degrees", "px"]


@dataclass(frozen=True)
class Knob:
    """One way to make a picture harder.

    strengths: a grid over its range, in the order in which they are shown, ``neutral`` among them. neutral: the
    strength that changes nothing. unit: share (0..1), factor, degrees or px. draw: the changed pixels.
    """

    name: str
    strengths: tuple[float, ...]
    neutral: float
    unit: Unit
    draw: Callable[[Picture, float], Image.Image]

    @property
    def range(self) -> tuple[float, float]:
        return min(self.strengths), max(self.strengths)

    def turn(self, picture: Picture, strength: float) -> Picture:
        """The picture at ``strength``; the very same picture where it is neutral. Raises ValueError out of range."""
        low, high = self.range
        if not low <= strength <= high:
            raise ValueError(f"the strength of {self.name} must be between {low:g} and {high:g}, not {strength:g}")
        if strength == self.neutral:
            return picture
        digest = f"{picture.digest}-{self.name}-{strength:g}"
        return replace(picture, image=self.draw(picture, strength), digest=digest, upload=None)

    def nearest(self, strength: float) -> float:
        """The strength of the grid that is nearest."""
        return min(self.strengths, key=lambda known: abs(known - strength))


def harder(picture: Picture, strengths: Mapping[str, float]) -> Picture:
    """The picture with several knobs (name -> strength) turned, always in the order of ``KNOBS``.

    Raises ValueError for an unknown knob or a strength out of its range.
    """
    unknown = sorted(set(strengths) - set(KNOBS))
    if unknown:
        raise ValueError(f"there is no knob {unknown[0]!r}; there are {', '.join(KNOBS)}")
    for name, knob in KNOBS.items():
        picture = knob.turn(picture, strengths.get(name, knob.neutral))
    return picture


def lossless(picture: Picture) -> bytes:
    """The picture as a PNG from which the same pixels can be read again."""
    buffer = io.BytesIO()
    picture.image.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def _working(image: Image.Image) -> Image.Image:
    return image.resize(_working_size(image), Image.Resampling.BILINEAR, reducing_gap=3.0)


def _working_size(image: Image.Image) -> tuple[int, int]:
    scale = min(1.0, WORKING_SIDE_PX / max(image.size))
    return max(1, round(image.width * scale)), max(1, round(image.height * scale))


def _zoomed(picture: Picture, factor: float) -> Image.Image:
    """Above 1 the middle fills the picture; below 1 the picture shrinks into the middle of a grey one."""
    image, (wide, high) = picture.image, _working_size(picture.image)
    if factor > 1:
        left, top = image.width * (1 - 1 / factor) / 2, image.height * (1 - 1 / factor) / 2
        box = (left, top, image.width - left, image.height - top)
        return image.resize((wide, high), Image.Resampling.BILINEAR, box=box, reducing_gap=3.0)
    size = max(1, round(wide * factor)), max(1, round(high * factor))
    ground = Image.new("RGB", (wide, high), MID_GREY)
    small = image.resize(size, Image.Resampling.BILINEAR, reducing_gap=3.0)
    ground.paste(small, ((wide - size[0]) // 2, (high - size[1]) // 2))
    return ground


def _rotated(picture: Picture, degrees: float) -> Image.Image:
    """About its middle; what comes in at the corners is grey."""
    return _working(picture.image).rotate(-degrees, Image.Resampling.BILINEAR, fillcolor=MID_GREY)


def _occluded(picture: Picture, share: float) -> Image.Image:
    """A grey square in the middle, over ``share`` of the centre square."""
    image = _working(picture.image)
    side = round(min(image.size) * share**0.5)
    image.paste(MID_GREY, ((image.width - side) // 2, (image.height - side) // 2, *_end(image, side)))
    return image


def _end(image: Image.Image, side: int) -> tuple[int, int]:
    return (image.width - side) // 2 + side, (image.height - side) // 2 + side


def _blurred(picture: Picture, radius: float) -> Image.Image:
    """Out of focus. radius: standard deviation of the Gaussian, as a share of the shorter side."""
    image = _working(picture.image)
    return image.filter(ImageFilter.GaussianBlur(radius * min(image.size)))


def _brightened(picture: Picture, factor: float) -> Image.Image:
    """Every value times ``factor``; what exceeds white stays white."""
    return _working(picture.image).point([min(255, round(value * factor)) for value in range(256)] * 3)


def _noisy(picture: Picture, share: float) -> Image.Image:
    """Gaussian noise with a standard deviation of ``share`` of the full brightness, drawn from the picture's digest."""
    values = np.asarray(_working(picture.image), dtype=np.float32)
    high, wide = values.shape[:2]
    grains = min(1.0, GRAINS / min(high, wide))
    rows, columns = max(1, round(high * grains)), max(1, round(wide * grains))
    seed = int.from_bytes(hashlib.sha256(picture.digest.encode()).digest()[:8], "big")
    noise = np.random.default_rng(seed).standard_normal((rows, columns, 3), dtype=np.float32)
    down, across = np.arange(high) * rows // high, np.arange(wide) * columns // wide
    changed = values + 255 * share * noise[down][:, across]
    return Image.fromarray(np.clip(np.rint(changed), 0, 255).astype(np.uint8))


def _coarse(picture: Picture, side_px: float) -> Image.Image:
    """As if photographed with ``side_px`` pixels along the shorter side; left alone where it has no more than that."""
    image = _working(picture.image)
    scale = side_px / min(picture.image.size)
    if scale >= 1:
        return image
    size = max(1, round(picture.image.width * scale)), max(1, round(picture.image.height * scale))
    small = picture.image.resize(size, Image.Resampling.BILINEAR, reducing_gap=3.0)
    return small.resize(image.size, Image.Resampling.NEAREST)


# In the order in which light meets them: where the camera stands, what is in the way, lens, exposure, sensor.
KNOBS: dict[str, Knob] = {
    knob.name: knob
    for knob in (
        Knob("zoom", (0.25, 0.35, 0.5, 0.7, 1.0, 1.4, 2.0, 2.8, 4.0), 1.0, "factor", _zoomed),
        Knob("rotation", tuple(22.5 * k for k in range(9)), 0.0, "degrees", _rotated),
        Knob("occlusion", tuple(k / 10 for k in range(10)), 0.0, "share", _occluded),
        Knob("blur", tuple(k / 200 for k in range(11)), 0.0, "share", _blurred),
        Knob("brightness", tuple(k / 5 for k in range(11)), 1.0, "factor", _brightened),
        Knob("noise", tuple(k / 20 for k in range(11)), 0.0, "share", _noisy),
        # a kept picture never has more than PREVIEW_SIDE_PX, so that this many change nothing
        Knob("resolution", (PREVIEW_SIDE_PX, 256, 128, 96, 64, 48, 32, 24, 16, 12, 8), PREVIEW_SIDE_PX, "px", _coarse),
    )
}
