"""A network that is not ours, recorded and drawn."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import dynviz
from dynviz.decisions import Exit, LayerSkip

LABELS = ("cat", "dog")


def somebodys_network(value: float) -> list[float]:
    dynviz.note(dynviz.Stage("stem", macs=100, macs_static=100))
    dynviz.note(LayerSkip(unit="block", choice="skip", executed=False, macs=5, decider_macs=5, macs_static=205))
    sure = value > 0.8
    choice = "exit" if sure else "continue"
    dynviz.note(Exit(unit="exit", choice=choice, score=value, threshold=0.8, macs=40, macs_static=40))
    return [value, 1 - value]


def test_what_is_noted_becomes_a_trace(pictures, tmp_path):
    with dynviz.record(pictures[0]) as recording:
        probabilities = somebodys_network(0.9)
    trace = recording.trace(probabilities, LABELS, title="Somebody's network")
    assert trace.prediction.label == "cat" and trace.prediction.confidence == pytest.approx(0.9)
    assert (trace.macs, trace.macs_static) == (145, 345)
    assert [decision.order for decision in trace.decisions] == [0, 1]
    assert dynviz.Trace.load(trace.save(tmp_path / "own.zip")) == trace


def test_views_draw_it(pictures):
    from dynviz.views.decisions.panels import panels

    with dynviz.record(pictures[0]) as recording:
        probabilities = somebodys_network(0.9)
    drawn = {panel.name: panel.html for panel in panels(recording.trace(probabilities, LABELS))}
    assert "90 %" in drawn["decisions"] and "cat" in drawn["answer"]


def test_noting_outside_a_recording_does_nothing():
    assert somebodys_network(0.4) == [0.4, 0.6]


def test_threads_do_not_hear_one_another(pictures):
    def recorded(value: float) -> float:
        with dynviz.record(pictures[0]) as recording:
            for _ in range(50):
                somebodys_network(value)
        assert len(recording.decisions) == 100
        return float(np.mean([d.score for d in recording.decisions if isinstance(d, Exit)]))

    values = [i / 10 for i in range(8)]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(recorded, values)) == pytest.approx(values)


def test_labels_must_fit(pictures):
    with dynviz.record(pictures[0]) as recording:
        pass
    with pytest.raises(ValueError, match="2 labels"):
        recording.trace([1.0], LABELS)
