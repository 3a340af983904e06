"""Measuring what a card's curve does not say of the networks that read recordings (see ``dynviz.results.findings``)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import nn

from dynviz import zoo
from dynviz.datasets.recordings import VENTRICULAR, Recordings, load_recordings
from dynviz.datasets.samples import BATCH
from dynviz.decisions import STEP_ACTIONS, StepUpdate
from dynviz.evaluation.operating import thresholds
from dynviz.evaluation.scoring import wilson
from dynviz.media.signal import SeriesInput
from dynviz.modalities.recordings import SeriesFeed
from dynviz.networks.frames import Frames
from dynviz.recorder import Recorder, Setting
from dynviz.results.findings import BeatUse, Strangers
from dynviz.training.loop import Report, fit
from dynviz.training.recipes import Recipe
from dynviz.zoo import ModelCard

NORMAL = 0  # the number of a normal beat
WINDOW_S = (0.10, 0.40)  # of a beat, before and after its peak: its QRS complex and its T wave
STOP, JUMP = STEP_ACTIONS.index("stop"), STEP_ACTIONS.index("jump")
RAN = [STEP_ACTIONS.index(action) for action in ("update", "skim", "flush", "jump")]


def beat_use(card: ModelCard, recordings: Recordings) -> BeatUse:
    """Which steps of ``recordings`` with ventricular beats a shipped network processed, by what was in them."""
    assert card.series is not None
    network = zoo.load(card.name)
    ill = recordings.pick(np.flatnonzero([(beats[:, 1] == VENTRICULAR).any() for beats in recordings.beats]))
    frames = ill.frames(card.series)
    of = [_beat_steps(beats, len(steps), card.series) for beats, steps in zip(ill.beats, frames, strict=True)]
    columns: dict[str, list[float]] = {name: [] for name in ("ventricular", "normal", "rest", "uniform", "found")}
    for point in card.operating_points:
        ran = processed(network, frames, Setting("masked", thresholds=thresholds(point)))
        even = [_evenly(int(steps.sum()), len(steps)) for steps in ran]
        inside = [(places == VENTRICULAR).any(axis=0) for places in of]
        healthy = [(places == NORMAL).any(axis=0) & ~own for places, own in zip(of, inside, strict=True)]
        rest = [~(own | other) for own, other in zip(inside, healthy, strict=True)]
        columns["ventricular"].append(_share(ran, inside))
        columns["normal"].append(_share(ran, healthy))
        columns["rest"].append(_share(ran, rest))
        columns["uniform"].append(_share(even, inside))
        columns["found"].append(float(np.mean([_found(steps, places) for steps, places in zip(ran, of, strict=True)])))
    return BeatUse(
        budgets=tuple(point.budget for point in card.operating_points),
        window_s=WINDOW_S,
        strips=len(ill),
        beats=sum(int((beats[:, 1] == VENTRICULAR).sum()) for beats in ill.beats),
        **{name: tuple(column) for name, column in columns.items()},
    )


def processed(network: nn.Module, frames: list[np.ndarray], setting: Setting) -> list[np.ndarray]:
    """For each recording (steps,) bool: did the network take that step in? ``setting``: of the masked mode."""
    found: list[np.ndarray] = []
    for start in range(0, len(frames), BATCH):
        batch, recorder = frames[start : start + BATCH], Recorder()
        with torch.inference_mode():
            network(Frames.batch(batch), setting=setting, recorder=recorder)
        for row in range(len(batch)):
            decision = next(d for d in recorder.cut(row)[0] if isinstance(d, StepUpdate))
            found.append(steps_run(decision))
    return found


def steps_run(decision: StepUpdate) -> np.ndarray:
    """(steps,) bool of one decision; the step that stops was itself read, those behind it were not."""
    actions = np.asarray(decision.actions)
    taken = np.isin(actions, RAN)
    if decision.targets is not None:  # a jump that lands nowhere is no step that ran
        taken &= (actions != JUMP) | (np.asarray(decision.targets) > np.arange(len(actions)))
    stops = np.flatnonzero(actions == STOP)
    if len(stops):
        taken[stops[0]] = True
        taken[stops[0] + 1 :] = False
    return taken


def strangers(recipe: Recipe, folder: Path, report: Report | None = None) -> Strangers:
    """Train ``recipe`` once without each speaker, and ask it about that speaker; each run is kept in ``folder``."""
    speakers = np.unique(load_recordings(recipe.dataset, "train").group).tolist()
    right, counts = [], []
    for speaker in speakers:
        without = replace(recipe, name=f"{recipe.name} without speaker {speaker}", without=speaker)
        network = fit(without, folder / f"without-{speaker}", report=report)
        own_right, own_count = _right(network, SeriesFeed(without))
        right.append(own_right)
        counts.append(own_count)
    heard, heard_count = _right(zoo.load(recipe.name), SeriesFeed(recipe))
    return Strangers(
        accuracy=sum(right) / sum(counts),
        interval=wilson(sum(right), sum(counts)),
        n=sum(counts),
        by_speaker=tuple(own / count for own, count in zip(right, counts, strict=True)),
        heard=heard / heard_count,
    )


def _right(network: nn.Module, feed: SeriesFeed) -> tuple[int, int]:
    """(right, in all) of what a feed checks on."""
    right = count = 0
    with torch.inference_mode():
        for x, labels in feed.check():
            right += int((network.eval()(x, setting=Setting("masked")).argmax(dim=1) == labels).sum())
            count += len(labels)
    return right, count


def _beat_steps(beats: np.ndarray, steps: int, form: SeriesInput) -> np.ndarray:
    """(beats, steps) int8: the number of the beat's class in its own steps, -1 elsewhere."""
    before, after = (round(seconds * form.rate_hz) for seconds in WINDOW_S)
    starts = np.arange(steps) * form.step_samples
    own = (starts + form.frame_samples > beats[:, :1] - before) & (starts < beats[:, :1] + after)
    return np.where(own, beats[:, 1:], -1).astype(np.int8)


def _evenly(count: int, steps: int) -> np.ndarray:
    """(steps,) bool: ``count`` of them, evenly spaced."""
    taken = np.zeros(steps, dtype=bool)
    taken[((np.arange(count) + 0.5) * steps / max(count, 1)).astype(int)] = True
    return taken


def _share(ran: list[np.ndarray], of: list[np.ndarray]) -> float:
    hits, places = (sum(int(x.sum()) for x in parts) for parts in ([a & b for a, b in zip(ran, of, strict=True)], of))
    return hits / max(places, 1)


def _found(ran: np.ndarray, places: np.ndarray) -> bool:
    """Was at least one ventricular beat processed by half or more?"""
    own = places == VENTRICULAR
    return bool(((own & ran).sum(axis=1) * 2 >= own.sum(axis=1))[own.any(axis=1)].any())
