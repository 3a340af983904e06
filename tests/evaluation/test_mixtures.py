"""How parameters are mixed by class: means and spread of a hand-made network whose mixture is its input."""

from __future__ import annotations

import numpy as np
import torch

from dynviz.datasets.samples import Samples
from dynviz.decisions import KernelMixture
from dynviz.evaluation.mixtures import mixtures
from dynviz.networks.contract import DynamicNetwork
from dynviz.recorder import SILENT


class Mixed(DynamicNetwork):
    """Mixes two kernels as its input says, which is (N, 2)."""

    def __init__(self, mixes: bool):
        super().__init__()
        self.weight, self.mixes = torch.nn.Parameter(torch.zeros(1)), mixes

    def forward(self, x, *, setting=None, recorder=SILENT):
        if self.mixes:
            recorder.decide(KernelMixture, np.arange(len(x)), columns={"weights": x.numpy()}, unit="a")
        return x


def samples() -> Samples:
    x = torch.tensor([[0.0, 1.0], [1.0, 0.0], [0.5, 0.5], [0.5, 0.5]])
    rows = np.arange(4)
    return Samples(np.array([0, 0, 1, 1]), ("x", "y", "z"), lambda: ((rows[i::2], x[i::2]) for i in range(2)))


def test_means_and_spread():
    found = mixtures(Mixed(True), samples())
    assert found["mixture_units"].tolist() == ["a"] and found["mixture_sizes"].tolist() == [2]
    assert found["mixture_means"][:2].tolist() == [[0.5, 0.5], [0.5, 0.5]]
    assert np.isnan(found["mixture_means"][2]).all()  # nothing of that class
    np.testing.assert_allclose(found["mixture_spread"], np.sqrt(0.125), rtol=1e-3)


def test_nothing_where_nothing_is_mixed():
    assert mixtures(Mixed(False), samples()) == {}
