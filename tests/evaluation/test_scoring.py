"""Scores at several settings: one pass where nothing but the decision differs, each sample in its own place."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from dynviz.datasets.samples import Samples
from dynviz.evaluation.scoring import score_settings
from dynviz.networks import build
from dynviz.networks.words import Words
from dynviz.recorder import Setting

LENGTHS = (3, 9, 5, 20, 7, 8)


@pytest.fixture
def network():
    torch.manual_seed(0)
    sizes = {"width": 12, "classes": 3, "layers": 4, "heads": 2, "inner": 16}
    return build("pabee", sizes | {"vectors": torch.randn(30, 5)}).eval()


@pytest.fixture
def samples():
    draw = np.random.default_rng(0)
    texts = [draw.integers(2, 30, length) for length in LENGTHS]

    def batches():
        for rows in ([3, 1, 0], [2, 4, 5]):
            yield np.array(rows), Words.batch([texts[row] for row in rows])

    return Samples(np.arange(6) % 3, ("a", "b", "c"), batches)


def test_together_and_one_by_one_agree(network, samples):
    asked = [Setting("masked", thresholds=((patience,),)) for patience in network.candidates]
    together = score_settings(network, samples, asked)
    assert len(np.unique(together.macs)) > len(LENGTHS)  # patience matters
    for column, setting in enumerate(asked):
        alone = score_settings(network, samples, [setting])
        assert together.macs[:, column].tolist() == alone.macs[:, 0].tolist()
        assert together.prediction[:, column].tolist() == alone.prediction[:, 0].tolist()


def test_a_thinned_split_keeps_samples_and_labels_together(network, samples):
    asked = [Setting("masked")]
    whole, half = score_settings(network, samples, asked), score_settings(network, samples.thinned(3), asked)
    assert half.macs.tolist() == whole.macs[::2].tolist()
    assert half.right.tolist() == whole.right[::2].tolist()
    assert samples.thinned(6) is samples
