"""An LSTM that reads a span of words, then chooses how far to jump, or to stop.

Paper: Yu, Lee & Le 2017, "Learning to Skim Text". As there, a softmax over jumps 0..K, 0 being stop, follows each
span. Differs: jumps are whole spans, so that the chance that a span is read can be computed for all paths at once;
the choice is taught through that chance, and by REINFORCE, their way, on request; it looks at the mean state as well,
at how much of the text has passed, and at the share of it that it is asked to read, drawn anew for each batch in
training, which is the one threshold; it starts from even jumps that read this share; it takes the median jump, not a
sample; it answers from the mean state.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from dynviz.decisions import STEP_ACTIONS, StepUpdate
from dynviz.networks.baselines import blind_choices
from dynviz.networks.contract import Between
from dynviz.networks.recurrent import (
    Reader,
    Steps,
    WordVectors,
    kept_steps,
    masked_mean,
    one_threshold,
    running_mean,
)
from dynviz.networks.running import running_answers
from dynviz.networks.temporal_wise.jump_paths import ReadPath, ReadPaths, read_alone
from dynviz.networks.training_output import TrainingOutput
from dynviz.recorder import SILENT, Recorder, Setting, TrainingSignal, ragged

UPDATE, COPY, JUMP, STOP = (STEP_ACTIONS.index(action) for action in ("update", "copy", "jump", "stop"))
MEDIAN = 0.5
SLOPE = 5.0  # of the softmax, so that what is taught in expectation is near one choice
EVEN = 2.0  # how strongly it keeps to even jumps at first
SELDOM = -1.0  # the same for stopping, which has no even pace
LEAST = 0.01  # share of a text that it can be asked for
TOLD = 2  # numbers that the choice is told beside the states: the share asked for and how much has passed


class LSTMJump(Reader):
    """span: words read at once. jumps: K, the farthest jump in spans; 1 reads on. hidden: width of the choice's layer.

    The one threshold is the share of the text that it is asked to read, 0..1.
    """

    candidates = Between(0.03, 0.95)

    def __init__(
        self,
        *,
        width: int,
        classes: int,
        span: int = 16,
        jumps: int = 8,
        hidden: int = 32,
        **rest: Any,
    ):
        super().__init__(width=width, classes=classes, **rest)
        self.look = nn.Linear(2 * width + TOLD, hidden)
        self.choice = nn.Linear(hidden, jumps + 1)  # jumps of 1..K spans, then stop: ever less is read
        self.span, self.jumps = span, jumps
        with torch.no_grad():
            self.choice.bias.zero_()
            self.choice.weight.mul_(0.1)

    def forward(
        self, x: Steps, *, setting: Setting | None = None, recorder: Recorder = SILENT
    ) -> Tensor | TrainingOutput:
        """N inputs -> (N, classes) logits; a TrainingOutput in train mode."""
        setting = setting or Setting()
        if setting.mode == "train":
            return self._train(x, setting.training)
        asked = one_threshold(setting, len(x), opened=np.inf)
        if setting.baseline:
            return self._blind(x, setting.baseline, asked, recorder)
        if setting.mode == "masked":
            return self._masked(x, asked, recorder)
        return torch.cat([self._skipping(x[row : row + 1], row, asked[row], recorder) for row in range(len(x))])

    def plain(self, x: Steps) -> Tensor:
        """What reading every span answers, without choosing where to go on."""
        rows = (x[row : row + 1] for row in range(len(x)))
        return torch.cat([self.answer(self._along(row, np.inf, choosing=False)[0]) for row in rows])

    @property
    def choice_macs(self) -> int:
        return self.look.weight.numel() + self.choice.weight.numel()

    def _chances(self, state: Tensor, mean: Tensor, asked: Tensor, passed: Tensor) -> Tensor:
        """(..., K + 1): of each jump and of stopping. asked, passed: (..., 1), shares of the text.

        What was learnt is added to a liking for the even jumps that would read the share asked for.
        """
        pace = asked.clamp(min=LEAST, max=1.0).log()
        look = F.relu(self.look(torch.cat([state, mean, pace, passed], dim=-1)))
        return (SLOPE * (self.choice(look).float() + self._even(pace))).softmax(dim=-1)

    def _even(self, pace: Tensor) -> Tensor:
        """(..., 1), logarithms of shares -> (..., K + 1), at most 0."""
        jumps = torch.arange(1, self.jumps + 1, device=pace.device).log()
        return F.pad(-EVEN * (jumps + pace).square(), (0, 1), value=SELDOM)

    def _train(self, x: Steps, signal: TrainingSignal) -> TrainingOutput:
        """One pass over everything tells what reading any part would give; a second one reads along one path."""
        hidden, _ = self.recurrence.span(self.dropout(self.input(x.steps)))
        if not signal.budget_weight:
            return TrainingOutput(self.answer(masked_mean(hidden, x)))
        hidden = hidden.float()
        asked = float(signal.target ** (2 * signal.ramp * torch.rand(())))
        starts = torch.arange(0, x.steps.shape[1], self.span, device=hidden.device)
        lasts = (starts + self.span).clamp(max=x.steps.shape[1]) - 1
        passed = ((lasts + 1)[None] / x.lengths[:, None]).clamp(max=1.0)[..., None]
        chances = self._chances(
            hidden[:, lasts], running_mean(hidden)[:, lasts], torch.full_like(passed, asked), passed
        )
        read = self._chance_read(chances)  # (N, spans)
        path, log_probability = self._path(chances.detach(), chances, starts, x.lengths, signal.reinforce)
        part = kept_steps(x, path.repeat_interleave(self.span, dim=1)[:, : x.steps.shape[1]])
        along, _ = self.recurrence.span(self.dropout(self.input(part.steps)))
        hard = self.answer(masked_mean(along, part))
        weights = read.repeat_interleave(self.span, dim=1)[:, : x.steps.shape[1]] * x.mask
        count = weights.sum(dim=1)
        used = (count / x.lengths).mean()
        penalty = signal.budget_weight * (used / asked).log() ** 2
        if signal.reinforce:
            return TrainingOutput(hard, penalty, log_probability=log_probability)
        soft = self.answer(torch.einsum("ntw,nt->nw", hidden, weights) / count[:, None])
        return TrainingOutput(torch.stack([soft.float(), hard.float()]), penalty)

    def _chance_read(self, chances: Tensor) -> Tensor:
        """(N, spans, K + 1) -> (N, spans), how likely each span is read: by all paths that lead there."""
        arriving = F.pad(torch.ones_like(chances[:, 0, :1]), (0, self.jumps - 1))  # at the next K spans
        read = []
        for at in range(chances.shape[1]):
            here = arriving[:, :1]
            read.append(here)
            arriving = F.pad(arriving[:, 1:], (0, 1)) + here * chances[:, at, : self.jumps]
        return torch.cat(read, dim=1)

    def _path(
        self, seen: Tensor, chances: Tensor, starts: Tensor, lengths: Tensor, independent: bool
    ) -> tuple[Tensor, Tensor]:
        """One path for each text: (N, spans) bool, what it reads, and the log-probability of its choices, (N,).

        All choices of a path are equally bold, so that paths differ in how much they read, unless ``independent``.
        """
        count, spans = seen.shape[:2]
        bold = torch.rand(count, spans if independent else 1, 1, device=seen.device)
        chosen = (seen.cumsum(dim=2)[..., :-1] < bold).sum(dim=2)  # (N, spans), 0..K
        reach = torch.where(chosen == self.jumps, spans, chosen + 1).cpu().numpy()
        read, at, rows = np.zeros((count, spans), dtype=bool), np.zeros(count, dtype=np.int64), np.arange(count)
        while len(rows):
            read[rows, at[rows]] = True
            at[rows] += reach[rows, at[rows]]
            rows = rows[at[rows] < spans]
        path = torch.from_numpy(read).to(seen.device)
        decides = path & (starts + self.span < lengths[:, None])
        logs = chances.gather(2, chosen[..., None])[..., 0].clamp(min=1e-6).log()
        return path, (logs * decides).sum(dim=1)

    def _masked(self, x: Steps, asked: np.ndarray, recorder: Recorder) -> Tensor:
        """Span by span, each text at its own place, until the last is through."""
        span, lengths = self.span, x.lengths.to(x.steps.device)
        wanted = torch.from_numpy(np.array(asked)).to(x.steps.device, torch.float32)[:, None]
        within = torch.arange(span, device=lengths.device)
        start, count = torch.zeros_like(lengths), torch.zeros_like(lengths)
        total, state = 0.0, None
        seen = ReadPaths()
        while True:
            places = start[:, None] + within
            valid = (places < lengths[:, None])[..., None]
            places = places.clamp(max=x.steps.shape[1] - 1)
            if x.steps.dim() == 3:
                places = places[..., None].expand(-1, -1, x.steps.shape[2])
            hidden, state = self.recurrence.span(self.input(x.steps.gather(1, places)), state)
            total = total + (hidden * valid).float().sum(dim=1)
            count = count + (lengths - start).clamp(min=0, max=span)
            after = start + span
            if recorder.active:
                seen.starts.append(start.cpu().numpy())
                seen.hidden.append(hidden.detach().float().cpu().numpy())
            if not bool((after < lengths).any()):
                break
            passed = (after / lengths).clamp(max=1.0)[:, None]
            chances = self._chances(state[0], total / count[:, None], wanted, passed)
            jump = (chances.cumsum(dim=1)[:, :-1] < MEDIAN).sum(dim=1)
            jump = torch.where(torch.isinf(wanted[:, 0]), 0, jump)
            stops = jump == self.jumps
            start = torch.where(stops, lengths, after + jump * span)
            if recorder.active:
                seen.reads_on.append(chances[:, 0].detach().float().cpu().numpy())
                seen.stops.append(stops.cpu().numpy())
            if not bool((start < lengths).any()):
                break
        if recorder.active:
            paths = [seen.of(i, int(length)) for i, length in enumerate(lengths)]
            self._record(recorder, range(len(x)), lengths.tolist(), paths, asked)
        return self.answer(total / count[:, None])

    def _skipping(self, x: Steps, row: int, asked: float, recorder: Recorder) -> Tensor:
        mean, starts, reads_on, stops, hidden = self._along(x, asked, keep=recorder.active)
        if recorder.active:
            read = torch.cat(hidden, dim=1)[0].cpu().numpy()
            path = ReadPath(np.array(starts), read, np.array(reads_on, dtype=np.float32), stops)
            self._record(recorder, [row], [int(x.lengths[0])], [path], np.array([asked]))
        return self.answer(mean)

    def _along(
        self, x: Steps, asked: float, *, choosing: bool = True, keep: bool = False
    ) -> tuple[Tensor, list[int], list[float], bool, list[Tensor]]:
        """One text along its path; see ``read_alone``. asked: a share of the text, infinity to read all of it."""
        pace = x.lengths.new_full((1, 1), min(max(asked, LEAST), 1.0), dtype=torch.float32).log()
        chooser = [self.look.weight, self.look.bias, self.choice.weight, self.choice.bias + self._even(pace)[0]]
        table = self.input.table if isinstance(self.input, WordVectors) else None
        length = int(x.lengths[0])
        return read_alone(
            table,
            x.steps,
            length,
            self.span,
            *self.recurrence.kernel(),
            chooser if choosing else [],
            pace,
            bool(np.isinf(asked)),
            SLOPE,
            MEDIAN,
            keep,
        )

    def _blind(self, x: Steps, baseline: str, shares: np.ndarray, recorder: Recorder) -> Tensor:
        spans = -(-x.steps.shape[1] // self.span)
        keep = blind_choices(baseline, shares, spans).T.copy()
        keep[:, 0] = True
        steps = torch.from_numpy(keep).to(x.steps.device).repeat_interleave(self.span, dim=1)[:, : x.steps.shape[1]]
        part = kept_steps(x, steps)
        hidden, _ = self.recurrence.span(self.input(part.steps))
        if recorder.active:
            states, lengths, paths = hidden.detach().float().cpu().numpy(), x.lengths.tolist(), []
            for row, length in enumerate(lengths):
                starts = np.flatnonzero(keep[row]) * self.span
                starts = starts[starts < length]
                unchosen = np.full(len(starts), np.nan)
                paths.append(ReadPath(starts, states[row, : int(part.lengths[row])], unchosen, stops=False))
            self._record(recorder, range(len(x)), lengths, paths, shares, blind=True)
        return self.answer(masked_mean(hidden, part))

    def _record(
        self,
        recorder: Recorder,
        rows: range | list[int],
        lengths: list[int],
        paths: list[ReadPath],
        asked: np.ndarray,
        blind: bool = False,
    ) -> None:
        weight, bias = (p.detach().float().cpu().numpy() for p in (self.answer.linear.weight, self.answer.linear.bias))
        names = ("actions", "targets", "scores", "running")
        parts: dict[str, list[np.ndarray]] = {name: [] for name in names}
        read, chosen, words = [], [], []
        for path, length in zip(paths, lengths, strict=True):
            action, target = np.full(length, COPY, dtype=np.int8), np.full(length, -1)
            score = np.full(length, np.nan, dtype=np.float32)
            ends = np.minimum(path.starts + self.span, length)
            for start, end in zip(path.starts, ends, strict=True):
                action[start:end] = UPDATE
            ran = action == UPDATE
            for end, following in zip(ends, [*path.starts[1:], length], strict=True):
                if following > end:
                    action[end - 1], target[end - 1] = JUMP, following
            if path.stops:
                action[ends[-1] - 1 :], target[ends[-1] - 1] = STOP, -1
            decided = ends[: len(path.reads_on)]
            score[decided - 1] = path.reads_on
            answers = running_answers(path.hidden @ weight.T, bias)
            for name, value in zip(names, (action, target, score, answers[np.cumsum(ran) - 1]), strict=True):
                parts[name].append(value)
            read.append(int(ran.sum()))
            chosen.append(0 if blind else len(decided))
            words.append("stop" if path.stops else "jump" if read[-1] < length else "read to the end")
        spans = -(-np.array(lengths) // self.span)
        columns = {name: ragged(values) for name, values in parts.items()} | {
            "choice": np.array(words),
            "macs": np.array(read) * self.recurrence.macs + np.array(chosen) * self.choice_macs,
            "macs_static": np.array(lengths) * self.recurrence.macs + (spans - 1) * self.choice_macs,
            "threshold": np.where(np.isinf(asked), np.nan, asked),
        }
        rule = "blind" if blind else "median jump at the share asked for"
        recorder.decide(StepUpdate, rows, columns=columns, unit="recurrence", rule=rule)
        recorder.work("answer", rows, self.answer.macs)
