"""What is taken away from a trace: the report, the standalone drawing, the table, and that every format takes all."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from dynviz.decisions import DECISION_TYPES, Exit, StepUpdate
from dynviz.trace import Media, Prediction, Sweep
from dynviz.views.examples.gallery import examples, series_example
from dynviz.views.examples.made_up import example_cards
from dynviz.views.export import report as report_module
from dynviz.views.export.formats import FORMATS, Context
from dynviz.views.export.report import report
from dynviz.views.export.tables import FIRST, csv_rows
from dynviz.views.style.words import percent
from tests.views.fragments import balanced, of_class, read, words

TRACES = [*examples(), series_example()]
CARDS = example_cards()
EXITS = TRACES[0]
# a video has the scenes of the animated WebP, which is made for all: encoding one of a picture and one of steps will do
ENCODED = (EXITS, series_example())
HOSTILE = "\"><script>alert(1)</script>&'\x00\x1b"


def body(page: str) -> str:
    return page[page.index("<body>") : page.index("</body>") + len("</body>")]


def swept() -> Sweep:
    """Three operating points, of which EXITS at budget 0.4 is the second."""
    points = tuple(replace(EXITS, budget=b, ms=ms) for b, ms in ((0.1, 1.5), (0.4, 2.5), (1.0, None)))
    return Sweep(EXITS.model, (0.1, 0.4, 1.0), points, EXITS, EXITS.labels)


def table(trace) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(csv_rows(trace), newline="")))


@pytest.mark.parametrize("trace", TRACES, ids=[t.title for t in TRACES])
def test_every_trace_becomes_every_kind_of_file(trace):
    context = Context(CARDS[-1], CARDS)
    assert set(FORMATS) == {"png", "webp", "mp4", "svg", "csv", "html"}
    made = {name: kind.make(trace, context) for name, kind in FORMATS.items() if name != "mp4" or trace in ENCODED}
    assert ("mp4" in made) == (trace in ENCODED) and made.get("mp4", b"    ftyp")[4:8] == b"ftyp"
    for name in ("png", "webp"):
        with Image.open(io.BytesIO(made[name])) as picture:
            assert picture.format == name.upper() and picture.width > 300
            assert name == "png" or picture.n_frames > 1
    page = made["html"].decode()
    assert balanced(body(page)) and "could not be drawn" not in page
    assert trace.digest in page and trace.title in words(body(page))
    drawing = ElementTree.fromstring(made["svg"])
    images = [e.get("href") for e in drawing.iter("{http://www.w3.org/2000/svg}image")]
    assert all(href.startswith("data:image/") for href in images)
    assert bool(images) == (trace.media.modality in ("image", "video"))  # texts and recordings are lines and letters
    assert trace.prediction.label in " ".join(drawing.itertext())
    rows = list(csv.DictReader(io.StringIO(made["csv"].decode("utf-8-sig"), newline="")))
    if trace.media.modality in ("text", "series"):  # a line per word or step, which have tests of their own
        assert len(rows) == len(trace.decisions[0].actions)
    if trace.media.modality != "image":  # a film's table has a line per frame
        rows = table(trace)
    assert [row["unit"] for row in rows] == [d.unit for d in sorted(trace.decisions, key=lambda d: d.order)]
    assert sum(int(row["macs"]) for row in rows) == sum(d.macs for d in trace.decisions)


def test_the_examples_hold_every_decision_type():
    assert {d.kind for trace in TRACES for d in trace.decisions} == set(DECISION_TYPES)


def test_the_report_asks_for_nothing_from_outside():
    page = report(replace(EXITS, budget=0.4), CARDS[-1], CARDS, swept())
    loads = [a.get(name) for _, a in read(page).elements for name in ("src", "href", "xlink:href", "srcset", "data")]
    found = [value for value in loads if value]
    assert found and all(value.startswith("data:image/") for value in found)
    assert "@import" not in page and "<script" not in page and "<link" not in page
    assert all(url.startswith(("data:image/", "#")) for url in re.findall(r'url\(["\']?([^"\')]+)', page))
    assert "default-src 'none'" in page


def test_the_report_is_dark_where_the_system_is():
    page = report(EXITS)
    dark = page.index("prefers-color-scheme: dark")
    assert page.index("#fbfbf9") < dark < page.index("#14161a", dark)
    assert "data-theme" not in body(page)


def test_the_report_has_all_its_parts_only_where_they_are_known():
    bare = words(body(report(EXITS)))
    assert "Executed multiply-adds" in bare and f"{EXITS.macs:,}" in bare and "Ideal multiply-adds" in bare
    assert "not measured in this run" in words(body(report(replace(EXITS, ms=None))))
    assert "What a budget buys" not in bare and "At every operating point" not in bare and "Parameters" not in bare
    full = report(replace(EXITS, budget=0.4, ms=2.5, ms_static=9.0), CARDS[-1], CARDS, swept())
    assert all(part in words(body(full)) for part in ("What a budget buys", "At every operating point", "Parameters"))
    assert "2.5 ms of 9.0 ms" in words(body(full))
    assert len(of_class(full, "dv-chart")) == 1 and not of_class(full, "unmarked")


def test_the_table_of_points_marks_the_one_reported_on():
    rows = re.findall(r"<tr( class=\"this\")?>(.*?)</tr>", body(report(replace(EXITS, budget=0.4), sweep=swept())))
    assert [bool(mark) for mark, _ in rows] == [False, False, True, False]
    assert words(rows[2][1]).startswith("40 % balloon")
    assert [("2.5 ms" in line, "1.5 ms" in line) for _, line in rows[1:]] == [
        (False, True),
        (True, False),
        (False,) * 2,
    ]
    capped = replace(EXITS, budget=None, rule="anytime")
    assert 'class="this"' not in report(capped, sweep=swept())


def test_the_curve_has_a_marker_only_at_an_operating_point():
    assert of_class(report(replace(EXITS, budget=None, rule="anytime"), CARDS[-1], CARDS), "unmarked")
    assert not of_class(report(replace(EXITS, budget=None), CARDS[0], CARDS), "unmarked")  # a static one has one point
    for budget, point in ((0.4, 3), (0.01, 0), (2.0, 10)):
        page = body(report(replace(EXITS, budget=budget), CARDS[-1], CARDS))
        assert f"budget {percent(CARDS[-1].operating_points[point].budget)}: " in words(page)


@pytest.mark.parametrize("name", ["html", "svg"])
def test_whatever_words_come_in_stay_words(name):
    decision = replace(EXITS.decisions[0], unit=HOSTILE, choice=HOSTILE)
    answer = Prediction(HOSTILE, 0.3, ((HOSTILE, 0.3),))
    labels = (HOSTILE, *EXITS.labels[1:])
    trace = replace(
        EXITS, title=HOSTILE, model=HOSTILE, labels=labels, prediction=answer, rule=HOSTILE,
        decisions=(decision, *EXITS.decisions[1:]), media=replace(EXITS.media, digest=HOSTILE),
    )  # fmt: skip
    card = replace(CARDS[-1], title=HOSTILE, name=HOSTILE, paper=HOSTILE, data=HOSTILE, weakness=HOSTILE)
    point = replace(trace, budget=0.4)
    sweep = Sweep(HOSTILE, (0.4,), (point,), trace, labels)
    made = FORMATS[name].make(trace, Context(card, CARDS, sweep)).decode()
    assert "<script" not in made and "\x00" not in made and "\x1b" not in made
    assert "&lt;script&gt;" in made
    if name == "svg":
        assert HOSTILE[:28] in " ".join(ElementTree.fromstring(made).itertext())
    else:
        assert balanced(body(made)) and not [a for _, a in read(made).elements if "onerror" in a or "alert" in a]


def test_a_part_that_fails_says_so_and_the_others_live(monkeypatch):
    def fails(*_, **__):
        raise ValueError("no curve")

    monkeypatch.setattr(report_module, "budget_curve", fails)
    page = body(report(EXITS, CARDS[-1], CARDS))
    assert page.count("could not be drawn") == 1 and balanced(page)
    assert "Executed multiply-adds" in page and "Parameters" in page
    torn = body(report(replace(EXITS, media=replace(EXITS.media, preview=b"no picture"))))
    assert torn.count("could not be drawn") == 1 and "Executed multiply-adds" in torn


def test_a_drawing_covers_the_picture_and_tells_the_account():
    drawing = ElementTree.fromstring(FORMATS["svg"].make(EXITS, Context()))
    _, _, wide, high = map(float, drawing.get("viewBox").split())
    assert (wide, high) == (800, 600 + 136)
    assert f"{EXITS.title} · budget" in "".join(drawing.itertext())
    filled, outline = [
        float(e.get("width")) for e in drawing.iter("{http://www.w3.org/2000/svg}rect") if e.get("height") == "20.0"
    ]
    assert filled / outline == pytest.approx(EXITS.macs / EXITS.macs_static, abs=1e-3)


def test_the_table_holds_numbers_short_arrays_and_blanks():
    first, *_, last = table(EXITS)
    assert tuple(first)[: len(FIRST)] == FIRST
    assert (first["kind"], first["choice"], first["executed"], first["score"]) == ("exit", "continue", "true", "0.46")
    assert (last["executed"], last["score"], last["probabilities"], last["answer"]) == ("false", "", "", "")
    said = EXITS.decisions[0].probabilities
    assert first["answer"] == EXITS.labels[int(said.argmax())] and float(first["confidence"]) == pytest.approx(
        max(said)
    )
    assert first["probabilities"].startswith(f"{EXITS.labels[0]} {said[0]:.7g}; ")
    channels = next(t for t in TRACES if t.decisions[0].kind == "channel-selection")
    assert table(channels)[0]["kept"] == " ".join(str(int(k)) for k in channels.decisions[0].kept)
    masks = next(t for t in TRACES if t.decisions[0].kind == "pixel-mask")
    assert table(masks)[0]["mask"] == "32 x 32 bool"
    unknown = replace(EXITS, decisions=(Exit(unit="e", score=float("nan"), threshold=float("inf")),))
    assert (table(unknown)[0]["score"], table(unknown)[0]["threshold"]) == ("", "inf")


def test_no_decisions_leave_the_header():
    assert csv_rows(replace(EXITS, decisions=())) == ",".join(FIRST) + "\r\n"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", " =", "\t", "\r", "＝"])
def test_a_spreadsheet_evaluates_nothing(start):
    words_ = f'{start}HYPERLINK("x","y")'
    found = table(replace(EXITS, decisions=(Exit(unit=words_, choice=words_, score=-0.5),)))[0]
    assert found["unit"] == found["choice"] == f"'{words_}"
    assert found["score"] == "-0.5"  # a number stays one
    step = StepUpdate(unit="r", actions=np.zeros(2, np.int8), targets=np.array([-1, 3]))
    assert table(replace(EXITS, decisions=(step,), media=Media("text", "d")))[0]["targets"] == "'-1 3"


def test_the_report_says_what_was_assumed_about_the_input():
    said = f"Taken as 125 samples a second. {HOSTILE}"
    page = report(replace(EXITS, media=replace(EXITS.media, notes=(said,))))
    assert balanced(body(page)) and "Taken as 125 samples a second." in words(body(page))
    assert "<script>alert" not in page
    assert "About the input" not in report(EXITS)
