"""Pictures of unusual shapes: what lies over them is aligned, what was not seen is drawn so, regions stay inside."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image
from skimage import data

import dynviz
from dynviz.decisions import Region
from dynviz.media.image import read_image
from dynviz.views.media.overlay import overlay, unseen
from dynviz.views.media.places import places

SIZES = {"panorama": (12000, 800), "portrait": (600, 2400), "tiny": (16, 16)}


def encoded(image: Image.Image, kind: str) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind)
    return buffer.getvalue()


@pytest.fixture(scope="module")
def shapes():
    photo = Image.fromarray(data.chelsea())
    found = {name: encoded(photo.resize(size), "JPEG") for name, size in SIZES.items()}
    found["transparent"] = encoded(Image.new("RGBA", (500, 300), (0, 0, 0, 0)), "PNG")
    return {name: read_image(content) for name, content in found.items()}


@pytest.mark.parametrize("framing", ["crop", "fit"])
@pytest.mark.parametrize("name", ["dynconv", "glance-focus"])
def test_overlays_lie_where_the_network_looked(shapes, name, framing):
    for shape, picture in shapes.items():
        trace = dynviz.run(name, picture, budget=0.5, framing=framing)
        media = trace.media
        wide, high = media.width_px, media.height_px
        assert (wide, high) == SIZES.get(shape, (500, 300))
        x0, y0, x1, y1 = media.box_px
        seen = (min(x1, wide) - max(x0, 0)) * (min(y1, high) - max(y0, 0))
        strips = sum((right - left) * (bottom - top) for left, top, right, bottom in unseen(media))
        assert seen + strips == pytest.approx(wide * high, rel=0.01), "each place is seen or drawn as not seen"
        # a view has whole pixels, so a fitted one may be a pixel higher or wider than the picture's shape
        assert x1 - x0 == pytest.approx(y1 - y0, rel=0.1)
        assert (strips == 0) == (framing == "fit" or wide == high)
        assert "dv-" in overlay(trace) or strips == 0
        told = places(trace)
        if told is not None:
            assert told.box_px == media.box_px and told.share.sum() == pytest.approx(1, abs=1e-3)
        for region in trace.decisions:
            if isinstance(region, Region) and region.executed:
                left, top, right, bottom = np.round(region.box_px, 3)
                assert left >= 0 and top >= 0 and right <= wide and bottom <= high
