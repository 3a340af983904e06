"""Small pieces of SVG: pictures of one pixel per cell, masks made of them, tags."""

from __future__ import annotations

import base64
from hashlib import blake2s

import numpy as np

from dynviz.views.style.shapes import Box, png_bytes
from dynviz.views.style.words import text


def tag(x: float, y: float, words: str, size: float, *, turn: bool = False) -> str:
    """A few words in white on a dark pill, centred at x, y; ``turn`` writes upwards."""
    wide, high = size * 0.56 * len(words) + size * 0.9, size * 1.5
    turned = f' transform="rotate(-90 {x:.1f} {y:.1f})"' if turn else ""
    return (
        f'<g class="dv-tag"{turned}><rect x="{x - wide / 2:.1f}" y="{y - high / 2:.1f}" width="{wide:.1f}" '
        f'height="{high:.1f}" rx="{size * 0.35:.1f}" fill="#0a0c0f" fill-opacity=".84"/>'
        f'<text x="{x:.1f}" y="{y + size * 0.35:.1f}" font-size="{size:.1f}" text-anchor="middle" fill="#fff" '
        f'font-family="sans-serif">{text(words)}</text></g>'
    )


def data_uri(encoded: bytes) -> str:
    """An encoded picture as a data URI; its kind is read from its first bytes. Raises ValueError for anything else."""
    kinds = {b"\x89PNG": "png", b"\xff\xd8\xff": "jpeg", b"RIFF": "webp", b"GIF8": "gif"}
    kind = next((name for magic, name in kinds.items() if encoded.startswith(magic)), None)
    if kind is None:
        raise ValueError("the picture is neither PNG, JPEG, WebP nor GIF")
    return f"data:image/{kind};base64,{base64.b64encode(encoded).decode()}"


def cells_image(pixels: np.ndarray, box: Box, extra: str = "") -> str:
    """A picture with one pixel per cell, scaled by the browser without smoothing."""
    x0, y0, x1, y1 = box
    return (
        f'<image href="{data_uri(png_bytes(pixels))}" x="{x0:.1f}" y="{y0:.1f}" width="{x1 - x0:.1f}" '
        f'height="{y1 - y0:.1f}" preserveAspectRatio="none" style="image-rendering:pixelated"{extra}/>'
    )


def mask_element(grey: np.ndarray, box: Box) -> tuple[str, str]:
    """(SVG mask, its id): (rows, columns) uint8 stretched over the box, 255 lets everything through.

    The id is made of what the mask holds, so two fragments on one page share an id only where they share the mask.
    """
    name = "dv-" + blake2s(grey.tobytes() + repr((grey.shape, box)).encode(), digest_size=6).hexdigest()
    return f'<mask id="{name}" style="mask-type:luminance">{cells_image(grey, box)}</mask>', name
