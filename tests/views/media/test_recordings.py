"""Recordings: which sample belongs to which step, seconds, beats, what is solid and what hatched, every way out."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import numpy as np
import pytest

from dynviz.decisions import STEP_ACTIONS, StepUpdate
from dynviz.media.signal import ECG, SPEECH
from dynviz.media.synthetic import synthetic_ecg
from dynviz.trace import Media, Trace
from dynviz.trace.steps import read_steps
from dynviz.views.decisions.panels import answer_line, panels
from dynviz.views.decisions.step_states import STATES, step_states
from dynviz.views.examples.traces import series_example
from dynviz.views.export.formats import FORMATS, Context
from dynviz.views.export.report import report
from dynviz.views.media.recordings import beats_of, form_of, recording, states_of_samples, ticks
from dynviz.views.medium import medium_of
from dynviz.views.medium.medium import WIDTH
from dynviz.views.style.theme import COLOURS
from tests.views.fragments import of_class, words


def actions(*names: str) -> np.ndarray:
    return np.array([STEP_ACTIONS.index(name) for name in names], np.int8)


def trace_of(series: np.ndarray, form=None, beats=None, **step: object) -> Trace:
    """A run over a recording, with one StepUpdate or, without actions, none."""
    geometry = (form.rate_hz, form.frame_samples, form.step_samples) if form else (0.0, 0, 0)
    media = Media("series", "x", series=series.astype(np.float32), beats=beats)
    media = replace(media, rate_hz=float(geometry[0]), frame_samples=geometry[1], step_samples=geometry[2])
    decisions = (StepUpdate(unit="layer", **step),) if step else ()
    return replace(series_example(), media=media, decisions=decisions)


def named(trace: Trace) -> list[str]:
    """What happened to each sample."""
    return [STATES[code] for code in states_of_samples(step_states(trace), len(trace.media.series))]


def test_samples_belong_to_steps():
    ecg = trace_of(np.arange(17.0), ECG, actions=actions("update", "copy", "stop"))
    assert named(ecg) == ["update"] * 5 + ["jumped"] * 5 + ["update"] * 5 + ["beyond"] * 2
    sound = trace_of(np.arange(370.0), SPEECH, actions=actions("update", "stop", "update"))
    assert named(sound) == ["update"] * 160 + ["unread"] * 200 + ["beyond"] * 10  # the last step reads 200 samples
    plain = trace_of(np.arange(3.0), actions=actions("copy", "skim", "update"))
    assert named(plain) == ["jumped", "skim", "update"]
    static = trace_of(np.arange(1250.0), ECG)
    assert len(step_states(static)) == 250 and set(named(static)) == {"update"}
    assert len(step_states(trace_of(np.arange(370.0), SPEECH))) == 3
    assert len(step_states(trace_of(np.arange(90.0), SPEECH))) == 1  # shorter than a frame


def test_the_drawing_is_solid_where_it_was_processed_and_hatched_where_not():
    trace = series_example()
    html = recording(trace)
    states = read_steps(trace.decisions[0]).states
    begins = sum(a == "update" and b != "update" for a, b in zip(states, ("", *states), strict=False))
    assert next(a["d"] for a in of_class(html, "dv-own")).count("M") == begins  # a piece of line per run of steps
    assert "stops here" in words(html) and len(of_class(html, "dv-halt")) == 2
    ecg = trace_of(np.sin(np.arange(50.0)), ECG, actions=actions(*["update", "copy"] * 5))
    bands = [a["style"] for a in of_class(recording(ecg), "dv-jumped") if "style" in a]
    assert bands == [f"left:{at}.00%;width:10.00%" for at in (10, 30, 50, 70, 90)]
    assert next(a["d"] for a in of_class(recording(ecg), "dv-own")).count("M") == 5


def test_time_unit_and_beats_are_told():
    series = synthetic_ecg("ventricular")
    trace = trace_of(series.samples, ECG, series.beats, actions=actions(*["update"] * 250))
    html = recording(trace)
    ventricular = int(series.beats[:, 1].sum())
    assert words(html).count("V ") >= ventricular and "mV" in words(html) and "10 s" in words(html)
    assert len([a for a in of_class(html, "dv-ventricular") if "style" in a]) == ventricular
    assert f"{ventricular} ventricular beats marked" in html and "10 s of ECG: 250 of 250 steps" in html
    assert form_of(trace.media) == ("ECG", "mV") and form_of(series_example().media) == ("recording", "")
    assert form_of(trace_of(np.arange(9.0), SPEECH).media) == ("sound", "")
    assert "dv-signal-axis" not in recording(series_example())  # nobody knows its rate
    stopped = trace_of(series.samples, ECG, actions=actions(*["update"] * 49, "stop", *["update"] * 200))
    assert answer_line(stopped) == "processed 50 of 250 steps, stopped after 2 s"
    assert ticks(10) == [float(i) for i in range(11)] and ticks(0.42)[-1] == 0.4 and len(ticks(60)) <= 11
    assert ticks(float("nan")) == ticks(0) == []
    odd = replace(trace.media, beats=np.array([[-3, 1], [5000, 0], [12, 1]]))
    assert beats_of(odd) == [(12, True)]


def test_long_odd_and_empty_recordings_are_drawn():
    rows = np.zeros((50_000, 3))
    many = np.tile(actions("update", "copy"), 25_000)
    for trace in (
        trace_of(rows, actions=many),
        trace_of(np.array([np.nan, np.inf, 1.0]), actions=actions("update", "copy", "copy")),
        trace_of(np.zeros(0), actions=actions("update")),
        trace_of(np.zeros(3), ECG, actions=actions(*["copy"] * 9)),  # more steps than samples
    ):
        html = recording(trace)
        assert len(html) < 160_000 and "nan" not in html
        assert medium_of(trace.media).still(trace, "light").width == WIDTH
        assert all("dv-broken" not in panel.html for panel in panels(trace))


def test_the_running_answer_ends_where_it_stopped():
    share = np.linspace(0.1, 0.9, 8)
    trace = trace_of(
        np.arange(40.0),
        ECG,
        actions=actions("update", "update", "update", "stop", *["update"] * 4),
        running=np.stack([1 - share, share], axis=1),
    )
    lines = of_class(recording(trace), "dv-own")
    assert len(lines) == 2 and lines[1]["d"].count("L") == 3  # four steps answered
    halts = of_class(recording(trace), "dv-halt")
    assert {float(halt["x"]) for halt in halts} == {300 - 1.5}


def test_every_way_out_carries_the_recording():
    series = synthetic_ecg("ventricular")
    half = actions(*["update", "copy"] * 125)
    trace = trace_of(series.samples, ECG, series.beats, actions=half, macs=5, macs_static=10)
    for ending in FORMATS:
        if ending != "mp4":
            assert FORMATS[ending].make(trace, Context())
    assert 'aria-label="Recording"' in report(trace) and "dv-signal-plot" in report(trace)
    data = FORMATS["csv"].make(trace, Context()).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(data)))
    assert len(rows) == 250 and [row["state"] for row in rows[:2]] == ["update", "jumped"]
    assert (rows[3]["step"], rows[3]["second"], rows[3]["first"], rows[3]["behind"]) == ("4", "0.12", "15", "20")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_still_shows_processed_and_skipped_steps_apart(theme):
    trace = trace_of(np.sin(np.arange(250.0) / 9), ECG, actions=actions(*["update"] * 25, *["copy"] * 25))
    pixels = np.asarray(medium_of(trace.media).still(trace, theme).convert("RGB")).astype(int)
    spent = np.array([int(COLOURS[theme]["spent"][i : i + 2], 16) for i in (1, 3, 5)])
    own = (np.abs(pixels - spent).sum(axis=2) < 12).sum(axis=0)
    assert own[60 : WIDTH // 2 - 60].min() > 20 and own[WIDTH // 2 + 60 : -60].max() == 0
