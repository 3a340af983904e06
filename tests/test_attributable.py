"""Every shipped network can be attributed through: its masked mode has a gradient with respect to its input.

Where a network chooses, the gradient is that of the network as it chose; where what it decides follows the input
without a step (a mixture, an offset, an affine region), the gradient goes through the decision too.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from dynviz import Setting, zoo
from dynviz.decisions import KernelMixture, SamplingOffsets
from dynviz.networks.clips import Clips
from dynviz.networks.gates import Decider
from dynviz.networks.recurrent import looked_up
from dynviz.networks.sources import PictureSource
from dynviz.networks.words import Words
from dynviz.recorder import Record, Recorder
from tests.checks.inputs import each, prepared, settings, sources

CARDS = sorted(zoo.models(), key=lambda card: card.data)
SEEN = {"score", "scores", "probabilities", "running", "threshold", "weights"}
STEP = 1e-4  # along the gradient, as a share of the input's norm
FOLLOWING = [card for card in CARDS if card.network in ("senet", "condconv", "deformable", "stn")]
FAULTS = {
    "cut off": lambda answer: answer.detach(),
    "twice the gradient": lambda answer: answer + (answer - answer.detach()),
}


def with_values(x: Any, values: Tensor) -> Any:
    return values if isinstance(x, Tensor) else replace(x, values=values)


@each(CARDS)
def test_masked_mode_has_the_slope_that_its_gradient_says(card, pictures):
    """Held against differences where the choices stay what they are; and it is the same answer."""
    network, held = zoo.load(card.name), 0
    for source in sources(card, pictures)[:3]:
        x = prepared(card, source)
        x = x.view if isinstance(x, PictureSource) else x.with_values(card.in_side_px) if isinstance(x, Clips) else x
        floating = looked_up(network, x) if isinstance(x, Words) else x
        start = (floating if isinstance(floating, Tensor) else floating.values).clone()
        for setting in settings(card)[:4]:
            setting = replace(setting, mode="masked")
            values = start.clone().requires_grad_()
            recorder = Recorder()
            logits = network(with_values(floating, values), setting=setting, recorder=recorder)
            with torch.inference_mode():
                torch.testing.assert_close(logits.detach(), network(x, setting=setting), atol=1e-3, rtol=1e-3)
            top = int(logits[0].argmax())
            (gradient,) = torch.autograd.grad(logits[0, top], values)
            assert gradient.isfinite().all() and gradient.any()
            slope = float(gradient.norm())
            ahead, behind = (
                moved(network, floating, start + gradient / slope * start.norm() * size, setting, recorder)
                for size in (STEP, -STEP)
            )
            if ahead is not None and behind is not None:
                difference = float(ahead[0, top] - behind[0, top]) / (2 * float(start.norm()) * STEP)
                assert difference == pytest.approx(slope, rel=0.25)
                held += 1
            if any(follows(record) for record in recorder.records):
                check_slope_through_decisions(network, floating, start, setting)
    assert held, "no input whose choices stay what they are"


@each(FOLLOWING)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_wrong_gradient_through_what_is_decided_is_noticed(card, fault, pictures):
    network, x = copy.deepcopy(zoo.load(card.name)), prepared(card, pictures[0])
    x = x.view if isinstance(x, PictureSource) else x
    check_slope_through_decisions(network, x, x, Setting("masked"))
    for part in network.modules():
        if isinstance(part, Decider):
            part.register_forward_hook(lambda _, __, answer: FAULTS[fault](answer))
    with pytest.raises(AssertionError):
        check_slope_through_decisions(network, x, x, Setting("masked"))


def moved(network: Any, x: Any, values: Tensor, setting: Setting, before: Recorder) -> Tensor | None:
    """The logits at other values; None where the network chooses otherwise there."""
    recorder = Recorder()
    with torch.no_grad():
        logits = network(with_values(x, values), setting=setting, recorder=recorder)
    return logits if chosen(before) == chosen(recorder) else None


def chosen(recorder: Recorder) -> list[Any]:
    """What was chosen, without the numbers that it was chosen by and those that follow the input."""
    found = []
    for record in recorder.records:
        columns = {} if follows(record) else record.columns
        kept = {name: values for name, values in columns.items() if name not in SEEN}
        found.append({name: [np.asarray(value).tolist() for value in values] for name, values in kept.items()})
    return found


def follows(record: Record) -> bool:
    """Whether what was decided moves with the input without a step: the gradient goes through it."""
    return record.decision in (KernelMixture, SamplingOffsets) or "affine" in record.columns


def check_slope_through_decisions(network: nn.Module, x: Any, start: Tensor, setting: Setting) -> None:
    """The part of the gradient that goes through what is decided, held against differences in which only that moves.

    It is a hundredth of the whole or far less, which would be hardly another without it: hence in double precision.
    """
    network, start = copy.deepcopy(network).double(), start.double()
    values = start.clone().requires_grad_()
    with deciding(network) as decided:
        logits = network(with_values(x, values), setting=setting)
    top = int(logits[0].argmax())
    (whole,) = torch.autograd.grad(logits[0, top], values)
    with deciding(network, [one.detach() for one in decided]):
        (rest,) = torch.autograd.grad(network(with_values(x, values), setting=setting)[0, top], values)
    through = whole - rest
    slope = float(through.norm())
    assert slope > 1e-8 * float(whole.norm()), "the gradient does not go through what is decided"
    told = []
    with torch.no_grad():
        for size in (STEP, -STEP):
            with deciding(network) as decided:
                network(with_values(x, start + through / slope * start.norm() * size), setting=setting)
            with deciding(network, decided):
                told.append(float(network(with_values(x, start), setting=setting)[0, top]))
    assert (told[0] - told[1]) / (2 * float(start.norm()) * STEP) == pytest.approx(slope, rel=0.1)


@contextmanager
def deciding(network: nn.Module, instead: list[Tensor] | None = None) -> Iterator[list[Tensor]]:
    """Notes what all deciders of ``network`` say, in the order of the calls, or has them say ``instead``."""
    said: list[Tensor] = []

    def hook(_: nn.Module, __: Any, answer: Tensor) -> Tensor:
        said.append(answer if instead is None else instead[len(said)])
        return said[-1]

    hooks = [part.register_forward_hook(hook) for part in network.modules() if isinstance(part, Decider)]
    try:
        yield said
    finally:
        for one in hooks:
            one.remove()
