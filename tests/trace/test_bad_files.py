"""Damaged, hostile and newer trace files: each gets one clear sentence. DYNVIZ_FUZZ=10000 damages more."""

from __future__ import annotations

import io
import json
import os
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dynviz.trace import Trace
from dynviz.trace.file import MAX_ARRAYS_BYTES, MAX_JSON_BYTES, TraceFileError, trace_bytes
from tests.media.samples import encoded, scene
from tests.trace.samples import arrays_with, decision, make_trace, rebuilt, zipped

GOOD = trace_bytes(make_trace())


def edited(edit: Callable[[dict], object]) -> bytes:
    return rebuilt(GOOD, edit)


def raw_json(text: bytes) -> bytes:
    return rebuilt(GOOD, trace__json=text)


def header_that_lies() -> bytes:
    """An array that claims 8 TB."""
    buffer = io.BytesIO()
    header = {"descr": "<f8", "fortran_order": False, "shape": (10**12,)}
    np.lib.format.write_array_header_1_0(buffer, header)
    return zipped({"weights-00000.npy": buffer.getvalue()})


def size_that_lies() -> bytes:
    """A member of 100 MB whose header says that it has 10 bytes."""
    bomb = rebuilt(GOOD, trace__json=bytes(100_000_000))
    return bomb.replace((100_000_000).to_bytes(4, "little"), (10).to_bytes(4, "little"))


def encrypted() -> bytes:
    data = bytearray(GOOD)
    at = data.index(b"PK\x01\x02")
    data[6] |= 1
    data[at + 8] |= 1
    return bytes(data)


BAD = {
    "nothing": (b"", "empty"),
    "text": (b"Dear diary", "not a trace file"),
    "picture": (encoded(scene(), "PNG"), "not a trace file"),
    "cut short": (GOOD[: len(GOOD) // 2], "damaged or incomplete"),
    "without its last byte": (GOOD[:-1], "damaged or incomplete"),
    "magic only": (b"PK\x03\x04", "damaged or incomplete"),
    "another zip": (zipped({"holiday.txt": b"sun"}), "holds no trace"),
    "another format": (edited(lambda c: c.update(format="other")), "no dynviz trace"),
    "newer": (edited(lambda c: c.update(version=2, news=1)), "newer version of dynviz (format 2"),
    "newer with other parts": (rebuilt(GOOD, lambda c: c.update(version=9), **{"x/y": b""}), "update dynviz"),
    "version 0": (edited(lambda c: c.update(version=0)), "no version"),
    "version true": (edited(lambda c: c.update(version=True)), "no version"),
    "version text": (edited(lambda c: c.update(version="1")), "no version"),
    "no trace": (edited(lambda c: c.pop("trace")), "missing or unknown fields"),
    "json list": (raw_json(b"[]"), "no dynviz trace"),
    "no json": (raw_json(b"{"), "damaged or incomplete"),
    "latin-1 json": (raw_json('{"é": 1}'.encode("latin-1")), "damaged or incomplete"),
    "deep json": (raw_json(b"[" * 1_000_000), "cannot be read"),
    "bare NaN": (raw_json(b'{"format": "dynviz-trace", "version": 1, "trace": NaN}'), "bare NaN"),
    "huge json": (raw_json(b" " * (MAX_JSON_BYTES + 1)), "larger than 8 MB"),
    "huge integer": (edited(lambda c: c["trace"].update(macs_ideal=10**30)), "macs_ideal is not a whole number"),
    "endless integer": (raw_json(b'{"version": ' + b"9" * 10_000 + b"}"), "damaged or incomplete"),
    "a number for the trace": (edited(lambda c: c.update(trace=0)), "trace is not an object"),
    "missing field": (edited(lambda c: c["trace"].pop("stages")), "trace lacks the field 'stages'"),
    "extra field": (edited(lambda c: c["trace"].update(extra=1)), "unknown field 'extra'"),
    "missing decision field": (
        edited(lambda c: decision(c, "exit").pop("score")),
        "trace.decisions[0] lacks the field 'score'",
    ),
    "extra decision field": (edited(lambda c: decision(c, "exit").update(mask=1)), "unknown field 'mask'"),
    "unknown decision": (edited(lambda c: decision(c, "exit").update(kind="oracle")), "unknown kind 'oracle'"),
    "no decision kind": (edited(lambda c: decision(c, "exit").pop("kind")), "unknown kind"),
    "kind of a list": (edited(lambda c: decision(c, "exit").update(kind=["exit"])), "unknown kind"),
    "text for a number": (edited(lambda c: decision(c, "exit").update(score="high")), "score is not a number"),
    "truth for a number": (edited(lambda c: decision(c, "exit").update(macs=True)), "macs is not a whole number"),
    "number for a text": (edited(lambda c: decision(c, "exit").update(unit=3)), "unit is not a text"),
    "number for a truth": (edited(lambda c: decision(c, "exit").update(forced=0)), "forced is not true or false"),
    "short box": (edited(lambda c: c["trace"]["media"].update(box_px=[0, 1])), "box_px is not a list of 4"),
    "infinite box": (
        edited(lambda c: c["trace"]["media"].update(box_px=[0, 1, 2, {"float": "inf"}])),
        "box_px is not finite",
    ),
    "impossible size": (edited(lambda c: c["trace"]["media"].update(width_px=10**9)), "impossible size"),
    "negative size": (edited(lambda c: c["trace"]["media"].update(width_px=-1)), "impossible size"),
    "negative MACs": (edited(lambda c: c["trace"]["stages"][0].update(macs=-1)), "negative MACs"),
    "unknown modality": (edited(lambda c: c["trace"]["media"].update(modality="smell")), "modality is not one of"),
    "fewer labels": (edited(lambda c: c["trace"]["labels"].pop()), "does not fit the 2 labels"),
    "absent array": (edited(lambda c: decision(c, "pixel-mask").update(mask={"array": "x"})), "no array"),
    "array used twice": (
        edited(lambda c: decision(c, "kernel-mixture").update(weights=decision(c, "route")["weights"])),
        "refers to no array",
    ),
    "array left over": (edited(lambda c: c["trace"].update(decisions=[])), "nothing refers"),
    "absent preview": (edited(lambda c: c["trace"]["media"].update(preview={"picture": "x"})), "no picture"),
    "preview left over": (edited(lambda c: c["trace"]["media"].update(preview={"picture": ""})), "nothing refers"),
    "no arrays": (rebuilt(GOOD, arrays__npz=None), "lacks its part arrays.npz"),
    "arrays are no zip": (rebuilt(GOOD, arrays__npz=b"hello"), "damaged or incomplete"),
    "mask of floats": (arrays_with(GOOD, mask=np.ones((4, 6))), "mask is an array of float64"),
    "mask of one dimension": (arrays_with(GOOD, mask=np.ones(24, bool)), "with 1 dimensions"),
    "indices of floats": (arrays_with(GOOD, source=np.ones(4)), "source is an array of float64"),
    "complex weights": (arrays_with(GOOD, weights=np.ones(3, complex)), "not plain numbers"),
    "weights of text": (arrays_with(GOOD, weights=np.array(["a"])), "not plain numbers"),
    "objects": (arrays_with(GOOD, weights=np.array([{}], dtype=object)), "not plain numbers"),
    "records": (arrays_with(GOOD, weights=np.zeros(3, [("a", "f4")])), "not plain numbers"),
    "array header that lies": (rebuilt(GOOD, arrays__npz=header_that_lies()), "another size than it says"),
    "array of another name": (rebuilt(GOOD, arrays__npz=zipped({"../../etc/passwd.npy": b""})), "unknown name"),
    "too many arrays": (
        rebuilt(GOOD, arrays__npz=zipped({f"a-{i}.npy": b"" for i in range(60_000)}, zipfile.ZIP_STORED)),
        "more than 20,000 parts",
    ),
    "zip bomb of arrays": (
        rebuilt(GOOD, arrays__npz=zipped({"a-0.npy": bytes(MAX_ARRAYS_BYTES), "a-1.npy": bytes(9)})),
        "larger than 64 MB",
    ),
    "zip bomb of arrays, stored": (rebuilt(GOOD, arrays__npz=bytes(MAX_ARRAYS_BYTES + 1)), "larger than 64 MB"),
    "size that lies": (size_that_lies(), "damaged"),
    "path traversal": (rebuilt(GOOD, **{"../../evil.py": b"import os"}), "unknown name '../../evil.py'"),
    "absolute path": (rebuilt(GOOD, **{"/etc/cron.d/evil": b"x"}), "unknown name"),
    "pickle": (rebuilt(GOOD, **{"trace.pkl": b"cos\nsystem\n(S'true'\ntR."}), "unknown name 'trace.pkl'"),
    "too many parts": (rebuilt(GOOD, **{f"preview-{i}.png": b"" for i in range(2_000)}), "more than 520 parts"),
    "preview is text": (rebuilt(GOOD, **{"preview-0.jpg": b"hello"}), "preview-0.jpg is not a picture"),
    "preview is cut": (rebuilt(GOOD, **{"preview-0.jpg": encoded(scene(), "JPEG")[:-99]}), "is not a picture"),
    "preview is SVG": (rebuilt(GOOD, **{"preview-0.jpg": b"<svg onload='alert(1)'/>"}), "is not a picture"),
    "preview of another format": (rebuilt(GOOD, **{"preview-0.jpg": encoded(scene(), "PNG")}), "another format"),
    "preview too large": (rebuilt(GOOD, **{"preview-0.jpg": encoded(scene(1700, 900), "JPEG")}), "1600 px"),
    "pictures too heavy": (rebuilt(GOOD, **{"preview-1.jpg": bytes(17_000_000)}), "larger than 16 MB"),
    "two parts of one name": (GOOD.replace(b"arrays.npz", b"trace.json"), "two of one name"),
    "encrypted": (encrypted(), "encrypted"),
    "rare compression": (zipped({"trace.json": b"{}"}, zipfile.ZIP_LZMA), "compressed in an unknown way"),
}


def one_sentence(error: TraceFileError) -> str:
    text = str(error)
    assert text.endswith(".") and "\n" not in text and len(text) < 500, text
    assert ("Traceback" not in text and "accepted" in text) or "update dynviz" in text, text
    return text


@pytest.mark.filterwarnings("ignore:Duplicate name:UserWarning")
@pytest.mark.parametrize("name", BAD)
def test_bad_files(name: str) -> None:
    data, expected = BAD[name]
    started = time.process_time()
    with pytest.raises(TraceFileError) as caught:
        Trace.load(data)
    assert expected in one_sentence(caught.value)
    assert time.process_time() - started < 5


def test_bad_paths(tmp_path: Path) -> None:
    for path in (tmp_path / "absent.trace", tmp_path):
        with pytest.raises(TraceFileError, match="no file") as caught:
            Trace.load(path)
        one_sentence(caught.value)


def test_a_number_too_large_for_a_float_is_refused() -> None:
    text = json.dumps({"format": "dynviz-trace", "version": 1, "trace": json.loads(original_json())["trace"]})
    assert '"budget": 0.4' in text
    with pytest.raises(TraceFileError, match="budget is not a number"):
        Trace.load(raw_json(text.replace('"budget": 0.4', '"budget": 1e999').encode()))


def original_json() -> bytes:
    with zipfile.ZipFile(io.BytesIO(GOOD)) as archive:
        return archive.read("trace.json")


FUZZ = int(os.environ.get("DYNVIZ_FUZZ", "0"))


def read_or_refuse(data: bytes) -> None:
    started = time.process_time()
    try:
        trace = Trace.load(data)
    except TraceFileError as error:
        one_sentence(error)
    else:
        assert Trace.load(trace_bytes(trace)) == trace
    assert time.process_time() - started < 5


@settings(max_examples=max(300, FUZZ), deadline=None, database=None)
@given(
    changes=st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.integers(0, 255)), max_size=6),
    end=st.integers(0, len(GOOD)) | st.just(len(GOOD)),
    extra=st.binary(max_size=40),
)
def test_damaged_bytes(changes: list[tuple[int, int]], end: int, extra: bytes) -> None:
    data = bytearray(GOOD)
    for place, value in changes:
        data[place] = value
    data[end:end] = extra
    read_or_refuse(bytes(data))
    read_or_refuse(bytes(data[:end]))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["array", "float", "kind"]), inner),
    max_leaves=6,
)


@settings(max_examples=max(300, FUZZ), deadline=None, database=None)
@given(st.data())
def test_damaged_json(data: st.DataObject) -> None:
    """Any one value of the JSON replaced by another."""
    content = json.loads(original_json())
    place = content["trace"]
    while True:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        key = data.draw(st.sampled_from(keys))
        if isinstance(place[key], dict | list) and place[key] and data.draw(st.integers(0, 5)):
            place = place[key]
            continue
        place[key] = data.draw(JSON)
        break
    read_or_refuse(raw_json(json.dumps(content).encode()))


@settings(max_examples=max(200, FUZZ), deadline=None, database=None)
@given(
    st.sampled_from(["trace.json", "arrays.npz", "preview-0.jpg"]),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=6),
)
def test_damaged_members_with_a_right_checksum(name: str, changes: list[tuple[float, int]]) -> None:
    with zipfile.ZipFile(io.BytesIO(GOOD)) as archive:
        member = bytearray(archive.read(name))
    for place, value in changes:
        member[int(place * (len(member) - 1))] = value
    read_or_refuse(rebuilt(GOOD, **{name: bytes(member)}))
