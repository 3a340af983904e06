"""Batches: what is gathered from files, zips and tables, bad ones included; rows as they come; what a session keeps."""

from __future__ import annotations

import csv
import io
import time
import zipfile

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

import dynviz
from app.batch import jobs as room
from app.batch.jobs import Job, Jobs
from app.strings import say
from dynviz import MediaError, zoo
from dynviz.batch import run_batch
from dynviz.media import gather as limits
from dynviz.media.gather import MOST, Gathered, Item, gather, rows_of
from dynviz.media.table import read_table
from dynviz.results.batch import Row, by_kind
from dynviz.views.batch import batch_report, contact_sheet, csv_file, extremes, histogram, rows_table
from tests.patience import PAGE_SECONDS
from tests.views.fragments import balanced


def picture(colour="red") -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (60, 40), colour).save(buffer, "PNG")
    return buffer.getvalue()


def zipped(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def test_a_folder_names_a_class_in_any_script_and_hidden_files_are_nobodys():
    found = gather([("all.zip", zipped({"a/猫/1.png": b"x", "__MACOSX/2.png": b"x", "a/.DS_Store": b"x"}))])
    assert [(item.name, item.kind) for item in found.items] == [("a/猫/1.png", "猫")] and not found.problems


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"PK\x03\x04 broken", "damaged zip"),
        (zipped({"inner.zip": zipped({"a.png": b"x"})}), "a zip within"),
        (zipped({}), "nothing here"),
    ],
)
def test_a_bad_zip_is_one_sentence(data, words):
    with pytest.raises(MediaError, match=words):
        gather([("mine.zip", data)])


def test_a_zip_bomb_is_not_unpacked(monkeypatch):
    monkeypatch.setattr(limits, "MAX_ALL_BYTES", 1_000_000)
    with pytest.raises(MediaError, match="would unpack to more than 1 MB"):
        gather([("bomb.zip", zipped({f"{i}.png": bytes(300_000) for i in range(5)}))])
    monkeypatch.setattr(limits, "MAX_ENTRIES", 4)
    with pytest.raises(MediaError, match="lists 5 files"):
        gather([("many.zip", zipped({f"{i}.png": b"x" for i in range(5)}))])


def test_what_a_zip_says_of_a_files_size_may_be_a_lie(monkeypatch):
    monkeypatch.setattr(limits, "MAX_FILE_BYTES", 1000)
    found = gather([("mine.zip", zipped({"big.png": bytes(2000), "small.png": b"x"}))])
    assert [item.name for item in found.items] == ["small.png"] and "big.png is larger" in found.problems[0]


def test_ten_thousand_files_are_five_hundred():
    found = gather([(f"{i}.png", b"x") for i in range(10_000)])
    assert len(found.items) == MOST and "9,500 more were left out" in found.problems[0]


def test_no_file_is_one_sentence():
    with pytest.raises(MediaError, match="nothing here to look at"):
        gather([])


def test_texts_from_a_column_with_a_class_in_another():
    table = read_table(b"text,label\nA lovely film about a dog.,good\n,bad\nAn awful one about a cat.,bad\n")
    found = rows_of(table, 0, 1)
    assert [(item.name, item.kind) for item in found.items] == [("row 1", "good"), ("row 3", "bad")]
    with pytest.raises(MediaError, match="nothing in the column"):
        rows_of(read_table(b"text,label\n,a\n,b\n"), 0)


@pytest.fixture
def card():
    if "msdnet" not in [card.name for card in dynviz.models()]:
        pytest.skip("msdnet is not here")
    return zoo.card("msdnet")


def items() -> tuple[Item, ...]:
    return (
        Item("cat/red.png", "cat", picture()),
        Item("bad.png", "", b"no picture"),
        Item("x/b.png", "x", picture("blue")),
    )


def test_rows_come_one_by_one_and_a_failing_file_is_a_row(card):
    rows = run_batch(card, items(), 0.4)
    first = next(rows)
    alone = dynviz.run("msdnet", picture(), budget=0.4)
    assert (first.label, first.macs, first.macs_static) == (alone.prediction.label, alone.macs, alone.macs_static)
    second, third = rows
    assert second.error and not second.label and third.label and third.thumb[:4] == b"RIFF"


def test_a_row_is_there_before_the_rest_is_read_and_what_is_given_up_is_not_read(card, monkeypatch):
    from dynviz import batch

    read, ready = [], batch._ready
    monkeypatch.setattr(batch, "_ready", lambda card, item: read.append(item.name) or ready(card, item))
    many = tuple(Item(f"{i}.png", "", picture()) for i in range(40))
    rows = run_batch(card, many, 0.4)
    assert next(rows).name == "0.png" and len(read) <= batch.AHEAD + 1
    rows.close()
    assert len(read) <= batch.AHEAD + 1
    assert [row.name for row in run_batch(card, many[:7], 0.4)] == [item.name for item in many[:7]]


def done_rows() -> list[Row]:
    rows = [
        Row(f"{i}.png", "cat" if i % 2 else "=dog", "cat", 0.9, 10 * i + 1, 100, f"answered at exit {i % 3 + 1}")
        for i in range(9)
    ]
    return [*rows, Row("bad.png", "", error="It is <damaged>.")]


def test_everything_that_can_be_taken_away():
    rows = done_rows()
    read = list(csv.reader(io.StringIO(csv_file(rows))))
    assert len(read) == 11 and read[1][1] == "'=dog" and read[-1][-1] == "It is <damaged>."
    html = batch_report(rows, "MSDNet", "line", ("cat",))
    assert "<script" not in html and "&lt;damaged&gt;" in html
    for part in (histogram(rows), extremes(rows, "easy", "hard"), rows_table(rows, list("abcdef"))):
        assert balanced(part)
    assert histogram(rows).count("<tr>") == 3 and "exit 1" in histogram(rows)
    uses = by_kind(rows, ("Cat",))
    assert [(use.kind, use.n, use.right) for use in uses] == [("=dog", 5, None), ("cat", 4, 1.0)]
    assert contact_sheet(rows, "MSDNet on 9 inputs · budget 40 %") == b""


def test_a_job_streams_and_can_be_stopped(card):
    job = Job(card, items(), 0.4, ())
    key = Jobs().start(job)
    job.wait(120)
    assert job.over and len(job.rows) == 3 and not job.cancelled and key == job.key
    stopped = Job(card, items(), 0.4, ())
    stopped.cancel()
    stopped.begin()
    stopped.wait(120)
    assert len(stopped.rows) == 1 and stopped.cancelled


def test_what_is_finished_is_kept_for_ten_minutes_after_the_last_look(card):
    now = [0.0]
    jobs = Jobs(clock=lambda: now[0])
    job = Job(card, (), 0.4, ())
    jobs.start(job)
    job.wait(60)
    now[0] = room.KEPT_S - 1
    assert jobs.get(job.key) is job
    now[0] += room.KEPT_S - 1
    assert jobs.get(job.key) is job
    now[0] += room.KEPT_S + 1
    assert jobs.get(job.key) is None


def test_one_that_ends_long_after_its_tab_was_closed_is_kept_from_then_on(card):
    now = [0.0]
    jobs = Jobs(clock=lambda: now[0])
    job = Job(card, (), 0.4, ())
    job.begin = lambda: None  # it goes on and on
    jobs.start(job)
    now[0] = 3 * room.KEPT_S
    jobs.start(Job(card, (), 0.4, ()))
    job.ended = 1.0
    assert jobs.get(job.key) is job


def batch_page() -> None:
    from app.batch import page as batch

    batch.page()


def test_the_page_runs_the_samples_and_a_reload_shows_them_again(card):
    test = AppTest.from_function(batch_page, default_timeout=PAGE_SECONDS).run()
    assert not test.exception
    test.selectbox(key="batch_network").set_value("msdnet").run()
    test.button(key="batch_samples").click().run()
    assert not test.exception
    key = test.query_params["job"]
    key = key[0] if isinstance(key, list) else key
    job = room.JOBS.get(key)
    job.wait(120)
    again = AppTest.from_function(batch_page, default_timeout=PAGE_SECONDS)
    again.query_params["job"] = key
    again.run()
    assert not again.exception and say("batch.kept") in " ".join(m.value for m in again.markdown)
    assert len(job.rows) >= 5 and time.monotonic() > job.started


def test_a_batch_that_is_gone_says_so(card):
    test = AppTest.from_function(batch_page, default_timeout=PAGE_SECONDS)
    test.query_params["job"] = "nobody"
    test.run()
    assert [info.value for info in test.info] == [say("batch.gone")]
    assert Gathered((), ()).items == ()
