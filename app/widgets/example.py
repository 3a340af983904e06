"""The Start page's live picture: two samples that a network spends differently on, found in the background.

Nothing about the photos is written down. The network looks at every sample at every budget; then the two are chosen
between which its spending differs most near a middle budget, and those are run once more, really skipping.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace

import dynviz
from app.samples import sample_bytes, sample_names
from app.turns import INFERENCE
from dynviz import ModelCard, Sweep, Trace
from dynviz.views.words import LOW_CONFIDENCE


@dataclass(frozen=True)
class Pair:
    """Two runs of one network at one budget (0..1), on the samples called ``names``; the first spent less."""

    names: tuple[str, str]
    budget: float
    traces: tuple[Trace, Trace]


def example_network(cards: Sequence[ModelCard]) -> ModelCard | None:
    """The network of the example: dynamic, with budgets to choose from, for photos rather than thumbnails."""
    found = [card for card in cards if card.family != "static" and len(card.operating_points) > 1]
    return max(found, key=lambda card: (not card.members, card.in_side_px, len(card.operating_points)), default=None)


def choose(sweeps: Mapping[str, Sweep]) -> tuple[str, str, float] | None:
    """(cheaper sample, dearer sample, budget), or None where every sample costs the same at every budget.

    Budgets are tried from the middle one outwards. In the middle half of them only answers count that the network is
    fairly sure of: a photo of something it does not know says little. Where there are no two such, all count.
    """
    budgets = next(iter(sweeps.values())).budgets if sweeps else ()
    middle = (len(budgets) - 1) / 2
    outwards = sorted(range(len(budgets)), key=lambda i: (abs(i - middle), i))
    inner = [i for i in outwards if abs(i - middle) <= len(budgets) / 4]
    for places, least_sure in ((inner, LOW_CONFIDENCE), (outwards, 0.0)):
        for i in places:
            seen = {name: swept.traces[i] for name, swept in sweeps.items()}
            known = [name for name, trace in seen.items() if trace.prediction.confidence >= least_sure]
            known.sort(key=lambda name: -seen[name].prediction.confidence)  # the surer one, where the cost is the same
            if len({seen[name].macs for name in known}) > 1:
                easy = min(known, key=lambda name: seen[name].macs)
                hard = max(known, key=lambda name: seen[name].macs)
                return easy, hard, budgets[i]
    return None


def find(card: ModelCard) -> Pair | None:
    """Look at all samples and run the two chosen; None where none differ. Raises what ``dynviz.sweep`` raises."""
    sweeps = {}
    for name in sample_names():
        with INFERENCE.turn():
            sweeps[name] = dynviz.sweep(card.name, sample_bytes(name))
    chosen = choose(sweeps)
    if chosen is None:
        return None
    *names, budget = chosen
    traces = []
    for name in names:
        with INFERENCE.turn():
            trace = dynviz.run(card.name, sample_bytes(name), budget=budget)
        traces.append(replace(trace, ms=None))  # not timed alone, so not told
    return Pair((names[0], names[1]), budget, (traces[0], traces[1]))


class Examples:
    """The pair of each network, sought once for all sessions, one after another."""

    def __init__(self) -> None:
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="example")
        self._known: dict[tuple[str, str], Future[Pair | None]] = {}
        self._lock = threading.Lock()

    def ask(self, card: ModelCard) -> Future[Pair | None]:
        """The pair, sought from now on if it was not yet."""
        key = (card.name, card.sha256)
        with self._lock:
            known = self._known.get(key)
            if known is None:
                known = self._known[key] = self._worker.submit(find, card)
            return known


EXAMPLES = Examples()
