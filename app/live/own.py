"""What people brought themselves (pictures, texts, recordings, trace files): kept in memory for each person, over pages
and a reload, until they take it away, are gone for a while, or it gets too much.

A person is a random name that their browser keeps for the tab (in its sessionStorage) and tells after a reload; no
other browser knows it.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections import OrderedDict
from dataclasses import dataclass, field, replace

import streamlit as st

from dynviz.media.spool import Spool

MOST = 50  # things of one person
MOST_BYTES = 100_000_000  # of one person
MOST_BYTES_OF_ALL = 1_000_000_000
GONE_AFTER_S = 1800


@dataclass(frozen=True)
class Own:
    """One thing that a person brought to ``page``. key: tells it from others. thumb: a small picture as an address, ''
    where there is none (yet). checked: it could be read.
    """

    key: str
    page: str
    name: str
    data: bytes | Spool
    thumb: str = ""
    checked: bool = False

    @property
    def size(self) -> int:
        """In bytes; what lies on disk counts a quarter."""
        return len(self.data) // (4 if isinstance(self.data, Spool) else 1)


@dataclass
class _Person:
    things: OrderedDict[str, Own] = field(default_factory=OrderedDict)
    shown: dict[str, str] = field(default_factory=dict)  # page -> key of what was shown there last
    seen: float = 0.0

    @property
    def size(self) -> int:
        return sum(own.size for own in self.things.values())


class OwnInputs:
    """Of everybody. Bounded for each person and for all: what was brought first goes first."""

    def __init__(self, clock=time.monotonic) -> None:
        self._people: OrderedDict[str, _Person] = OrderedDict()
        self._clock = clock
        self._lock = threading.Lock()

    def of(self, person: str, page: str) -> list[Own]:
        """What a person brought to a page, in the order it came."""
        with self._lock:
            return [own for own in self._person(person).things.values() if own.page == page]

    def add(self, person: str, own: Own) -> list[str]:
        """Keep one more thing, or another state of one. Names of those that had to go for it."""
        with self._lock:
            known = self._person(person)
            known.things[own.key] = own
            gone = []
            while len(known.things) > 1 and (len(known.things) > MOST or known.size > MOST_BYTES):
                gone.append(known.things.popitem(last=False)[1].name)
            while len(self._people) > 1 and sum(p.size for p in self._people.values()) > MOST_BYTES_OF_ALL:
                self._people.popitem(last=False)
            return gone

    def checked(self, person: str, key: str, thumb: str) -> None:
        """It could be read and looks like ``thumb``."""
        with self._lock:
            things = self._person(person).things
            if key in things:
                things[key] = replace(things[key], thumb=thumb, checked=True)

    def remove(self, person: str, key: str) -> None:
        """Forget one thing."""
        with self._lock:
            self._person(person).things.pop(key, None)

    def knows(self, person: str) -> bool:
        """Did anybody of this name bring anything that is still here?"""
        with self._lock:
            return person in self._people and bool(self._person(person).things)

    def show(self, person: str, page: str, key: str | None) -> None:
        """Remember what is on a page: one's own thing, or None for something else."""
        with self._lock:
            shown = self._person(person).shown
            if key is None:
                shown.pop(page, None)
            else:
                shown[page] = key

    def shown(self, person: str, page: str) -> Own | None:
        """One's own thing that is on a page."""
        with self._lock:
            known = self._person(person)
            return known.things.get(known.shown.get(page, ""))

    def _person(self, person: str) -> _Person:
        now = self._clock()
        for name in [name for name, known in self._people.items() if now - known.seen > GONE_AFTER_S]:
            del self._people[name]
        known = self._people.setdefault(person, _Person())
        known.seen = now
        self._people.move_to_end(person)
        return known


OWN = OwnInputs()


def person() -> str:
    """Whose session this is. After a reload the browser tells who it was (see the strip): ``remember``."""
    return st.session_state.setdefault("person", uuid.uuid4().hex)


def remember(name: str) -> bool:
    """This session goes on for ``name``, as a session of the same browser did; True where anybody is called so."""
    known = OWN.knows(name)
    if known:
        st.session_state.person = name
    return known
