"""What a network sees of a picture and where that lies in the original: orientation, reduced decoding, framing."""

from __future__ import annotations

import io
import os
import time

import numpy as np
import pytest
from PIL import Image
from skimage import data as photos

from dynviz.media.image import MID_GREY, PREVIEW_SIDE_PX, centre_square, read_image
from tests.media.samples import encoded, scene

TURN_BACK = {  # what a camera held like this stores: the inverse of what a viewer must do
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def photo(width: int, height: int) -> Image.Image:
    return Image.fromarray(photos.coffee()).resize((width, height), Image.Resampling.BICUBIC)


def stored(image: Image.Image, orientation: int, kind: str, **options: object) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    turn = TURN_BACK[orientation]
    return encoded(image.transpose(turn) if turn is not None else image, kind, exif=exif, **options)


@pytest.mark.parametrize("orientation", TURN_BACK)
@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP", "JPEG", "TIFF lzw"])
def test_orientation(kind: str, orientation: int) -> None:
    upright = scene(160, 96)
    options = {"WEBP": {"lossless": True}, "JPEG": {"quality": 100, "subsampling": 0}}.get(kind, {})
    if kind == "TIFF lzw":
        options = {"compression": "tiff_lzw"}
    picture = read_image(stored(upright, orientation, kind.split()[0], **options))
    tolerance = 4 if kind == "JPEG" else 0
    assert (picture.width_px, picture.height_px) == (160, 96)
    assert np.abs(np.asarray(picture.image).astype(int) - np.asarray(upright)).max() <= tolerance
    for framing in ("crop", "fit"):
        seen, box_px = picture.view(64, framing)
        expected, expected_box = read_image(upright).view(64, framing)
        assert np.abs(seen.astype(int) - expected).max() <= tolerance and box_px == expected_box


@pytest.mark.parametrize("orientation", [1, 6, 7])
def test_orientation_of_a_picture_decoded_at_reduced_scale(orientation: int) -> None:
    upright = photo(3601, 2403)
    picture = read_image(stored(upright, orientation, "JPEG", quality=95))
    assert (picture.width_px, picture.height_px) == (3601, 2403)
    assert picture.image.size == (1600, 1068)
    seen, box_px = picture.view(128)
    assert box_px == (599.0, 0.0, 3002.0, 2403.0)
    assert np.abs(seen.astype(int) - centre_square(upright, 128)).mean() < 2


def test_a_pil_picture_is_turned_too() -> None:
    image = Image.open(io.BytesIO(stored(scene(), 6, "PNG")))
    assert np.array_equal(np.asarray(read_image(image).image), np.asarray(scene()))


@pytest.mark.parametrize("value", [0, 9, 255, "6", (6, 6)], ids=str)
def test_nonsense_orientations_are_ignored(value: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image.Image, "getexif", lambda self: {0x0112: value})
    assert np.array_equal(np.asarray(read_image(encoded(scene(), "PNG")).image), np.asarray(scene()))


def test_damaged_metadata_do_not_matter() -> None:
    jpeg = encoded(scene(), "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xffgarbage")
    assert read_image(jpeg).width_px == 96


@pytest.mark.parametrize(("width", "height"), [(451, 300), (300, 451), (640, 640), (1600, 900), (9, 8)])
@pytest.mark.parametrize("side_px", [1, 32, 128, 224])
def test_crop_is_what_the_tables_measured(width: int, height: int, side_px: int) -> None:
    image = photo(width, height)
    seen, box_px = read_image(image).view(side_px, "crop")
    assert seen.shape == (side_px, side_px, 3) and seen.dtype == np.uint8
    assert np.array_equal(seen, centre_square(image, side_px))
    short = min(width, height)
    assert box_px == ((width - short) / 2, (height - short) / 2, (width + short) / 2, (height + short) / 2)


@pytest.mark.parametrize("options", [{}, {"progressive": True}], ids=["baseline", "progressive"])
@pytest.mark.parametrize(("width", "height"), [(4032, 3024), (3024, 4032), (1601, 1200), (3333, 2001), (6400, 900)])
def test_reduced_decoding_changes_a_view_little(width: int, height: int, options: dict) -> None:
    data = encoded(photo(width, height), "JPEG", quality=92, **options)
    picture = read_image(data)
    assert max(picture.image.size) == PREVIEW_SIDE_PX
    for side_px in (64, 224):
        full = centre_square(Image.open(io.BytesIO(data)).convert("RGB"), side_px).astype(int)
        difference = np.abs(picture.view(side_px)[0] - full)
        assert difference.mean() < 1.5 and np.quantile(difference, 0.999) < 16


def test_fit_shows_everything_on_grey() -> None:
    seen, box_px = read_image(photo(400, 300)).view(128, "fit")
    assert box_px == (0.0, -50.0, 400.0, 350.0)
    assert (seen[:16] == MID_GREY).all() and (seen[112:] == MID_GREY).all()
    inner = photo(400, 300).resize((128, 96), Image.Resampling.BILINEAR)
    assert np.abs(seen[16:112].astype(int) - np.asarray(inner)).max() <= 2
    tall_seen, tall_box = read_image(photo(300, 400)).view(128, "fit")
    assert tall_box == (-50.0, 0.0, 350.0, 400.0) and (tall_seen[:, :16] == MID_GREY).all()


@pytest.mark.parametrize("framing", ["crop", "fit"])
@pytest.mark.parametrize(("width", "height"), [(401, 300), (997, 1511), (2400, 1613)])
def test_boxes_map_back(width: int, height: int, framing: str) -> None:
    """A white dot on black is found in the view; its place, taken through the box, is where it was drawn."""
    size = max(width, height) // 20
    x, y = width // 2 + width // 10, height // 2 - height // 12
    canvas = Image.new("RGB", (width, height))
    canvas.paste((255, 255, 255), (x - size, y - size, x + size, y + size))
    seen, (x0, y0, x1, y1) = read_image(encoded(canvas, "JPEG", quality=98)).view(160, framing)
    weight = (seen[..., 0] > 200).astype(float)
    rows, columns = np.nonzero(weight)
    found_x = x0 + (columns.mean() + 0.5) * (x1 - x0) / 160
    found_y = y0 + (rows.mean() + 0.5) * (y1 - y0) / 160
    pixel = (x1 - x0) / 160
    assert abs(found_x - x) <= pixel and abs(found_y - y) <= pixel


@pytest.mark.parametrize(("width", "height"), [(12000, 800), (800, 12000)])
def test_a_panorama_maps_back(width: int, height: int) -> None:
    """A dot in the middle square of a strip, of which the kept picture has 107 px, is found to a pixel of the view."""
    x, y = width // 2 + 90, height // 2 - 60
    canvas = Image.new("RGB", (width, height))
    canvas.paste((255, 255, 255), (x - 40, y - 40, x + 40, y + 40))
    seen, (x0, y0, x1, y1) = read_image(encoded(canvas, "JPEG", quality=98)).view(160, "crop")
    assert (x0, y0, x1, y1) == ((width - 800) / 2, (height - 800) / 2, (width + 800) / 2, (height + 800) / 2)
    rows, columns = np.nonzero(seen[..., 0] > 128)
    assert abs(x0 + (columns.mean() + 0.5) * 5 - x) <= 8 and abs(y0 + (rows.mean() + 0.5) * 5 - y) <= 8


@pytest.mark.parametrize("framing", ["stretch", "", "CROP", None])
def test_other_framings_are_refused(framing: str) -> None:
    with pytest.raises(ValueError, match="framing must be one of crop, fit"):
        read_image(scene()).view(64, framing)


def test_a_view_needs_pixels() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        read_image(scene()).view(0)


@pytest.mark.alone
def test_a_phone_photo_is_read_quickly() -> None:
    """12 megapixels: 250 ms on a free core (held with DYNVIZ_STRICT_TIMING=1), and room for a busy machine."""
    noise = np.random.default_rng(0).integers(-8, 8, (3024, 4032, 3))
    pixels = np.clip(np.asarray(photo(4032, 3024)) + noise, 0, 255).astype(np.uint8)
    data = stored(Image.fromarray(pixels), 6, "JPEG", quality=95)
    times = []
    for _ in range(5):
        started = time.perf_counter()
        picture = read_image(data)
        picture.media(picture.view(128)[1])
        times.append(time.perf_counter() - started)
    print(f"12 megapixels, {len(data) / 1e6:.1f} MB: read, viewed and preview encoded in {min(times) * 1000:.0f} ms")
    assert min(times) < (0.25 if os.environ.get("DYNVIZ_STRICT_TIMING") else 1.0)
