"""Names for what can be added from outside: a table of ours, and an entry-point group in which other packages register.

In the other package's pyproject.toml, for a network (data sets and recipes alike, each in its own group):

    [project.entry-points."dynviz.networks"]
    mynet = "mypackage.mynet:MyNet"

Nothing is imported before it is asked for, so that a broken package breaks only what it registers.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from functools import lru_cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import Any


class Registry(Mapping[str, Any]):
    """A read-only mapping. table: name -> ``module:attribute``, or the thing itself. kind: in words, for messages."""

    def __init__(self, group: str, kind: str, table: Mapping[str, Any]):
        self.group, self.kind, self.table = group, kind, table

    def __getitem__(self, name: str) -> Any:
        """What is called ``name``, imported. Raises KeyError, with the names that are known, where nothing is."""
        if name in self.table:
            found = self.table[name]
            if not isinstance(found, str):
                return found
            module, _, attribute = found.partition(":")
            return getattr(import_module(module), attribute)
        outside = _registered(self.group, tuple(sys.path))
        if name not in outside:
            raise KeyError(unknown(self.kind, name, self))
        return outside[name].load()

    def __contains__(self, name: object) -> bool:
        return name in self.table or name in _registered(self.group, tuple(sys.path))

    def __iter__(self) -> Iterator[str]:
        outside = _registered(self.group, tuple(sys.path))
        return iter([*self.table, *(name for name in outside if name not in self.table)])

    def package(self, name: str) -> str | None:
        """The package that has to be installed for it; None for what is ours."""
        entry = None if name in self.table else _registered(self.group, tuple(sys.path)).get(name)
        return entry.dist.name if entry and entry.dist else None

    def __len__(self) -> int:
        return len(list(iter(self)))


def unknown(kind: str, name: str, known: Iterable[str]) -> str:
    """What to say of a name that nothing has: those that are nearly it, or all there are."""
    names = sorted(known)
    near = get_close_matches(name, names, n=3, cutoff=0.6)
    if near:
        return f"no {kind} is called {name!r}; did you mean {' or '.join(near)}?"
    return f"no {kind} is called {name!r}; known: {', '.join(names) or 'none'}"


@lru_cache(maxsize=16)
def _registered(group: str, _path: tuple[str, ...]) -> dict[str, EntryPoint]:
    """Looked up once, since it reads the metadata of every installed package; anew where the import path changed."""
    return {entry.name: entry for entry in entry_points(group=group)}
