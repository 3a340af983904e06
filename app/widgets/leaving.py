"""The way from any page to the Image page, with a network, a budget or nothing in particular.

A page that is being run can leave for another one, a button's callback cannot: ``ask`` is the callback, ``follow`` the
page's part. The wish stays until the Image page takes it (``arrived``): a browser that asks for the old page once more
at that very moment, as Streamlit's does when a page is new, is sent on again instead of losing the click.
"""

from __future__ import annotations

import streamlit as st

from app.components.frames import BUDGETED
from app.strings import say
from app.widgets import datasets

WANTED = "leaving_for_image"


def ask(model: str | None = None, budget: float | None = None) -> None:
    """Ask for the Image page, with this network and budget (0..1) where they are given."""
    view: dict[str, str] = {}
    if model is not None:
        view["model"] = model
        datasets.take(model)
    if budget is not None:
        view |= {"mode": BUDGETED, "budget": f"{budget:.3f}"}
    st.session_state[WANTED] = view


def follow() -> None:
    """Go to the Image page if that was asked for. A picture that was uploaded there stays."""
    state = st.session_state
    view = state.get(WANTED)
    if view is None:
        return
    if "model" in view:
        state.model = view["model"]
    if "budget" in view:
        state.budget, state.mode = float(view["budget"]), view["mode"]
        state.pop("view_identity", None)  # the live view starts at the budget anew
    to_image(view)


def arrived() -> None:
    """The Image page is here: nothing is wanted any more."""
    st.session_state.pop(WANTED, None)


def to_image(view: dict[str, str]) -> None:
    """Go to the Image page at the address ``view``."""
    from app.screens import image  # not at the top: a page that imports pages would go in circles

    st.switch_page(st.Page(image.page, title=say("image.nav"), url_path="image"), query_params=view)
