"""Rows of a sweep that have taken the same decisions so far share their features.

A masked pass at P settings of N samples has P x N rows. Before the first decision they are N feature maps; each
decision parts only those whose settings decide differently. What a block costs is then one computation for each
*different* past in which it runs, which for nested settings is a fraction of P x N.
"""

from __future__ import annotations

import torch
from torch import Tensor


class Branches:
    """state: (rows,) which of the feature maps each row stands at; at first row r stands at its sample, r modulo N."""

    def __init__(self, samples: int, rows: int, device: torch.device | None = None):
        self.state = torch.arange(rows, device=device) % samples

    def part(self, choice: Tensor) -> tuple[Tensor, Tensor]:
        """After a decision, ``choice`` (rows,) bool: (parents, chosen), (states,) each, of the maps from here on.

        parents: int64, the map that each comes from. chosen: bool, what was decided there. Each parent is there once
        for either choice that one of its rows has made.
        """
        keys, self.state = torch.unique(self.state * 2 + choice, return_inverse=True)
        return keys // 2, keys % 2 == 1
