"""Taking turns: at most as many networks run at once as there are cores, and whoever waits is told their place."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class InferenceQueue:
    """First come, first served. ``places``: how many may be inside at once."""

    def __init__(self, places: int):
        self._free = places
        self._waiting: deque[object] = deque()
        self._moved = threading.Condition()

    @contextmanager
    def turn(self, on_wait: Callable[[int], None] = lambda place: None) -> Iterator[None]:
        """Wait for a turn and hold it. ``on_wait`` is called with the place in the queue (1 is next) as it changes.

        An exception from ``on_wait``, such as a person leaving the page, gives the place in the queue up.
        """
        ticket = object()
        self._enter(ticket, on_wait)
        try:
            yield
        finally:
            with self._moved:
                self._free += 1
                self._moved.notify_all()

    def _enter(self, ticket: object, on_wait: Callable[[int], None]) -> None:
        told = 0
        with self._moved:
            self._waiting.append(ticket)
        try:
            while True:
                with self._moved:
                    place = self._waiting.index(ticket) + 1
                    if place == 1 and self._free:
                        self._waiting.popleft()
                        self._free -= 1
                        self._moved.notify_all()
                        return
                    if place == told:
                        self._moved.wait(timeout=0.5)
                        continue
                on_wait(place)  # outside the lock: it talks to a browser
                told = place
        except BaseException:
            with self._moved:
                self._waiting.remove(ticket)
                self._moved.notify_all()
            raise


INFERENCE = InferenceQueue(os.cpu_count() or 1)
