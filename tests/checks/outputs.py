"""Change a unit's output where a decision calls it skipped: nothing may follow. Where it calls it used: it must."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from dynviz.decisions import (
    ChannelSelection,
    Decision,
    Exit,
    ExpertChoice,
    LayerSkip,
    PixelMask,
    PonderMap,
)
from dynviz.networks.contract import DynamicNetwork
from dynviz.recorder import Setting
from tests.checks.records import RecordError, Tally, answer, recorded, same

MASKS = (Exit, LayerSkip, PixelMask, PonderMap, ChannelSelection, ExpertChoice)


def check_masks(network: DynamicNetwork, x: Any, settings: Sequence[Setting], tally: Tally) -> None:
    """Masked mode: the output of a unit is noise where it was skipped, and then where it was used.

    x: one sample: networks may leave out those of a batch that they need not compute.
    """
    for setting in settings:
        setting = replace(setting, mode="masked")
        expected, (decisions,) = recorded(network, x, setting)
        parts = _parts(network, decisions)
        found, called = _with_noise(network, x, setting, {name: ~used for name, used in parts.items()})
        if missing := {name for name, used in parts.items() if used.any} - called:
            raise RecordError(f"the masked mode does not call what a decision is about: {', '.join(sorted(missing))}")
        if not same(found, expected):
            wrong = [
                name
                for name, used in parts.items()
                if not same(_with_noise(network, x, setting, {name: ~used})[0], expected)
            ]
            raise RecordError(f"said to be skipped, and the answer depends on it: {', '.join(wrong)}")
        for name, used in parts.items():
            tally.skipped[name] += used.skips
            if used.any:
                tally.used[name] += 1
                changed, _ = _with_noise(network, x, setting, {name: used})
                tally.mattered[name] += not torch.allclose(changed, expected, atol=1e-6, rtol=1e-5)


class Used:
    """Which part of a module's output a decision says is used: ``of`` gives it for an output of any size."""

    def __init__(self, of: Callable[[tuple[int, ...]], np.ndarray], some: bool, rest: bool):
        self.of, self.any, self.skips = of, some, rest

    def __invert__(self) -> Used:
        return Used(lambda shape: ~self.of(shape), self.skips, self.any)


def _parts(network: DynamicNetwork, decisions: Sequence[Decision]) -> dict[str, Used]:
    """Module -> what a decision says of it."""
    parts: dict[str, Used] = {}
    for decision in decisions:
        if not isinstance(decision, MASKS) or (isinstance(decision, Exit) and decision.choice == "continue"):
            continue  # of an exit that was asked and did not answer, only whether it was sure matters
        names = network.governs(decision.unit)
        for place, name in enumerate(names):
            parts[name] = used_part(decision, place, len(names))
    return parts


def used_part(decision: Decision, place: int = 0, count: int = 1) -> Used:
    """What ``decision`` says of the output of the module number ``place`` of the ``count`` that it is about."""
    if isinstance(decision, PixelMask | PonderMap):
        layers = decision.map > decision.most - count + place if isinstance(decision, PonderMap) else decision.mask
        return Used(lambda shape: spread(layers, shape), bool(layers.any()), not layers.all())
    if isinstance(decision, ChannelSelection):
        return Used(lambda shape: _channels(decision.kept, shape), bool(decision.kept.any()), not decision.kept.all())
    ran = place in decision.chosen if isinstance(decision, ExpertChoice) else decision.executed
    return Used(lambda shape: np.full((1,) * len(shape), ran), bool(ran), not ran)


def spread(mask: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """(rows, columns) cells -> (1, H, W), each at all of its pixels; the last may be cut off."""
    height, width = shape[-2:]
    if mask.shape[0] > height or mask.shape[1] > width:
        raise RecordError(f"a mask of {mask.shape} is finer than the output of {height} x {width} that it is about")
    down, across = -(-height // mask.shape[0]), -(-width // mask.shape[1])
    return mask.repeat(down, axis=0).repeat(across, axis=1)[None, :height, :width]


def _channels(kept: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """(groups,) -> (C, 1, 1) of a feature map, (C,) of a vector, (1, C) of tokens."""
    channels = shape[-1] if len(shape) == 2 else shape[0]
    each = kept.repeat(channels // len(kept))
    return each[:, None, None] if len(shape) == 3 else each[None] if len(shape) == 2 else each


def _with_noise(network: DynamicNetwork, x: Any, setting: Setting, parts: dict[str, Used]) -> tuple[Tensor, set[str]]:
    """The answer of a copy whose modules give out noise at the parts named, and which of those were called."""
    network, called = copy.deepcopy(network), set()
    generator = torch.Generator().manual_seed(0)

    def noisy(name: str, used: Used) -> Callable:
        def hook(module: nn.Module, given: Any, output: Any) -> Any:
            called.add(name)
            values = output if isinstance(output, Tensor) else output[0]
            noise = torch.randn(values.shape, generator=generator) * (3 * values.float().std(correction=0) + 1)
            where = torch.from_numpy(used.of(tuple(values.shape[1:])).copy())
            values = torch.where(where, noise.to(values.dtype), values)
            return values if isinstance(output, Tensor) else (values, *output[1:])

        return hook

    for name, used in parts.items():
        network.get_submodule(name).register_forward_hook(noisy(name, used))
    return answer(network, x, setting), called
