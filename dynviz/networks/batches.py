"""Batches of whatever kind of input, put together again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch


def joined(batches: Sequence[Any]) -> Any:
    """Several batches, as a network is given them, as one."""
    return torch.cat(tuple(batches)) if isinstance(batches[0], torch.Tensor) else type(batches[0]).together(batches)
