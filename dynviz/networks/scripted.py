"""Loops over one input that TorchScript runs: why they stay, though torch.jit is deprecated.

Batch 1 is what a user waits for, and between two small products Python takes about as long as the products. Measured
with torch 2.13, one thread, batch 1, 230 words, the middle operating point, milliseconds scripted and as plain Python:
Skim-RNN 5.9 and 7.2, Skip RNN 1.5 and 2.0, LSTM-Jump 0.9 and 1.1, HM-RNN 5.2 and 6.7. The loop of the early reader
(1.25 and 1.29) and those over batches (a tenth) gain too little and are plain. ``torch.compile``, which is to take its
place, needs a C++ compiler on the user's machine and compiles anew for each length. Each loop here is valid Python as
well: without TorchScript it runs as it stands, a fifth to a third slower.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import TypeVar

import torch

F = TypeVar("F", bound=Callable)


def scripted(function: F) -> F:
    """``function`` in TorchScript."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "`torch.jit", DeprecationWarning)
        return torch.jit.script(function)
