"""Texts: every word by what happened to it, in the text as it was typed."""

from __future__ import annotations

import numpy as np
from PIL import Image

from dynviz.trace import Trace
from dynviz.views.decisions.panels import Panel
from dynviz.views.media.attributions import loudest, noted, on_words
from dynviz.views.media.texts import annotated
from dynviz.views.medium.medium import WIDTH, Medium
from dynviz.views.pictures.paper import PixelPaper, VectorPaper
from dynviz.views.pictures.sequences import draw_text
from dynviz.views.style.words import text


class TextMedium(Medium):
    def html(self, trace: Trace, answer: Panel) -> str:
        return f'<section class="dv-card dv-read" aria-label="Text">{answer.html}{annotated(trace)}</section>'

    def plain(self, trace: Trace, alt: str) -> str:
        return f'<section class="dv-card"><p class="dv-text" dir="auto">{text(trace.media.text)}</p></section>'

    def decided(self, trace: Trace) -> str:
        return annotated(trace)

    def attributed(self, trace: Trace, strength: np.ndarray, titles: tuple[str, str], alt: str) -> str:
        return noted(on_words(trace, strength), titles[1], loudest(trace, strength))

    def still(self, trace: Trace, theme: str, progress: float = 1.0) -> Image.Image:
        return draw_text(PixelPaper, trace, WIDTH, theme, progress).picture

    def vector(self, trace: Trace) -> tuple[int, int, str]:
        drawn = draw_text(VectorPaper, trace, WIDTH, "light")
        return drawn.width, drawn.height, drawn.svg
