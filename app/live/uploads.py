"""From a file's bytes to something that can be shown, or to one sentence on why it cannot. No Streamlit here."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from app.kinds import KINDS
from app.strings import say
from dynviz import Trace
from dynviz.media.image import Picture
from dynviz.media.series import Series
from dynviz.media.spool import Spool
from dynviz.media.text import Text
from dynviz.media.video import Video
from dynviz.trace.file import TraceFileError

ZIP = b"PK"


@dataclass(frozen=True)
class File:
    """A name, the bytes behind it, and a key that tells it from other files of the session."""

    name: str
    data: bytes | Spool
    key: str


@dataclass(frozen=True)
class Chosen:
    """What is on the page: a ``picture``, a ``text``, a ``series`` or a ``video``, or a finished ``trace``.

    data: the bytes that it can be read from again.
    """

    name: str
    data: bytes | Spool
    picture: Picture | None = None
    trace: Trace | None = None
    text: Text | None = None
    series: Series | None = None
    video: Video | None = None

    @property
    def media(self) -> Picture | Text | Series | Video:
        """What a network is given."""
        found = self.picture or self.text or self.series or self.video
        assert found is not None  # a trace file is shown as it is
        return found

    @property
    def digest(self) -> str:
        """Tells it from other inputs. One file of numbers, read at two sampling rates, is two recordings."""
        if self.series is None:
            return self.media.digest
        told = "\n".join(self.series.notes)  # the same samples with the rate given and with it assumed
        return hashlib.sha256(self.series.samples.tobytes() + told.encode()).hexdigest()


def read_run(name: str, data: bytes) -> Chosen:
    """A finished run from a trace file. Raises TraceFileError, whose text is one sentence for the person."""
    trace = Trace.load(data)
    if trace.media.modality not in KINDS:
        raise TraceFileError(say("files.other_trace", modality=trace.media.modality))
    return Chosen(name, data, trace=trace)


def literal(words: str) -> str:
    """Words from outside as they are, without any meaning in Markdown."""
    return "".join("\\" + letter if letter in r"\`*_{}[]()<>#+-.!|~$:&" else letter for letter in words)
