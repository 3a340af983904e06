"""What a frozen network says of a split is worked out once and kept, and each sample gets its own."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn

from dynviz import zoo
from dynviz.datasets.samples import Samples
from dynviz.modalities.recordings import SeriesFeed
from dynviz.networks import ready
from dynviz.networks.static.resnet import ResNet
from dynviz.recorder import Setting
from dynviz.training.loop import fit
from dynviz.training.recipes import RECIPES
from dynviz.training.teacher import Teacher, kept_outputs
from tests.tiny import tiny_resnet, write_everyday30


def samples(count=7):
    """Numbers in batches that are not in their order."""
    values = torch.arange(count, dtype=torch.float32)

    def batches():
        for rows in (np.array([4, 1, 6]), np.array([0, 2, 3, 5])):
            yield rows, values[torch.from_numpy(rows)]

    return Samples(np.zeros(count, dtype=np.int64), ("a",), batches)


def test_outputs_are_worked_out_once_and_lie_in_the_order_of_the_samples(tmp_path):
    asked = []

    def compute(x):
        asked.append(len(x))
        return torch.stack([x, 2 * x], dim=1)

    path = tmp_path / "deep" / "outputs.npy"
    for _ in range(2):
        kept = kept_outputs(path, samples(), compute)
        assert kept.dtype == np.float16 and kept.tolist() == [[i, 2 * i] for i in range(7)]
    assert asked == [3, 4] and [file.name for file in path.parent.iterdir()] == ["outputs.npy"]


def test_outputs_of_another_split_are_refused(tmp_path):
    np.save(tmp_path / "outputs.npy", np.zeros((3, 2), np.float16))
    with pytest.raises(ValueError, match="holds 3 outputs, and there are 7 samples: remove it"):
        kept_outputs(tmp_path / "outputs.npy", samples(), lambda x: x)


@pytest.fixture
def taught(tmp_path, monkeypatch):
    """A tiny recipe with a teacher, on a tiny data set."""
    monkeypatch.setenv("DYNVIZ_DATA", str(write_everyday30(tmp_path)))
    recipe = tiny_resnet(teacher="wise", epochs=1)
    torch.manual_seed(3)
    wise = ready(ResNet(**recipe.arguments))
    card = SimpleNamespace(
        name="wise", sha256="0" * 64, in_side_px=32, mean=(0.5,) * 3, std=(0.3,) * 3, vocabulary=None, series=None
    )
    monkeypatch.setattr(zoo, "load", lambda name: wise)
    monkeypatch.setattr(zoo, "card", lambda name: card)
    return recipe, wise


def test_a_teacher_that_answers_once_answers_for_each_sample_as_it_is(taught, tmp_path):
    from dataclasses import replace

    from dynviz.datasets.registry import DATASETS
    from dynviz.modalities.pictures import normalise

    recipe, wise = taught
    pictures = DATASETS["everyday30"].load("train", 32).images
    with torch.inference_mode():
        expected = wise(normalise(pictures, (0.5,) * 3, (0.3,) * 3), setting=Setting("masked"))
    teacher = Teacher(replace(recipe, teacher_once=True), tmp_path / "kept", torch.device("cpu"))
    rows = torch.tensor([5, 0, 5])
    torch.testing.assert_close(teacher.logits(None, rows), expected[rows], atol=1e-2, rtol=1e-2)  # float16
    wise.forward = None  # it is not asked again
    teacher = Teacher(replace(recipe, teacher_once=True), tmp_path / "kept", torch.device("cpu"))
    assert teacher.logits(None, rows).shape == (3, expected.shape[1])


@pytest.mark.parametrize("once", [False, True])
def test_networks_are_trained_either_way(taught, tmp_path, once):
    from dataclasses import replace

    recipe, _ = taught
    lines = []
    network = fit(replace(recipe, teacher_once=once), tmp_path / "runs" / "tiny", report=lines.append)
    assert isinstance(network, nn.Module) and '"epoch": 1' in lines[-1]
    assert (tmp_path / "runs" / "_kept").is_dir() == once
    assert all(math.isfinite(float(value.float().sum())) for value in network.state_dict().values())


def test_parts_of_strips_have_no_answer_beforehand(data_folder):
    from dataclasses import replace

    with pytest.raises(ValueError, match="parts of what its teacher"):
        SeriesFeed(replace(RECIPES["skip-rnn-ecg"], teacher="lstm-ecg", teacher_once=True))
