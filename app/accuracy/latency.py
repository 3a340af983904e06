"""A budget in milliseconds on this machine: measured on request, with progress; then the largest budget within it."""

from __future__ import annotations

import streamlit as st

from app.accuracy import choice
from app.accuracy.bench_queue import BENCHES, Measurement
from app.accuracy.sheets import bench_table
from app.kinds import KINDS
from app.live.uploads import literal
from app.sheet.sheet import sheet
from app.strings import say
from dynviz import ModelCard
from dynviz.evaluation.operating import best_point
from dynviz.measuring.bench import BenchRow
from dynviz.measuring.bench_process import PICTURES, largest_within, on_test_pictures
from dynviz.views.style.words import macs_words, ms_words, percent


def measuring(card: ModelCard) -> None:
    """The button, the progress, then the table and the budget in milliseconds."""
    st.subheader(say("accuracy.ms"), anchor=False)
    if not KINDS[card.modality].stand_ins and not on_test_pictures():
        st.caption(say("accuracy.ms.needs"))
        return
    pictures = say("accuracy.ms.test" if on_test_pictures() else "accuracy.ms.crops")
    st.caption(say("accuracy.ms.line", title=card.title, n=PICTURES, pictures=pictures))
    known = BENCHES.get(card)
    if known is not None and not known.future.done():
        _progress(known)
        return
    if known is not None and known.future.exception() is None:
        _found(card, known.future.result())
    elif known is not None:
        st.error(say("accuracy.ms.failed", reason=literal(str(known.future.exception()))))
    st.button(
        say("accuracy.ms.measure" if known is None else "accuracy.ms.again"),
        icon=":material/timer:",
        on_click=BENCHES.ask,
        args=(card,),
        key="accuracy_measure",
    )


@st.fragment(run_every=0.7)
def _progress(measurement: Measurement) -> None:
    """How far it is; the page is drawn anew when it is done."""
    if measurement.future.done():
        st.rerun()
    if not measurement.begun:
        st.progress(0.0, say("accuracy.ms.waiting"))
    elif not measurement.total:
        st.progress(0.0, say("accuracy.ms.starting"))
    else:
        done, total = measurement.done, measurement.total
        st.progress(done / total, say("accuracy.ms.running", done=done, total=total))


def _found(card: ModelCard, rows: list[BenchRow]) -> None:
    key = f"accuracy_ms {card.name}"
    middle = round(rows[len(rows) // 2].ms, 1)
    asked = st.number_input(
        say("accuracy.ms.budget"), min_value=0.0, value=middle, step=0.1, format="%.1f", key=key, width=420
    )
    row = largest_within(rows, asked)
    if row is None:
        st.markdown(say("accuracy.ms.too_little", ms=ms_words(min(row.ms for row in rows))))
    else:
        at = best_point(card, row.budget)
        point = card.operating_points[at]
        told = say(
            "accuracy.ms.found",
            budget=percent(row.budget),
            ms=ms_words(row.ms),
            macs=macs_words(row.macs),
            test_macs=macs_words(point.macs),
            share=percent(point.accuracy, 1),
        )
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(told, width="content")
            st.button(
                say("accuracy.ms.take"),
                type="tertiary",
                on_click=choice.clicked,
                args=(card.name, at),
                key="accuracy_take",
            )
    sheet(bench_table(rows, row), key="accuracy_times")
