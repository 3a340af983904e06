"""Dynamic parameters: kernels mixed for one input, and channels weighed by attention. Neither saves compute."""

from __future__ import annotations

import numpy as np

from dynviz.decisions import KernelMixture
from dynviz.trace import Trace
from dynviz.views.decisions.drawer import Drawer, Group
from dynviz.views.decisions.picks import classes, cost, note, pick, saving_line
from dynviz.views.decisions.rows import body, row, rows
from dynviz.views.style.shapes import png_bytes
from dynviz.views.style.svg import data_uri
from dynviz.views.style.theme import CIVIDIS, scale_rgb
from dynviz.views.style.words import counted, percent, text, unit_words

MOST_KERNELS = 12  # more weights than this are shades in a strip, not parts of a bar
MIXED = (
    "numbers: the kernels, as wide as their share · They are mixed into one before the layer runs, so each input gets "
    "parameters of its own and the layer costs what a plain one costs. This buys accuracy, not compute."
)
WEIGHED = (
    "each stripe: how much a channel counts for this input, dark for little, bright for much. Every channel is "
    "computed all the same. This buys accuracy, not compute."
)


def draw(trace: Trace, decisions: Group) -> str:
    """One row per layer: a bar cut into the kernels' shares, or a strip with a shade for each channel."""
    items = [_strip(d, i) if _many(d) else _bar(d, i) for i, d in enumerate(decisions)]
    told = [words for words, used in ((MIXED, False), (WEIGHED, True)) if any(_many(d) == used for d in decisions)]
    return saving_line(summary(trace, decisions), decisions) + rows(items) + "".join(note(text(line)) for line in told)


def _many(decision: KernelMixture) -> bool:
    return np.size(decision.weights) > MOST_KERNELS


def _bar(d: KernelMixture, i: int) -> str:
    """All kernels take part, so all of it is filled."""
    weights = np.clip(np.nan_to_num(np.asarray(d.weights, dtype=float)), 0, None)
    shares = weights / weights.sum() if weights.sum() > 0 else np.full(len(weights), 1 / max(len(weights), 1))
    cuts = "".join(
        f'<i style="flex:{share:.4f} 0 0" title="kernel {k + 1}: {text(percent(share))}">'
        f"{k + 1 if share >= 0.08 else ''}</i>"
        for k, share in enumerate(shares)
    )
    best = int(np.argmax(shares)) if len(shares) else 0
    value = f"most: no. {best + 1}, {text(percent(shares[best]))}" if len(shares) else ""
    listed = ", ".join(f"kernel {k + 1} {percent(share)}" for k, share in enumerate(shares))
    attributes = pick(d, f"Layer {i + 1}", (listed, cost(d), "saves nothing"))
    drawn = f"<span {classes(d, 'dv-mix')}{attributes}>{cuts}</span>"
    return row(body(drawn), value, unit_words(d.unit), disc=i + 1)


def _strip(d: KernelMixture, i: int) -> str:
    weights = np.clip(np.nan_to_num(np.asarray(d.weights, dtype=float)), 0, 1)
    low, high = float(weights.min()), float(weights.max())
    pixels = np.array([[scale_rgb(float(w), CIVIDIS) for w in weights]], dtype=np.uint8)
    image = f'<img alt="" src="{data_uri(png_bytes(pixels))}">'
    span = f"{percent(low)} … {percent(high)}"
    told = (f"{len(weights)} channels count from {percent(low)} to {percent(high)}", cost(d), "saves nothing")
    drawn = f"<span {classes(d, 'dv-strip')}{pick(d, f'Layer {i + 1}', told)}>{image}</span>"
    return row(body(drawn), text(span), unit_words(d.unit), disc=i + 1)


def summary(trace: Trace, decisions: Group) -> str:
    what = "channels weighed" if all(_many(d) for d in decisions) else "parameters mixed"
    return f"{what} for this input in {counted(len(decisions), 'layer')}"


DRAWERS = {KernelMixture: Drawer("Parameters made for this input", draw, summary)}
