"""Every panel over every kind of decision: whole, escaped, isolated, and with the numbers computed by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dynviz.decisions import DECISION_TYPES, Decision, Exit
from dynviz.recorder import Stage
from dynviz.trace import Media, Prediction, Trace
from dynviz.views.decisions import registry
from dynviz.views.decisions.panels import PANELS, panels
from dynviz.views.examples.mechanisms import mechanisms
from dynviz.views.examples.traces import examples, series_example
from dynviz.views.media.overlay import overlay
from tests.views.fragments import balanced, of_class, read, words

TRACES = [*examples(), *mechanisms(), series_example()]
NAMES = [trace.title for trace in TRACES]


def by_name(trace: Trace) -> dict:
    return {panel.name: panel for panel in panels(trace)}


def exit_trace(rows: list[Exit], *, rule: str = "confidence", **more) -> Trace:
    rows = [replace(row, order=i, unit=f"exits.{i}") for i, row in enumerate(rows)]
    stages = tuple(Stage(row.unit, row.macs, row.macs_static, row.executed) for row in rows)
    values = {
        "model": "m", "title": "M", "labels": ("cat", "dog"),
        "prediction": Prediction("cat", 0.9, (("cat", 0.9), ("dog", 0.1))),
        "decisions": tuple(rows), "stages": stages, "media": Media("image", "d", 400, 300, (50, 0, 350, 300)),
        "macs_ideal": sum(s.macs for s in stages), "rule": rule,
    }  # fmt: skip
    return Trace(**{**values, **more})


def exit_row(choice: str, score: float | None, threshold: float | None = None, **more) -> Exit:
    ran = choice != "not reached"
    values = {"macs": 10_000_000 if ran else 0, "macs_static": 10_000_000 if ran else 21_000_000}
    probabilities = np.array([0.2, 0.8]) if ran else None
    return Exit(
        unit="", choice=choice, executed=ran, score=score, threshold=threshold, probabilities=probabilities,
        **{**values, **more},
    )  # fmt: skip


def test_there_is_an_example_of_every_decision_type():
    shown = {type(decision) for trace in TRACES for decision in trace.decisions}
    assert shown == set(DECISION_TYPES.values())
    assert set(registry.DRAWERS) == set(DECISION_TYPES.values())
    assert all("hand-made" in trace.title for trace in TRACES)


@pytest.mark.parametrize("trace", TRACES, ids=NAMES)
def test_panels_are_whole(trace):
    found = panels(trace)
    assert [panel.name for panel in found] == ["answer", "account", "decisions", "top5"]
    for panel in found:
        assert panel.title and panel.alt.strip() and balanced(panel.html), panel.name
        assert "dv-broken" not in panel.html, panel.name
        for tag, attributes in read(panel.html).elements:
            assert tag != "script" and not any(name.startswith("on") for name in attributes)
    assert balanced(overlay(trace))


@pytest.mark.parametrize("trace", TRACES, ids=NAMES)
def test_every_class_used_is_in_the_stylesheet(trace):
    from dynviz.views.style.theme import css

    used = {
        name
        for fragment in [*(panel.html for panel in panels(trace)), overlay(trace)]
        for _, attributes in read(fragment).elements
        for name in (attributes.get("class") or "").split()
    }
    plain = {
        "dv-overlay",
        "dv-rows",
        "dv-top",
        "dv-account",
        "dv-node-name",
        "dv-figures",
    }  # hooks, or styled by parents
    assert {name for name in used - plain if f".{name}" not in css()} == set()


@pytest.mark.parametrize("trace", TRACES, ids=NAMES)
def test_nothing_dynamic_is_trusted(trace):
    evil = "<script>alert('\"x')</script>"
    decisions = tuple(
        replace(
            d, unit=evil, choice=evil, rule=evil, **({"edges": (evil,) * len(d.edges)} if d.kind == "route" else {})
        )
        for d in trace.decisions
    )
    hostile = replace(
        trace,
        title=evil,
        labels=(evil,) * len(trace.labels),
        prediction=Prediction(evil, 0.2, ((evil, 0.2),) * 5),
        decisions=decisions,
        media=replace(trace.media, text=(evil + " ") * 47 if trace.media.text else ""),
    )
    for panel in panels(hostile):
        assert "<script" not in panel.html and "dv-broken" not in panel.html, panel.name
        assert balanced(panel.html)
        assert all(tag != "script" for tag, _ in read(panel.html).elements)
    assert "<script" not in overlay(hostile)


@pytest.mark.parametrize("name", list(PANELS))
def test_a_broken_panel_leaves_the_others(monkeypatch, name):
    def broken(trace):
        raise RuntimeError("no")

    title, _, alt = PANELS[name]
    monkeypatch.setitem(PANELS, name, (title, broken, alt))
    found = {panel.name: panel for panel in panels(TRACES[0])}
    assert "could not be drawn" in found[name].html and found[name].alt
    assert all("could not be drawn" not in panel.html for key, panel in found.items() if key != name)


def test_a_broken_decision_type_leaves_the_other_types(monkeypatch):
    def broken(trace, decisions):
        raise RuntimeError("no")

    both = replace(TRACES[0], decisions=TRACES[0].decisions + TRACES[1].decisions)
    known = registry.DRAWERS
    monkeypatch.setitem(known, Exit, replace(known[Exit], draw=broken))
    html = by_name(both)["decisions"].html
    assert "“Exits” could not be drawn" in html and len(of_class(html, "dv-block")) == 18


def test_an_unknown_decision_type_is_listed():
    class Novelty(Decision):
        kind = "novelty"

    odd = replace(TRACES[0], decisions=(Novelty(unit="somewhere", choice="something"),))
    assert "somewhere" in words(by_name(odd)["decisions"].html)
    assert by_name(odd)["answer"].alt.endswith("1 decision.")


def test_exit_rows_by_hand():
    trace = exit_trace([exit_row("continue", 0.46, 0.88), exit_row("exit", 0.94, 0.84), exit_row("not reached", None)])
    html = by_name(trace)["decisions"].html
    fills = [a["style"] for tag, a in read(html).elements if tag == "i" and "width" in a.get("style", "")]
    ticks = [a["style"] for a in of_class(html, "dv-tick")]
    assert fills == ["width:46%", "width:94%"] and ticks == ["left:88%", "left:84%"]
    rows = of_class(html, "dv-row")
    assert ["dv-taken" in row["class"] for row in rows] == [False, True, False]
    assert ["dv-off" in row["class"] for row in rows] == [False, False, True]
    said = words(html)
    assert "46 % < 88 %" in said and "94 % ≥ 84 %" in said and "not run saves 21 M" in said
    assert "answered at exit 2 of 3" in words(by_name(trace)["answer"].html)


def test_exit_rows_without_a_threshold():
    nothing = float("nan")  # what a recorder's column holds where there is no threshold
    last = exit_trace([exit_row("continue", 0.4, nothing), exit_row("exit", 0.7, nothing, rule="last exit")])
    said = words(by_name(last)["decisions"].html)
    assert "40 %, goes on" in said and "70 % , always answers" in said and "threshold" not in said
    assert not of_class(by_name(last)["decisions"].html, "dv-tick")
    by_hand = exit_trace([exit_row("exit", 0.5, 0.9, forced=True), exit_row("not reached", None)])
    assert "50 % , by hand" in words(by_name(by_hand)["decisions"].html)
    capped = exit_trace([exit_row("continue", 0.5, forced=True), exit_row("exit", 0.6, forced=True)], rule="anytime")
    said = words(by_name(capped)["decisions"].html)
    assert "50 %, goes on" in said and "60 % , hard limit" in said


def test_patience_is_told_in_exits_that_agree():
    rows = [exit_row("continue", 1 / 3, 2 / 3, rule="patience"), exit_row("exit", 2 / 3, 2 / 3, rule="patience")]
    said = words(by_name(exit_trace([*rows, exit_row("not reached", None)]))["decisions"].html)
    assert "1 < 2 alike" in said and "2 ≥ 2 alike" in said and "67 %" not in said


def test_bars_that_are_not_probabilities_say_what_they_are():
    def note(rule: str) -> str:
        return words(by_name(exit_trace([exit_row("exit", 0.9, 0.6, rule=rule)] * 2))["decisions"].html)

    assert "1 minus the entropy" in note("entropy") and note("entropy").count("the bars") == 1
    assert "count the exits in a row that agree" in note("patience")
    assert "the bars" not in note("confidence")


def test_the_account_by_hand():
    rows = [exit_row("exit", 0.94, 0.84), exit_row("not reached", None, macs_static=30_000_000)]
    trace = exit_trace(rows, ms=5.91, ms_static=17.2)
    panel = by_name(trace)["account"]
    assert "10 M of 40 M multiply-adds · 25 % of its full compute" in words(panel.html)
    assert "5.9 ms of 17.2 ms here" in words(panel.html)
    assert 'class="dv-bar" role="img"' in panel.html and '<i style="width:25%"></i>' in panel.html
    assert panel.alt == "10 M of 40 M multiply-adds ran, 25 % of its full compute, 5.9 ms here."
    assert "5.9 ms of 17.2 ms here · 6.1 ms without deciding" in words(
        by_name(replace(trace, ms_plain=6.1))["account"].html
    )
    assert (
        "without deciding" not in by_name(replace(trace, ms_plain=17.0))["account"].html
    )  # as slow as everything open
    untimed = by_name(replace(trace, ms=None))["account"]
    assert "ms" not in words(untimed.html)


def test_more_than_the_static_path_stays_in_the_bar():
    html = by_name(exit_trace([exit_row("exit", 0.9, macs=12_500_000, macs_static=10_000_000)]))["account"].html
    assert "125 % of its full compute" in words(html)
    assert '<i style="width:100%"></i>' in html and of_class(html, "dv-limit")[0]["style"] == "left:80%"


def test_ideal_macs_are_told_apart():
    pixels = next(trace for trace in TRACES if trace.title.startswith("Pixel"))
    assert "would allow" in by_name(pixels)["account"].html
    assert "would allow" not in by_name(TRACES[0])["account"].html


def test_low_confidence_says_so():
    low = replace(TRACES[0], prediction=Prediction("cat", 0.39, (("cat", 0.39),)))
    assert "probably none of the things it knows" in by_name(low)["answer"].html
    assert "probably none" in by_name(low)["answer"].alt
    assert "probably none" not in by_name(TRACES[0])["answer"].html


def test_a_network_that_decides_nothing():
    static = replace(TRACES[0], decisions=())
    assert "decides nothing" in by_name(static)["decisions"].html
    assert "every layer ran" in by_name(static)["answer"].html
    assert by_name(replace(static, stages=()))["account"].alt.startswith("0 of 0")


def test_top_five_by_hand():
    html = by_name(exit_trace([exit_row("exit", 0.9)]))["top5"].html
    assert [a["style"] for tag, a in read(html).elements if "style" in a] == ["width:90%", "width:10%"]
    assert words(html) == "cat 90 % dog 10 %"
