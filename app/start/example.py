"""The live pictures of the Start page, found once for all sessions.

The first: one photo with the places hatched that a network leaves out, at a few budgets.

The second: one photo as it is and out of focus, and what a network spends on each.

What the network does is not written down: it looks at both at every budget, the budget is chosen at which its spending
differs most, and there both are run once more, really skipping.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

import dynviz
from app.image.samples import sample_bytes, sample_names
from app.inference_queue import INFERENCE
from app.picker.order import in_order, reads_photos
from dynviz import ModelCard, Sweep, Trace
from dynviz.media.difficulty import KNOBS
from dynviz.media.image import Picture, read_image

Found = TypeVar("Found")
MASKED = "pixel masks"  # what is shown over the photo
BUDGETS = (1.0, 0.75, 0.5, 0.3)
FIRST = 2  # of them: the one that is seen first
BLUR = 0.017  # of the photo's shorter side: still easy for a person


@dataclass(frozen=True)
class Pair:
    """Two runs of one network at one budget (0..1) on the sample ``name``: as it is, and blurred."""

    name: str
    budget: float
    traces: tuple[Trace, Trace]


@dataclass(frozen=True)
class Masks:
    """Runs of a network that decides about places, one at each of ``BUDGETS``, on the sample ``name``."""

    name: str
    traces: tuple[Trace, ...]


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
    name, photo = _sample(card)
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
    return Pair(name, budget, (traces[0], traces[1]))


def places_network(cards: Sequence[ModelCard]) -> ModelCard | None:
    """The network whose decisions are shown over the photo; None where nothing here decides about places."""
    return next((card for card in cards if card.mechanism == MASKED and card.modality == "image"), None)


def find_masks(card: ModelCard) -> Masks:
    """Look at a sample at a few budgets. Only what the network sees of it is shown, so that whatever is hatched was
    left out by choice. Raises what ``dynviz.run`` raises.
    """
    name, photo = _sample(card)
    (wide, high), side = photo.image.size, min(photo.image.size)
    left, top = (wide - side) // 2, (high - side) // 2
    image = photo.image.crop((left, top, left + side, top + side))
    seen = replace(photo, image=image, width_px=side, height_px=side, digest=f"{photo.digest}-square", upload=None)
    traces = []
    for budget in BUDGETS:
        with INFERENCE.turn():
            traces.append(replace(dynviz.run(card.name, seen, budget=budget), ms=None))
    return Masks(name, tuple(traces))


def _sample(card: ModelCard) -> tuple[str, Picture]:
    """At best a sample of what the network knows."""
    names = sample_names()
    name = next((name for name in names if name in card.labels), names[0])
    return name, read_image(sample_bytes(name))


class Examples(Generic[Found]):
    """What ``find`` finds of each network, once for all sessions, one after another."""

    def __init__(self, find: Callable[[ModelCard], Found]) -> None:
        self._find = find
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="example")
        self._known: dict[tuple[str, str], Future[Found]] = {}
        self._lock = threading.Lock()

    def is_done(self, card: ModelCard) -> bool:
        """Is it there already, or known to fail?"""
        with self._lock:
            known = self._known.get((card.name, card.sha256))
        return known is not None and known.done()

    def found(self, card: ModelCard) -> Found | None:
        """It, where it is there already; None where it is not yet, or where it failed."""
        future = self.ask(card) if self.is_done(card) else None
        return future.result() if future is not None and future.exception() is None else None

    def ask(self, card: ModelCard) -> Future[Found]:
        """It, sought from now on if it was not yet."""
        key = (card.name, card.sha256)
        with self._lock:
            known = self._known.get(key)
            if known is None:
                known = self._known[key] = self._worker.submit(self._find, card)
            return known


EXAMPLES = Examples(find)
MASKS = Examples(find_masks)
