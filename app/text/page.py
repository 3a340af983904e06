"""The Text page: which words did it read, skim, skip, jump over?"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import PurePath
from typing import Any

import streamlit as st

from app.attribution import section as attribution
from app.inference_cache import Inference
from app.live.own import Own
from app.live.page import LivePage
from app.live.uploads import Chosen, File
from app.strings import say
from app.text.samples import BY_NAME, texts_for
from dynviz import MediaError, ModelCard
from dynviz.media.table import Table, read_table
from dynviz.media.text import Text, read_text

TYPED = "typed "  # begins the keys of what was typed
TABLES = (".csv", ".tsv")
BOX_PX = 104
NAME_LETTERS = 28


class TextPage(LivePage):
    """Texts: typed or pasted, from a file or a row of a table, or written for this app."""

    name = modality = "text"
    most_mb = 20

    def samples(self, card: ModelCard) -> list[str]:
        return list(texts_for(card.data))

    def is_sample(self, name: str | None) -> bool:
        return name in BY_NAME

    def sample(self, name: str, card: ModelCard) -> Chosen:
        return _sample(name)

    def read(self, own: Own, card: ModelCard) -> Chosen:
        if own.key.startswith(TYPED):
            return _chosen(say("text.typed"), read_text(own.data.decode()))
        if not self._is_table(own):
            return _chosen(own.name, read_text(own.data))
        table, (column, row) = _table(own), self.options(own)
        row = min(row, len(table.rows))
        found = read_text(table.rows[row - 1][column])
        if table.note:
            found = replace(found, notes=(*found.notes, table.note))
        return _chosen(say("text.table", name=own.name, row=row), found)

    def options(self, own: Own) -> tuple[Any, ...]:
        if self.is_trace(own) or not self._is_table(own):
            return ()
        state = st.session_state
        column = state.get(f"text_column {own.key}")
        return (_table(own).wordiest() if column is None else column, state.get(f"text_row {own.key}", 1))

    def inputs(self, card: ModelCard) -> None:
        st.text_area(
            say("text.box"),
            key="text_box",
            height=BOX_PX,
            placeholder=say("text.placeholder"),
            label_visibility="collapsed",
            on_change=self._typed,
            persist_state="session",
        )
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.button(say("text.look"), type="primary", key="text_look", on_click=self._typed)
            self.sample_row(card)
        self.upload_box(card)
        shown = self.shown_own()
        if shown is not None and not self.is_trace(shown) and self._is_table(shown):
            self._row_of(shown)

    def settle(self, card: ModelCard) -> None:
        """The box holds what is looked at; what was typed before is in the strip."""
        super().settle(card)
        state, shown = st.session_state, self.shown_own()
        stands = shown.key if shown else f"sample {state[self.key('sample')]}"
        if state.get("text_boxed") != stands:
            state.text_boxed, state.text_box = stands, self._standing()

    def below(
        self, chosen: Chosen, looked: Chosen, card: ModelCard, cards: Sequence[ModelCard], found: Inference
    ) -> None:
        attribution.section(self.name, looked, card, self.framing, found)

    def beneath(self, card: ModelCard, budget: float) -> None:
        attribution.measured(self.name, card, budget)

    def follows(self) -> bool:
        return attribution.is_open(self.name)

    def _standing(self) -> str:
        """What the box holds where nobody has typed anything else: the sample, or what was typed."""
        shown = self.shown_own()
        if shown is None:
            return BY_NAME[st.session_state[self.key("sample")]].text
        return shown.data.decode() if shown.key.startswith(TYPED) else ""

    def _typed(self) -> None:
        """Look at what stands in the box, if that is something else."""
        words = st.session_state.text_box or ""
        if words == self._standing():
            return
        name = " ".join(words.split())[:NAME_LETTERS] or say("text.typed")
        key = TYPED + hashlib.sha256(words.encode("utf-8", "surrogatepass")).hexdigest()
        self.bring([File(name, words.encode("utf-8", "replace"), key)])

    def _is_table(self, own: Own) -> bool:
        return PurePath(own.name).suffix.lower() in TABLES and not own.key.startswith(TYPED)

    def _row_of(self, own: Own) -> None:
        """Which column and row of a table is read."""
        try:
            table = _table(own)
        except MediaError:  # told where it is read
            return
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            st.selectbox(
                say("text.column"),
                range(len(table.names)),
                index=table.wordiest(),
                format_func=lambda i: table.names[i],
                key=f"text_column {own.key}",
            )
            count = f"{len(table.rows):,}"
            st.number_input(say("text.row", count=count), 1, len(table.rows), key=f"text_row {own.key}")
        if table.note:
            st.caption(table.note)


def _chosen(name: str, text: Text) -> Chosen:
    return Chosen(name, text.text.encode(), text=text)


@lru_cache(maxsize=16)
def _sample(name: str) -> Chosen:
    return _chosen(name, read_text(BY_NAME[name].text))


def _table(own: Own) -> Table:
    """The table of a file, read once while the session stays with it."""
    known: tuple[str, Table] | None = st.session_state.get("text_table")
    if known is None or known[0] != own.key:
        st.session_state.text_table = known = (own.key, read_table(own.data))
    return known[1]


PAGE = TextPage()


def page() -> None:
    """The page, as script.py runs it."""
    PAGE.run()
