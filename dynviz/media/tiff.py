"""TIFF pictures that Pillow cannot read or mixes up: these few are read by tifffile.

Pillow 13 reads 16-bit planes without compression as if they were one after another in every pixel, and refuses grey of
16 bits in which white is zero where the greater byte comes first.
"""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
from PIL import Image

from dynviz.media.errors import MediaError
from dynviz.media.sniff import ACCEPTED

WHITE_IS_ZERO = 0
MOST_CHANNELS = 4
_BITS_TAG, _COMPRESSION_TAG, _PHOTOMETRIC_TAG, _PLANES_TAG = 258, 259, 262, 284


def white_is_zero(image: Image.Image) -> bool:
    """Does its file say that the smallest number is white? Pillow heeds it for 8 bits only."""
    return getattr(image, "tag_v2", {}).get(_PHOTOMETRIC_TAG) == WHITE_IS_ZERO


def mixes_planes(image: Image.Image) -> bool:
    """Is it a picture in 16-bit planes that Pillow would mix up?"""
    tags = getattr(image, "tag_v2", {})
    return (tags.get(_PLANES_TAG), tags.get(_COMPRESSION_TAG, 1)) == (2, 1) and set(tags.get(_BITS_TAG, ())) == {16}


def tiff_pixels(data: bytes, check: Callable[[int, int], None] | None = None) -> Image.Image:
    """The first page, in grey of 8 or 16 bits, RGB or RGBA. check: of (width, height), called before it is decoded."""
    import tifffile

    with tifffile.TiffFile(io.BytesIO(data)) as file:
        page = file.pages[0]
        if check is not None:
            check(page.imagewidth, page.imagelength)
        if page.samplesperpixel > MOST_CHANNELS:
            raise MediaError(f"This TIFF picture has {page.samplesperpixel} channels; save it as RGB ({ACCEPTED}).")
        pixels = page.asarray()
        separate = page.planarconfig == 2 and pixels.ndim == 3
        inverted = page.photometric == WHITE_IS_ZERO
    if pixels.dtype not in (np.uint8, np.uint16) or pixels.ndim not in (2, 3):
        raise MediaError(f"This TIFF picture holds {pixels.dtype} numbers; save it with 8 or 16 bits ({ACCEPTED}).")
    if separate:
        pixels = np.moveaxis(pixels, 0, -1)
    if inverted:
        pixels = np.iinfo(pixels.dtype).max - pixels
    if pixels.ndim == 3 and pixels.dtype == np.uint16:
        pixels = (pixels >> 8).astype(np.uint8)
    return Image.fromarray(np.ascontiguousarray(pixels.astype(pixels.dtype.newbyteorder("="))))
