"""Which sets of decisions a network takes, and how often: its policies, counted from the evaluation table."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dynviz.results.tables import Table


@dataclass(frozen=True, eq=False)
class Policies:
    """What ran, told apart by all units and parts together. different: how many there are over ``n`` test samples.

    ran: (listed, units) bool, the most frequent ones first; share: (listed,) of the samples; macs, accuracy: (listed,)
    means over theirs.
    """

    n: int
    different: int
    ran: np.ndarray
    share: np.ndarray
    macs: np.ndarray
    accuracy: np.ndarray


def policies(table: Table, point: int, most: int = 8) -> Policies:
    """The policies at operating point ``point``; ``most`` of them are listed."""
    ran = table.units_run[:, point]
    kinds, which, counts = np.unique(np.packbits(ran, axis=1), axis=0, return_inverse=True, return_counts=True)
    which = which.reshape(-1)
    order = np.argsort(-counts, kind="stable")[:most]
    own = [which == kind for kind in order]
    return Policies(
        n=len(ran),
        different=len(kinds),
        ran=np.array([ran[rows][0] for rows in own]),
        share=counts[order] / len(ran),
        macs=np.array([table.macs[rows, point].mean() for rows in own]),
        accuracy=np.array([table.right[rows, point].mean() for rows in own]),
    )


def units_of(table: Table) -> list[tuple[str, slice]]:
    """The units of a table whose parts stand beside one another (``blocks.3/1``, ``blocks.3/2``): names and columns."""
    found: list[tuple[str, slice]] = []
    for column, name in enumerate(table.units):
        unit = name.partition("/")[0]
        if found and found[-1][0] == unit:
            found[-1] = (unit, slice(found[-1][1].start, column + 1))
        else:
            found.append((unit, slice(column, column + 1)))
    return found
