"""The Plotly figure of accuracy against compute: every point where it belongs, what it says, and how it is drawn."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import pytest

from dynviz.views.charts.plot_drawing import plot_png, plot_svg
from dynviz.views.charts.plot_layout import layout
from dynviz.views.charts.plots import COLOURS, GREY, SYMBOLS, accuracy_compute, hover
from dynviz.views.examples.made_up import example_cards
from dynviz.views.style.theme import COLOURS as THEME


@dataclass(frozen=True)
class Reported:
    method: str
    macs: float
    accuracy: float
    source: str = "Somebody 2020 <b>"
    how: str = "published, read off a figure"


def traces(plot, name: str) -> list:
    return [trace for trace in plot.figure.data if trace.name == name]


def with_thresholds(card):
    first = replace(card.operating_points[0], thresholds=(0.871, None), shares=(0.25, 0.75))
    return replace(card, operating_points=(first, *card.operating_points[1:]))


def test_every_operating_point_is_drawn_where_it_belongs():
    cards = example_cards()
    plot = accuracy_compute(cards)
    own = traces(plot, "Early exits")[0]
    points = cards[-1].operating_points
    assert list(own.x) == [point.macs for point in points]
    assert list(own.y) == pytest.approx([100 * point.accuracy for point in points])
    assert [list(mark) for mark in own.customdata] == [["Early exits", i] for i in range(len(points))]
    siblings = traces(plot, "static networks")[0]
    assert list(siblings.x) == [9e6, 28e6, 62e6, 116e6] and siblings.line.dash == "dash"
    assert list(siblings.error_y.array) == pytest.approx([0.9] * 4)
    assert siblings.customdata[2][0] == "static 62 M"
    band = traces(plot, "Early exits, 95 %")[0]
    assert max(band.y) == pytest.approx(100 * points[-1].interval[1]) and band.hoverinfo == "skip"
    assert plot.figure.data.index(band) == 0  # below every line


def test_points_keep_their_index_when_the_card_is_not_sorted():
    card = example_cards()[-1]
    turned = replace(card, operating_points=card.operating_points[::-1])
    own = traces(accuracy_compute([turned]), "Early exits")[0]
    assert list(own.x) == sorted(own.x)
    assert [mark[1] for mark in own.customdata] == list(range(len(card.operating_points)))[::-1]


def test_a_place_by_hand():
    plot = accuracy_compute(example_cards())
    low, high = plot.x_range
    assert plot.place(10**low, plot.y_range[1]) == pytest.approx((0, 0))
    assert plot.place(10**high, plot.y_range[0]) == pytest.approx((1, 1))
    assert plot.place(10 ** ((low + high) / 2), sum(plot.y_range) / 2) == pytest.approx((0.5, 0.5))
    axis = plot.figure.layout
    assert tuple(axis.xaxis.range) == plot.x_range and axis.xaxis.type == "log"
    assert tuple(axis.yaxis.range) == pytest.approx([100 * bound for bound in plot.y_range])
    # a marker laid over the figure stays on its point only where nothing moves by itself
    assert axis.xaxis.fixedrange and axis.yaxis.fixedrange and axis.margin.autoexpand is False


def test_all_that_is_drawn_is_inside():
    plot = accuracy_compute(example_cards(), references=[Reported("Far", 900e6, 0.97)])
    for trace in plot.figure.data:
        for macs, accuracy in zip(trace.x, trace.y, strict=True):
            across, down = plot.place(macs, accuracy / 100)
            assert 0 <= across <= 1 and -1e-9 <= down <= 1 + 1e-9


def test_a_point_says_its_thresholds_shares_n_and_interval():
    card = with_thresholds(example_cards()[-1])
    words = hover(card, card.operating_points[0])
    assert words.split("<br>") == [
        "<b>Early exits, budget 9 %</b>",
        "83.6 % right (95 %: 82.7 % to 84.5 %, n = 4,871)",
        "11 M multiply-adds on average",
        "exit 1: 25 % · if ≥ 87.1 % sure",
        "exit 2: 75 % · all that is left",
    ]
    assert words in traces(accuracy_compute([card]), "Early exits")[0].hovertext


def test_baselines_can_be_left_out():
    cards = example_cards()
    assert traces(accuracy_compute(cards), "random exits")[0].line.dash == "dot"
    without = accuracy_compute(cards, baselines=False)
    assert not traces(without, "random exits")
    assert [key.label for key in without.keys] == ["Early exits", "static networks"]


def test_published_results_are_marks_with_their_source_and_only_where_given():
    cards = example_cards()
    points = [Reported("MSDNet", 22e6, 0.85), Reported("SkipNet-38", 58e6, 0.86), Reported("SkipNet-74", 88e6, 0.86)]
    plot = accuracy_compute(cards, references=points)
    skipnet = traces(plot, "SkipNet-38")[0]
    assert skipnet.mode == "markers" and list(skipnet.x) == [58e6, 88e6]
    assert "published, read off a figure" in skipnet.hovertext[0] and "Somebody 2020 &lt;b&gt;" in skipnet.hovertext[0]
    assert [key.label for key in plot.keys][-2:] == ["MSDNet (published)", "SkipNet (published)"]
    assert skipnet.marker.symbol != traces(plot, "MSDNet")[0].marker.symbol
    assert not [key for key in accuracy_compute(cards).keys if "published" in key.label]


def test_networks_differ_in_shape_as_well_as_in_colour():
    card = example_cards()[-1]
    many = [replace(card, name=f"n{i}", title=f"n{i}", curves={}) for i in range(12)]
    keys = accuracy_compute(many).keys
    assert len({(key.symbol, key.colour) for key in keys}) == 12
    assert len({key.symbol for key in keys}) == len(SYMBOLS)


def test_no_two_curves_look_alike():
    """Colours come again after six networks: then the lines differ, those of the baselines too."""
    *static, card = example_cards()
    curves = {name: ((11e6, 0.8), (116e6, 0.9)) for name in ("random skipping", "uniform skipping", "centre skipping")}
    many = [replace(card, name=f"n{i}", title=f"n{i}", curves=curves) for i in range(24)]
    other = [replace(static[i], name=f"other {i}", title=f"other {i}", network="other") for i in range(3)]
    tuned = replace(static[-1], name="tuned", title="tuned", parent=static[-1].name)
    plot = accuracy_compute([*static, *other, tuned, *many])
    lines = [trace for trace in plot.figure.data if trace.fill != "toself" and "lines" in trace.mode]
    looks = [(trace.line.color, trace.line.dash or "solid") for trace in lines]
    assert len(lines) == 24 * 4 + 2 and len(set(looks)) == len(looks)
    marks = [
        (trace.marker.color, trace.marker.symbol, trace.line.dash) for trace in plot.figure.data if trace.marker.size
    ]
    assert len(set(marks)) == len(marks) == 24 + 3
    with_marks = [(key.colour, key.symbol, key.dash) for key in plot.keys]
    assert len(set(with_marks)) == len(with_marks)
    assert plot_svg(plot, "All of them") and plot_png(plot, "All of them")  # every look is known to the drawn chart


def test_a_control_is_no_step_of_the_curve_of_sizes():
    """A network that was only trained further has its parent's size; a curve through it would go straight up."""
    *static, card = example_cards()
    tuned = replace(static[-1], name="tuned", title="static 116 M, tuned", parent=static[-1].name, test_accuracy=0.95)
    plot = accuracy_compute([*static, tuned, card])
    assert list(traces(plot, "static networks")[0].x) == [9e6, 28e6, 62e6, 116e6]
    control = traces(plot, "static 116 M, tuned (control)")[0]
    assert control.mode == "markers" and list(control.x) == [116e6]
    other = replace(static[0], name="vit", title="Transformer", network="vit")
    labels = [key.label for key in accuracy_compute([*static, other, tuned, card]).keys]
    assert labels[1:4] == ["static networks: static", "Transformer (static)", "static 116 M, tuned (control)"]


@pytest.mark.parametrize("colour", [*COLOURS, GREY])
@pytest.mark.parametrize("page", [THEME[dress][part] for dress in ("light", "dark") for part in ("page", "card")])
def test_every_colour_stands_out_from_a_light_and_a_dark_page(colour, page):
    def luminance(code: str) -> float:
        parts = [part / 255 for part in bytes.fromhex(code[1:])]
        parts = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    dark, light = sorted((luminance(colour), luminance(page)))
    assert (light + 0.05) / (dark + 0.05) >= 3


@pytest.mark.parametrize("cards", [example_cards()[:1], example_cards()[-1:], example_cards()[:2]])
def test_few_networks_and_narrow_ranges_have_axes_all_the_same(cards):
    plot = accuracy_compute(cards)
    axis = plot.figure.layout
    assert len(axis.xaxis.tickvals) >= 2 and len(axis.yaxis.tickvals) >= 2
    assert all(plot.x_range[0] <= math.log10(value) <= plot.x_range[1] for value in axis.xaxis.tickvals)
    assert len(set(axis.xaxis.ticktext)) == len(axis.xaxis.ticktext)
    assert len(set(axis.yaxis.ticktext)) == len(axis.yaxis.ticktext)


def test_a_dynamic_network_with_one_point_has_error_bars():
    card = example_cards()[-1]
    single = replace(card, operating_points=card.operating_points[:1], curves={})
    plot = accuracy_compute([single])
    assert len(plot.figure.data) == 1
    assert plot.figure.data[0].error_y.array[0] == pytest.approx(0.9)


def test_the_summary_says_what_the_chart_shows():
    summary = accuracy_compute(example_cards()).summary
    assert "static networks from 80.6 % at 9.0 M multiply-adds to 88.9 % at 116 M multiply-adds" in summary
    assert "Early exits from 83.6 % at 11 M" in summary


@pytest.mark.parametrize("step", [0.002, 0.005, 0.01, 0.02, 0.025, 0.05, 0.1])
def test_written_accuracies_are_where_they_say(step):
    up = layout((7.0, 8.0), (0.75, 0.75 + 6 * step), step)["yaxis"]
    for place, words in zip(up["tickvals"], up["ticktext"], strict=True):
        assert float(words.split()[0]) == pytest.approx(place)


def test_published_methods_are_named_in_full_and_depths_of_one_are_alike():
    reported = [
        Reported("LSTM-Jump", 19e6, 0.89),
        Reported("SkipNet-110", 90e6, 0.93),
        Reported("SkipNet-38", 60e6, 0.92),
    ]
    keys = accuracy_compute(example_cards(), references=reported).keys
    published = [key.label for key in keys if "(published)" in key.label]
    assert published == ["LSTM-Jump (published)", "SkipNet (published)"]
