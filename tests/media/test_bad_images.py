"""Whatever a person hands in, ``read_image`` reads it or says in one sentence what is wrong and what is accepted."""

from __future__ import annotations

import io
import struct
import tracemalloc
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image

from dynviz.media import MediaError
from dynviz.media import image as limits
from dynviz.media.image import picture_size, read_image
from dynviz.media.sniff import MAX_BLOCKS
from tests.media.samples import encoded, mp4_family, png_header, scene, valid_files, zip_archive

# Pillow also warns of what is refused here.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:PIL", "ignore::PIL.Image.DecompressionBombWarning")

JPEG = encoded(scene(), "JPEG")
PNG = encoded(scene(), "PNG")
GIF = encoded(scene(), "GIF")
SVG = b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"><rect width="9" height="9"/></svg>'
SVG_SCRIPT = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>fetch("/")</script></svg>'


def tiff_of_strips(count: int) -> bytes:
    entries = [(256, 100), (257, 100), (258, 8), (259, 1), (262, 1)]
    directory = b"".join(struct.pack("<HHII", tag, 3, 1, value) for tag, value in entries)
    directory += struct.pack("<HHII", 273, 4, count, 86) + struct.pack("<I", 0)
    return b"II*\0" + struct.pack("<IH", 8, len(entries) + 1) + directory + bytes(4 * count)


BAD = {
    "0 bytes": (b"", "empty"),
    "text": ("Dear diary, today was günstig.\n".encode(), "text file"),
    "text in UTF-16": ("Dear diary".encode("utf-16"), "text file"),
    "random bytes": (np.random.default_rng(0).bytes(5000), "not a picture"),
    "zip": (zip_archive(), "zip archive"),
    "pdf": (b"%PDF-1.7\n1 0 obj", "PDF"),
    "svg": (SVG, "SVG"),
    "svg with a script": (SVG_SCRIPT, "SVG"),
    "svg after a byte order mark": (b"\xef\xbb\xbf \n" + SVG, "SVG"),
    "web page": (b"<!DOCTYPE html><html><body>404</body></html>", "web page"),
    "heic": (mp4_family(b"heic", b"mif1", b"heic"), "damaged or incomplete"),
    "heic by another brand": (mp4_family(b"mif1", b"heic"), "damaged or incomplete"),
    "avif": (mp4_family(b"avif", b"mif1"), "damaged or incomplete"),
    "avif by another brand": (mp4_family(b"mif1", b"avif"), "damaged or incomplete"),
    "mp4": (mp4_family(b"isom", b"iso2", b"mp41"), "video"),
    "webm": (b"\x1aE\xdf\xa3" + bytes(100), "video"),
    "avi": (b"RIFF\x10\0\0\0AVI LIST", "video"),
    "wave": (b"RIFF\x10\0\0\0WAVEfmt ", "sound"),
    "unknown RIFF": (b"RIFF\x10\0\0\0ABCD", "unknown"),
    "jpeg, cut short": (JPEG[: len(JPEG) // 2], "damaged or incomplete"),
    "jpeg, magic only": (JPEG[:3], "damaged or incomplete"),
    "png, cut short": (PNG[: len(PNG) // 2], "damaged or incomplete"),
    "gif, cut short": (GIF[: len(GIF) // 2], "damaged or incomplete"),
    "decompression bomb": (png_header(50_000, 50_000), "64 megapixels"),
    "just over 64 megapixels": (png_header(8001, 8000), "64 megapixels (8,001 x 8,000 px)"),
    "between Pillow's warning and error": (png_header(10_000, 10_000), "64 megapixels"),
    "1 x 1": (encoded(scene(1, 1), "PNG"), "1 x 1 px, which is too small"),
    "1 x 20000": (encoded(scene(1, 20_000), "PNG"), "too small"),
    "7 x 64": (encoded(scene(7, 64), "BMP"), "at least 8 px a side"),
    "10 x 2000": (encoded(scene(10, 2000), "PNG"), "too long and narrow"),
    "jpeg of a million padding bytes": (JPEG[:2] + b"\xff" * 1_000_000 + JPEG[2:], "blocks"),
    "png of a million empty chunks": (PNG[:33] + b"\0\0\0\0abCd\0\0\0\0" * (MAX_BLOCKS + 1) + PNG[33:], "blocks"),
    "gif of empty extensions": (GIF[: 13 + 768] + b"!\xfe\0" * (MAX_BLOCKS + 1) + GIF[13 + 768 :], "blocks"),
    "tiff of a million strips": (tiff_of_strips(1_000_000), "blocks"),
    "tiff of 32-bit numbers": (encoded(Image.fromarray(np.full((9, 9), 10**6, np.int32)), "TIFF"), "32-bit"),
    "tiff of fractions": (encoded(Image.fromarray(np.ones((9, 9), np.float32)), "TIFF"), "stores its colours as F"),
}


def one_sentence(error: MediaError) -> str:
    text = str(error)
    assert text.endswith(".") and "\n" not in text and ". " not in text, text
    assert "accepted" in text, text
    assert "Error" not in text and "Traceback" not in text, text
    return text


@pytest.mark.parametrize("name", BAD)
def test_bad_files(name: str) -> None:
    data, expected = BAD[name]
    with pytest.raises(MediaError) as caught:
        read_image(data)
    assert expected in one_sentence(caught.value)


@pytest.mark.parametrize("name", ["decompression bomb", "between Pillow's warning and error"])
def test_warnings_made_errors_change_nothing(name: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(MediaError, match="64 megapixels"):
            read_image(BAD[name][0])


def test_a_bomb_is_refused_before_memory_is_taken() -> None:
    tracemalloc.start()
    try:
        with pytest.raises(MediaError):
            read_image(png_header(8001, 8000))
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()


def test_memory_running_out_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def exhausted(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(limits, "eight_bits", exhausted)
    with pytest.raises(MediaError, match="more memory") as caught:
        read_image(PNG)
    one_sentence(caught.value)


def test_too_many_bytes(tmp_path) -> None:
    data = JPEG + bytes(limits.MAX_BYTES)
    path = tmp_path / "large.jpg"
    path.write_bytes(data)
    for source in (data, path, io.BytesIO(data)):
        with pytest.raises(MediaError, match="larger than 30 MB") as caught:
            read_image(source)
        one_sentence(caught.value)


@pytest.mark.parametrize("name", valid_files())
def test_any_cut_of_a_valid_file(name: str) -> None:
    """Cut at 25 places: read as far as the format allows, or refused; nothing else escapes."""
    data = valid_files()[name]
    for length in np.linspace(0, len(data) - 1, 25).astype(int):
        try:
            assert read_image(data[:length]).image.mode == "RGB"
        except MediaError as error:
            one_sentence(error)


def test_paths(tmp_path) -> None:
    wrong_ending = tmp_path / "photo.pdf"
    wrong_ending.write_bytes(JPEG)
    assert read_image(wrong_ending).digest == read_image(str(wrong_ending)).digest == read_image(JPEG).digest
    for path in (tmp_path / "absent.jpg", tmp_path, "a\0b"):
        with pytest.raises(MediaError, match="no file") as caught:
            read_image(path)
        one_sentence(caught.value)


def test_files_and_buffers() -> None:
    buffer = io.BytesIO(JPEG)
    digests = {read_image(source).digest for source in (buffer, buffer, bytearray(JPEG), memoryview(JPEG))}
    assert digests == {read_image(JPEG).digest}  # a buffer is read from its start, however often
    with pytest.raises(MediaError, match="binary mode"):
        read_image(io.StringIO("text"))


@pytest.mark.parametrize(
    "array",
    [
        np.zeros((20, 20), np.float32),
        np.zeros((20, 20), bool),
        np.zeros((20, 20, 2), np.uint8),
        np.zeros((20,), np.uint8),
        np.zeros((2, 20, 20, 3), np.uint8),
        np.array([["a"]]),
    ],
    ids=lambda array: f"{array.dtype}-{array.shape}",
)
def test_bad_arrays(array: np.ndarray) -> None:
    with pytest.raises(MediaError, match="accepted are uint8 arrays"):
        read_image(array)


@pytest.mark.parametrize("shape", [(0, 0), (0, 9, 3), (1, 1), (8, 2000), (1, 20_000, 3)])
def test_arrays_of_a_bad_size(shape: tuple[int, ...]) -> None:
    with pytest.raises(MediaError, match=r"too small|too long"):
        read_image(np.zeros(shape, np.uint8))


def test_a_large_array_is_refused_before_it_is_copied() -> None:
    pixels = np.broadcast_to(np.uint8(0), (8001, 8000, 3))  # takes no memory
    with pytest.raises(MediaError, match="64 megapixels"):
        read_image(pixels)


@pytest.mark.parametrize("source", [None, 7, ["photo.jpg"], {"a": 1}], ids=str)
def test_things_that_are_no_source(source: object) -> None:
    with pytest.raises(MediaError, match="is not a picture; give a path"):
        read_image(source)


def test_a_pil_picture_of_a_cut_file() -> None:
    with pytest.raises(MediaError, match="damaged"):
        read_image(Image.open(io.BytesIO(JPEG[:-60])))


def test_fifty_at_once() -> None:
    """Good and bad files from many threads: each gets its own answer."""
    good = [encoded(Image.new("RGB", (16 + i, 32), (5 * i, 0, 0)), "PNG") for i in range(25)]
    bad = [data for data, _ in list(BAD.values())[:25]]

    def answer(data: bytes) -> tuple[int, int] | str:
        try:
            picture = read_image(data)
        except MediaError as error:
            return str(error)
        return picture.width_px, picture.image.getpixel((0, 0))[0]

    mixed = [data for pair in zip(good, bad, strict=True) for data in pair]
    with ThreadPoolExecutor(max_workers=50) as pool:
        answers = list(pool.map(answer, mixed))
    assert answers[::2] == [(16 + i, 5 * i) for i in range(25)]
    assert answers[1::2] == [answer(data) for data in bad]
    assert all(isinstance(text, str) for text in answers[1::2])


def test_picture_size_reads_the_header_only() -> None:
    assert picture_size(PNG) == (96, 64)
    assert picture_size(PNG[:60]) == (96, 64)
    with pytest.raises(MediaError):
        picture_size(b"GIF89a")
