"""The four steps of a lesson: predict, see, why, try; and what a teacher takes away."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

import streamlit as st

import dynviz
from app import navigation
from app.inputs import PAGES, uploaded
from app.lessons.demonstration import live, look, plain_input, sample_of
from app.lessons.experiment import experiment
from app.lessons.lesson import Lesson
from app.lessons.measures import MEASURES
from app.lessons.printed import printed
from app.lessons.shown import Shown
from app.live.uploads import Chosen, literal
from app.sheet.sheet import sheet, style
from app.strings import say
from dynviz.media.difficulty import KNOBS, lossless
from dynviz.views.charts.budget_curve import budget_curve
from dynviz.views.decisions.panels import card_html, panels
from dynviz.views.medium import medium_of
from dynviz.views.style.words import percent

log = logging.getLogger(__name__)
STYLE = Path(__file__).parent / "lessons.css"


def predict(lesson: Lesson, shown: Shown) -> None:
    """The input alone, the question, and the choices."""
    left, right = st.columns([55, 45], gap="medium")
    with left:
        sheet(style(STYLE) + plain_input(shown), key="lesson_input")
    with right, st.container(key="lesson_question"):
        st.markdown(f"### {literal(lesson.question)}")
        st.radio(
            say("lessons.guess"),
            range(len(lesson.choices)),
            index=None,
            format_func=lambda i: literal(lesson.choices[i].words),
            key=_guess_key(lesson),
            persist_state="session",
        )
        st.caption(say("lessons.before"))
        st.caption(_setting(shown))


def see(lesson: Lesson, shown: Shown) -> None:
    """What it was, and the live view."""
    measure = MEASURES[lesson.measure]
    with st.spinner(say("looking")):
        value = measure.value(shown)
    right = lesson.right(value)
    words = literal(lesson.choices[right].words)
    guess = st.session_state.get(_guess_key(lesson))
    told = literal(measure.words(shown, value))
    if guess is None:
        st.info(f"{say('lessons.unguessed', words=words)} {told}")
    elif guess == right:
        st.success(f"{say('lessons.right', words=words)} {told}")
    else:
        guessed = literal(lesson.choices[guess].words)
        st.warning(f"{say('lessons.wrong', guess=guessed, words=words)} {told}")
    if lesson.experiment:
        experiment(lesson.experiment, shown)
    else:
        live(shown, key=f"lesson_view_{lesson.name}")


def why(lesson: Lesson, shown: Shown) -> None:
    """Three sentences and one picture."""
    left, right = st.columns([42, 58], gap="medium")
    with left, st.container(key="lesson_why"):
        for sentence in lesson.explain:
            st.markdown(literal(sentence))
    with right:
        sheet(style(STYLE) + explained(lesson, shown), key="lesson_picture")


def tries(lesson: Lesson, shown: Shown) -> None:
    """One's own input, another sample, or a knob; then the live view of that."""
    card, page = shown.card, PAGES[shown.card.modality]
    page.drop_hint(card)
    st.markdown(literal(lesson.tries))
    chosen = shown.chosen
    with st.container(key="lesson_try"):
        left, right = st.columns(2, gap="medium", vertical_alignment="bottom")
        with left:
            samples = page.samples(card)
            name = st.pills(
                say("lessons.own"),
                samples,
                default=lesson.sample,
                key=f"lesson_sample {lesson.name}",
                format_func=lambda sample: page.sample_title(sample, card),
                required=True,
            )
            chosen = sample_of(lesson, card, name) or chosen
        with right:
            chosen = uploaded(card, key=f"lesson_own {lesson.name}") or chosen
        if lesson.knob and chosen.picture is not None:
            chosen = _turned(lesson, chosen)
    other = look(lesson, card, chosen)
    if other is not None:
        live(other, key=f"lesson_try_{lesson.name}")
    st.button(
        say("lessons.page"),
        icon=":material/open_in_new:",
        key="lesson_page",
        on_click=navigation.ask,
        args=(card.name,),
    )
    navigation.follow()


STEPS = (predict, see, why, tries)


def explained(lesson: Lesson, shown: Shown) -> str:
    """The picture that goes with the three sentences."""
    drawn = {panel.name: panel for panel in panels(shown.trace)}
    if lesson.picture == "decisions":
        return card_html(drawn["decisions"])
    if lesson.picture == "input":
        return medium_of(shown.trace.media).html(shown.trace, drawn["answer"])
    cards = [card for card in dynviz.models() if card.data == shown.card.data]
    return f'<section class="dv-card dv-view">{budget_curve(shown.card, cards, at=shown.at).svg}</section>'


def teachers(lesson: Lesson, shown: Shown) -> None:
    """The link that hides everything else, and the sheet to print."""
    with st.container(horizontal=True, key="lesson_teacher"), st.popover(say("lessons.teacher"), type="tertiary"):
        base = (st.context.url or "").partition("?")[0]
        link = f"{base}?lesson={lesson.name}&step=1&alone=1"
        st.caption(say("lessons.link"))
        st.code(link, language=None)
        st.caption(say("lessons.link.projector"))
        st.code(f"{link}&projector=1", language=None)
        measure = MEASURES[lesson.measure]

        def page() -> str:
            value = measure.value(shown)
            right = lesson.right(value)
            picture = style(STYLE) + explained(lesson, shown)
            return printed(lesson, shown, plain_input(shown), right, measure.words(shown, value), picture)

        st.download_button(
            say("lessons.sheet"),
            page,
            f"{lesson.name}.html",
            "text/html",
            icon=":material/print:",
            key="lesson_sheet",
            help=say("lessons.sheet.help"),
        )


def _turned(lesson: Lesson, chosen: Chosen) -> Chosen:
    """The picture made harder by the lesson's knob."""
    knob = KNOBS[lesson.knob]
    strength = st.select_slider(
        say("lessons.knob"), knob.strengths, value=knob.neutral, key=f"lesson_knob {lesson.name}", width=360
    )
    if strength == knob.neutral:
        return chosen
    harder = knob.turn(chosen.picture, strength)
    return replace(chosen, picture=harder, data=lossless(harder))


def _setting(shown: Shown) -> str:
    return say("lessons.setting", title=shown.card.title, budget=percent(shown.found.budgets[shown.at]))


def _guess_key(lesson: Lesson) -> str:
    return f"lesson_guess {lesson.name}"
