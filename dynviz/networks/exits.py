"""Running a network that may answer early: one loop for every multi-exit network and cascade.

A network with exits offers ``exit_names()``, ``segment(state, x, index) -> (state, logits)``,
``select(state, x, rows) -> (state, x)`` and ``segment_macs(size)``. This loop asks one segment after the other,
compares the top softmax confidence with the exit's threshold (Huang et al. 2018, section 3) and, in skipping mode,
goes on with the undecided samples only.
For ``dynviz bench`` a network may also offer ``plain(x)``: the logits that every decision open gives, by the shortest
way, without a decision and without anything that only a decision needs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor

from dynviz.decisions import Exit
from dynviz.recorder import Recorder, Setting


class ExitNetwork(Protocol):
    """What the loop needs to know of a network."""

    def exit_names(self) -> list[str]: ...
    def segment(self, state: Any, x: Tensor, index: int) -> tuple[Any, Tensor]: ...
    def select(self, state: Any, x: Tensor, rows: Tensor) -> tuple[Any, Tensor]: ...
    def segment_macs(self, size: tuple[int, int]) -> list[int]: ...


def run_exits(network: ExitNetwork, x: Tensor, setting: Setting, recorder: Recorder) -> Tensor:
    """(N, ...) input -> (N, classes) logits of the exit that answered, one ``Exit`` decision per sample and exit.

    In masked mode every exit is computed for every sample; a (P, exits) threshold table with N = 1 then gives P rows.
    In train mode nothing is decided: (exits, N, classes), every exit's logits.
    """
    names = network.exit_names()
    if setting.mode == "train":
        return every_exit(network, x)
    costs = network.segment_macs(tuple(x.shape[2:])) if recorder.active else []
    table = _threshold_table(setting, len(names))
    samples = len(x)
    skipping = setting.mode == "skipping"
    if skipping and samples == len(table) == 1 and not recorder.active:
        return _alone(network, x, names, table[0].tolist(), setting.forced)
    if skipping and len(table) not in (1, samples):
        raise ValueError(f"{len(table)} rows of thresholds for {samples} samples")
    count = samples if skipping else max(samples, len(table))
    if not skipping and samples not in (1, count):
        raise ValueError(f"{len(table)} rows of thresholds for {samples} samples")
    answer: Tensor | None = None
    waiting = np.arange(count)  # rows that no exit has answered yet
    state: Any = None
    for index, name in enumerate(names):
        state, logits = network.segment(state, x, index)
        if not skipping and len(waiting) != len(logits):
            logits = logits.expand(count, -1)[torch.from_numpy(waiting)]
        probabilities = logits.float().softmax(dim=1)
        confidence = probabilities.amax(dim=1).cpu().numpy()
        thresholds = table[waiting if len(table) > 1 else np.zeros(len(waiting), dtype=int), index]
        final = index == len(names) - 1
        forced = None if final else setting.forced.get(name)
        leaves = confidence >= thresholds if forced is None else np.full(len(waiting), forced == "exit")
        leaves |= final
        if recorder.active:
            recorder.decide(
                Exit,
                waiting,
                columns={
                    "choice": np.where(leaves, "exit", "continue"),
                    "score": confidence,
                    "threshold": np.where(np.isinf(thresholds) | final, np.nan, thresholds),
                    "probabilities": probabilities.cpu().numpy(),
                },
                unit=name,
                layer=index,
                rule="last exit" if final else "confidence",
                forced=forced is not None,
                macs=costs[index],
                macs_static=costs[index],
            )
        gone, waiting = waiting[leaves], waiting[~leaves]
        if len(gone) == count:
            answer = logits
        elif len(gone):
            answer = logits.new_zeros(count, logits.shape[1]) if answer is None else answer
            answer[torch.from_numpy(gone)] = logits[torch.from_numpy(leaves)]
        if recorder.active and len(gone):
            _not_reached(recorder, gone, names, costs, index + 1)
        if not len(waiting):
            break
        if skipping and len(gone):
            keep = torch.from_numpy(np.flatnonzero(~leaves))
            state, x = network.select(state, x, keep)
    assert answer is not None  # a network has at least one exit
    return answer


def _alone(network: ExitNetwork, x: Tensor, names: list[str], limits: list[float], forced: Mapping[str, str]) -> Tensor:
    """The same loop for one sample that nobody records: between small segments, arrays take too long to make."""
    state: Any = None
    for index, name in enumerate(names):
        state, logits = network.segment(state, x, index)
        if index == len(names) - 1:
            break
        if name in forced:
            leaves = forced[name] == "exit"
        else:
            leaves = logits.float().softmax(dim=1).amax().item() >= limits[index]
        if leaves:
            break
    return logits


def _not_reached(recorder: Recorder, rows: np.ndarray, names: list[str], costs: list[int], first: int) -> None:
    for later in range(first, len(names)):
        recorder.decide(
            Exit,
            rows,
            unit=names[later],
            layer=later,
            choice="not reached",
            executed=False,
            macs_static=costs[later],
        )


def every_exit(network: ExitNetwork, x: Tensor) -> Tensor:
    """(exits, N, classes): every exit's logits, none of them looked at."""
    state, logits = None, []
    for index in range(len(network.exit_names())):
        state, answer = network.segment(state, x, index)
        logits.append(answer)
    return torch.stack(logits)


def _threshold_table(setting: Setting, exits: int) -> np.ndarray:
    """(1 or N, exits) float64; infinity (never leave) where nothing is set."""
    if setting.thresholds is None:
        return np.full((1, exits), np.inf)
    table = np.atleast_2d(np.asarray(setting.thresholds, dtype=np.float64))
    if table.shape[1] != exits:
        raise ValueError(f"{table.shape[1]} thresholds for {exits} exits")
    return table
