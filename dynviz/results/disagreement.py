"""Where two networks disagree over the test inputs that both were evaluated on, from their tables. Needs no torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dynviz.results.tables import TableError, read_table
from dynviz.zoo import ModelCard


@dataclass(frozen=True)
class Disagreement:
    """Counts of test inputs. both, first, second, neither: which of two networks was right. differ: how many they
    answer
    differently. classes: (class, share of its inputs on which exactly one was right), the largest first. n: all.
    """

    both: int
    first: int
    second: int
    neither: int
    differ: int
    classes: tuple[tuple[str, float], ...]
    n: int

    @property
    def either(self) -> float:
        """Share right if somebody always asked the better one: more than any rule for choosing can reach."""
        return (self.both + self.first + self.second) / self.n


def disagreement(cards: Sequence[ModelCard], points: Sequence[int], most: int = 3) -> Disagreement | None:
    """Two networks at their operating points ``points``; None where they share no test inputs, or have no tables."""
    a, b = cards
    if a.data != b.data or a.labels != b.labels:
        return None
    try:
        one, two = read_table(a), read_table(b)
    except TableError:
        return None
    if not np.array_equal(one.label, two.label):
        return None
    right = one.right[:, points[0]], two.right[:, points[1]]
    only = right[0] ^ right[1]
    shares = [(a.labels[k], float(only[one.label == k].mean())) for k in np.unique(one.label).tolist()]
    return Disagreement(
        both=int((right[0] & right[1]).sum()),
        first=int((right[0] & ~right[1]).sum()),
        second=int((~right[0] & right[1]).sum()),
        neither=int((~right[0] & ~right[1]).sum()),
        differ=int((one.prediction[:, points[0]] != two.prediction[:, points[1]]).sum()),
        classes=tuple(sorted(shares, key=lambda found: -found[1])[:most]),
        n=len(one.label),
    )
