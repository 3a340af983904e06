"""The Lessons page: the map of the field as lessons, and one lesson at a time. Its whole state is in the address."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from app import navigation, projector
from app.frame import arrived
from app.lessons import steps
from app.lessons.demonstration import card_of, look, sample_of
from app.lessons.keys import keys
from app.lessons.lesson import GROUPS, Lesson, lessons
from app.live.uploads import literal
from app.strings import say

LESSON, STEP, ALONE = "lesson", "step", "alone"
HIDDEN = "<style>[data-testid=stHeader], .st-key-projector_switch { display: none !important; }</style>"


def is_alone() -> bool:
    """Does the address ask for one lesson with everything else hidden?"""
    return st.query_params.get(ALONE) == "1" and LESSON in st.query_params


def page() -> None:
    """The page, as script.py runs it."""
    navigation.begun()
    found, problems = lessons()
    asked = projector.view().get(LESSON)
    chosen = next((lesson for lesson in found if lesson.name == asked), None)
    if chosen is not None:
        _one(chosen)
        return
    st.title(say("lessons.title"), anchor=False)
    if asked:
        st.warning(say("lessons.none"))
    for problem in problems:
        st.error(literal(problem))
    st.markdown(say("lessons.lead"))
    _list(found)


def _list(found: Sequence[Lesson]) -> None:
    """What can be taken here: a lesson whose network is not installed is left out."""
    here = [lesson for lesson in found if card_of(lesson) is not None]
    for group in GROUPS:
        members = [lesson for lesson in here if lesson.group == group]
        if not members:
            continue
        st.subheader(say(f"lessons.{group}"), anchor=False)
        with st.container(horizontal=True, key=f"lessons_{group}"):
            for lesson in members:
                st.button(
                    literal(lesson.title),
                    key=f"lesson {lesson.name}",
                    icon=":material/school:",
                    on_click=_go,
                    args=(lesson.name, 1),
                )


def _go(name: str | None, step: int = 1) -> None:
    """Write the address of a step of a lesson, or of the list."""
    alone = {ALONE: "1"} if is_alone() else {}
    projector.write({LESSON: name, STEP: str(step), **alone} if name else {})


def _one(lesson: Lesson) -> None:
    step = _step()
    if is_alone():
        st.html(HIDDEN)
    keys(step, lambda by: _go(lesson.name, min(max(step + by, 1), len(steps.STEPS))))
    if not is_alone():
        st.button(
            say("lessons.all"),
            icon=":material/arrow_back:",
            type="tertiary",
            key="lessons_all",
            on_click=_go,
            args=(None,),
        )
    st.title(literal(lesson.title), anchor=False)
    card = card_of(lesson)
    if card is None:
        st.info(say("lessons.missing", network=literal(lesson.network)))
        return
    sample = sample_of(lesson, card)
    if sample is None:
        st.info(say("lessons.sample.missing", sample=literal(lesson.sample)))
        return
    _ways(lesson, step)
    arrived("lesson")  # what follows takes a while
    shown = look(lesson, card, sample)
    if shown is not None:
        steps.STEPS[step - 1](lesson, shown)
        if not is_alone():
            steps.teachers(lesson, shown)


def _step() -> int:
    told = st.query_params.get(STEP, "1")
    return int(told) if told in ("1", "2", "3", "4") else 1


def _ways(lesson: Lesson, step: int) -> None:
    """Where one is, and the ways on and back."""
    with st.container(horizontal=True, vertical_alignment="center", key="lesson_ways"):
        last = len(steps.STEPS)
        st.button(
            say("lessons.back"), key="lesson_back", disabled=step == 1, on_click=_go, args=(lesson.name, step - 1)
        )
        for place in range(1, last + 1):
            kind = "secondary" if place == step else "tertiary"
            words = f"{place}  {say(f'lessons.step.{place}')}"
            st.button(words, type=kind, key=f"lesson_step_{place}", on_click=_go, args=(lesson.name, place))
        st.button(
            say("lessons.next"),
            type="primary",
            key="lesson_next",
            disabled=step == last,
            on_click=_go,
            args=(lesson.name, step + 1),
        )
