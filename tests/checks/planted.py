"""Faults as somebody might make them, each planted by replacing a piece of the project for the length of one test."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from dynviz.decisions import (
    STEP_ACTIONS,
    ChannelSelection,
    Decision,
    Exit,
    KernelMixture,
    LayerSkip,
    PixelMask,
    PonderMap,
    Region,
    Resolution,
    StepUpdate,
    TokenMerge,
    TokenSelection,
)
from dynviz.modalities import pictures
from dynviz.networks import blocks, contract
from dynviz.networks.sample_wise.msdnet import MSDNet
from dynviz.recorder import Recorder
from dynviz.training import loop
from dynviz.training.augment import Augmentation

Plant = Callable[[pytest.MonkeyPatch], None]


def told(kind: type[Decision], **lies: Callable[[Any], Any]) -> Plant:
    """Decisions of ``kind`` are recorded with other values in the columns or fields named."""

    def plant(patch: pytest.MonkeyPatch) -> None:
        decide = Recorder.decide

        def lying(self: Recorder, decision: type[Decision], rows: Any, *, columns: Any = None, **shared: Any) -> None:
            columns = dict(columns or {})
            if decision is kind:
                columns |= {name: lie(np.asarray(columns[name])) for name, lie in lies.items() if name in columns}
                shared |= {name: lie(shared[name]) for name, lie in lies.items() if name in shared}
            decide(self, decision, rows, columns=columns, **shared)

        patch.setattr(Recorder, "decide", lying)

    return plant


def each_row(change: Callable[[np.ndarray], np.ndarray]) -> Callable[[np.ndarray], np.ndarray]:
    """A lie about the array of each row, for columns whose rows differ in length."""

    def lie(column: np.ndarray) -> np.ndarray:
        changed = column.copy()
        for row, values in enumerate(column):
            changed[row] = change(np.asarray(values))
        return changed

    return lie


def swapped(actions: np.ndarray) -> np.ndarray:
    """Updates called copies and copies updates."""
    update, copy = STEP_ACTIONS.index("update"), STEP_ACTIONS.index("copy")
    return np.where(actions == copy, update, np.where(actions == update, copy, actions)).astype(actions.dtype)


def beside(boxes: np.ndarray) -> np.ndarray:
    """Boxes moved by a quarter of their width."""
    moved = boxes.copy()
    for row, box in enumerate(boxes):
        left, top, right, bottom = box
        shift = (right - left) / 4
        moved[row] = (left + shift, top, right + shift, bottom)
    return moved


def wrapped(place: Any, name: str, make: Callable[[Callable], Callable]) -> Plant:
    """``place.name`` is replaced by what ``make`` makes of it."""

    def plant(patch: pytest.MonkeyPatch) -> None:
        patch.setattr(place, name, make(getattr(place, name)))

    return plant


def _without_bias(fuse: Callable) -> Callable:
    def fused(*layers: Any) -> Any:
        folded = fuse(*layers)
        folded.bias.data.zero_()
        return folded

    return fused


def _other_ideal(decide: Callable) -> Callable:
    def deciding(self: Recorder, decision: Any, rows: Any, *, columns: Any = None, **shared: Any) -> None:
        columns = dict(columns or {})
        columns["macs_ideal"] = np.asarray(columns["macs"]) + 1
        decide(self, decision, rows, columns=columns, **shared)

    return deciding


def _exits_alone(outcomes: Callable) -> Callable:
    def costs(self: Any, x: Any) -> tuple[np.ndarray, np.ndarray]:
        recorder = Recorder()
        self(x, setting=contract.Setting("masked"), recorder=recorder)
        exits = [record for record in recorder.records if record.decision is Exit]
        macs = np.cumsum([record.field("macs", 0) * np.ones(len(x), dtype=np.int64) for record in exits], axis=0).T
        return outcomes(self, x)[0], macs

    return costs


PLANTED: dict[str, Plant] = {
    "inverted mask": told(PixelMask, mask=np.logical_not),
    "flipped mask": told(PixelMask, mask=lambda mask: mask[:, :, ::-1].copy()),
    "inverted ponder map": told(PonderMap, map=lambda depth: depth.max() + 1 - depth),
    "other channels": told(ChannelSelection, kept=lambda kept: kept[:, ::-1].copy()),
    "skipped layers called executed": told(LayerSkip, executed=np.logical_not),
    "other tokens": told(TokenSelection, kept=each_row(lambda kept: kept[::-1].copy())),
    "swapped steps": told(StepUpdate, actions=each_row(swapped)),
    "steps in reverse": told(StepUpdate, actions=each_row(lambda actions: actions[::-1].copy())),
    "layers' steps in reverse": told(StepUpdate, actions=each_row(lambda actions: actions[::-1].copy())),
    "another mixture": told(KernelMixture, weights=lambda weights: weights[:, ::-1].copy()),
    "another resolution": told(Resolution, side_px=lambda side: side + 16),
    "other merges": told(TokenMerge, source=each_row(lambda source: source[::-1].copy())),
    "regions beside themselves": told(Region, box_px=beside),
    "answer of another exit": told(Exit, probabilities=lambda p: 1 - p),
    "loss without smoothing": wrapped(
        loop, "exits_loss", lambda loss: lambda logits, labels, smoothing, *more: loss(logits, labels, 0.0, *more)
    ),
    "average never updated": lambda patch: patch.setattr(loop, "update_average", lambda *_: None),
    "average that does not lag": wrapped(
        loop, "update_average", lambda update: lambda average, model, decay: update(average, model, 0.0)
    ),
    "warm start that loads nothing": lambda patch: patch.setattr(loop, "begin", lambda *_: ()),
    "penalty with the wrong sign": wrapped(
        loop,
        "training_loss",
        lambda loss: lambda output, *more: loss(replace(output, penalty=-1 * output.penalty), *more),
    ),
    "clipping not applied": lambda patch: patch.setattr(loop.nn.utils, "clip_grad_norm_", lambda *_, **__: None),
    "class balance ignored": lambda patch: patch.setattr(
        pictures, "class_weights", lambda labels, *_: torch.ones(len(labels))
    ),
    "REINFORCE sign flipped": wrapped(
        loop,
        "training_loss",
        lambda loss: lambda output, *more: loss(replace(output, log_probability=-output.log_probability), *more),
    ),
    "mirror without effect": lambda patch: patch.setattr(
        Augmentation, "_crop", lambda self, images, side_px, uniform: images.float() / 255
    ),
    "labels that stay behind": wrapped(
        pictures.PictureFeed,
        "train",
        lambda train: lambda *given: ((x, labels.flip(0), rows) for x, labels, rows in train(*given)),
    ),
    "folding that drops the bias": wrapped(torch.nn.utils.fusion, "fuse_conv_bn_eval", _without_bias),
    "ideal above executed": wrapped(Recorder, "decide", _other_ideal),
    "select that keeps the wrong rows": wrapped(
        MSDNet, "select", lambda select: lambda self, state, x, rows: select(self, state, x, len(rows) - 1 - rows * 0)
    ),
    "parameter without gradient": lambda patch: patch.setattr(
        blocks.PooledLinear,
        "forward",
        lambda self, x: F.linear(x.mean(dim=(2, 3)), self.linear.weight, self.linear.bias.detach()),
    ),
    "work beside exits dropped": wrapped(contract.DynamicNetwork, "outcomes", _exits_alone),
}
