"""The frame of the accuracy and compute figure: fixed margins and axes, so that a marker can be laid over it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dynviz.views.style.axes import nice_axis, share_digits
from dynviz.views.style.words import macs_words, percent

Range = tuple[float, float]


@dataclass(frozen=True)
class Frame:
    """Height of the figure, the margins around its plot, and the size of its lettering, all in px; what is across."""

    height: int = 500
    left: int = 54
    right: int = 14
    top: int = 30
    bottom: int = 52
    font: int = 13
    across: str = "mean multiply-adds for one input (log scale)"


SCREEN = Frame()
PROJECTOR = Frame(height=620, left=88, right=22, top=54, bottom=78, font=20, across="mean multiply-adds (log)")


def ranges(every: Sequence[tuple[float, float]]) -> tuple[Range, Range, float]:
    """Room for all (MACs, accuracy): the range in log10 MACs, that of accuracy, the step between written accuracies."""
    x = [math.log10(macs) for macs, _ in every]
    room = max(0.04 * (max(x) - min(x)), 0.03)
    low, high = min(a for _, a in every), max(a for _, a in every)
    y = nice_axis(low, high, 0, 1, ticks=6, least=0.02, most=1.005)
    return (min(x) - room, max(x) + room), (y.low, y.high), y.step


def layout(x_range: Range, y_range: Range, y_step: float, frame: Frame = SCREEN) -> dict[str, Any]:
    """Plotly's layout: a log axis in multiply-adds, a linear one in percent, nothing that zooms or grows by itself."""
    across = _ticks(*x_range)
    first, last = math.ceil(y_range[0] / y_step - 1e-9), math.floor(y_range[1] / y_step + 1e-9)
    up = [i * y_step for i in range(first, last + 1)]
    digits = share_digits(y_step)
    font = {"size": frame.font}
    axis = {"automargin": False, "fixedrange": True, "zeroline": False, "tickfont": font}
    return {
        "height": frame.height,
        "margin": {
            "l": frame.left,
            "r": frame.right,
            "t": frame.top,
            "b": frame.bottom,
            "autoexpand": False,
            "pad": 0,
        },
        "showlegend": False,
        "hovermode": "closest",
        "hoverdistance": 24,
        "dragmode": False,
        "clickmode": "event+select",
        "hoverlabel": {"align": "left", "font": font},
        "xaxis": axis
        | {
            "type": "log",
            "range": list(x_range),
            "tickvals": list(across.values()),
            "ticktext": list(across),
            "showgrid": False,
            "ticks": "outside",
            "title": {"text": frame.across, "font": font, "standoff": 8},
        },
        "yaxis": axis
        | {
            "range": [100 * bound for bound in y_range],
            "tickvals": [100 * value for value in up],
            "ticktext": [percent(value, digits) for value in up],
        },
        "annotations": [
            {
                "text": "right answers on the test split",
                "x": 0,
                "xref": "paper",
                "xanchor": "left",
                "xshift": 4 - frame.left,
                "y": 1,
                "yref": "paper",
                "yanchor": "bottom",
                "yshift": round(0.8 * frame.font),
                "showarrow": False,
                "font": font,
            }
        ],
    }


def _ticks(low: float, high: float) -> dict[str, float]:
    """Words -> MACs of round values within 10**low .. 10**high, finer where the range is narrow."""
    found: dict[str, float] = {}
    for steps in ((1, 2, 5), range(1, 10), np.arange(1, 10, 0.1)):
        values = [float(step) * 10**power for power in range(2, 14) for step in steps]
        found = {macs_words(value): value for value in values if low <= math.log10(value) <= high}
        if len(found) >= 2:
            break
    return found
