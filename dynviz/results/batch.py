"""What became of many inputs: one row each, and those of a folder together. Needs no torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Row:
    """What became of one input. share: executed MACs over those of its static path. how: 'answered at exit 3 of 7'.

    thumb: a small WebP of a picture; words: the beginning of a text. error: why there is no result, else ''.
    """

    name: str
    kind: str
    label: str = ""
    confidence: float = 0.0
    macs: int = 0
    macs_static: int = 0
    how: str = ""
    thumb: bytes = b""
    words: str = ""
    error: str = ""

    @property
    def share(self) -> float:
        return self.macs / self.macs_static if self.macs_static else 0.0


@dataclass(frozen=True)
class KindUse:
    """One class of a batch. right: of those whose folder is a label of the network; None where it is none."""

    kind: str
    n: int
    share: float
    right: float | None


def by_kind(rows: Sequence[Row], labels: Sequence[str]) -> list[KindUse]:
    """Each folder's inputs together, the cheapest first; names are compared without case, _ as a space."""
    known = {folded(label) for label in labels}
    found = []
    for kind in dict.fromkeys(row.kind for row in rows if row.kind):
        own = [row for row in rows if row.kind == kind and not row.error]
        if own:
            hits = [folded(row.label) == folded(kind) for row in own]
            right = float(np.mean(hits)) if folded(kind) in known else None
            found.append(KindUse(kind, len(own), float(np.mean([row.share for row in own])), right))
    return sorted(found, key=lambda use: use.share)


def folded(name: str) -> str:
    """A class name as it is compared."""
    return name.replace("_", " ").strip().casefold()
