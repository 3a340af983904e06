"""What the person at the command line got wrong, as one sentence."""

from __future__ import annotations

import contextlib
import zipfile
from collections.abc import Iterator
from pathlib import Path

from typer.exceptions import TyperException


class Mistake(Exception):
    """Something the person can put right; the text is one sentence."""


class Stopped(Exception):
    """Ctrl+C; the text says what is kept. kept: where, None for nothing."""

    def __init__(self, said: str, kept: str | None = None):
        super().__init__(said)
        self.kept = kept


def reading(data: Path | None) -> contextlib.AbstractContextManager[None]:
    """Around what reads a person's own labelled pictures: what is wrong with them is the person's mistake."""
    if data is None:
        return contextlib.nullcontext()
    if not (data.is_dir() or zipfile.is_zipfile(data)):
        raise Mistake(f"{data} is neither a folder nor a zip; accepted: a folder or zip laid out as CLASS/file")
    return as_mistake(ValueError, zipfile.BadZipFile)


@contextlib.contextmanager
def as_mistake(*kinds: type[Exception]) -> Iterator[None]:
    """The library's complaints about what it was given are the person's mistakes here."""
    try:
        yield
    except kinds as error:
        raise Mistake(sentence(error)) from error


def sentence(error: BaseException) -> str:
    """What an exception says, without what only a programmer understands."""
    if isinstance(error, TyperException):
        return error.format_message()
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return str(error.args[0]) if error.args else str(error)  # str() of a KeyError would put it in quotes
