"""From whatever a decoder gives (palette, 16 bits, CMYK, transparency, any EXIF orientation) to upright RGB pixels."""

from __future__ import annotations

import numpy as np
from PIL import Image

from dynviz.media.errors import MediaError
from dynviz.media.sniff import ACCEPTED

# Transparent pictures (cut-outs, logos) are made to lie on a white page, and so are the product photos that
# networks know; grey would be a third colour that neither the maker nor the network expects.
PAPER = (255, 255, 255)

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


def eight_bits(image: Image.Image) -> Image.Image:
    """The same picture in a mode of eight bits a channel that can be resized: L, LA, RGB, RGBA, CMYK or YCbCr."""
    if image.mode.startswith("I"):  # 16 bits of grey, which Pillow would clip at 255
        values = np.asarray(image)
        if values.min() < 0 or values.max() > 65535:
            raise MediaError(f"This picture holds 32-bit numbers; save it with 8 or 16 bits a channel ({ACCEPTED}).")
        return Image.fromarray(((values.astype(np.uint32) + 128) // 257).astype(np.uint8))
    if image.has_transparency_data:
        return image.convert("RGBA")
    if image.mode in ("P", "RGBX"):
        return image.convert("RGB")
    if image.mode == "1":
        return image.convert("L")
    if image.mode not in ("L", "RGB", "CMYK", "YCbCr"):
        raise MediaError(f"This picture stores its colours as {image.mode}; save it as RGB ({ACCEPTED}).")
    return image


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
