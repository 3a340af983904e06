"""The Accuracy and compute page: what does a budget buy? From cards and evaluation tables alone, without torch."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

import dynviz
from app import export, navigation
from app.accuracy import choice
from app.accuracy.changes import changing
from app.accuracy.chart import chart
from app.accuracy.decided import by_unit, load_card, mixture_card, policy_card
from app.accuracy.latency import measuring
from app.accuracy.sheets import class_card, point_card, verdict_card
from app.live.uploads import literal
from app.picker.order import in_order
from app.picker.picker import chosen
from app.sheet.sheet import sheet
from app.strings import say, say_of
from dynviz import ModelCard
from dynviz.results.advantage import against_siblings, verdicts
from dynviz.results.published import REMARKS, references
from dynviz.results.tables import Table, TableError, read_table, use_by_class
from dynviz.views.export.curves import Curves

AT_FIRST = 3  # curves of each family: more can hardly be told apart, and are one press away


def page() -> None:
    """The chart and the chosen point side by side, then what follows from the point and from its network."""
    st.title(say("accuracy.title"), anchor=False)
    every = cards = in_order([card for card in dynviz.models() if card.operating_points])
    if not cards:
        st.info(say("image.no_models"))
        return
    choice.restore(cards)
    card = chosen(every, choice.NETWORK)
    cards = [other for other in every if other.data == card.data]
    n = max(point.n for card in cards for point in card.operating_points)
    st.caption(f"{say('accuracy.line', n=f'{n:,}')} {say('multiply-add')} {say('full-compute')}")
    left, right = st.columns([60, 40], gap="medium")
    with right:
        at = choice.choose(every, card)
        table, problem = _table(card)
        _point(card, at, cards, table)
    with left:
        _chart(cards, card, at)
    choice.write(card, at)
    sheet(_verdict(card, cards), key="accuracy_verdict")
    if problem:
        st.warning(say("accuracy.no_table", reason=literal(problem)))
    if card.family == "static":
        return
    if table is not None:
        below, beside = st.columns([1, 1], gap="medium")
        with below:
            use = use_by_class(table, at, exits=bool(card.operating_points[at].shares))
            sheet(class_card(card, at, *by_unit(table, use)), key="accuracy_classes")
        with beside:
            if len(card.operating_points) > 1:
                changing(card, table)
        _decided(card, at, table)
    measuring(card)


def _decided(card: ModelCard, at: int, table: Table) -> None:
    """What it decides over the whole test set, as far as its table tells of single decisions."""
    shown = []
    if table.units and table.units_run.shape[2] > 1 and not card.operating_points[at].shares:
        shown.append(policy_card(card, at, table))
        if any("/" in unit for unit in table.units):
            shown.append(load_card(card, at, table))
    if table.mixtures:
        shown.append(mixture_card(table))
    for column, html in zip(st.columns(max(1, len(shown)), gap="medium"), shown, strict=False):
        with column:
            sheet(html, key=f"accuracy_decided_{shown.index(html)}")


def _chart(cards: Sequence[ModelCard], card: ModelCard, at: int) -> None:
    dynamic = [c for c in cards if c.family != "static"]
    drawn = list(cards)
    with st.container(horizontal=True, vertical_alignment="center"):
        if len(dynamic) > 1:
            shown = _shown(dynamic)
            drawn = [c for c in cards if c.family == "static" or c.name in shown or c.name == card.name]
        baselines = bool(dynamic) and st.toggle(
            say("accuracy.baselines"),
            value=True,
            key="accuracy_baselines",
            help=say("accuracy.baselines.help"),
            persist_state="session",
        )
        export.curves(Curves(drawn, card, at, cards, baselines))
    marks, point = references(cards), card.operating_points[at]
    chart(drawn, marks, baselines, (point.macs, point.accuracy), choice.clicked)
    told = "accuracy.published" if marks else "accuracy.no_published"
    st.caption(say(told, data=literal(card.data), remark=REMARKS.get(card.data, "")))


def _shown(dynamic: Sequence[ModelCard]) -> list[str]:
    """Which dynamic networks are drawn: behind a button, since there can be twenty; at first a few of each family."""
    titles = {card.name: card.title for card in dynamic}
    few = [card.name for card in dynamic if card in [c for c in dynamic if c.family == card.family][:AT_FIRST]]
    key = f"accuracy_shown {' '.join(titles)}"
    count = len(st.session_state.get(key, few))
    with st.popover(say("accuracy.shown.button", count=count, of=len(titles)), icon=":material/legend_toggle:"):
        return st.pills(
            say("accuracy.shown"),
            list(titles),
            selection_mode="multi",
            default=few,
            format_func=lambda name: titles.get(name, name),
            key=key,
            persist_state="session",
            wrap=True,
        )


def _point(card: ModelCard, at: int, cards: Sequence[ModelCard], table: Table | None) -> None:
    gain = against_siblings(card, cards, at) if card.family != "static" else None
    sheet(point_card(card, at, gain, table), key="accuracy_point")
    st.button(
        say_of(card.modality, "accuracy.open" if len(card.operating_points) > 1 else "accuracy.open.static"),
        icon=":material/image_search:",
        type="tertiary",
        on_click=choice.open_page,
        args=(card, at),
        key="accuracy_open",
    )
    navigation.follow()


def _table(card: ModelCard) -> tuple[Table | None, str]:
    """The card's evaluation table, or None and why."""
    try:
        return read_table(card), ""
    except TableError as error:
        return None, str(error)


def _verdict(card: ModelCard, cards: Sequence[ModelCard]) -> str:
    return verdict_card(card, verdicts(card, cards) if card.family != "static" else ())
