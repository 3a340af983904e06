"""Tables are made on a GPU where there is one: in masked mode the tensors of every network stay on one device."""

from __future__ import annotations

import pytest
import torch

from dynviz.networks.contract import Between
from dynviz.recorder import Recorder, Setting
from tests.checks import builds
from tests.checks.devices import Followed


def middle(candidates) -> float | None:
    """A threshold at which something is left out."""
    if isinstance(candidates, Between):
        return (candidates.low + candidates.high) / 2
    return candidates[len(candidates) // 2] if candidates else None


@pytest.mark.parametrize("name", builds.TRAINED)
def test_tensors_stay_on_one_device(name, pictures):
    recipe = builds.recipe_of(name)
    network, followed = builds.untrained(recipe).eval(), Followed()
    x = builds.batch(recipe, pictures)
    followed.put([*network.parameters(), *network.buffers()])
    limit = middle(network.candidates)
    settings = [Setting("masked")]
    if limit is not None:
        settings.append(Setting("masked", ((limit,),)))
    with torch.inference_mode(), followed:
        x = x.to(torch.device("cpu"))
        for setting in settings:
            network(x, setting=setting, recorder=Recorder())
    assert not followed.faults


def test_a_tensor_of_another_device_is_noticed():
    followed, weight = Followed(), torch.ones(3)
    followed.put(weight)
    with followed:
        assert (weight * torch.ones(3, device=weight.device)).sum() == 3
        assert not followed.faults
        weight * torch.ones(3)
        assert len(followed.faults) == 1
