"""From whatever a decoder gives (palette, 16 bits, CMYK, transparency, any EXIF orientation) to upright RGB pixels."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
from PIL import Image, UnidentifiedImageError

from dynviz.media.errors import MediaError
from dynviz.media.sniff import ACCEPTED
from dynviz.media.tiff import tiff_pixels, white_is_zero

# Transparent pictures (cut-outs, logos) are made to lie on a white page, and so are the product photos that
# networks know; grey would be a third colour that neither the maker nor the network expects.
PAPER = (255, 255, 255)

PARTS_OF_16 = (10, 12, 14)  # bits
_ORIENTATION_TAG = 0x0112
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def open_image(data: bytes, kind: str, check: Callable[[int, int], None]) -> Image.Image:
    """A file of Pillow's format ``kind``, its header read and nothing decoded. What phones save comes from libheif.

    check: of (width, height), raises what speaks against decoding; called where a file has to be decoded at once.
    """
    if kind == "HEIF":
        from pillow_heif import register_heif_opener

        register_heif_opener(thumbnails=False)
    try:
        return Image.open(io.BytesIO(data), formats=[kind])
    except UnidentifiedImageError:
        if kind != "TIFF":
            raise
        return tiff_pixels(data, check)


def eight_bits(image: Image.Image) -> tuple[Image.Image, str]:
    """(the same picture in a mode of eight bits a channel that can be resized; a sentence where something was assumed).

    The modes are L, LA, RGB, RGBA, CMYK and YCbCr.
    """
    if image.mode.startswith("I"):  # 16 bits of grey, which Pillow would clip at 255
        return _grey(image)
    if image.has_transparency_data:
        whole = image.convert("RGBA")
        if image.format == "BMP" and whole.getchannel("A").getextrema() == (0, 0):
            return whole.convert("RGB"), "Its transparency is empty and not used."  # programs leave it so
        return whole, ""
    if image.mode in ("P", "RGBX"):
        return image.convert("RGB"), ""
    if image.mode == "1":
        return image.convert("L"), ""
    if image.mode not in ("L", "RGB", "CMYK", "YCbCr"):
        raise MediaError(f"This picture stores its colours as {image.mode}; save it as RGB ({ACCEPTED}).")
    return image, ""


def _grey(image: Image.Image) -> tuple[Image.Image, str]:
    """16 bits of grey as 8. Cameras and scanners of 10 to 14 bits leave the upper ones empty."""
    values = np.asarray(image)
    most = int(values.max())
    if values.min() < 0 or most > 65535:
        raise MediaError(f"This picture holds 32-bit numbers; save it with 8 or 16 bits a channel ({ACCEPTED}).")
    bits = next((bits for bits in PARTS_OF_16 if most < 2**bits), 16) if most > 255 else 16
    grey = ((values.astype(np.uint32) * 510 + 2**bits - 1) // (2 * (2**bits - 1))).astype(np.uint8)
    if white_is_zero(image):
        grey = 255 - grey
    said = f"Its values stay below {2**bits:,}: taken as {bits} bits of grey." if bits < 16 else ""
    return Image.fromarray(grey), said


def shrink(image: Image.Image, size: tuple[int, int], box: tuple[float, float, float, float] | None) -> Image.Image:
    """``image`` scaled to ``size`` (width, height).

    box: the part of ``image`` that holds the picture (a reduced decoding may end with a partly filled pixel).
    """
    if image.size == size:
        return image
    return image.resize(size, Image.Resampling.BILINEAR, box=box, reducing_gap=3.0)


def on_paper(image: Image.Image) -> tuple[Image.Image, bool]:
    """As RGB with transparent parts laid on PAPER, and whether there were any."""
    alpha = image.getchannel("A") if image.mode == "RGBA" else None
    rgb = image.convert("RGB")
    rgb.info = {}  # comments, colour profiles and the like would travel on into the preview
    if alpha is None:
        return rgb, False
    paper = Image.new("RGB", image.size, PAPER)
    paper.paste(rgb, mask=alpha)
    return paper, alpha.getextrema()[0] < 255


def orientation(image: Image.Image) -> int:
    """EXIF orientation 1..8; 1 where there is none that can be read."""
    try:
        value = image.getexif().get(_ORIENTATION_TAG, 1)
        return value if value in _UPRIGHT else 1
    except Exception:  # damaged metadata are no reason to refuse a picture
        return 1


def upright(image: Image.Image, orientation: int) -> Image.Image:
    """``image`` turned the way its EXIF ``orientation`` (1..8) says it was meant to be seen."""
    return image.transpose(_UPRIGHT[orientation]) if orientation in _UPRIGHT else image
