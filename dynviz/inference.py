"""Running a shipped network on one input: ``run`` at one operating point, ``sweep`` at all of them.

``run_harder`` puts it on the same picture made harder step by step.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dynviz import zoo
from dynviz.evaluation.operating import anytime_setting, best_point, thresholds
from dynviz.likeness import likenesses
from dynviz.media.difficulty import Knob
from dynviz.media.image import Picture, read_image, thumbnail
from dynviz.modalities import MODALITIES
from dynviz.recorder import Recorder, Setting
from dynviz.trace import Likeness, Media, Prediction, Sweep, Trace

if TYPE_CHECKING:
    from torch import Tensor


THUMBNAIL_PX = 320  # of the previews where one call gives ten traces

Source = str | Path | bytes | Any  # also a PIL image or a (height, width, 3) uint8 array


def run(
    name: str,
    media: Source,
    *,
    budget: float | None = None,
    setting: Setting | None = None,
    forced: Mapping[str, str] | None = None,
    anytime_macs: int | None = None,
    framing: str = "crop",
    rate_hz: float | None = None,
) -> Trace:
    """Run network ``name`` on ``media`` and return its Trace; what is skipped is not executed.

    media: for pictures a path, bytes, PIL image or (H, W, 3) uint8 array; for texts a str, which is the text itself,
    bytes or a path object; for recordings a ``Series``, a file as ``dynviz.media.series`` reads it or its samples.
    budget: 0..1, the largest calibrated point at most that costly on average (None: every decision open). anytime_macs:
    a hard cap for this input instead, for networks whose card says ``anytime``. setting: thresholds and forced
    decisions of your own. forced: decisions taken by hand at any budget, unit -> choice, flagged in the trace.
    framing: ``crop`` (centre square) or ``fit`` (the whole picture in a square). rate_hz: samples a second of a table
    of numbers or an array, whatever it says itself. Raises KeyError for an unknown network,
    ``dynviz.media.MediaError`` for input that cannot be used, ValueError for contradicting arguments, and for a
    decision that the network does not take.
    """
    if sum(choice is not None for choice in (budget, setting, anytime_macs)) > 1:
        raise ValueError("give one of budget, setting and anytime_macs")
    if forced and (setting is not None or anytime_macs is not None):
        raise ValueError("forced goes with a budget or with nothing: a setting has its own, and a cap forces the exits")
    card, network = zoo.card(name), zoo.load(name)
    x, described = prepare(card, media, framing, rate_hz)
    rule = ""
    if setting is None:
        setting, rule = _setting(card, network, x, budget, anytime_macs)
        setting = replace(setting, forced=forced) if forced else setting
    trace = _ran(card, x, described, setting, budget)
    _check_forced(trace, forced or {})
    return replace(trace, budget=budget, rule=rule)


def run_prepared(card: zoo.ModelCard, x: Any, described: Media, budget: float) -> Trace:
    """The same at ``budget`` of what ``prepare`` gave, so that the next input can be read while this one is run."""
    setting, rule = _setting(card, zoo.load(card.name), x, budget, None)
    return replace(_ran(card, x, described, setting, budget), budget=budget, rule=rule)


def _ran(card: zoo.ModelCard, x: Any, described: Media, setting: Setting, budget: float | None) -> Trace:
    """One input through the network, timed. budget: that ``setting`` comes of."""
    import torch

    from dynviz.networks.answering import listening

    network, recorder = zoo.load(card.name), Recorder()
    with torch.inference_mode(), listening() as heard:
        started = time.perf_counter()
        logits = network(x, setting=setting, recorder=recorder)
        ms = (time.perf_counter() - started) * 1000
    (likeness,) = likenesses(card, network, heard, logits, (_reached(card, budget),))
    trace = make_trace(card, recorder, 0, _softmax(logits)[0], described, likeness)
    return replace(trace, ms=ms, counterfactual=setting.mode != "skipping")


def sweep(
    name: str,
    media: Source,
    *,
    forced: Mapping[str, str] | None = None,
    framing: str = "crop",
    rate_hz: float | None = None,
) -> Sweep:
    """Run ``media`` at every operating point of network ``name``; a network with exits needs one full pass for all.

    The traces say what the skipping network does (a registry-wide test holds them against it); none is timed. What is
    forced by hand is so at every point, and not in the full pass, which leaves every decision open. Arguments and
    errors as for ``run``.
    """
    import torch

    from dynviz.networks.answering import listening
    from dynviz.networks.contract import repeated

    card, network = zoo.card(name), zoo.load(name)
    x, described = prepare(card, media, framing, rate_hz)
    with torch.inference_mode(), listening() as heard:
        recorder = Recorder()
        logits = network(x, setting=Setting(mode="masked"), recorder=recorder)
        (likeness,) = likenesses(card, network, heard, logits)
        full = make_trace(card, recorder, 0, _softmax(logits)[0], described, likeness)
        full = replace(full, counterfactual=True)
        table = np.array([thresholds(point) for point in card.operating_points])
        if not table.size and not forced:  # a static network: its only point is the full pass
            budgets = tuple(point.budget for point in card.operating_points)
            return Sweep(name, budgets, tuple(replace(full, counterfactual=False, budget=b) for b in budgets), full)
        recorder, asked = Recorder(), Setting(mode="masked", forced=forced or {})
        if table.size:
            asked = replace(asked, thresholds=table)
        batch = x if network.single_pass_sweep or not table.size else repeated(x, len(table))
        heard.clear()
        logits = network(batch, setting=asked, recorder=recorder)
    budgets = [point.budget for point in card.operating_points]
    traces, alike = [], likenesses(card, network, heard, logits, budgets)
    for row, (point, probabilities) in enumerate(zip(card.operating_points, _softmax(logits), strict=True)):
        trace = make_trace(card, recorder, row, probabilities, described, alike[row])
        _check_forced(trace, forced or {})
        traces.append(replace(trace, budget=point.budget, rule=point.rule, counterfactual=True))
    return Sweep(name, tuple(point.budget for point in card.operating_points), tuple(traces), full)


def run_harder(
    name: str,
    media: Source,
    knob: Knob,
    *,
    budget: float | None = None,
    anytime_macs: int | None = None,
    framing: str = "crop",
) -> list[tuple[float, Trace]]:
    """Run network ``name`` on ``media`` at every strength of ``knob``: (strength, trace) in the knob's own order.

    One operating point, one skipping pass over all strengths at once: what a trace says was skipped was not executed
    for that picture. None is timed, and their previews are small. Arguments and errors as for ``run``.
    """
    import torch

    from dynviz.modalities.pictures import PICTURES
    from dynviz.networks.answering import listening
    from dynviz.networks.batches import joined

    if budget is not None and anytime_macs is not None:
        raise ValueError("give one of budget and anytime_macs")
    card, network = zoo.card(name), zoo.load(name)
    picture = media if isinstance(media, Picture) else read_image(media)
    views, described = [], []
    for strength in knob.strengths:
        changed = knob.turn(picture, strength)
        x, box_px = PICTURES.view(card, changed, framing)
        views.append(x)
        described.append(thumbnail(changed, THUMBNAIL_PX).media(box_px))
    batch = joined(views)
    setting, rule = _setting(card, network, batch, budget, anytime_macs)
    recorder = Recorder()
    with torch.inference_mode(), listening() as heard:
        logits = network(batch, setting=setting, recorder=recorder)
    probabilities, alike = _softmax(logits), likenesses(card, network, heard, logits, (_reached(card, budget),))
    traces = (make_trace(card, recorder, i, probabilities[i], media, alike[i]) for i, media in enumerate(described))
    found = [replace(trace, budget=budget, rule=rule) for trace in traces]
    return list(zip(knob.strengths, found, strict=True))


def prepare(card: zoo.ModelCard, media: Source, framing: str, rate_hz: float | None = None) -> tuple[Any, Media]:
    """What the network is given, a batch of one, and the description that the trace keeps."""
    return MODALITIES[card.modality].prepare(card, media, framing, rate_hz)


def make_trace(
    card: zoo.ModelCard,
    recorder: Recorder,
    row: int,
    probabilities: np.ndarray,
    media: Media,
    likeness: Likeness | None = None,
) -> Trace:
    """Cut the trace of one sample out of what a call recorded."""
    decisions, stages = recorder.cut(row)
    return Trace(
        model=card.name,
        title=card.title,
        labels=card.labels,
        prediction=Prediction.from_probabilities(probabilities, card.labels),
        decisions=decisions,
        stages=stages,
        media=media,
        macs_ideal=sum(stage.macs_ideal for stage in stages),
        likeness=likeness,
    )


def _setting(
    card: zoo.ModelCard, network: Any, x: Any, budget: float | None, anytime_macs: int | None
) -> tuple[Setting, str]:
    """The setting that was asked for, and its rule; every decision open where neither is given."""
    if budget is not None:
        point = card.operating_points[best_point(card, budget)]
        return Setting(thresholds=thresholds(point)), point.rule
    if anytime_macs is not None:
        return anytime_setting(card, network, x, anytime_macs), "anytime"
    return Setting(), ""


def _reached(card: zoo.ModelCard, budget: float | None) -> float | None:
    """The budget of the operating point that runs for ``budget``."""
    return None if budget is None else card.operating_points[best_point(card, budget)].budget


def _check_forced(trace: Trace, forced: Mapping[str, str]) -> None:
    """Was everything taken by hand that was to be? Raises ValueError where the network has no such decision."""
    taken = {decision.unit: decision for decision in trace.decisions}
    for unit, choice in forced.items():
        if unit not in taken:
            where = ", ".join(name for name, decision in taken.items() if decision.choices()) or "nowhere"
            raise ValueError(f"{trace.model} takes no decision at {unit!r} that could be forced; it does at {where}")
        reached = taken[unit].executed or taken[unit].choice != "not reached"
        if reached and not taken[unit].forced:
            raise ValueError(f"{trace.model} cannot be forced to {choice!r} at {unit}: the decision is not a hand's")


def _softmax(logits: Tensor) -> np.ndarray:
    return logits.float().softmax(dim=1).cpu().numpy()
