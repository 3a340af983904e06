"""Trace files: everything comes back, equal traces give equal bytes, and what cannot come back is not written."""

from __future__ import annotations

import dataclasses
import io
import json
import math
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest

from dynviz.decisions import DECISION_TYPES
from dynviz.recorder import Stage
from dynviz.trace import Media, Prediction, Trace
from dynviz.trace.codec import LATER, Misfit, decode, field_types
from dynviz.trace.file import TraceFileError, trace_bytes
from tests.media.samples import encoded, scene
from tests.trace.samples import OWN_FIELDS, decision, make_trace, rebuilt


def test_the_examples_cover_every_decision_type() -> None:
    assert OWN_FIELDS.keys() == DECISION_TYPES.keys()
    assert len(DECISION_TYPES) == 15


def test_round_trip(tmp_path: Path) -> None:
    trace = make_trace()
    path = trace.save(tmp_path / "run.trace")
    again = Trace.load(path)
    assert path.read_bytes() == trace_bytes(trace)
    assert again == trace and hash(again) == hash(trace) and again.digest == trace.digest
    assert again.ms == 3.25 and again.ms_static is None  # timings are kept, though not part of the digest
    assert again == Trace.load(str(path)) == Trace.load(path.read_bytes())
    assert again.macs == 105 and again.media.preview == trace.media.preview
    for old, new in zip(trace.decisions, again.decisions, strict=True):
        assert type(new) is type(old)
        for field in dataclasses.fields(old):
            np.testing.assert_array_equal(getattr(new, field.name), getattr(old, field.name))
    assert again.decisions[7].map.dtype == np.float64 and again.decisions[13].actions.dtype == np.int8


def test_numbers_that_are_not_finite() -> None:
    again = Trace.load(trace_bytes(make_trace()))
    assert again.decisions[0].threshold == math.inf
    assert math.isnan(again.decisions[1].threshold)
    assert again.decisions[2].scores[1] == -math.inf


@pytest.mark.parametrize("kind", DECISION_TYPES)
def test_a_bare_decision_of_each_type(kind: str) -> None:
    """Optional fields left at their defaults."""
    cls = DECISION_TYPES[kind]
    needed = {f.name for f in dataclasses.fields(cls) if f.default is dataclasses.MISSING}
    own = {name: value for name, value in OWN_FIELDS[kind].items() if name in needed}
    trace = make_trace(decisions=(cls(unit="a", **own),))
    assert Trace.load(trace_bytes(trace)) == trace


@pytest.mark.parametrize(
    "media",
    [
        Media("text", "00", text="Zoë wrote:\n\ud800 \0 🙂"),
        Media("series", "00", series=np.zeros((12, 500), np.float32)),
        Media("series", "00", series=np.zeros(0)),
        Media("video", "00", 64, 48, thumbnails=tuple(encoded(scene(64, 48), "JPEG", quality=q) for q in (30, 60, 90))),
    ],
    ids=["text", "series", "empty series", "video"],
)
def test_other_media(media: Media) -> None:
    again = Trace.load(trace_bytes(make_trace(media=media, decisions=(), stages=())))
    assert again == make_trace(media=media, decisions=(), stages=())
    assert again.media.text == media.text and again.media.thumbnails == media.thumbnails


def test_equal_traces_give_equal_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    first = trace_bytes(make_trace())
    monkeypatch.setattr(time, "time", lambda: 2_000_000_000.0)
    assert trace_bytes(make_trace()) == first == trace_bytes(Trace.load(first))
    assert trace_bytes(make_trace(rule="anytime")) != first


def test_people_can_open_it_without_dynviz() -> None:
    with zipfile.ZipFile(io.BytesIO(trace_bytes(make_trace()))) as archive:
        assert archive.namelist() == ["trace.json", "arrays.npz", "preview-0.jpg"]
        content = json.loads(archive.read("trace.json"))
        assert (content["format"], content["version"]) == ("dynviz-trace", 1)
        with np.load(io.BytesIO(archive.read("arrays.npz")), allow_pickle=False) as arrays:
            key = decision(content, "pixel-mask")["mask"]["array"]
            assert np.array_equal(arrays[key], np.eye(4, 6, dtype=bool))


def test_writing_is_all_or_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = make_trace().save(tmp_path / "run.trace")
    before = path.read_bytes()

    def full_disk(self: Path, data: bytes) -> None:
        with self.open("wb") as file:
            file.write(data[:100])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full_disk)
    with pytest.raises(OSError, match="No space"):
        make_trace(rule="other").save(path)
    assert path.read_bytes() == before and list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    "changes",
    [
        {"media": Media("image", "00", 9, 9, preview=b"no picture")},
        {"media": Media("series", "00", series=np.array([object()]))},
        {"media": Media("image", "00", 9, 9, box_px=(0.0, math.nan, 1.0, 1.0))},
        {"decisions": (DECISION_TYPES["pixel-mask"](unit="a", mask=np.ones((2, 2))),)},
        {"decisions": (DECISION_TYPES["exit"](unit="a", probabilities=np.ones(2)),)},
        {"decisions": (DECISION_TYPES["exit"](unit="a", score={1, 2}),)},
    ],
    ids=["preview", "objects", "box", "mask of floats", "probabilities of other labels", "a set"],
)
def test_what_could_not_be_read_again_is_not_written(changes: dict) -> None:
    with pytest.raises(TraceFileError):
        trace_bytes(make_trace(**changes))


def test_every_field_type_is_understood() -> None:
    """A new field of a type that the codec does not know must fail here, not at a person's download."""
    for cls in (Trace, Media, Prediction, Stage, *DECISION_TYPES.values()):
        for name, hint in field_types(cls).items():
            with pytest.raises(Misfit, match="trace"):
                decode(hint, {"neither": "this nor that"}, parts=None, where="trace." + name)


def test_older_files_still_open():
    def older(content):
        whole = content["trace"]
        del whole["ms_plain"]
        for part in (whole["media"], *whole["stages"], *whole["decisions"]):
            for name in LATER & part.keys():
                if name != "scores" or part[name] is None:  # some kinds of decisions always had theirs
                    del part[name]

    trace = make_trace()
    assert Trace.load(rebuilt(trace_bytes(trace), older)) == trace


def test_what_was_said_about_the_input_is_kept() -> None:
    said = ("Taken as 125 samples a second.", "Only the first of 3 frames is used.")
    media = dataclasses.replace(make_trace().media, notes=said)
    told = make_trace(media=media)
    assert Trace.load(trace_bytes(told)).media.notes == media.notes
    assert told != make_trace()  # what was assumed is part of the result
