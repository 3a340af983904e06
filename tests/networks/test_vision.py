"""Vision transformers that drop, stop or merge tokens: by hand on few tokens, and what they record is what runs."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from dynviz.compute import count_macs
from dynviz.networks.picked import Dense, blindly, scattered
from dynviz.networks.spatial_wise import a_vit
from dynviz.networks.spatial_wise.a_vit import AViT
from dynviz.networks.spatial_wise.tome import ToMe, _Merging
from dynviz.networks.spatial_wise.vit_tokens import ViTTokens
from dynviz.networks.static.vit import ViT
from dynviz.recorder import Recorder, Setting, TrainingSignal

SIZES = {"widths": (8, 8), "depths": (1, 1), "layers": 4, "heads": 2, "inner": 12, "classes": 3, "in_size": 64}
WIDTH, PATCHES = 8, 16
CLOSE = {"atol": 1e-4, "rtol": 1e-4}


def made(kind, **more):
    torch.manual_seed(0)
    network = kind(width=WIDTH, **SIZES, **more).eval()
    for weights in network.parameters():
        if weights.dim() == 2:
            torch.nn.init.normal_(weights, std=0.4)
    return network


def networks():
    return [
        made(ViTTokens, before=(0, 2, 3), judging=4),
        made(ViTTokens, before=(1, 3), judging=4),
        made(AViT),
        ToMe([made(ViT)]),
    ]


each = pytest.mark.parametrize("network", networks(), ids=lambda network: type(network).__name__)
PHOTOS = torch.randn(4, 3, 64, 64, generator=torch.Generator().manual_seed(1))


@each
def test_skipping_is_masked_and_the_record_is_what_runs(network):
    candidates = np.linspace(network.candidates.low, network.candidates.high, 12)
    limits = np.random.default_rng(0).choice(candidates, (4, 1))
    spent = set()
    for thresholds in (None, limits, *(((value,),) for value in candidates)):
        skipping, masked = Recorder(), Recorder()
        with torch.inference_mode():
            logits = network(PHOTOS, setting=Setting(thresholds=thresholds), recorder=skipping)
            expected = network(PHOTOS, setting=Setting("masked", thresholds), recorder=masked)
            counted = count_macs(lambda: network(PHOTOS, setting=Setting(thresholds=thresholds)))  # noqa: B023
        torch.testing.assert_close(logits, expected, **CLOSE)
        assert skipping.totals(4).tolist() == masked.totals(4).tolist()
        assert counted == skipping.totals(4).sum()
        spent |= set(skipping.totals(4).tolist())
        for row in range(4):
            for ours, theirs in zip(skipping.cut(row)[0], masked.cut(row)[0], strict=True):
                name = "source" if hasattr(ours, "source") else "kept"
                np.testing.assert_array_equal(getattr(ours, name), getattr(theirs, name))
                assert (ours.choice, ours.executed) == (theirs.choice, theirs.executed)
    assert len(spent) > 3, "the thresholds of this test decide nothing"


@each
def test_open_is_plain(network):
    with torch.inference_mode():
        torch.testing.assert_close(network(PHOTOS), network.plain(PHOTOS), **CLOSE)


@each
def test_blind_baselines_spend_what_they_are_told(network):
    for baseline in network.baselines:
        totals = []
        for share in (0.2, 0.5, 1.0):
            recorder = Recorder()
            with torch.inference_mode():
                network(PHOTOS, setting=Setting("masked", ((share,),), baseline=baseline), recorder=recorder)
            totals.append(int(recorder.totals(4)[0]))
        assert totals == sorted(set(totals))
        with pytest.raises(ValueError, match="masked mode"):
            network(PHOTOS, setting=Setting(thresholds=((0.5,),), baseline=baseline))


@each
def test_masked_mode_is_differentiable(network):
    x = PHOTOS.clone().requires_grad_()
    network(x, setting=Setting("masked", ((0.6,),)), recorder=Recorder())[:, 0].sum().backward()
    assert x.grad.abs().sum() > 0


@pytest.mark.parametrize("network", networks()[:3], ids=lambda network: type(network).__name__)
def test_deciding_is_learned(network):
    """How many tokens a picture keeps is learned from penalty and answers, which of them from their evidence only."""
    torch.manual_seed(0)
    lesson = network(
        PHOTOS.repeat(4, 1, 1, 1), setting=Setting("train", training=TrainingSignal(ramp=0.5, budget_weight=2.0))
    )
    for loss, judged in ((lesson.logits.square().mean(), False), (lesson.penalty, True)):
        network.zero_grad()
        loss.backward(retain_graph=True)
        for name, weights in network.named_parameters():
            if name.endswith("demand.weight"):
                assert weights.grad.abs().sum() > 0
            if name.endswith("judge.weight"):
                assert (weights.grad is not None and bool(weights.grad.abs().sum() > 0)) == judged


def test_thresholds_of_pruning_by_hand():
    """Each decider keeps those at or above its threshold, 0.5, 0.75 and 0.875, and the best one whatever it is."""
    network = made(ViTTokens, before=(0, 2, 3), judging=4)
    recorder = Recorder()
    with torch.inference_mode():
        network(PHOTOS[:1], setting=Setting(thresholds=((0.5,),)), recorder=recorder)
    left = np.ones(PATCHES, dtype=bool)
    for decision, limit in zip(recorder.cut(0)[0], (0.5, 0.75, 0.875), strict=True):
        assert np.isnan(decision.scores[~left]).all() and not np.isnan(decision.scores[left]).any()
        best = decision.scores == np.nanmax(decision.scores)
        np.testing.assert_array_equal(decision.kept, left & ((decision.scores >= limit) | best))
        left = decision.kept


def test_halting_scores_add_up(monkeypatch):
    """With a halting score of 0.3 after every layer a token is given four layers before it reaches 1.0."""
    network = made(AViT)
    with torch.no_grad():
        network.halting.judge.weight.zero_()
        monkeypatch.setattr(a_vit, "SPREAD", 0.0)
        network.halting.demand.weight.zero_()
        network.halting.demand.bias.fill_(float(np.log(0.3 / 0.7)))
    for limit, layers in ((0.2, 1), (0.5, 2), (0.8, 3), (1.0, 4)):
        recorder = Recorder()
        with torch.inference_mode():
            network(PHOTOS[:1], setting=Setting(thresholds=((limit,),)), recorder=recorder)
        decisions = recorder.cut(0)[0]
        depth = 1 + sum(decision.kept.astype(int) for decision in decisions)
        assert depth.tolist() == [layers] * PATCHES
        assert [decision.executed for decision in decisions] == [index + 1 < layers for index in range(3)]


def test_merging_by_hand():
    """Tokens 0 and 2 go into token 1, weighted; 3 stays; then the pair of what is left becomes one."""
    tokens = _Merging(torch.tensor([[[2.0], [4.0], [6.0], [10.0]]]))
    tokens.merge(torch.tensor([[True, True]]), torch.tensor([[0, 0]]))
    assert tokens.hidden.flatten().tolist() == [4.0, 10.0]
    assert tokens.sizes.tolist() == [[3.0, 1.0]]
    assert tokens.sources().tolist() == [[1, 1, 1, 3]]
    tokens.merge(torch.tensor([[True]]), torch.tensor([[0]]))
    assert tokens.hidden.flatten().tolist() == [5.5]
    assert tokens.sources().tolist() == [[3, 3, 3, 3]]


def test_the_most_similar_second_token():
    tokens = _Merging(torch.zeros(1, 4, 2))
    similarity, partner = tokens.most_similar(torch.tensor([[[1.0, 0.0], [0.0, 3.0], [0.0, 1.0], [2.0, 2.0]]]))
    torch.testing.assert_close(similarity, torch.tensor([[0.5**0.5, 1.0]]))
    assert partner.tolist() == [[1, 0]]


def test_blind_tokens_of_the_centre():
    tokens = Dense(torch.zeros(1, PATCHES, 2))
    kept = blindly("centre", tokens, np.array([0.25]), (4, 4), torch.Generator())
    assert kept.view(4, 4).nonzero().tolist() == [[1, 1], [1, 2], [2, 1], [2, 2]]
    with pytest.raises(ValueError, match="no baseline is called"):
        blindly("best", tokens, np.array([0.25]), (4, 4), torch.Generator())


def test_any_share_of_the_pattern_is_spread_evenly():
    """Of 8 x 8 tokens the best quarter has one in each 2 x 2, the best sixteenth one in each 4 x 4."""
    pattern = scattered(torch.arange(64), (8, 8)).view(8, 8)
    for side in (2, 4):
        best = pattern >= pattern.flatten().topk(64 // side**2).values[-1]
        assert (best.unfold(0, side, side).unfold(1, side, side).sum(dim=(2, 3)) == 1).all()
    assert pattern.unique().numel() == 64 and pattern.sum().abs() < 1e-3


def test_places_are_interpolated_for_other_sizes():
    network = made(ViT)
    with torch.inference_mode():
        assert network.tokens(torch.zeros(1, 3, 96, 64)).shape == (1, 24, WIDTH)
        assert network.grid((96, 64)) == (6, 4)
        recorder = Recorder()
        network(torch.zeros(1, 3, 96, 64), recorder=recorder)
    assert recorder.totals(1)[0] == sum(macs for _, macs in network.unit_macs((96, 64)))


@each
def test_thresholds_may_be_searched_in_half_precision(network):
    """As the search does it: recorded in masked mode under bf16, which NumPy does not know."""
    recorder = Recorder()
    with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16):
        network(PHOTOS, setting=Setting("masked", ((0.5,),)), recorder=recorder)
    assert (recorder.totals(4) > 0).all()
