"""Does skipping pay on this machine? Measured speed-up against executed-MACs speed-up, on many real inputs.

Three questions: alone (batch of one), in batches whose survivors are regrouped, and what deciding costs when nothing
is skipped. One thread. What is compared takes turns, so that a machine that slows down slows all of it; a turn is a
short stream of different inputs, as a network in use meets them: after every single call, a cheap setting would find
the processor's caches full of what an expensive one left there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np

from dynviz import zoo
from dynviz.evaluation.operating import thresholds
from dynviz.modalities import MODALITIES
from dynviz.recorder import Recorder, Setting

if TYPE_CHECKING:
    from torch import Tensor, nn

REPEATS = 3
STREAM = 10  # inputs, or batches of them, that one setting answers before the next has its turn
BATCHES = (8, 64)
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class BenchRow:
    """One operating point over ``n`` inputs; means per input. The ratio is how much of the saving is real.

    macs, macs_static: executed multiply-accumulates. ms, ms_static: measured, one thread. batch: how many inputs ran
    together, in skipping mode, against the same batch with every decision open.
    """

    budget: float
    n: int
    macs: float
    macs_static: float
    ms: float
    ms_static: float
    batch: int = 1

    @property
    def macs_speedup(self) -> float:
        return self.macs_static / self.macs

    @property
    def speedup(self) -> float:
        return self.ms_static / self.ms

    @property
    def ratio(self) -> float:
        return self.speedup / self.macs_speedup


@dataclass(frozen=True)
class Overhead:
    """What it costs that a network could skip, where it skips nothing; means over ``n`` inputs, batch of one.

    ms, macs: every decision taken and all of them left open, nothing recorded. ms_plain, macs_plain: the same weights
    and the same answer without any decision, and without what only decisions need (earlier classifiers, gates, earlier
    members of a cascade), as the network's ``plain(x)`` computes it.

    What decisions need are executed MACs, which every account and curve already charges to the network. The overhead
    is therefore what the time rises by *beyond* the MACs: (ms / ms_plain) / (macs / macs_plain) - 1. It contains the
    code that decides, and that small layers take longer than their MACs say. ms_undecided tells the two apart where
    the network has exits: everything that runs, every exit's answer included, and no answer is looked at.
    """

    n: int
    macs: float
    macs_plain: float
    ms: float
    ms_plain: float
    ms_undecided: float | None

    @property
    def by_time(self) -> float:
        return self.ms / self.ms_plain

    @property
    def by_macs(self) -> float:
        return self.macs / self.macs_plain

    @property
    def beyond_macs(self) -> float:
        return self.by_time / self.by_macs - 1

    @property
    def deciding(self) -> float | None:
        """Share of time that the deciding code adds to what it decides about."""
        return None if self.ms_undecided is None else self.ms / self.ms_undecided - 1


@dataclass(frozen=True)
class Bench:
    """points: each operating point, batch of one. batches: the same in batches. overhead: None without decisions."""

    points: tuple[BenchRow, ...]
    batches: tuple[BenchRow, ...] = ()
    overhead: Overhead | None = None


def bench(
    name: str,
    *,
    data: Path | None = None,
    n: int = 200,
    points: int = 5,
    batches: Sequence[int] = BATCHES,
    brief: bool = False,
    progress: Progress | None = None,
) -> Bench:
    """Time network ``name`` at up to ``points`` operating points on ``n`` inputs, static and dynamic in turn.

    data: pictures as CLASS/file; else the test split of DYNVIZ_DATA; else crops of scikit-image's own photos. What
    reads needs DYNVIZ_DATA. Sizes of ``batches`` that the inputs do not fill are left out. brief: only the batch of
    one. Sets this process to one
    thread, so run it in a process of its own.
    """
    import torch

    torch.set_num_threads(1)
    card, network = zoo.card(name), zoo.load(name)
    inputs = bench_inputs(card, data, n)
    chosen = np.unique(np.linspace(0, len(card.operating_points) - 1, points).round().astype(int))
    dynamic = {
        card.operating_points[i].budget: Setting(thresholds=thresholds(card.operating_points[i]))
        for i in chosen
        if card.operating_points[i].thresholds
    }
    sizes = [size for size in batches if size <= len(inputs)] if dynamic and not brief else []
    decides = network.has_plain and not brief
    done, total = 0, sum(len(inputs) // size * size for size in (1, *sizes)) + len(inputs) * decides

    def step(pictures: int) -> None:
        nonlocal done
        done += pictures
        if progress:
            progress(done, total)

    alone, *together = (_bench_batches(network, inputs, size, dynamic, step) for size in (1, *sizes))
    overhead = _overhead(network, inputs, step) if decides else None
    return Bench(tuple(alone), tuple(row for rows in together for row in rows), overhead)


def _bench_batches(
    network: nn.Module, inputs: Any, size: int, dynamic: dict[float, Setting], step: Callable[[int], None]
) -> list[BenchRow]:
    """A row for each of ``dynamic`` (budget -> setting), with the inputs in batches of ``size``."""

    settings = [Setting(), *dynamic.values()]
    count = len(inputs) // size
    # every count-th input: neighbours are of one class, and a batch is to be as mixed as the inputs are
    batches = [_batch(inputs, slice(i, count * size, count)) for i in range(count)]
    calls = [partial(network, setting=setting) for setting in settings]
    ms = _time_in_turns(calls, batches, lambda done: step(done * size)).mean(axis=0) / size
    macs = np.mean([[_executed(network, x, setting) for setting in settings] for x in batches], axis=0) / size
    n = count * size
    return [BenchRow(budget, n, macs[c], macs[0], ms[c], ms[0], size) for c, budget in enumerate(dynamic, start=1)] or [
        BenchRow(1.0, n, macs[0], macs[0], ms[0], ms[0], size)
    ]


def _overhead(network: nn.Module, inputs: Any, step: Callable[[int], None]) -> Overhead:
    import torch

    from dynviz.compute import count_macs
    from dynviz.networks.exits import every_exit

    alone = [_batch(inputs, slice(i, i + 1)) for i in range(len(inputs))]
    calls = [network.plain, partial(network, setting=Setting())]
    if network.exit_names():
        calls.append(partial(every_exit, network))
    plain, whole, *undecided = _time_in_turns(calls, alone, step).mean(axis=0)
    with torch.inference_mode():
        macs = [(count_macs(partial(network.plain, x)), _executed(network, x, Setting())) for x in alone]
    macs_plain, macs_whole = np.mean(macs, axis=0)
    return Overhead(len(inputs), macs_whole, macs_plain, whole, plain, undecided[0] if undecided else None)


def _time_in_turns(calls: Sequence[Callable[[Any], object]], xs: Sequence[Any], step: Callable[[int], None]) -> Any:
    """(inputs, calls) median milliseconds of each call on each of ``xs``; ``step`` hears how many more are done."""
    import torch

    ms = np.zeros((len(xs), len(calls)))
    with torch.inference_mode():
        for first in range(0, len(xs), STREAM):
            stream = xs[first : first + STREAM]
            clock: list[list[list[float]]] = [[[] for _ in calls] for _ in stream]
            for _ in range(REPEATS):
                for column, call in enumerate(calls):
                    call(stream[-1])  # not counted: the turn of another setting ends here
                    for times, x in zip(clock, stream, strict=True):
                        before = perf_counter()
                        call(x)
                        times[column].append((perf_counter() - before) * 1000)
            ms[first : first + len(stream)] = [[median(times) for times in row] for row in clock]
            step(len(stream))
    return ms


def _executed(network: nn.Module, x: Any, setting: Setting) -> int:
    """MACs of the whole batch, as the network accounts for them."""
    import torch

    recorder = Recorder()
    with torch.inference_mode():
        network(x, setting=setting, recorder=recorder)
    return int(recorder.totals(len(x)).sum())


def _batch(inputs: Any, rows: slice) -> Any:
    """Some of the inputs, as a network is given them."""
    import torch

    x = inputs[rows]
    return x.contiguous(memory_format=torch.channels_last) if isinstance(x, torch.Tensor) else x


def bench_inputs(card: zoo.ModelCard, data: Path | None, n: int) -> Any:
    """n inputs as the network of ``card`` is given them: of ``data``, else of its test split, else stand-ins for those.

    Raises FileNotFoundError where there are none of them.
    """
    from dynviz.evaluation.scoring import split_samples
    from dynviz.networks.batches import joined

    modality = MODALITIES[card.modality]
    try:
        samples = split_samples(card, "test") if data is None else modality.own_samples(data, card)
    except FileNotFoundError:
        inputs = None if data else modality.stand_ins(card, n)
        if inputs is None:
            raise
        return inputs
    chosen = set(_spread(len(samples), n).tolist())
    found, place = [], 0
    for rows, x in samples.batches():
        found += [x[i : i + 1] for i in range(len(rows)) if place + i in chosen]
        place += len(rows)
    return joined(found)


def _spread(count: int, n: int) -> Tensor:
    """At most n of ``count`` places, evenly spread."""
    import torch

    return torch.linspace(0, count - 1, min(n, count)).round().long()
