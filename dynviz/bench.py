"""Does skipping pay on this machine? Measured speed-up against executed-MACs speed-up, on many real inputs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from dynviz import zoo
from dynviz.operating import thresholds
from dynviz.recorder import Recorder, Setting
from dynviz.timing import time_settings

if TYPE_CHECKING:
    from torch import Tensor

REPEATS = 3


@dataclass(frozen=True)
class BenchRow:
    """One operating point over ``n`` inputs; means per input. The ratio is how much of the saving is real.

    macs, macs_static: executed multiply-accumulates. ms, ms_static: measured, one thread, batch of one.
    """

    budget: float
    n: int
    macs: float
    macs_static: float
    ms: float
    ms_static: float

    @property
    def macs_speedup(self) -> float:
        return self.macs_static / self.macs

    @property
    def speedup(self) -> float:
        return self.ms_static / self.ms

    @property
    def ratio(self) -> float:
        return self.speedup / self.macs_speedup


def bench(
    name: str,
    *,
    data: Path | None = None,
    n: int = 200,
    points: int = 5,
    progress: Callable[[int, int], None] | None = None,
) -> list[BenchRow]:
    """Time network ``name`` at up to ``points`` operating points on ``n`` inputs, static and dynamic in turn.

    data: pictures as CLASS/file; else the test split of DYNVIZ_DATA; else crops of scikit-image's own photos. Sets this
    process to one thread, so run it in a process of its own.
    """
    import torch

    torch.set_num_threads(1)
    card, network = zoo.card(name), zoo.load(name)
    batch = bench_inputs(card, data, n)
    chosen = np.unique(np.linspace(0, len(card.operating_points) - 1, points).round().astype(int))
    chosen = [i for i in chosen if card.operating_points[i].thresholds]
    settings = [Setting(), *(Setting(thresholds=thresholds(card.operating_points[i])) for i in chosen)]
    ms, macs = np.zeros((len(batch), len(settings))), np.zeros((len(batch), len(settings)))
    for row in range(len(batch)):
        x = batch[row : row + 1].contiguous(memory_format=torch.channels_last)
        ms[row] = time_settings(network, x, settings, rounds=REPEATS)[0]
        for column, setting in enumerate(settings):
            recorder = Recorder()
            with torch.inference_mode():
                network(x, setting=setting, recorder=recorder)
            macs[row, column] = recorder.totals(1)[0]
        if progress:
            progress(row + 1, len(batch))
    mean_ms, mean_macs = ms.mean(axis=0), macs.mean(axis=0)
    return [
        BenchRow(card.operating_points[i].budget, len(batch), mean_macs[c], mean_macs[0], mean_ms[c], mean_ms[0])
        for c, i in enumerate(chosen, start=1)
    ] or [BenchRow(1.0, len(batch), mean_macs[0], mean_macs[0], mean_ms[0], mean_ms[0])]


def bench_inputs(card: zoo.ModelCard, data: Path | None, n: int) -> Tensor:
    """(n, 3, side, side) normalised pictures."""
    import torch

    from dynviz.evaluation import data_set
    from dynviz.training.data import data_folder, load_split, normalise
    from dynviz.training.own import own_pictures

    if data is not None:
        images = own_pictures(data, card.in_side_px, card.labels).images
    else:
        try:
            data_folder()
        except FileNotFoundError:
            images = _sample_crops(n, card.in_side_px)
        else:
            images = load_split(data_set(card), "test", card.in_side_px).images
    rows = torch.linspace(0, len(images) - 1, min(n, len(images))).round().long()
    return normalise(images[rows], card.mean, card.std)


def _sample_crops(n: int, side_px: int) -> Tensor:
    """(n, 3, side, side) uint8 random squares of scikit-image's photos."""
    import torch
    from PIL import Image
    from skimage import data

    from dynviz.media.image import centre_square

    photos = [Image.fromarray(photo) for photo in (data.chelsea(), data.coffee(), data.astronaut(), data.rocket())]
    draw = np.random.default_rng(0)
    crops = []
    for i in range(n):
        photo = photos[i % len(photos)]
        side = int(draw.uniform(0.4, 1.0) * min(photo.size))
        left, top = (int(draw.integers(0, length - side + 1)) for length in photo.size)
        crops.append(centre_square(photo.crop((left, top, left + side, top + side)), side_px))
    return torch.from_numpy(np.stack(crops).transpose(0, 3, 1, 2).copy())
