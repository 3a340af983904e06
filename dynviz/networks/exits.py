"""Running a network that may answer early: one loop for every multi-exit network and cascade.

The loop asks one segment of an ``ExitNetwork`` after the other, compares the top softmax confidence with the exit's
threshold (Huang et al. 2018, section 3) and, in skipping mode, goes on with the undecided samples only.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor

from dynviz.decisions import Exit
from dynviz.recorder import Recorder, Setting


class Segments(Protocol):
    """What the loop asks: an answer after each segment. What each of these does is said in ``contract.ExitNetwork``."""

    def exit_names(self) -> list[str]: ...
    def segment(self, state: Any, x: Any, index: int) -> tuple[Any, Tensor]: ...


class Exits(Segments, Protocol):
    """Segments that can go on with some of the samples and tell what they cost."""

    def select(self, state: Any, x: Any, rows: Tensor) -> tuple[Any, Any]: ...
    def note(self, recorder: Recorder, rows: np.ndarray, state: Any, places: np.ndarray, index: int) -> int: ...
    def input_macs(self, x: Any) -> Sequence[int | np.ndarray]: ...


def run_exits(network: Exits, x: Tensor, setting: Setting, recorder: Recorder) -> Tensor:
    """(N, ...) input -> (N, classes) logits of the exit that answered, one ``Exit`` decision per sample and exit.

    In masked mode every exit is computed for every sample; (P x N, exits) thresholds, the samples at the first setting
    first, then give P x N rows. In train mode nothing is decided: (exits, N, classes), every exit's logits.
    """
    names = network.exit_names()
    if setting.mode == "train":
        return every_exit(network, x)
    if setting.baseline:
        raise ValueError("exits have baselines that need no run of their own: no decision ignores its input here")
    table = _threshold_table(setting, len(names))
    samples = len(x)
    costs = [np.broadcast_to(macs, samples) for macs in network.input_macs(x)] if recorder.active else []
    skipping = setting.mode == "skipping"
    if skipping and samples == len(table) == 1 and not recorder.active:
        return _alone(network, x, names, table[0].tolist(), setting)
    if len(table) not in (1, samples) and (skipping or len(table) % samples):
        raise ValueError(f"{len(table)} rows of thresholds for {samples} samples")
    count = samples if skipping else max(samples, len(table))
    answer: Tensor | None = None
    waiting = np.arange(count)  # rows that no exit has answered yet
    state: Any = None
    for index, name in enumerate(names):
        state, logits = network.segment(state, x, index)
        if not skipping and (count > samples or len(waiting) < count):
            logits = logits[_index(waiting % samples, logits)]
        probabilities = logits.detach().float().softmax(dim=1).cpu().numpy()
        confidence = probabilities.max(axis=1)
        thresholds = table[waiting if len(table) > 1 else np.zeros(len(waiting), dtype=int), index]
        final = index == len(names) - 1
        forced = None if final else setting.by_hand(name, ("continue", "exit"))
        leaves = confidence >= thresholds if forced is None else np.full(len(waiting), bool(forced))
        leaves |= final
        if recorder.active:
            places = np.arange(len(waiting)) if skipping else waiting % samples
            own = costs[index][waiting % samples] - network.note(recorder, waiting, state, places, index)
            recorder.decide(
                Exit,
                waiting,
                columns={
                    "choice": np.where(leaves, "exit", "continue"),
                    "score": confidence,
                    "threshold": np.where(np.isinf(thresholds) | final, np.nan, thresholds),
                    "probabilities": probabilities,
                    "macs": own,
                    "macs_static": own,
                },
                unit=name,
                layer=index,
                rule="last exit" if final else "confidence",
                forced=forced is not None,
            )
        gone, waiting = waiting[leaves], waiting[~leaves]
        if len(gone) == count:
            answer = logits
        elif len(gone):
            answer = logits.new_zeros(count, logits.shape[1]) if answer is None else answer
            answer[_index(gone, logits)] = logits[_index(np.flatnonzero(leaves), logits)]
        if recorder.active and len(gone):
            for later in range(index + 1, len(names)):
                left_out = {"macs_static": costs[later][gone % samples]}
                recorder.decide(
                    Exit, gone, columns=left_out, unit=names[later], layer=later, choice="not reached", executed=False
                )
        if not len(waiting):
            break
        if skipping and len(gone):
            state, x = network.select(state, x, _index(np.flatnonzero(~leaves), logits))
    assert answer is not None  # a network has at least one exit
    return answer


def _alone(network: Exits, x: Tensor, names: list[str], limits: list[float], setting: Setting) -> Tensor:
    """The same loop for one sample that nobody records: between small segments, arrays take too long to make."""
    state: Any = None
    for index, name in enumerate(names):
        state, logits = network.segment(state, x, index)
        if index == len(names) - 1:
            break
        forced = setting.by_hand(name, ("continue", "exit"))
        if forced or (forced is None and logits.float().softmax(dim=1).amax().item() >= limits[index]):
            break
    return logits


def every_exit(network: Segments, x: Any) -> Tensor:
    """(exits, N, classes): every exit's logits, none of them looked at."""
    state, logits = None, []
    for index in range(len(network.exit_names())):
        state, answer = network.segment(state, x, index)
        logits.append(answer)
    return torch.stack(logits)


def _index(rows: np.ndarray, like: Tensor) -> Tensor:
    return torch.from_numpy(rows).to(like.device)


def _threshold_table(setting: Setting, exits: int) -> np.ndarray:
    """(1 or N, exits) float64; infinity (never leave) where nothing is set."""
    if setting.thresholds is None:
        return np.full((1, exits), np.inf)
    table = np.atleast_2d(np.asarray(setting.thresholds, dtype=np.float64))
    if table.shape[1] != exits:
        raise ValueError(f"{table.shape[1]} thresholds for {exits} exits")
    return table
