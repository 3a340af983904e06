"""Measured milliseconds. Timing happens in a child process, because the number of threads belongs to a whole process.

One thread, batch of one, the decisions' own cost included; the compared settings run in turn, round after round, so
that a machine that slows down slows all of them, and the median of each is reported.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import threading
import time
from dataclasses import asdict, dataclass
from functools import partial
from itertools import accumulate
from pathlib import Path
from statistics import median
from typing import IO, TYPE_CHECKING, Any

from dynviz.media.spool import Spool

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


ROUNDS = 40
SECONDS = 1.5  # a measurement for the screen stops after so long, but not before MIN_ROUNDS
MIN_ROUNDS = 5
LONG_MS = 20
LIMIT_SECONDS = 300.0  # that a measurement may take on a machine that has much else to do


@dataclass(frozen=True)
class Timing:
    """ms: (operating points,) median milliseconds of each. ms_static: with every decision open. rounds: how many.

    ms_anytime: (exits,) of stopping at each exit, for networks that can be stopped at any time. ms_plain: of the same
    weights in one pass that decides nothing, None for a network without such a pass.
    """

    ms: tuple[float, ...]
    ms_static: float
    rounds: int
    ms_anytime: tuple[float, ...] = ()
    ms_plain: float | None = None


class TimingError(RuntimeError):
    """The child process that measures could not do so."""


class _Worker:
    """One child process for all sessions, started when first needed, and anew where dynviz has been set up otherwise
    meanwhile (its folder of networks); requests wait for one another.

    seconds: after so long an answer is not waited for any more, and the process is ended.
    """

    def __init__(self, seconds: float = LIMIT_SECONDS) -> None:
        self.seconds = seconds
        self.lock = threading.Lock()
        self.process: subprocess.Popen[str] | None = None
        self.set_up: dict[str, str] = {}

    def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        with self.lock:
            set_up = {name: value for name, value in os.environ.items() if name.startswith("DYNVIZ_")}
            if self.process is not None and set_up != self.set_up:
                self.process.kill()
                self.process.wait()
            if self.process is None or self.process.poll() is not None:
                self.set_up = set_up
                environment = dict(os.environ, OMP_NUM_THREADS="1", MKL_NUM_THREADS="1")
                self.process = subprocess.Popen(
                    [sys.executable, "-m", "dynviz.measuring.timing"],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    text=True,
                    env=environment,
                )
            assert self.process.stdin is not None and self.process.stdout is not None  # both are pipes
            late = threading.Event()
            limit = threading.Timer(self.seconds, lambda process: (late.set(), process.kill()), [self.process])
            limit.start()
            try:
                self.process.stdin.write(json.dumps(request) + "\n")
                self.process.stdin.flush()
                answer = self.process.stdout.readline()
            except OSError as error:
                raise TimingError("the process that measures has stopped; try again") from error
            finally:
                limit.cancel()
            if not answer:  # it has ended, or is about to
                self.process.kill()
                self.process.wait()
        if late.is_set():
            raise TimingError(f"measuring took longer than {self.seconds:.0f} seconds and was given up")
        if not answer:
            raise TimingError("the process that measures has stopped; try again")
        result = json.loads(answer)
        if "error" in result:
            raise TimingError(result["error"])
        return result


_WORKER = _Worker()


def measure(name: str, source: bytes | Spool, framing: str = "crop") -> Timing:
    """Time network ``name`` on the picture (or the text, or the video) in ``source`` at each of its operating points.

    Blocks for 1 to 3 seconds, longer where one run takes so long: a text of twenty thousand words.

    Raises TimingError where it cannot be measured.
    """
    if isinstance(source, Spool):  # too large to be handed over
        media = {"path": source.path}
    else:
        media = {"media": base64.b64encode(source).decode()}
    answer = _WORKER.ask({"name": name, **media, "framing": framing})
    return Timing(
        tuple(answer["ms"]), answer["ms_static"], answer["rounds"], tuple(answer["ms_anytime"]), answer["ms_plain"]
    )


def time_calls(
    calls: Sequence[Callable[[], object]], rounds: int = ROUNDS, seconds: float = SECONDS
) -> tuple[list[float], int]:
    """(median ms of each call, rounds run); all of them in turn, each twice, and the second time counts.

    A turn begins with the processor's caches full of what the call before it left there. A call of LONG_MS and more
    hardly notices, and is made twice in the first round only.
    """
    import torch

    clock: list[list[float]] = [[] for _ in calls]
    with torch.inference_mode():
        started = time.perf_counter()
        done = 0
        while done < rounds and _goes_on(done, time.perf_counter() - started, seconds):
            for times, call in zip(clock, calls, strict=True):
                if not times or times[-1] < LONG_MS:
                    call()
                before = time.perf_counter()
                call()
                times.append((time.perf_counter() - before) * 1000)
            done += 1
    return [median(times) for times in clock], done


def _goes_on(done: int, spent: float, seconds: float) -> bool:
    """Another round? At least one, and MIN_ROUNDS unless those take many times the seconds that there are."""
    return spent < seconds or done < 1 or (done < MIN_ROUNDS and spent < 4 * seconds)


def _measure_here(name: str, source: bytes | Path, framing: str) -> Timing:
    """What the child does: settings that take the same decisions on this input are timed once."""
    import torch

    from dynviz import zoo
    from dynviz.evaluation.operating import anytime_setting, thresholds
    from dynviz.inference import prepare
    from dynviz.recorder import Recorder, Setting

    card, network = zoo.card(name), zoo.load(name)
    x, _ = prepare(card, source, framing)
    asked = [Setting(), *(Setting(thresholds=thresholds(point) or None) for point in card.operating_points)]
    if card.anytime:
        asked += [anytime_setting(card, network, x, cap) for cap in accumulate(map(int, network.input_macs(x)))]
    settings, keys = [], []
    seen: dict[tuple[tuple[bool, int], ...], int] = {}
    for setting in asked:
        recorder = Recorder()
        with torch.inference_mode():
            network(x, setting=setting, recorder=recorder)
        key = tuple((stage.executed, stage.macs) for stage in recorder.cut(0)[1])
        if key not in seen:
            seen[key] = len(settings)
            settings.append(setting)
        keys.append(key)
    calls = [partial(network, x, setting=setting) for setting in settings]
    calls += [partial(network.plain, x)] if network.has_plain else []
    ms, rounds = time_calls(calls)
    plain = ms[len(settings)] if len(calls) > len(settings) else None
    static, *each = (ms[seen[key]] for key in keys)
    points = len(card.operating_points)
    return Timing(tuple(each[:points]), static, rounds, tuple(each[points:]), plain)


def serve(requests: IO[str], answers: IO[str]) -> None:
    """Answer one JSON request a line until the parent closes its end."""
    import torch

    torch.set_num_threads(1)
    for line in requests:
        try:
            request = json.loads(line)
            source = Path(request["path"]) if "path" in request else base64.b64decode(request["media"])
            timing = _measure_here(request["name"], source, request["framing"])
            answer: dict[str, Any] = asdict(timing)
        except Exception as error:  # whatever it was, the parent must get an answer and the child must live
            answer = {"error": str(error) or type(error).__name__}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


if __name__ == "__main__":
    serve(sys.stdin, sys.stdout)
