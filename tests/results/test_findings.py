"""What is measured beside a card's curve: where an ECG reader spends its steps, how a digit reader hears strangers."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

import dynviz
from dynviz import zoo
from dynviz.datasets.recordings import load_recordings
from dynviz.decisions import STEP_ACTIONS, StepUpdate
from dynviz.evaluation.beyond_the_curve import measure
from dynviz.evaluation.publishing import publish
from dynviz.evaluation.series_findings import beat_use, steps_run
from dynviz.media.series import read_series
from dynviz.media.signal import ECG, SPEECH
from dynviz.media.synthetic import synthetic_ecg
from dynviz.networks import build
from dynviz.results.findings import FILE, read_findings, write_findings
from dynviz.zoo import CheckpointError
from tests.series_data import tiny_reader, write_digits, write_strips


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.setenv("DYNVIZ_DATA", str(write_strips(write_digits(tmp_path / "data"))))
    monkeypatch.setenv("DYNVIZ_PRETRAINED", str(tmp_path / "zoo"))
    load_recordings.cache_clear()
    torch.manual_seed(0)
    yield tmp_path
    load_recordings.cache_clear()


def published(recipe, spread=4.0):
    network = build(recipe.network, recipe.arguments).eval()
    torch.nn.init.normal_(network.answer.linear.weight, std=spread)
    return publish(recipe, network)


def early_reader(dataset="mitbih_strips"):
    recipe = tiny_reader(dataset, "early-reader")
    return tiny_reader(dataset, "early-reader", arguments=recipe.arguments | {"stride": 5})


def test_a_recording_runs_sweeps_and_is_kept(place):
    card = published(early_reader())
    assert card.modality == "series" and card.series == ECG == zoo.card(card.name).series
    series = synthetic_ecg("ventricular")
    full = dynviz.run(card.name, series)
    assert len(full.decisions[0].actions) == 250 and full.macs == full.macs_static
    assert np.array_equal(full.media.series, series.samples) and full.media.step_samples == 5
    swept = dynviz.sweep(card.name, series)
    for budget, trace in zip(swept.budgets, swept.traces, strict=True):
        alone = dynviz.run(card.name, series, budget=budget)
        assert (alone.macs, alone.prediction.label) == (trace.macs, trace.prediction.label)
    assert len({trace.macs for trace in swept.traces}) > 1
    csv = "\n".join(str(value) for value in series.samples.tolist()).encode()
    assert dynviz.run(card.name, csv).prediction == full.prediction
    with pytest.raises(dynviz.media.MediaError, match="reads ecg recordings; this one is speech"):
        dynviz.run(card.name, read_series(np.sin(np.arange(4_000)), SPEECH))
    with pytest.raises(dynviz.media.MediaError, match="no numbers"):
        dynviz.run(card.name, b"no recording")


def test_steps_that_ran():
    def actions(*names):
        return np.array([STEP_ACTIONS.index(name) for name in names])

    stopped = StepUpdate(unit="a", actions=actions("update", "copy", "stop", "stop"))
    assert steps_run(stopped).tolist() == [True, False, True, False]
    jumps = StepUpdate(unit="a", actions=actions("jump", "jump", "skim", "flush"), targets=np.array([2, -1, -1, -1]))
    assert steps_run(jumps).tolist() == [True, False, True, True]


class Peeks(torch.nn.Module):
    """Processes what is higher than a threshold and nothing else: what it reads can be said by hand."""

    def forward(self, x, *, setting, recorder):
        limit = float(np.asarray(setting.thresholds).reshape(-1)[0])
        high = x.values.amax(dim=2) > limit
        codes = np.where(high.numpy(), STEP_ACTIONS.index("update"), STEP_ACTIONS.index("copy")).astype(np.int8)
        recorder.decide(StepUpdate, range(len(x)), columns={"actions": codes}, unit="a")
        return torch.zeros(len(x), 2)


def test_where_steps_are_spent_counted_by_hand(place, monkeypatch):
    card = published(early_reader())
    monkeypatch.setattr(zoo, "load", lambda name: Peeks())
    strips = load_recordings("mitbih_strips", "test")
    use = beat_use(card, strips)
    own = [point.thresholds[0] for point in card.operating_points]
    frames = strips.frames(ECG)
    for point, limit in enumerate(own):
        counts = np.zeros((4, 2))  # ventricular, normal, rest, evenly: (processed, in all)
        for steps, beats in zip(frames, strips.beats, strict=True):
            if not (beats[:, 1] == 2).any():
                continue
            taken = [bool(step.max() > limit) for step in steps]
            count, kinds = sum(taken), []
            for i in range(250):
                near = [kind for at, kind in beats.tolist() if i * 5 + 5 > at - 12 and i * 5 < at + 50]
                kinds.append(0 if 2 in near else 1 if 0 in near else 2)
            evenly = {int((k + 0.5) * 250 / count) for k in range(count)} if count else set()
            for i, kind in enumerate(kinds):
                counts[kind] += (taken[i], 1)
                if kind == 0:
                    counts[3] += (i in evenly, 1)
        shares = counts[:, 0] / counts[:, 1]
        found = (use.ventricular[point], use.normal[point], use.rest[point], use.uniform[point])
        np.testing.assert_allclose(found, shares, atol=1e-12)
    assert use.strips == sum((beats[:, 1] == 2).any() for beats in strips.beats) and use.beats == 2 * use.strips


def test_findings_are_kept_beside_the_card(place):
    card = published(early_reader())
    assert read_findings(card) is None
    findings = measure(early_reader(), place / "run")
    assert findings.beats.budgets == tuple(point.budget for point in card.operating_points)
    assert findings.strangers is None
    path = write_findings(card, findings)
    again = read_findings(card)
    assert again.beats.window_s == findings.beats.window_s
    np.testing.assert_allclose(again.beats.ventricular, findings.beats.ventricular, atol=1e-6)
    content = json.loads(path.read_text())
    path.write_text(json.dumps(content | {"sha256": "other weights"}))
    assert read_findings(card) is None
    path.write_text(json.dumps(content | {"beats": 3}))
    with pytest.raises(CheckpointError, match=FILE):
        read_findings(card)


def test_each_speaker_is_once_a_stranger(place):
    recipe = tiny_reader("fsdd", epochs=2)
    published(recipe)
    said = []
    found = measure(recipe, place / "run", said.append).strangers
    assert len(found.by_speaker) == 3 and found.n == 108
    counts = np.bincount(load_recordings("fsdd", "train").group)
    np.testing.assert_allclose(found.accuracy, np.average(found.by_speaker, weights=counts))
    assert found.interval[0] < found.accuracy < found.interval[1]
    trained = [line for line in said if "noise" not in line]
    assert len(trained) == 6 and len(said) > len(trained)
    measure(recipe, place / "run", said.append)  # what was trained is not trained again
    assert len([line for line in said if '"loss"' in line]) == len([line for line in trained if '"loss"' in line])


def test_a_static_ecg_reader_has_no_findings(place):
    recipe = tiny_reader()
    published(recipe)
    assert measure(recipe, place / "run") is None
