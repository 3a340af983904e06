"""Recordings: the curve, each of its steps by what happened to it."""

from __future__ import annotations

import numpy as np
from PIL import Image

from dynviz.trace import Media, Trace
from dynviz.views.decisions.panels import Panel
from dynviz.views.decisions.step_states import step_states
from dynviz.views.media.attributions import noted, on_steps
from dynviz.views.media.recordings import marked, recording
from dynviz.views.medium.medium import WIDTH, Medium
from dynviz.views.pictures.paper import PixelPaper, VectorPaper
from dynviz.views.pictures.sequences import draw_series


class Recording(Medium):
    def can_draw(self, media: Media) -> bool:
        return media.series is not None

    def html(self, trace: Trace, answer: Panel) -> str:
        drawn = recording(trace)
        if not drawn:
            return super().html(trace, answer)
        return f'<section class="dv-card" aria-label="Recording">{answer.html}{drawn}</section>'

    def plain(self, trace: Trace, alt: str) -> str:
        if (states := step_states(trace)) is None:
            return ""
        states.codes[:] = 0  # as it is, whatever a network does with it
        return f'<section class="dv-card dv-view">{marked(trace, states)}</section>'

    def decided(self, trace: Trace) -> str:
        states = step_states(trace)
        return "" if states is None else marked(trace, states)

    def attributed(self, trace: Trace, strength: np.ndarray, titles: tuple[str, str], alt: str) -> str:
        return noted(on_steps(trace, strength), titles[1])

    def still(self, trace: Trace, theme: str, progress: float = 1.0) -> Image.Image:
        return draw_series(PixelPaper, trace, WIDTH, theme, progress).picture

    def vector(self, trace: Trace) -> tuple[int, int, str]:
        drawn = draw_series(VectorPaper, trace, WIDTH, "light")
        return drawn.width, drawn.height, drawn.svg
