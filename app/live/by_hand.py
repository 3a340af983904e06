"""Decisions that a person takes in the live view: kept for what is looked at, and gone with it."""

from __future__ import annotations

import logging
from typing import Any

import streamlit as st

from app.inference_cache import Inference, infer_by_hand
from app.live.uploads import Chosen, literal
from app.strings import say
from dynviz import ModelCard

log = logging.getLogger(__name__)
STATE = "by_hand"  # in the session: what is looked at, and (unit -> choice) as it was before the last change, and is
MOST = 256  # decisions; a browser may send anything


def take(value: Any) -> None:
    """Keep what the view sent: {"id": what is looked at, "forced": all that is decided by hand}."""
    if not isinstance(value, dict) or not isinstance(value.get("forced"), dict):
        return
    forced = {str(unit): str(choice) for unit, choice in list(value["forced"].items())[:MOST]}
    known, _, before = st.session_state.get(STATE, (None, {}, {}))
    st.session_state[STATE] = (value.get("id"), before if known == value.get("id") else {}, forced)


def applied(identity: str, chosen: Chosen, card: ModelCard, framing: str, found: Inference) -> Inference:
    """``found`` with what was decided by hand. What cannot be decided so is said, and given up."""
    known, before, forced = st.session_state.get(STATE, (identity, {}, {}))
    if known != identity:
        del st.session_state[STATE]
        return found
    if not forced:
        return found
    try:
        return infer_by_hand(chosen, card, framing, found, forced)
    except ValueError as error:
        reason = str(error)
    except Exception:  # the page lives on whatever a network does; the details are for the log
        log.exception("%s failed on a decision by hand", card.name)
        reason = say("hand.failed")
    st.toast(say("hand.not", reason=literal(reason)), icon=":material/back_hand:")
    st.session_state[STATE] = (identity, {}, before)
    return infer_by_hand(chosen, card, framing, found, before) if before else found
