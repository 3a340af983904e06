"""Does a network compute where its answer depends? Over test inputs, against decisions that do not look at them.

Two ways that do not look: the network's own blind baselines (``networks.contract.BASELINES``), really run, at the share
of open decisions that costs most nearly the same; and the average of the same amount put anywhere, which is the share
of the places that was executed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from dynviz import zoo
from dynviz.attribution.agreement import agreement, executed_share
from dynviz.attribution.methods import INTEGRATED, attribute_prepared
from dynviz.datasets.registry import DATASETS, called
from dynviz.decisions import Region
from dynviz.evaluation.operating import thresholds
from dynviz.inference import make_trace
from dynviz.media.description import Media
from dynviz.modalities import MODALITIES
from dynviz.modalities.adapter import InputForm
from dynviz.networks.contract import repeated
from dynviz.recorder import Recorder, Setting
from dynviz.results.comparison import mean_interval
from dynviz.results.findings import AttributionUse
from dynviz.trace import Trace
from dynviz.zoo import ModelCard

SAMPLES = 200
SHARES = tuple(np.round(np.arange(0.05, 1.0, 0.1), 2))  # of a baseline's decisions that are open
ALL = 0.999  # executed: nothing is left to compare
Pair = tuple[float, float]  # rank correlation, share on what was executed


def attribution_use(
    card: ModelCard, samples: int = SAMPLES, progress: Callable[[int, int], None] | None = None
) -> AttributionUse | None:
    """Measured on every k-th test input; None if the network's decisions name no places, words or steps.

    Raises what loading the data raises where they are not here.
    """
    if card.family == "static":
        return None
    adapter, network = MODALITIES[card.modality], zoo.load(card.name)
    dataset = DATASETS[called(card.data).name]
    chosen = adapter.samples(dataset, "test", InputForm.of(card)).thinned(samples)
    points = len(card.operating_points)
    own: list[list[tuple[Pair, float] | None]] = []
    blind: dict[str, list[list[Pair | None]]] = {name: [] for name in network.baselines}
    gaps: list[float] = []
    for done, x in enumerate(_one_by_one(chosen.batches())):
        traces, full = _traces(card, network, x)
        if executed_share(full, full) is None:
            return None
        found = attribute_prepared(card, x, INTEGRATED)
        gaps.append(found.gap)
        own.append([_held(found.strength, trace, full) for trace in traces])
        for name, rows in blind.items():
            theirs = _blind(card, network, x, name, traces, full)
            rows.append([held and held[0] for held in (_held(found.strength, t, full) for t in theirs)])
        if progress is not None:
            progress(done + 1, len(chosen))
    columns = [[row[i] for row in own if row[i] is not None] for i in range(points)]
    ranks = [[held[0][0] for held in column] for column in columns]
    bounds = [mean_interval(np.array(values)) if values else (None, None) for values in ranks]
    compared = {name: tuple(_blind_means(rows, i) for i in range(points)) for name, rows in blind.items()}
    return AttributionUse(
        method=INTEGRATED,
        budgets=tuple(point.budget for point in card.operating_points),
        correlation=tuple(map(_mean, ranks)),
        low=tuple(low for low, _ in bounds),
        high=tuple(high for _, high in bounds),
        on_executed=tuple(_mean([held[0][1] for held in column]) for column in columns),
        executed=tuple(_mean([held[1] for held in column]) for column in columns),
        blind={name: means for name, means in compared.items() if any(pair[0] is not None for pair in means)},
        gap=float(np.median(gaps)),
        n=len(own),
    )


def _held(strength: np.ndarray, trace: Trace, full: Trace) -> tuple[Pair, float] | None:
    """((correlation, share on what was executed), share executed); None where nothing is left to compare."""
    executed = executed_share(trace, full)
    if executed is None or executed.min() >= ALL or executed.max() <= 0:
        return None
    found = agreement(strength, executed)
    if found is None or found.correlation is None:
        return None
    return (found.correlation, found.on_executed), found.executed


def _traces(card: ModelCard, network: Any, x: Any) -> tuple[list[Trace], Trace]:
    """One input at every operating point, and with every decision open."""
    table = np.array([thresholds(point) for point in card.operating_points])
    with torch.inference_mode():
        full = _run(card, network, x, Setting("masked"), 1)
        batch = x if network.single_pass_sweep else repeated(x, len(table))
        return _run(card, network, batch, Setting("masked", thresholds=table), len(table)), full[0]


def _blind(card: ModelCard, network: Any, x: Any, name: str, traces: list[Trace], full: Trace) -> list[Trace]:
    """The same operating points decided by baseline ``name``, each at about the compute of its trace."""
    with torch.inference_mode():
        if not network.candidates:  # exits: what is decided beside them, as often as the network itself did
            (whole,) = _run(card, network, x, Setting("masked", baseline=name), 1)
            return [_cut(whole, sum(d.executed for d in t.decisions if isinstance(d, Region))) for t in traces]
        tried = [_run(card, network, x, Setting("masked", thresholds=((s,),), baseline=name), 1)[0] for s in SHARES]
    return [min(tried, key=lambda other, macs=trace.macs: abs(other.macs - macs)) for trace in traces]


def _cut(trace: Trace, regions: int) -> Trace:
    """Only its first ``regions`` regions."""
    chosen = [d for d in trace.decisions if isinstance(d, Region)][:regions]
    return replace(trace, decisions=tuple(chosen))


def _run(card: ModelCard, network: Any, x: Any, setting: Setting, rows: int) -> list[Trace]:
    recorder = Recorder()
    logits = network(x, setting=setting, recorder=recorder).float().softmax(dim=1).cpu().numpy()
    side = card.in_side_px
    media = Media(card.modality, "", side, side, (0.0, 0.0, float(side), float(side)))
    return [make_trace(card, recorder, row, logits[row], media) for row in range(rows)]


def _one_by_one(batches: Iterator[tuple[np.ndarray, Any]]) -> Iterator[Any]:
    for rows, x in batches:
        for row in range(len(rows)):
            yield x[row : row + 1]


def _mean(values: list[float]) -> float | None:
    return float(np.mean(values)) if values else None


def _blind_means(rows: list[list[Pair | None]], point: int) -> tuple[float | None, float | None]:
    known = [row[point] for row in rows if row[point] is not None]
    return _mean([pair[0] for pair in known]), _mean([pair[1] for pair in known])
