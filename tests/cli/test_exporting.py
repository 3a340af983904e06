"""``dynviz export``: a trace file becomes what the ending of the other name says. ``dynviz gallery``: all views."""

from __future__ import annotations

import io
import zipfile

import pytest
from PIL import Image

from dynviz.trace import Trace
from dynviz.views.examples.traces import examples
from dynviz.views.export import formats
from tests.commands import call

STARTS = {
    "html": b"<!doctype html>", "png": b"\x89PNG", "webp": b"RIFF", "mp4": b"\0\0\0\x20ftyp", "svg": b"<svg ",
    "csv": b"\xef\xbb\xbfkind,",
}  # fmt: skip


@pytest.fixture
def trace_file(tmp_path, monkeypatch):
    monkeypatch.setenv("DYNVIZ_PRETRAINED", str(tmp_path / "none"))  # a report needs no network to be here
    return examples()[0].save(tmp_path / "balloon.dynviz")


@pytest.mark.parametrize("ending", STARTS)
def test_the_ending_chooses(trace_file, tmp_path, ending):
    out = tmp_path / f"out.{ending.upper()}"
    said = call("export", trace_file, out, "--json")
    assert said.status == 0, said.err
    data = out.read_bytes()
    assert data.startswith(STARTS[ending])
    digest = Trace.load(trace_file).digest
    assert said.json == {
        "trace": str(trace_file), "digest": digest, "format": ending, "saved": str(out), "bytes": len(data),
    }  # fmt: skip


def test_webp_is_the_animation_and_text_says_where_it_is(trace_file, tmp_path):
    said = call("export", trace_file, tmp_path / "out.webp")
    assert said.status == 0 and said.out.startswith(f"saved: {tmp_path / 'out.webp'} (")
    with Image.open(io.BytesIO((tmp_path / "out.webp").read_bytes())) as moving:
        assert moving.n_frames == 4


@pytest.mark.parametrize(
    ("source", "target", "words"),
    [
        ("balloon.dynviz", "out.gif", "must end in one of: .png, .webp, .mp4, .svg, .csv, .html"),
        ("balloon.dynviz", "out", "must end in one of"),
        ("nothing.dynviz", "out.png", "is not a file"),
        ("other.zip", "out.png", "trace file"),
        ("balloon.dynviz", "nowhere/out.png", "is not a folder"),
    ],
)
def test_a_mistake_is_one_sentence(trace_file, tmp_path, source, target, words):
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as archive:
        archive.writestr("holiday.txt", "sun")
    said = call("export", tmp_path / source, tmp_path / target)
    assert said.status == 2 and not said.out
    assert words in said.err and said.err.count("\n") == 1
    assert not (tmp_path / target).exists()


def test_a_trace_that_makes_no_picture_is_a_sentence_too(trace_file, tmp_path, monkeypatch):
    def fails(*_):
        raise ValueError("a mask of no size")

    monkeypatch.setitem(formats.FORMATS, "png", formats.Format("image/png", fails))
    said = call("export", trace_file, tmp_path / "out.png", "--json")
    assert said.status == 2 and "Traceback" not in said.err
    assert said.json["error"] == f"{trace_file} can be read, but no .png can be made of it: a mask of no size"
    assert not (tmp_path / "out.png").exists()


def test_the_gallery_is_written_and_told(tmp_path):
    out = tmp_path / "views.html"
    said = call("gallery", out, "--json")
    page = out.read_text(encoding="utf-8")
    assert said.status == 0 and said.json == {"saved": str(out), "bytes": out.stat().st_size}
    assert page.startswith("<!doctype html>") and all(trace.title in page for trace in examples()[:3])
    told = call("gallery", tmp_path / "VIEWS.HTML")
    assert told.status == 0 and told.out.startswith(f"saved: {tmp_path / 'VIEWS.HTML'} (")


@pytest.mark.parametrize(
    ("target", "words"),
    [("views.pdf", "must end in .html"), ("views", "must end in .html"), ("nowhere/v.html", "is not a folder")],
)
def test_a_gallery_that_cannot_be_written_is_one_sentence(tmp_path, target, words):
    said = call("gallery", tmp_path / target)
    assert said.status == 2 and not said.out
    assert words in said.err and said.err.count("\n") == 1
    assert not (tmp_path / target).exists()
