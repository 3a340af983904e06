"""Colours as a screen shows them: from the profile in a picture's file to sRGB, and what to say of a picture's light.

The conversion is littleCMS's, through Pillow. Networks learned from pictures whose colours were taken as sRGB.
"""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageCms

DARK, DARK_SHARE = 32, 0.99  # of 255: where nearly all pixels are darker, hardly anything can be seen
MAX_PROFILE_BYTES = 4_000_000


def to_srgb(image: Image.Image, profile: bytes | None) -> tuple[Image.Image, str]:
    """(``image``, in a mode of eight bits a channel, with its colours in sRGB; a sentence where that changed them).

    A profile that cannot be read, or is none of these colours, is no reason to refuse a picture.
    """
    if not profile or len(profile) > MAX_PROFILE_BYTES:
        printed = "Its colours are those of print (CMYK) without a profile: what they look like is a guess."
        return image, printed if image.mode == "CMYK" else ""
    try:
        embedded = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        name = " ".join(ImageCms.getProfileDescription(embedded).split())[:40]
        if "srgb" in name.lower():
            return image, ""
        colours, alpha = image, None
        if image.mode in ("RGBA", "LA"):
            colours, alpha = image.convert(image.mode[:-1]), image.getchannel("A")
        converted = ImageCms.profileToProfile(
            colours, embedded, ImageCms.createProfile("sRGB"), ImageCms.Intent.PERCEPTUAL, outputMode="RGB"
        )
    except Exception:  # whatever littleCMS finds wrong with a profile from anywhere
        return image, "Its colour profile does not fit and is not used."
    if alpha is not None:
        converted.putalpha(alpha)
    return converted, f"Its colours are converted from {name or 'their own profile'} to sRGB."


def light(image: Image.Image) -> str:
    """A sentence on an RGB picture on which hardly anything can be seen, else ''."""
    counts = np.asarray(image.convert("L").histogram())
    if (counts > 0).sum() == 1:
        return "The whole picture has one colour."
    if counts[:DARK].sum() >= DARK_SHARE * counts.sum():
        return "The picture is very dark: hardly anything can be seen on it."
    return ""
