"""Pieces of HTML on their way to the live view: each different one once, and of those what they share once.

Two operating points differ in a few scores and in which parts ran; names, costs and most sentences are the same. So a
piece is sent as numbers: the places of its snippets in one list of different snippets, which the script joins again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

# in front of an element, of what is said of a pick and of its other choice, and between sentences
_SEAM = re.compile(r"(?=<[a-z])|(?= data-(?:says|other)=)|(?<=\. )")


@dataclass
class Fragments:
    """Every different piece of HTML once; ``add`` gives its place."""

    pieces: list[str] = field(default_factory=list)
    places: dict[str, int] = field(default_factory=dict)

    def add(self, html: str) -> int:
        if html not in self.places:
            self.places[html] = len(self.pieces)
            self.pieces.append(html)
        return self.places[html]

    def sent(self) -> dict[str, Any]:
        """Different snippets, and of each piece the places of its own; joined in this order they are the piece."""
        snippets: dict[str, int] = {}
        pieces = [[snippets.setdefault(one, len(snippets)) for one in _SEAM.split(html)] for html in self.pieces]
        return {"snippets": list(snippets), "pieces": pieces}
