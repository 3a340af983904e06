"""Everything that the live view is sent of one inference, whatever the kind of input."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.budgets import ANYTIME, BUDGETED
from app.curve import curve
from app.inference_cache import Inference
from app.live.view import places
from app.live.view.fragments import Fragments
from app.live.view.frames import frames
from app.live.view.usage import longest_by_hand
from app.strings import say, say_of
from dynviz import ModelCard, Trace

NAMES = ("decisions", "curve", "single", "top", "slider", "modes", "play", "stop", "link", "copied", "select", "nolink")

PICKS = (
    "pick.hint",
    "pick.hint.plain",
    "pick.close",
    "pick.use",
    "pick.use.all",
    "pick.use.load",
    "pick.waits",
    "hand.reset",
)
GUESSES = 5  # that are listed where there are more answers


def payload(
    identity: str,
    modality: str,
    card: ModelCard,
    cards: Sequence[ModelCard],
    found: Inference,
    measuring: bool,
    media: dict[str, Any],
    own: Inference | None = None,
) -> dict[str, Any]:
    """media: what the view needs of the input itself. cards: those whose curves are drawn beside that of ``card``.

    own: what the network decides by itself, where something in ``found`` was decided by hand.
    """
    chart, fragments = curve(card, cards), Fragments()
    common = {"card": card, "full": found.full}
    budgeted = frames(
        fragments, found.budgeted, found.budgets, mode=BUDGETED, chart=chart, own=own and own.budgeted, **common
    )
    modes = {BUDGETED: budgeted}
    if len(found.anytime) > 1:
        shares = tuple(cap / found.full.macs_static for cap in found.caps)
        modes[ANYTIME] = frames(fragments, found.anytime, shares, mode=ANYTIME, chart=chart, **common)
    return {
        "id": identity,
        "kind": modality,
        **media,
        "fragments": fragments.sent(),
        "modes": modes,
        "chart": chart.svg,
        "text": words(modality, len(card.labels)) | _room(found.full),
        "measuring": measuring,
        "forced": dict(found.forced),  # by hand; without it nothing can be
    }


def _room(full: Trace) -> dict[str, str]:
    """The longest sentence about what was done by hand, for whose height there has to be room."""
    able = sum(len(decision.choices()) > 1 for decision in full.decisions)
    return {"hand.longest": longest_by_hand(full, able)} if able else {}


def words(modality: str, classes: int) -> dict[str, Any]:
    """What the view's own buttons and headings say. classes: how many answers there are."""
    found = {name: say_of(modality, f"scrubber.{name}") for name in (*NAMES, "measuring", "failed")}
    if classes <= GUESSES:
        found["top"] = say("scrubber.top.few")
    picks = {name: say(name) for name in PICKS}
    return {**found, **picks, "whatif": say("whatif"), "layers": say("layers"), "place": places.words()}
