"""Attributions: right by hand on small networks, complete and empty where they have to be on shipped ones."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from PIL import Image
from skimage import data
from torch import nn

from dynviz import zoo
from dynviz.attribution import METHODS, agreement, attribute, methods_for
from dynviz.attribution.agreement import SIDE, executed_share, pooled, rank_correlation
from dynviz.attribution.methods import GRAD_CAM, INTEGRATED, OCCLUSION, attribute_prepared
from dynviz.decisions import PixelMask, StepUpdate, TokenSelection
from dynviz.networks.contract import DynamicNetwork
from dynviz.networks.frames import Frames
from dynviz.recorder import SILENT
from dynviz.trace import Media, Prediction, Trace
from dynviz.trace.places import spent_map

TEXT = "It starts badly, but the second half is wonderful and the ending is one of the best of the year."
SMOOTH = ("resnet-66m", "dynconv", "tome", "early-reader-imdb", "hm-rnn-imdb", "skip-rnn-ecg")  # one of each kind


class Right(DynamicNetwork):
    """Sees the right half of a picture and nothing else: everything on the left is of no effect."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 1, bias=False)
        self.conv.weight.data.abs_()  # no place is silent by chance

    def forward(self, x, *, setting=None, recorder=SILENT):
        half = torch.zeros_like(x)
        half[..., x.shape[3] // 2 :] = x[..., x.shape[3] // 2 :]
        return self.conv(half).relu().mean(dim=(2, 3))


class Sums(DynamicNetwork):
    """A linear reader: what every step is worth can be said by hand."""

    def __init__(self, weights):
        super().__init__()
        self.weights = torch.tensor(weights)

    def forward(self, x, *, setting=None, recorder=SILENT):
        total = (x.values[..., 0] * self.weights).sum(dim=1)
        return torch.stack([total, -total], dim=1)


class Turns(Sums):
    """Gives another answer a thousandth of the way from the baseline, as recurrent networks do, then moves no more."""

    def forward(self, x, *, setting=None, recorder=SILENT):
        total = (x.values[..., 0] * self.weights).sum(dim=1) / 10
        return 3 * torch.stack([torch.tanh(3000 * total - 3), total], dim=1)


def asked(monkeypatch, network, modality="image"):
    monkeypatch.setattr(zoo, "load", lambda name: network)
    labels = tuple("abcd"[: 4 if modality == "image" else 2])
    return SimpleNamespace(name="made up", labels=labels, modality=modality)


def shipped(name):
    try:
        return zoo.card(name)
    except KeyError:
        pytest.skip(f"{name} is not here")


@pytest.mark.parametrize("method", METHODS)
def test_what_has_no_effect_gets_nothing(monkeypatch, method):
    torch.manual_seed(3)
    card = asked(monkeypatch, Right())
    values = attribute_prepared(card, torch.rand(1, 3, 32, 32), method, target="b").values
    half = values.shape[1] // 2
    edge = 4 if method == OCCLUSION else 0  # a patch that covers both sides has an effect
    assert np.abs(values[:, half:]).max() > 0
    assert not values[:, : half - edge].any()


@pytest.mark.parametrize("method", [INTEGRATED, OCCLUSION])
def test_a_linear_reader_by_hand(monkeypatch, method):
    weights = [0.5, -2.0, 0.0, 1.0]
    card = asked(monkeypatch, Sums(weights), "series")
    x = Frames(torch.tensor([[[1.0], [2.0], [3.0], [4.0]]]), torch.tensor([4]))
    found = attribute_prepared(card, x, method, target="a")
    np.testing.assert_allclose(found.values, [0.5, -4.0, 0.0, 4.0], atol=1e-4)
    assert found.change == pytest.approx(0.5) and found.gap < 1e-3
    assert found.strength.sum() == pytest.approx(1)


def test_an_answer_that_turns_in_a_thousandth_of_the_way_adds_up_too(monkeypatch):
    card = asked(monkeypatch, Turns([4.0, 6.0, 0.0, 0.0]), "series")
    told = []
    x = Frames(torch.ones(1, 4, 1), torch.tensor([4]))
    found = attribute_prepared(card, x, INTEGRATED, target="a", progress=lambda *now: told.append(now))
    assert found.change == pytest.approx(3 * (1 + np.tanh(3)), abs=1e-3) and found.gap < 0.02
    np.testing.assert_allclose(found.values / found.change, [0.4, 0.6, 0, 0], atol=0.02)
    assert told[-1][0] == told[-1][1]


@pytest.mark.parametrize("name", SMOOTH)
def test_integrated_gradients_add_up_to_the_change_of_the_answer(name):
    card = shipped(name)
    if card.modality == "series":
        from dynviz.media.synthetic import synthetic_ecg

        source = synthetic_ecg("ventricular")
    else:
        source = TEXT if card.modality == "text" else Image.fromarray(data.chelsea())
    found = attribute(name, source)
    assert abs(found.change) > 0.05 and found.gap < 0.05
    shown = card.in_side_px, card.in_side_px
    assert found.values.shape == shown if card.modality == "image" else found.values.ndim == 1


@pytest.mark.parametrize("name", ["msdnet", "glance-focus"])
def test_an_input_without_content_is_told_to_matter_nowhere(name):
    card = shipped(name)
    colour = tuple(round(255 * mean) for mean in card.mean)
    found = attribute(name, Image.new("RGB", (160, 160), colour))
    assert np.abs(found.values).max() < 0.02 and abs(found.change) < 0.2
    nothing = found.values * 0
    assert agreement(nothing, np.ones((SIDE, SIDE))) is None


def test_a_run_that_is_stopped_leaves_nothing_behind():
    card = shipped("resnet-66m")
    picture = Image.fromarray(data.chelsea())

    def stop(done, total):
        assert 0 < done <= total
        raise InterruptedError

    for method in methods_for(card):
        with pytest.raises(InterruptedError):
            attribute("resnet-66m", picture, method, progress=stop)
        attribute("resnet-66m", picture, method)
        hooks = [m for m in zoo.load("resnet-66m").modules() if m._forward_hooks or m._forward_pre_hooks]
        assert not hooks


def test_progress_comes_to_its_end():
    shipped("tome")
    for method in METHODS:
        told = []
        attribute("tome", Image.fromarray(data.coffee()), method, progress=lambda *now, told=told: told.append(now))
        assert told[-1][0] == told[-1][1]
        assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_what_cannot_be_asked():
    shipped("glance-focus"), shipped("lstm-imdb")
    picture = Image.fromarray(data.chelsea())
    with pytest.raises(ValueError, match="last feature map, which in glance-focus is of a region"):
        attribute("glance-focus", picture, GRAD_CAM)
    with pytest.raises(ValueError, match="not by 'grad-cam'"):
        attribute("lstm-imdb", TEXT, GRAD_CAM)
    with pytest.raises(ValueError, match="does not know the label 'unicorn'"):
        attribute("glance-focus", picture, target="unicorn")


def trace(modality, *decisions):
    pixels = {"width_px": 64, "height_px": 64, "box_px": (0.0, 0.0, 64.0, 64.0)} if modality == "image" else {}
    media = Media(modality, "", **pixels)
    return Trace("m", "M", ("a", "b"), Prediction("a", 1.0, (("a", 1.0),)), decisions, (), media, 0)


def masked(mask, macs):
    return trace("image", PixelMask(unit="u", mask=np.asarray(mask, dtype=bool), macs=macs))


def test_agreement_by_hand():
    full = masked([[1, 1], [1, 1]], 400)
    half = masked([[1, 0], [1, 0]], 200)
    executed = executed_share(half, full)
    assert executed.mean() == pytest.approx(0.5) and executed[:, 0].all() and not executed[:, -1].any()
    left = np.zeros((8, 8))
    left[:, :4] = 1
    found = agreement(left, executed)
    assert (found.correlation, found.on_executed, found.executed) == (pytest.approx(1), 1.0, pytest.approx(0.5))
    found = agreement(1 - left, executed)
    assert (found.correlation, found.on_executed) == (pytest.approx(-1), 0.0)
    assert agreement(left, executed_share(full, full)).correlation is None
    assert spent_map(full).sum() == pytest.approx(400)


def test_steps_and_words_that_were_taken_in():
    update, copy, skim, stop = 0, 1, 2, 5
    read = trace("text", StepUpdate(unit="u", actions=np.array([update, copy, skim, stop, update])))
    assert executed_share(read, read).tolist() == [1, 0, 0, 1, 0]
    kept = [np.array([1, 1, 0, 1], bool), np.array([1, 0, 1], bool)]  # the second layer lists the survivors
    pruned = trace("text", *(TokenSelection(unit=f"l{i}", order=i, kept=k) for i, k in enumerate(kept)))
    assert executed_share(pruned, pruned).tolist() == [1, 0.5, 0, 1]


def test_rank_correlation_and_pooling():
    assert rank_correlation(np.array([1, 2, 3, 4]), np.array([1, 3, 2, 4])) == pytest.approx(0.8)
    assert rank_correlation(np.array([1, 1, 2]), np.array([5, 5, 9])) == pytest.approx(1)
    assert rank_correlation(np.array([1, 2]), np.array([7, 7])) is None
    values = np.random.default_rng(0).random((12, 8))
    assert pooled(values, 5).sum() == pytest.approx(values.sum())
    np.testing.assert_allclose(pooled(np.ones((6, 6)), 3), 4)
