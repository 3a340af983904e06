"""What a kind of input has to say to be drawn: the one interface that pages, stills and SVG files use."""

from __future__ import annotations

import base64
import io

import numpy as np
from PIL import Image

from dynviz.trace import Media, Trace
from dynviz.views.decisions.panels import Panel
from dynviz.views.pictures.raster import rgba

WIDTH = 960  # of every exported picture, px


class Medium:
    """Itself what stands for inputs that cannot be drawn."""

    def can_draw(self, media: Media) -> bool:
        """Does ``media`` hold what is drawn?"""
        return True

    def html(self, trace: Trace, answer: Panel) -> str:
        """The input as a card of a page, with what was decided about it and the answer."""
        return f'<section class="dv-card" aria-label="Answer">{answer.html}</section>'

    def plain(self, trace: Trace, alt: str) -> str:
        """The input alone, without a hint of what a network made of it. alt: what a picture of it is called."""
        return ""

    def decided(self, trace: Trace) -> str:
        """What was decided, drawn in the places of the input; a picture's lies over it, others have the input in it."""
        return ""

    def attributed(self, trace: Trace, strength: np.ndarray, titles: tuple[str, str], alt: str) -> str:
        """What was computed, and what the answer depends on.

        strength: of each place, word or step. titles: of the two. alt: in place of the second, where that is a picture.
        """
        return ""

    def still(self, trace: Trace, theme: str, progress: float = 1.0) -> Image.Image:
        """(WIDTH, any height) RGBA: the input with the decisions that have a place in it. progress: 0..1 of a
        sequence."""
        return Image.new("RGBA", (WIDTH, 120), rgba("page", theme))

    def scenes(self, trace: Trace, theme: str) -> list[tuple[Image.Image, str, list[str], int]]:
        """What an animation shows, where that is something else than one decision after the other: pictures of WIDTH
        and one height, head and lines of the badge of each, and its ms.
        """
        return []

    def vector(self, trace: Trace) -> tuple[int, int, str]:
        """(width, height, SVG) of the same, in light dress."""
        picture, buffer = self.still(trace, "light"), io.BytesIO()
        picture.convert("RGB").save(buffer, "PNG", optimize=True)
        uri = f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}"
        return WIDTH, picture.height, f'<image href="{uri}" width="{WIDTH}" height="{picture.height}"/>'
