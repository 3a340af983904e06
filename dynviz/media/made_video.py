"""Videos composed of photos: shots of one thing among long stretches of other material, as a careless hand films.

The pictures are real, the motion is made: pans, zooms, cuts and fades, a shaking hand, motion blur, a focus that hunts,
exposure and white balance that drift, noise of the dark and a codec's blocks. A frame is rendered when it is asked for,
the same for the same seed, so that a data set of such videos needs no room. Networks are trained on them because there
is no large set of untrimmed films of everyday things here; what is measured on them says so.
"""

from __future__ import annotations

import hashlib
import io
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

from dynviz.media.texture import texture
from dynviz.media.video import Video

Photo = Callable[[], Image.Image]  # decoded when a frame of it is rendered
Kind = Literal["target", "other", "texture", "blur", "dark", "title"]

SHORT_PX = 144  # of a frame, about that of the photos
SIZES = ((192, 144), (192, 144), (144, 192), (256, 144))
FRAMES = (32, 64)  # candidates, at least and at most
SHARE = (0.10, 0.60)  # of the frames, in which the target is to be seen
FADE = 3  # frames
LEAST_SHOT = 3
BETWEEN: tuple[Kind, ...] = ("other",) * 6 + ("texture", "texture", "blur", "dark", "title")
TITLES = ("Part one", "Meanwhile", "The next day", "Holiday 2019", "Chapter 4", "Please wait", "To be continued")
SMEARED_PX = 2.5  # a faster movement, in px a frame, is seen as blur
FULL, CLOSE, FAR = (0.85, 1.15), (0.55, 0.85), (1.25, 1.6)  # side of the seen square over the photo's shorter side
INSET = (0.5, 0.85)  # height of a thing before something else, in shares of the frame
# of a movement between two frames: where else it is while the shutter is open
EXPOSED = (-0.4, -0.3, -0.2, -0.1, 0.1, 0.2, 0.3, 0.4)


@dataclass(frozen=True)
class Shot:
    """Frames ``first`` to ``last`` (not included). photo: what is filmed, or what lies behind it.

    path: (frames, 4) centre x, y in shares of the photo, shorter side of what is seen over that of the photo, and turn
    in radians. inset: (frames, 3) centre and size, in shares of the frame, where the target is small before something
    else, ``behind``; speed: (frames, 2) px a frame, for motion blur; focus: (frames,) px of blur; light: (frames,)
    factor.
    """

    kind: Kind
    first: int
    last: int
    photo: Photo | None
    seed: int
    path: np.ndarray
    speed: np.ndarray
    focus: np.ndarray
    light: np.ndarray
    inset: np.ndarray | None = None
    behind: Photo | None = None
    fades: bool = False


class MadeVideo(Video):
    """One such video. shown: (n,) bool, whether the target is to be seen in a frame."""

    def __init__(self, seed: int, target: Sequence[Photo], others: Sequence[Photo], length: int | None = None):
        """target: photos of one class, a shot each; others: photos of nothing that a network knows. Same for the same.

        length: candidate frames, drawn unless given.
        """
        draw = np.random.default_rng(seed)
        self.seed = seed
        self.width_px, self.height_px = SIZES[draw.integers(len(SIZES))]
        count = int(draw.integers(FRAMES[0], FRAMES[1] + 1)) if length is None else length
        self.times_s = np.arange(count) / draw.choice((2.0, 4.0, 6.0))
        self.notes = ("Composed of photos: its pictures are real, its motion is made.",)
        self.shots = _shots(draw, count, target, others)
        self.shown = np.zeros(count, dtype=bool)
        for shot in self.shots:
            self.shown[shot.first : shot.last] |= shot.kind == "target"
        self._cast = 1 + draw.normal(0, 0.05, 3)
        self._noise, self._quality = float(draw.uniform(0, 6)), int(draw.integers(35, 96))
        self._sharpened = int(draw.choice((0, 60, 120, 180)))  # in percent, as phones do
        self._last: tuple[int, np.ndarray] | None = None

    @property
    def digest(self) -> str:
        return hashlib.sha256(b"".join(self.frame(i).tobytes() for i in range(len(self)))).hexdigest()

    def frame(self, index: int) -> np.ndarray:
        if self._last is not None and self._last[0] == index:  # asked for at several resolutions
            return self._last[1]
        if not 0 <= index < len(self):
            raise IndexError(f"frame {index} of {len(self)}")
        place = next(i for i, shot in enumerate(self.shots) if shot.first <= index < shot.last)
        shot = self.shots[place]
        pixels = self._rendered(shot, index)
        since = index - shot.first
        if shot.fades and place and since < FADE:  # out of the end of the shot before
            before = self._rendered(self.shots[place - 1], shot.first - 1)
            part = (since + 1) / (FADE + 1)
            pixels = part * pixels + (1 - part) * before
        draw = np.random.default_rng((self.seed, index))
        light = shot.light[since]
        pixels = pixels * (light * self._cast).astype(np.float32)
        grain = self._noise * (1.8 if light < 0.5 else 1.0)
        pixels += np.roll(_grain(), int(draw.integers(1 << 17)))[: pixels.size].reshape(pixels.shape) * grain
        found = self._compressed(pixels.clip(0, 255).astype(np.uint8))
        self._last = index, found
        return found

    def _compressed(self, pixels: np.ndarray) -> np.ndarray:
        buffer = io.BytesIO()
        picture = Image.fromarray(pixels)
        if self._sharpened:
            picture = picture.filter(ImageFilter.UnsharpMask(1.0, self._sharpened, 0))
        picture.save(buffer, "JPEG", quality=self._quality)
        return np.asarray(Image.open(buffer))

    def _rendered(self, shot: Shot, index: int) -> np.ndarray:
        """(H, W, 3) float32, 0..255, before what the camera does to it."""
        since = index - shot.first
        size = self.width_px, self.height_px
        if shot.kind == "title":
            return np.asarray(_title(size, shot.seed), dtype=np.float32)
        source = texture(shot.seed) if shot.photo is None else shot.photo()
        seen = self._filmed(shot, since, source)
        if shot.focus[since] > 0.4:
            seen = seen.filter(ImageFilter.BoxBlur(float(shot.focus[since])))
        if np.hypot(*shot.speed[since]) > SMEARED_PX:
            seen = _smeared(seen, shot.speed[since])
        return np.asarray(seen, dtype=np.float32)

    def _filmed(self, shot: Shot, since: int, source: Image.Image) -> Image.Image:
        size = self.width_px, self.height_px
        if shot.inset is None:
            return _seen(source, size, shot.path[since])
        behind = _seen(texture(shot.seed) if shot.behind is None else shot.behind(), size, shot.path[since])
        x, y, share = shot.inset[since]
        tall = max(16, round(share * min(size)))
        wide = max(16, round(tall * min(max(source.width / source.height, 0.6), 1.6)))
        small = source.resize((wide, tall), Image.Resampling.BILINEAR, reducing_gap=2.0)
        left, top = round(x * size[0] - wide / 2), round(y * size[1] - tall / 2)
        behind.paste(small, (left, top), _soft_edge(wide, tall))
        return behind


def _shots(draw: np.random.Generator, count: int, target: Sequence[Photo], others: Sequence[Photo]) -> list[Shot]:
    """Stretches of the target, as many as there are photos of it and room for, among other material."""
    wanted = max(LEAST_SHOT, round(float(draw.uniform(*SHARE)) * count))
    stretches = max(1, min(len(target), wanted // LEAST_SHOT))
    shown = _parts(draw, wanted, stretches)
    free = _parts(draw, count - wanted, stretches + 1, least=0)
    shots: list[Shot] = []
    at = 0
    for number, gap in enumerate(free):
        while gap > 0:
            length = gap if gap < 2 * LEAST_SHOT else int(draw.integers(LEAST_SHOT, min(gap, 14) + 1))
            length = gap if gap - length < LEAST_SHOT else length
            shots.append(_shot(draw, draw.choice(BETWEEN), at, length, _one_of(draw, others)))
            at, gap = at + length, gap - length
        if number < stretches:
            shots.append(_shot(draw, "target", at, shown[number], target[number], _one_of(draw, others)))
            at += shown[number]
    return shots


def _one_of(draw: np.random.Generator, photos: Sequence[Photo]) -> Photo | None:
    return photos[draw.integers(len(photos))] if len(photos) else None


def _parts(draw: np.random.Generator, whole: int, parts: int, least: int = LEAST_SHOT) -> list[int]:
    """``whole`` as a sum of ``parts`` numbers drawn at random, each at least ``least`` where that can be."""
    least = min(least, whole // parts)
    cuts = np.sort(draw.integers(0, whole - least * parts + 1, parts - 1))
    return (np.diff([0, *cuts, whole - least * parts]) + least).astype(int).tolist()


def _shot(
    draw: np.random.Generator, kind: Kind, first: int, length: int, photo: Photo | None, behind: Photo | None = None
) -> Shot:
    """A camera's way over it. Fast pans, a focus that hunts and bad light come over shots of the target as well.

    Most show all of a photo, or nearly; some come close to it, some step back from it.
    """
    steps = np.linspace(0, 1, length) if length > 1 else np.zeros(1)
    eased = (steps - np.sin(2 * np.pi * steps) / (2 * np.pi)) if draw.random() < 0.5 else steps
    way = draw.random()
    sides = (CLOSE, FULL) if way < 0.12 else (FULL, FAR) if way < 0.2 else (FULL, FULL)
    start, end = (
        np.array([draw.uniform(0.4, 0.6), draw.uniform(0.4, 0.6), draw.uniform(*side), draw.normal(0, 0.05)])
        for side in (sides if draw.random() < 0.5 else sides[::-1])
    )
    path = start + eased[:, None] * (end - start)
    shake = _wandering(draw, length, 2, draw.uniform(0.002, 0.02))
    path[:, :2] += shake
    inset = None
    if kind == "target" and draw.random() < 0.08:  # far away
        a, b = (np.array([draw.uniform(0.4, 0.6), draw.uniform(0.4, 0.6), draw.uniform(*INSET)]) for _ in "ab")
        inset = a + eased[:, None] * (b - a)
        inset[:, :2] += shake
    moved = np.gradient(path[:, :2], axis=0) * SHORT_PX if length > 1 else np.zeros((1, 2))
    speed = moved * draw.uniform(0.5, 2.0) + _wandering(draw, length, 2, 0.6)
    if length > 4 and draw.random() < 0.3:  # a sudden movement
        where = int(draw.integers(length))
        speed[where : where + 3] += draw.normal(0, 12, 2)
    focus = np.abs(_wandering(draw, length, 1, 0.2)[:, 0])
    if draw.random() < 0.25:  # a focus that is found only after a while
        focus += 4.0 * np.exp(-np.arange(length) / draw.uniform(1, 4))
    if draw.random() < 0.3:  # it stands on something
        speed, focus = 0 * speed, 0 * focus
    if kind == "blur":
        focus += draw.uniform(5, 12)
    light = np.exp(_wandering(draw, length, 1, 0.05)[:, 0] + draw.normal(0, 0.12))
    if kind == "dark":
        light *= draw.uniform(0.02, 0.15)
    elif draw.random() < 0.15:  # against the light, or out of a dark door
        light *= np.linspace(draw.uniform(0.25, 1.8), 1.0, length)
    if kind == "texture":
        photo = None
    seed, fades = int(draw.integers(1 << 31)), bool(draw.random() < 0.3)
    return Shot(kind, first, first + length, photo, seed, path, speed, focus, light, inset, behind, fades)


def _wandering(draw: np.random.Generator, length: int, numbers: int, size: float) -> np.ndarray:
    """(length, numbers) that change slowly around 0."""
    values = np.zeros((length, numbers))
    for i, step in enumerate(draw.normal(0, size, (length, numbers))):
        values[i] = (0.8 * values[i - 1] if i else 0) + step
    return values


def _seen(source: Image.Image, size: tuple[int, int], view: np.ndarray) -> Image.Image:
    """A part of a picture as (width, height) px, turned by a little; beyond its edges it goes on mirrored."""
    x, y, side, turn = view
    scale = min(source.size) / min(size) * side  # source px for each px of the frame
    cos, sin = scale * math.cos(turn), scale * math.sin(turn)
    across, down = size[0] / 2, size[1] / 2
    half_x, half_y = cos * across + abs(sin) * down, abs(sin) * across + cos * down
    middle_x, middle_y = x * source.width, y * source.height
    if half_x < source.width / 2:
        middle_x = min(max(middle_x, half_x), source.width - half_x)
    if half_y < source.height / 2:
        middle_y = min(max(middle_y, half_y), source.height - half_y)
    beyond_x = max(0, math.ceil(max(half_x - middle_x, middle_x + half_x - source.width) + 1))
    beyond_y = max(0, math.ceil(max(half_y - middle_y, middle_y + half_y - source.height) + 1))
    if beyond_x or beyond_y:
        pixels = np.asarray(source)
        source = Image.fromarray(np.pad(pixels, ((beyond_y,) * 2, (beyond_x,) * 2, (0, 0)), mode="symmetric"))
        middle_x, middle_y = middle_x + beyond_x, middle_y + beyond_y
    data = (cos, -sin, middle_x - cos * across + sin * down, sin, cos, middle_y - sin * across - cos * down)
    return source.transform(size, Image.Transform.AFFINE, data, Image.Resampling.BILINEAR)


def _smeared(picture: Image.Image, speed: np.ndarray) -> Image.Image:
    """As it looks to a camera that moves by ``speed`` px, across and down, while the shutter is open."""
    total = picture
    for number, part in enumerate(EXPOSED, start=2):
        moved = ImageChops.offset(picture, round(part * speed[0]), round(part * speed[1]))
        total = Image.blend(total, moved, 1 / number)
    return total


@lru_cache(maxsize=32)
def _title(size: tuple[int, int], seed: int) -> Image.Image:
    draw = np.random.default_rng(seed)
    ground, ink = draw.integers(0, 80, 3), draw.integers(170, 256, 3)
    if draw.random() < 0.3:
        ground, ink = ink, ground
    picture = Image.new("RGB", size, tuple(ground.tolist()))
    font = ImageFont.load_default(int(draw.integers(14, 26)))
    where = size[0] / 2, size[1] * draw.uniform(0.3, 0.7)
    ImageDraw.Draw(picture).text(where, TITLES[draw.integers(len(TITLES))], tuple(ink.tolist()), font, anchor="mm")
    return picture


@lru_cache(maxsize=64)
def _soft_edge(width: int, height: int) -> Image.Image:
    mask = Image.new("L", (width, height), 0)
    edge = max(1, min(width, height) // 14)
    ImageDraw.Draw(mask).rounded_rectangle((edge, edge, width - edge - 1, height - edge - 1), 2 * edge, fill=255)
    return mask.filter(ImageFilter.BoxBlur(edge))


@lru_cache(maxsize=1)
def _grain() -> np.ndarray:
    """A store of normally distributed numbers: drawing them anew for each frame takes longer than all else."""
    return np.random.default_rng(0).standard_normal(1 << 18, dtype=np.float32)


def stand_in(seed: int, length: int | None = None) -> MadeVideo:
    """A video of scikit-image's photos, which come with the project: of one of them, among the others."""
    photos = _own_photos()
    chosen = seed % len(photos)
    others = [photo for i, photo in enumerate(photos) if i != chosen]
    return MadeVideo(seed, [photos[chosen]] * (1 + seed % 3), others, length)


@lru_cache(maxsize=1)
def _own_photos() -> tuple[Photo, ...]:
    from skimage import data

    def kept(pixels: np.ndarray) -> Photo:
        picture = Image.fromarray(pixels)
        scale = 1.5 * SHORT_PX / min(picture.size)
        small = picture.resize((round(picture.width * scale), round(picture.height * scale)), Image.Resampling.BILINEAR)
        return lambda: small

    return tuple(kept(pixels) for pixels in (data.chelsea(), data.coffee(), data.rocket(), data.astronaut()))
