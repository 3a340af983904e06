"""Uploads: a sentence for what cannot be used, nothing else lost, little kept, names never taken as Markdown."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from app.live.uploads import KEPT, File, Reader, literal, read
from app.strings import say
from dynviz import MediaError
from dynviz.trace.file import TraceFileError, trace_bytes
from tests.trace.samples import make_trace


def encoded(kind: str = "PNG", size: tuple[int, int] = (40, 30), colour: str = "teal") -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", size, colour).save(buffer, kind)
    return buffer.getvalue()


def good(key: str) -> File:
    return File(f"{key}.png", encoded(colour=f"#{abs(hash(key)) % 0xFFFFFF:06x}"), key)


BAD = {
    "words.jpg": b"no pixels here",
    "empty.png": b"",
    "half.jpg": encoded("JPEG", (300, 200))[:700],
    "plain.zip": b"PK\x05\x06" + bytes(18),
    "script.svg": b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
    "photo.heic": b"\0\0\0\x18ftypheic" + bytes(40),
    "dot.png": encoded(size=(1, 1)),
    "long.png": encoded(size=(1, 2000)),
    "trace.dynviz": b"PK\x03\x04" + bytes(100),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_gets_one_sentence_with_its_name(name):
    reader = Reader()
    file = File(name, BAD[name], "key")
    assert reader.get(file) is None
    [line] = reader.refused([file])
    assert line.startswith(literal(name)) and len(line) > len(name) + 20
    assert "\n" not in line and "Error" not in line and "Traceback" not in line


def test_the_first_file_that_can_be_used_is_shown():
    reader = Reader()
    files = [File("a.png", BAD["words.jpg"], "1"), good("2"), File("b.zip", BAD["plain.zip"], "3"), good("4")]
    assert reader.first(files).name == "2.png"
    assert len(reader.refused(files)) == 1 and [file.key for file in reader.unchecked(files)] == ["3", "4"]
    reader.check(reader.unchecked(files))
    assert len(reader.refused(files)) == 2 and not reader.unchecked(files)
    assert list(reader.kept) == ["2"]  # checking keeps nothing


def test_fifty_files_are_checked_and_few_are_kept():
    reader = Reader()
    files = [good(f"picture {i}") for i in range(50)]
    for file in files:
        assert reader.get(file).picture.width_px == 40
    assert list(reader.kept) == [file.key for file in files[-KEPT:]]


def test_a_file_is_decoded_once():
    reader = Reader()
    assert reader.get(good("a")) is reader.get(good("a"))


def test_a_trace_file_is_recognised_by_its_bytes_whatever_it_is_called():
    trace = make_trace()
    assert read(File("holiday.jpg", trace_bytes(trace), "k")).trace == trace


def test_a_zip_of_something_else_is_a_trace_file_error():
    with pytest.raises(TraceFileError):
        read(File("x.zip", BAD["plain.zip"], "k"))
    with pytest.raises(MediaError):
        read(File("x.zip", b"no zip at all", "k"))


def test_names_from_outside_are_taken_literally():
    assert literal("a*b_[x](javascript:1)<b>") == r"a\*b\_\[x\]\(javascript\:1\)\<b\>"
    [line] = [Reader().refused([]) or say("files.bad", name=literal("$a$"), reason="no")]
    assert line == r"\$a\$: no"
