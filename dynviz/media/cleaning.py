"""One clean-up of texts, the same in training and on a person's text: what web pages and tokenisers left in them.

Entities and tags of HTML, invisible characters, signs that stand for an apostrophe, sentences taken apart ("does n't",
"film 's", "-lrb-"). Every place of the cleaned text is known in the text as it was given, so a view draws over that.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

APOSTROPHES = "'’‘‛`´ʼʹʻ′＇ꞌ"
_BLOCKS = "br|p|div|li|ul|ol|tr|td|th|table|h[1-6]|hr|blockquote|section|article"
_INLINE = "i|b|em|strong|u|s|a|span|font|q|sub|sup|small|big|mark|code|tt|cite|img|center"
_REST = r"(?:\s[^<>]{0,300})?/?"
_LETTER = r"[^\W\d_]"
# joiners are part of emoji and of some scripts; between letters of the alphabets from here they are litter
_WESTERN = "A-Za-zÀ-ɏͰ-ϿЀ-ӿ"
_INVISIBLE = (
    "[\u00ad\u034f\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]"
    f"|(?<=[{_WESTERN}])[\u200c\u200d]+(?=[{_WESTERN}])"
)
_BRACKETS = {"lrb": "(", "rrb": ")", "lsb": "[", "rsb": "]", "lcb": "{", "rcb": "}"}
_ENDING = rf"(?:n[{APOSTROPHES}]t|[{APOSTROPHES}](?:s|re|ve|ll|d|m))\b(?![{APOSTROPHES}])"

Rule = tuple[re.Pattern[str], Callable[[re.Match[str]], str]]


def _entity(match: re.Match[str]) -> str:
    """The one character that an entity stands for; what stands for none or for several stays as it is."""
    sign = html.unescape(match[0])
    return sign if len(sign) == 1 else match[0]


# every rule writes one character at most in place of what it finds, so that no two words share a place
RULES: tuple[Rule, ...] = (
    (re.compile(rf"(?:</?(?:{_BLOCKS}){_REST}>\s*)+", re.IGNORECASE), lambda match: "\n"),
    (re.compile(rf"</?(?:{_INLINE}){_REST}>", re.IGNORECASE), lambda match: ""),
    (re.compile(r"&amp;(?=#?\w{1,32};)"), lambda match: "&"),  # written for the web twice
    (re.compile(r"(?:&lt;br\s*/?&gt;\s*)+", re.IGNORECASE), lambda match: "\n"),
    # &lt; and &gt; stay: AG News marks the symbols of companies with them, and networks have learned them as words
    (re.compile(r"&(?![lg]t;)(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});"), _entity),
    (re.compile(_INVISIBLE), lambda match: ""),
    (re.compile(rf"(?<={_LETTER})[{APOSTROPHES}](?={_LETTER})"), lambda match: "'"),
    (re.compile(r"(?<!\S)(?:``|'')(?!\S)"), lambda match: '"'),
    (re.compile(r"-(lrb|rrb|lsb|rsb|lcb|rcb)-", re.IGNORECASE), lambda match: _BRACKETS[match[1].lower()]),
    (re.compile(rf" (?={_ENDING})", re.IGNORECASE), lambda match: ""),
    (re.compile(rf"(?<={_LETTER})[{APOSTROPHES}](?={_LETTER})"), lambda match: "'"),
)


@dataclass(frozen=True, eq=False)
class Cleaned:
    """text: cleaned. starts, ends: (characters,) where each of its characters begins and ends in the text as given."""

    text: str
    starts: np.ndarray
    ends: np.ndarray

    def places(self, spans: np.ndarray) -> np.ndarray:
        """(words, 2) spans in the cleaned text -> the same in the text as given."""
        if not len(spans):
            return spans
        return np.stack([self.starts[spans[:, 0]], self.ends[spans[:, 1] - 1]], axis=1)


def clean(text: str) -> str:
    """The cleaned text alone."""
    for pattern, write in RULES:
        text = pattern.sub(write, text)
    return text


def cleaned(text: str) -> Cleaned:
    """The cleaned text with its places."""
    starts = np.arange(len(text))
    ends = starts + 1
    for pattern, write in RULES:
        at, pieces, kept_starts, kept_ends = 0, [], [], []
        for match in pattern.finditer(text):
            first, last = match.span()
            sign = write(match)
            if sign == match[0]:
                continue
            pieces += [text[at:first], sign]
            kept_starts += [starts[at:first], starts[first : first + len(sign)]]
            kept_ends += [ends[at:first], ends[last - len(sign) : last]]
            at = last
        if at:
            text = "".join([*pieces, text[at:]])
            starts = np.concatenate([*kept_starts, starts[at:]])
            ends = np.concatenate([*kept_ends, ends[at:]])
    return Cleaned(text, starts, ends)
