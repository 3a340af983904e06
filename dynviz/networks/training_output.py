"""What a network gives back in train mode where cross-entropy alone would not teach its decisions."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True)
class TrainingOutput:
    """logits: (N, classes), or (exits, N, classes). penalty: scalar, weighed already, added to the loss.

    weights: (exits,) of the exits' losses, even where there are none. log_probability: (N,), of the decisions that were
    sampled for each input; the loop rewards those of inputs that it got right more than the batch did (Williams 1992).
    """

    logits: Tensor
    penalty: Tensor | float = 0.0
    weights: Tensor | None = None
    log_probability: Tensor | None = None
