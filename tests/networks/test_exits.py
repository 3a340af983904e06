"""The early-exit loop on a network small enough to work out by hand."""

import numpy as np
import pytest
import torch

from dynviz.decisions import Exit
from dynviz.networks.contract import ExitNetwork
from dynviz.networks.exits import run_exits
from dynviz.recorder import SILENT, Recorder, Setting


class Ladder(ExitNetwork):
    """Three exits over numbers: sample value v has logits (0, v * (k + 1)) at exit k, so confidence is a sigmoid."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def exit_names(self):
        return ["exits.0", "exits.1", "exits.2"]

    def segment(self, state, x, index):
        values = x.flatten()
        self.seen.append(values.tolist())
        v = values * (index + 1)
        return x, torch.stack([torch.zeros_like(v), v], dim=1)

    def select(self, state, x, rows):
        return state[rows], x[rows]

    def segment_macs(self, size):
        return [10, 20, 30]


def pictures(*values):
    """One-pixel pictures."""
    return torch.tensor(values).view(-1, 1, 1, 1)


def sigmoid(v):
    return 1 / (1 + np.exp(-v))


def test_each_sample_leaves_at_its_first_sure_exit():
    network, recorder = Ladder(), Recorder()
    logits = run_exits(network, pictures(3.0, 1.0, 0.1), Setting(thresholds=(0.9, 0.8, np.inf)), recorder)
    # sigmoid(3) = .953 leaves at exit 0; sigmoid(2 * 1) = .881 leaves at exit 1; the third reaches the last exit
    assert logits[:, 1].tolist() == pytest.approx([3.0, 2.0, 0.3])
    assert network.seen == [pytest.approx([3.0, 1.0, 0.1]), pytest.approx([1.0, 0.1]), pytest.approx([0.1])]
    assert recorder.totals(3).tolist() == [10, 30, 60]


@pytest.mark.parametrize("value", [3.0, 1.0, 0.1])
@pytest.mark.parametrize("forced", [{}, {"exits.0": "continue"}, {"exits.1": "exit"}])
def test_one_sample_unrecorded_leaves_where_it_leaves_when_recorded(value, forced):
    setting = Setting(thresholds=(0.9, 0.8, np.inf), forced=forced)
    silent, recorded = Ladder(), Ladder()
    logits = run_exits(silent, pictures(value), setting, SILENT)
    assert torch.equal(logits, run_exits(recorded, pictures(value), setting, Recorder()))
    assert silent.seen == recorded.seen


def test_decisions_of_one_sample():
    recorder = Recorder()
    run_exits(Ladder(), pictures(1.0), Setting(thresholds=(0.9, 0.8, np.inf)), recorder)
    decisions, stages = recorder.cut(0)
    assert [d.choice for d in decisions] == ["continue", "exit", "not reached"]
    assert [d.executed for d in decisions] == [True, True, False]
    assert decisions[0].score == pytest.approx(sigmoid(1.0)) and decisions[1].score == pytest.approx(sigmoid(2.0))
    assert all(isinstance(d, Exit) for d in decisions)
    assert [s.macs for s in stages] == [10, 20, 0] and [s.macs_static for s in stages] == [10, 20, 30]
    assert decisions[1].probabilities.tolist() == pytest.approx([1 - sigmoid(2.0), sigmoid(2.0)])


def test_no_thresholds_is_the_static_path():
    recorder = Recorder()
    logits = run_exits(Ladder(), pictures(50.0), Setting(), recorder)
    assert logits[0, 1] == 150 and recorder.totals(1).tolist() == [60]


def test_one_sample_and_many_threshold_rows_need_one_pass():
    network, recorder = Ladder(), Recorder()
    table = np.array([[0.5, 0.5, np.inf], [0.9, 0.8, np.inf], [2.0, 2.0, np.inf]])
    logits = run_exits(network, pictures(1.0), Setting(mode="masked", thresholds=table), recorder)
    assert logits[:, 1].tolist() == [1.0, 2.0, 3.0]
    assert len(network.seen) == 3 and all(len(seen) == 1 for seen in network.seen)
    assert recorder.totals(3).tolist() == [10, 30, 60]


def test_forced_by_hand():
    recorder = Recorder()
    setting = Setting(thresholds=(0.0, 0.0, np.inf), forced={"exits.0": "continue", "exits.1": "exit"})
    run_exits(Ladder(), pictures(1.0), setting, recorder)
    decisions, _ = recorder.cut(0)
    assert [(d.choice, d.forced) for d in decisions] == [("continue", True), ("exit", True), ("not reached", False)]


@pytest.mark.parametrize("thresholds", [(0.5,), np.zeros((4, 3))])
@pytest.mark.parametrize("recorder", [Recorder(), SILENT])
@pytest.mark.parametrize("values", [(0.0, 0.0), (0.0,)])
def test_thresholds_of_the_wrong_shape(thresholds, recorder, values):
    with pytest.raises(ValueError, match="thresholds"):
        run_exits(Ladder(), pictures(*values), Setting(thresholds=thresholds), recorder)
