"""Pictures as phones, scanners and microscopes save them: HEIC, AVIF, colour profiles, odd grey, empty transparency."""

from __future__ import annotations

import io
import struct
import time

import numpy as np
import pytest
import tifffile
from PIL import Image, ImageCms
from pillow_heif import from_pillow, register_heif_opener

from dynviz.media import MediaError
from dynviz.media.image import MAX_PIXELS, picture_size, read_image
from dynviz.trace import Prediction, Trace
from dynviz.trace.file import trace_bytes
from tests.media.samples import encoded, scene

register_heif_opener()
SCENE = scene()


def pixels(data) -> np.ndarray:
    return np.asarray(read_image(data).image).astype(int)


def near(data, expected=SCENE, most=6.0) -> bool:
    return bool(np.abs(pixels(data) - np.asarray(expected).astype(int)).mean() < most)


@pytest.mark.parametrize("kind", ["HEIF", "AVIF"])
@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L"])
def test_what_phones_save_is_read(kind, mode):
    image = SCENE.convert(mode)
    data = encoded(image, kind, quality=90)
    picture = read_image(data)
    assert (picture.width_px, picture.height_px) == SCENE.size == picture_size(data)
    assert near(data, image.convert("RGB")) and picture.notes == ()
    media = picture.media(picture.view(32)[1])
    trace = Trace("a", "A", ("x",), Prediction("x", 1.0, ()), (), (), media, 0)
    assert Trace.load(trace_bytes(trace)).media.preview == media.preview  # kept as JPEG or PNG


@pytest.mark.parametrize("kind", ["HEIF", "AVIF"])
@pytest.mark.parametrize("turn", range(1, 9))
def test_what_phones_turned_is_upright(kind, turn):
    exif = Image.Exif()
    exif[0x0112] = turn
    expected = read_image(encoded(SCENE, "PNG", exif=exif)).image
    assert near(encoded(SCENE, kind, quality=90, exif=exif.tobytes()), expected)


def test_several_pictures_in_one_file_are_told():
    second = SCENE.transpose(Image.Transpose.ROTATE_180)
    heif = from_pillow(SCENE)
    heif.add_from_pillow(second)
    file = io.BytesIO()
    heif.save(file, quality=90)
    moving = encoded(SCENE, "AVIF", save_all=True, append_images=[second])
    for data in (file.getvalue(), moving):
        assert read_image(data).notes == ("Only the first of 2 frames is used.",) and near(data)


@pytest.mark.parametrize("kind", ["HEIF", "AVIF"])
def test_a_damaged_picture_of_a_phone_is_refused_in_one_sentence(kind):
    data = encoded(SCENE, kind, quality=90)
    for bad in (data[: len(data) // 2], data[:40], data[:200] + bytes(len(data) - 200)):
        with pytest.raises(MediaError) as caught:
            read_image(bad)
        assert str(caught.value).endswith(".") and "\n" not in str(caught.value)


def test_a_large_picture_of_a_phone_is_refused_before_it_is_decoded():
    data = bytearray(encoded(SCENE, "HEIF", quality=90))
    at = data.index(b"ispe") + 8
    data[at : at + 8] = struct.pack(">II", 20_000, MAX_PIXELS // 20_000 + 1)
    started = time.process_time()
    with pytest.raises(MediaError):
        read_image(bytes(data))
    assert time.process_time() - started < 1


# --- colours


def profile(
    gamma: float, matrix=((0.4360, 0.3851, 0.1431), (0.2225, 0.7169, 0.0606), (0.0139, 0.0971, 0.7141)), name="wide"
):
    """An ICC profile of version 2 made of a matrix to XYZ (D50) and one gamma: no binary is kept in the repository."""

    def tag(kind, body):
        body = kind + bytes(4) + body
        return body + bytes(-len(body) % 4)

    fixed = lambda *values: b"".join(struct.pack(">i", round(v * 65536)) for v in values)  # noqa: E731
    text = name.encode() + b"\0"
    tags = {
        b"desc": tag(b"desc", struct.pack(">I", len(text)) + text + bytes(12 + 67)),
        b"cprt": tag(b"text", b"none\0"),
    }
    tags[b"wtpt"] = tag(b"XYZ ", fixed(0.9642, 1.0, 0.8249))
    for letter, column in zip((b"r", b"g", b"b"), zip(*matrix, strict=True), strict=True):
        tags[letter + b"XYZ"] = tag(b"XYZ ", fixed(*column))
        tags[letter + b"TRC"] = tag(b"curv", struct.pack(">IH", 1, round(gamma * 256)) + bytes(2))
    table, body, at = b"", b"", 128 + 4 + 12 * len(tags)
    for key, data in tags.items():
        table += key + struct.pack(">II", at + len(body), len(data))
        body += data
    head = struct.pack(">I4sI4s4s4s", at + len(body), b"lcms", 0x02100000, b"mntr", b"RGB ", b"XYZ ") + bytes(12)
    head += b"acsp" + bytes(24) + struct.pack(">I", 0) + fixed(0.9642, 1.0, 0.8249)
    return head.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + body


# Display P3's primaries; its reds are redder than sRGB can say
P3 = profile(2.2, ((0.5151, 0.2920, 0.1571), (0.2412, 0.6922, 0.0666), (-0.0011, 0.0419, 0.7841)), "Display P3")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF", "HEIF", "AVIF"])
def test_colours_are_those_that_the_profile_means(kind):
    flat = Image.new("RGB", (64, 64), (200, 120, 60))
    flat.paste((40, 90, 160), (0, 0, 32, 64))
    options = {} if kind in ("PNG", "TIFF") else {"quality": 95}
    picture = read_image(encoded(flat, kind, icc_profile=P3, **options))
    assert picture.notes == ("Its colours are converted from Display P3 to sRGB.",)
    # by hand: linear light through P3's matrix and the inverse of sRGB's, then sRGB's curve
    to_xyz = np.array([[0.5151, 0.2920, 0.1571], [0.2412, 0.6922, 0.0666], [-0.0011, 0.0419, 0.7841]])
    srgb = np.array([[0.4360, 0.3851, 0.1431], [0.2225, 0.7169, 0.0606], [0.0139, 0.0971, 0.7141]])
    for place, colour in (((48, 32), (200, 120, 60)), ((16, 32), (40, 90, 160))):
        light = np.linalg.inv(srgb) @ to_xyz @ (np.array(colour) / 255) ** 2.2
        light = np.clip(light, 0, 1)
        expected = 255 * np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
        assert np.abs(np.array(picture.image.getpixel(place)) - expected).max() < 6


def test_profiles_that_change_nothing_or_do_not_fit():
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    same = read_image(encoded(SCENE, "PNG", icc_profile=srgb))
    assert same.notes == () and np.array_equal(np.asarray(same.image), np.asarray(SCENE))
    for bad, image in ((b"no profile", SCENE), (P3[:150], SCENE), (P3, SCENE.convert("L"))):
        picture = read_image(encoded(image, "PNG", icc_profile=bad))
        assert picture.notes == ("Its colour profile does not fit and is not used.",)
        assert np.array_equal(np.asarray(picture.image), np.asarray(image.convert("RGB")))


def test_transparency_and_profile_together():
    image = SCENE.convert("RGBA")
    image.putalpha(Image.new("L", SCENE.size, 0))
    picture = read_image(encoded(image, "PNG", icc_profile=P3))
    assert len(picture.notes) == 3 and picture.image.getextrema() == ((255, 255),) * 3


# --- transparency that nobody meant


def bmp(image: Image.Image, alpha: int) -> bytes:
    """A BMP of version 5 with masks, as GIMP and Windows' clipboard write it."""
    blue_first = np.dstack([np.asarray(image)[::-1, :, ::-1], np.full(image.size[::-1], alpha, np.uint8)])
    body = blue_first.tobytes()
    head = struct.pack("<IiiHHIIiiII", 124, *image.size, 1, 32, 3, len(body), 2835, 2835, 0, 0)
    head += struct.pack("<IIII", 0xFF0000, 0xFF00, 0xFF, 0xFF000000) + b"BGRs" + bytes(64)
    return (
        b"BM" + struct.pack("<IHHI", 14 + len(head) + len(body), 0, 0, 14 + len(head)) + head.ljust(124, b"\0") + body
    )


def test_a_bmp_whose_transparency_is_empty_is_opaque():
    assert near(bmp(SCENE, 0), most=0.5) and "empty" in read_image(bmp(SCENE, 0)).notes[0]
    assert near(bmp(SCENE, 255), most=0.5) and read_image(bmp(SCENE, 255)).notes == ()
    half = read_image(bmp(SCENE, 128))
    assert half.notes == ("Transparent parts are shown on white.",) and np.asarray(half.image).min() > 100


# --- odd grey and planes

GREY = np.asarray(SCENE.convert("L")).astype(np.uint16)


def tiff(array: np.ndarray, **options) -> bytes:
    file = io.BytesIO()
    tifffile.imwrite(file, array, **options)
    return file.getvalue()


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("compression", [None, "zlib"])
def test_white_may_be_zero_at_sixteen_bits_too(order, compression):
    options = {"byteorder": order, "compression": compression}
    black = tiff(GREY * 257, photometric="minisblack", **options)
    white = tiff(65535 - GREY * 257, photometric="miniswhite", **options)
    assert np.array_equal(pixels(black), pixels(white)) and np.array_equal(pixels(black)[..., 0], GREY)
    eight = tiff((255 - GREY).astype(np.uint8), photometric="miniswhite", **options)
    assert np.array_equal(pixels(eight), pixels(black))


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("compression", [None, "zlib"])
@pytest.mark.parametrize("channels", [3, 4])
def test_planes_of_sixteen_bits_are_put_together(order, compression, channels):
    values = np.asarray(SCENE).astype(np.uint16) * 257
    if channels == 4:
        values = np.dstack([values, np.full(values.shape[:2], 65535, np.uint16)])
    options = {"photometric": "rgb", "byteorder": order, "compression": compression}
    options |= {"extrasamples": ["unassalpha"]} if channels == 4 else {}
    chunks = tiff(values, **options)
    planes = tiff(np.moveaxis(values, -1, 0).copy(), planarconfig="separate", **options)
    assert np.array_equal(pixels(chunks), np.asarray(SCENE)) and np.array_equal(pixels(planes), np.asarray(SCENE))


@pytest.mark.parametrize("bits", [10, 12, 14])
@pytest.mark.parametrize("kind", ["TIFF", "PNG"])
def test_fewer_bits_in_sixteen_are_not_nearly_black(bits, kind):
    values = np.round(GREY / 255 * (2**bits - 1)).astype(np.uint16)
    data = tiff(values) if kind == "TIFF" else encoded(Image.fromarray(values), "PNG")
    picture = read_image(data)
    assert np.abs(np.asarray(picture.image)[..., 0].astype(int) - GREY).max() <= 1
    assert f"taken as {bits} bits" in picture.notes[0]
    assert read_image(tiff(GREY * 257)).notes == ()


def test_a_picture_on_which_nothing_can_be_seen_says_so():
    dark = read_image(encoded(SCENE.point(lambda value: value // 12), "PNG"))
    assert dark.notes == ("The picture is very dark: hardly anything can be seen on it.",)
    assert read_image(Image.new("RGB", (40, 40), "white")).notes == ("The whole picture has one colour.",)
    assert read_image(SCENE).notes == ()


# --- large photos


@pytest.mark.parametrize("megapixels", [12, 48])
def test_a_large_photo_is_decoded_at_reduced_size(megapixels):
    """In processor time, so that a busy machine does not matter; what is left is the decoder's own."""
    wide = round((megapixels * 1e6 * 4 / 3) ** 0.5)
    grain = np.random.default_rng(0).integers(0, 40, (wide * 3 // 4 // 8, wide // 8, 3), np.uint8)
    photo = Image.fromarray(grain).resize((wide, wide * 3 // 4), Image.Resampling.BILINEAR)
    photo.paste(SCENE.resize((wide // 2, wide * 3 // 8)), (wide // 4, wide // 5))
    data = encoded(photo, "JPEG", quality=90)
    started = time.process_time()
    picture = read_image(data)
    assert time.process_time() - started < 0.6
    assert picture.width_px == wide and picture.image.width == 1600
