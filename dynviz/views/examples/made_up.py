"""What the hand-made examples are made of: a picture drawn by this file, and made-up cards for the chart."""

from __future__ import annotations

import io
from functools import cache

import numpy as np
from PIL import Image, ImageDraw

from dynviz.zoo import ModelCard, OperatingPoint


@cache
def scene(shift: float = 0.0) -> bytes:
    """A balloon over hills as WebP, 800 x 600 px. shift: -1..1, how far the balloon has drifted."""
    wide, high = 1600, 1200
    down = np.linspace(0, 1, high)[:, None, None]
    sky = np.array([[[92, 148, 196]]]) * (1 - down) + np.array([[[250, 222, 186]]]) * down
    image = Image.fromarray(np.broadcast_to(sky, (high, wide, 3)).astype(np.uint8).copy())
    draw = ImageDraw.Draw(image)
    draw.ellipse((1180, 150, 1340, 310), fill=(255, 240, 200))
    across = np.arange(0, wide + 20, 20)
    for base, swing, length, phase, colour in (
        (820, 70, 520, 0.4, (126, 150, 152)),
        (930, 80, 380, 2.1, (88, 124, 104)),
        (1040, 60, 610, 4.0, (52, 88, 66)),
    ):
        ridge = base + swing * np.sin(across / length * 2 * np.pi + phase)
        draw.polygon([(0, high), *zip(across.tolist(), ridge.tolist(), strict=True), (wide, high)], fill=colour)
    x, y, r = 760 + 420 * shift, 430 - 60 * abs(shift), 250
    red, yellow = (176, 58, 46), (232, 168, 56)
    for part, colour in ((1.0, red), (0.62, yellow), (0.24, red)):  # envelope and, narrower, its gores
        wider, lower = r * part * 0.93, 52 * part
        draw.ellipse((x - r * part, y - r, x + r * part, y + r), fill=colour)
        below = [(x - wider, y + r * 0.38), (x + wider, y + r * 0.38), (x + lower, y + 420), (x - lower, y + 420)]
        draw.polygon(below, fill=colour)
    draw.line([(x - 48, y + 420), (x - 40, y + 480)], fill=(70, 46, 30), width=5)
    draw.line([(x + 48, y + 420), (x + 40, y + 480)], fill=(70, 46, 30), width=5)
    draw.rounded_rectangle((x - 46, y + 476, x + 46, y + 540), 10, fill=(112, 74, 44))
    return encoded(image.resize((800, 600), Image.Resampling.LANCZOS))


def encoded(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "WEBP", quality=82)
    return buffer.getvalue()


def example_cards() -> list[ModelCard]:
    """Cards of four made-up static siblings and, last, of a made-up network with exits."""

    def card(name: str, family: str, macs: int, points: list[tuple[float, float]], curves: dict) -> ModelCard:
        listed = tuple(OperatingPoint("confidence", m / 118e6, m, a, 4871, (a - 0.009, a + 0.009)) for m, a in points)
        return ModelCard(
            name=name, title=name, family=family, mechanism="exits" if curves else "none", modality="image", paper="",
            data="hand-made", data_licence="", parent=None, static_macs=macs, test_accuracy=points[-1][1],
            test_interval=(points[-1][1] - 0.009, points[-1][1] + 0.009), operating_points=listed, anytime=bool(curves),
            weakness="", network="", arguments={}, labels=(), in_side_px=128, mean=(0.5,) * 3, std=(0.2,) * 3,
            parameters=1, recipe="", seed=0, epochs=0, sha256="", curves=curves, class_accuracy={},
        )  # fmt: skip

    siblings = [(9e6, 0.806), (28e6, 0.846), (62e6, 0.871), (116e6, 0.889)]
    static = [card(f"static {m / 1e6:.0f} M", "static", int(m), [(m, a)], {}) for m, a in siblings]
    share = np.linspace(0, 1, 11)
    own = [(11e6 + 105e6 * float(s), 0.836 + 0.071 * (1 - (1 - float(s)) ** 2.6)) for s in share]
    random = ((11e6, 0.81), (50e6, 0.85), (116e6, 0.9))
    return [*static, card("Early exits", "sample-wise", 116_000_000, own, {"random exits": random})]
