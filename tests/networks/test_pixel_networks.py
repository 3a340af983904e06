"""Networks that compute some places of the picture only: gathered work by hand, halos, halting, budgets in training."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from dynviz.compute import count_macs
from dynviz.decisions import PixelMask, PonderMap
from dynviz.networks.baselines import blind_places
from dynviz.networks.gates import QUARTERS, Asked, straight_through
from dynviz.networks.spatial_wise.dynconv import DynConv, spread_cells
from dynviz.networks.spatial_wise.gathered import GatheredBlock, Places, dilated
from dynviz.networks.spatial_wise.sact import SACT
from dynviz.recorder import Recorder, Setting, TrainingSignal

SMALL = {"widths": (4, 8), "depths": (3, 2), "classes": 3}


def varied(network):
    """Every weight drawn anew, so that no block is the identity and no decision the same everywhere."""
    torch.manual_seed(0)
    for values in network.state_dict().values():
        if values.is_floating_point():
            values.copy_(torch.rand_like(values) * 0.5 + (0.5 if values.dim() == 1 else -0.25))
    return network.eval()


def networks():
    return {
        "dynconv": varied(DynConv(**SMALL, cells=(4, 2))),
        "dynconv with a glance": varied(DynConv(**SMALL, cells=(4, 2), glance_widths=(4, 4, 8))),
        "sact": varied(SACT(**SMALL)),
    }


def test_a_gathered_block_changes_the_chosen_places_and_no_other():
    torch.manual_seed(1)
    block = GatheredBlock(5).eval()
    torch.nn.init.normal_(block.conv2.norm.weight)
    x = torch.rand(2, 5, 7, 6)
    mask = torch.rand(2, 7, 6) < 0.3
    with torch.inference_mode():
        dense = block(x)
        places = Places(mask)
        features = places.spread(x)
        block.at(places, features)
        ours = places.gathered(features)
    torch.testing.assert_close(ours.permute(0, 2, 3, 1)[mask], dense.permute(0, 2, 3, 1)[mask], atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(ours.permute(0, 2, 3, 1)[~mask], x.permute(0, 2, 3, 1)[~mask])


def test_the_halo_of_one_place_is_its_neighbourhood():
    mask = torch.zeros(1, 5, 5, dtype=torch.bool)
    mask[0, 2, 2] = True
    assert dilated(mask).sum() == 9
    mask[0, 0, 0] = True
    assert dilated(mask).sum() == 9 + 3  # a corner has four, one of which it shares


def test_a_cell_covers_its_pixels_and_is_cut_off_at_the_edge():
    cells = torch.tensor([[[1.0, 2.0], [3.0, 4.0]]])
    assert spread_cells(cells, 2, (3, 4))[0].tolist() == [[1, 1, 2, 2], [1, 1, 2, 2], [3, 3, 4, 4]]


@pytest.mark.parametrize("name", ["dynconv", "dynconv with a glance", "sact"])
def test_two_thresholds_in_one_batch_are_two_batches(name):
    network = networks()[name]
    x = torch.rand(1, 3, 48, 40)
    limits = np.array([[-0.5], [0.5]])
    with torch.inference_mode():
        both = network(x.repeat(2, 1, 1, 1), setting=Setting("skipping", limits))
        each = [network(x, setting=Setting("masked", limits[row : row + 1])) for row in range(2)]
    torch.testing.assert_close(both, torch.cat(each), atol=1e-5, rtol=1e-4)


def test_halting_weights_sum_to_one_and_the_remainder_goes_to_the_last():
    network = networks()["sact"]
    x = torch.rand(2, 4, 10, 10)
    with torch.inference_mode():
        steps = list(network._halting(0, x, torch.tensor([0.0, 2.0])))
    total = sum(weight for _, weight, _, _ in steps)
    torch.testing.assert_close(total, torch.ones_like(total))
    assert all(((weight > 0) <= (running > 0)).all() for _, weight, running, _ in steps)
    assert (sum(last for _, _, _, last in steps) == 1).all()  # every place has one last block


def test_open_networks_are_their_plain_path():
    for network in networks().values():
        x = torch.rand(2, 3, 64, 64)
        with torch.inference_mode():
            for mode in ("masked", "skipping"):
                torch.testing.assert_close(network(x, setting=Setting(mode)), network.plain(x), atol=1e-4, rtol=1e-4)


def test_a_glance_costs_and_is_paid_for_by_the_first_mask():
    network, recorder = networks()["dynconv with a glance"], Recorder()
    x = torch.rand(1, 3, 64, 64)
    with torch.inference_mode():
        counted = count_macs(lambda: network(x, setting=Setting("skipping", ((0.0,),)), recorder=recorder))
    decisions, _ = recorder.cut(0)
    assert int(recorder.totals(1)[0]) == counted
    assert decisions[0].decider_macs == network.masks[0].macs((16, 16)) + network.glance.macs((64, 64))
    assert decisions[2].decider_macs == network.masks[1].macs((8, 8))


def test_a_closed_mask_leaves_the_first_block_of_each_stage():
    network, recorder = networks()["dynconv"], Recorder()
    with torch.inference_mode():
        network(torch.rand(1, 3, 64, 64), setting=Setting("skipping", ((1e9,),)), recorder=recorder)
    decisions, stages = recorder.cut(0)
    assert [decision.executed for decision in decisions] == [False] * 3
    assert all(isinstance(d, PixelMask) and not d.mask.any() and d.macs == d.decider_macs for d in decisions)
    assert [stage.unit for stage in stages] == [
        "stem", "blocks.0", "blocks.1", "blocks.2", "blocks.3", "blocks.4", "head",
    ]  # fmt: skip


def test_places_halt_at_once_where_the_threshold_is_low_enough():
    network, recorder = networks()["sact"], Recorder()
    with torch.inference_mode():
        network(torch.rand(1, 3, 64, 64), setting=Setting("skipping", ((-1e3,),)), recorder=recorder)
    assert all(isinstance(d, PonderMap) and (d.map == 1).all() for d in recorder.cut(0)[0])


@pytest.mark.parametrize("baseline", ["random", "uniform", "centre"])
def test_blind_places_are_about_as_many_as_asked(baseline):
    found = blind_places(baseline, np.array([0.0, 0.25, 1.0]), 12, 10)
    assert found[0].sum() == 0 and found[2].all()
    assert abs(found[1].mean() - 0.25) < 0.08
    with pytest.raises(ValueError, match="known: random, uniform, centre"):
        blind_places("nobody", np.ones(1), 2, 2)


def test_the_middle_is_chosen_first():
    assert blind_places("centre", np.array([0.25]), 4, 4)[0].nonzero()[0].tolist() == [1, 1, 2, 2]


def test_hard_decisions_have_the_slope_of_a_sigmoid():
    logits = torch.tensor([-2.0, 0.5, 30.0], requires_grad=True)
    hard = straight_through(logits, noisy=False)
    assert hard.tolist() == [0.0, 1.0, 1.0]
    hard.sum().backward()
    soft = logits.detach().sigmoid()
    torch.testing.assert_close(logits.grad, soft * (1 - soft))


def test_quarters_of_a_batch_are_asked_for_different_shares():
    torch.manual_seed(3)
    asked = Asked.draw(8, 0.2, 1.0, torch.device("cpu"))
    assert asked.quarter.tolist() == [0, 0, 1, 1, 2, 2, 3, 3]
    assert asked.shares[0] == 1 and (asked.shares[1:] >= 0.2).all()
    assert torch.isinf(asked.shifts[:2]).all() and torch.isfinite(asked.shifts[2:]).all()
    spent = asked.shares[asked.quarter].clone()
    assert float(asked.penalty(spent, [], 1.0)) == pytest.approx(0)
    spent[2:4] += 0.3  # one of the three quarters that are asked to save spends too much
    assert float(asked.penalty(spent, [], 1.0)) == pytest.approx(0.3**2 / (QUARTERS - 1), rel=1e-4)


@pytest.mark.parametrize("name", ["dynconv", "sact"])
def test_training_draws_the_work_to_the_budget(name):
    """The penalty alone, minimised, leaves a network that spends about what each quarter was asked for."""
    network = networks()[name].train()
    x = torch.rand(8, 3, 48, 48)
    gates = [p for key, p in network.named_parameters() if key.startswith(("masks", "scores"))]
    optimizer = torch.optim.Adam(gates, lr=0.05)
    with torch.no_grad():  # far from what is asked for: all but everything is computed
        for key, value in network.named_parameters():
            value.add_(3.0 * key.endswith("score.bias") - 3.0 * key.endswith("here.bias"))

    def spent(seed):
        torch.manual_seed(seed)
        return network(x, setting=Setting("train", training=TrainingSignal(budget_weight=1.0))).penalty

    before = float(sum(spent(seed).detach() for seed in range(20)) / 20)
    for step in range(60):
        optimizer.zero_grad()
        spent(step).backward()
        optimizer.step()
    after = float(sum(spent(seed).detach() for seed in range(20)) / 20)
    assert after < before / 2


def test_masked_work_is_dense_work_times_the_mask():
    block = varied(GatheredBlock(4))
    x, mask = torch.rand(1, 4, 6, 6), torch.zeros(1, 1, 6, 6)
    with torch.inference_mode():
        torch.testing.assert_close(block.masked(x, mask), F.relu(x))
        torch.testing.assert_close(block.masked(x, mask + 1), block(x))
