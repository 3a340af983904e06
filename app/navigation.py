"""The way from any page to the one where a network is tried, with a network, a budget or nothing in particular.

And the way to a network's card.

A page that is being run can leave for another one, a button's callback cannot: ``ask`` is the callback, ``follow`` the
page's part. The wish stays until that page takes it (``arrived``): a browser that asks for the old page once more
at that very moment, as Streamlit's does when a page is new, is sent on again instead of losing the click.
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from app.budgets import BUDGETED
from app.kinds import KINDS
from app.live.uploads import literal
from app.strings import say
from dynviz import CheckpointError, ModelCard, zoo

WANTED = "leaving_for"
NAMES = ("model", "sample", "framing", "mode", "budget", "knob", "strength")  # what an address can say


def ask(model: str | None = None, budget: float | None = None) -> None:
    """Ask for the page of this network, with this budget (0..1) where it is given; for the Image page without."""
    view: dict[str, str] = {}
    if model is not None:
        view["model"] = model
    if budget is not None:
        view |= {"mode": BUDGETED, "budget": f"{budget:.3f}"}
    st.session_state[WANTED] = view


def asked_for() -> dict[str, str]:
    """What the address says about a view; empty where it names none."""
    return {name: value for name, value in st.query_params.to_dict().items() if name in NAMES}


def page_of(view: dict[str, str]) -> str:
    """Which page shows the network of an address: text, signals, video or image."""
    try:
        return KINDS[zoo.card(view["model"]).modality].page
    except (KeyError, CheckpointError):  # no network is named, or it is gone
        return "image"


def follow() -> None:
    """Go to the page that was asked for, if one was. What was uploaded there stays."""
    state = st.session_state
    view = state.get(WANTED)
    if view is None:
        return
    if "model" in view:
        state[f"{page_of(view)}_model"] = view["model"]
    if "budget" in view:
        state.budget, state.mode = float(view["budget"]), view["mode"]
        state.pop("view_identity", None)  # the live view starts at the budget anew
    go(view)


def to_card(card: ModelCard) -> None:
    """A link to the card of a network."""
    label, icon = say("models.card", title=literal(card.title)), ":material/article:"
    st.page_link(target("models"), label=label, icon=icon, query_params={"model": card.name})


def arrived() -> None:
    """The page that was asked for is here: nothing is wanted any more."""
    st.session_state.pop(WANTED, None)
    begun()


def begun() -> None:
    """This session has seen a page."""
    st.session_state.begun = True


def is_fresh() -> bool:
    """Has this session seen no page yet? What the address says later may be left over from the page before."""
    return "begun" not in st.session_state


def go(view: dict[str, str]) -> None:
    """Go to the address ``view`` of the page that shows its network."""
    st.switch_page(target(page_of(view)), query_params=view)


def target(name: str) -> Any:
    """The page with this address, to go or link to: Streamlit tells pages apart by that; script.py says what runs."""
    return st.Page(_runs_in_main, title=say(f"{name}.nav"), url_path=name)


def _runs_in_main() -> None:
    raise RuntimeError("pages are run by app/script.py")
