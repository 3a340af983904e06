"""What is taken away says by itself which network it was, at which budget, and what was answered."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest
from PIL import Image, ImageDraw

from dynviz.results.batch import Row
from dynviz.trace import Trace
from dynviz.views.batch import contact_sheet
from dynviz.views.decisions.panels import run_line
from dynviz.views.examples.made_up import encoded
from dynviz.views.examples.traces import examples, series_example
from dynviz.views.export.formats import FORMATS, Context
from dynviz.views.pictures.stills import scenes, side_by_side, still
from dynviz.views.style.words import percent

KINDS = ("exit", "region", "step-update", "frame-choice")
TRACES = [*(trace for trace in examples() if trace.decisions[0].kind in KINDS), series_example()]


@pytest.fixture
def lettering(monkeypatch) -> list[str]:
    """Every word that is drawn into a picture."""
    drawn: list[str] = []
    draw = ImageDraw.ImageDraw.text

    def noted(self, xy, words, *rest, **options):
        drawn.append(str(words))
        return draw(self, xy, words, *rest, **options)

    monkeypatch.setattr(ImageDraw.ImageDraw, "text", noted)
    return drawn


def answer(trace: Trace) -> str:
    return f"{trace.prediction.label} {percent(trace.prediction.confidence)}"


@pytest.mark.parametrize("trace", TRACES, ids=lambda trace: trace.title)
def test_a_picture_names_network_budget_and_answer(lettering, trace):
    assert "budget 50 %" in run_line(trace) and trace.title in run_line(trace)
    still(trace)
    assert run_line(trace) in lettering and answer(trace) in lettering
    for ending in ("svg", "html"):
        made = FORMATS[ending].make(trace, Context()).decode()
        assert trace.title in made and "budget 50 %" in made and trace.prediction.label in made, ending


@pytest.mark.parametrize("trace", TRACES, ids=lambda trace: trace.title)
def test_every_scene_of_a_film_names_the_network_and_its_budget_and_the_last_the_answer(lettering, trace):
    found = scenes(trace)
    assert lettering.count(run_line(trace)) == len(found) > 1
    assert answer(trace) in lettering
    assert len({picture.size for picture, _ in found}) == 1


def test_the_answer_hides_nothing_of_the_picture():
    """Its badge stood on the face that it was about."""
    trace = TRACES[0]
    drawn = np.asarray(still(trace).convert("RGB")).astype(int)
    with Image.open(io.BytesIO(trace.media.preview)) as opened:
        preview = opened.convert("RGB")
    height = round(preview.height * drawn.shape[1] / preview.width)
    shown = np.asarray(preview.resize((drawn.shape[1], height), Image.Resampling.LANCZOS)).astype(int)
    top = drawn.shape[0] - 122 - height
    seen = slice(drawn.shape[1] // 6, drawn.shape[1] // 2)  # what the network saw of it, without the hatched edges
    assert np.abs(drawn[top : top + height, seen] - shown[:, seen]).mean() < 3


def test_runs_beside_each_other_are_named_each(lettering):
    easy, hard = TRACES[:2]
    assert side_by_side([("easy", easy), ("hard", hard)])
    assert {run_line(easy), run_line(hard), answer(easy), answer(hard), "easy", "hard"} <= set(lettering)


def test_a_contact_sheet_names_the_network_its_budget_and_every_answer(lettering):
    thumb = encoded(Image.new("RGB", (60, 40)))
    rows = [Row(f"{i}.png", "", "cat", 0.5 + i / 10, 10, 100, "", thumb=thumb) for i in range(3)]
    assert contact_sheet(rows, "MSDNet on 3 inputs · budget 40 %")
    assert {"MSDNet on 3 inputs · budget 40 %", "cat 50 %", "cat 60 %", "cat 70 %"} <= set(lettering)


@pytest.mark.parametrize("trace", [*examples(), series_example()], ids=lambda trace: trace.title)
def test_tables_of_decisions_name_classes(trace):
    """Not the number of a class, which says nothing without the network."""
    rows = list(csv.DictReader(io.StringIO(FORMATS["csv"].make(trace, Context()).decode(), newline="")))
    assert rows
    said = [d for d in trace.decisions if d.probabilities is not None]
    if said and "probabilities" in rows[0]:
        told = [row for row in rows if row["probabilities"]]
        assert len(told) == len(said)
        assert all(row["answer"] in trace.labels for row in told)
        assert all(label in told[0]["probabilities"] for label in trace.labels)
    if said:
        assert "answer" in rows[0] and {row["answer"] for row in rows} - {""} <= set(trace.labels)
