"""Making a picture harder, so that one can see what a dynamic network does about it."""

from __future__ import annotations

from dataclasses import replace

from PIL import ImageFilter

from dynviz.media.image import Picture


def blurred(picture: Picture, radius: float) -> Picture:
    """The picture out of focus. radius: of the Gaussian, as a share (0..1) of the shorter side."""
    radius_px = radius * min(picture.image.size)
    image = picture.image.filter(ImageFilter.GaussianBlur(radius_px))
    return replace(picture, image=image, digest=f"{picture.digest}-blurred-{radius:g}")
