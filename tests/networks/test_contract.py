"""What a network is asked for: the defaults, and what is said of a network that lacks something."""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from dynviz import networks
from dynviz.decisions import Exit
from dynviz.networks.contract import (
    Between,
    ContractError,
    DynamicNetwork,
    ExitNetwork,
    Packable,
    Startable,
    check,
    repeated,
)
from dynviz.networks.frames import Frames
from dynviz.networks.words import Words
from dynviz.recorder import SILENT, Recorder, Setting


class Gated(DynamicNetwork):
    """The least that a network with a threshold has to say of itself."""

    candidates = Between(0.0, 1.0)

    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(2, 2)

    def forward(self, x, *, setting=None, recorder=SILENT):
        return self.linear(x)


def changed(**attributes):
    return type("Changed", (Gated,), attributes)()


def test_little_is_asked_for():
    check(Gated())
    assert (Gated.rule, Gated.baselines, Gated.reach) == ("threshold", ("random", "uniform"), None)
    assert not Gated().has_plain and Gated().exit_names() == []


@pytest.mark.parametrize(
    ("attributes", "said"),
    [
        ({"candidates": Between(1.0, 0.0)}, "no range"),
        ({"candidates": [0.1, 0.2]}, "neither a tuple"),
        ({"candidates": (0.1, 0.1)}, "different"),
        ({"candidates": (0.1, float("inf"))}, "finite"),
        ({"baselines": ()}, "names the baselines"),
        ({"baselines": ("random", "worst")}, "not worst"),
        ({"candidates": (), "trained_at": 0.5}, "there are none"),
        ({"forward": lambda self, x, setting: x}, "forward needs the keyword 'recorder'"),
        ({"exit_names": lambda self: ["linear"]}, "segment is missing"),
        ({"exit_names": lambda self: ["linear", "heads.1"]}, "there is no heads.1"),
    ],
)
def test_what_is_missing_is_said(attributes, said):
    with pytest.raises(ContractError, match=said):
        check(changed(**attributes))


def test_everything_that_is_missing_is_said_at_once():
    with pytest.raises(ContractError, match=r"(?s)select is missing.*segment_macs is missing.*names no exit"):
        check(type("Half", (ExitNetwork,), {"segment": lambda self, state, x, index: (state, x)})())


def test_a_module_that_is_no_network_is_refused(monkeypatch):
    monkeypatch.setitem(networks.NETWORKS.table, "linear", "torch.nn:Linear")
    with pytest.raises(ContractError, match=r"'linear' \(Linear\) has to derive from"):
        networks.build("linear", {"in_features": 1, "out_features": 1})


class Beside(DynamicNetwork):
    """Two exits whose cost is their row's, and work before, between and behind them, recorded by hand."""

    def forward(self, x, *, setting=None, recorder=SILENT):
        rows = np.arange(len(x))
        recorder.work("stem", rows, 100)
        for index, macs in enumerate((np.array([10, 20]), 30)):
            probabilities = np.array([[0.9, 0.1], [0.2, 0.8]]) if index else np.array([[0.5, 0.5], [0.4, 0.6]])
            columns = {"probabilities": probabilities} | ({"macs": macs} if index == 0 else {})
            shared = {} if index == 0 else {"macs": macs}
            recorder.decide(Exit, rows, columns=columns, unit=f"exits.{index}", **shared)
            if index == 0:
                recorder.work("between", rows[::-1], np.array([2, 1]))
        recorder.work("behind", rows, 7)
        return torch.zeros(len(x), 2)


def test_an_exit_costs_all_that_runs_before_it():
    probabilities, macs = Beside().outcomes(torch.zeros(2, 1))
    assert probabilities.shape == (2, 2, 2) and probabilities[1, 1].tolist() == [0.2, 0.8]
    assert macs.tolist() == [[117, 148], [127, 159]]  # row 0: 100 + 10 + 7, then 1 + 30 more


def test_a_network_without_exits_has_one_outcome():
    network = Gated()
    probabilities, macs = network.outcomes(torch.zeros(3, 2))
    assert probabilities.shape == (3, 1, 2) and macs.tolist() == [[0], [0], [0]]


class Costly(ExitNetwork):
    """Two exits, the first of which costs what its sample says."""

    def __init__(self):
        super().__init__()
        self.exits = nn.ModuleList([nn.Identity(), nn.Identity()])

    def exit_names(self):
        return ["exits.0", "exits.1"]

    def segment(self, state, x, index):
        return x, torch.stack([torch.zeros(len(x)), x[:, 0] * (index + 1)], dim=1)

    def select(self, state, x, rows):
        return state[rows], x[rows]

    def input_macs(self, x):
        return [x[:, 0].long().numpy(), 5]


def test_exits_cost_by_their_rows():
    network, x = Costly(), torch.tensor([[3.0], [1.0]])
    check(network)
    for mode in ("masked", "skipping"):
        recorder = Recorder()
        logits = network(x, setting=Setting(mode, thresholds=(0.9, np.inf)), recorder=recorder)
        assert recorder.totals(2).tolist() == [3, 6] and logits[:, 1].tolist() == [3.0, 2.0]
        assert recorder.cut(0)[1][1].macs_static == 5
    assert network.outcomes(x)[1].tolist() == [[3, 8], [1, 6]]


def test_several_settings_of_a_batch_in_one_masked_pass():
    network, x = Costly(), torch.tensor([[3.0], [1.0]])
    table = np.repeat([[0.9, np.inf], [0.99, np.inf], [0.5, np.inf]], 2, axis=0)
    recorder = Recorder()
    logits = network(x, setting=Setting("masked", thresholds=table), recorder=recorder)
    assert logits[:, 1].tolist() == [3.0, 2.0, 6.0, 2.0, 3.0, 1.0]
    assert recorder.totals(6).tolist() == [3, 6, 8, 6, 3, 1]
    with pytest.raises(ValueError, match="rows of thresholds"):
        network(x, setting=Setting("masked", thresholds=table[:3]))


def test_a_batch_times_over():
    words = Words.batch([np.array([5, 6]), np.array([7])])
    assert repeated(words, 2).lengths.tolist() == [2, 1, 2, 1]
    assert repeated(words, 2).ids[:, 0].tolist() == [5, 7, 5, 7]
    frames = Frames.batch([np.ones((2, 1)), np.zeros((1, 1))])
    assert repeated(frames, 2).values[:, 0, 0].tolist() == [1, 0, 1, 0]
    assert repeated(torch.tensor([[1], [2]]), 2).flatten().tolist() == [1, 2, 1, 2]
    assert repeated(torch.tensor([[1]]), 2).flatten().tolist() == [1, 1]


def test_nothing_asks_whether_a_network_has_something():
    """The contract has a default for everything, so that nobody needs hasattr or getattr."""
    members = {name for kind in (ExitNetwork, Packable, Startable) for name in dir(kind)} - set(dir(nn.Module))
    assert {"candidates", "segment", "plain", "pack", "begin_with"} <= members
    asked = []
    for path in (Path(networks.__file__).parents[1]).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in ("hasattr", "getattr")
            ):
                asked += [
                    f"{path.name}:{node.lineno} {name.value}"
                    for name in node.args
                    if isinstance(name, ast.Constant) and name.value in members
                ]
    assert asked == []
