"""The pixel values of every kind of picture: transparency, palettes, CMYK, 16 bits, one bit, animations, metadata."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, ImageCms

from dynviz.media.image import PNG_SIDE_PX, PREVIEW_SIDE_PX, read_image
from tests.media.samples import FORMATS, encoded, scene


def pixels(data: bytes) -> np.ndarray:
    return np.asarray(read_image(data).image).astype(int)


@pytest.mark.parametrize("kind", FORMATS)
def test_formats_agree(kind: str) -> None:
    """Lossless formats to the value, lossy ones to a few steps; a GIF has 256 colours."""
    most, mean = {"JPEG": (24, 4), "WEBP": (24, 4), "GIF": (48, 16)}.get(kind, (0, 0))
    difference = np.abs(pixels(encoded(scene(), kind)) - np.asarray(scene()))
    assert difference.max() <= most and difference.mean() <= mean


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF"])
def test_transparency_lies_on_white(kind: str) -> None:
    image = Image.new("RGBA", (32, 32), (200, 0, 0, 255))
    image.paste((0, 0, 0, 0), (0, 0, 16, 16))
    image.paste((0, 0, 0, 128), (16, 16, 32, 32))
    data = encoded(image, kind, **({"lossless": True, "exact": True} if kind == "WEBP" else {}))
    shown = pixels(data)
    assert shown[8, 8].tolist() == [255, 255, 255]
    assert shown[8, 24].tolist() == [200, 0, 0]
    assert np.abs(shown[24, 24] - 127).max() <= 1
    assert read_image(data).notes == ("Transparent parts are shown on white.",)


def test_an_unused_alpha_channel_is_not_worth_a_note() -> None:
    assert read_image(encoded(scene().convert("RGBA"), "PNG")).notes == ()


def test_transparent_palette_entry_and_colour_key() -> None:
    palette = Image.new("P", (16, 16), 0)
    palette.putpalette([10, 20, 30, 200, 100, 50])
    palette.paste(1, (8, 0, 16, 16))
    for kind in ("PNG", "GIF"):
        shown = pixels(encoded(palette, kind, transparency=0))
        assert shown[4, 4].tolist() == [255, 255, 255] and shown[4, 12].tolist() == [200, 100, 50]
    key = Image.new("RGB", (16, 16), (1, 2, 3))
    key.paste((9, 9, 9), (8, 0, 16, 16))
    shown = pixels(encoded(key, "PNG", transparency=(1, 2, 3)))
    assert shown[4, 4].tolist() == [255, 255, 255] and shown[4, 12].tolist() == [9, 9, 9]


def test_grey_with_alpha() -> None:
    image = Image.new("LA", (16, 16), (100, 255))
    image.paste((100, 0), (0, 0, 8, 16))
    shown = pixels(encoded(image, "PNG"))
    assert shown[0, 0].tolist() == [255] * 3 and shown[0, 15].tolist() == [100] * 3


def test_palette_without_transparency() -> None:
    image = Image.new("P", (16, 16), 1)
    image.putpalette([0, 0, 0, 12, 34, 56])
    for kind in ("PNG", "GIF", "BMP", "TIFF"):
        assert pixels(encoded(image, kind))[3, 3].tolist() == [12, 34, 56], kind


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_cmyk(kind: str) -> None:
    shown = pixels(encoded(Image.new("CMYK", (32, 32), (255, 0, 0, 0)), kind))
    assert np.abs(shown[16, 16] - [0, 255, 255]).max() <= 3
    assert "CMYK" in read_image(encoded(Image.new("CMYK", (32, 32), (255, 0, 0, 0)), kind)).notes[0]


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_sixteen_bits_are_scaled_not_clipped(kind: str) -> None:
    ramp = np.repeat(np.array([0, 250, 257, 25_700, 32_768, 65_535], np.uint16)[None], 16, axis=0).repeat(8, axis=1)
    shown = pixels(encoded(Image.fromarray(ramp), kind))
    assert shown[0, ::8, 0].tolist() == [0, 1, 1, 100, 128, 255]


def test_one_bit_and_grey() -> None:
    image = Image.new("1", (16, 16), 1)
    image.paste(0, (0, 0, 8, 16))
    for kind in ("PNG", "BMP", "TIFF"):
        assert pixels(encoded(image, kind))[0, ::15].tolist() == [[0] * 3, [255] * 3], kind
    for kind in ("JPEG", "PNG", "WEBP"):
        assert np.abs(pixels(encoded(Image.new("L", (16, 16), 77), kind))[5, 5] - 77).max() <= 2, kind


@pytest.mark.parametrize(
    ("kind", "word"), [("GIF", "frames"), ("PNG", "frames"), ("WEBP", "frames"), ("TIFF", "pages")]
)
def test_the_first_frame_and_its_note(kind: str, word: str) -> None:
    colours = ["red", "green", "blue", "white", "black"]
    frames = [Image.new("RGB", (32, 32), colour) for colour in colours]
    picture = read_image(encoded(frames[0], kind, save_all=True, append_images=frames[1:]))
    assert picture.notes[0] == f"Only the first of 5 {word} is used."
    red, green, blue = picture.image.getpixel((16, 16))
    assert red > 245 and green < 10 and blue < 10


@pytest.mark.parametrize("kind", FORMATS)
def test_a_single_frame_needs_no_note(kind: str) -> None:
    assert read_image(encoded(scene(), kind)).notes == ()


def test_metadata_are_dropped() -> None:
    """Where a photo was taken, its comment and its colour profile must not travel on in a saved trace."""
    exif = Image.Exif()
    exif[0x010E] = "SECRET-description"
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for side in (64, PNG_SIDE_PX * 2):
        image = scene(side, side)
        for kind, options in (("JPEG", {"comment": b"SECRET-comment"}), ("PNG", {}), ("WEBP", {})):
            data = encoded(image, kind, exif=exif, icc_profile=profile, **options)
            assert (b"SECRET" in data and profile[:40] in data) or kind == "PNG"
            picture = read_image(data)
            assert picture.image.info == {} and type(picture.image) is Image.Image
            kept = Image.open(io.BytesIO(picture.media((0, 0, side, side)).preview))
            kept.load()
            assert not {"exif", "icc_profile", "comment", "xmp"} & kept.info.keys()


def test_previews() -> None:
    """Small pictures without loss, larger ones as JPEG of at most 1,600 px; encoded once."""
    small = read_image(scene(PNG_SIDE_PX, 100))
    media = small.media((0.0, 0.0, 1.0, 1.0))
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(media.preview))), np.asarray(small.image))
    large = read_image(scene(2400, 900))
    first, second = large.media((0.0, 0.0, 1.0, 1.0)), large.media((1.0, 1.0, 2.0, 2.0))
    preview = Image.open(io.BytesIO(first.preview))
    assert preview.format == "JPEG" and preview.size == (PREVIEW_SIDE_PX, 600)
    assert first.preview is second.preview and second.box_px == (1.0, 1.0, 2.0, 2.0)
    assert (first.width_px, first.height_px, first.digest) == (2400, 900, large.digest)


def test_digests() -> None:
    """Of the file where there is one; of size and pixels otherwise, whatever object holds them."""
    image = scene()
    array = np.asarray(image)
    assert read_image(image).digest == read_image(array).digest == read_image(array[:, ::-1][:, ::-1]).digest
    assert read_image(array).digest != read_image(array.reshape(96, 64, 3)).digest
    changed = array.copy()
    changed[0, 0, 0] ^= 1
    assert read_image(changed).digest != read_image(array).digest
    png = encoded(image, "PNG")
    assert read_image(png).digest != read_image(png + b"\0").digest


def test_pil_pictures_and_arrays_of_every_shape() -> None:
    rgb = np.asarray(scene())
    assert np.array_equal(np.asarray(read_image(rgb).image), rgb)
    assert np.array_equal(np.asarray(read_image(rgb[..., 0]).image), np.repeat(rgb[..., :1], 3, axis=2))
    clear = np.concatenate([rgb, np.zeros((*rgb.shape[:2], 1), np.uint8)], axis=2)
    assert np.asarray(read_image(clear).image).min() == 255
    source = scene().convert("P")
    read_image(source)
    assert source.mode == "P"  # the caller's picture is left as it was
    first, second = Image.new("P", (9, 9), 1), Image.new("P", (9, 9), 1)
    first.putpalette([0, 0, 0, 255, 0, 0])
    second.putpalette([0, 0, 0, 0, 0, 255])
    assert read_image(first).digest != read_image(second).digest  # same indices, other colours


def test_a_phone_photo_with_a_second_picture_in_it() -> None:
    """Phones append a depth map or a gain map (MPO); that is no animation and needs no note."""
    picture = read_image(encoded(scene(), "MPO", save_all=True, append_images=[Image.new("RGB", (96, 64))]))
    assert picture.notes == () and picture.image.getpixel((95, 32))[0] > 230
