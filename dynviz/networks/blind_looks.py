"""Looks at parts of a picture, one after another, at places that do not depend on what is in it.

What a network of looks is held against: ``random`` places; or ``centre``, the middle and then evenly around it, which
is hard to beat, since people put what they photograph in the middle.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

import numpy as np
from torch import Tensor

from dynviz.networks.contract import ExitNetwork
from dynviz.networks.sources import PictureSource

# as x and y in -1..1 of where the middle of a part can be: the middle, then around it
AROUND = ((0.0, 0.0), (-0.6, -0.6), (0.6, 0.6), (0.6, -0.6), (-0.6, 0.6), (0.0, -0.8), (0.0, 0.8), (-0.8, 0.0))


class LookingNetwork(ExitNetwork):
    """Exits: after a glance at the whole picture, and after each part of it that is looked at closely."""

    baselines = ("random", "centre")
    takes_source = True  # the whole picture, to cut parts from

    @abstractmethod
    def placed(self, state: Any, source: PictureSource, aim: np.ndarray, index: int) -> tuple[Any, Tensor]:
        """Look ``index`` at given places, and the answer with it. aim: (N, 2) in -1..1 of where a part can be."""


class BlindLooks:
    """``network`` with looks that it did not choose."""

    def __init__(self, network: LookingNetwork, baseline: str):
        if baseline not in network.baselines:
            raise ValueError(f"no baseline is called {baseline!r}; known: {', '.join(network.baselines)}")
        self.network, self.baseline = network, baseline
        self.draw = np.random.default_rng(0)
        self.exit_names, self.input_macs = network.exit_names, network.input_macs
        self.select, self.note = network.select, network.note

    def segment(self, state: Any, source: PictureSource, index: int) -> tuple[Any, Tensor]:
        if state is None:
            return self.network.segment(None, source, 0)
        aim = np.tile(np.array(AROUND[index - 1]), (len(source), 1))
        if self.baseline == "random":
            aim = self.draw.uniform(-1, 1, aim.shape)
        return self.network.placed(state, source, aim, index)


def middles(aim: Any, share: float) -> Any:
    """-1..1 -> the middles of parts in shares of the seen square: no part, ``share`` of its side, leaves it."""
    return 0.5 + aim * (1 - share) / 2


def boxes_column(values: np.ndarray) -> np.ndarray:
    """(N, 4) -> (N,) of tuples, as decisions hold them."""
    column = np.empty(len(values), dtype=object)
    for row, box in enumerate(values.tolist()):
        column[row] = tuple(box)
    return column
