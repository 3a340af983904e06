"""Between two budgets of one network: which test samples become right, which become wrong."""

from __future__ import annotations

from typing import Any

import streamlit as st

from app.kinds import KINDS
from app.live.uploads import literal
from app.strings import say, say_of
from dynviz import ModelCard
from dynviz.results.tables import Table, changes
from dynviz.results.thumbnails import NoPictures
from dynviz.views.style.words import percent, points_words

HEIGHT_PX = 420
ROW_PX = 58


def changing(card: ModelCard, table: Table) -> None:
    """Two budgets, the balance between them, and the list of what changed."""
    budgets = [percent(point.budget) for point in card.operating_points]
    last = len(budgets) - 1
    with st.container(border=True, key="accuracy_changes"):
        st.markdown(f"**{say('accuracy.changes')}**")
        low, high = st.select_slider(
            say("accuracy.changes.range"),
            range(last + 1),
            value=(0, last),
            format_func=lambda i: budgets[i] if i <= last else "",
            key=f"accuracy_range {card.name} {last}",
            persist_state="session",
        )
        if low == high:
            st.info(say("accuracy.changes.same"))
            return
        found = changes(table, low, high)
        kinds = {"gained": found.gained, "lost": found.lost}
        net = (len(found.gained) - len(found.lost)) / len(table.label)
        words = {"low": budgets[low], "high": budgets[high], "n": f"{len(table.label):,}", "net": points_words(net)}
        words |= {name: f"{len(indices):,}" for name, indices in kinds.items()}
        st.markdown(say("accuracy.changes.line", **words, other=f"{len(found.other):,}"))
        kind = st.segmented_control(
            say("accuracy.changes.which"),
            list(kinds),
            default="gained",
            format_func=lambda kind: say(f"accuracy.changes.{kind}", count=f"{len(kinds[kind]):,}"),
            key="accuracy_kind",
            required=True,
            label_visibility="collapsed",
            persist_state="session",
        )
        _list(card, table, [int(i) for i in kinds[kind]], low, high)


def _list(card: ModelCard, table: Table, indices: list[int], low: int, high: int) -> None:
    pictures, problem = _pictures(card.name, card.sha256, tuple(indices), card)
    shown = KINDS[card.modality].sample_column
    columns: dict[str, Any] = {shown: pictures} if pictures else {}
    columns |= {
        "index": indices,
        "class": [table.classes[table.label[i]] for i in indices],
        "before": [card.labels[table.prediction[i, low]] for i in indices],
        "after": [card.labels[table.prediction[i, high]] for i in indices],
    }
    column, budgets = st.column_config, [percent(card.operating_points[at].budget) for at in (low, high)]
    st.dataframe(
        columns,
        hide_index=True,
        height=HEIGHT_PX,
        row_height=ROW_PX if pictures and shown == "picture" else None,
        column_config={
            "text": column.TextColumn(say("accuracy.changes.text"), width="medium"),
            "picture": column.ImageColumn(say("accuracy.changes.picture"), width=64),
            "index": column.NumberColumn(say("accuracy.changes.index"), format="%d", width=96),
            "class": column.TextColumn(say("accuracy.changes.class")),
            "before": column.TextColumn(say("accuracy.changes.before", budget=budgets[0])),
            "after": column.TextColumn(say("accuracy.changes.after", budget=budgets[1])),
        },
        key="accuracy_list",
        alt=say("accuracy.changes.alt"),
    )
    if problem:
        st.caption(say_of(card.modality, "accuracy.changes.no_pictures", reason=literal(problem)))


@st.cache_data(max_entries=16, show_spinner=False)
def _pictures(name: str, sha256: str, indices: tuple[int, ...], _card: ModelCard) -> tuple[list[str], str]:
    """The pictures as addresses that carry them or the first words of the texts, or none and why."""
    samples = KINDS[_card.modality].samples
    if samples is None:
        return [], ""
    try:
        return samples(_card, indices), ""
    except NoPictures as error:
        return [], str(error)
