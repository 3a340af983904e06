"""Videos: a strip of the candidate frames, those that were looked at among them."""

from __future__ import annotations

from PIL import Image

from dynviz.trace import Media, Trace
from dynviz.views.medium.medium import WIDTH, Medium
from dynviz.views.pictures.sequences import draw_film


class Video(Medium):
    def can_draw(self, media: Media) -> bool:
        return bool(media.thumbnails)

    def still(self, trace: Trace, theme: str, progress: float = 1.0) -> Image.Image:
        return draw_film(trace, WIDTH, theme)
