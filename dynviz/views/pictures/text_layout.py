"""A text set in lines for exported pictures: every piece of it with its place, its word and the typeface that has it.

A paragraph begins at its own side (right for Hebrew and Arabic); scripts without spaces break anywhere. Letters within
a piece are shaped by Pillow.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
from PIL import Image, ImageFont

from dynviz.views.pictures.raster import font

SIZE, LINE, MARGIN = 26, 46, 28
MOST_LINES = 120  # in one picture; what follows is counted in words
# where Pillow's own typeface has no letter for it, the first of these that the system has and that does
FALLBACKS = (
    "DejaVuSans.ttf", "NotoSans-Regular.ttf", "NotoSansArabic-Regular.ttf", "NotoSansHebrew-Regular.ttf",
    "NotoSansCJK-Regular.ttc", "NotoSansDevanagari-Regular.ttf", "NotoSansThai-Regular.ttf", "Arial Unicode.ttf",
    "arial.ttf", "PingFang.ttc", "msyh.ttc", "YuGothM.ttc", "Hiragino Sans GB.ttc", "seguiemj.ttf",
)  # fmt: skip
_MISSING = "\U0010ffff"
_Set = tuple[str, int, int | None, float]  # a piece, its place in the text, its word, its width


@dataclass(frozen=True)
class Piece:
    """start: its place in the text, in characters. x, y: left end and top of its line, wide: all in px.

    word: its number, None for what belongs to no word.
    """

    words: str
    start: int
    x: float
    y: float
    wide: float
    word: int | None
    type_: ImageFont.FreeTypeFont | ImageFont.ImageFont
    from_right: bool


@dataclass(frozen=True)
class Layout:
    """pieces: in the order of the text. height: px. shown: characters that were set, all of them if there was room."""

    pieces: tuple[Piece, ...]
    height: int
    shown: int


def lay_out(text: str, spans: np.ndarray, width: int) -> Layout:
    """Set ``text`` in lines ``width`` px wide. spans: (words, 2), start and end of each word in characters."""
    pieces: list[Piece] = []
    y, shown = 10, 0
    for line, from_right, end in _lines(text, spans, width - 2 * MARGIN):
        if y >= 10 + LINE * MOST_LINES:
            break
        x = float(width - MARGIN if from_right else MARGIN)
        for words, start, word, wide in line:
            left = x - wide if from_right else x
            pieces.append(Piece(words, start, left, y, wide, word, typeface(words), from_right))
            x += -wide if from_right else wide
        y, shown = y + LINE, end
    return Layout(tuple(pieces), y + 14, shown)


def _lines(text: str, spans: np.ndarray, room: float) -> Iterator[tuple[list[_Set], bool, int]]:
    """Each line: its pieces, whether it begins at the right, and where the next one begins in the text."""
    bounds = spans.tolist()
    at = word = 0
    for paragraph in text.split("\n"):
        end, from_right = at + len(paragraph), _from_right(paragraph)
        line: list[_Set] = []
        used, wrapped = 0.0, False
        while at < end:
            while word < len(bounds) and bounds[word][1] <= at:
                word += 1
            start, stop = bounds[word] if word < len(bounds) else (end, end)
            inside = start <= at < stop
            cut = min(stop if inside else start, end)
            for piece in _broken(text[at:cut], room):
                wide = typeface(piece).getlength(piece)
                if line and used + wide > room and not piece.isspace():
                    yield line, from_right, at
                    line, used, wrapped = [], 0.0, True
                if line or not wrapped or not piece.isspace():  # no line but the first begins with a space
                    line.append((piece, at, word if inside else None, wide))
                    used += wide
                at += len(piece)
        yield line, from_right, end + 1
        at = end + 1


def _broken(words: str, room: float) -> list[str]:
    """A piece that is wider than a line, cut into some that are not; spaces stand by themselves."""
    found = []
    for piece in re.findall(r"\s+|\S+", words):
        while len(piece) > 1 and typeface(piece).getlength(piece) > room:
            share = room / typeface(piece).getlength(piece)
            cut = max(1, int(len(piece) * share) - 1)
            found.append(piece[:cut])
            piece = piece[cut:]
        found.append(piece)
    return found


def _from_right(paragraph: str) -> bool:
    """Does its first letter belong to a script written from right to left?"""
    for letter in paragraph:
        kind = unicodedata.bidirectional(letter)
        if kind in ("L", "R", "AL"):
            return kind != "L"
    return False


@lru_cache(maxsize=4096)
def typeface(words: str) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Pillow's own typeface where it has all letters, else the first of the system's that does."""
    letters = {letter for letter in words if ord(letter) > 0x17F and not letter.isspace()}
    able = (one for one in _fallbacks() if all(_has(one, letter) for letter in letters)) if letters else iter(())
    return next(able, font(SIZE))


@cache
def _fallbacks() -> list[ImageFont.FreeTypeFont]:
    found = []
    for name in FALLBACKS:
        try:
            found.append(ImageFont.truetype(name, SIZE))
        except OSError:
            continue
    return [font(SIZE), *found]


@lru_cache(maxsize=8192)
def _has(type_: ImageFont.FreeTypeFont, letter: str) -> bool:
    """Is the letter drawn otherwise than one that nobody has?"""
    return _drawn(type_, letter) != _drawn(type_, _MISSING)


def _drawn(type_: ImageFont.FreeTypeFont, letter: str) -> tuple[tuple[int, int], bytes]:
    mask: Image.core.ImagingCore = type_.getmask(letter)
    return mask.size, bytes(mask)
