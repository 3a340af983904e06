"""Texts: from a person's file or keyboard to words with their places in the text. All limits on texts are here.

A word is what a reader takes in one step: a run of letters or digits, an ending such as 's, a sign or run of equal
signs, one character of a script written without spaces. The text itself is kept as it was typed, so a view can draw it.
"""

from __future__ import annotations

import codecs
import hashlib
import re
import unicodedata
from dataclasses import dataclass
from typing import Any

import numpy as np

from dynviz.media.cleaning import cleaned
from dynviz.media.description import Media
from dynviz.media.errors import MediaError
from dynviz.media.sniff import PRINTABLE, named
from dynviz.media.source import read_bytes

MAX_BYTES = 1_000_000
MAX_WORDS = 20_000
ACCEPTED = f"plain text is accepted, at most {MAX_WORDS:,} words and {MAX_BYTES // 1_000_000} MB"
NOT_A_SOURCE = "is not a text; give a str, bytes, a path or a binary file."

# ideographs, kana, Thai, Lao, Khmer and Burmese: scripts without spaces, read character by character
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
)
_LETTERS = rf"[^\W_{_UNSPACED}]+"
_ENDING = r"['’](?:s|re|ve|ll|d|m)\b"  # it's, they're: a word of its own, so that the word before it is known
_WORDS = re.compile(
    rf"[{_UNSPACED}]|{_LETTERS}(?:(?!{_ENDING})['’]{_LETTERS})*|(?<=[^\W_]){_ENDING}|(_|[^\w\s])\1*", re.IGNORECASE
)
_JOINER, _SELECTOR = "\u200d", "\ufe0f"
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
LOST = "\ufffd"
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_CONTROL_SHARE = 0.01  # of the characters; more than that is not text


@dataclass(frozen=True, eq=False)
class Text:
    """A text and its words.

    text: as typed, line ends unified. spans: (words, 2) int, start and end of each word in its characters. words: as a
    vocabulary writes them, of the cleaned text. digest: sha256 of the file's bytes, or of the text where there is no
    file. notes: sentences about what was left out.
    """

    text: str
    spans: np.ndarray
    words: tuple[str, ...]
    digest: str
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.spans)

    def media(self) -> Media:
        """The description that a trace keeps."""
        return Media("text", self.digest, text=self.text, spans=self.spans, notes=self.notes)


def read_text(source: Any) -> Text:
    """Read a text: a str that is the text itself, bytes, a path object or a binary file.

    Any common encoding is recognised. Raises MediaError, and nothing else, for what cannot be used.
    """
    if isinstance(source, str):
        if len(source) > MAX_BYTES:
            raise MediaError(f"This text is longer than {MAX_BYTES:,} characters; {ACCEPTED}.")
        return _from_string(source, hashlib.sha256(source.encode("utf-8", "replace")).hexdigest())
    data = read_bytes(source, MAX_BYTES, NOT_A_SOURCE, ACCEPTED)
    text, notes = _decoded(data)
    return _from_string(text, hashlib.sha256(data).hexdigest(), notes)


def split_words(text: str) -> np.ndarray:
    """(words, 2) start and end of each word in characters, of at most one word more than MAX_WORDS."""
    spans: list[list[int]] = []
    for match in _WORDS.finditer(text):
        start, end = match.span()
        if spans and spans[-1][1] == start and _belongs(text[start - 1], text[start]):
            spans[-1][1] = end
        elif len(spans) > MAX_WORDS:
            break
        else:
            spans.append([start, end])
    return np.array(spans, dtype=np.int64).reshape(-1, 2)


def plain_word(word: str) -> str:
    """A word as a vocabulary writes it: lower case, straight apostrophes, every digit a 0."""
    return re.sub(r"\d", "0", unicodedata.normalize("NFKC", word).lower().replace("’", "'"))


def decoded(data: bytes) -> str:
    """Bytes as text. Raises MediaError for a file that is something else."""
    return _decoded(data)[0]


def _decoded(data: bytes) -> tuple[str, tuple[str, ...]]:
    """(bytes as text, what had to be assumed)."""
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            try:
                return _only_text(data.decode(encoding)), ()
            except UnicodeDecodeError as error:
                raise MediaError(f"This file begins like text but is damaged further on; {ACCEPTED}.") from error
    if not data.startswith(PRINTABLE):
        for encoding in ("utf-8", *_wide(data)):
            try:
                return _only_text(data.decode(encoding)), ()
            except (UnicodeDecodeError, MediaError):
                continue
    if what := named(data):
        raise MediaError(f"This is {what}, not a plain text; {ACCEPTED}.")
    replaced = data.decode("utf-8", "replace")
    whole = sum(1 for character in replaced if character > "\x7f" and character != LOST)
    if whole >= (lost := replaced.count(LOST)) and whole:  # UTF-8 with a damaged byte, not another encoding
        which = "One byte is" if lost == 1 else f"{lost:,} bytes are"
        return _only_text(replaced), (f"{which} damaged and shown as {LOST}.",)
    assumed = "It is not UTF-8: read as Windows-1252, as older programs write."
    return _only_text(data.decode("cp1252", "replace")), (assumed,)


def _wide(data: bytes) -> tuple[str, ...]:
    """UTF-16 without a mark: every other byte of western text is then zero."""
    if len(data) < 4 or len(data) % 2:
        return ()
    even, odd = data[::2].count(0), data[1::2].count(0)
    half = len(data) // 2
    return ("utf-16-le",) if odd > 0.3 * half > 3 * even else ("utf-16-be",) if even > 0.3 * half > 3 * odd else ()


def _only_text(text: str) -> str:
    if len(_CONTROL.findall(text)) > _CONTROL_SHARE * len(text):
        raise MediaError(f"This file is not a text; {ACCEPTED}.")
    return text


def _from_string(text: str, digest: str, notes: tuple[str, ...] = ()) -> Text:
    text = _CONTROL.sub(" ", text.replace("\r\n", "\n").replace("\r", "\n"))
    text = text.encode("utf-8", "replace").decode("utf-8")  # half a surrogate pair is no character
    if what := _document(text):
        raise MediaError(f"This is {what}, not a plain text; {ACCEPTED}.")
    plain = cleaned(text)
    inside = split_words(plain.text)
    if not len(inside):
        raise MediaError(f"There are no words in this text; {ACCEPTED}.")
    if len(inside) > MAX_WORDS:
        notes = (*notes, f"Only the first {MAX_WORDS:,} words are used.")
        inside = inside[:MAX_WORDS]
    spans = plain.places(inside)
    if len(inside) == MAX_WORDS:
        text = text[: spans[-1, 1]]
    words = tuple(plain_word(plain.text[start:end]) for start, end in inside.tolist())
    return Text(text, spans, words, digest, notes)


def _document(text: str) -> str:
    """What a text is whose marks are not meant to be read; '' for plain text."""
    start = text[:2_000].lstrip("\ufeff \t\r\n").lower()
    if start.startswith("{\\rtf"):
        return "an RTF document, as TextEdit and WordPad save it"
    if re.match(r"(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b", start, re.DOTALL):
        return "the source of a web page"
    if re.match(r"(?:from:[^\n]*\n)?(?:[\w-]+:[^\n]*\n)*mime-version:", start):
        return "a saved web page or a mail"
    return "an XML document" if start.startswith("<?xml") else ""


def _belongs(before: str, after: str) -> bool:
    """Do two neighbouring characters make one sign: a letter and its accent, the parts of one emoji?"""
    joins = (_JOINER, _SELECTOR)
    if after in joins or before == _JOINER or 0x1F3FB <= ord(after) <= 0x1F3FF:
        return True
    marks = [unicodedata.category(character).startswith("M") for character in (before, after)]
    return marks[1] or (marks[0] and after.isalnum())
