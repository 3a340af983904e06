"""The words that the text networks know, by number: a frozen list that all of them share."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np

PADDING, UNKNOWN = 0, 1
RESERVED = 2  # rows before the first word


@dataclass(frozen=True)
class Vocabulary:
    """words: most frequent first; the number of words[i] is i + RESERVED."""

    words: tuple[str, ...]

    def __len__(self) -> int:
        """Rows of a table with one row for each number."""
        return len(self.words) + RESERVED

    def numbers(self, words: Iterable[str]) -> np.ndarray:
        """(words,) int64, UNKNOWN for those that are not in the list. ``words``: as ``plain_word`` writes them."""
        return np.fromiter((self._places.get(word, UNKNOWN) for word in words), dtype=np.int64)

    @cached_property
    def _places(self) -> dict[str, int]:
        return {word: i for i, word in enumerate(self.words, start=RESERVED)}


@lru_cache(maxsize=4)
def read_vocabulary(path: Path) -> Vocabulary:
    """One word a line. Raises OSError."""
    return Vocabulary(tuple(path.read_text(encoding="utf-8").split("\n")))
