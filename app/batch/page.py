"""The Batch page: one network on many inputs, each result as soon as it is there, sorted by what it cost."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

import dynviz
from app import budgets, navigation, projector
from app.batch.jobs import JOBS, Job
from app.inputs import PAGES
from app.kinds import KINDS
from app.live.on_disk import data_of
from app.live.uploads import literal
from app.picker.order import in_order, named
from app.sheet.sheet import sheet
from app.strings import say
from dynviz import MediaError, ModelCard
from dynviz.evaluation.operating import best_point
from dynviz.media.gather import Gathered, Item, gather, rows_of
from dynviz.media.table import read_table
from dynviz.results.batch import by_kind
from dynviz.views.batch import (
    STYLE,
    batch_report,
    contact_sheet,
    csv_file,
    done,
    extremes,
    histogram,
    kinds_table,
    rows_table,
)
from dynviz.views.style.words import percent, text

POLL_S = 0.7
MOST_MB = 200
TABLES = (".csv", ".tsv")


def page() -> None:
    """The page, as script.py runs it."""
    navigation.begun()
    st.title(say("batch.title"), anchor=False)
    key = projector.view().get("job")
    job = JOBS.get(key) if key else None
    if job is not None:
        _job(job)
        return
    if key:
        st.info(say("batch.gone"))
    st.markdown(say("batch.lead"))
    cards = in_order([card for card in dynviz.models() if card.modality in PAGES])
    if not cards:
        st.info(say("image.no_models"))
        return
    _new(cards)


def _new(cards: Sequence[ModelCard]) -> None:
    """Which network, which budget, which inputs."""
    by_name = {card.name: card for card in cards}
    left, right = st.columns([60, 40], gap="medium")
    with left:
        name = st.selectbox(
            say("batch.network"),
            list(by_name),
            format_func=lambda name: f"{named(by_name[name])} · {by_name[name].data_name}",
            key="batch_network",
            persist_state="session",
        )
    card = by_name[name]
    with right:
        points = [point.budget for point in card.operating_points] or [1.0]
        budget = points[0]
        if len(points) > 1:
            start = points[best_point(card, st.session_state.get("budget", budgets.DEFAULT))]
            budget = st.select_slider(
                say("batch.budget"), points, value=start, format_func=percent, key=f"batch_budget {name}"
            )
    files = st.columns(2, gap="medium")
    with files[0]:
        several = st.file_uploader(
            say("batch.files"), accept_multiple_files=True, key="batch_files", max_upload_size=MOST_MB
        )
    with files[1]:
        folder = st.file_uploader(
            say("batch.folder"), accept_multiple_files="directory", key="batch_folder", max_upload_size=MOST_MB
        )
    uploads = [(upload.name, bytes(data_of(upload))) for upload in (*(several or ()), *(folder or ()))]
    if not uploads:
        found = Gathered(_samples(card), ())
        st.button(say("batch.samples"), key="batch_samples", on_click=_start, args=(card, budget, found))
        return
    try:
        found = _gathered(card, uploads)
    except MediaError as error:
        st.error(literal(str(error)))
        return
    for problem in found.problems:
        st.warning(literal(problem))
    words = say("batch.start", count=f"{len(found.items):,}")
    st.button(words, type="primary", key="batch_start", on_click=_start, args=(card, budget, found))


def _gathered(card: ModelCard, uploads: Sequence[tuple[str, bytes]]) -> Gathered:
    """Files as they are; of a table of texts a column. Raises MediaError."""
    first = uploads[0][0]
    if not KINDS[card.modality].rows or not first.lower().endswith(TABLES):
        return gather(uploads)
    table = read_table(uploads[0][1])
    columns = range(len(table.names))
    left, right = st.columns(2, gap="medium")
    with left:
        wordiest = table.wordiest()
        column = st.selectbox(
            say("batch.column"), columns, index=wordiest, format_func=lambda i: table.names[i], key="batch_column"
        )
    with right:
        kind = st.selectbox(
            say("batch.kind"),
            [None, *columns],
            format_func=lambda i: say("batch.kind.none") if i is None else table.names[i],
            key="batch_kind",
        )
    return rows_of(table, column, kind)


def _samples(card: ModelCard) -> tuple[Item, ...]:
    page = PAGES[card.modality]
    chosen = [(name, page.sample(name, card)) for name in page.samples(card)]
    return tuple(Item(name, "", sample.data) for name, sample in chosen)


def _start(card: ModelCard, budget: float, found: Gathered) -> None:
    projector.write({"job": JOBS.start(Job(card, found.items, budget, found.problems))})


def _job(job: Job) -> None:
    st.fragment(_shown, run_every=None if job.over else POLL_S)(job, job.over)


def _shown(job: Job, was_over: bool) -> None:
    """How far it is, and what there is so far; runs by itself until it is over."""
    if job.over and not was_over:
        st.rerun()
    JOBS.get(job.key)  # somebody looks
    rows = list(job.rows)
    with st.container(horizontal=True, vertical_alignment="center", key="batch_bar"):
        if not job.over:
            left = job.left_s
            words = say("batch.progress.first", total=job.total)
            if left is not None:
                words = say("batch.progress", done=len(rows), total=job.total, left=_seconds(left))
            st.progress(len(rows) / job.total, words)
            st.button(say("batch.cancel"), key="batch_cancel", on_click=job.cancel)
        else:
            failed = sum(bool(row.error) for row in rows)
            told = {"done": len(rows), "total": job.total, "failed": failed}
            words = "batch.cancelled" if job.cancelled else "batch.finished"
            st.markdown(f"{say(words, seconds=_seconds(job.ended - job.started), **told)} {say('batch.kept')}")
            st.button(say("batch.again"), key="batch_again", on_click=projector.write, args=({},))
    for problem in job.problems:
        st.caption(literal(problem))
    if not rows:
        return
    if job.over:
        _files(job, rows)
    parts = [f"<style>{STYLE}</style>", _card("batch.histogram", histogram(rows))]
    parts.append(f'<section class="dv-card dv-view">{extremes(rows, say("batch.easy"), say("batch.hard"))}</section>')
    if uses := by_kind(rows, job.card.labels):
        parts.append(_card("batch.classes", kinds_table(uses, say("batch.classes.heads").split("|"))))
    parts.append(_card("batch.all", rows_table(rows, say("batch.all.heads").split("|"))))
    sheet("".join(parts), key="batch_sheet")


def _files(job: Job, rows: list) -> None:
    """What can be taken away."""
    title = say("batch.title.file", title=job.card.title, count=f"{len(rows):,}")
    line = say("batch.line.file", budget=percent(job.budget))
    with st.container(horizontal=True, key="batch_files_out"):
        st.download_button(say("batch.csv"), lambda: csv_file(rows), "batch.csv", "text/csv", key="batch_csv")
        if any(row.thumb for row in done(rows)):
            named = say("batch.sheet.title", title=title, budget=percent(job.budget))
            st.download_button(
                say("batch.sheet"), lambda: contact_sheet(rows, named), "batch.png", "image/png", key="batch_contact"
            )
        st.download_button(
            say("batch.report"),
            lambda: batch_report(rows, title, line, job.card.labels),
            "batch.html",
            "text/html",
            key="batch_report",
        )


def _card(title: str, inner: str) -> str:
    return f'<section class="dv-card dv-view"><h3 class="dv-title">{text(say(title))}</h3>{inner}</section>'


def _seconds(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
