"""The layer that answers, and a way to hear what it was given: the features that an answer was read off.

Whoever wants to know them listens while a network runs. Nothing is kept on the network, which all sessions share: what
is heard belongs to the thread, or the context, that listens.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from torch import Tensor, nn


class Classifier(nn.Linear):
    """A linear layer whose output is an answer: (N, features) -> (N, classes) logits."""

    def forward(self, x: Tensor) -> Tensor:
        logits = super().forward(x)
        if (heard := _HEARD.get()) is not None:
            heard.append(Heard(self, x.detach(), logits.detach()))
        return logits


@dataclass(frozen=True, eq=False)
class Heard:
    """One call of a classifier. features: (N, features). logits: (N, classes)."""

    classifier: Classifier
    features: Tensor
    logits: Tensor


_HEARD: ContextVar[list[Heard] | None] = ContextVar("heard", default=None)


@contextmanager
def listening() -> Iterator[list[Heard]]:
    """What the classifiers of the networks that run in this block were given, call after call."""
    heard: list[Heard] = []
    before = _HEARD.set(heard)
    try:
        yield heard
    finally:
        _HEARD.reset(before)


def answered(heard: Sequence[Heard], logits: Tensor) -> list[tuple[Classifier, Tensor] | None]:
    """Of each of (N, classes) ``logits``: the classifier that said exactly this, and the (features,) it said it of.

    None for what no classifier said as it stands, such as a mean of several answers.
    """
    found: list[tuple[Classifier, Tensor] | None] = [None] * len(logits)
    for call in reversed(heard):  # an earlier exit that says the same was not the one that answered
        if call.logits.shape[-1:] != logits.shape[-1:] or call.logits.dim() != logits.dim():
            continue
        same = (call.logits[None] == logits[:, None]).all(dim=2)
        for row in same.any(dim=1).nonzero()[:, 0].tolist():
            if found[row] is None:
                found[row] = call.classifier, call.features[int(same[row].int().argmax())]
    return found
