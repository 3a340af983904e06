"""From a file's bytes to something that can be shown, or to one sentence on why it cannot. No Streamlit here."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field

from app.strings import say
from dynviz import MediaError, Trace
from dynviz.media.image import Picture, read_image
from dynviz.media.series import Series
from dynviz.media.text import Text
from dynviz.trace.file import TraceFileError

MOST_FILES = 50
KEPT = 3  # decoded pictures a session keeps, a few MB each
ZIP = b"PK"
REPLAYED = ("image", "text", "series")  # what a trace file may hold, to be shown again


@dataclass(frozen=True)
class File:
    """A name, the bytes behind it, and a key that tells it from other files of the session."""

    name: str
    data: bytes
    key: str


@dataclass(frozen=True)
class Chosen:
    """What is on the page: a ``picture``, a ``text`` or a ``series``, or a finished ``trace``.

    data: the bytes that it can be read from again.
    """

    name: str
    data: bytes
    picture: Picture | None = None
    trace: Trace | None = None
    text: Text | None = None
    series: Series | None = None

    @property
    def media(self) -> Picture | Text | Series:
        """What a network is given."""
        found = self.picture or self.text or self.series
        assert found is not None  # a trace file is shown as it is
        return found

    @property
    def digest(self) -> str:
        """Tells it from other inputs. One file of numbers, read at two sampling rates, is two recordings."""
        if self.series is None:
            return self.media.digest
        told = "\n".join(self.series.notes)  # the same samples with the rate given and with it assumed
        return hashlib.sha256(self.series.samples.tobytes() + told.encode()).hexdigest()


def read(file: File) -> Chosen:
    """Decode one file. Raises MediaError or TraceFileError, whose text is one sentence for the person."""
    if file.data[:2] == ZIP:
        trace = Trace.load(file.data)
        if trace.media.modality not in REPLAYED:
            raise TraceFileError(say("files.other_trace", modality=trace.media.modality))
        return Chosen(file.name, file.data, trace=trace)
    return Chosen(file.name, file.data, picture=read_image(file.data))


def literal(words: str) -> str:
    """Words from outside as they are, without any meaning in Markdown."""
    return "".join("\\" + letter if letter in r"\`*_{}[]()<>#+-.!|~$:&" else letter for letter in words)


@dataclass
class Reader:
    """One session's files: each is decoded once, the last few are kept, what is wrong with the others is remembered."""

    kept: OrderedDict[str, Chosen] = field(default_factory=OrderedDict)
    sentences: dict[str, str] = field(default_factory=dict)  # key -> what is wrong, '' for nothing

    def get(self, file: File) -> Chosen | None:
        """The file, decoded; None where it cannot be used."""
        if file.key not in self.kept:
            if self.sentences.get(file.key):
                return None
            try:
                self.kept[file.key] = read(file)
            except (MediaError, TraceFileError) as error:
                name = file.name if len(file.name) <= 40 else f"{file.name[:28]}…{file.name[-10:]}"
                self.sentences[file.key] = say("files.bad", name=literal(name), reason=literal(str(error)))
                return None
            self.sentences[file.key] = ""
            while len(self.kept) > KEPT:
                self.kept.popitem(last=False)
        self.kept.move_to_end(file.key)
        return self.kept[file.key]

    def first(self, files: Sequence[File]) -> Chosen | None:
        """The first file that can be used."""
        return next((found for found in map(self.get, files) if found is not None), None)

    def check(self, files: Sequence[File]) -> None:
        """Find out which of ``files`` can be used, without keeping them."""
        for file in files:
            if file.key not in self.sentences:
                before = self.kept.copy()
                self.get(file)
                self.kept = before

    def refused(self, files: Sequence[File]) -> list[str]:
        """What is wrong with those of ``files`` that were found to be unusable."""
        return [line for line in (self.sentences.get(file.key, "") for file in files) if line]

    def unchecked(self, files: Sequence[File]) -> list[File]:
        return [file for file in files if file.key not in self.sentences]
