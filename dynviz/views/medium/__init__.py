"""How an input is drawn with what was decided about it: one file for each kind, for pages, stills and SVG alike.

What a kind of input asks of the library itself is in ``dynviz.modalities``.
"""

from __future__ import annotations

from dynviz.trace import Media
from dynviz.views.medium.medium import Medium
from dynviz.views.medium.photo import Photo
from dynviz.views.medium.recording import Recording
from dynviz.views.medium.text import TextMedium
from dynviz.views.medium.video import Video

__all__ = ["MEDIA", "Medium", "medium_of"]

MEDIA: dict[str, Medium] = {"image": Photo(), "text": TextMedium(), "series": Recording(), "video": Video()}


def medium_of(media: Media) -> Medium:
    """What draws ``media``; where it lacks what would be drawn, something that draws nothing but the answer."""
    found = MEDIA.get(media.modality)
    return found if found and found.can_draw(media) else Medium()
