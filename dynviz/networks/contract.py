"""What a network is: the whole contract, with defaults. Nothing else in dynviz asks a network for anything further.

A network is a class that derives from ``DynamicNetwork``, or from ``ExitNetwork`` where it may answer early, and is
registered by name (the table in ``dynviz.networks``, or the entry-point group ``dynviz.networks`` of another package).
``build`` checks each one it makes and says what is missing. The least that works is ``forward``; every other member
has a default, and is needed only for what its words say.

``forward(x, *, setting=None, recorder=SILENT)`` takes a batch and answers with logits (N, classes). ``setting.mode``:

- ``train``: differentiable; may answer with a ``TrainingOutput`` (a penalty for spending), or with (exits, N, classes).
- ``masked``: hard decisions, for tables, sweeps and attributions: differentiable with respect to the input (of texts,
  their word vectors as ``Frames``), so detach what becomes a NumPy array. What is skipped may be computed all the same.
  ``setting.baseline``, if not None, is one of ``baselines``: the decisions are then taken without looking at the input,
  and the one threshold is the share of them that is open.
- ``skipping``: what is skipped is not executed. No baseline.

``setting.thresholds`` are None (every decision open: the static path), one row for all samples, (units,) or (1, units),
or a row for each sample, (N, units). ``setting.by_hand`` says what was chosen by hand at a unit: wherever a recorded
decision has ``choices``, keep to it and record ``forced``. Record to ``recorder`` only where ``recorder.active``: a
decision for each unit that decides, and ``recorder.work`` for all other work, so that the sum of all MACs is what ran.
Nothing of a call is kept on the network: all sessions share it.
"""

from __future__ import annotations

import inspect
import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from torch import Tensor, nn

from dynviz.decisions import Exit
from dynviz.networks.exits import run_exits
from dynviz.recorder import SILENT, Recorder, Setting

BASELINES = ("random", "uniform", "centre")  # ways to decide that do not look at the input


class ContractError(TypeError):
    """A network that does not keep the contract; the message says what is missing, all of it at once."""


@dataclass(frozen=True)
class Between:
    """Every threshold from ``low`` to ``high`` is one that a network can run at; which are used is searched for."""

    low: float
    high: float


Candidates = tuple[float, ...] | Between


class Packable(ABC):
    """A network, or a part of one, that arranges its weights once when it is made ready for inference (``ready``)."""

    @abstractmethod
    def pack(self) -> None:
        """Arrange them."""


class Startable(ABC):
    """A network, or a part of one, that knows what to do with the weights of a trained network to begin with."""

    @abstractmethod
    def begin_with(self, other: Any) -> None:
        """Take what there is of ``other``."""


class DynamicNetwork(nn.Module, ABC):
    """The defaults are those of a static network; set or override what differs, as class attributes or in __init__.

    candidates: of a network whose decisions change what comes after (gates, masks, skipped steps): the values of its
    one threshold that operating points may be made of, a tuple of them, or ``Between(low, high)``, which is searched
    until the grid of budgets is filled. Which end is the cheap one is measured. Empty: static, or exits.
    rule: what the threshold is compared with, in a few words, for cards and charts.
    baselines: which of ``BASELINES`` the masked mode can decide by instead, for networks with ``candidates``.
    trained_at: the candidate that training draws the compute to its target at, where there is such a one.
    single_pass_sweep: the masked mode takes P x N rows of thresholds for N samples, all samples at the first row's
    setting first, computes what they have in common once, and answers with P x N rows.
    batched_skipping: the skipping mode regroups the samples of a batch, so that it costs about what its MACs say.
    Tables are then made in it; else in the masked mode.
    reach: the number of steps that it can see, None where there is no limit.
    takes_source: it chooses parts of its picture and is given a ``PictureSource`` (``dynviz.networks.sources``), which
    cuts them out of the original; a batch of views, which tables and training give it, is then its own original.
    """

    candidates: Candidates = ()
    rule: str = "threshold"
    baselines: tuple[str, ...] = ("random", "uniform")
    trained_at: float | None = None
    single_pass_sweep: bool = False
    batched_skipping: bool = False
    reach: int | None = None
    takes_source: bool = False

    def exit_names(self) -> list[str]:
        """The qualified names of the modules that may answer, in order, of a network with exits at fixed places."""
        return []

    def segment(self, state: Any, x: Any, index: int) -> tuple[Any, Tensor]:
        """What exit ``index`` needs beyond what is in ``state`` (None at first): (new state, logits (N, classes))."""
        raise NotImplementedError(f"{type(self).__name__} has no exits")

    def governs(self, unit: str) -> tuple[str, ...]:
        """The qualified names of the modules that a decision of ``unit`` is about, by default the unit itself.

        Tests change what passes there, and hold what follows against what was recorded (``tests/checks``).
        In masked mode, of one input, what a decision says was skipped of their output is of no influence: places where
        a PixelMask is false, its cells spread over the output; channels by groups; all of it where a layer or an exit
        was not executed. For a residual block that hands its input on it is the last convolution, not the block. For a
        PonderMap the last layers that places were given, in order; for an ExpertChoice all experts, in order; for a
        TokenSelection two: what hands the tokens over (or is handed them to score them), and what is handed those that
        go on; for a TokenMerge three: what is handed the tokens, what is then added to each, what is handed the merged.
        A KernelMixture's weights pass into or out of its module, and a Resolution's picture into it.
        """
        return (unit,)

    def plain(self, x: Any) -> Tensor:
        """What every decision open answers, by the shortest way: no decision, and nothing that only decisions need.

        What a saving in time is held against. A network need not have it.
        """
        raise NotImplementedError(f"{type(self).__name__} has no plain path")

    @property
    def has_plain(self) -> bool:
        return type(self).plain is not DynamicNetwork.plain

    def outcomes(self, x: Any, baseline: str | None = None) -> tuple[np.ndarray, np.ndarray]:
        """What stopping at each exit would answer, (N, exits, classes) probabilities, and cost, (N, exits) MACs.

        From one masked pass with every decision open, in which each exit records an ``Exit`` with its probabilities. An
        exit costs all that was recorded up to it, and the work recorded behind the last. Without an exit there is one
        outcome. baseline: one of ``baselines``, for what is decided beside the exits. To override where a network looks
        at its answer in other ways; every pass is one of inference.
        """
        recorder = Recorder()
        logits = self(x, setting=Setting("masked", baseline=baseline), recorder=recorder)
        spent, answers, costs = np.zeros(len(x), dtype=np.int64), [], []
        for record in recorder.records:
            np.add.at(spent, record.rows, record.field("macs", 0))
            if record.decision is Exit:
                answers.append(record.columns["probabilities"][np.argsort(record.rows)])
                costs.append(spent.copy())
        if not answers:
            return logits.detach().float().softmax(dim=1).cpu().numpy()[:, None], spent[:, None]
        return np.stack(answers, axis=1), np.stack(costs, axis=1) + (spent - costs[-1])[:, None]

    def certainty(self, probabilities: np.ndarray) -> np.ndarray:
        """(..., classes) -> (...), 0..1: what the thresholds of exits are compared with."""
        return probabilities.max(axis=-1)


class ExitNetwork(DynamicNetwork):
    """A network that may answer early. It gives the parts; ``forward`` asks one after another (see ``run_exits``).

    baselines: ways to decide what it decides beside its exits, such as where to look; none where it decides nothing.
    """

    rule = "confidence"
    baselines = ()
    single_pass_sweep = True  # a threshold changes no feature, so one full pass serves every operating point
    batched_skipping = True

    def forward(self, x: Any, *, setting: Setting | None = None, recorder: Recorder = SILENT) -> Tensor:
        """(N, ...) -> (N, classes) logits of the exit that answered; in train mode (exits, N, classes)."""
        return run_exits(self, x, setting or Setting(), recorder)

    def select(self, state: Any, x: Any, rows: Tensor) -> tuple[Any, Any]:
        """The state and the input of some samples of the batch only. rows: (n,) int64."""
        raise NotImplementedError(f"{type(self).__name__} cannot answer for some of a batch only")

    def note(self, recorder: Recorder, rows: np.ndarray, state: Any, places: np.ndarray, index: int) -> int:
        """Record what segment ``index`` decided beside its answer for ``rows``; returns the MACs of what it recorded.

        places: where in ``state`` each of the rows is. The MACs are then not those of the exit, but of that decision.
        """
        return 0

    def segment_macs(self, size: tuple[int, int]) -> Sequence[int]:
        """MACs of each segment, its classifier included, on a picture of ``size`` (height, width) px.

        A network that counts by ``input_macs`` need not have it.
        """
        raise NotImplementedError(f"{type(self).__name__} says neither segment_macs nor input_macs")

    def input_macs(self, x: Any) -> Sequence[int | np.ndarray]:
        """The same on each sample of a batch: for each segment (N,) int64, or one number for all of them."""
        return self.segment_macs(tuple(x.shape[2:]))


def repeated(x: Any, times: int) -> Any:
    """A batch ``times`` times over: all samples, then all of them again."""
    if isinstance(x, Tensor):
        return x.repeat(times, *[1] * (x.dim() - 1)) if len(x) > 1 else x.expand(times, *x.shape[1:])
    return x.repeat(times)


def check(network: nn.Module, name: str = "") -> None:
    """Does ``network`` keep the contract, as far as can be seen without running it? Raises ContractError if not."""
    called = f"the network {name!r} ({type(network).__name__})" if name else type(network).__name__
    if not isinstance(network, DynamicNetwork):
        raise ContractError(
            f"{called} has to derive from dynviz.networks.contract.DynamicNetwork, or ExitNetwork if it has exits"
        )
    if wrong := [*_wrong_call(network), *_wrong_candidates(network), *_wrong_exits(network)]:
        raise ContractError(f"{called} does not keep the contract of dynviz.networks.contract: {'; '.join(wrong)}")


def _wrong_call(network: DynamicNetwork) -> list[str]:
    parameters = inspect.signature(network.forward).parameters
    lacking = {"setting", "recorder"} - parameters.keys()
    if lacking and not any(p.kind is p.VAR_KEYWORD for p in parameters.values()):
        return [f"forward needs the keyword {word!r}" for word in sorted(lacking)]
    return []


def _wrong_candidates(network: DynamicNetwork) -> list[str]:
    candidates, wrong = network.candidates, []
    if isinstance(candidates, Between):
        if not (math.isfinite(candidates.low) and math.isfinite(candidates.high) and candidates.low < candidates.high):
            wrong.append(f"candidates lie between {candidates.low} and {candidates.high}, which is no range")
    elif not isinstance(candidates, tuple) or not all(isinstance(value, int | float) for value in candidates):
        wrong.append("candidates are neither a tuple of numbers nor Between(low, high)")
    elif len(set(candidates)) < len(candidates) or not all(math.isfinite(value) for value in candidates):
        wrong.append("candidates are not different finite numbers")
    if unknown := set(network.baselines) - set(BASELINES):
        wrong.append(f"baselines are {', '.join(BASELINES)}, not {', '.join(sorted(unknown))}")
    if candidates and not network.baselines:
        wrong.append("a network with candidates names the baselines that it can decide by")
    if network.trained_at is not None and not candidates:
        wrong.append("trained_at is one of the candidates, and there are none")
    return wrong


def _wrong_exits(network: DynamicNetwork) -> list[str]:
    names, wrong, own = network.exit_names(), [], type(network)
    if names and own.segment is DynamicNetwork.segment:
        wrong.append("segment is missing")
    if isinstance(network, ExitNetwork):
        costs = own.segment_macs is not ExitNetwork.segment_macs or own.input_macs is not ExitNetwork.input_macs
        if own.select is ExitNetwork.select:
            wrong.append("select is missing")
        if not costs:
            wrong.append("segment_macs is missing")
        if not names:
            wrong.append("exit_names names no exit")
    modules = dict(network.named_modules(remove_duplicate=False))
    if missing := [name for name in names if name not in modules]:
        wrong.append(f"exit_names are qualified names of modules, and there is no {', '.join(missing)}")
    if len(set(names)) < len(names):
        wrong.append("two exits have the same name")
    return wrong
