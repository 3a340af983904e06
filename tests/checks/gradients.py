"""Does a training step reach every parameter that is to be trained?"""

from __future__ import annotations

from typing import Any

import torch

from dynviz.networks.contract import DynamicNetwork
from dynviz.networks.training_output import TrainingOutput
from dynviz.recorder import Setting, TrainingSignal
from dynviz.training import loop

MOMENTS = (  # of a training: before the budget is told, when it is asked for, and at the end
    TrainingSignal(progress=0.0, learned=0.0, ramp=0.0),
    TrainingSignal(progress=0.5, learned=0.4, ramp=0.8, target=0.5, budget_weight=1.0),
    TrainingSignal(progress=0.95, learned=0.9, ramp=1.0, target=0.4, budget_weight=1.0),
)
ROUNDS = 8  # through these moments at most: a part that none of a few inputs chose in a draw has no gradient from it


def check_gradients(network: DynamicNetwork, x: Any, classes: int) -> None:
    """At one moment of the training or another the loss depends on each parameter, and never on what is not finite.

    A penalty for spending is none for the budget kept, and never a reward.
    """
    torch.manual_seed(0)
    labels = torch.arange(len(x)) % classes
    without = {
        name for name, value in network.named_parameters() if value.requires_grad
    }  # the others are kept as they are
    network.train()
    for signal in MOMENTS * ROUNDS:
        answer = network(x, setting=Setting("train", training=signal))
        output = answer if isinstance(answer, TrainingOutput) else TrainingOutput(answer)
        assert float(output.penalty) >= 0, f"a penalty of {float(output.penalty)} rewards what it should punish"
        network.zero_grad(set_to_none=True)
        loop.training_loss(output, labels, 0.1).backward()
        for name, value in network.named_parameters():
            if value.grad is not None:
                assert torch.isfinite(value.grad).all(), f"the gradient of {name} is not finite"
                if value.grad.any():
                    without.discard(name)
        if signal is MOMENTS[-1] and not without:
            break
    assert not without, f"no gradient reaches {', '.join(sorted(without))}"
