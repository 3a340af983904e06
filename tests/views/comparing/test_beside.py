"""Two networks beside each other: the sentence and the common scale, by hand."""

from __future__ import annotations

from dataclasses import replace

from dynviz.recorder import Stage
from dynviz.trace import Prediction, Trace
from dynviz.views.comparing.beside import accounts
from dynviz.views.examples.traces import examples
from tests.views.fragments import balanced, of_class, words


def run(title: str, ran: int, static: int, label: str = "cat") -> Trace:
    return replace(
        examples()[0],
        title=title,
        stages=(Stage("all", ran * 1_000_000, static * 1_000_000),),
        prediction=Prediction(label, 0.8, ((label, 0.8),)),
    )


def test_bars_are_on_one_scale():
    bars = accounts([run("Small", 20, 100), run("Large", 50, 200)])
    assert all(balanced(bar) for bar in bars)
    assert [of_class(bar, "dv-bar")[0]["style"] for bar in bars] == ["width:50%", "width:100%"]
    assert "width:20%" in bars[0] and "width:25%" in bars[1]  # of each network's own static path
    assert "20 M multiply-adds · 20 % of its full compute" in words(bars[0])
    assert of_class(bars[1], "dv-bar")[0]["aria-label"] == "50 M of 200 M multiply-adds ran"
