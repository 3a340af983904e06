"""Many networks on one picture: the picture once, a figure each, nothing of a name let through as markup."""

from __future__ import annotations

from dataclasses import replace

from dynviz.views.comparing.multiples import multiples, strip
from dynviz.views.examples.traces import examples
from dynviz.views.style.svg import data_uri
from tests.views.fragments import balanced, of_class, words


def test_each_network_has_a_figure_and_the_picture_is_there_once():
    (first,) = [trace for trace in examples() if trace.media.modality == "image"][:1]
    several = [replace(first, title=title) for title in ("One", "<b>Two</b>", "Three")]
    html = multiples(several)
    assert balanced(html) and html.count(data_uri(first.media.preview)) == 1
    pictures = of_class(html, "dv-picture")
    assert len(pictures) == 3 and pictures[0]["aria-label"].startswith(f"One: {first.prediction.label}, ")
    assert "<b>Two</b>" not in html and "<b>Two</b>" in words(html)


def test_nothing_to_compare_is_nothing():
    assert multiples([]) == ""


def test_decisions_that_lie_nowhere_in_the_picture_are_a_strip_under_it():
    by_kind = {trace.decisions[0].kind: trace for trace in examples()}
    blocks = by_kind["layer-skip"]
    html = strip(blocks)
    assert html.count("<span>") == len(blocks.decisions)
    assert len(of_class(html, "dv-off")) == sum(not d.executed for d in blocks.decisions)
    experts = strip(by_kind["expert-choice"])
    assert experts.count("<i") == 12 and len(of_class(experts, "dv-off")) == 9  # one of four in three layers
    assert strip(by_kind["pixel-mask"]) == "" and 'class="dv-strips"' in multiples([blocks])


def test_colours_over_the_picture_are_told_below_it_and_only_there():
    by_kind = {trace.decisions[0].kind: trace for trace in examples()}
    assert len(of_class(multiples([by_kind["ponder-map"]]), "dv-colourbar")) == 1
    assert not of_class(multiples([by_kind["pixel-mask"]]), "dv-colourbar")
