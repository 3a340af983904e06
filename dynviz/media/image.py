"""Pictures: from a person's file to an upright RGB picture of bounded size, and from there to what a network reads.

A large JPEG is decoded at a reduced scale (the decoder's own, in the frequency domain), because networks read at most
a few hundred pixels; positions are still told in pixels of the original. Who needs more of a part of it asks for the
``Upload``, which is decoded whole then and not before. All limits on pictures are the constants here.
"""

from __future__ import annotations

import hashlib
import io
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any

import numpy as np
from PIL import Image

from dynviz.media.colours import light, to_srgb
from dynviz.media.description import Media
from dynviz.media.errors import MediaError
from dynviz.media.pixels import eight_bits, on_paper, open_image, orientation, shrink, upright
from dynviz.media.sniff import ACCEPTED, MAX_COUNTED_FRAMES, count_frames, picture_format
from dynviz.media.source import read_bytes
from dynviz.media.tiff import mixes_planes, tiff_pixels

MAX_BYTES = 30_000_000
MAX_PIXELS = 64_000_000
MIN_SIDE_PX = 8
MAX_ASPECT = 16  # longer side : shorter side, of a wide panorama; kept pictures still have 100 px on the shorter one
PREVIEW_SIDE_PX = 1600
PNG_SIDE_PX = 256  # previews up to this side are kept without loss: icons, pixel art, CIFAR pictures
JPEG_QUALITY = 88
LARGE_PIXELS = 16_000_000
MAX_COUNTED_PAGES = 100
MID_GREY = (128, 128, 128)

NOT_A_SOURCE = "is not a picture; give a path, bytes, a binary file, a PIL image or a uint8 array."

FRAMINGS = ("crop", "fit")
ENDINGS = ("jpg", "jpeg", "png", "webp", "gif", "bmp", "tif", "tiff", "heic", "heif", "avif")

# While it is decoded a picture of 64 megapixels takes 0.2 GB (JPEG) to 1.3 GB (WebP): large ones go one at a time.
_LARGE = threading.Lock()

Box = tuple[float, float, float, float]


@dataclass(frozen=True, eq=False)
class Upload:
    """A picture as it came, for parts of it in all its pixels. decode: gives it in RGB, upright."""

    digest: str
    decode: Callable[[], Image.Image]

    def pixels(self) -> np.ndarray:
        """(height, width, 3) uint8 of the original's own size. Decoded once for all who ask, one after another.

        The last one is kept: at most 64 megapixels, 0.2 GB. Raises MediaError.
        """
        global _whole
        with _DECODING:
            if _whole is None or _whole[0] != self.digest:
                _whole = None  # not two at a time
                with _only_media_errors():
                    _whole = self.digest, np.array(self.decode())  # tensors are made of it, which can be written to
            return _whole[1]


_DECODING = threading.Lock()
_whole: tuple[str, np.ndarray] | None = None  # digest, and what was decoded last


@dataclass(frozen=True, eq=False)
class Picture:
    """An upright RGB picture.

    image: RGB, at most PREVIEW_SIDE_PX on its longer side. width_px, height_px: of the original, upright. digest:
    sha256 of the file's bytes (of shape and pixels where there is no file). notes: sentences about what was left out
    or added, such as "Only the first of 12 frames is used." upload: where there are more pixels than in ``image``.
    preview_px: longer side of what a trace keeps of it, at most.
    """

    image: Image.Image
    width_px: int
    height_px: int
    digest: str
    notes: tuple[str, ...] = ()
    upload: Upload | None = None
    preview_px: int = PREVIEW_SIDE_PX

    def view(self, side_px: int, framing: str = "crop") -> tuple[np.ndarray, Box]:
        """What a network reads: (side, side, 3) uint8, and the box it shows in pixels of the original picture.

        framing: ``crop`` cuts out the centre square; ``fit`` shows the whole picture, padded with mid grey, and its box
        reaches beyond the picture. Raises ValueError for another framing or a side below 1.
        """
        if side_px < 1:
            raise ValueError(f"side_px must be at least 1, not {side_px}")
        if framing == "crop":
            return centre_square(self.image, side_px), _centre_box(self.width_px, self.height_px)
        if framing == "fit":
            return self._fitted(side_px)
        raise ValueError(f"framing must be one of {', '.join(FRAMINGS)}, not {framing!r}")

    def media(self, box_px: Box) -> Media:
        """The description that a trace keeps. box_px: what the network saw, as ``view`` tells it."""
        return Media("image", self.digest, self.width_px, self.height_px, box_px, self._preview, notes=self.notes)

    def _fitted(self, side_px: int) -> tuple[np.ndarray, Box]:
        scale = side_px / max(self.width_px, self.height_px)
        width, height = (max(1, round(length * scale)) for length in (self.width_px, self.height_px))
        left, top = (side_px - width) // 2, (side_px - height) // 2
        square = Image.new("RGB", (side_px, side_px), MID_GREY)
        square.paste(self.image.resize((width, height), Image.Resampling.BILINEAR, reducing_gap=3.0), (left, top))
        across, down = self.width_px / width, self.height_px / height  # original pixels per pixel of the view
        box = (-left * across, -top * down, (side_px - left) * across, (side_px - top) * down)
        return np.asarray(square), box

    @cached_property
    def _preview(self) -> bytes:
        buffer, kept = io.BytesIO(), shrink(self.image, _within(*self.image.size, self.preview_px), None)
        if max(kept.size) <= PNG_SIDE_PX:
            kept.save(buffer, "PNG")
        else:
            kept.save(buffer, "JPEG", quality=JPEG_QUALITY)
        return buffer.getvalue()


def thumbnail(picture: Picture, side_px: int) -> Picture:
    """The same picture, told in the same coordinates, with at most ``side_px`` kept pixels on its longer side."""
    size = _within(*picture.image.size, side_px)
    return replace(picture, image=shrink(picture.image, size, None), upload=None)


def centre_square(image: Image.Image, side_px: int) -> np.ndarray:
    """(side, side, 3) uint8: the shorter side scaled to ``side_px`` with antialiasing, the centre cut out."""
    box = _centre_box(*image.size)
    return np.asarray(image.resize((side_px, side_px), Image.Resampling.BILINEAR, box=box, reducing_gap=3.0))


def read_image(source: Any) -> Picture:
    """Read a path, bytes, a binary file, a PIL image or a uint8 array, (H, W), (H, W, 3) or (H, W, 4).

    EXIF orientation is applied, colours are converted to sRGB; all other metadata are dropped. Raises
    MediaError, and nothing else, for whatever cannot be used.
    """
    with _only_media_errors():
        if isinstance(source, np.ndarray):
            return _from_pixels(_array_image(source))
        if isinstance(source, Image.Image):
            return _from_pixels(source)
        return _from_bytes(read_bytes(source, MAX_BYTES, NOT_A_SOURCE, _limits()))


def picture_size(data: bytes) -> tuple[int, int]:
    """(width, height) in px as the header says, nothing decoded. Raises MediaError for what is no usable picture."""
    with _only_media_errors():
        kind = picture_format(data)
        count_frames(kind, data)
        with open_image(data, kind, _check_size) as image:
            _check_size(*image.size)
            return image.size


@contextmanager
def _only_media_errors() -> Iterator[None]:
    try:
        yield
    except MediaError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise MediaError(_too_many_pixels()) from error
    except MemoryError as error:
        raise MediaError(f"This picture needs more memory than there is; {_limits()}.") from error
    except Exception as error:  # decoders raise anything from IndexError to SyntaxError on damaged files
        raise MediaError(f"This picture is damaged or incomplete and cannot be decoded; {ACCEPTED}.") from error


def _from_bytes(data: bytes) -> Picture:
    kind = picture_format(data)
    rgb, turn, size, notes = _decoded(data, kind, count_frames(kind, data))
    width, height = size if turn < 5 else size[::-1]
    digest = hashlib.sha256(data).hexdigest()
    upload = Upload(digest, partial(_whole_of, data)) if rgb.size != size else None
    return Picture(upright(rgb, turn), width, height, digest, notes, upload)


def _whole_of(data: bytes) -> Image.Image:
    rgb, turn, _, _ = _decoded(data, picture_format(data), None)
    return upright(rgb, turn)


def _decoded(data: bytes, kind: str, frames: int | None) -> tuple[Image.Image, int, tuple[int, int], tuple[str, ...]]:
    """(in RGB as it lies in the file, EXIF orientation, (width, height) in the file, what to say of it).

    frames: in the file, for a picture no larger than a preview; None: in all its pixels. The size is known from the
    header, before anything is decoded.
    """
    reduced = frames is not None
    with open_image(data, kind, _check_size) as image:
        _check_size(*image.size)
        size = image.size
        wanted = _within(*size) if reduced else size
        with _LARGE if size[0] * size[1] > LARGE_PIXELS else nullcontext():
            drafted = image.draft(None, wanted) if kind == "JPEG" and reduced else None
            image.load()
            turn, profile = orientation(image), image.info.get("icc_profile")
            whole, assumed = eight_bits(tiff_pixels(data) if mixes_planes(image) else image)
            small = shrink(whole, wanted, drafted[1] if drafted else None)
            rgb, notes = _seen(small, profile, assumed)  # before pages are counted, which leads to the last of them
            if frames is None:
                return rgb, turn, size, notes
            counted = _counted(_count_pages(image, kind, frames), "pages" if kind == "TIFF" else "frames")
    return rgb, turn, size, counted + notes


def _from_pixels(source: Image.Image) -> Picture:
    _check_size(*source.size)
    whole, assumed = eight_bits(source)
    rgb, notes = _seen(whole, source.info.get("icc_profile"), assumed)
    rgb = upright(rgb, orientation(source))
    digest = hashlib.sha256(f"RGB {rgb.width}x{rgb.height} ".encode() + rgb.tobytes()).hexdigest()
    small = shrink(rgb, _within(*rgb.size), None)
    upload = Upload(digest, lambda: rgb) if small.size != rgb.size else None
    return Picture(small, rgb.width, rgb.height, digest, notes, upload)


def _seen(image: Image.Image, profile: bytes | None, assumed: str) -> tuple[Image.Image, tuple[str, ...]]:
    """(as a screen shows it, in RGB; what to say of it)."""
    coloured, converted = to_srgb(image, profile)
    rgb, transparent = on_paper(coloured)
    said = [assumed, converted, "Transparent parts are shown on white." if transparent else "", light(rgb)]
    return rgb, tuple(filter(None, said))


def _counted(count: int, what: str) -> tuple[str, ...]:
    most = MAX_COUNTED_PAGES if what == "pages" else MAX_COUNTED_FRAMES
    many = f"{count:,} or more" if count >= most else f"{count}"
    return (f"Only the first of {many} {what} is used.",) if count > 1 else ()


def _array_image(array: np.ndarray) -> Image.Image:
    shape_fits = array.ndim == 2 or (array.ndim == 3 and array.shape[2] in (3, 4))
    if array.dtype != np.uint8 or not shape_fits:
        raise MediaError(
            f"An array of {array.dtype} and shape {array.shape} is not a picture; accepted are uint8 arrays of shape "
            "(height, width), (height, width, 3) or (height, width, 4)."
        )
    _check_size(array.shape[1], array.shape[0])
    return Image.fromarray(np.ascontiguousarray(array))


def _check_size(width: int, height: int) -> None:
    short, long = sorted((width, height))
    if short < MIN_SIDE_PX:
        raise MediaError(f"This picture is {width} x {height} px, which is too small; {_limits()}.")
    if width * height > MAX_PIXELS:
        raise MediaError(_too_many_pixels(f" ({width:,} x {height:,} px)"))
    if long > MAX_ASPECT * short:
        raise MediaError(f"This picture is {width} x {height} px, which is too long and narrow; {_limits()}.")


def _too_many_pixels(size: str = "") -> str:
    return f"This picture has more than {MAX_PIXELS // 1_000_000} megapixels{size}; {_limits()}."


def _limits() -> str:
    return (
        f"{ACCEPTED}, at least {MIN_SIDE_PX} px a side, at most {MAX_PIXELS // 1_000_000} megapixels and "
        f"{MAX_BYTES // 1_000_000} MB, the longer side at most {MAX_ASPECT} times the shorter"
    )


def _within(width: int, height: int, longest: int = PREVIEW_SIDE_PX) -> tuple[int, int]:
    scale = min(1.0, longest / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))


def _centre_box(width: int, height: int) -> Box:
    short = min(width, height)
    left, top = (width - short) / 2, (height - short) / 2
    return left, top, left + short, top + short


def _count_pages(image: Image.Image, kind: str, frames: int) -> int:
    """Frames or pages of a file. A second picture in a JPEG is a depth map or another exposure: not counted."""
    if kind in ("PNG", "WEBP", "AVIF", "HEIF"):
        return getattr(image, "n_frames", 1)
    if kind != "TIFF":
        return frames
    count = 1
    try:
        while count < MAX_COUNTED_PAGES:
            image.seek(count)
            count += 1
    except Exception:  # EOFError after the last page; a damaged later page does not matter
        pass
    return count
