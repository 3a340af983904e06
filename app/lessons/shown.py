"""What a lesson shows: one network on one input, at the lesson's budget."""

from __future__ import annotations

from dataclasses import dataclass

from app.inference_cache import Inference
from app.live.uploads import Chosen
from dynviz import ModelCard, Trace


@dataclass(frozen=True)
class Shown:
    """trace: at its budget, place ``at``. knob, strength: how its picture is made harder."""

    card: ModelCard
    chosen: Chosen
    found: Inference
    at: int
    knob: str = ""
    strength: float = 0.0
    experiment: str = ""

    @property
    def trace(self) -> Trace:
        return self.found.budgeted[self.at]
