"""Loading torch and the networks in the background once a first page is out, so that the first answer comes at once."""

from __future__ import annotations

import gc
import logging
import threading
from collections.abc import Sequence

import dynviz
from app.picker.order import in_order
from app.start.example import MASKS, places_network
from dynviz import ModelCard, zoo

_STARTED = threading.Event()


def start() -> None:
    """Load networks in a thread, once in the life of the server. A damaged one is left to its page."""
    if not _STARTED.is_set():
        _STARTED.set()
        threading.Thread(target=_load, name="warm", daemon=True).start()


def ahead(cards: Sequence[ModelCard], room: int) -> list[str]:
    """The networks to load ahead, the first wanted first: as many as are kept at once, members included.

    More would throw the first ones out again, and those are what people meet first.
    """
    taken: dict[str, None] = {}
    for card in in_order(cards):
        needed = [name for name in (*card.members, card.name) if name not in taken]
        if len(taken) + len(needed) <= room:
            taken |= dict.fromkeys(needed)
    return list(taken)


def _load() -> None:
    for name in ahead(dynviz.models(), zoo.KEPT):
        try:
            dynviz.load(name)
        except Exception as error:  # the page that needs it says so; here it is only worth a line
            logging.getLogger(__name__).warning("%s was not loaded ahead: %s", name, error)
    if masked := places_network(dynviz.models()):
        MASKS.ask(masked)  # the picture by which the family is known, wherever it is offered
    gc.collect()
    gc.freeze()  # what is loaded now stays: collecting garbage need not walk over torch and the networks any more
