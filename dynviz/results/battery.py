"""A battery runs down over a stream of test inputs. How large its charge is, nobody knew when the network was chosen.

A network with a budget spends on each input what the rest of the charge allows for the rest of the stream. A static
network can only be one size: a large one is empty early, a small one is never better than it is. Needs no torch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dynviz.results.comparison import siblings
from dynviz.results.tables import Table, TableError, read_table
from dynviz.zoo import ModelCard

CHARGES = (0.1, 0.2, 0.4, 0.7, 1.0)  # of what the dearest static network needs for the whole stream
LONG = 1000  # inputs of a stream
BLOCK = 100  # inputs between two looks at the battery


@dataclass(frozen=True, eq=False)
class Drain:
    """One network on one stream. left: share of the charge, at the beginning and after each block. right: how many of
    the stream it got right before the battery was empty.
    """

    title: str
    left: np.ndarray
    right: int


def halves(samples: int) -> tuple[np.ndarray, np.ndarray]:
    """Two halves of the test inputs: what is chosen on the first is reported on the second."""
    order = np.random.default_rng(0).permutation(samples)
    return order[: samples // 2], order[samples // 2 :]


def drain(table: Table, charge: float, rows: np.ndarray, title: str = "") -> Drain:
    """Put on test inputs ``rows`` in this order with ``charge`` multiply-adds; unanswered ones are not right."""
    means, hits = table.macs.mean(axis=0), table.right
    order = np.argsort(means, kind="stable")
    left, right, levels = charge, 0, [1.0]
    for start in range(0, len(rows), BLOCK):
        block = rows[start : start + BLOCK]
        allowed = left / (len(rows) - start)
        within = np.flatnonzero(means[order] <= allowed * (1 + 1e-9))
        point = order[within[-1] if len(within) else 0]
        spent = np.cumsum(table.macs[block, point].astype(float))
        paid = spent <= left * (1 + 1e-9)
        right += int(hits[block, point][paid].sum())
        left = left - float(spent[-1]) if paid.all() else 0.0
        levels.append(max(left, 0.0) / charge)
    return Drain(title, np.array(levels), right)


def rivals(card: ModelCard, cards: Sequence[ModelCard], label: np.ndarray) -> list[tuple[ModelCard, Table]]:
    """The static networks of all sizes on the same test inputs, by cost."""
    found = []
    for other in siblings(card, cards):
        try:
            table = read_table(other)
        except TableError:
            continue
        if np.array_equal(table.label, label):
            found.append((other, table))
    return sorted(found, key=lambda one: float(one[1].macs[:, -1].mean()))


def answered(table: Table, whole: float, rows: np.ndarray) -> float:
    """Right answers on a stream, over all charges. whole: what the dearest network spends on one input."""
    return float(np.mean([drain(table, share * whole * len(rows), rows).right for share in CHARGES]))


def drains(card: ModelCard, cards: Sequence[ModelCard], share: float) -> tuple[Drain, ...]:
    """``card`` and each static network of its kind on one stream, with ``share`` of what the dearest needs for it; the
    static ones by cost after it. Empty where there are no tables, or nothing to hold it against.
    """
    try:
        table = read_table(card)
    except TableError:
        return ()
    static = rivals(card, cards, table.label)
    if not static:
        return ()
    rows = np.random.default_rng(1).choice(len(table.label), LONG)
    charge = share * float(static[-1][1].macs[:, -1].mean()) * LONG
    pairs = [(card, table), *static]
    return tuple(drain(own, charge, rows, other.title) for other, own in pairs)
