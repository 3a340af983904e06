"""The curves to take away: the table's rows against the cards, the drawings against the figure, the page as a whole."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from dynviz import zoo
from dynviz.results.published import PUBLISHED, published
from dynviz.views.charts.plot_drawing import BOTTOM, LEFT, RIGHT, SHARP, TOP, WIDTH, _dashed, plot_png, plot_svg
from dynviz.views.charts.plot_symbols import DASHES, Stroke, symbol
from dynviz.views.charts.plots import REFERENCE_SYMBOLS, SYMBOLS, accuracy_compute
from dynviz.views.examples.made_up import example_cards
from dynviz.views.export import curves
from dynviz.views.export.curves import COLUMNS, Curves, accuracy_page, curves_csv, curves_svg
from dynviz.views.export.formats import CURVE_FORMATS
from tests.hand_made import write_zoo
from tests.views.fragments import balanced, read, words

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "\"><script>alert(1)</script>&'\x00"


def body(page: str) -> str:
    return page[page.index("<body>") : page.index("</body>") + len("</body>")]


def rows(view: Curves) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(curves_csv(view), newline="")))


@pytest.fixture
def view(tmp_path, monkeypatch) -> Curves:
    """The second budget of a network with exits, beside its static siblings."""
    write_zoo(tmp_path)
    monkeypatch.setenv("DYNVIZ_PRETRAINED", str(tmp_path))
    cards = zoo.models()
    return Curves(cards, zoo.card("exits"), 1, cards)


def on_published_data(view: Curves) -> Curves:
    data = next(iter(PUBLISHED))
    cards = [replace(card, data=data) for card in view.cards]
    return Curves(cards, next(card for card in cards if card.name == "exits"), 1, cards)


def test_every_kind_of_file_is_made(view):
    made = {ending: kind.make(view) for ending, kind in CURVE_FORMATS.items()}
    assert set(made) == {"png", "svg", "csv", "html"}
    assert made["csv"].startswith(b"\xef\xbb\xbfkind,") and made["html"].startswith(b"<!doctype html>")
    with Image.open(io.BytesIO(made["png"])) as picture:
        assert picture.format == "PNG" and picture.width == WIDTH * SHARP
    assert ElementTree.fromstring(made["svg"]).get("width") == str(WIDTH)


def test_the_table_holds_every_point(view):
    found = rows(view)
    assert tuple(found[0]) == COLUMNS
    own = [row for row in found if row["kind"] == "network"]
    points = [(card, point) for card in view.cards for point in card.operating_points]
    assert len(own) == len(points) == 4
    for row, (card, point) in zip(own, points, strict=True):
        assert (row["name"], row["rule"], int(row["n"])) == (card.name, point.rule, point.n)
        told = [float(row[name]) for name in ("budget", "macs", "accuracy", "accuracy_low", "accuracy_high")]
        assert told == pytest.approx([point.budget, point.macs, point.accuracy, *point.interval], rel=1e-5)
    second = own[[card.name for card, _ in points].index("exits") + 1]
    assert second["thresholds"] == "0.9; 0.8; " and second["shares"] == "0.2; 0.3; 0.5"
    baseline = [row for row in found if row["kind"] == "baseline"]
    assert [(row["rule"], row["macs"], row["accuracy"]) for row in baseline] == [
        ("random exits", "10000000", "0.5"),
        ("random exits", "40000000", "0.7"),
    ]
    assert not [row for row in rows(replace(view, baselines=False)) if row["kind"] == "baseline"]


def test_published_points_come_with_their_source(view):
    view = on_published_data(view)
    known = published(view.card.data)
    found = [row for row in rows(view) if row["kind"] == "published"]
    assert [row["name"] for row in found] == [point.method for point in known]
    assert all(
        point.source in row["source"] and point.how in row["source"] for row, point in zip(found, known, strict=True)
    )
    page = words(body(accuracy_page(view)))
    assert "Published results" in page and known[0].source in page


def test_the_page_tells_the_point_and_the_verdicts(view):
    page = accuracy_page(view)
    told = words(body(page))
    assert balanced(body(page)) and "could not be drawn" not in page
    assert "Exits at budget 70 %" in told and "70.0 % of 10 test inputs" in told
    assert "exit 2 if ≥ 80.0 % sure 30 %" in " ".join(told.split())
    assert "Does it pay to be dynamic?" in told and "static networks" in told
    assert [a for _, a in read(body(page)).elements if a.get("class") == "this"]
    loads = [a.get(name) for _, a in read(page).elements for name in ("src", "href", "xlink:href")]
    assert not [value for value in loads if value] and "<script" not in page


def test_a_static_network_has_no_verdict(view):
    large = next(card for card in view.cards if card.name == "large")
    told = words(body(accuracy_page(replace(view, card=large, at=0))))
    assert "Does it pay" not in told and "Large" in told


def test_a_part_that_fails_says_so_and_the_others_live(view, monkeypatch):
    def fails(*_, **__):
        raise ValueError("no figure")

    monkeypatch.setattr(curves, "plot_svg", fails)
    page = body(accuracy_page(view))
    assert page.count("could not be drawn") == 1 and balanced(page) and "All points" in page


def test_whatever_words_come_in_stay_words(view):
    cards = [
        replace(card, title=HOSTILE, data=HOSTILE, curves={HOSTILE: ((1e7, 0.5), (3e7, 0.6))}) for card in view.cards
    ]
    hostile = Curves(cards, cards[-1], 0, cards)
    page = accuracy_page(hostile)
    assert "<script" not in page and "\x00" not in page and balanced(body(page))
    drawing = curves_svg(hostile)
    assert "<script" not in drawing and "&lt;script&gt;" in drawing
    ElementTree.fromstring(CURVE_FORMATS["svg"].make(hostile))


def test_marks_stand_where_the_figure_has_them():
    plot = accuracy_compute(example_cards())
    drawing = ElementTree.fromstring(plot_svg(plot, "Title", (28e6, 0.9)))
    circles = [(float(c.get("cx")), float(c.get("cy")), float(c.get("r"))) for c in drawing.iter(f"{SVG}circle")]
    for trace in plot.figure.data:
        if trace.marker.symbol in ("circle", "circle-open"):
            for macs, share in zip(trace.x, trace.y, strict=True):
                across, down = plot.place(macs, share / 100)
                at = (LEFT + across * (RIGHT - LEFT), TOP + down * (BOTTOM - TOP))
                assert min(abs(x - at[0]) + abs(y - at[1]) for x, y, _ in circles) < 0.2
    across, down = plot.place(28e6, 0.9)
    ring = next(c for c in circles if c[2] == 11)
    assert ring[:2] == pytest.approx((LEFT + across * (RIGHT - LEFT), TOP + down * (BOTTOM - TOP)), abs=0.1)
    said = " ".join(drawing.itertext())
    assert all(key.label in said for key in plot.keys) and plot.summary in said


def test_the_picture_is_the_drawing():
    plot = accuracy_compute(example_cards())
    own = next(trace for trace in plot.figure.data if trace.name == "Early exits")
    with Image.open(io.BytesIO(plot_png(plot, "Title"))) as picture:
        pixels = np.asarray(picture.convert("RGB")).astype(int)
    colour = np.array(list(bytes.fromhex(own.marker.color[1:])))
    for macs, share in zip(own.x, own.y, strict=True):
        across, down = plot.place(macs, share / 100)
        x, y = LEFT + across * (RIGHT - LEFT), TOP + down * (BOTTOM - TOP)
        assert np.abs(pixels[round(y * SHARP), round(x * SHARP)] - colour).max() < 12
    assert (pixels[4:20, 4:20] == 255).all()


def test_on_a_page_it_takes_the_colours_of_the_page():
    drawing = plot_svg(accuracy_compute(example_cards()), "Title", on_page=True)
    assert "var(--dv-ink)" in drawing and "var(--dv-card)" in drawing and "#ffffff" not in drawing


@pytest.mark.parametrize("name", [*SYMBOLS, *REFERENCE_SYMBOLS, "circle-open"])
def test_every_mark_of_the_figure_can_be_drawn(name):
    shapes = list(symbol(name, 0.0, 0.0, 10.0, "#123456", "#ffffff"))
    reach = [
        abs(v)
        for s in shapes
        for p in getattr(s, "points", ((s.radius, 0),) if hasattr(s, "radius") else ())
        for v in p
    ]
    assert shapes and 3 < max(reach) < 8


@pytest.mark.parametrize("dash", DASHES)
def test_dashes_add_up(dash):
    points = ((0.0, 0.0), (30.0, 40.0), (80.0, 40.0))  # 100 long
    stroke = Stroke(points, "#000000", 2.0, dash)
    drawn = sum(float(np.hypot(*np.diff(np.array(piece), axis=0).T).sum()) for piece in _dashed(stroke))
    lengths = stroke.dashes()
    expected = 100 * sum(lengths[::2]) / sum(lengths)
    assert drawn == pytest.approx(expected, abs=max(lengths))
    assert list(_dashed(replace(stroke, dash="solid"))) == [list(points)]


def test_plotly_waits_until_a_chart_is_asked_for():
    code = "import sys, dynviz.views.export.formats; print({'plotly', 'torch', 'streamlit'} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=Path(__file__).parents[3], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "set()"
