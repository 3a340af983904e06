"""Hand-made traces, one for each decision type, so that every view can be looked at and tested without a network.

Nothing here was measured: the pictures are drawn by this file, the text and the series are written by it, and every
title says that the example is hand-made.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from dataclasses import replace

import numpy as np
from PIL import Image

from dynviz import decisions as kinds
from dynviz.decisions import STEP_ACTIONS, Decision
from dynviz.recorder import Stage
from dynviz.trace import Media, Prediction, Trace
from dynviz.views.examples.made_up import encoded, scene

LABELS = ("balloon", "kite", "parachute", "lamp", "moon", "pear")
SIZE = (1600, 1200)  # of the imagined original; the preview is half of it
SEEN = (200.0, 0.0, 1400.0, 1200.0)
TEXT = (
    "The harbour was quiet when we came in, and for an hour nothing moved but gulls. Then the old ferry turned "
    "too early, scraped the pier from end to end, and stopped with a sound that everyone in town still talks about."
)


def examples() -> list[Trace]:
    """One small hand-made trace for each decision type, in the order of ``dynviz.decisions.DECISION_TYPES``."""
    makers = (
        _exits, _blocks, _channels, _experts, _mixtures, _routes, _pixels, _ponder, _sampling,
        _regions, _resolution, _selection, _merging, _words, _frames,
    )  # fmt: skip
    return [make() for make in makers]


def series_example() -> Trace:
    """A second StepUpdate, over a recording instead of a text."""
    t = np.arange(240)
    beat = np.exp(-(((t % 60) - 22) ** 2) / 6.0) - 0.28 * np.exp(-(((t % 60) - 28) ** 2) / 10.0)
    series = beat + 0.16 * np.exp(-(((t % 60) - 42) ** 2) / 40.0) + 0.015 * np.sin(t * 1.7)
    busy = (np.abs((t % 60) - 25) < 9) | (t % 12 == 0)
    actions = np.where(busy, 0, 1).astype(np.int8)
    actions[200] = STEP_ACTIONS.index("stop")
    sure = 1 / (1 + np.exp(-(t - 110) / 28))
    step = kinds.StepUpdate(
        unit="layer", actions=actions, running=np.stack([1 - sure, sure], 1), macs=21_000 * 69, macs_static=21_000 * 240
    )
    media = Media("series", "hand-made-series", series=series.astype(np.float32))
    return _trace(
        "Skip RNN over a recording", [step], media, labels=("irregular", "regular"), best=(1, 0.96), fixed=90_000
    )


def _trace(
    title: str,
    decisions: Iterable[Decision],
    media: Media,
    *,
    labels: tuple[str, ...] = LABELS,
    best: tuple[int, float] = (0, 0.91),
    fixed: int = 4_000_000,
    ms: float | None = None,
) -> Trace:
    ordered = tuple(replace(d, order=i) for i, d in enumerate(decisions))
    stages = (Stage("stem", fixed, fixed), *(Stage.of(d) for d in ordered))
    index, sure = best
    others = 0.7 ** np.arange(len(labels) - 1)
    probabilities = np.insert(others * (1 - sure) / others.sum(), index, sure)
    return Trace(
        model="hand-made",
        title=f"{title} (hand-made example)",
        labels=labels,
        prediction=Prediction.from_probabilities(probabilities, labels),
        decisions=ordered,
        stages=stages,
        media=media,
        macs_ideal=sum(stage.macs_ideal for stage in stages),
        budget=0.5,
        ms=ms,
        ms_static=None if ms is None else ms * 2.6,
    )


def _photo() -> Media:
    return Media("image", "hand-made-scene", *SIZE, SEEN, scene())


def _exits() -> Trace:
    found = ((1, 0.46, 0.88), (0, 0.71, 0.86), (0, 0.94, 0.84))
    rows = []
    for i in range(7):
        ran = i < len(found)
        label, score, threshold = found[i] if ran else (0, None, None)
        rows.append(
            kinds.Exit(
                unit=f"exits.{i}", layer=i, choice=("exit" if i == 2 else "continue") if ran else "not reached",
                executed=ran, score=score, threshold=threshold, rule="confidence" if ran else "",
                probabilities=np.eye(len(LABELS))[label] if ran else None,
                macs=(9 + i) * 1_000_000 if ran else 0, macs_static=(9 + i if ran else 18 + i) * 1_000_000,
            )
        )  # fmt: skip
    return _trace("Early exit", rows, _photo(), best=(0, 0.94), fixed=1_000_000, ms=5.9)


def _blocks() -> Trace:
    scores = (0.97, 0.88, 0.31, 0.92, 0.64, 0.22, 0.12, 0.58, 0.99, 0.41, 0.35, 0.81, 0.27, 0.18, 0.73, 0.09, 0.55, 0.9)
    cost = 6_000_000
    return _trace(
        "Skipped blocks",
        [
            kinds.LayerSkip(
                unit=f"blocks.{i}", layer=i, choice="run" if s >= 0.5 else "skip", executed=s >= 0.5, score=s,
                threshold=0.5, macs=cost + 9_000 if s >= 0.5 else 9_000, macs_static=cost, decider_macs=9_000,
            )
            for i, s in enumerate(scores)
        ],
        _photo(),
    )  # fmt: skip


def _channels() -> Trace:
    draw = np.random.default_rng(4)
    rows = []
    for i, keep in enumerate((0.9, 0.55, 0.7, 0.3)):
        scores = draw.random(16)
        kept = scores < keep
        rows.append(
            kinds.ChannelSelection(
                unit=f"stage {i + 1}", layer=i, kept=kept, scores=1 - scores, choice="some",
                macs=int(14_000_000 * kept.mean()), macs_static=14_000_000,
            )
        )  # fmt: skip
    return _trace("Channel groups", rows, _photo())


def _experts() -> Trace:
    weights = ((0.05, 0.72, 0.13, 0.1), (0.61, 0.09, 0.22, 0.08), (0.2, 0.24, 0.05, 0.51))
    return _trace(
        "Mixture of experts",
        [
            kinds.ExpertChoice(
                unit=f"block {i + 1}", layer=i, chosen=np.array([int(np.argmax(w))]), weights=np.array(w),
                choice="top 1", macs=7_000_000, macs_static=28_000_000,
            )
            for i, w in enumerate(weights)
        ],
        _photo(),
    )  # fmt: skip


def _mixtures() -> Trace:
    weights = ((0.52, 0.08, 0.3, 0.1), (0.18, 0.44, 0.06, 0.32), (0.26, 0.24, 0.26, 0.24))
    return _trace(
        "Dynamic parameters",
        [
            kinds.KernelMixture(
                unit=f"conv {i + 1}", layer=i, weights=np.array(w), choice="mixed",
                macs=12_200_000, macs_static=12_200_000, decider_macs=200_000,
            )
            for i, w in enumerate(weights)
        ],
        _photo(),
    )  # fmt: skip


def _routes() -> Trace:
    """Five layers of cells at three scales; from each of them ways to the next layer's."""
    taken = {(0, 0): "keep+down", (1, 0): "keep", (1, 1): "down", (2, 0): "down", (2, 2): "up", (3, 1): "keep"}
    rows = []
    for layer in range(4):
        for scale in range(min(layer + 1, 3)):
            edges = tuple(e for e, away in (("up", -1), ("keep", 0), ("down", 1)) if 0 <= scale + away < 3)
            open_now = taken.get((layer, scale), "not reached")
            ran = np.array([edge in open_now.split("+") for edge in edges])
            rows.append(
                kinds.Route(
                    unit=f"cells.{layer}.{scale}", layer=layer, step=scale, edges=edges, ran=ran, choice=open_now,
                    weights=np.where(ran, 0.62 + 0.08 * scale, 0.21) * (open_now != "not reached"), threshold=0.5,
                    executed=bool(ran.any()), macs=int(ran.any()) * 5_000_000 + 2_000, macs_static=5_000_000,
                    decider_macs=2_000,
                )
            )  # fmt: skip
    return _trace("Routes of a supernet", rows, _photo())


def _near(rows: int, columns: int) -> np.ndarray:
    """(rows, columns) distance of each cell of the seen square from the balloon, in units of its radius."""
    y, x = np.mgrid[0:rows, 0:columns]
    px = SEEN[0] + (x + 0.5) / columns * (SEEN[2] - SEEN[0])
    py = (y + 0.5) / rows * SIZE[1]
    return np.hypot((px - 760) / 290, (py - 560) / 430)


def _pixels() -> Trace:
    rows = []
    for i, (cells, reach) in enumerate(((32, 1.3), (16, 1.05), (16, 0.8), (8, 0.75))):
        mask = _near(cells, cells) < reach
        rows.append(
            kinds.PixelMask(
                unit=f"stage {i + 1}", layer=i, mask=mask, choice="some", macs=int(16_000_000 * mask.mean() * 1.15),
                macs_static=16_000_000, macs_ideal=int(16_000_000 * mask.mean()),
            )
        )  # fmt: skip
    return _trace("Pixel masks", rows, _photo())


def _ponder() -> Trace:
    layers = np.clip(6.2 - 4.1 * _near(32, 32), 1.0, 6.0).astype(np.float32)
    row = kinds.PonderMap(
        unit="stage 2", layer=0, map=layers, most=6.0, choice="halted",
        macs=int(9_000_000 * layers.mean()), macs_static=54_000_000,
    )  # fmt: skip
    return _trace("Ponder map", [row], _photo())


def _sampling() -> Trace:
    draw = np.random.default_rng(2)
    grid = np.array([(x, y) for y in np.linspace(250, 900, 5) for x in np.linspace(520, 1000, 5)])
    kernel = np.array([(x, y) for y in (-1, 0, 1) for x in (-1, 0, 1)], dtype=float)
    outward = (grid - (760, 520))[:, None] * 0.12
    points = grid[:, None] + kernel * 26 * (1 + draw.random((25, 1, 1))) + outward + draw.normal(0, 5, (25, 9, 2))
    row = kinds.SamplingOffsets(
        unit="deformable 1", layer=0, points_px=points, choice="moved",
        macs=31_000_000, macs_static=30_000_000, decider_macs=1_000_000,
    )  # fmt: skip
    return _trace("Deformable sampling", [row], _photo())


def _regions() -> Trace:
    boxes = ((540.0, 160.0, 990.0, 610.0), (620.0, 700.0, 930.0, 1010.0))
    rows = [
        kinds.Region(unit=f"glimpse {i + 1}", step=i, box_px=b, choice="look", macs=11_000_000, macs_static=11_000_000)
        for i, b in enumerate(boxes)
    ]
    turned = np.array([[150.0, -60.0, 1150.0], [60.0, 150.0, 900.0]])
    rows.append(
        kinds.Region(
            unit="glimpse 3", step=2, box_px=(940.0, 690.0, 1360.0, 1110.0), affine=turned, choice="not needed",
            executed=False, macs_static=11_000_000,
        )
    )  # fmt: skip
    return _trace("Glance and focus", rows, _photo())


def _resolution() -> Trace:
    row = kinds.Resolution(
        unit="resolution", side_px=96, options_px=(64, 96, 128, 160), scores=np.array([0.17, 0.62, 0.16, 0.05]),
        choice="96", score=0.62, macs=24_000_000, macs_static=66_000_000, decider_macs=900_000,
    )  # fmt: skip
    return _trace("Resolution", [row], _photo(), best=(3, 0.31))


def _selection() -> Trace:
    rows = []
    for i, reach in enumerate((1.7, 1.25, 0.95)):
        kept = (_near(14, 14) < reach).ravel()
        rows.append(
            kinds.TokenSelection(
                unit=f"layer {4 * i + 3}", layer=4 * i + 2, kept=kept, grid=(14, 14), choice="some",
                macs=int(30_000_000 * kept.mean()), macs_static=30_000_000,
            )
        )  # fmt: skip
    return _trace("Token selection", rows, _photo())


def _merging() -> Trace:
    def source(coarse: np.ndarray) -> np.ndarray:
        y, x = np.mgrid[0:16, 0:16]
        side = np.where(coarse > 1.6, 4, np.where(coarse > 1.0, 2, 1))
        return (y // side * side * 16 + x // side * side).ravel()

    rows = []
    for i, less in enumerate((1.35, 1.0)):
        merged = source(_near(16, 16) / less)
        left = len(np.unique(merged)) / merged.size
        rows.append(
            kinds.TokenMerge(
                unit=f"layer {6 * i + 6}", layer=6 * i + 5, source=merged, grid=(16, 16), choice="merged",
                macs=int(32_000_000 * left), macs_static=32_000_000,
            )
        )  # fmt: skip
    return _trace("Token merging", rows, _photo())


def _places(text: str) -> np.ndarray:
    """(words, 2) start and end of each word and each sign."""
    return np.array([match.span() for match in re.finditer(r"\w+|[^\w\s]", text)])


def _words() -> Trace:
    words = _places(TEXT)
    actions = np.full(len(words), STEP_ACTIONS.index("update"), dtype=np.int8)
    targets = np.full(len(words), -1)
    actions[2:4] = actions[7:11] = actions[16:18] = actions[22:24] = STEP_ACTIONS.index("skim")
    for start, end in ((10, 16), (27, 33)):
        actions[start], targets[start] = STEP_ACTIONS.index("jump"), end
    actions[37] = STEP_ACTIONS.index("stop")
    bends = (0, 6, 14, 20, 26, 37, len(words))
    mood = np.interp(np.arange(len(words)), bends, (0.5, 0.66, 0.72, 0.35, 0.2, 0.08, 0.08))
    row = kinds.StepUpdate(
        unit="reader", actions=actions, targets=targets, running=np.stack([1 - mood, mood], 1),
        macs=2_700_000, macs_static=8_400_000,
    )  # fmt: skip
    media = Media("text", "hand-made-text", text=TEXT, spans=_places(TEXT))
    return _trace("Skim, jump and stop", [row], media, labels=("bad news", "good news"), best=(0, 0.92), fixed=100_000)


def _frames() -> Trace:
    order = (2, 5, 0)
    scores = {2: (0.48, 0.9), 5: (0.79, 0.88), 0: (0.93, 0.86)}
    small = []
    for i in range(8):
        with Image.open(io.BytesIO(scene(-0.8 + 1.6 * i / 7))) as image:
            small.append(encoded(image.resize((160, 120))))
    used = [
        kinds.FrameChoice(
            unit="frame",
            frame=f,
            step=turn,
            choice="use",
            score=scores[f][0],
            threshold=scores[f][1],
            macs=18_000_000,
            macs_static=18_000_000,
        )
        for turn, f in enumerate(order)
    ]
    rest = [
        kinds.FrameChoice(unit="frame", frame=f, choice="skip", executed=False, macs_static=18_000_000)
        for f in range(8)
        if f not in order
    ]
    media = Media("video", "hand-made-video", *SIZE, SEEN, thumbnails=tuple(small), times_s=np.arange(8) * 1.4)
    return _trace("Frame choice", used + rest, media, best=(0, 0.93))
