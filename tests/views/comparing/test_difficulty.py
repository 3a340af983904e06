"""The columns of compute against difficulty: heights by hand, what is marked, what is said to those who cannot see."""

from __future__ import annotations

import re
from itertools import pairwise

import numpy as np
import pytest

from dynviz.decisions import Exit
from dynviz.media.difficulty import KNOBS
from dynviz.media.image import read_image
from dynviz.recorder import Stage
from dynviz.trace import Prediction, Trace
from dynviz.views.comparing.difficulty import (
    BOTTOM,
    TOP,
    answering_exit,
    difficulty_chart,
    strength_words,
    usual_answer,
)
from tests.views.fragments import balanced, of_class, words

COSTS = (20_000_000, 30_000_000, 50_000_000)
BLUR = KNOBS["blur"]


def run(last: int | None, label: str = "cat") -> Trace:
    """Three exits of 20, 30 and 50 M; exit ``last`` (from 0) answered. None: a network that decides nothing."""
    media = read_image(np.full((60, 90, 3), 99, np.uint8))
    decisions, stages = [], [Stage("all", sum(COSTS), sum(COSTS))]
    if last is not None:
        stages = [Stage(f"e{k}", cost * (k <= last), cost, k <= last) for k, cost in enumerate(COSTS)]
        choices = ["exit" if k == last else "continue" if k < last else "not reached" for k in range(3)]
        decisions = [Exit(unit=f"e{k}", order=k, choice=choices[k], executed=k <= last) for k in range(3)]
    return Trace(
        model="tiny",
        title="Tiny",
        labels=("cat", "dog", "<sea>"),
        prediction=Prediction(label, 0.8, ((label, 0.8),)),
        decisions=tuple(decisions),
        stages=tuple(stages),
        media=media.media(media.view(30)[1]),
        macs_ideal=0,
    )


def chart(runs: list[Trace], at: float = 0.0) -> str:
    return difficulty_chart(BLUR, list(zip(BLUR.strengths, runs, strict=False)), at, "Blur")


def test_columns_are_as_high_as_what_ran():
    svg = chart([run(0), run(1), run(2)])
    assert balanced(svg)
    assert len(of_class(svg, "dv-cell")) == 3 and svg.count("<image ") == 3
    filled = [float(cell["height"]) for cell in of_class(svg, "dv-cell")]
    whole = [float(rim["height"]) for rim in of_class(svg, "dv-rim") if float(rim["height"]) > 25]
    assert [part / whole[0] for part in filled] == pytest.approx([0.2, 0.5, 1.0], abs=0.01)
    assert whole == pytest.approx([(BOTTOM - TOP) / 1.03] * 3, abs=0.1)  # the axis ends 3 % above the static path
    assert len(of_class(svg, "dv-stripes")) == 2  # nothing is hatched where everything ran


def test_the_exit_stands_in_its_column():
    svg = chart([run(0), run(2)])
    assert [answering_exit(trace) for trace in (run(0), run(2), run(None))] == [1, 3, None]
    assert re.findall(r'class="dv-in"[^>]*>(\d)<', svg) == ["1", "3"]
    assert "dv-in" not in chart([run(None), run(None)])  # a network without exits


def test_a_changed_answer_is_marked_and_told():
    svg = chart([run(0, "cat"), run(0, "cat"), run(1, "dog"), run(0, "cat")])
    assert len(of_class(svg, "dv-changed")) == 1
    assert "≠ dog" in words(svg)
    assert not of_class(chart([run(0), run(1)]), "dv-changed")
    label = of_class(svg, "dv-columns")[0]["aria-label"]
    assert label == (
        "Blur, blur: as it is, exit 1, 20 M, cat 80 %; 0.5 %, exit 1, 20 M, cat 80 %; "
        "1 %, exit 2, 50 M, dog 80 %; 1.5 %, exit 1, 20 M, cat 80 %"
    )


def test_the_usual_answer_is_that_to_the_unchanged_picture():
    zoom = KNOBS["zoom"]
    runs = [(0.5, run(0, "dog")), (1.0, run(0, "cat")), (2.0, run(0, "dog"))]
    assert usual_answer(zoom, runs) == "cat"
    assert len(of_class(difficulty_chart(zoom, runs, 1.0, "Zoom"), "dv-changed")) == 2


def test_the_mark_stands_at_the_strength():
    runs = [run(0), run(1), run(2, "dog")]
    left = [float(of_class(chart(runs, at), "dv-here")[0]["x"]) for at in (0.0, 0.005, 0.01)]
    assert left[1] - left[0] == pytest.approx(left[2] - left[1], abs=0.11) and left[0] < left[1]
    assert "1 %: 100 M, dog 80 %" in words(chart(runs, 0.01))
    assert "as it is: 20 M, cat 80 %" in words(chart(runs, 0.0))


def test_eleven_strengths_have_room():
    """No two strengths under the columns touch, whichever is marked."""
    for knob in KNOBS.values():
        runs = [(strength, run(1, "cassette player")) for strength in knob.strengths]
        for at in knob.strengths:
            svg = difficulty_chart(knob, runs, at, "x")
            feet = re.findall(rf'x="([\d.]+)" y="{BOTTOM + 14}"[^>]*>([^<]+)<', svg)
            assert strength_words(knob, at) in [word for _, word in feet]
            spans = sorted((float(x) - 3 * len(word), float(x) + 3 * len(word)) for x, word in feet)
            assert all(left[1] <= right[0] for left, right in pairwise(spans))


def test_words_of_strengths():
    cases = {
        ("blur", 0.025): "2.5 %", ("blur", 0.03): "3 %", ("blur", 0.0): "as it is", ("zoom", 1.0): "as it is",
        ("zoom", 0.25): "0.25 ×", ("rotation", 157.5): "157.5°", ("resolution", 16): "16 px",
    }  # fmt: skip
    assert {case: strength_words(KNOBS[case[0]], case[1]) for case in cases} == cases


def test_labels_from_outside_are_escaped():
    svg = chart([run(0, "<sea>"), run(0, "<b onload=x>")])
    assert "<sea>" not in svg and "<b " not in svg and balanced(svg)
