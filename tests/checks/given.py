"""Change the words, values, pixels or frames that a network says it never read: nothing may follow. Those it read: it
must.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from dynviz.decisions import (
    STEP_ACTIONS,
    FrameChoice,
    Region,
    StepUpdate,
)
from dynviz.networks.clips import Clip
from dynviz.networks.contract import DynamicNetwork
from dynviz.recorder import Setting
from dynviz.trace.steps import PASSED, UNREAD, read_steps
from tests.checks.records import RecordError, Tally, answer, near_threshold, recorded, same


def check_steps(network: DynamicNetwork, x: Any, settings: Sequence[Setting], tally: Tally) -> None:
    """Other words, or other values, where no layer read anything change nothing; where one did, the answer changes.

    x: one sample.
    """
    for setting in settings:
        expected, (decisions,) = recorded(network, x, setting)
        layers = [decision for decision in decisions if isinstance(decision, StepUpdate)]
        if not layers:
            return
        unread = never_read(layers, x.steps.shape[1])
        unit = layers[0].unit
        found = answer(network, with_other_steps(x, unread), setting)
        if not same(found, expected):
            raise RecordError(f"{unit}: steps that it says were never read change the answer")
        tally.skipped[unit] += int(unread.any())
        tally.used[unit] += 1
        found = answer(network, with_other_steps(x, ~unread), setting)
        tally.mattered[unit] += not torch.allclose(found, expected, atol=1e-6, rtol=1e-5)
        _check_beginnings(network, x, setting, layers)


def _check_beginnings(network: DynamicNetwork, x: Any, setting: Setting, layers: Sequence[StepUpdate]) -> None:
    """What a layer did up to a step is what it does if the input ends there; how far it jumps may hang on the rest."""
    jump = STEP_ACTIONS.index("jump")
    for end in {x.steps.shape[1] // 3, 2 * x.steps.shape[1] // 3} - {0}:
        _, (decisions,) = recorded(network, type(x).batch([x.steps[0, :end].numpy()]), setting)
        begun = [decision for decision in decisions if isinstance(decision, StepUpdate)]
        for whole, part in zip(layers, begun, strict=True):
            if near_threshold(whole) or near_threshold(part) or (whole.actions == jump).any():
                continue
            if not np.array_equal(whole.actions[: end - 1], part.actions[:-1]):  # nobody has to stop at the end itself
                raise RecordError(f"{whole.unit}: with other steps to come it did something else before them")


def never_read(layers: Sequence[StepUpdate], length: int) -> np.ndarray:
    """(length,) bool: the steps that no recurrent layer looked at."""
    unread = np.full(length, bool(layers))
    for decision in layers:
        states = read_steps(decision).states
        unread[: len(states)] &= [state in (PASSED, UNREAD) for state in states]
    return unread


def with_other_steps(x: Any, where: np.ndarray) -> Any:
    """Another word or other values at the steps ``where`` (T,)."""
    steps, places = x.steps.clone(), torch.from_numpy(where)
    if steps.dtype == torch.int64:
        steps[:, places] = torch.flip(steps[:, places], dims=(-1,)) + 1
        return replace(x, ids=steps)
    steps[:, places] = 1 - 2 * steps[:, places].flip(-1)
    return replace(x, values=steps)


def check_regions(network: DynamicNetwork, x: Any, settings: Sequence[Setting], tally: Tally) -> None:
    """Other pixels of the original outside all regions change nothing, and inside them they do; the view stays.

    x: one picture as a ``PictureSource``. A region with an affine map is sampled from the view, which all of is seen.
    """
    for setting in settings:
        expected, (decisions,) = recorded(network, x, setting)
        regions = [d for d in decisions if isinstance(d, Region) and d.executed and d.affine is None]
        if not regions:
            continue
        [original] = x.originals
        inside = torch.zeros(original.pixels.shape[1:], dtype=torch.bool)
        for region in regions:
            left, top, right, bottom = (round(edge / original.scale[i % 2]) for i, edge in enumerate(region.box_px))
            inside[top:bottom, left:right] = True
        unit = regions[0].unit
        if not same(answer(network, _with_other_pixels(x, ~inside), setting), expected):
            raise RecordError(f"{unit}: pixels outside the regions that it says it saw change the answer")
        tally.skipped[unit] += int((~inside).any())
        tally.used[unit] += 1
        changed = answer(network, _with_other_pixels(x, inside), setting)
        tally.mattered[unit] += not torch.allclose(changed, expected, atol=1e-6, rtol=1e-5)


def _with_other_pixels(x: Any, where: Tensor) -> Any:
    [original] = x.originals
    noise = torch.randint(0, 256, original.pixels.shape, dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    return replace(x, originals=(replace(original, pixels=torch.where(where, noise, original.pixels)),))


GLANCE = "glance"  # the module through which a network that looks at every frame in small is handed them


def check_frames(network: DynamicNetwork, x: Any, settings: Sequence[Setting], tally: Tally) -> None:
    """Skipping: frames that were not chosen are never asked for, but for a glance; of the others what was seen matters.

    Each view of a frame in full lies where a ``Region`` of that frame says. x: one video as ``Clips``.
    """
    for setting in settings:
        expected, (decisions,) = recorded(network, x, setting)
        shots = [d for d in decisions if isinstance(d, FrameChoice)]
        glanced = _glanced_at(network, x, setting)
        skipped, used = ({d.frame for d in shots if d.executed is ran} for ran in (False, True))
        watched = _Watched(x.clips[0].video, x.clips[0].box_px, frozenset(skipped), glanced, [])
        if not same(answer(network, replace(x, clips=(watched,)), setting), expected):
            raise RecordError("the same frames, and another answer")
        asked = {frame for frame, side, _ in watched.asked if side not in glanced}
        if asked != used or len(shots) != len(x.clips[0].video):
            raise RecordError(f"it asked for the frames {sorted(asked)} and says it used {sorted(used)}")
        boxes = {(d.frame, d.box_px) for d in decisions if isinstance(d, Region)}
        seen = {(frame, box) for frame, side, box in watched.asked if side not in glanced}
        if boxes and boxes != seen:
            raise RecordError(f"it looked at {sorted(seen - boxes)} and says {sorted(boxes - seen)}")
        for frame in used:
            unit = shots[0].unit.rpartition(".")[0]
            tally.used[unit] += 1
            noisy = replace(watched, refused=frozenset(), noisy=frame, asked=[])
            changed = answer(network, replace(x, clips=(noisy,)), setting)
            tally.mattered[unit] += not torch.allclose(changed, expected, atol=1e-6, rtol=1e-5)
            tally.skipped[unit] += len(skipped)


def _glanced_at(network: DynamicNetwork, x: Any, setting: Setting) -> frozenset[int]:
    """Sides in px of the pictures that the network's glance is handed, if it has one."""
    if GLANCE not in dict(network.named_children()):
        return frozenset()
    watched, sides = copy.deepcopy(network), set()
    watched.get_submodule(GLANCE).register_forward_pre_hook(lambda _, given: sides.add(given[0].shape[-1]))
    answer(watched, x, setting)
    return frozenset(sides)


@dataclass(frozen=True, eq=False)
class _Watched(Clip):
    """A clip that writes down what is asked of it, refuses some frames but for a glance, and falsifies one."""

    refused: frozenset[int]
    glanced: frozenset[int]
    asked: list
    noisy: int | None = None

    def view(self, frame: int, side_px: int, centre: tuple[float, float], share: float) -> Any:
        view, box = super().view(frame, side_px, centre, share)
        self.asked.append((frame, side_px, box))
        if frame in self.refused and side_px not in self.glanced:
            raise RecordError(f"frame {frame} is said to be skipped, and was asked for")
        if frame == self.noisy:
            view = np.random.default_rng(0).integers(0, 256, view.shape, dtype=np.uint8)
        return view, box
