"""Videos for training: single frames for the encoder, or what it says of every frame, worked out once and kept."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from dynviz import zoo
from dynviz.datasets.clips import ClipSet
from dynviz.datasets.registry import DATASETS, Dataset
from dynviz.datasets.samples import Samples
from dynviz.media.video import MAX_CANDIDATES
from dynviz.networks.clips import Clip, Clips
from dynviz.networks.video.frames import FrameNetwork, places
from dynviz.training.recipes import MEAN, STD, Recipe

STEPS = 150  # of an epoch, of networks that learn from single frames
VIDEOS = 20_000  # training videos that it is shown frames of: more than the split, each a little
EACH = 4  # frames of each; half of them show the target
CHECKED = 48  # videos of the validation split that it is tried on after an epoch
BATCH = 32  # videos together where features are known


class FrameFeed:
    """A few frames of each of many videos, rendered when their turn comes."""

    def __init__(self, recipe: Recipe):
        self.recipe, self.steps = recipe, STEPS
        self.clips, self.checked = (DATASETS[recipe.dataset].load(split, 0) for split in ("train", "val"))

    def train(self, epoch: int, generator: torch.Generator) -> Iterator[tuple[Clips, Tensor, Tensor]]:
        draw = np.random.default_rng(int(torch.randint(1 << 31, (), generator=generator)))
        for _ in range(self.steps):
            rows = draw.choice(VIDEOS, self.recipe.batch, replace=False)
            labels = torch.tensor([self.clips.label(int(row)) for row in rows])
            yield self._batch(rows, labels, draw), labels, torch.from_numpy(rows)

    def _batch(self, rows: np.ndarray, labels: Tensor, draw: np.random.Generator) -> Clips:
        none, clips, shown = len(self.clips.classes), [], []
        for row, label in zip(rows.tolist(), labels.tolist(), strict=True):
            video = self.clips.video(row)
            chosen = np.concatenate(
                [draw.choice(np.flatnonzero(video.shown), EACH // 2), draw.integers(len(video), size=EACH - EACH // 2)]
            )
            clips.append(Clip(_Some(video, chosen, bool(draw.random() < 0.5)), video.seen_box()))
            shown.append(np.where(video.shown[chosen], label, none))
        return replace(Clips.of(clips, MEAN, STD), shown=torch.from_numpy(np.stack(shown)))

    def check(self) -> Iterator[tuple[Clips, Tensor]]:
        for start in range(0, min(CHECKED, len(self.checked)), 8):
            end = min(start + 8, CHECKED, len(self.checked))
            videos = [self.checked.video(row) for row in range(start, end)]
            x = Clips.of([Clip(video, video.seen_box()) for video in videos], MEAN, STD)
            yield x, torch.from_numpy(self.checked.labels[start:end])


class _Some:
    """Some frames of a video, mirrored or not."""

    def __init__(self, video: object, chosen: np.ndarray, mirrored: bool):
        self.video, self.chosen, self.mirrored = video, chosen, mirrored
        self.width_px, self.height_px = video.width_px, video.height_px

    def __len__(self) -> int:
        return len(self.chosen)

    def frame(self, index: int) -> np.ndarray:
        pixels = self.video.frame(int(self.chosen[index]))
        return np.ascontiguousarray(pixels[:, ::-1]) if self.mirrored else pixels


class FeatureFeed:
    """Whole videos as the features of their frames, for networks whose encoder stays as it is."""

    def __init__(self, recipe: Recipe):
        self.recipe = recipe
        dataset = DATASETS[recipe.dataset]
        encoder = zoo.load(recipe.starts[""])  # which the network begins with, and keeps
        self.clips = dataset.load("train", 0)
        self.x, self.checked = (kept_clips(encoder, dataset, split) for split in ("train", "val"))
        self.labels = torch.from_numpy(self.clips.labels)
        self.checked_labels = torch.from_numpy(dataset.load("val", 0).labels)
        self.steps = len(self.x) // recipe.batch

    def train(self, epoch: int, generator: torch.Generator) -> Iterator[tuple[Clips, Tensor, Tensor]]:
        order = torch.randperm(len(self.x), generator=generator)
        for rows in order.split(self.recipe.batch)[: self.steps]:
            yield replace(self.x[rows], labels=self.labels[rows]), self.labels[rows], rows

    def check(self) -> Iterator[tuple[Clips, Tensor]]:
        yield self.checked, self.checked_labels


def kept_samples(samples: Samples, network: FrameNetwork, dataset: Dataset, split: str) -> Samples:
    """The same samples with the features of their frames, as the encoder of ``network`` gives them: kept on disk."""
    whole = with_own(network, kept_clips(network, dataset, split), dataset.load(split, 0))

    def batches() -> Iterator[tuple[np.ndarray, Clips]]:
        for rows in np.split(np.arange(len(whole)), range(BATCH, len(whole), BATCH)):
            yield rows, whole[rows]

    return Samples(samples.labels, samples.classes, batches)


def with_own(network: FrameNetwork, whole: Clips, clips: ClipSet) -> Clips:
    """With what the network works out of frames beside the encoder's features, if there is such a thing."""
    if type(network).worked_out is FrameNetwork.worked_out:
        return whole
    known = dict(whole.known)
    for start in range(0, len(whole), BATCH):
        rows = np.arange(start, min(start + BATCH, len(whole)))
        videos = tuple(Clip(video, video.seen_box()) for video in (clips.video(int(row)) for row in rows))
        with torch.inference_mode():
            found = network.worked_out(replace(whole[rows], clips=videos))
        for key, values in found.items():
            longest = whole.known[0].shape[1]
            known.setdefault(key, torch.zeros(len(whole), longest, values.shape[2], dtype=values.dtype))
            known[key][rows[0] : rows[-1] + 1, : values.shape[1]] = values
    return replace(whole, known=known)


def kept_clips(network: FrameNetwork, dataset: Dataset, split: str) -> Clips:
    """Every video of a split as the features of its frames at each resolution, (N, T, width) float32.

    They are worked out once for an encoder, in parts, so that a kill loses little, and kept in ``runs/_kept``; what
    they depend on is their name.
    """
    folder = Path("runs") / "_kept" / f"{dataset.name}-{split}-{network.encoder_digest()}"
    folder.mkdir(parents=True, exist_ok=True)
    clips = dataset.load(split, 0)
    parts, lengths = [], []
    for start in range(0, len(clips), BATCH):
        path = folder / f"{start:05d}.npz"
        if not path.is_file():
            _keep(path, network, [clips.video(row) for row in range(start, min(start + BATCH, len(clips)))])
        with np.load(path, allow_pickle=False) as kept:
            parts.append(kept["features"])
            lengths.append(kept["lengths"])
    features = torch.from_numpy(np.concatenate(parts))
    known = {way: features[:, :, way].contiguous() for way in range(features.shape[2])}
    return Clips((), np.concatenate(lengths), MEAN, STD, known)[slice(None)]


def _keep(path: Path, network: FrameNetwork, videos: list) -> None:
    found = np.zeros((len(videos), MAX_CANDIDATES, len(network.sides_px), network.width), dtype=np.float32)
    for row, video in enumerate(videos):
        x = Clips.of([Clip(video, video.seen_box())], MEAN, STD)
        rows, frames = places(x.lengths)
        for start in range(0, len(frames), 8):  # a frame is rendered once for all resolutions
            part = slice(start, start + 8)
            views = network.views(x, rows[part], frames[part])
            with torch.inference_mode():
                for way, pixels in enumerate(views):
                    found[row, frames[part], way] = network.encoder.features(pixels, way).mean(dim=(2, 3)).numpy()
    new = path.with_suffix(f".{os.getpid()}.new.npz")
    np.savez(new, features=found, lengths=np.array([len(video) for video in videos], dtype=np.int64))
    os.replace(new, path)
