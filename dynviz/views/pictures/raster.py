"""Shapes drawn with Pillow: the same shapes that ``overlay`` draws as SVG, for exported stills and animations."""

from __future__ import annotations

from functools import cache, singledispatch

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from dynviz.views.media.overlay import Canvas
from dynviz.views.style.shapes import Box, Cuts, Dots, Heat, Outline, Shape, Tag, Veil
from dynviz.views.style.theme import COLOURS

_BADGE = (10, 12, 15, 214)


@cache
def font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Pillow's own typeface: the same on every machine."""
    return ImageFont.load_default(max(8, size))


def rgba(name: str, theme: str, alpha: float = 1.0) -> tuple[int, int, int, int]:
    """A colour of the theme with an opacity 0..1."""
    red, green, blue = bytes.fromhex(COLOURS[theme][name][1:])
    return red, green, blue, round(alpha * 255)


def hatched(picture: Image.Image, box: Box, share: np.ndarray | None, theme: str, unit: float) -> None:
    """Pale and hatched within ``box`` (pixels), by ``share`` (rows, columns) 0..1 where it is given."""
    x0, y0, x1, y1 = (round(v) for v in box)
    size = (max(x1 - x0, 1), max(y1 - y0, 1))
    layer = Image.new("RGBA", size, rgba("veil", theme, 0.74))
    draw = ImageDraw.Draw(layer)
    step, stroke = max(unit * 1.7, 4), max(1, round(unit * 0.18))
    for k in range(int(np.ceil((x0 + y0) / step)), int((x1 + y1) / step) + 1):
        total = k * step - x0 - y0
        draw.line([(total, 0), (0, total)], fill=rgba("edge", theme, 0.8), width=stroke)
    if share is not None:
        grey = Image.fromarray((np.clip(np.nan_to_num(share), 0, 1) * 255).round().astype(np.uint8))
        grey = grey.resize(size, Image.Resampling.NEAREST)
        alpha = np.asarray(layer.getchannel("A"), dtype=np.uint16) * np.asarray(grey)
        layer.putalpha(Image.fromarray((alpha // 255).astype(np.uint8)))
    picture.alpha_composite(layer, (max(x0, 0), max(y0, 0)))


def tag(picture: Image.Image, x: float, y: float, words: str, size: float, *, turn: bool = False) -> None:
    """A few words in white on a dark pill, centred at x, y."""
    type_ = font(round(size))
    wide, high = round(type_.getlength(words) + size * 0.9), round(size * 1.5)
    pill = Image.new("RGBA", (wide, high), (0, 0, 0, 0))
    draw = ImageDraw.Draw(pill)
    draw.rounded_rectangle((0, 0, wide - 1, high - 1), size * 0.35, fill=_BADGE)
    draw.text((wide / 2, high / 2), words, font=type_, fill="white", anchor="mm")
    pill = pill.rotate(90, expand=True) if turn else pill
    left = min(max(round(x - pill.width / 2), 0), max(picture.width - pill.width, 0))
    top = min(max(round(y - pill.height / 2), 0), max(picture.height - pill.height, 0))
    pill = pill.crop((0, 0, min(pill.width, picture.width), min(pill.height, picture.height)))
    picture.alpha_composite(pill, (left, top))


@singledispatch
def raster_shape(shape: Shape, picture: Image.Image, canvas: Canvas, theme: str) -> None:
    """Draw one shape onto an RGBA picture of the canvas's size."""
    raise TypeError(f"no way to draw {type(shape).__name__}")


@raster_shape.register
def _(shape: Veil, picture: Image.Image, canvas: Canvas, theme: str) -> None:
    hatched(picture, canvas.box(shape.box_px), np.asarray(shape.share, dtype=float), theme, canvas.unit)


@raster_shape.register
def _(shape: Heat, picture: Image.Image, canvas: Canvas, theme: str) -> None:
    x0, y0, x1, y1 = (round(v) for v in canvas.box(shape.box_px))
    colours = Image.fromarray(np.ascontiguousarray(shape.rgb)).convert("RGBA")
    colours = colours.resize((max(x1 - x0, 1), max(y1 - y0, 1)), Image.Resampling.NEAREST)
    colours.putalpha(153)
    layer = Image.new("RGBA", picture.size, (0, 0, 0, 0))
    layer.paste(colours, (x0, y0))
    picture.alpha_composite(layer)


@raster_shape.register
def _(shape: Outline, picture: Image.Image, canvas: Canvas, theme: str) -> None:
    points = [tuple(p) for p in canvas.points(shape.corners_px)]
    draw, stroke = ImageDraw.Draw(picture), canvas.unit * 0.5
    for colour, width in ((rgba("card", theme), stroke * 1.9), (rgba("spent", theme), stroke)):
        draw.line([*points, points[0], points[1]], fill=colour, width=max(1, round(width)), joint="curve")
    if shape.label:
        size = canvas.unit * 2.6
        tag(picture, points[0][0] + size * 0.75, points[0][1] + size * 0.75, shape.label, size)


@raster_shape.register
def _(shape: Dots, picture: Image.Image, canvas: Canvas, theme: str) -> None:
    draw = ImageDraw.Draw(picture)
    for colour, radius in (((255, 255, 255, 255), canvas.unit * 0.75), (rgba("spent", theme), canvas.unit * 0.48)):
        for x, y in canvas.points(shape.points_px).reshape(-1, 2):
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)


@raster_shape.register
def _(shape: Cuts, picture: Image.Image, canvas: Canvas, theme: str) -> None:
    draw, stroke = ImageDraw.Draw(picture), max(1, round(canvas.unit * 0.3))
    for a, b in canvas.points(np.asarray(shape.lines_px, dtype=float).reshape(-1, 2, 2)):
        draw.line([tuple(a), tuple(b)], fill=(255, 255, 255, 230), width=stroke)


@raster_shape.register
def _(shape: Tag, picture: Image.Image, canvas: Canvas, theme: str) -> None:
    x0, _, _, y1 = canvas.box(shape.box_px)
    size = canvas.unit * 2.6
    wide = font(round(size)).getlength(shape.words) + size * 0.9
    tag(picture, x0 + wide / 2 + size * 0.6, y1 - size * 1.35, shape.words, size)
