"""Every shipped network can be attributed through: its masked mode has a gradient with respect to its input."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from dynviz import Setting, zoo
from dynviz.networks.clips import Clips
from dynviz.networks.recurrent import looked_up
from dynviz.networks.sources import PictureSource
from dynviz.networks.words import Words
from dynviz.recorder import Recorder
from tests.checks.inputs import each, prepared, settings, sources

CARDS = sorted(zoo.models(), key=lambda card: card.data)
SEEN = {"score", "scores", "probabilities", "running", "threshold", "weights"}
STEP = 1e-4  # along the gradient, as a share of the input's norm


def with_values(x: Any, values: torch.Tensor) -> Any:
    return values if isinstance(x, torch.Tensor) else replace(x, values=values)


@each(CARDS)
def test_masked_mode_has_the_slope_that_its_gradient_says(card, pictures):
    """Held against differences where the decisions stay what they are; and it is the same answer."""
    network, held = zoo.load(card.name), 0
    for source in sources(card, pictures)[:3]:
        x = prepared(card, source)
        x = x.view if isinstance(x, PictureSource) else x.with_values(card.in_side_px) if isinstance(x, Clips) else x
        floating = looked_up(network, x) if isinstance(x, Words) else x
        start = (floating if isinstance(floating, torch.Tensor) else floating.values).clone()
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
    assert held, "no input whose decisions stay what they are"


def moved(network: Any, x: Any, values: torch.Tensor, setting: Setting, before: Recorder) -> torch.Tensor | None:
    """The logits at other values; None where the network decides otherwise there."""
    recorder = Recorder()
    with torch.no_grad():
        logits = network(with_values(x, values), setting=setting, recorder=recorder)
    return logits if decided(before) == decided(recorder) else None


def decided(recorder: Recorder) -> list[Any]:
    """What was decided, without the numbers that it was decided by."""
    found = []
    for record in recorder.records:
        columns = {name: values for name, values in record.columns.items() if name not in SEEN}
        found.append({name: [np.asarray(value).tolist() for value in values] for name, values in columns.items()})
    return found
