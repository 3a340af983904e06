"""The one result type: what a network answered on one input, every decision it took on the way, and what each cost."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import Any

import numpy as np

from dynviz.decisions import Decision
from dynviz.media.description import Media
from dynviz.media.image import MAX_PIXELS
from dynviz.recorder import Stage
from dynviz.trace.codec import Misfit
from dynviz.trace.file import Stored


@dataclass(frozen=True)
class Prediction:
    """The answer. confidence: softmax probability in 0..1. top: up to five (label, probability), best first."""

    label: str
    confidence: float
    top: tuple[tuple[str, float], ...]

    @classmethod
    def from_probabilities(cls, probabilities: np.ndarray, labels: tuple[str, ...]) -> Prediction:
        """``probabilities``: (classes,) summing to 1, in the order of ``labels``."""
        order = np.argsort(-probabilities, kind="stable")[:5]
        top = tuple((labels[i], float(probabilities[i])) for i in order)
        return cls(label=top[0][0], confidence=top[0][1], top=top)


@dataclass(frozen=True)
class Likeness:
    """How far an input lies from what its network learned. distance: of the features that the answer was read off, from
    the nearest class (see ``dynviz.likeness``). limit: a calibrated one; few inputs of the known classes lie beyond it.
    """

    distance: float
    limit: float

    @property
    def unlike(self) -> bool:
        return self.distance > self.limit


@dataclass(frozen=True, eq=False)
class Trace(Stored):
    """A prediction and the decisions that led to it. Frozen, hashed and compared by content, timings left out.

    macs: multiply-accumulates that ran, deciders included. macs_ideal: the lower bound that the decisions allow
    (masks without their halos). macs_static: the same network on this input with every decision open. ms, ms_static:
    measured milliseconds, None until timed. ms_plain: of the same weights in one pass that decides nothing, for a
    network that has one (its ``plain``): what a saving in time has to beat. budget: the budget asked for (None: every
    decision open). rule: how the operating point decides. counterfactual: taken from a pass that computed everything,
    so ``executed`` tells what the skipping network would run (or, for a full pass, what it would not have). likeness:
    whether the input is unlike all that the network knows; None where that is not told.
    """

    model: str
    title: str
    labels: tuple[str, ...]
    prediction: Prediction
    decisions: tuple[Decision, ...]
    stages: tuple[Stage, ...]
    media: Media
    macs_ideal: int
    budget: float | None = None
    rule: str = ""
    counterfactual: bool = False
    ms: float | None = None
    ms_static: float | None = None
    ms_plain: float | None = None
    likeness: Likeness | None = None

    @cached_property  # asked for hundreds of times while a trace is drawn, and its stages do not change
    def macs(self) -> int:
        return sum(stage.macs for stage in self.stages)

    @cached_property
    def macs_static(self) -> int:
        return sum(stage.macs_static for stage in self.stages)

    @property
    def digest(self) -> str:
        """sha256 of the content: equal for equal runs, whatever the clock said."""
        content = describe(replace(self, ms=None, ms_static=None, ms_plain=None))
        del content["ms_plain"]  # these came after digests had been written down
        if self.likeness is None:
            del content["likeness"]
        if self.media.unknown is None:
            del content["media"]["unknown"]
        if self.media.times_s is None:
            del content["media"]["times_s"]
        if not self.media.notes:
            del content["media"]["notes"]
        for account in (*content["stages"], *content["decisions"]):
            if account["macs_ideal"] == account["macs"]:
                del account["macs_ideal"]
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()

    def __hash__(self) -> int:
        return hash(self.digest)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Trace) and self.digest == other.digest

    def check(self) -> None:
        """What the types alone do not say and every reader of traces relies on. Raises Misfit."""
        media = self.media
        if min(media.width_px, media.height_px) < 0 or media.width_px * media.height_px > MAX_PIXELS:
            raise Misfit("trace.media has an impossible size")
        if not 0 <= media.rate_hz < math.inf or min(media.frame_samples, media.step_samples) < 0:
            raise Misfit("trace.media has an impossible rate or step")
        if media.beats is not None and media.beats.shape[1] != 2:
            raise Misfit("trace.media.beats has other columns than sample and class")
        if not all(math.isfinite(edge) for edge in media.box_px):
            raise Misfit("trace.media.box_px is not finite")
        if media.times_s is not None and len(media.times_s) != len(media.thumbnails):
            raise Misfit("trace.media.times_s is not one time for each thumbnail")
        if self.likeness is not None and not 0 <= self.likeness.distance < math.inf:
            raise Misfit("trace.likeness has an impossible distance")
        if any(min(stage.macs, stage.macs_static) < 0 for stage in self.stages):
            raise Misfit("trace.stages holds negative MACs")
        for i, decision in enumerate(self.decisions):
            if decision.probabilities is not None and len(decision.probabilities) != len(self.labels):
                raise Misfit(f"trace.decisions[{i}].probabilities does not fit the {len(self.labels)} labels")


@dataclass(frozen=True, eq=False)
class Sweep:
    """One input at all operating points of a network, cheapest first.

    budgets: of each point, 0..1 (may exceed 1). traces: one per point. full: every decision open (a counterfactual:
    it tells what the units that did not run would have said).
    """

    model: str
    budgets: tuple[float, ...]
    traces: tuple[Trace, ...]
    full: Trace
    labels: tuple[str, ...] = field(default=())

    def index(self, budget: float) -> int:
        """Position of the largest point whose budget is at most ``budget``, else 0."""
        return max((i for i, b in enumerate(self.budgets) if b <= budget + 1e-9), default=0)

    def at(self, budget: float) -> Trace:
        """The trace of the largest point whose budget is at most ``budget``, else of the smallest."""
        return self.traces[self.index(budget)]


def describe(value: Any) -> Any:
    """Plain JSON values for any part of a Trace: dataclasses as dicts, arrays and bytes by digest."""
    if isinstance(value, np.ndarray):
        contiguous = np.ascontiguousarray(value)
        digest = hashlib.sha256(contiguous.tobytes()).hexdigest()
        return {"shape": list(value.shape), "dtype": str(value.dtype), "sha256": digest}
    if isinstance(value, bytes):
        return {"sha256": hashlib.sha256(value).hexdigest()}
    if isinstance(value, tuple | list):
        return [describe(item) for item in value]
    if isinstance(value, np.generic):
        return value.item()
    if hasattr(value, "__dataclass_fields__"):
        own = {f.name: describe(getattr(value, f.name)) for f in fields(value)}
        return {"type": getattr(value, "kind", type(value).__name__), **own}
    return value
