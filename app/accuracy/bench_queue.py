"""Measurements that people ask for: one at a time for the whole server, remembered, with their progress."""

from __future__ import annotations

import threading
from collections import OrderedDict
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from dynviz import ModelCard
from dynviz.measuring.bench import BenchRow
from dynviz.measuring.bench_process import bench_apart

KEPT = 64  # measurements that the server keeps, a few numbers each


@dataclass
class Measurement:
    """One run of ``dynviz bench``. done, total: pictures so far, 0 until it has begun to measure."""

    future: Future[list[BenchRow]] = field(default_factory=Future)
    begun: bool = False
    done: int = 0
    total: int = 0

    def report(self, done: int, total: int) -> None:
        self.done, self.total = done, total


class Benches:
    """Measures one network after another, so that two measurements never slow one another."""

    def __init__(self) -> None:
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="bench")
        self._known: OrderedDict[str, Measurement] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, card: ModelCard) -> Measurement | None:
        """The measurement of these very weights, if anybody asked for one."""
        return self._known.get(card.sha256)

    def ask(self, card: ModelCard) -> Measurement:
        """Start a measurement unless one is under way; a finished one is made anew."""
        with self._lock:
            known = self._known.get(card.sha256)
            if known is not None and not known.future.done():
                return known
            fresh = self._known[card.sha256] = Measurement()
            self._known.move_to_end(card.sha256)
            while len(self._known) > KEPT:
                self._known.popitem(last=False)
        self._worker.submit(_measure, card.name, fresh)
        return fresh


def _measure(name: str, measurement: Measurement) -> None:
    measurement.begun = True
    try:
        measurement.future.set_result(bench_apart(name, report=measurement.report))
    except Exception as error:  # whatever it was: the page that waits is told
        measurement.future.set_exception(error)


BENCHES = Benches()
