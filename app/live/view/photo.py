"""What the live view is sent of a picture: itself, its shape and its words."""

from __future__ import annotations

from typing import Any

from app.strings import say
from dynviz import Trace
from dynviz.views.media.overlay import preview_size
from dynviz.views.style.svg import data_uri
from dynviz.views.style.words import percent


def picture(trace: Trace, name: str, truth: str = "") -> dict[str, Any]:
    """The base picture of a trace, its shape and its words."""
    wide, high = preview_size(trace.media)
    size = f"{trace.media.width_px:,} × {trace.media.height_px:,} px"
    return {
        "src": data_uri(trace.media.preview),
        "ratio": round(wide / high, 5),
        "alt": say("picture.alt", name=name),
        "caption": " · ".join(part for part in (name, truth, size, _seen(trace), *trace.media.notes) if part),
    }


def _seen(trace: Trace) -> str:
    """How much of the picture the network saw, in words."""
    media = trace.media
    x0, y0, x1, y1 = media.box_px
    wide = max(0.0, min(x1, media.width_px) - max(x0, 0.0))
    high = max(0.0, min(y1, media.height_px) - max(y0, 0.0))
    share = wide * high / max(1, media.width_px * media.height_px)
    return say("picture.seen", share=percent(1 - share)) if share < 0.995 else say("picture.whole")
