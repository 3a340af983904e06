"""Videos: a strip of the candidate frames, those that were looked at among them; in motion, one after the other."""

from __future__ import annotations

from PIL import Image

from dynviz.trace import Media, Trace
from dynviz.views.decisions.frame_states import shots
from dynviz.views.decisions.frames import strip
from dynviz.views.decisions.panels import Panel
from dynviz.views.media.film import film
from dynviz.views.medium.medium import WIDTH, Medium
from dynviz.views.pictures.film import Scene, contact_sheet, playback
from dynviz.views.style.svg import data_uri
from dynviz.views.style.words import text


class Video(Medium):
    def can_draw(self, media: Media) -> bool:
        return bool(media.thumbnails)

    def html(self, trace: Trace, answer: Panel) -> str:
        return f'<section class="dv-card" aria-label="Video">{answer.html}{film(trace)}</section>'

    def plain(self, trace: Trace, alt: str) -> str:
        """Every frame that it may look at."""
        frames = "".join(f'<img src="{data_uri(small)}" alt="">' for small in trace.media.thumbnails)
        return f'<div class="dv-stills" role="img" aria-label="{text(alt)}">{frames}</div>'

    def decided(self, trace: Trace) -> str:
        return strip(shots(trace))

    def still(self, trace: Trace, theme: str, progress: float = 1.0) -> Image.Image:
        return contact_sheet(trace, WIDTH, theme)

    def scenes(self, trace: Trace, theme: str) -> list[Scene]:
        return playback(trace, theme)
