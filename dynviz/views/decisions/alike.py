"""Guesses that mean nearly the same: of a thousand things a network knows five kinds of cat, and is unsure which.

Told one by one they look as if it knew nothing; together they say "a cat, almost surely". What is of a kind is in
``dynviz.results.kinds``; some more is guessed for the same picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from dynviz.results.kinds import kinds
from dynviz.trace import Trace

# labels that are of no kind with others, or of another thing, and yet are guessed for the same picture
NEARLY: dict[str, tuple[str, ...]] = {
    "cup of coffee": ("espresso", "cup", "coffee mug"),
    "church or monastery": ("church", "monastery", "bell cote", "altar"),
    "coast": ("seashore", "sandbar", "headland", "lakeside", "cliff"),
    "camera": ("lens cap", "tripod"),
    "keyboard": ("space bar (key)",),
    "aeroplane": ("aircraft wing",),
    "guitar": ("guitar pick",),
}
LEAST = 0.05  # of a guess that is moved to the others of its kind; smaller ones say little


@dataclass(frozen=True)
class Guess:
    """What a network may be looking at. share: its probability, that of all of ``members`` where there are several."""

    name: str
    share: float
    members: tuple[tuple[str, float], ...]


def guesses(trace: Trace) -> tuple[Guess, ...]:
    """The best five, those of a kind together, in the order of the best of each."""
    kind_of = _kinds(trace.labels)
    found: dict[str, list[tuple[str, float]]] = {}
    for i, (label, share) in enumerate(trace.prediction.top):
        kind = kind_of.get(label) if i == 0 or share >= LEAST else None
        found.setdefault(kind or f"={label}", []).append((label, share))
    return tuple(
        Guess(own[0][0] if len(own) == 1 else kind, sum(share for _, share in own), tuple(own))
        for kind, own in found.items()
    )


@lru_cache(maxsize=64)
def _kinds(labels: Sequence[str]) -> dict[str, str]:
    """Label -> kind, for those that have others of their kind among ``labels``."""
    there, members = set(labels), dict(kinds(labels))
    for kind, own in NEARLY.items():
        members[kind] = members.get(kind, ()) + tuple(label for label in own if label in there)
    return {label: kind for kind, own in members.items() if len(own) > 1 for label in own}
