"""Batches that are under way or done, for all sessions: a thread each, kept for ten minutes after anybody looked."""

from __future__ import annotations

import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence

from app.inference_queue import INFERENCE
from dynviz import ModelCard
from dynviz.batch import run_batch
from dynviz.media.gather import Item
from dynviz.results.batch import Row

KEPT_S = 600.0
MOST = 12  # batches at once; what nobody has looked at for longest goes first


class Job:
    """One batch. Its rows grow while it runs; ``key`` is in the address and tells it to whoever knows it."""

    def __init__(self, card: ModelCard, items: Sequence[Item], budget: float, problems: Sequence[str]) -> None:
        self.key = secrets.token_urlsafe(9)
        self.card, self.budget, self.problems = card, budget, tuple(problems)
        self.total = len(items)
        self.rows: list[Row] = []
        self.started = time.monotonic()
        self.over_since: float | None = None  # by the clock of whoever keeps it
        self.ended: float | None = None
        self.seen = self.started
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(list(items),), daemon=True, name="batch")

    def begin(self) -> None:
        self._thread.start()

    def cancel(self) -> None:
        """What is finished stays."""
        self._stop.set()

    @property
    def cancelled(self) -> bool:
        return self._stop.is_set() and len(self.rows) < self.total

    @property
    def over(self) -> bool:
        return self.ended is not None

    @property
    def left_s(self) -> float | None:
        """Seconds that the rest will take, as the first ones did; None before there is any."""
        done = len(self.rows)
        return (time.monotonic() - self.started) / done * (self.total - done) if done else None

    def wait(self, seconds: float) -> None:
        self._thread.join(seconds)

    def _run(self, items: list[Item]) -> None:
        try:
            for row in run_batch(self.card, items, self.budget, INFERENCE.turn):
                self.rows.append(row)
                if self._stop.is_set():
                    break
        finally:
            self.ended = time.monotonic()


class Jobs:
    """Of everybody, by key."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._jobs: OrderedDict[str, Job] = OrderedDict()
        self._clock, self._lock = clock, threading.Lock()

    def start(self, job: Job) -> str:
        with self._lock:
            self._forget()
            self._jobs[job.key] = job
            job.seen = self._clock()
            while len(self._jobs) > MOST:
                self._jobs.popitem(last=False)[1].cancel()
        job.begin()
        return job.key

    def get(self, key: str) -> Job | None:
        """The batch of this key, which is then kept for ten minutes more; None where there is none (any more)."""
        with self._lock:
            self._forget()
            job = self._jobs.get(key)
            if job is not None:
                job.seen = self._clock()
                self._jobs.move_to_end(key)
            return job

    def _forget(self) -> None:
        """What nobody came back for. One that ran longer than that with its tab closed is kept from its end on."""
        now = self._clock()
        for key, job in list(self._jobs.items()):
            if not job.over:
                continue
            if job.over_since is None:
                job.over_since = now
            if now - max(job.seen, job.over_since) > KEPT_S:
                del self._jobs[key]


JOBS = Jobs()
