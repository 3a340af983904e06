"""Other readers on the same text or recording at the budget that was released; run only where some were chosen."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import streamlit as st

from app.inference_cache import Inference, infer
from app.kinds import KINDS
from app.live.uploads import Chosen, literal
from app.picker.order import named
from app.sheet.sheet import sheet
from app.strings import say, say_of
from dynviz import CheckpointError, ModelCard
from dynviz.evaluation.operating import best_point
from dynviz.views.comparing.staves import MOST_READERS, account
from dynviz.views.style.words import percent, text

log = logging.getLogger(__name__)


def is_chosen(page: str) -> bool:
    """Are there other readers on this page, which follow the budget?"""
    return bool(st.session_state.get(_key(page)))


def section(page: str, chosen: Chosen, card: ModelCard, cards: Sequence[ModelCard], found: Inference) -> None:
    """The choice of other readers and, once there are some, all of them on the input. found: the first one's result."""
    others = {other.name: other for other in cards if other.name != card.name}
    if not others:
        return
    key = _key(page)
    st.session_state[key] = [name for name in st.session_state.get(key) or [] if name in others]
    names = st.multiselect(
        say(f"{page}.beside"),
        list(others),
        format_func=lambda name: named(others[name]) if name in others else name,
        key=key,
        max_selections=MOST_READERS - 1,
        placeholder=say(f"{page}.beside.choose", most=MOST_READERS - 1),
        width=720,
    )
    if not names:
        return
    _, at = found.released(st.session_state.mode, st.session_state.budget)
    traces, points = [found.budgeted[at]], [_point(card, found, at)]
    for name in names:
        try:
            with st.spinner(say("looking")):
                theirs = infer(chosen, others[name], "crop", lambda place: None)
        except CheckpointError as error:
            st.error(say("error.network", title=literal(others[name].title), reason=literal(str(error))))
            continue
        except Exception:  # the page lives on whatever a network does; the details are for the log
            log.exception("%s failed on a %s", name, card.modality)
            st.error(say_of(card.modality, "error.failed"))
            continue
        place = best_point(others[name], found.budgets[at] if len(found.budgets) > 1 else st.session_state.budget)
        traces.append(theirs.budgeted[place])
        points.append(_point(others[name], theirs, place))
    drawn = KINDS[card.modality].beside
    assert drawn is not None  # else its page has no such section
    note = f'<p class="dv-note">{text(say(f"{page}.beside.note"))}</p>'
    sheet(
        f'<section class="dv-card dv-view"><p class="dv-sum">{text(account(traces))}</p>'
        f"{drawn(traces, points)}{note}</section>",
        key=f"{page}_beside_sheet",
    )


def _key(page: str) -> str:
    return f"{page}_beside"


def _point(card: ModelCard, found: Inference, at: int) -> str:
    if card.family == "static":
        return say("network.static")
    return say("scrubber.budgeted.mark", budget=percent(found.budgets[at]))
