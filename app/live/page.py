"""What the pages for sequences (a text, a recording) share: the address, the network, the live view of one input.

Each page is a ``LivePage``: its name, and what its input needs that others do not.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

import streamlit as st

from app import budgets, export, navigation, picker, projector
from app.budgets import BUDGETED
from app.curve import curve
from app.inference_cache import Inference, infer, is_known
from app.live import comparison, showing
from app.live.uploads import Chosen, literal
from app.live.view.frames import Fragments, frames
from app.live.view.scrubber import scrubber
from app.models.cards import named
from app.strings import TEXT, say, say_of
from dynviz import CheckpointError, MediaError, ModelCard
from dynviz.trace.file import TraceFileError

log = logging.getLogger(__name__)
FRAMING = "crop"  # sequences have none; results are remembered under the one of pictures


@dataclass(frozen=True)
class LivePage:
    """One page.

    name: of the page, in its strings and in the session. modality: of its networks. samples: their names, as the
    address gives them. show_sample, shown_sample: take one, and which one is on the page. media: what the live view
    needs of the input itself. below: what follows the live view, given the budget it was released at.
    """

    name: str
    modality: str
    samples: Collection[str]
    show_sample: Callable[[str], None]
    shown_sample: Callable[[], str | None]
    media: Callable[[Inference, Chosen], dict[str, Any]]
    below: Callable[[ModelCard, float], None] | None = None

    def restore(self, cards: Sequence[ModelCard]) -> None:
        """Follow the address where it says something else than this page wrote; unknown things in it are left out.

        What a person typed, recorded or uploaded never goes into an address: network, sample and budget do.
        """
        state, asked = st.session_state, projector.view()
        state.setdefault("mode", BUDGETED)
        state.setdefault("budget", budgets.DEFAULT)
        if not asked or asked == state.get(self._key("address")):
            return
        state[self._key("address")] = asked
        if asked.get("model") in [card.name for card in cards]:
            picker.take(asked["model"])
            state[self._key("model")] = asked["model"]
        if asked.get("sample") in self.samples:
            self.show_sample(asked["sample"])
        if (budget := budgets.parsed(asked.get("budget"))) is not None:
            state.budget, state.mode = budget, BUDGETED

    def write(self) -> None:
        """Let the address say what is on the page."""
        wanted = {**self._fixed(), "budget": f"{st.session_state.budget:.3f}"}
        st.session_state[self._key("address")] = wanted
        projector.write(wanted)

    def network(self, cards: Sequence[ModelCard]) -> ModelCard:
        """The choice of the network."""
        by_name = {card.name: card for card in cards}
        if st.session_state.get(self._key("model")) not in by_name:  # other data were chosen
            st.session_state[self._key("model")] = cards[0].name
        name = st.pills(
            say("network"),
            list(by_name),
            format_func=lambda name: named(by_name[name]) if name in by_name else name,
            key=self._key("model"),
            required=True,
            label_visibility="collapsed",
            persist_state="session",
        )
        return by_name.get(name, cards[0])

    def knows(self, card: ModelCard) -> None:
        """What the network can answer, and where more is said of it."""
        with st.popover(say("knows", count=len(card.labels)), type="tertiary"):
            line = say(f"{self.name}.knows.line", title=card.title, count=len(card.labels), data=literal(card.data))
            st.caption(line)
            st.markdown(" · ".join(literal(label) for label in sorted(card.labels)))
        navigation.to_card(card)

    def chosen(self, kind: str, read: Callable[[], Chosen]) -> tuple[Chosen | None, MediaError | TraceFileError | None]:
        """What to show, and what is wrong with what was asked for; the last good input of its kind stays then."""
        good: dict[str, Chosen | None] = st.session_state.setdefault(self._key("good"), {})
        try:
            good[kind] = read()
            return good[kind], None
        except (MediaError, TraceFileError) as error:
            return good.get(kind), error

    def heading(self, card: ModelCard, chosen: Chosen | None) -> None:
        """The question that the page answers, and how this network works."""
        if chosen is not None and chosen.trace is not None:
            title = say_of(chosen.trace.media.modality, "image.title", title=literal(chosen.trace.title))
            st.title(title, anchor=False)
            st.caption(say("image.replayed", name=literal(chosen.name)))
            return
        st.title(say(f"{self.name}.title", title=card.title), anchor=False)
        known = f"{self.modality}.{'static' if card.family == 'static' else card.mechanism}"
        st.caption(say(known) if known in TEXT else say(f"{self.modality}.other", mechanism=card.mechanism))

    def show(self, chosen: Chosen, card: ModelCard, cards: Sequence[ModelCard], waits: Any) -> None:
        """A trace file again, or the live view and all that follows. waits: a container that every run has."""
        if chosen.trace is not None:
            try:
                showing.replay(chosen.name, chosen.trace)
            except Exception:  # a trace file comes from anywhere
                log.exception("a trace file could not be drawn")
                st.error(say("error.replay"))
            return
        self.write()
        status = st.empty()
        try:
            with showing.waiting(status, cold=not is_known(chosen, card, FRAMING)):
                found = infer(chosen, card, FRAMING, lambda place: status.info(say("queue", place=place)))
        except CheckpointError as error:
            status.error(say("error.network", title=card.title, reason=literal(str(error))))
            return
        except Exception:  # the page lives on whatever a network does; the details are for the log
            log.exception("%s failed on a %s", card.name, self.modality)
            status.error(say_of(self.modality, "error.failed"))
            return
        status.empty()
        timing = showing.timing_of(found, chosen)
        measuring = not timing.done()  # as the view will say; it may well be done before the page is
        _view(self, chosen, card, cards, found, timing)
        comparison.section(self.name, chosen, card, cards, found)
        if measuring:
            with waits:
                showing.watch(timing)

    def payload(
        self,
        identity: str,
        chosen: Chosen,
        card: ModelCard,
        cards: Sequence[ModelCard],
        found: Inference,
        measuring: bool,
    ) -> dict[str, Any]:
        """Kept for the session as long as nothing in it changes: a long text takes a second to pack."""
        state, slot = st.session_state, self._key("payload")
        key = (identity, measuring, found.budgeted[0].ms, tuple(other.name for other in cards), chosen.name)
        if state.get(slot, (None,))[0] != key:
            chart, fragments = curve(card, cards), Fragments()
            shown = frames(
                fragments, found.budgeted, found.budgets, mode=BUDGETED, card=card, full=found.full, chart=chart
            )
            payload = {
                "id": identity,
                "kind": self.modality,
                **self.media(found, chosen),
                "fragments": fragments.pieces,
                "modes": {BUDGETED: shown},
                "chart": chart.svg,
                "text": showing.words(self.modality),
                "measuring": measuring,
            }
            state[slot] = (key, payload)
        return state[slot][1]

    def link(self) -> dict[str, str] | None:
        """What of the address does not change while scrubbing; None where the input cannot travel in one."""
        return self._fixed() if self.shown_sample() else None

    @property
    def view(self) -> str:
        """Key of the live view."""
        return self._key("scrubber")

    def _fixed(self) -> dict[str, str]:
        sample = self.shown_sample()
        return {"model": st.session_state[self._key("model")]} | ({"sample": sample} if sample else {})

    def _key(self, what: str) -> str:
        return f"{self.name}_{what}"


@st.fragment
def _view(
    page: LivePage, chosen: Chosen, card: ModelCard, cards: Sequence[ModelCard], found: Inference, timing: Future
) -> None:
    """The live view, what can be taken away from it and what was measured at its budget; see the Image page's."""
    state = st.session_state
    if state.pop("released", False) and comparison.is_chosen(page.name):
        st.rerun()
    measuring = not timing.done()
    found = showing.timed(found, timing)
    identity = "|".join((*found.key[:2], page.modality, found.key[3][:8]))
    start = showing.view_start(identity) | {"mode": BUDGETED}
    data = page.payload(identity, chosen, card, cards, found, measuring)
    scrubber(data | {"start": start, "link": page.link()}, key=page.view, on_release=lambda: _released(page))
    export.live(chosen, card, cards, FRAMING, found)
    if page.below is not None:
        _, at = found.released(BUDGETED, state.budget)
        page.below(card, found.budgets[at])


def _released(page: LivePage) -> None:
    state = st.session_state
    if view := state[page.view].get("view"):
        state.mode, state.budget = view["mode"], float(view["budget"])
        state.released = True
        page.write()
