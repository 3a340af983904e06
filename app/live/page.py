"""What the pages share that put a network on an input: the network, one's own inputs, the address, the live view.

Each kind of input has a page of its own: a ``LivePage`` that says how its input is chosen, read and sent, and what
follows the live view. Whatever can fail fails with one sentence and leaves the rest.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from concurrent.futures import Future
from typing import Any

import streamlit as st

import dynviz
from app import address, budgets, export, navigation, projector
from app.compare import handing
from app.frame import arrived
from app.inference_cache import Inference, infer, is_known
from app.kinds import KINDS
from app.live import by_hand, showing
from app.live.bringing import Bringing
from app.live.uploads import Chosen, literal
from app.live.view.payload import payload
from app.live.view.scrubber import scrubber
from app.picker.order import in_order
from app.picker.picker import chosen as chosen_of
from app.picker.picker import pick
from app.strings import TEXT, say, say_of
from dynviz import CheckpointError, MediaError, ModelCard

log = logging.getLogger(__name__)
LISTED = 100  # things that a network knows; more are not listed


class LivePage(Bringing):
    """One page. name: of the page, in addresses, strings and the session. modality: of its networks."""

    columns = (50, 50)

    # what a page says of its own kind of input

    def fits(self, card: ModelCard) -> bool:
        """Is ``card`` a network of this page?"""
        return card.modality == self.modality

    def inputs(self, card: ModelCard) -> None:
        """The widgets with which an input is chosen, beside the samples and the place to drop a file."""

    def media(self, found: Inference, chosen: Chosen) -> dict[str, Any]:
        """What the live view needs of the input itself."""
        return KINDS[self.modality].view({budgets.BUDGETED: found.budgeted}, chosen.name)

    def changed(self, chosen: Chosen) -> Chosen:
        """What is really looked at."""
        return chosen

    def below(
        self, chosen: Chosen, looked: Chosen, card: ModelCard, cards: Sequence[ModelCard], found: Inference
    ) -> None:
        """What follows the live view. looked: ``chosen`` as it was changed."""

    def beneath(self, card: ModelCard, budget: float) -> None:
        """What follows the budget that is released in the live view, without a run of the whole page."""

    def follows(self) -> bool:
        """Is there anything further down that follows the budget, so that the whole page has to run?"""
        return False

    def restore_more(self, asked: dict[str, str], cards: Sequence[ModelCard]) -> None:
        """Take from an address what only this page knows."""

    def address_more(self) -> dict[str, str]:
        """The same for an address; what does not change while scrubbing."""
        return {}

    @property
    def framing(self) -> str:
        """How the input is framed; sequences are not."""
        return "crop"

    # the page

    def run(self) -> None:
        """Everything, top to bottom."""
        navigation.arrived()
        cards = in_order([card for card in dynviz.models() if self.fits(card)])
        if not cards:
            st.title(say(f"{self.name}.nav"))
            st.info(say(f"{self.name}.no_models"))
            return
        self.restore(cards)
        card = chosen_of(cards, self.key("model"))
        cards_alike = [other for other in cards if other.data == card.data]
        self.settle(card)
        self.drop_hint(card)
        left, right = st.columns(self.columns, gap="medium")
        with right, st.container(key=f"{self.name}_inputs"):
            self.inputs(card)
            chosen, problem = self.chosen(card)
            self.strip()
        with left:
            self.heading(card, chosen)
            replayed = chosen.trace if chosen else None
            line = say("picker.replayed", title=replayed.title) if replayed else ""
            pick(cards, card, key=f"{self.name}_picker", choose=self.choose, line=line)
            self.knows(card)
        self.tell(problem)
        waits = st.container(key=self.key("waits"))
        arrived("inputs")  # what follows takes a while
        if chosen is not None and chosen.trace is not None:
            self.replay(chosen)
        elif chosen is not None:
            self.write()
            self.live(chosen, card, cards_alike, waits)
        if self.verify(card):
            st.rerun()

    def drop_hint(self, card: ModelCard) -> None:
        """What the place to drop a file says, which only a stylesheet can put there."""
        # twice :root: what the frame says for all pages comes later in the document
        st.html(f"<style>:root:root {{ --drop: {json.dumps(say(self.hint(card)), ensure_ascii=False)}; }}</style>")

    def choose(self, name: str) -> None:
        """Another network was picked; a run from a file gives way to an input that it can be put on."""
        st.session_state[self.key("model")] = name
        st.session_state[self.key("picked")] = True
        shown = self.shown_own()
        if shown is not None and self.is_trace(shown):
            self.show_sample(self.samples(dynviz.zoo.card(name))[0])

    def heading(self, card: ModelCard, chosen: Chosen | None) -> None:
        """The question that the page answers, and how this network works."""
        with st.container(key=f"{self.name}_heading", gap="xxsmall"):
            if chosen is not None and chosen.trace is not None:
                trace = chosen.trace
                st.title(say_of(trace.media.modality, "image.title", title=literal(trace.title)), anchor=False)
                st.caption(say("image.replayed", name=literal(chosen.name)))
                return
            st.title(say(f"{self.name}.title", title=card.title), anchor=False)
            known = f"{self.modality}.{'static' if card.family == 'static' else card.mechanism}"
            st.caption(say(known) if known in TEXT else say(f"{self.modality}.other", mechanism=card.mechanism))

    def knows(self, card: ModelCard) -> None:
        """What the network can answer, and where more is said of it."""
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"{self.name}_knows"):
            count = f"{len(card.labels):,}"
            with st.popover(say("knows", count=count), type="tertiary"):
                words = {"title": card.title, "count": count, "side": card.in_side_px}
                st.caption(say(f"{self.name}.knows.line", data=literal(card.data), **words))
                if len(card.labels) > LISTED:
                    self._search_labels(card)
                else:
                    st.markdown(" · ".join(literal(label) for label in sorted(card.labels)))
            navigation.to_card(card)

    def _search_labels(self, card: ModelCard) -> None:
        """Too many to list: a box to look one up in, which searches in the browser."""
        st.selectbox(
            say("knows.search"),
            sorted(card.labels, key=str.casefold),
            index=None,
            placeholder=say("knows.search.hint", count=f"{len(card.labels):,}"),
            key=self.key(f"looked up {card.data}"),
        )

    def replay(self, chosen: Chosen) -> None:
        """A trace file again, from itself alone."""
        assert chosen.trace is not None
        try:
            showing.replay(chosen.name, chosen.trace)
        except Exception:  # a trace file comes from anywhere
            log.exception("a trace file could not be drawn")
            st.error(say("error.replay"))

    def live(self, original: Chosen, card: ModelCard, cards: Sequence[ModelCard], waits: Any) -> None:
        """The live view and everything that follows from it. waits: a container that every run of the page has."""
        status = st.empty()
        try:
            chosen = self.changed(original)
            with showing.waiting(status, cold=not is_known(chosen, card, self.framing)):
                found = infer(chosen, card, self.framing, lambda place: status.info(say("queue", place=place)))
        except CheckpointError as error:
            status.error(say("error.network", title=card.title, reason=literal(str(error))))
            return
        except MediaError as error:  # what is read lazily may turn out to be damaged only now
            status.error(literal(str(error)))
            return
        except Exception:  # the page lives on whatever a network does; the details are for the log
            log.exception("%s failed on a %s", card.name, self.modality)
            status.error(say_of(self.modality, "error.failed"))
            return
        status.empty()
        timing = showing.timing_of(found, chosen)
        measuring = not timing.done()  # as the view will say; it may well be done before the page is
        _view(self, chosen, card, cards, found, timing)
        if not projector.is_on():
            self.below(original, chosen, card, cards, found)
            handing.way(self.name, chosen, card, cards, self.framing)
        if measuring:
            with waits:
                showing.watch(timing)

    # the address

    def restore(self, cards: Sequence[ModelCard]) -> None:
        """Follow the address where it says something else than this page wrote; unknown things in it are left out.

        What a person typed, recorded or uploaded never goes into an address: network, sample and budget do.
        """
        state = st.session_state
        state.setdefault("mode", budgets.BUDGETED)
        state.setdefault("budget", budgets.DEFAULT)
        if address.is_fresh(self.name):
            self.restore_more({}, cards)
        asked = address.asked(self.name)
        if asked is None:
            return
        if asked.get("model") in [card.name for card in cards]:
            state[self.key("model")] = asked["model"]
            state[self.key("picked")] = True
        if self.is_sample(asked.get("sample")):
            self.show_sample(asked["sample"])
        if (budget := budgets.parsed(asked.get("budget"))) is not None:
            state.budget, state.mode = budget, budgets.BUDGETED
        if asked.get("mode") in (budgets.BUDGETED, budgets.ANYTIME):
            state.mode = asked["mode"]
        self.restore_more(asked, cards)

    def write(self) -> None:
        """Let the address say what is on the page."""
        state = st.session_state
        wanted = {**self.fixed(), "mode": state.mode, "budget": f"{state.budget:.3f}"}
        address.write(self.name, wanted)

    def fixed(self) -> dict[str, str]:
        """What of the address does not change while scrubbing."""
        sample = self.shown_sample()
        view = {"model": st.session_state[self.key("model")]} | ({"sample": sample} if sample else {})
        return view | self.address_more()

    def key(self, what: str) -> str:
        """A name in the session that no other page has."""
        return f"{self.name}_{what}"


@st.fragment
def _view(
    page: LivePage, chosen: Chosen, card: ModelCard, cards: Sequence[ModelCard], found: Inference, timing: Future
) -> None:
    """The live view and what can be taken away from it. What is released in the view reruns this part only, unless
    something further down follows it.
    """
    state = st.session_state
    if state.pop("released", False) and page.follows():
        st.rerun()
    measuring = not timing.done()
    found = showing.timed(found, timing)
    identity = "|".join((*found.key[:3], found.key[3][:8]))
    alone = found
    found = by_hand.applied(identity, chosen, card, page.framing, alone)
    measuring = measuring and not found.forced
    known = identity, measuring, found.budgeted[0].ms, len(cards), chosen.name, found.forced
    slot, key = page.key("payload"), known
    if state.get(slot, (None,))[0] != key:  # a long text takes a second to pack
        own = alone if found.forced else None
        media = page.media(found, chosen)
        state[slot] = (key, payload(identity, page.modality, card, cards, found, measuring, media, own))
    data = state[slot][1]
    start = showing.view_start(identity)
    start["mode"] = start["mode"] if start["mode"] in data["modes"] else budgets.BUDGETED
    link = page.fixed() if page.shown_sample() else None
    with st.container(key="live_view"):
        view = page.key("scrubber")
        sent = data | {"start": start, "link": link}
        acts = {
            "on_release": lambda: _released(page, view),
            "on_forced": lambda: by_hand.take(state[view].get("forced")),
        }
        scrubber(sent, key=view, **acts)
    if projector.is_on():
        return
    export.live(chosen, card, cards, page.framing, found)
    _, at = found.released(state.mode, state.budget)
    if found.budgets:
        page.beneath(card, found.budgets[min(at, len(found.budgets) - 1)])


def _released(page: LivePage, view: str) -> None:
    state = st.session_state
    if released := state[view].get("view"):
        state.mode, state.budget = released["mode"], float(released["budget"])
        state.released = True
        page.write()
