"""How an input comes onto a page: samples, and what a person brings, which is kept in a strip of their own."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

import streamlit as st

from app.live import on_disk
from app.live.own import OWN, Own, person
from app.live.strip.strip import strip
from app.live.uploads import ZIP, Chosen, File, literal, read_run
from app.strings import say
from dynviz import MediaError, ModelCard, zoo
from dynviz.media.spool import Spool
from dynviz.trace.file import TraceFileError

KEPT = 3  # inputs that a session keeps ready to be looked at, a few MB each
NAME_LETTERS = 40
CHECKED_AT_ONCE = 6  # of many files, between two runs of the page


class Bringing(ABC):
    """The part of a ``LivePage`` that is about its input."""

    name: str
    modality: str
    most_mb: int = 31  # of an upload; the server as a whole takes what videos may have
    several = False  # files at once

    # what a page says of its own kind of input

    def hint(self, card: ModelCard) -> str:
        """Which sentence the place to drop a file shows."""
        return f"{self.name}.hint"

    @abstractmethod
    def samples(self, card: ModelCard) -> list[str]:
        """Names of the samples for a network, the first being what a newcomer sees."""

    @abstractmethod
    def is_sample(self, name: str | None) -> bool:
        """Is there a sample of this name for any network?"""

    @abstractmethod
    def sample(self, name: str, card: ModelCard) -> Chosen:
        """A sample, ready to be looked at."""

    @abstractmethod
    def read(self, own: Own, card: ModelCard) -> Chosen:
        """What a person brought, ready to be looked at. Raises MediaError, TraceFileError."""

    def thumb(self, chosen: Chosen) -> str:
        """A small picture of it as an address, '' for none."""
        return ""

    def welcome(self) -> None:
        """Something of a person's own has just come, and is shown from now on."""
        return  # most pages have nothing to set then

    def stored(self, data: bytes | Spool) -> bytes | Spool:
        """How what came is kept."""
        return bytes(data)

    def options(self, own: Own) -> tuple[Any, ...]:
        """What beside the thing itself decides how it is read."""
        return ()

    # samples

    def settle(self, card: ModelCard) -> None:
        """Before the widgets are drawn: a sample that does not fit the network gives way to one that does."""
        state = st.session_state
        if self.shown_own() is None and state.get(self.key("sample")) not in self.samples(card):
            state[self.key("sample")] = self.samples(card)[0]

    def sample_row(self, card: ModelCard) -> None:
        """The samples to choose from."""
        st.pills(
            say("samples"),
            self.samples(card),
            format_func=lambda name: self.sample_title(name, card),
            key=self.key("sample"),
            on_change=self._took_sample,
            required=True,
            label_visibility="collapsed",
            persist_state="session",
        )

    def sample_title(self, name: str, card: ModelCard) -> str:
        """What a sample is called on the page of ``card``."""
        return name

    def show_sample(self, name: str) -> None:
        """Show this sample; before the widgets are drawn, or in a callback."""
        st.session_state[self.key("sample")] = name
        OWN.show(person(), self.name, None)

    def shown_sample(self) -> str | None:
        """The name of the sample on the page, None where something else is."""
        return None if self.shown_own() else st.session_state.get(self.key("sample"))

    def _took_sample(self) -> None:
        if name := st.session_state[self.key("sample")]:
            st.session_state[self.key("problems")] = []
            self.show_sample(name)

    # what a person brings

    def upload_box(self, card: ModelCard) -> None:
        """The place to drop files. It is empty again once they have come: they are in the strip then."""
        count = st.session_state.setdefault(self.key("batch"), 0)
        st.file_uploader(
            say("upload"),
            accept_multiple_files=self.several,
            key=self.key(f"upload {count}"),
            on_change=self._uploaded,
            max_upload_size=self.most_mb,
            label_visibility="collapsed",
        )

    def strip(self) -> None:
        """What the person brought to this page so far."""
        shown = self.shown_own()
        things = [own for own in OWN.of(person(), self.name) if own.checked]
        key = self.key("own")
        strip(things, shown.key if shown else None, key=key, show=self.show_own, remove=self._removed)

    def bring(self, files: Sequence[File]) -> None:
        """Files that have just come: the first that can be read is shown, the others are looked into later."""
        who, state = person(), st.session_state
        problems = state[self.key("problems")] = []
        found = False
        for file in files:
            own = Own(file.key, self.name, file.name, self.stored(file.data))
            gone = OWN.add(who, own)
            problems += [say("own.gone", name=literal(name)) for name in gone]
            if not found:
                found = self._check(own, self._card())
                if found:
                    self.show_own(file.key)
                    if not self.is_trace(own):
                        self.welcome()

    def verify(self, card: ModelCard) -> bool:
        """Look into a few of the files that came with others; True where there were any: the page runs again then."""
        waiting = [own for own in OWN.of(person(), self.name) if not own.checked][:CHECKED_AT_ONCE]
        for own in waiting:
            self._check(own, card)
        return bool(waiting)

    def chosen(self, card: ModelCard) -> tuple[Chosen | None, str]:
        """What to show, and what is wrong with what was asked for; the last good input of its kind stays then."""
        state, own = st.session_state, self.shown_own()
        good: dict[str, Chosen] = state.setdefault(self.key("good"), {})
        kind = card.series.kind if card.series else card.modality
        try:
            if own is None:
                good[kind] = self.sample(state[self.key("sample")], card)
            else:
                good[kind] = self._ready(own, card)
        except (MediaError, TraceFileError) as error:
            return good.get(kind), self._sentence(own, error)
        return good[kind], ""

    def shown_own(self) -> Own | None:
        """What of the person's own is on the page."""
        return OWN.shown(person(), self.name)

    def show_own(self, key: str) -> None:
        """Show one of the person's own inputs; before the widgets are drawn, or in a callback."""
        st.session_state[self.key("sample")] = None
        OWN.show(person(), self.name, key)

    def is_trace(self, own: Own) -> bool:
        """Is it a trace file, to be shown again?"""
        return own.data[:2] == ZIP

    def tell(self, problem: str) -> None:
        """What is wrong with what was asked for or has just come."""
        problems = [*st.session_state.get(self.key("problems"), []), *([problem] if problem else [])]
        if problems:
            st.error("  \n".join(dict.fromkeys(problems)))

    @abstractmethod
    def key(self, what: str) -> str:
        """A name in the session that no other page has."""

    def _ready(self, own: Own, card: ModelCard) -> Chosen:
        """The thing, read once while it stays the same."""
        kept: OrderedDict[tuple[Any, ...], Chosen] = st.session_state.setdefault(self.key("ready"), OrderedDict())
        key = (own.key, *self.options(own), card.series)
        if key not in kept:
            kept[key] = read_run(own.name, own.data) if self.is_trace(own) else self.read(own, card)
            while len(kept) > KEPT:
                kept.popitem(last=False)
        kept.move_to_end(key)
        return kept[key]

    def _check(self, own: Own, card: ModelCard) -> bool:
        """Can it be used? What cannot is told and forgotten."""
        try:
            chosen = self._ready(own, card)
            thumb = "" if chosen.trace else self.thumb(chosen)
        except (MediaError, TraceFileError) as error:
            OWN.remove(person(), own.key)
            st.session_state.setdefault(self.key("problems"), []).append(self._sentence(own, error))
            return False
        OWN.checked(person(), own.key, thumb)
        return True

    def _uploaded(self) -> None:
        state = st.session_state
        came = state.get(self.key(f"upload {state[self.key('batch')]}")) or []
        uploads = list(came) if self.several else [came] if came else []
        if uploads:
            state[self.key("batch")] += 1
            self.bring([File(upload.name, on_disk.data_of(upload), upload.file_id) for upload in uploads])
            _forget(uploads)

    def _removed(self, key: str) -> None:
        shown = self.shown_own()
        OWN.remove(person(), key)
        if shown is not None and shown.key == key:
            others = [own for own in OWN.of(person(), self.name) if own.checked]
            if others:
                self.show_own(others[-1].key)
            else:
                self.show_sample(self.samples(self._card())[0])

    def _card(self) -> ModelCard:
        return zoo.card(st.session_state[self.key("model")])

    def _sentence(self, own: Own | None, error: Exception) -> str:
        if own is None:
            return literal(str(error))
        name = own.name if len(own.name) <= NAME_LETTERS else f"{own.name[:28]}…{own.name[-10:]}"
        return say("files.bad", name=literal(name), reason=literal(str(error)))


def _forget(uploads: Sequence[Any]) -> None:
    """Streamlit keeps a second hold on every upload for the whole session; what is kept is in ``OWN``, and bounded."""
    from streamlit.runtime.scriptrunner import get_script_run_ctx

    context = get_script_run_ctx()
    for upload in uploads:
        if context is not None:
            context.uploaded_file_mgr.remove_file(context.session_id, upload.file_id)
