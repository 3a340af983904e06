"""What a lesson shows: its sample or a person's own input, put on its network, and the live view of that."""

from __future__ import annotations

import logging

import streamlit as st

import dynviz
from app.budgets import BUDGETED
from app.inference_cache import infer, is_known
from app.inputs import PAGES
from app.kinds import KINDS
from app.lessons.lesson import Lesson
from app.lessons.shown import Shown
from app.live import showing
from app.live.uploads import Chosen, literal
from app.live.view.payload import payload
from app.live.view.scrubber import scrubber
from app.strings import say, say_of
from dynviz import CheckpointError, ModelCard
from dynviz.evaluation.operating import best_point
from dynviz.views.medium import medium_of

log = logging.getLogger(__name__)


def card_of(lesson: Lesson) -> ModelCard | None:
    """The card of the lesson's network; None where it is not installed."""
    return next((card for card in dynviz.models() if card.name == lesson.network), None)


def sample_of(lesson: Lesson, card: ModelCard, name: str | None = None) -> Chosen | None:
    """The lesson's sample, or another one; None where it is not here."""
    page = PAGES.get(card.modality)
    name = name or lesson.sample
    return page.sample(name, card) if page is not None and name in page.samples(card) else None


def look(lesson: Lesson, card: ModelCard, chosen: Chosen) -> Shown | None:
    """The network on the input; None where that failed, which is then said."""
    status = st.empty()
    try:
        with showing.waiting(status, cold=not is_known(chosen, card, "crop")):
            found = infer(chosen, card, "crop", lambda place: status.info(say("queue", place=place)))
    except CheckpointError as error:
        status.error(say("error.network", title=card.title, reason=literal(str(error))))
        return None
    except Exception:  # the page lives on whatever a network does; the details are for the log
        log.exception("%s failed in the lesson %s", card.name, lesson.name)
        status.error(say_of(card.modality, "error.failed"))
        return None
    status.empty()
    at = best_point(card, lesson.budget) if len(found.budgets) > 1 else 0
    return Shown(card, chosen, found, at, lesson.knob, lesson.strength, lesson.experiment)


def live(shown: Shown, *, key: str) -> None:
    """The live view, at the lesson's budget at first."""
    found, chosen, card = shown.found, shown.chosen, shown.card
    timing = showing.timing_of(found, chosen)
    found, cards = showing.timed(found, timing), [c for c in dynviz.models() if c.data == card.data]
    identity = "|".join((*found.key[:3], found.key[3][:8], key))
    data = payload(
        identity,
        card.modality,
        card,
        cards,
        found,
        False,
        KINDS[card.modality].view({BUDGETED: found.budgeted}, chosen.name),
    )
    data |= {"start": {"mode": BUDGETED, "budget": found.budgets[shown.at]}, "link": None}
    with st.container(key="live_view"):
        scrubber(data, key=key, on_release=lambda: None)


def plain_input(shown: Shown) -> str:
    """HTML of the input alone: what is asked about, without a hint of the answer."""
    trace = shown.found.full
    drawn = medium_of(trace.media).plain(trace, say("picture.alt", name=shown.chosen.name))
    return f'<div class="le-input">{drawn}</div>'
