"""Passes over labelled samples: what a network answers and spends on each of them, at one setting or at several.

The numbers come from the masked mode, or from the skipping mode of a network whose skipping mode works in batches; a
registry-wide test holds the two against each other, and ``check_modes`` does before a network is published.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from dynviz.recorder import Recorder, Setting

if TYPE_CHECKING:
    import torch

    from dynviz.datasets.samples import Samples
    from dynviz.networks.contract import DynamicNetwork

Progress = Callable[[int, int], None]
ROWS = 1024  # a pass at several settings at once holds so many rows at most
CHECKED, SAME = 24, 0.9  # samples that both modes run, and the share of answers that has to be the same


class ModesDifferError(ValueError):
    """The masked and the skipping mode of a network tell different things; the message gives an example."""


@dataclass(frozen=True, eq=False)
class Scores:
    """What every exit said, (samples, exits) each. macs: what a sample costs that stops there, all before included.

    A static network is one exit. A reader has an exit at every look at its answer; behind the end of a shorter text its
    last look stands again. For a network whose decisions change what comes after, each setting takes an exit's place;
    units: the exits, or the units that decide, by name; ran: (samples, settings, units) bool, whether each ran.
    """

    confidence: np.ndarray
    prediction: np.ndarray
    right: np.ndarray
    macs: np.ndarray
    units: tuple[str, ...] = ()
    ran: np.ndarray | None = None


def score(
    network: DynamicNetwork, samples: Samples, progress: Progress | None = None, baseline: str | None = None
) -> Scores:
    """One masked pass over ``samples``: what stopping at every exit would answer and cost.

    baseline: of an exit network's other decisions, one that does not look at the input.
    """
    import torch

    count, done = len(samples), 0
    parts: list[tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]] = []
    for rows, x in samples.batches():
        with torch.inference_mode():
            probabilities, macs = network.outcomes(x.to(device_of(network)), *([baseline] if baseline else []))
        parts.append((rows, network.certainty(probabilities), probabilities.argmax(axis=2), macs))
        done += len(rows)
        if progress:
            progress(done, count)
    exits = max(confidence.shape[1] for _, confidence, _, _ in parts)
    confidence = np.empty((count, exits), dtype=np.float32)
    prediction, macs = np.empty((count, exits), dtype=np.int64), np.empty((count, exits), dtype=np.int64)
    for rows, *found in parts:
        for whole, part in zip((confidence, prediction, macs), found, strict=True):
            whole[rows] = np.pad(part, ((0, 0), (0, exits - part.shape[1])), mode="edge")
    right = samples.right(prediction)
    return Scores(confidence, prediction, right, macs, tuple(network.exit_names()))


def score_settings(
    network: DynamicNetwork,
    samples: Samples,
    settings: Sequence[Setting],
    progress: Progress | None = None,
    *,
    coarse: bool = False,
) -> Scores:
    """What the network answers and spends on ``samples`` at each of ``settings``, a column each.

    coarse: in half precision where that is faster and the samples are pictures; for a search, not for a table.
    """
    import torch

    count, done = len(samples), 0
    confidence = np.empty((count, len(settings)), dtype=np.float32)
    prediction, macs = np.empty(confidence.shape, dtype=np.int64), np.empty(confidence.shape, dtype=np.int64)
    ran: dict[str, np.ndarray] = {}
    device = device_of(network)
    for rows, x in samples.batches():
        half = coarse and isinstance(x, torch.Tensor) and _halves_time(device)
        for columns, part, setting in _passes(network, settings, len(rows)):
            recorder, chosen = Recorder(), x if part == slice(0, len(rows)) else x[part]
            with torch.inference_mode(), torch.autocast(device.type, torch.bfloat16, enabled=half):
                logits = network(chosen.to(device), setting=setting, recorder=recorder)
            probabilities = logits.float().softmax(dim=1).cpu().numpy()
            place = np.ix_(rows[part], np.arange(columns.start, columns.stop))
            shape = columns.stop - columns.start, len(rows[part])  # as the rows of the pass lie: setting by setting
            confidence[place] = probabilities.max(axis=1).reshape(shape).T
            prediction[place] = probabilities.argmax(axis=1).reshape(shape).T
            macs[place] = recorder.totals(shape[0] * shape[1]).reshape(shape).T
            for unit, executed in recorder.executed(shape[0] * shape[1]).items():
                ran.setdefault(unit, np.zeros(confidence.shape, dtype=bool))[place] = executed.reshape(shape).T
        done += len(rows)
        if progress:
            progress(done, count)
    right = samples.right(prediction)
    return Scores(confidence, prediction, right, macs, tuple(ran), np.stack([*ran.values()], axis=2) if ran else None)


def _passes(network: DynamicNetwork, settings: Sequence[Setting], count: int) -> Iterator[tuple[slice, slice, Setting]]:
    """(columns, rows of the batch, setting) of each pass."""
    blind = any(setting.baseline for setting in settings)
    if network.single_pass_sweep and not blind and all(setting.thresholds is not None for setting in settings):
        tables = np.concatenate([np.atleast_2d(np.asarray(s.thresholds, dtype=float)) for s in settings])
        step = max(1, ROWS // len(settings))
        for first in range(0, count, step):
            part = slice(first, min(first + step, count))
            rows = np.repeat(tables, part.stop - part.start, axis=0)
            yield slice(0, len(settings)), part, replace(settings[0], thresholds=rows)
        return
    for column, setting in enumerate(settings):
        mode = "skipping" if network.batched_skipping and not blind else setting.mode
        yield slice(column, column + 1), slice(0, count), replace(setting, mode=mode)


def check_modes(network: DynamicNetwork, samples: Samples, settings: Sequence[Setting]) -> None:
    """Do both modes tell the same of some of ``samples``? Raises ModesDifferError if not.

    A decision that is near its threshold may fall either way; all else has to be the same.
    """
    import torch

    device, same = device_of(network), []
    example = ""
    for rows, x in samples.thinned(CHECKED).batches():
        for setting in settings:
            told = []
            for mode in ("masked", "skipping"):
                recorder = Recorder()
                with torch.inference_mode():
                    logits = network(x.to(device), setting=replace(setting, mode=mode), recorder=recorder)
                told.append((logits.argmax(dim=1).cpu().numpy(), recorder.totals(len(rows))))
            (answers, macs), (own_answers, own_macs) = told
            agree = (answers == own_answers) & (macs == own_macs)
            same.append(agree)
            if not agree.all() and not example:
                first = int(agree.argmin())
                example = (
                    f"at the thresholds {setting.thresholds} one sample costs {macs[first]:,} MACs masked and "
                    f"{own_macs[first]:,} skipping, and gets class {answers[first]} and class {own_answers[first]}"
                )
    if np.concatenate(same).mean() < SAME:
        raise ModesDifferError(f"the masked and the skipping mode of {type(network).__name__} disagree: {example}")


def device_of(network: DynamicNetwork) -> torch.device:
    """Where the network's weights are."""
    return next(network.parameters()).device


def _halves_time(device: torch.device) -> bool:
    """Does half precision save time there? On a processor only where it is built in."""
    import torch

    return device.type != "cpu" or torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()


def accelerated(network: DynamicNetwork, x: Any) -> DynamicNetwork:
    """The network on a GPU, in place, if there is one and the network can run there: ``x`` is tried."""
    import torch

    if not torch.cuda.is_available():
        return network
    try:
        with torch.inference_mode():
            network.to("cuda")(x.to("cuda"), setting=Setting("masked"), recorder=Recorder())
    except (RuntimeError, TypeError):  # written for the processor: a tensor of its own is there
        return network.to("cpu")
    return network
