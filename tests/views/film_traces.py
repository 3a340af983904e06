"""Traces of videos made by hand: frames in any order, at several resolutions, with regions."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from dynviz import decisions as kinds
from dynviz.recorder import Stage
from dynviz.trace import Media, Prediction, Trace

LABELS = ("cat", "coffee", "rocket")
FULL, GLANCE = 20_000_000, 400_000


def thumbnails(count: int, size: tuple[int, int] = (160, 90)) -> tuple[bytes, ...]:
    found = []
    for i in range(count):
        pixels = np.zeros((size[1], size[0], 3), np.uint8)
        pixels[..., 0] = np.linspace(20, 220, size[0])[None]
        pixels[..., 2] = 40 + 150 * i // max(count, 1)
        buffer = io.BytesIO()
        Image.fromarray(pixels).save(buffer, "WEBP", quality=70)
        found.append(buffer.getvalue())
    return tuple(found)


def film_trace(
    count: int = 16,
    order: tuple[int, ...] = (8, 4, 12, 2),
    sides: tuple[int, ...] = (),
    boxes: bool = False,
    glances: bool = False,
    pictures: tuple[bytes, ...] = (),
    times_s: np.ndarray | None = None,
    size_px: tuple[int, int] = (1920, 1080),
    answers: bool = True,
    rule: str = "",
) -> Trace:
    """order: frames as they were looked at. sides: of each in px. boxes: a region of each. glances: at every frame.

    answers: after each of them. rule: by which they were chosen, scores and a threshold told only where there is one or
    an answer.
    """
    found, stages = [], []
    for turn, frame in enumerate(order):
        sure = 0.4 + 0.5 * (turn + 1) / len(order)
        rest = (1 - sure) / 2
        probabilities = np.array([rest, sure, rest]) if turn else np.array([0.5, 0.3, 0.2])
        used = kinds.FrameChoice(
            unit=f"frames.{frame}", order=len(found), frame=frame, step=turn, choice="use", rule=rule,
            score=(sure if turn or not rule else -1.0) if rule or answers else None,
            threshold=0.88 if rule or answers else None, probabilities=probabilities if answers else None,
            macs=FULL + glances * GLANCE, macs_static=FULL, decider_macs=glances * GLANCE,
        )  # fmt: skip
        found.append(used)
        if sides:
            side = sides[turn % len(sides)]
            found.append(
                kinds.Resolution(
                    unit="policy", order=len(found), frame=frame, side_px=side, options_px=(32, 64, 96, 128),
                    choice=f"{side} px",
                )
            )  # fmt: skip
        if boxes:
            x = size_px[0] * (0.25 + 0.04 * turn)
            box = (x, size_px[1] * 0.2, x + size_px[1] * 0.5, size_px[1] * 0.7)
            found.append(kinds.Region(unit="focus", order=len(found), frame=frame, box_px=box))
    for frame in sorted(set(range(count)) - set(order)):
        found.append(
            kinds.FrameChoice(
                unit=f"frames.{frame}", order=len(found), frame=frame, choice="skip", executed=False,
                macs=glances * GLANCE, decider_macs=glances * GLANCE, macs_static=FULL,
            )
        )  # fmt: skip
    chosen = [d for d in found if isinstance(d, kinds.FrameChoice)]
    stages = [Stage.of(d) for d in chosen] + [Stage("head", 50_000, 50_000)]
    side = size_px[1]
    left = (size_px[0] - side) / 2
    media = Media(
        "video", "a-video", *size_px, (left, 0.0, left + side, float(side)),
        thumbnails=pictures or thumbnails(count), times_s=np.arange(count) * 0.5 if times_s is None else times_s,
        notes=("Turned upright, as the file asks.",),
    )  # fmt: skip
    spent = sum(stage.macs for stage in stages)
    prediction = Prediction.from_probabilities(np.array([0.05, 0.9, 0.05]), LABELS)
    return Trace("film", "Made frames", LABELS, prediction, tuple(found), tuple(stages), media, spent, budget=0.3)
