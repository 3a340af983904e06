"""The files that a trace can become, in one table that the app and the command line read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dynviz.trace import Sweep, Trace
from dynviz.views.drawing import svg
from dynviz.views.picture import animation, png
from dynviz.views.report import report
from dynviz.views.tables import csv_rows
from dynviz.zoo import ModelCard


@dataclass(frozen=True)
class Context:
    """What a report tells beside the trace: the network's card, all known cards, the input at all operating points."""

    card: ModelCard | None = None
    cards: Sequence[ModelCard] = ()
    sweep: Sweep | None = None

    @classmethod
    def of(cls, trace: Trace, cards: Sequence[ModelCard]) -> Context:
        """The card of the trace's network, if it is among ``cards`` and knows the same labels."""
        own = next((card for card in cards if card.name == trace.model and card.labels == trace.labels), None)
        return cls(own, cards)


@dataclass(frozen=True)
class Format:
    """A kind of file. make: its bytes, from a trace and what else is known."""

    mime: str
    make: Callable[[Trace, Context], bytes]


def _csv(trace: Trace, context: Context) -> bytes:
    return csv_rows(trace).encode("utf-8-sig", "replace")  # without the mark at its start Excel guesses the encoding


def _html(trace: Trace, context: Context) -> bytes:
    return report(trace, context.card, context.cards, context.sweep).encode("utf-8")


FORMATS: dict[str, Format] = {
    "png": Format("image/png", lambda trace, context: png(trace)),
    "webp": Format("image/webp", lambda trace, context: animation(trace)),
    "svg": Format("image/svg+xml", lambda trace, context: svg(trace).encode("utf-8")),
    "csv": Format("text/csv", _csv),
    "html": Format("text/html", _html),
}
