"""One's own inputs as a strip of small pictures with names: a press shows one again, the cross takes it away."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from app.component import component
from app.live.own import Own, person, remember
from app.strings import TEXT

HERE = Path(__file__).parent


@cache
def _component() -> Callable[..., Any]:
    return component("strip", HERE, '<div class="dynviz own" role="group"></div>', ["strip"])


def strip(
    things: Sequence[Own], shown: str | None, *, key: str, show: Callable[[str], None], remove: Callable[[str], None]
) -> None:
    """Draw ``things``; without any it takes no room. shown: the key of the one that is on the page.

    show, remove: called with the key of what was pressed, before the page runs again.
    """
    known = {own.key for own in things}

    def pressed(name: str, act: Callable[[str], None]) -> None:
        wanted = (st.session_state.get(key) or {}).get(name)
        if wanted in known:
            act(wanted)

    items = [{"key": own.key, "name": own.name, "thumb": own.thumb} for own in things]
    text = {name: TEXT[f"own.{name}"] for name in ("label", "remove")}  # the browser fills in the name
    _component()(
        key=key,
        data={"items": items, "shown": shown, "text": text, "person": person()},
        on_person_change=lambda: remember(str((st.session_state.get(key) or {}).get("person"))),
        on_shown_change=lambda: pressed("shown", show),
        on_removed_change=lambda: pressed("removed", remove),
    )
