"""The answer after each step, for records only: worked out beside the network, from what each step adds to it."""

from __future__ import annotations

import numpy as np


def running_answers(said: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """said: (T, classes), the classifier's product with each step's state. Returns probabilities (T, classes)."""
    logits = np.cumsum(said, axis=0, dtype=np.float64) / np.arange(1, len(said) + 1)[:, None] + bias
    odds = np.exp(logits - logits.max(axis=1, keepdims=True))
    return (odds / odds.sum(axis=1, keepdims=True)).astype(np.float32)
