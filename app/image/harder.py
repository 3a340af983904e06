"""Make it harder: one knob at a time changes the picture that is looked at, and a curve says what that costs.

The knob and its strength are read before the live view is drawn, so that the whole page shows the harder picture; the
curve is run only while its section is open.
"""

from __future__ import annotations

import logging
import math
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import streamlit as st

from app.budgets import ANYTIME
from app.image.harder_sheet import curve_sheet, now_sheet
from app.inference_cache import Inference
from app.inference_queue import INFERENCE
from app.live.uploads import Chosen
from app.sheet.sheet import sheet
from app.strings import say
from dynviz import ModelCard, Trace
from dynviz.inference import run_harder
from dynviz.media.difficulty import KNOBS, Knob, lossless
from dynviz.views.comparing.difficulty import strength_words

log = logging.getLogger(__name__)
FIRST = "blur"
BOX = "harder_box"
KEPT_PICTURES = 3  # of a session, a few MB each
KEPT_CURVES = 8  # of a session, about half a MB each

Runs = list[tuple[float, Trace]]


def restore(knob: str | None, strength: str | None) -> None:
    """Put a knob and a strength from an address into the session's state; what is unknown there changes nothing."""
    state = st.session_state
    for name, known in KNOBS.items():
        state[_key(name)] = known.neutral
    state.knob = knob if knob in KNOBS else FIRST
    if knob in KNOBS:
        state[_key(knob)] = _strength(KNOBS[knob], strength)
        state[BOX] = state[_key(knob)] != KNOBS[knob].neutral


def asked() -> dict[str, str]:
    """The same for an address; nothing where the picture is as it is."""
    knob, strength = _turned()
    return {} if strength == knob.neutral else {"knob": knob.name, "strength": f"{strength:g}"}


def changed(chosen: Chosen) -> Chosen:
    """What is looked at: the chosen picture with the knob turned, which says so in its notes."""
    knob, strength = _turned()
    if chosen.picture is None or strength == knob.neutral:
        return chosen
    kept: OrderedDict[str, Chosen] = st.session_state.setdefault("harder_pictures", OrderedDict())
    key = f"{chosen.picture.digest} {knob.name} {strength:g}"
    if key not in kept:
        note = say("harder.note", knob=say(f"knob.{knob.name}"), strength=strength_words(knob, strength))
        picture = knob.turn(chosen.picture, strength)
        picture = replace(picture, notes=(note, *picture.notes))
        kept[key] = replace(chosen, picture=picture, data=lossless(picture))
        while len(kept) > KEPT_PICTURES:
            kept.popitem(last=False)
    kept.move_to_end(key)
    return kept[key]


def is_open() -> bool:
    """Is the section open, so that its curve follows the budget?"""
    return bool(st.session_state.get(BOX))


def section(chosen: Chosen, card: ModelCard, framing: str, found: Inference, on_change: Callable[[], None]) -> None:
    """The knobs and the curve. chosen: the picture as it came. on_change: called when the picture has changed."""
    box = st.expander(say("harder"), icon=":material/tune:", key=BOX, on_change="rerun")
    if not box.open:
        return
    with box:
        left, right = st.columns([38, 62], gap="medium")
        with left:
            knob, strength = _controls(on_change)
            now = st.container()
        with right:
            mode, at = found.released(st.session_state.mode, st.session_state.budget)
            runs = _runs(chosen, card, framing, knob, found.asked(mode, at))
            if runs is None:
                return
            static = card.family == "static"
            sheet(curve_sheet(knob, runs, strength, static=static, capped=mode == ANYTIME), key="harder_curve")
        with now:
            sheet(now_sheet(dict(runs)[strength], chosen.name), key="harder_now")


def _controls(on_change: Callable[[], None]) -> tuple[Knob, float]:
    st.pills(
        say("harder.knob"),
        list(KNOBS),
        format_func=lambda name: say(f"knob.{name}"),
        key="knob",
        required=True,
        on_change=on_change,
        label_visibility="collapsed",
        persist_state="session",
        wrap=True,
    )
    knob, _ = _turned()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.select_slider(
            say(f"knob.{knob.name}.label"),
            knob.strengths,
            format_func=lambda strength: strength_words(knob, strength),
            key=_key(knob.name),
            on_change=on_change,
            persist_state="session",
        )
        st.button(
            say("harder.reset"), icon=":material/restart_alt:", key="harder_reset", on_click=_reset, args=(on_change,)
        )
    return _turned()


def _reset(on_change: Callable[[], None]) -> None:
    for name, knob in KNOBS.items():
        st.session_state[_key(name)] = knob.neutral
    on_change()


def _runs(chosen: Chosen, card: ModelCard, framing: str, knob: Knob, point: dict[str, Any]) -> Runs | None:
    """The curve at an operating point, from memory or run now; None where that failed."""
    assert chosen.picture is not None  # a trace file has no network behind it
    kept: OrderedDict[tuple[Any, ...], Runs] = st.session_state.setdefault("harder_curves", OrderedDict())
    key = (chosen.picture.digest, card.name, card.sha256, framing, knob.name, *point.items())
    if key not in kept:
        try:
            with st.spinner(say("harder.running")), INFERENCE.turn():
                kept[key] = run_harder(card.name, chosen.picture, knob, framing=framing, **point)
        except Exception:  # the page lives on; the details are for the log
            log.exception("%s failed on harder pictures", card.name)
            st.error(say("error.failed"))
            return None
        while len(kept) > KEPT_CURVES:
            kept.popitem(last=False)
    kept.move_to_end(key)
    return kept[key]


def _turned() -> tuple[Knob, float]:
    """The chosen knob and its strength."""
    knob = KNOBS.get(st.session_state.get("knob"), KNOBS[FIRST])
    return knob, knob.nearest(st.session_state.get(_key(knob.name), knob.neutral))


def _key(name: str) -> str:
    return f"harder {name}"


def _strength(knob: Knob, asked: str | None) -> float:
    try:
        value = float(asked) if asked else knob.neutral
    except ValueError:
        return knob.neutral
    return knob.nearest(value) if math.isfinite(value) else knob.neutral
