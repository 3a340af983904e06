"""What can be taken away from the Image page: the trace file, and what is made of it, on the click and not before.

The making runs beside the page's script, outside any session: everything it needs is handed to it here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import PurePath

import streamlit as st

from app.components.frames import ANYTIME, BUDGETED
from app.strings import say
from app.widgets.looking import Look, run_again
from app.widgets.reading import Chosen
from dynviz import ModelCard, Sweep, Trace
from dynviz.tracefile import trace_bytes
from dynviz.views.exports import FORMATS, Context

ICONS = {"png": "image", "webp": "animation", "svg": "draw", "csv": "table", "dynviz": "database", "html": "article"}
TRACE, TRACE_MIME = "dynviz", "application/zip"


def live(chosen: Chosen, card: ModelCard, cards: Sequence[ModelCard], framing: str, found: Look) -> None:
    """Save and export what the live view shows: the network is run once more at this budget, really skipping."""
    mode = st.session_state.mode if found.anytime else BUDGETED
    values = [cap / found.full.macs_static for cap in found.caps] if mode == ANYTIME else list(found.budgets)
    at = min(range(len(values)), key=lambda i: abs(values[i] - st.session_state.budget))
    stem = f"{PurePath(chosen.name).stem}-{card.name}-{values[at]:.0%}"
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
        _popover(stem, trace, context)


def replayed(name: str, trace: Trace, cards: Sequence[ModelCard]) -> None:
    """Export a trace that came from a file."""
    _popover(PurePath(name).stem, lambda: trace, Context.of(trace, cards))


def made(ending: str, trace: Trace, context: Context) -> bytes:
    """The file of this kind. Raises KeyError for an unknown ending, TraceFileError for a trace that cannot be saved."""
    return trace_bytes(trace) if ending == TRACE else FORMATS[ending].make(trace, context)


def _popover(stem: str, trace: Callable[[], Trace], context: Context) -> None:
    box = st.popover(say("export"), icon=":material/ios_share:", key="export_box")
    with box, st.container(gap="xxsmall"):
        st.caption(say("export.line"))
        for ending, icon in ICONS.items():
            st.download_button(
                say(f"export.{ending}"),
                data=lambda ending=ending: made(ending, trace(), context),
                file_name=f"{stem}.{ending}",
                mime=TRACE_MIME if ending == TRACE else FORMATS[ending].mime,
                icon=f":material/{icon}:",
                type="tertiary",
                on_click="ignore",
                key=f"export_{ending}",
            )
