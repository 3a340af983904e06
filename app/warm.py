"""Loading torch and the networks in the background once a first page is out, so that the first answer comes at once."""

from __future__ import annotations

import logging
import threading

import dynviz

_STARTED = threading.Event()


def start() -> None:
    """Load every image network in a thread, once in the life of the server. A damaged one is left to its page."""
    if not _STARTED.is_set():
        _STARTED.set()
        threading.Thread(target=_load, name="warm", daemon=True).start()


def _load() -> None:
    for card in sorted(dynviz.models(), key=lambda card: card.family == "static"):
        try:
            dynviz.load(card.name)
        except Exception as error:  # the page that needs it says so; here it is only worth a line
            logging.getLogger(__name__).warning("%s was not loaded ahead: %s", card.name, error)
