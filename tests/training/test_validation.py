"""What training reports: the network as it will run, not as it is trained."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import torch
from torch import nn

from dynviz.networks.contract import Between, DynamicNetwork, ExitNetwork
from dynviz.recorder import SILENT, Setting
from dynviz.training.loop import validate

LABELS = torch.tensor([0, 1, 1, 0])
VALUES = torch.tensor([[-1.0], [2.0], [0.5], [-3.0]])  # the sign is the class
FEED = SimpleNamespace(check=lambda: [(VALUES[:3], LABELS[:3]), (VALUES[3:], LABELS[3:])])


class Gate(DynamicNetwork):
    """Right where all is open; at its threshold it takes small numbers for nothing; in training it knows nothing."""

    candidates = Between(0.0, 1.0)

    def forward(self, x, *, setting=None, recorder=SILENT):
        assert not self.training
        if setting.mode == "train":
            return torch.zeros(len(x), 2)
        limit = 0.0 if setting.thresholds is None else float(setting.thresholds[0][0])
        seen = torch.where(x.abs() > limit, x, -0.1)
        return torch.cat([-seen, seen], dim=1)


class Steps(ExitNetwork):
    """The first exit says always the first class; the second is right."""

    def __init__(self):
        super().__init__()
        self.exits = nn.ModuleList([nn.Identity(), nn.Identity()])

    def exit_names(self):
        return ["exits.0", "exits.1"]

    def segment(self, state, x, index):
        return None, torch.cat([-x, x], dim=1) if index else torch.tensor([[1.0, 0.0]]).expand(len(x), 2)

    def select(self, state, x, rows):
        return None, x[rows]

    def input_macs(self, x):
        return [1, 1]


def test_gates_are_validated_as_they_will_run():
    network = Gate().train()
    assert validate(network, FEED, torch.device("cpu")) == [1.0]
    network.trained_at = 0.7
    assert validate(network, FEED, torch.device("cpu")) == pytest.approx([1.0, 0.75])


def test_each_exit_is_validated():
    assert validate(Steps(), FEED, torch.device("cpu")) == pytest.approx([0.5, 1.0])
    assert Steps()(VALUES, setting=Setting(thresholds=(0.9, 0.0))).argmax(dim=1).tolist() == LABELS.tolist()
