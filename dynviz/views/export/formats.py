"""The files that traces, curves and cards can become, in tables that the app and the command line read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dynviz.trace import Sweep, Trace
from dynviz.views.decisions.frame_states import shots
from dynviz.views.decisions.step_states import step_states, word_states
from dynviz.views.export.cards import cards_csv, cards_json, cards_page
from dynviz.views.export.curves import accuracy_page, curves_csv, curves_png, curves_svg
from dynviz.views.export.report import report, report_side_by_side
from dynviz.views.export.tables import csv_frames, csv_rows, csv_steps, csv_words
from dynviz.views.pictures.stills import animation, png, side_by_side
from dynviz.views.pictures.svg_file import svg
from dynviz.views.pictures.video import mp4
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
    """A kind of file. make: its bytes, from what the table says."""

    mime: str
    make: Callable[..., bytes]


def _plain(words: str) -> bytes:
    return words.encode("utf-8")


def _sheet(words: str) -> bytes:
    return words.encode("utf-8-sig", "replace")  # without the mark at its start Excel guesses the encoding


def _table(trace: Trace) -> str:
    """Of a text its words, of a recording its steps, of a video its frames, of anything else its decisions."""
    if shots(trace):
        return csv_frames(trace)
    if word_states(trace) is not None:
        return csv_words(trace)
    return csv_rows(trace) if step_states(trace) is None else csv_steps(trace)


PNG, SVG, CSV, HTML = "image/png", "image/svg+xml", "text/csv", "text/html"

# of a Trace and its Context
FORMATS: dict[str, Format] = {
    "png": Format(PNG, lambda trace, context: png(trace)),
    "webp": Format("image/webp", lambda trace, context: animation(trace)),
    "mp4": Format("video/mp4", lambda trace, context: mp4(trace)),
    "svg": Format(SVG, lambda trace, context: _plain(svg(trace))),
    "csv": Format(CSV, lambda trace, context: _sheet(_table(trace))),
    "html": Format(HTML, lambda trace, context: _plain(report(trace, context.card, context.cards, context.sweep))),
}
# of Curves
CURVE_FORMATS: dict[str, Format] = {
    "png": Format(PNG, curves_png),
    "svg": Format(SVG, lambda view: _plain(curves_svg(view))),
    "csv": Format(CSV, lambda view: _sheet(curves_csv(view))),
    "html": Format(HTML, lambda view: _plain(accuracy_page(view))),
}
# of a sequence of cards
CARD_FORMATS: dict[str, Format] = {
    "csv": Format(CSV, lambda cards: _sheet(cards_csv(cards))),
    "json": Format("application/json", lambda cards: _plain(cards_json(cards))),
    "html": Format(HTML, lambda cards: _plain(cards_page(cards))),
}
# of traces side by side, each with its title: [(title, Trace), ...]
PAIR_FORMATS: dict[str, Format] = {
    "png": Format(PNG, side_by_side),
    "html": Format(HTML, lambda titled: _plain(report_side_by_side(titled))),
}
