"""Axes with round ticks, and labels placed beside lines so that they touch neither each other nor any line."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Axis:
    """A linear scale from low..high (data) to start..end (pixels), with ticks at round numbers."""

    low: float
    high: float
    start: float
    end: float
    step: float

    def __call__(self, value: float) -> float:
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)

    @property
    def ticks(self) -> list[float]:
        first, last = math.ceil(self.low / self.step - 1e-9), math.floor(self.high / self.step + 1e-9)
        return [i * self.step for i in range(first, last + 1)]


@dataclass(frozen=True)
class Line:
    """A labelled line; kind is its CSS class."""

    label: str
    points: Sequence[tuple[float, float]]
    kind: str


def share_digits(step: float) -> int:
    """Decimals that percentages ``step`` (a share, 0..1) apart need so that none is written as another number."""
    return next((digits for digits in range(3) if math.isclose(100 * step, round(100 * step, digits))), 3)


def nice_axis(
    low: float,
    high: float,
    start: float,
    end: float,
    *,
    ticks: int,
    least: float = 0.0,
    most: float = math.inf,
    snug: bool = False,
) -> Axis:
    """An axis over low..high with about ``ticks`` round steps of 1, 2, 2.5 or 5 times a power of ten.

    A range narrower than ``least`` (or empty) is widened around its middle. The axis does not go beyond
    ``most``; with ``snug`` it ends just after ``high``, not at the next tick.
    """
    span = max(high - low, least, abs(high) * 1e-6, 1e-12)
    middle = (low + high) / 2
    if high - low < span:
        low, high = middle - span / 2, middle + span / 2
    raw = span / ticks
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= raw * 0.999)
    bottom, top = math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step
    top = min(high + span * 0.03 if snug else top, most)
    if top <= bottom:
        bottom = top - step
    return Axis(bottom, top, start, end, step)


def text_width(words: str, font: float) -> float:
    """A generous guess of the width of ``words`` in a sans-serif face, in the units of ``font``."""
    return len(words) * font * 0.58


def place_labels(
    lines: Sequence[Line], frame: Box, font: float, leads: Sequence[float] | None = None
) -> list[tuple[float, float]]:
    """(x, baseline) of the start of each line's label: beside its own line, off all lines and other labels.

    leads: room that each label needs before its words. Tries places along each line, above, below and beside it, and
    keeps the one that covers least.
    """
    inked = np.array([sample for line in lines for sample in _samples(line.points)])
    taken: list[Box] = []
    found = []
    for line, lead in zip(lines, leads or [0.0] * len(lines), strict=True):
        wide, high = text_width(line.label, font) + lead, font * 1.1
        own = _samples(line.points)
        other = np.array([s for near in lines if near is not line for s in _samples(near.points)]).reshape(-1, 2)
        best: tuple[float, Box] | None = None
        for i, (px, py) in list(enumerate(own))[::2]:
            for gap in (3, 6, -6 - high, 14, -14 - high, 26, -26 - high, 42, -42 - high, -high / 2):
                for shift in (0.0, -wide / 2, -wide, 12.0, -wide - 12):
                    box = (px + shift, py - gap - high, px + shift + wide, py - gap)
                    cost = _cost(box, frame, taken, inked) + abs(gap + high / 2) * 0.05 - i / len(own) * 0.5
                    if len(other):  # beside another line it would be read as that line's name
                        cost += max(0.0, 14 - _distance(box, other) + _distance(box, np.array(own)))
                    if best is None or cost < best[0]:
                        best = (cost, box)
        assert best is not None  # a line has at least one point
        taken.append(best[1])
        found.append((best[1][0], best[1][3] - font * 0.25))
    return found


def _distance(box: Box, points: np.ndarray) -> float:
    """From the box's edge to the nearest point; 0 inside."""
    across = np.maximum(np.maximum(box[0] - points[:, 0], points[:, 0] - box[2]), 0)
    down = np.maximum(np.maximum(box[1] - points[:, 1], points[:, 1] - box[3]), 0)
    return float(np.hypot(across, down).min())


def _cost(box: Box, frame: Box, taken: list[Box], inked: np.ndarray) -> float:
    x0, y0, x1, y1 = box
    outside = max(frame[0] - x0, x1 - frame[2], frame[1] - y0, y1 - frame[3], 0)
    overlap = sum(1 for a in taken if x0 < a[2] + 3 and x1 > a[0] - 3 and y0 < a[3] + 1 and y1 > a[1] - 1)
    px, py = inked[:, 0], inked[:, 1]
    covered = np.count_nonzero((px > x0 - 3) & (px < x1 + 3) & (py > y0 - 2) & (py < y1 + 2))
    return outside * 10 + overlap * 1000 + covered * 4.0


def _samples(points: Sequence[tuple[float, float]], every: float = 5.0) -> list[tuple[float, float]]:
    """Points along a line, at most ``every`` apart."""
    samples = [tuple(points[0])]
    for (ax, ay), (bx, by) in pairwise(points):
        pieces = max(1, math.ceil(math.hypot(bx - ax, by - ay) / every))
        samples += [(ax + (bx - ax) * k / pieces, ay + (by - ay) * k / pieces) for k in range(1, pieces + 1)]
    return samples
