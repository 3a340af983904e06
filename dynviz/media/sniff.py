"""What a file really is, told from its first bytes: its name and ending do not matter.

Only the accepted formats ever reach the decoder. Everything else is named in words a person knows, with what to do.
The structure of an accepted file is bounded here too: a file of millions of empty blocks would keep the parser busy
for many seconds before the first pixel.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import repeat

from dynviz.media.errors import MediaError

ACCEPTED = "JPEG, PNG, WebP, HEIC, AVIF, GIF, BMP and TIFF pictures are accepted"
MAX_BLOCKS = 100_000  # markers, chunks, extension blocks or strips; a real file has some thousands at most
MAX_COUNTED_FRAMES = 1_000

HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"}
AVIF_BRANDS = {b"avif", b"avis"}

FORMATS = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"BM", "BMP"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"II+\0", "TIFF"),
    (b"MM\0+", "TIFF"),
)
OTHERS = (
    (b"PK\x03\x04", "a zip archive or an Office document"),
    (b"PK\x05\x06", "an empty zip archive"),
    (b"%PDF", "a PDF document"),
    (b"\x1aE\xdf\xa3", "a video"),
    (b"\0\0\x01\xba", "a video"),
    (b"\0\0\x01\xb3", "a video"),
    (b"FLV\x01", "a video"),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "a video"),  # WMV
    (b"OggS", "a sound or video file"),
    (b"ID3", "a sound file"),
    (b"fLaC", "a sound file"),
    (b"\xff\x0a", "a JPEG XL picture"),
    (b"\0\0\0\x0cJXL ", "a JPEG XL picture"),
    (b"\0\0\0\x0cjP  ", "a JPEG 2000 picture"),
    (b"\xff\x4f\xff\x51", "a JPEG 2000 picture"),
    (b"8BPS", "a Photoshop document"),
    (b"\0\0\x01\0", "an icon file"),
    (b"%!PS", "a PostScript document"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!", "a rar archive"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
)


SHORT = 32  # bytes; too few to tell a text from the beginning of a picture
PRINTABLE = (b"%PDF", b"%!PS")  # documents that can be all printable
CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1f]")


def picture_format(data: bytes) -> str:
    """Pillow's name of the accepted format that ``data`` starts like. Raises MediaError for anything else."""
    if not data:
        raise MediaError(f"The file is empty (0 bytes); {ACCEPTED}.")
    if data[:4] == b"RIFF":
        if data[8:12] == b"WEBP":
            return "WEBP"
        what = {b"AVI ": "a video", b"WAVE": "a sound file"}.get(data[8:12], "a file of an unknown kind")
        raise MediaError(f"This is {what}, not a picture; {ACCEPTED}.")
    if data[4:8] == b"ftyp" and (name := _container(data)):
        return name
    if not _only_looks_like(data):
        for magic, name in FORMATS:
            if data.startswith(magic):
                return name
    raise MediaError(_refusal(data))


def named(data: bytes) -> str:
    """What a file is that is neither text nor unknown, such as 'a PDF document'; '' otherwise."""
    if _only_looks_like(data):
        return ""
    if data[:4] == b"RIFF":
        return {b"WEBP": "a picture", b"AVI ": "a video", b"WAVE": "a sound file"}.get(data[8:12], "")
    if data[4:8] == b"ftyp":
        return "a picture" if _container(data) else "a video or a sound"
    if any(data.startswith(magic) for magic, _ in FORMATS):
        return "a picture"
    return next((what for magic, what in OTHERS if data.startswith(magic)), "")


def _only_looks_like(data: bytes) -> bool:
    """Is it a text that begins with the letters of another format, such as BM?"""
    if len(data) < SHORT or data.startswith(PRINTABLE) or not data[:3].isascii():
        return False
    return not CONTROL.search(data[:4096])


def _refusal(data: bytes) -> str:
    if data[4:8] == b"ftyp":
        return f"This is a video, not a picture; {ACCEPTED}."
    for magic, what in OTHERS:
        if data.startswith(magic) and not _only_looks_like(data):
            return f"This is {what}, not a picture that can be read here; {ACCEPTED}."
    start = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith(b"<") and b"<svg" in start:
        return f"This is an SVG drawing, which is not made of pixels; export it as PNG first ({ACCEPTED})."
    if start.startswith((b"<!doctype html", b"<html")):
        return f"This is a web page, not a picture; save the picture itself ({ACCEPTED})."
    if _is_text(data[:4096]):
        return f"This is a text file, not a picture; {ACCEPTED}."
    return f"This file is not a picture of a known kind; {ACCEPTED}."


def _container(data: bytes) -> str:
    """AVIF, HEIF or '' for a file of the MP4 family: its brands tell (ISO/IEC 14496-12, section 4.3)."""
    length = min(int.from_bytes(data[:4], "big"), 256)
    brands = {data[i : i + 4] for i in (8, *range(16, max(16, length - 3), 4))}
    return next((name for name, own in (("AVIF", AVIF_BRANDS), ("HEIF", HEIC_BRANDS)) if brands & own), "")


def _is_text(start: bytes) -> bool:
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):  # the byte order marks of UTF-16
        return True
    return bool(start.strip()) and not CONTROL.search(start)


def count_frames(kind: str, data: bytes) -> int:
    """Frames of a GIF, up to MAX_COUNTED_FRAMES; 1 for other formats, whose decoder tells cheaply.

    Raises MediaError where a file has more than MAX_BLOCKS blocks.
    """
    frames = blocks = 0
    walk = {"JPEG": _jpeg_blocks, "PNG": _png_blocks, "GIF": _gif_blocks, "TIFF": _tiff_blocks}.get(kind)
    for is_frame in walk(data) if walk else ():
        frames += is_frame
        blocks += not is_frame
        if blocks > MAX_BLOCKS:
            raise MediaError(f"This {kind} file is made of more than {MAX_BLOCKS:,} blocks; {ACCEPTED}.")
        if frames >= MAX_COUNTED_FRAMES:
            break
    return max(frames, 1)


def _jpeg_blocks(data: bytes) -> Iterator[bool]:
    """Markers up to the first scan, padding bytes included; False for each."""
    at = data.find(b"\xff", 2)
    while 0 <= at < len(data) - 3:
        yield False
        marker = data[at + 1]
        if marker == 0xDA:
            return
        if marker == 0xFF:
            at += 1
        elif marker <= 0x01 or 0xD0 <= marker <= 0xD9:  # markers without a length
            at = data.find(b"\xff", at + 2)
        else:
            at = data.find(b"\xff", at + 2 + int.from_bytes(data[at + 2 : at + 4], "big"))


def _png_blocks(data: bytes) -> Iterator[bool]:
    """Chunks, False for each."""
    at = 8
    while at < len(data) - 8:
        yield False
        at += 12 + int.from_bytes(data[at : at + 4], "big")


def _gif_blocks(data: bytes) -> Iterator[bool]:
    """True for each frame, False for each extension and each part of one."""
    if len(data) < 13:
        return
    at = 13 + (3 << ((data[10] & 7) + 1) if data[10] & 0x80 else 0)
    while at < len(data) - 10 and data[at] in b"!,":
        is_frame = data[at] == 0x2C
        yield is_frame
        if is_frame:
            flags = data[at + 9]
            at += 11 + (3 << ((flags & 7) + 1) if flags & 0x80 else 0)
        else:
            at += 2
        while at < len(data) and data[at]:
            if not is_frame:
                yield False
            at += 1 + data[at]
        at += 1


def _tiff_blocks(data: bytes) -> Iterator[bool]:
    """Strips or tiles of the first page, as its directory declares them; False for each."""
    order = "little" if data[:2] == b"II" else "big"
    large = 43 in data[2:4]  # BigTIFF: counts and offsets of 8 bytes
    word, entry, head = (8, 20, 8) if large else (4, 12, 2)

    def number(at: int, length: int) -> int:
        return int.from_bytes(data[at : at + length], order)

    directory = number(8 if large else 4, word)
    for i in range(min(number(directory, head), 65_535)):
        at = directory + head + i * entry
        if number(at, 2) in (273, 324):  # StripOffsets, TileOffsets
            yield from repeat(False, min(number(at + 4, word), MAX_BLOCKS + 1))
