"""What an attribution is: how much each place of a picture, word or step did for one answer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Attribution:
    """values: (rows, columns) over the square that the network saw, or (words,) or (steps,): signed, in logits.

    method: one of ``METHODS``. target: the label that it is of. change: how much the logit of ``target`` differs
    between the input and the baseline (mean colour, unknown words, a flat recording). together: what all values add up
    to; Integrated Gradients promise that the two are equal (completeness), the other methods promise nothing.
    """

    method: str
    target: str
    values: np.ndarray
    change: float
    together: float

    @property
    def gap(self) -> float:
        """By how much completeness fails, as a share of the change; 0 where nothing changed and nothing was said."""
        off = abs(self.together - self.change)
        return 0.0 if off < 1e-6 else off / max(abs(self.change), 1e-6)

    @property
    def strength(self) -> np.ndarray:
        """Without the sign, as shares: they add up to 1, or are all 0 where the answer depends on nothing here."""
        sizes = np.abs(np.asarray(self.values, dtype=float))
        whole = sizes.sum()
        return sizes / whole if whole > 0 else sizes
