"""Every network that has a recipe, untrained: gradients reach all of it, both modes agree, its record is the truth.

A network is covered from the day on which it is in the table and has a recipe, without a line changed here.
"""

from __future__ import annotations

import pytest
import torch

from dynviz.decisions import Exit, FrameChoice, Region, StepUpdate, TokenSelection
from dynviz.networks import ready
from dynviz.recorder import Recorder, Setting
from dynviz.training.recipes import RECIPES
from tests.checks import builds
from tests.checks.given import check_frames, check_regions, check_steps
from tests.checks.gradients import check_gradients
from tests.checks.outputs import MASKS, check_masks
from tests.checks.passing import PASSING, check_passing, check_tokens
from tests.checks.records import Tally, check_answer, check_same_arrays, near_threshold, recorded

DYNAMIC = sorted({recipe.network for recipe in RECIPES.values() if recipe.family != "static"})


@pytest.fixture
def recipe(name):
    return builds.recipe_of(name)


@pytest.mark.parametrize("name", builds.TRAINED)
def test_a_gradient_reaches_every_parameter(recipe, pictures):
    network = builds.untrained(recipe)
    classes = builds.logits_of(network(builds.batch(recipe, pictures), setting=Setting("train"))).shape[-1]
    check_gradients(network, builds.batch(recipe, pictures), classes)


@pytest.mark.parametrize("name", DYNAMIC)
def test_the_record_of_an_untrained_network_is_the_truth(recipe, pictures):
    network = ready(builds.untrained(recipe))
    x, given, tally = builds.batch(recipe, pictures), builds.singles(network, recipe, pictures), Tally()
    at = list(builds.settings(network, x))
    kinds = {type(decision) for setting in at for row in recorded(network, x, setting)[1] for decision in row}
    for number, single in enumerate(given[:2]):
        if kinds & set(MASKS):
            check_masks(network, single, at[1 + number :: 3], tally)
        if StepUpdate in kinds:
            check_steps(network, single, at, tally)
        if TokenSelection in kinds:
            check_tokens(network, single, at, tally)
        if kinds & set(PASSING):
            check_passing(network, single, at, tally)
        if FrameChoice in kinds:
            check_frames(network, single, at, tally)
        elif Region in kinds:
            check_regions(network, single, at, tally)
    if Exit in kinds:
        check_answer(network, x, at)
    tally.close()


@pytest.mark.parametrize("name", DYNAMIC)
def test_a_decision_that_offers_choices_is_taken_by_hand(recipe, pictures):
    """Either mode takes what was chosen by hand, says so, and both answer the same: the first, a middle, the last."""
    network = ready(builds.untrained(recipe))
    single = builds.singles(network, recipe, pictures)[0]
    able = [d for d in recorded(network, single, Setting())[1][0] if d.choices() and d.rule != "last exit"]
    for place in sorted({0, len(able) // 2, len(able) - 1} if able else ()):
        unit, choices = able[place].unit, able[place].choices()
        choice, told = choices[0 if place else -1], []
        for mode in ("masked", "skipping"):
            logits, (decisions,) = recorded(network, single, Setting(mode, forced={unit: choice}))
            own = next(other for other in decisions if other.unit == unit)
            assert own.forced and own.choice == choice
            told.append(logits)
        torch.testing.assert_close(*told, atol=1e-3, rtol=1e-3)
        with pytest.raises(ValueError, match="perhaps"):
            recorded(network, single, Setting(forced={unit: "perhaps"}))


@pytest.mark.parametrize("name", DYNAMIC)
def test_masked_and_skipping_agree_untrained(recipe, pictures):
    network, compared = ready(builds.untrained(recipe)), 0
    x = builds.batch(recipe, pictures)
    for setting in builds.settings(network, x):
        logits, ours = recorded(network, x, setting)
        expected, theirs = recorded(network, x, Setting("masked", setting.thresholds))
        for row in range(len(x)):
            if any(near_threshold(decision) for decision in theirs[row]):
                continue
            check_same_arrays(ours[row], theirs[row])
            torch.testing.assert_close(logits[row], expected[row], atol=1e-3, rtol=1e-3)
            compared += 1
    assert compared >= len(x)


@pytest.mark.parametrize("name", [name for name in DYNAMIC if builds.recipe_of(name).modality == "image"])
def test_samples_are_regrouped_in_half_precision_too(recipe, pictures):
    """The search for operating points runs the skipping mode so, on batches, and blind decisions the masked one."""
    network = ready(builds.untrained(recipe))
    x = builds.batch(recipe, pictures)
    blind = network.baselines[:1] if network.candidates else ()
    masked = [Setting("masked", thresholds=((0.5,),), baseline=baseline) for baseline in blind]
    for setting in (*builds.settings(network, x), *masked):
        with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16):
            assert torch.isfinite(network(x, setting=setting, recorder=Recorder())).all()
