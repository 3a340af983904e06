"""The chart of accuracy against compute: marker places, siblings, labels that touch nothing."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from dynviz.views.charts.budget_curve import BOTTOM, FONT, LEFT, RIGHT, TOP, budget_curve
from dynviz.views.examples.made_up import example_cards
from dynviz.views.style.axes import Line, nice_axis, place_labels, text_width
from tests.views.fragments import balanced, of_class, words


def test_markers_lie_where_the_data_are():
    cards = example_cards()
    chart = budget_curve(cards[-1], cards)
    points = cards[-1].operating_points
    assert len(chart.points) == len(points) and balanced(chart.svg)
    places = np.array([(x, y) for x, y, _ in chart.points])
    # one straight scale per axis explains every place
    for data, pixels, rising in ((np.array([p.macs for p in points]), places[:, 0], True),
                                 (np.array([p.accuracy for p in points]), places[:, 1], False)):  # fmt: skip
        slope, offset = np.polyfit(data, pixels, 1)
        assert np.abs(slope * data + offset - pixels).max() < 0.06 and bool(slope > 0) is rising
    assert chart.points[0][2] == "budget 9 %: 83.6 %"  # 11 M of 118 M
    assert (places[:, 0] >= LEFT).all() and (places[:, 0] <= RIGHT).all()
    assert (places[:, 1] <= BOTTOM).all() and (places[:, 1] >= TOP).all()


def test_the_marker_by_hand():
    """Two points, axis 0..103 M (3 % past the end) over 44..352 px and 80..90 % over 188..34 px."""
    card = example_cards()[-1]
    first, second = card.operating_points[0], card.operating_points[-1]
    two = replace(
        card,
        curves={},
        operating_points=(replace(first, macs=50e6, accuracy=0.80), replace(second, macs=100e6, accuracy=0.90)),
    )
    chart = budget_curve(two, [])
    x = lambda macs: 44 + macs / 103e6 * (352 - 44)  # noqa: E731
    assert chart.points[0][:2] == (pytest.approx(x(50e6), abs=0.06), 188)
    assert chart.points[1][:2] == (pytest.approx(x(100e6), abs=0.06), 34)
    assert f'class="dv-marker" transform="translate({chart.points[1][0]},{chart.points[1][1]})"' in chart.svg
    assert f"translate({chart.points[0][0]},{chart.points[0][1]})" in budget_curve(two, [], at=0).svg


def test_siblings_are_the_static_networks_on_the_same_data():
    cards = example_cards()
    elsewhere = replace(cards[0], name="other", data="other data")
    chart = budget_curve(cards[-1], [*cards, elsewhere])
    assert len(of_class(chart.svg, "dv-sibling")) == 4
    assert {"static networks", "random exits", "Early exits"} <= set(re.findall(r">([^<>]+)</text>", chart.svg))
    assert "multiply-adds" in words(chart.svg) and "90 %" in words(chart.svg) and "100 M" in words(chart.svg)


def test_every_baseline_is_drawn_in_a_way_of_its_own_and_the_marker_can_lie_on_it():
    card = example_cards()[-1]
    curve = [(p.macs, p.accuracy) for p in card.operating_points]
    chart = budget_curve(replace(card, curves={name: curve for name in ("one", "two", "three")}), [])
    assert [len(of_class(chart.svg, f"dv-baseline-{place}")) for place in range(3)] == [2, 2, 2]  # the line, its sample
    first = card.operating_points[0]
    assert chart.place(first.macs, first.accuracy, "cap") == (*chart.points[0][:2], "cap")


def test_a_static_network_is_one_point():
    cards = example_cards()
    chart = budget_curve(replace(cards[1], operating_points=()), cards)
    assert len(chart.points) == 1 and chart.points[0][2] == "28 M: 84.6 %"
    alone = budget_curve(cards[1], [])
    assert len(alone.points) == 1 and not of_class(alone.svg, "dv-siblings") and balanced(alone.svg)


def test_a_title_with_markup_is_escaped():
    cards = example_cards()
    svg = budget_curve(replace(cards[-1], title="<script>x</script>"), cards).svg
    assert "<script" not in svg and "&lt;script" in svg


def boxes(lines: list[Line], found: list[tuple[float, float]], leads: list[float]) -> list[tuple[float, ...]]:
    return [
        (x, y - FONT, x + lead + text_width(line.label, FONT), y)
        for line, lead, (x, y) in zip(lines, leads, found, strict=True)
    ]


@pytest.mark.parametrize("seed", range(20))
def test_labels_never_overlap(seed):
    draw = np.random.default_rng(seed)
    lines = []
    for name in ("MSDNet", "static networks", "random exits", "same exit for all"):
        xs = np.sort(draw.uniform(LEFT, RIGHT, 6))
        ys = np.clip(np.linspace(BOTTOM - 10, draw.uniform(TOP, 120), 6) + draw.normal(0, 6, 6), TOP, BOTTOM)
        lines.append(Line(name, list(zip(xs.tolist(), ys.tolist(), strict=True)), "k"))
    leads = [0.0, 24.0, 24.0, 24.0]
    found = boxes(lines, place_labels(lines, (LEFT, TOP - 12, RIGHT, BOTTOM), FONT, leads), leads)
    for i, a in enumerate(found):
        assert a[0] >= LEFT - 1 and a[2] <= RIGHT + 1 and a[1] >= TOP - 14 and a[3] <= BOTTOM + 2
        for b in found[:i]:
            assert a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]


def test_axes():
    axis = nice_axis(0.801, 0.907, 0, 100, ticks=4)
    assert [round(t, 3) for t in axis.ticks] == [0.8, 0.85, 0.9, 0.95] and axis(0.8) == pytest.approx(0)
    flat = nice_axis(0.9, 0.9, 0, 100, ticks=4, least=0.02, most=1.0)
    assert flat.low < 0.9 < flat.high <= 1.0
    assert nice_axis(0.97, 0.999, 0, 100, ticks=4, most=1.0).high == 1.0
    zero = nice_axis(0, 0, 0, 100, ticks=4)
    assert np.isfinite(zero(0)) and zero.high > zero.low
