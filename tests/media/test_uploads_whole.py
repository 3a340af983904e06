"""Parts of an upload in all its pixels: decoded only when somebody needs them, once, and never two at a time."""

from __future__ import annotations

import io
import tracemalloc

import numpy as np
import pytest
import torch
from PIL import Image

from dynviz.media import image as module
from dynviz.media.difficulty import KNOBS
from dynviz.media.image import read_image, thumbnail
from dynviz.networks.sources import Original, PictureSource

WIDE, HIGH = 4800, 800  # a panorama: the kept picture has 267 px on its shorter side


@pytest.fixture(autouse=True)
def nothing_kept(monkeypatch):
    monkeypatch.setattr(module, "_whole", None)


def fine(width: int = WIDE, height: int = HIGH) -> np.ndarray:
    """Columns black and white by turns: grey once it is made smaller."""
    return np.broadcast_to((np.arange(width) % 2 * 255).astype(np.uint8)[None, :, None], (height, width, 3)).copy()


def encoded(pixels: np.ndarray, kind: str = "PNG", **options) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, kind, **options)
    return buffer.getvalue()


def source(picture) -> PictureSource:
    scale = picture.width_px / picture.image.width, picture.height_px / picture.image.height
    kept = torch.from_numpy(np.array(picture.image)).permute(2, 0, 1)
    box = tuple(edge / scale[i % 2] for i, edge in enumerate(picture.view(64)[1]))
    return PictureSource(torch.zeros(1, 3, 64, 64), (Original(kept, box, scale, picture.upload.pixels),))


@pytest.mark.parametrize("given", [encoded(fine()), fine()], ids=["file", "array"])
def test_a_small_region_shows_what_only_the_upload_has(given):
    picture = read_image(given)
    assert max(picture.image.size) == 1600 and picture.upload is not None
    part, boxes = source(picture).regions(np.array([[0.5, 0.5]]), 0.25, 200)  # 200 px of the upload, 67 kept
    assert boxes.tolist() == [[2300.0, 300.0, 2500.0, 500.0]]
    assert torch.equal(part[0, 0, 0], torch.arange(200) % 2 * 1.0)  # every column as it was


def test_a_region_that_the_kept_picture_has_pixels_for_decodes_nothing():
    def decode():
        raise AssertionError("decoded without need")

    picture = read_image(encoded(fine(3000, 2400)))
    kept = source(picture)
    [original] = kept.originals
    blind = PictureSource(kept.view, (Original(original.pixels, original.box, original.scale, decode),))
    part, boxes = blind.regions(np.array([[0.5, 0.5]]), 0.2, 192)
    assert boxes[0].tolist() == pytest.approx([1260, 960, 1740, 1440], abs=2) and part.shape == (1, 3, 192, 192)


def test_it_is_decoded_once_and_only_the_last_is_kept(monkeypatch):
    calls = []
    decoded = module._whole_of
    monkeypatch.setattr(module, "_whole_of", lambda data: calls.append(len(data)) or decoded(data))
    first, second = (read_image(encoded(fine(WIDE + more))) for more in (0, 2))
    assert calls == []
    for _ in range(3):
        source(first).regions(np.array([[0.5, 0.5]]), 0.25, 200)
    assert len(calls) == 1
    second.upload.pixels()
    assert len(calls) == 2 and module._whole[0] == second.digest
    first.upload.pixels()
    assert len(calls) == 3


def test_a_phone_photo_lies_as_it_is_seen():
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    picture = read_image(encoded(fine(), "JPEG", quality=95, exif=exif.tobytes()))
    assert picture.upload.pixels().shape == (WIDE, HIGH, 3) == (picture.height_px, picture.width_px, 3)


def test_the_largest_picture_takes_its_own_pixels_and_little_more():
    """64 megapixels: 192 MB as RGB. PIL's memory is not traced, so that the arrays made of it are what is counted."""
    data = encoded(np.zeros((8000, 8000, 3), np.uint8), "JPEG", quality=50)
    tracemalloc.start()
    pixels = read_image(data).upload.pixels()
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert pixels.shape == (8000, 8000, 3) and most < 500e6


def test_what_is_changed_or_made_small_has_no_upload_behind_it():
    picture = read_image(encoded(fine()))
    assert thumbnail(picture, 300).upload is None
    for knob in KNOBS.values():
        changed = [knob.turn(picture, strength) for strength in knob.strengths if strength != knob.neutral]
        assert all(one.upload is None for one in changed[:1])
    assert read_image(encoded(fine(1600, 400))).upload is None
