"""Would the suite notice? Each fault is planted, and the check that should notice must fail; without it, it passes."""

from __future__ import annotations

import copy

import pytest

from dynviz import zoo
from dynviz.evaluation import scoring
from tests import golden
from tests.checks import small, training
from tests.checks.planted import PLANTED

NOTICED_BY = {
    "inverted mask": small.check_pixel_masks,
    "flipped mask": small.check_pixel_masks,
    "inverted ponder map": small.check_ponder_maps,
    "other channels": small.check_channels,
    "skipped layers called executed": small.check_layers,
    "other tokens": small.check_tokens,
    "swapped steps": small.check_steps,
    "steps in reverse": small.check_steps,
    "layers' steps in reverse": small.check_layers_of_steps,
    "another mixture": small.check_mixtures,
    "another resolution": small.check_resolutions,
    "other merges": small.check_merges,
    "regions beside themselves": small.check_regions,
    "answer of another exit": small.check_answer,
    "loss without smoothing": training.check_loss,
    "average never updated": training.check_average,
    "average that does not lag": training.check_average,
    "warm start that loads nothing": training.check_warm_start,
    "penalty with the wrong sign": training.check_penalty,
    "clipping not applied": training.check_clipping,
    "class balance ignored": training.check_balance,
    "REINFORCE sign flipped": training.check_reinforce,
    "mirror without effect": training.check_mirror,
    "labels that stay behind": training.check_mirror,
    "folding that drops the bias": small.check_folding,
    "ideal above executed": small.check_ideal,
    "select that keeps the wrong rows": small.check_part_leaves,
    "parameter without gradient": small.check_gradient,
    "work beside exits dropped": small.check_costs_of_exits,
}
CHECKS = sorted({*NOTICED_BY.values(), small.check_units_run}, key=lambda check: check.__name__)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_without_a_fault_the_check_passes(check):
    check()


@pytest.mark.parametrize("fault", PLANTED)
def test_a_planted_fault_is_noticed(fault, monkeypatch):
    PLANTED[fault](monkeypatch)
    with pytest.raises(AssertionError):
        NOTICED_BY[fault]()


def test_a_table_whose_units_all_ran_is_noticed(monkeypatch):
    real = scoring.at_points

    def all_ran(*given, **more):
        found = real(*given, **more)
        found.units_run[:] = True
        return found

    monkeypatch.setattr(small, "at_points", all_ran)
    with pytest.raises(AssertionError):
        small.check_units_run()


@pytest.mark.parametrize("change", [("dog", 0, 1.0), (None, 5, 1.0), (None, 0, 1.1)])
def test_a_changed_answer_is_noticed(change):
    card = min(
        (card for card in zoo.models() if card.modality == "image"), key=lambda card: card.static_macs, default=0
    )
    if not card or card.name not in golden.read():
        pytest.skip("the networks here are not those that ship with the project")
    kept = copy.deepcopy(golden.read())
    golden.check_golden(card, kept)
    label, percent, macs = change
    for told in kept[card.name].values():
        told[:] = [label or told[0], told[1] - percent, told[2] * macs]
    with pytest.raises(AssertionError):
        golden.check_golden(card, kept)
