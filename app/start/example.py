"""The Start page's live picture: one photo as it is and out of focus, and what the network spends on each.

What the network does is not written down: it looks at both at every budget, the budget is chosen at which its spending
differs most, and there both are run once more, really skipping.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace

import dynviz
from app.image.samples import sample_bytes, sample_names
from app.inference_queue import INFERENCE
from app.picker.order import in_order, reads_photos
from dynviz import ModelCard, Sweep, Trace
from dynviz.media.difficulty import KNOBS
from dynviz.media.image import Picture, read_image

log = logging.getLogger(__name__)
MASKED, HALF = "pixel masks", 0.5  # what is shown over the photo, and its budget
BLUR = 0.017  # of the photo's shorter side: still easy for a person


@dataclass(frozen=True)
class Pair:
    """Two runs of one network at one budget (0..1) on the sample ``name``: as it is, and blurred.

    places: a run of a network that decides about places, on the photo as it is; None where there is none.
    """

    name: str
    budget: float
    traces: tuple[Trace, Trace]
    places: Trace | None = None


def example_network(cards: Sequence[ModelCard]) -> ModelCard | None:
    """The network of the example: dynamic, with budgets to choose from, for photos rather than thumbnails."""
    found = [card for card in in_order(cards) if card.family != "static" and len(card.operating_points) > 1]
    return max(found, key=lambda card: (reads_photos(card), not card.members), default=None)  # the first of the best


def choose(easy: Sweep, hard: Sweep) -> float | None:
    """The budget at which ``hard`` costs most above ``easy``, the one nearest the middle where several do.

    None where the harder picture never costs more.
    """
    gaps = [theirs.macs - ours.macs for ours, theirs in zip(easy.traces, hard.traces, strict=True)]
    middle = (len(gaps) - 1) / 2
    best = max(range(len(gaps)), key=lambda i: (gaps[i], -abs(i - middle)), default=None)
    return None if best is None or gaps[best] <= 0 else easy.budgets[best]


def find(card: ModelCard) -> Pair | None:
    """Look at a sample, at best one of what the network knows; None where blur costs nothing more.

    Raises what ``dynviz.sweep`` raises.
    """
    names = sample_names()
    name = next((name for name in names if name in card.labels), names[0])
    photo = read_image(sample_bytes(name))
    pictures = (photo, KNOBS["blur"].turn(photo, BLUR))
    sweeps = []
    for picture in pictures:
        with INFERENCE.turn():
            sweeps.append(dynviz.sweep(card.name, picture))
    budget = choose(*sweeps)
    if budget is None:
        return None
    traces = []
    for picture in pictures:
        with INFERENCE.turn():
            trace = dynviz.run(card.name, picture, budget=budget)
        traces.append(replace(trace, ms=None))  # not timed alone, so not told
    return Pair(name, budget, (traces[0], traces[1]), _places(photo))


def places_network(cards: Sequence[ModelCard]) -> ModelCard | None:
    """The network whose decisions are shown over the photo; None where nothing here decides about places."""
    return next((card for card in cards if card.mechanism == MASKED and card.modality == "image"), None)


def _places(photo: Picture) -> Trace | None:
    """A fault here must not take the pair with it."""
    card = places_network(dynviz.models())
    if card is None:
        return None
    try:
        with INFERENCE.turn():
            return replace(dynviz.run(card.name, photo, budget=HALF), ms=None)
    except Exception:  # the details are for the log
        log.exception("%s failed on a sample photo", card.name)
        return None


class Examples:
    """The pair of each network, sought once for all sessions, one after another."""

    def __init__(self) -> None:
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="example")
        self._known: dict[tuple[str, str], Future[Pair | None]] = {}
        self._lock = threading.Lock()

    def is_done(self, card: ModelCard) -> bool:
        """Is the pair there already, or known to fail?"""
        with self._lock:
            known = self._known.get((card.name, card.sha256))
        return known is not None and known.done()

    def ask(self, card: ModelCard) -> Future[Pair | None]:
        """The pair, sought from now on if it was not yet."""
        key = (card.name, card.sha256)
        with self._lock:
            known = self._known.get(key)
            if known is None:
                known = self._known[key] = self._worker.submit(find, card)
            return known


EXAMPLES = Examples()
