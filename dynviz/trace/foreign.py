"""Recording a network that is not ours: note its decisions while it runs, get a Trace that every view can draw.

    with dynviz.record(media="cat.jpg") as recording:
        probabilities = my_network(x)        # somewhere inside: dynviz.note(Exit(unit="exit 1", score=.9, ...))
    trace = recording.trace(probabilities, labels)

``note`` outside ``record`` does nothing, so a network that notes its decisions runs anywhere. What is noted belongs to
the thread (or task) that records.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from typing import Any

import numpy as np

from dynviz.decisions import Decision
from dynviz.media.image import read_image
from dynviz.recorder import Stage
from dynviz.trace import Media, Prediction, Trace

_CURRENT: ContextVar[Recording | None] = ContextVar("dynviz_recording", default=None)


class Recording:
    """What was noted so far, in order: decisions, and the stages that spent compute."""

    def __init__(self, media: Media):
        self.media = media
        self.decisions: list[Decision] = []
        self.stages: list[Stage] = []

    def trace(self, probabilities: Any, labels: tuple[str, ...] | list[str], *, title: str = "My network") -> Trace:
        """The Trace of what was noted. probabilities: (classes,) summing to 1, in the order of ``labels``.

        Raises ValueError where the two do not fit together.
        """
        values, labels = np.asarray(probabilities, dtype=np.float32), tuple(labels)
        if values.shape != (len(labels),):
            raise ValueError(f"probabilities of shape {values.shape} for {len(labels)} labels")
        return Trace(
            model=title,
            title=title,
            labels=labels,
            prediction=Prediction.from_probabilities(values, labels),
            decisions=tuple(self.decisions),
            stages=tuple(self.stages),
            media=self.media,
            macs_ideal=sum(stage.macs_ideal for stage in self.stages),
        )


@contextmanager
def record(media: Any) -> Iterator[Recording]:
    """Collect what ``note`` is told inside the block. media: a picture as ``dynviz.run`` takes it, or a ``Media``."""
    if not isinstance(media, Media):
        picture = read_image(media)
        media = picture.media((0.0, 0.0, float(picture.width_px), float(picture.height_px)))
    recording = Recording(media)
    token = _CURRENT.set(recording)
    try:
        yield recording
    finally:
        _CURRENT.reset(token)


def note(happened: Decision | Stage) -> None:
    """Add one decision, or one stage of work that no decision governs, to the recording that is going on, if any."""
    recording = _CURRENT.get()
    if recording is None:
        return
    if isinstance(happened, Stage):
        recording.stages.append(happened)
        return
    decision = replace(happened, order=len(recording.decisions))
    recording.decisions.append(decision)
    recording.stages.append(Stage.of(decision))
