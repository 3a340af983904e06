"""Pictures and files made for the tests of media input; nothing binary is kept in the repository."""

from __future__ import annotations

import io
import zipfile
import zlib
from typing import Any

import numpy as np
from PIL import Image

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF")


def scene(width: int = 96, height: int = 64) -> Image.Image:
    """A smooth RGB picture whose four corners differ, so that a turned or mirrored copy is told apart."""
    x, y = np.meshgrid(np.linspace(0, 1, width), np.linspace(0, 1, height))
    pixels = np.stack([255 * x, 255 * y, 255 * (1 - x) * (1 - y)], axis=-1)
    return Image.fromarray(np.round(pixels).astype(np.uint8))


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def valid_files() -> dict[str, bytes]:
    """One small valid file of each kind and of its rarer variants."""
    rgb = scene()
    frames = [scene(), scene().transpose(Image.Transpose.FLIP_LEFT_RIGHT), scene().rotate(180)]
    grey16 = Image.fromarray(np.linspace(0, 65535, 96 * 64).astype(np.uint16).reshape(64, 96))
    exif = Image.Exif()
    exif[0x0112] = 6
    files = {kind.lower(): encoded(rgb, kind) for kind in FORMATS}
    return files | {
        "jpeg progressive": encoded(rgb, "JPEG", progressive=True, exif=exif),
        "jpeg cmyk": encoded(rgb.convert("CMYK"), "JPEG"),
        "png palette": encoded(rgb.quantize(16), "PNG", transparency=0),
        "png 16 bit": encoded(grey16, "PNG"),
        "png animated": encoded(frames[0], "PNG", save_all=True, append_images=frames[1:]),
        "gif animated": encoded(frames[0], "GIF", save_all=True, append_images=frames[1:]),
        "webp animated": encoded(frames[0], "WEBP", save_all=True, append_images=frames[1:]),
        "webp lossless": encoded(rgb.convert("RGBA"), "WEBP", lossless=True, exif=exif),
        "bmp 1 bit": encoded(rgb.convert("1"), "BMP"),
        "tiff pages": encoded(frames[0], "TIFF", save_all=True, append_images=frames[1:]),
        "tiff lzw": encoded(rgb, "TIFF", compression="tiff_lzw", exif=exif),
        "tiff jpeg": encoded(rgb, "TIFF", compression="jpeg"),
        "tiff 16 bit": encoded(grey16, "TIFF", compression="tiff_adobe_deflate"),
    }


def png_header(width: int, height: int) -> bytes:
    """A PNG that promises ``width`` x ``height`` pixels and holds almost none of them."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + name + data + zlib.crc32(name + data).to_bytes(4, "big")

    head = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes([8, 0, 0, 0, 0])
    body = zlib.compress(bytes(1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def mp4_family(major: bytes, *compatible: bytes) -> bytes:
    """The start of a file of the MP4 family, with its brands."""
    brands = major + bytes(4) + b"".join(compatible)
    return (8 + len(brands)).to_bytes(4, "big") + b"ftyp" + brands + bytes(200)


def zip_archive() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("holiday.jpg", encoded(scene(), "JPEG"))
    return buffer.getvalue()
