"""Choosing what is read: a text typed or pasted, a file (a text, a table, a trace file to show again), a sample."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

import streamlit as st

from app.live.uploads import ZIP, Chosen, File, literal, read
from app.strings import say
from app.text.samples import BY_NAME, texts_for
from dynviz import MediaError
from dynviz.media.table import Table, read_table
from dynviz.media.text import read_text
from dynviz.trace.file import TraceFileError

TYPED, FILE, SAMPLE = "typed", "file", "sample"
TABLES = (".csv", ".tsv")
BOX_PX = 104
MOST_MB = 20


def settle(data: str) -> None:
    """Before the widgets are drawn: a sample that does not fit the networks' data gives way to one that does."""
    state, samples = st.session_state, texts_for(data)
    if state.get("text_source", SAMPLE) == SAMPLE and state.get("text_sample") not in samples:
        show_sample(next(iter(samples)))


def box() -> None:
    """The place to type or paste."""
    st.text_area(
        say("text.box"),
        key="text_box",
        height=BOX_PX,
        placeholder=say("text.placeholder"),
        label_visibility="collapsed",
        on_change=_typed,
        persist_state="session",
    )


def samples(data: str) -> None:
    """Look, and the samples for networks trained on ``data``."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button(say("text.look"), type="primary", key="text_look", on_click=_typed)
        st.pills(
            say("samples"),
            list(texts_for(data)),
            key="text_sample",
            on_change=_take_sample,
            required=True,
            label_visibility="collapsed",
            persist_state="session",
        )


def upload_box() -> None:
    """The place to drop a file."""
    st.file_uploader(
        say("text.upload"),
        key="text_upload",
        on_change=_uploaded,
        max_upload_size=MOST_MB,
        label_visibility="collapsed",
    )


def chosen() -> Chosen:
    """What to show. Raises MediaError or TraceFileError, whose text is one sentence for the person."""
    state = st.session_state
    source, upload = state.get("text_source", SAMPLE), state.get("text_upload")
    if source == FILE and upload is not None:
        return _from_file(File(upload.name, upload.getvalue(), upload.file_id))
    if source == TYPED:
        return _kept(say("text.typed"), state.get("text_box") or "")
    return _kept(state.text_sample, state.text_box)


def shown_sample() -> str | None:
    """The name of the sample on the page, None where something else is."""
    return st.session_state.text_sample if st.session_state.get("text_source", SAMPLE) == SAMPLE else None


def show_sample(name: str) -> None:
    """Show this sample; before the widgets are drawn, or in a callback."""
    state = st.session_state
    state.text_source, state.text_sample, state.text_box = SAMPLE, name, BY_NAME[name].text


def _from_file(file: File) -> Chosen:
    if file.data[:2] == ZIP:
        return read(file)
    if PurePath(file.name).suffix.lower() in TABLES:
        return _from_table(file)
    return _kept(file.name, file.data)


def _from_table(file: File) -> Chosen:
    known: tuple[str, Table] | None = st.session_state.get("text_table")
    if known is None or known[0] != file.key:
        st.session_state.text_table = known = (file.key, read_table(file.data))
    table = known[1]
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        at = st.selectbox(
            say("text.column"),
            range(len(table.names)),
            index=table.wordiest(),
            format_func=lambda i: table.names[i],
            key=f"text_column {file.key}",
        )
        row = st.number_input(
            say("text.row", count=f"{len(table.rows):,}"), 1, len(table.rows), key=f"text_row {file.key}"
        )
    if table.note:
        st.caption(table.note)
    return _kept(say("text.table", name=file.name, row=row), table.rows[row - 1][at])


def _kept(name: str, source: str | bytes) -> Chosen:
    """The text, read once while it stays the same."""
    kept: tuple[Any, Chosen] | None = st.session_state.get("text_kept")
    if kept is None or kept[0] != (name, source):
        text = read_text(source)
        kept = ((name, source), Chosen(name, text.text.encode(), text=text))
        st.session_state.text_kept = kept
    return kept[1]


def _take_sample() -> None:
    if name := st.session_state.text_sample:
        show_sample(name)


def _typed() -> None:
    """Something else stands in the box than a sample."""
    state = st.session_state
    name = state.get("text_sample")
    if name is not None and state.text_box == BY_NAME[name].text:
        return
    state.text_source, state.text_sample = TYPED, None


def _uploaded() -> None:
    state = st.session_state
    if state.get("text_upload") is not None:
        state.text_source, state.text_sample = FILE, None
    elif state.get("text_source") == FILE:
        state.text_source = TYPED


def refusal(error: MediaError | TraceFileError) -> str:
    """The sentence of an error, with the file's name where it was a file."""
    upload = st.session_state.get("text_upload")
    if st.session_state.get("text_source") == FILE and upload is not None:
        return say("files.bad", name=literal(upload.name[:40]), reason=literal(str(error)))
    return literal(str(error))
