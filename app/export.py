"""What can be taken away from a page: one popover, whose files are made on the click and not before.

The making runs beside the page's script, outside any session: everything it needs is handed to it here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import PurePath

import streamlit as st

from app.budgets import ANYTIME
from app.inference_cache import Inference, run_again
from app.live.uploads import Chosen
from app.start.example import Pair
from app.strings import say
from dynviz import ModelCard, Sweep, Trace
from dynviz.trace.file import trace_bytes
from dynviz.views.export.curves import Curves
from dynviz.views.export.formats import CARD_FORMATS, CURVE_FORMATS, FORMATS, PAIR_FORMATS, Context, Format

ICONS = {
    "png": "image", "webp": "animation", "mp4": "movie", "svg": "draw", "csv": "table", "json": "data_object",
    "dynviz": "database", "html": "article",
}  # fmt: skip
TRACE, TRACE_MIME = "dynviz", "application/zip"
TRACE_FILES = ("png", "webp", "mp4", "svg", "csv", TRACE, "html")  # in the order they are offered


@dataclass(frozen=True)
class Offer:
    """A file to take away. make: its bytes; called on the click."""

    label: str
    icon: str
    file_name: str
    mime: str
    make: Callable[[], bytes]


def popover(offers: Sequence[Offer], *, key: str = "export") -> None:
    """The button and what it opens: a line per offer. Without any it waits, keeping its place."""
    box = st.popover(say("export"), icon=":material/ios_share:", key=f"{key}_box", disabled=not offers)
    with box, st.container(gap="xxsmall"):
        st.caption(say("export.line"))
        for offer in offers:
            st.download_button(
                offer.label,
                data=offer.make,
                file_name=offer.file_name,
                mime=offer.mime,
                icon=f":material/{offer.icon}:",
                type="tertiary",
                on_click="ignore",
                key=f"{key} {offer.label}",
            )


def live(chosen: Chosen, card: ModelCard, cards: Sequence[ModelCard], framing: str, found: Inference) -> None:
    """Save and export what the live view shows: the network is run once more at this budget, really skipping."""
    mode, at = found.released(st.session_state.mode, st.session_state.budget)
    share = found.caps[at] / found.full.macs_static if mode == ANYTIME else found.budgets[at]
    stem = f"{PurePath(chosen.name).stem}-{card.name}-{share:.0%}"
    context = Context(card, cards, Sweep(card.name, found.budgets, found.budgeted, found.full, card.labels))

    def trace() -> Trace:
        return run_again(chosen, found, card, framing, mode, at)

    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.download_button(
            say("save"),
            data=lambda: trace_bytes(trace()),
            file_name=f"{stem}.{TRACE}",
            mime=TRACE_MIME,
            icon=":material/download:",
            help=say("save.help"),
            on_click="ignore",
            key="save",
        )
        popover(_of_trace(stem, trace, context))


def replayed(name: str, trace: Trace, cards: Sequence[ModelCard]) -> None:
    """Export a trace that came from a file."""
    popover(_of_trace(PurePath(name).stem, lambda: trace, Context.of(trace, cards)))


def curves(view: Curves) -> None:
    """Export the chart of the Accuracy and compute page."""
    popover(_of(CURVE_FORMATS, "curves", f"accuracy-{view.card.name}", view), key="export_curves")


def cards(known: Sequence[ModelCard]) -> None:
    """Export all cards."""
    popover(_of(CARD_FORMATS, "cards", "networks", tuple(known)), key="export_cards")


def pair(card: ModelCard, found: Pair | None, titles: tuple[str, str]) -> None:
    """Export the Start page's two runs, or keep the place until they are there."""
    if found is None:
        popover((), key="export_pair")
        return
    stem = f"{found.name}-{card.name}-{found.budget:.0%}"
    offers = _of(PAIR_FORMATS, "pair", stem, list(zip(titles, found.traces, strict=True)))
    for place, (title, trace) in enumerate(zip(titles, found.traces, strict=True), 1):
        label = say("export.pair.dynviz", title=title)
        make = partial(trace_bytes, trace)
        offers.append(Offer(label, ICONS[TRACE], f"{stem}-{place}.{TRACE}", TRACE_MIME, make))
    popover(offers, key="export_pair")


def made(ending: str, trace: Trace, context: Context) -> bytes:
    """The file of this kind. Raises KeyError for an unknown ending, TraceFileError for a trace that cannot be saved."""
    return trace_bytes(trace) if ending == TRACE else FORMATS[ending].make(trace, context)


def _of(formats: dict[str, Format], what: str, stem: str, view: object) -> list[Offer]:
    return [
        Offer(say(f"export.{what}.{ending}"), ICONS[ending], f"{stem}.{ending}", kind.mime, partial(kind.make, view))
        for ending, kind in formats.items()
    ]


def _of_trace(stem: str, trace: Callable[[], Trace], context: Context) -> list[Offer]:
    return [
        Offer(
            say(f"export.{ending}"),
            ICONS[ending],
            f"{stem}.{ending}",
            TRACE_MIME if ending == TRACE else FORMATS[ending].mime,
            lambda ending=ending: made(ending, trace(), context),
        )
        for ending in TRACE_FILES
    ]
