"""Real inputs for any network, and the settings at which it is looked at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from dynviz import Setting, inference
from dynviz.evaluation.operating import thresholds
from dynviz.media.synthetic import NAMES, synthetic_ecg
from dynviz.networks.batches import joined
from dynviz.zoo import ModelCard
from tests.checks.builds import FRAMES, moving

TEXTS = (
    "Wonderful.",
    "The plot is thin, the jokes are old and nobody on screen seems to believe a word of it. A waste of an evening.",
    "I did not expect much after the first half hour, which is slow and a little confused. "
    + "But then the two sisters meet, and everything that was said before gets another meaning. " * 4
    + "It is one of the best films of the year, and I would see it again tomorrow.",
    "What is the exchange rate if I top up my card in euros? 很好 \U0001f600",
    "It could have been a masterpiece. It is not.",
)


def each(cards: Sequence[ModelCard]) -> pytest.MarkDecorator:
    """Runs a test for every one of ``cards``."""
    return pytest.mark.parametrize("card", cards, ids=lambda card: card.name)


def tone(seconds: float) -> np.ndarray:
    """A voice-like tone that rises, as samples at 8 kHz."""
    t = np.arange(int(8000 * seconds)) / 8000
    return (np.sin(2 * np.pi * (200 + 150 * t) * t) * np.hanning(len(t))).astype(np.float32)


def settings(card: ModelCard) -> list[Setting]:
    """The static path, and up to five operating points from the cheapest to the dearest."""
    points = card.operating_points
    chosen = sorted({round(i) for i in np.linspace(0, len(points) - 1, 5)})
    found = [Setting(thresholds=thresholds(points[i])) for i in chosen if points[i].thresholds]
    return [Setting(), *found]


def sources(card: ModelCard, pictures: Sequence[Any]) -> Sequence[Any]:
    """Real input of the card's kind, easy and hard, short and long."""
    if card.series is not None and card.series.kind == "ecg":
        ecg = [synthetic_ecg(name) for name in NAMES]
        return [*ecg, ecg[0].samples[:400], ecg[1].samples[300:]]
    if card.modality == "video":
        return [moving(photo, length) for photo, length in zip(pictures, FRAMES, strict=True)]
    return {"image": pictures, "text": TEXTS, "series": [tone(s) for s in (0.3, 0.5, 0.9)]}[card.modality]


def prepared(card: ModelCard, source: Any) -> Any:
    """What the network is given, a batch of one."""
    return inference.prepare(card, source, "crop")[0]


def together(card: ModelCard, sources: Sequence[Any]) -> Any:
    """All in one batch, as the network is given it."""
    return joined([prepared(card, source) for source in sources])


def only(x: Any, row: int) -> Any:
    """One sample of a batch, as a batch."""
    return x[row : row + 1]
