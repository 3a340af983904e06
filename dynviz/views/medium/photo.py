"""Pictures: the preview with places drawn over it, and what was not seen hatched."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from dynviz.trace import Media, Trace
from dynviz.views.decisions.panels import Panel
from dynviz.views.media.attributions import on_picture
from dynviz.views.media.overlay import Canvas, overlay, preview_size, spatial_shapes, unseen
from dynviz.views.medium.medium import WIDTH, Medium
from dynviz.views.pictures.raster import hatched, raster_shape, tag
from dynviz.views.style.svg import data_uri
from dynviz.views.style.words import text


class Photo(Medium):
    def can_draw(self, media: Media) -> bool:
        return bool(media.preview)

    def html(self, trace: Trace, answer: Panel) -> str:
        picture = f'<img src="{data_uri(trace.media.preview)}" alt="{text(answer.alt)}">'
        shown = f'<div class="dv-picture">{picture}{overlay(trace)}</div>'
        return f'<div class="dv-answered">{answer.html}{shown}</div>'  # above: on it, it would hide what it is about

    def plain(self, trace: Trace, alt: str) -> str:
        return f'<div class="dv-picture"><img src="{data_uri(trace.media.preview)}" alt="{text(alt)}"></div>'

    def decided(self, trace: Trace) -> str:
        return overlay(trace)

    def attributed(self, trace: Trace, strength: np.ndarray, titles: tuple[str, str], alt: str) -> str:
        return on_picture(trace, strength, titles, alt)

    def still(self, trace: Trace, theme: str, progress: float = 1.0) -> Image.Image:
        with Image.open(io.BytesIO(trace.media.preview)) as opened:
            picture = opened.convert("RGBA")
        canvas = Canvas(trace.media)
        for shape in spatial_shapes(trace):
            raster_shape(shape, picture, canvas, theme)
        for strip in unseen(trace.media):
            x0, y0, x1, y1 = canvas.box(strip)
            hatched(picture, (x0, y0, x1, y1), None, theme, canvas.unit)
            size = canvas.unit * 2.4
            if max(x1 - x0, y1 - y0) > size * 7 and min(x1 - x0, y1 - y0) > size * 1.7:
                tag(picture, (x0 + x1) / 2, (y0 + y1) / 2, "not seen", size, turn=x1 - x0 < size * 7)
        height = max(1, round(picture.height * WIDTH / picture.width))
        return picture.resize((WIDTH, height), Image.Resampling.LANCZOS)

    def vector(self, trace: Trace) -> tuple[int, int, str]:
        wide, high = preview_size(trace.media)
        where = f'width="{wide}" height="{high}"'
        laid = overlay(trace).replace("<svg ", f"<svg {where} ", 1)
        return wide, high, f'<image href="{data_uri(trace.media.preview)}" {where}/>{laid}'
