"""What the answer depends on, beside what was computed at the released budget; worked out once somebody opens it."""

from __future__ import annotations

import logging
from collections import OrderedDict
from pathlib import Path
from typing import Any

import streamlit as st

from app.inference_cache import Inference
from app.inference_queue import INFERENCE
from app.live.uploads import Chosen
from app.sheet.finding import finding, known_findings, shares_table
from app.sheet.sheet import sheet, style
from app.strings import say, say_of
from dynviz import ModelCard, Trace
from dynviz.attribution import Attribution, agreement, attribute, methods_for
from dynviz.attribution.agreement import executed_share
from dynviz.evaluation.operating import best_point
from dynviz.results.findings import AttributionUse
from dynviz.views.medium import medium_of
from dynviz.views.style.words import percent

log = logging.getLogger(__name__)
STYLE = Path(__file__).parent / "attribution.css"
KEPT = 12  # attributions that a session keeps
CLOSER = 0.03  # shares that differ by less are the same
ALL = 0.999
GAP = 0.1  # of the change of the answer; what misses by more is said


def is_open(page: str) -> bool:
    """Does anybody look, so that the comparison follows the budget?"""
    return bool(st.session_state.get(_key(page)))


def section(page: str, looked: Chosen, card: ModelCard, framing: str, found: Inference) -> None:
    """A box with the methods and, once it is open, both maps and one number. looked: what the network was given."""
    box = st.expander(
        say_of(card.modality, "attribution"), icon=":material/center_focus_weak:", key=_key(page), on_change="rerun"
    )
    if not box.open:
        return
    with box:
        methods = methods_for(card)
        method = st.segmented_control(
            say("attribution.method"),
            methods,
            default=methods[0],
            format_func=lambda name: say(f"attribution.{name}"),
            key=f"{page}_attribution_method",
            label_visibility="collapsed",
        )
        method = method or methods[0]
        says = say_of(card.modality, f"attribution.says.{method}")
        st.caption(f"{says} {say('attribution.open')}")
        asked = _attribution(page, looked, card, framing, method)
        if asked is None:
            return
        mode, at = found.released(st.session_state.mode, st.session_state.budget)
        trace = (found.anytime if mode == "anytime" else found.budgeted)[at]
        line = _line(asked, trace, found.full)
        st.markdown(line)
        sheet(_drawn(asked, trace), key=f"{page}_attribution_sheet")


def _attribution(page: str, looked: Chosen, card: ModelCard, framing: str, method: str) -> Attribution | None:
    """From memory, or worked out now under the eyes of the person, who can stop it. None where there is none."""
    state = st.session_state
    kept: OrderedDict[tuple, Attribution] = state.setdefault("attributions", OrderedDict())
    key = (looked.digest, card.name, card.sha256, framing, method)
    if key in kept:
        kept.move_to_end(key)
        return kept[key]
    stopped = f"{page}_attribution_stopped"
    if state.get(stopped) == key:
        st.info(say("attribution.stopped"))
        st.button(say("attribution.again"), key=f"{page}_attribution_again", on_click=lambda: state.pop(stopped, None))
        return None
    place = st.empty()
    with place.container(horizontal=True, vertical_alignment="center"):
        bar = st.progress(0.0, say("looking"))
        st.button(
            say("attribution.stop"), key=f"{page}_attribution_stop", on_click=state.__setitem__, args=(stopped, key)
        )
    try:
        kept[key] = _run(looked, card, framing, method, bar)
    except Exception:  # the page lives on whatever a network does; the details are for the log
        log.exception("%s of %s failed", method, card.name)
        place.empty()
        st.error(say("attribution.failed"))
        return None
    place.empty()
    while len(kept) > KEPT:
        kept.popitem(last=False)
    return kept[key]


def _run(looked: Chosen, card: ModelCard, framing: str, method: str, bar: Any) -> Attribution:
    def progress(done: int, total: int) -> None:  # a press on Stop ends the script here
        bar.progress(
            done / total, say("attribution.running", method=say(f"attribution.{method}"), done=done, total=total)
        )

    with INFERENCE.turn():
        return attribute(card.name, looked.media, method, framing=framing, progress=progress)


def _line(asked: Attribution, trace: Trace, full: Trace) -> str:
    """Does it compute where its answer depends, in a sentence or two of Markdown."""
    modality = trace.media.modality
    gap = (
        " " + say("attribution.gap", gap=percent(asked.gap))
        if asked.method.startswith("int") and asked.gap > GAP
        else ""
    )
    if not asked.strength.any():
        return say("attribution.empty")
    executed = executed_share(trace, full)
    if executed is None:
        return say("attribution.noplaces") + gap
    if executed.min() >= ALL:
        return say("attribution.everything") + gap
    if executed.max() <= 0:
        return say("attribution.nothing") + gap
    held = agreement(asked.strength, executed)
    assert held is not None  # the answer depends on something
    more = held.on_executed - held.executed
    kind = "more" if more >= CLOSER else "less" if more <= -CLOSER else "same"
    told = {"share": percent(held.on_executed), "executed": percent(held.executed)}
    line = say(f"attribution.line.{kind}", places=say_of(modality, "attribution.places"), **told)
    if held.correlation is not None:
        line += " " + say("attribution.rank", rank=signed(held.correlation))
    return line + gap


def _drawn(asked: Attribution, trace: Trace) -> str:
    depends = say_of(trace.media.modality, "attribution.depends", target=asked.target)
    titles = say("attribution.computed"), depends
    return style(STYLE) + medium_of(trace.media).attributed(trace, asked.strength, titles, say("attribution.alt"))


def measured(page: str, card: ModelCard, budget: float) -> None:
    """The finding of ``card``, where there is one, on a page that shows no other findings."""
    found = known_findings(card)
    if found is not None and found.attribution is not None:
        sheet(attribution_card(card, found.attribution, best_point(card, budget)), key=f"{page}_findings")


def attribution_card(card: ModelCard, use: AttributionUse, at: int) -> str:
    """What was measured over test inputs, as a finding."""
    budget = percent(use.budgets[at])
    note = say("attribution.card.note", gap=percent(use.gap), name=card.name)
    share, executed, rank = use.on_executed[at], use.executed[at], use.correlation[at]
    low, high = use.low[at], use.high[at]
    if None in (share, executed, rank, low, high):
        return finding("attribution.card", say("attribution.card.none", budget=budget), "", note)
    told = {"share": percent(share), "executed": percent(executed), "n": f"{use.n:,}", "budget": budget}
    lead = say("attribution.card.lead", rank=signed(rank), low=signed(low), high=signed(high), **told)
    lines = [(f"{say('attribution.card.own')} ({signed(rank)})", share)]
    for name, points in use.blind.items():
        other, part = points[at]
        if part is not None and other is not None:
            lines.append((f"{say(f'attribution.card.{name}')} ({signed(other)})", part))
    lines.append((say("attribution.card.anywhere"), executed))
    table = shares_table(lines, say("attribution.card.what"), say("attribution.card.share"))
    return finding("attribution.card", lead, table, note)


def signed(value: float) -> str:
    """A correlation with its sign: 0.314 -> '+0.31'."""
    words = f"{abs(value):.2f}"
    return words if words == "0.00" else ("+" if value > 0 else "−") + words


def _key(page: str) -> str:
    return f"{page}_attribution"
