"""Pictures of nothing in particular, made of noise and lines: what lies between the shots of a made video."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from PIL import Image


@lru_cache(maxsize=64)
def texture(seed: int) -> Image.Image:
    """Something that shows nothing: a wall, a floor, gravel, grass, a sky; 208 x 176 px."""
    draw = np.random.default_rng(seed)
    ground = draw.uniform(30, 225) + draw.normal(0, 14, 3)
    colours = ground + draw.uniform(20, 110) * np.array([[-1.0], [1.0]]) + draw.normal(0, 10, (2, 3))
    picture = np.zeros((176, 208), dtype=np.float32)
    for fineness in draw.choice((3, 8, 20, 45, 90, 170), size=3, replace=False):
        stretch = draw.choice((0.15, 0.5, 1.0, 1.0, 2.0, 6.0))
        across = min(max(2, int(fineness * stretch)), 208)
        layer = Image.fromarray(draw.random((int(fineness), across)).astype(np.float32))
        picture += np.asarray(layer.resize((208, 176), Image.Resampling.BICUBIC)) * draw.uniform(0.2, 1.0)
    if draw.random() < 0.3:  # stones: sharper than noise is
        picture = np.abs(picture - np.median(picture)) ** draw.uniform(0.3, 1.0)
    if draw.random() < 0.4:
        picture += draw.uniform(0.2, 1.0) * _joints(draw)
    picture = (picture - picture.min()) / max(float(np.ptp(picture)), 1e-6)
    mixed = colours[0] + picture[..., None] * (colours[1] - colours[0])
    return Image.fromarray(mixed.clip(0, 255).astype(np.uint8))


def _joints(draw: np.random.Generator) -> np.ndarray:
    """(176, 208) of 0 and 1: boards, blinds, tiles, or bricks whose rows are shifted."""
    down, across = np.mgrid[:176, :208]
    high, wide, joint = int(draw.integers(5, 40)), int(draw.integers(10, 80)), int(draw.integers(1, 5))
    kind = draw.choice(("boards", "blinds", "tiles", "bricks"))
    if kind in ("boards", "blinds"):
        return ((down if kind == "blinds" else across) % high < max(joint, high // 2 * (draw.random() < 0.5))) * 1.0
    shifted = across + (down // high % 2) * (wide // 2) * (kind == "bricks")
    return ((down % high < joint) | (shifted % wide < joint)) * 1.0
