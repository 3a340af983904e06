"""Attributions of any shipped network by captum: through its masked mode, which is differentiable and runs everything.

Integrated Gradients (Sundararajan et al. 2017, "Axiomatic Attribution for Deep Networks"), Occlusion (Zeiler and Fergus
2014, "Visualizing and Understanding Convolutional Networks") and, for pictures, Layer Grad-CAM (Selvaraju et al. 2017,
"Grad-CAM"). By default every decision is open: what a network left out at a budget could then have mattered, so that
holding the two against one another is no circle. Words are taken as their vectors, the baseline is the unknown word; of
pictures it is the mean colour, of recordings a flat one.

A network that cuts regions out of the original picture is given the square that it saw as its original.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from dynviz import inference, zoo
from dynviz.attribution.result import Attribution
from dynviz.decisions import Region
from dynviz.evaluation.operating import best_point, thresholds
from dynviz.media.vocabulary import UNKNOWN
from dynviz.modalities import MODALITIES
from dynviz.recorder import Recorder, Setting

if TYPE_CHECKING:
    from torch import Tensor, nn

    from dynviz.zoo import ModelCard

INTEGRATED, OCCLUSION, GRAD_CAM = "integrated-gradients", "occlusion", "grad-cam"
METHODS = (INTEGRATED, OCCLUSION, GRAD_CAM)
WORK_MACS = 3e10  # what a method may spend beyond its least, so that a picture takes a few seconds
PARTS, POINTS = 4, 8  # Integrated Gradients begin with so many parts of the way, so many gradients in each
PASSES = (64, 400)  # of Integrated Gradients, what they may take, least and most
NEAR = 0.02  # of the change of the answer; what misses by no more needs no finer parts
FINE = 1e-5  # of the way; a change within less is a jump, which no gradient tells
CELLS = (7, 14)  # patches that are covered, along one side of a picture
SPANS = (20, 120)  # of words or steps that are covered
AT_ONCE = 8  # inputs in one pass
FINEST = 4  # places along a side that the feature map of Grad-CAM has at least

Progress = Callable[[int, int], None]


def methods_for(card: ModelCard) -> tuple[str, ...]:
    """The methods that can be asked of a network: Grad-CAM is of pictures."""
    return METHODS if MODALITIES[card.modality].one_picture else METHODS[:2]


def attribute(
    name: str,
    media: Any,
    method: str = INTEGRATED,
    *,
    budget: float | None = None,
    target: str | None = None,
    framing: str = "crop",
    rate_hz: float | None = None,
    progress: Progress | None = None,
) -> Attribution:
    """What the logit of ``target`` (None: of what is answered) depends on in ``media``, by ``method``.

    budget: decisions as at that operating point, taken anew wherever the method changes the input (None: every decision
    open). progress: called with the passes done and all of them; an exception from it stops the work. Other arguments
    and errors as for ``dynviz.run``; ValueError for a method or a label that the network does not have, and for
    Grad-CAM of a network whose last feature map is of a region only.
    """
    card = zoo.card(name)
    if method not in methods_for(card):
        raise ValueError(f"{name} can be asked by {', '.join(methods_for(card))}, not by {method!r}")
    if target is not None and target not in card.labels:
        raise ValueError(f"{name} does not know the label {target!r}")
    x, _ = inference.prepare(card, media, framing, rate_hz)
    return attribute_prepared(card, x, method, budget=budget, target=target, progress=progress)


def attribute_prepared(
    card: ModelCard,
    x: Any,
    method: str,
    *,
    budget: float | None = None,
    target: str | None = None,
    progress: Progress | None = None,
) -> Attribution:
    """The same of what the network is given already, a batch of one."""
    import torch

    network = zoo.load(card.name)
    limits = None if budget is None else thresholds(card.operating_points[best_point(card, budget)])
    asked = _Asked(network, x, Setting("masked", thresholds=limits), progress)
    with torch.enable_grad():
        start, flat = asked.values.clone(), asked.baseline.clone()
        with torch.no_grad():
            recorder = Recorder()
            logits = network(asked.like(start), setting=asked.setting, recorder=recorder)
            cost = max(int(recorder.totals(1)[0]), 1)
            row = int(logits[0].argmax()) if target is None else card.labels.index(target)
            ends = [float(network(asked.like(point), setting=asked.setting)[0, row]) for point in (start, flat)]
        if method == INTEGRATED:
            found = _integrated(asked, start, flat, row, cost)
        elif method == OCCLUSION:
            found = _occluded(asked, start, flat, row, cost)
        else:
            found = _grad_cam(asked, start, row, recorder, card.name)
    values = _by_place(found[0].detach().float().cpu(), asked.picture, method).numpy()
    return Attribution(method, card.labels[row], values, ends[0] - ends[1], float(values.sum()))


def _by_place(values: Tensor, picture: bool, method: str) -> Tensor:
    """One number a place: what its channels did together or, where they were covered together, what that did."""
    if picture and values.dim() == 2:
        return values  # a feature map
    across = 0 if picture else 1
    return values.sum(dim=across) if method == INTEGRATED else values.mean(dim=across)


class _Asked:
    """A network as captum calls it: numbers in, logits out, each pass told to ``progress``."""

    def __init__(self, network: nn.Module, x: Any, setting: Setting, progress: Progress | None) -> None:
        import torch

        from dynviz.networks.recurrent import looked_up
        from dynviz.networks.sources import PictureSource
        from dynviz.networks.words import Words

        self.network, self.setting, self._progress = network, setting, progress
        self.done, self.total = 0, 1
        x = x.view if isinstance(x, PictureSource) else x
        self.picture = isinstance(x, torch.Tensor)
        self._frames = looked_up(network, x) if isinstance(x, Words) else x
        self.values = x if self.picture else self._frames.values
        self.baseline = torch.zeros_like(self.values)
        if isinstance(x, Words):
            unknown = Words(torch.full_like(x.ids, UNKNOWN), x.lengths)
            self.baseline = looked_up(network, unknown).values

    def like(self, values: Tensor) -> Any:
        """The input with other numbers in it; any count of rows."""
        if self.picture:
            return values
        return replace(self._frames, values=values, lengths=self._frames.lengths.repeat(len(values)))

    def __call__(self, values: Tensor) -> Tensor:
        logits = self.network(self.like(values), setting=self.setting)
        self.done += len(values)
        if self._progress is not None:
            self._progress(min(self.done, self.total), self.total)
        return logits

    def finish(self) -> None:
        """Fewer passes than feared were needed."""
        if self._progress is not None and self.done < self.total:
            self._progress(self.total, self.total)


def _integrated(asked: _Asked, start: Tensor, flat: Tensor, row: int, cost: int) -> Tensor:
    """Part by part of the way from ``flat`` to ``start``; the part that misses its change of the answer by most is
    halved, as long as that helps. A recurrent network may turn its answer round within a hundredth of the way, which
    evenly spread gradients do not see.
    """
    import torch
    from captum.attr import IntegratedGradients

    asked.total = int(np.clip(WORK_MACS / cost, *PASSES))
    method = IntegratedGradients(asked, multiply_by_inputs=True)

    def at(place: float) -> Tensor:
        return flat + place * (start - flat)

    def answer(place: float) -> float:
        with torch.no_grad():
            return float(asked.network(asked.like(at(place)), setting=asked.setting)[0, row])

    def part(low: float, high: float) -> Tensor:
        how = {"n_steps": POINTS, "method": "gausslegendre", "internal_batch_size": AT_ONCE}
        return method.attribute(at(high), baselines=at(low), target=row, **how)

    ends = np.linspace(0, 1, PARTS + 1).tolist()
    answers = {place: answer(place) for place in ends}
    found = {(low, high): part(low, high) for low, high in pairwise(ends)}
    enough = NEAR * max(abs(answers[1.0] - answers[0.0]), 0.05)
    while asked.done + 2 * POINTS <= asked.total:
        missed = {way: abs(answers[way[1]] - answers[way[0]] - float(v.sum())) for way, v in found.items()}
        coarse = {way: off for way, off in missed.items() if way[1] - way[0] > FINE}
        if sum(missed.values()) <= enough or not coarse:
            break
        low, high = max(coarse, key=lambda way: coarse[way])
        middle = (low + high) / 2
        answers[middle] = answer(middle)
        del found[low, high]
        found[low, middle], found[middle, high] = part(low, middle), part(middle, high)
    asked.finish()
    return torch.stack(list(found.values())).sum(dim=0)


def _occluded(asked: _Asked, start: Tensor, flat: Tensor, row: int, cost: int) -> Tensor:
    """Patches of two cells a side, a cell apart; spans of words or steps without gap or overlap."""
    import torch
    from captum.attr import Occlusion

    if asked.picture:
        cells = int(np.clip(np.sqrt(WORK_MACS / cost), *CELLS))
        stride = max(1, start.shape[2] // cells)
        window, strides = (start.shape[1], 2 * stride, 2 * stride), (start.shape[1], stride, stride)
        places = int(np.prod([max(1, -(-(length - 2 * stride) // stride) + 1) for length in start.shape[2:]]))
    else:
        spans = int(np.clip(WORK_MACS / cost, *SPANS))
        stride = max(1, -(-start.shape[1] // spans))
        window, strides = (stride, start.shape[2]), (stride, start.shape[2])
        places = -(-start.shape[1] // stride)
    asked.total = places + 1
    with torch.no_grad():
        return Occlusion(asked).attribute(
            start, window, strides=strides, baselines=flat, target=row, perturbations_per_eval=AT_ONCE
        )


def _grad_cam(asked: _Asked, start: Tensor, row: int, recorder: Recorder, name: str) -> Tensor:
    """On a copy of the network: captum hooks into a layer, and the network itself is shared by all sessions."""
    from captum.attr import LayerGradCam, LayerGradientXActivation

    if any(record.decision is Region for record in recorder.records):
        raise ValueError(f"Grad-CAM shows the last feature map, which in {name} is of a region, not of the picture")
    asked.network = copy.deepcopy(asked.network)
    layer, tokens = _last_map(asked, start)
    asked.total = asked.done = 1
    start.requires_grad_()
    if not tokens:
        return LayerGradCam(asked, layer).attribute(start, target=row, relu_attributions=True)[:, 0]
    found = LayerGradientXActivation(asked, layer).attribute(start, target=row).sum(dim=2)
    side = int((found.shape[1]) ** 0.5)
    return found[:, -side * side :].reshape(-1, side, side).clamp(min=0)


def _last_map(asked: _Asked, start: Tensor) -> tuple[nn.Module, bool]:
    """The last layer that answers with places: (N, channels, rows, columns), or (N, tokens, width) which is then told.

    Raises ValueError for a network without one.
    """
    import torch

    found: list[tuple[nn.Module, bool]] = []

    def see(module: nn.Module, _given: Any, out: Any) -> None:
        if not isinstance(out, torch.Tensor) or not len(out):
            return
        if out.dim() == 4 and min(out.shape[2:]) >= FINEST:
            found.append((module, False))
        elif out.dim() == 3 and int(out.shape[1] ** 0.5) ** 2 in (out.shape[1], out.shape[1] - 1):
            found.append((module, True))

    hooks = [module.register_forward_hook(see) for module in asked.network.modules()]
    try:
        with torch.no_grad():
            asked(start)
    finally:
        for hook in hooks:
            hook.remove()
    if not found:
        raise ValueError("this network has no feature map that Grad-CAM could show")
    return found[-1]
