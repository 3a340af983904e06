"""Networks that look at one frame after another and stop once they are sure: what they have in common.

After some of the frames there is an exit: an answer, and a gate that says how likely it is that more frames would not
help. The one threshold is what the gate has to say. A gate learns from pseudo-labels, whether the loss of its answer is
already small enough (Ghodrati et al. 2021, "FrameExit", section 3.3), so that nothing has to be sampled.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from dynviz.decisions import Exit
from dynviz.networks.clips import Clips
from dynviz.networks.contract import Between
from dynviz.networks.gates import Decider
from dynviz.networks.training_output import TrainingOutput
from dynviz.networks.video.frames import FORGOTTEN, FrameNetwork, Verdict, evidence, threshold_rows
from dynviz.recorder import SILENT, Recorder, Setting

ENOUGH, LATER = 0.15, 0.12  # a loss that is small enough at the first exit; it may be larger at each later one
TIPPED = 0.3  # how far what is remembered moves a logit at most


class Gate(Decider):
    """How likely it is that no more frames are needed: from what was seen so far, what was seen before the last frames,
    and how sure the answer is. (N, width) twice and (N, classes) -> (N,) logits.
    """

    def __init__(self, width: int, hidden: int = 32):
        super().__init__()
        self.seen, self.dropout = nn.Linear(width, hidden), nn.Dropout(FORGOTTEN)
        self.out = nn.Linear(2 * hidden + 2, 1)

    def forward(self, now: Tensor, before: Tensor, logits: Tensor) -> Tensor:
        best = logits.float().softmax(dim=1).topk(2, dim=1).values
        return self.out(
            torch.cat([*(self.seen(self.dropout(part)).relu() for part in (now, before)), best.to(now.dtype)], dim=1)
        )[:, 0]

    @property
    def macs(self) -> int:
        return 2 * self.seen.weight.numel() + self.out.weight.numel()


@dataclass(frozen=True)
class Segment:
    """What happened up to an exit: frames looked at, a (rows, frames) pair for each turn; its answer and its gate's
    logits, (n, classes) and (n,), None at the last exit.
    """

    looked: list[tuple[np.ndarray, np.ndarray]]
    logits: Tensor
    sure: Tensor | None


class StepwiseFrames(FrameNetwork):
    """counts: after how many frames there is an exit. A video with fewer frames has nothing more to show there.

    To be given by the networks: ``begin`` and ``step``.
    """

    rule = "gate"
    candidates = Between(0.0, 1.0)
    single_pass_sweep = True

    def __init__(self, *, counts: tuple[int, ...], remembered: int, **rest: Any):
        super().__init__(**rest)
        if list(counts) != sorted(set(counts)) or counts[0] != 1:
            raise ValueError(f"counts begin with 1 and grow, not {counts}")
        self.counts = tuple(counts)
        self.exits = nn.ModuleList(Verdict(remembered, self.classes, TIPPED) for _ in counts)
        self.gates = nn.ModuleList(Gate(remembered) for _ in counts[:-1])

    @abstractmethod
    def begin(self, x: Clips) -> dict[str, Tensor]:
        """What is known before the first frame: a row for each video in every tensor."""

    @abstractmethod
    def step(self, state: dict[str, Tensor], x: Clips, turn: int) -> tuple[dict[str, Tensor], np.ndarray, np.ndarray]:
        """Look at one more frame of each video that has one: (new state, rows, frames).

        The state holds ``sums`` (N, classes) of the frames' probabilities, ``count`` (N, 1), ``seen`` (N, remembered).
        """

    def glance_macs(self) -> int:
        """MACs spent on every candidate frame before the first step."""
        return 0

    def step_macs(self, lengths: np.ndarray) -> np.ndarray:
        """(n,) MACs of deciding which frame is next, in videos of so many frames, and of remembering it."""
        return np.zeros(len(lengths), dtype=np.int64)

    def forward(
        self, x: Clips, *, setting: Setting | None = None, recorder: Recorder = SILENT
    ) -> Tensor | TrainingOutput:
        """N videos -> (N, classes) logits of the exit that answered (P x N at P x N thresholds in masked mode).

        In train mode a TrainingOutput with those of every exit.
        """
        setting = setting or Setting()
        if setting.mode == "train":
            return self._taught(x)
        limits = threshold_rows(setting, len(x), np.inf)
        if setting.baseline:
            return self.blindly(x, setting.baseline, limits, recorder)
        table = np.repeat(limits[:, None], len(self.gates), axis=1)
        forced = {f"exits.{index}": index for index in range(len(self.gates)) if f"exits.{index}" in setting.forced}
        for unit, index in forced.items():
            table[:, index] = -np.inf if setting.by_hand(unit, ("continue", "exit")) else np.inf
        walk = self._masked(x) if setting.mode == "masked" else self._skipping(x, table)
        segments, alive = zip(*walk, strict=True)
        return self._answer(x, table, segments, alive, recorder, frozenset(forced.values()))

    def plain(self, x: Clips) -> Tensor:
        """All that it would ever look at, and only the last answer."""
        state = self.begin(x)
        for turn in range(self.counts[-1]):
            state, _, _ = self.step(state, x, turn)
        return self.exits[-1](evidence(state["sums"], state["count"]), state["seen"])

    def _walk(self, x: Clips) -> Iterator[Segment]:
        """Segment after segment; what is sent back, (n,) bool, is which of the videos go on (None: all of them)."""
        state, turn = self.begin(x), 0
        for index, count in enumerate(self.counts):
            before, looked = state["seen"], []
            while turn < count:
                state, *chosen = self.step(state, x, turn)
                looked.append(tuple(chosen))
                turn += 1
            logits = self.exits[index](evidence(state["sums"], state["count"]), state["seen"])
            sure = self.gates[index](state["seen"], before, logits) if index < len(self.gates) else None
            keep = yield Segment(looked, logits, sure)
            if keep is not None:
                rows = torch.from_numpy(np.flatnonzero(keep))
                state, x = {name: values[rows] for name, values in state.items()}, x[rows]

    def _masked(self, x: Clips) -> Iterator[tuple[Segment, np.ndarray]]:
        for segment in self._walk(x):
            yield segment, np.arange(len(x))

    def _skipping(self, x: Clips, table: np.ndarray) -> Iterator[tuple[Segment, np.ndarray]]:
        """Segments of the videos that are still undecided, and which those are."""
        waiting, walk, index = np.arange(len(x)), self._walk(x), 0
        segment = next(walk)
        while True:
            yield segment, waiting
            if segment.sure is None:
                return
            keep = segment.sure.detach().float().sigmoid().cpu().numpy() < table[waiting, index]
            if not keep.any():
                return
            waiting, index = waiting[keep], index + 1
            segment = walk.send(keep)

    def _answer(
        self,
        x: Clips,
        table: np.ndarray,
        segments: tuple[Segment, ...],
        alive: tuple[np.ndarray, ...],
        recorder: Recorder,
        forced: frozenset[int],
    ) -> Tensor:
        """Whose exit is whose, and the record of it. table: (rows, gates) what each gate has to say; alive: the videos
        that each segment was run for; forced: the exits that were decided about by hand.
        """
        samples = np.arange(len(table)) % len(x)
        place = np.full((len(segments), len(x)), -1)
        for index, rows in enumerate(alive):
            place[index, rows] = np.arange(len(rows))
        stop, scores = np.full(len(table), len(self.counts) - 1), np.full((len(segments), len(table)), np.nan)
        open_rows = np.arange(len(table))
        for index, segment in enumerate(segments):
            if segment.sure is not None and len(open_rows):
                own = place[index, samples[open_rows]]
                sure = segment.sure.detach().float().sigmoid().cpu().numpy()[own]
                scores[index, open_rows] = sure
                leaves = sure >= table[open_rows, index]
                stop[open_rows[leaves]] = index
                open_rows = open_rows[~leaves]
        parts, order = [], []
        for index, segment in enumerate(segments):
            rows = np.flatnonzero(stop == index)
            if len(rows):
                parts.append(segment.logits[torch.from_numpy(place[index, samples[rows]])])
                order.append(rows)
        if recorder.active:
            self._record(recorder, x.lengths, table, stop, scores, segments, alive, forced)
        return torch.cat(parts)[torch.from_numpy(np.concatenate(order).argsort())]

    def _record(
        self,
        recorder: Recorder,
        lengths: np.ndarray,
        table: np.ndarray,
        stop: np.ndarray,
        scores: np.ndarray,
        segments: tuple[Segment, ...],
        alive: tuple[np.ndarray, ...],
        forced: frozenset[int],
    ) -> None:
        samples, glance = np.arange(len(table)) % len(lengths), self.glance_macs()
        macs, steps = self.frame_macs(self.best), self.step_macs(lengths)[samples]
        seen = np.zeros((len(table), int(lengths.max())), dtype=bool)
        turn = 0
        for index in range(len(self.counts)):
            going = np.flatnonzero(stop >= index)
            if index < len(segments):
                for rows, frames in segments[index].looked:
                    chosen = np.full(len(lengths), -1)
                    chosen[alive[index][rows]] = frames
                    for frame in np.unique(frames):
                        there = going[chosen[samples[going]] == frame]
                        if len(there):
                            used, own = np.ones(len(there), dtype=bool), steps[there]
                            self.note_frame(
                                recorder, there, frame, used, macs, macs + glance + own,
                                {"step": np.full(len(there), turn)}, decider_macs=glance + own, rule=self.rule,
                            )  # fmt: skip
                            seen[there, frame] = True
                    turn += 1
                limits = np.full(len(table), np.inf) if index == len(self.gates) else table[:, index]
                own = (limits, segments[index], alive[index], samples, index in forced)
                self._record_exit(recorder, index, going, stop, scores, *own)
        self._record_rest(recorder, lengths, samples, stop, seen)

    def _record_exit(
        self,
        recorder: Recorder,
        index: int,
        going: np.ndarray,
        stop: np.ndarray,
        scores: np.ndarray,
        limits: np.ndarray,
        segment: Segment,
        alive: np.ndarray,
        samples: np.ndarray,
        forced: bool,
    ) -> None:
        if not len(going):
            return
        final = index == len(self.counts) - 1
        where = np.full(int(samples.max()) + 1, -1)
        where[alive] = np.arange(len(alive))
        probabilities = segment.logits.detach().float().softmax(dim=1).cpu().numpy()[where[samples[going]]]
        spent = self.exits[index].macs + (0 if final else self.gates[index].macs)
        recorder.decide(
            Exit,
            going,
            columns={
                "choice": np.where(stop[going] == index, "exit", "continue"),
                "score": probabilities.max(axis=1) if final else scores[index, going],
                "threshold": np.full(len(going), np.nan)
                if final
                else np.where(np.isinf(limits[going]), np.nan, limits[going]),
                "probabilities": probabilities,
            },
            unit=f"exits.{index}",
            layer=index,
            rule="last exit" if final else self.rule,
            forced=forced,
            macs=spent,
            macs_static=spent,
            decider_macs=0 if final else self.gates[index].macs,
        )

    def _record_rest(
        self, recorder: Recorder, lengths: np.ndarray, samples: np.ndarray, stop: np.ndarray, seen: np.ndarray
    ) -> None:
        """What was not looked at and not asked."""
        most, glance = np.minimum(lengths, self.counts[-1])[samples], self.glance_macs()
        missing = most - seen.sum(axis=1)  # frames that the static path would have looked at as well
        for frame in range(seen.shape[1]):
            there = np.flatnonzero((lengths[samples] > frame) & ~seen[:, frame])
            if len(there):
                more = self.frame_macs(self.best) + self.step_macs(lengths)[samples[there]]
                static = np.where(missing[there] > 0, more, 0) + glance
                missing[there] -= 1
                used = np.zeros(len(there), dtype=bool)
                self.note_frame(recorder, there, frame, used, 0, static, decider_macs=glance, rule=self.rule)
        for index in range(1, len(self.counts)):
            gone = np.flatnonzero(stop < index)
            if len(gone):
                static = self.exits[index].macs + (self.gates[index].macs if index < len(self.gates) else 0)
                recorder.decide(
                    Exit, gone, columns={"macs_static": np.full(len(gone), static)}, unit=f"exits.{index}",
                    layer=index, choice="not reached", executed=False,
                )  # fmt: skip

    def _taught(self, x: Clips) -> TrainingOutput:
        """Every exit learns to answer, and every gate whether its answer is good enough already."""
        segments = list(self._walk(x))
        logits = torch.stack([segment.logits.float() for segment in segments])
        labels = logits[-1].argmax(dim=1) if x.labels is None else x.labels.to(logits.device)
        losses = F.cross_entropy(
            logits.detach().flatten(0, 1), labels.repeat(len(logits)), reduction="none"
        ).view(len(logits), -1)  # fmt: skip
        allowed = ENOUGH * torch.exp(LATER * torch.arange(len(self.gates), device=losses.device))
        enough = (losses[:-1] <= torch.maximum(allowed[:, None], losses[-1])).float()
        sure = torch.stack([segment.sure for segment in segments[:-1]]).float()
        return TrainingOutput(logits, F.binary_cross_entropy_with_logits(sure, enough))
