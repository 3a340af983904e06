"""Videos: candidate frames, uniform in time, that a network asks for one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from dynviz import zoo
from dynviz.datasets.registry import Dataset
from dynviz.datasets.samples import Samples
from dynviz.media.description import Media
from dynviz.media.video import ArrayVideo, Video
from dynviz.media.video_file import read_video
from dynviz.modalities.adapter import Adapter, InputForm
from dynviz.networks.clips import Clip, Clips
from dynviz.training.recipes import MEAN, STD, Recipe

if TYPE_CHECKING:
    from collections.abc import Iterator

BATCH = 16  # videos; of each as many frames as a network asks for
STAND_INS = 16


class ClipAdapter(Adapter):
    noun = "video"

    def prepare(
        self, card: zoo.ModelCard, media: Any, framing: str = "crop", rate_hz: float | None = None
    ) -> tuple[Clips, Media]:
        """media: a ``Video``, or what ``read_video`` reads. No frame goes through a network before it asks for it."""
        self.refuse_rate(card, rate_hz)
        video = media if isinstance(media, Video) else read_video(media)
        box = video.seen_box(framing)
        return Clips.of([Clip(video, box)], card.mean, card.std), video.media(box)

    def form(self, recipe: Recipe) -> InputForm:
        return InputForm(in_side_px=recipe.in_side_px, mean=MEAN, std=STD)

    def samples(self, dataset: Dataset, split: str, form: InputForm) -> Samples:
        clips = dataset.load(split, 0)

        def batches() -> Iterator[tuple[np.ndarray, Clips]]:
            for rows in np.split(np.arange(len(clips)), range(BATCH, len(clips), BATCH)):
                videos = [clips.video(row) for row in rows]
                yield rows, Clips.of([Clip(video, video.seen_box()) for video in videos], form.mean, form.std)

        return Samples(clips.labels, clips.classes, batches)

    def stand_ins(self, card: zoo.ModelCard, count: int) -> Clips:
        """Made clips of scikit-image's photos, rendered already: what is timed is the network, not a decoder.

        STAND_INS different ones, over and over, so that many of them take no more memory.
        """
        from dynviz.media.made_video import stand_in

        made = [stand_in(seed) for seed in range(min(count, STAND_INS))]
        kept = [ArrayVideo(np.stack([one.frame(i) for i in range(len(one))]), one.times_s) for one in made]
        videos = [kept[place % len(kept)] for place in range(count)]
        return Clips.of([Clip(video, video.seen_box()) for video in videos], card.mean, card.std)

    def feed(self, recipe: Recipe) -> Any:
        from dynviz.training.clip_feed import FeatureFeed, FrameFeed

        return FrameFeed(recipe) if recipe.single_frames else FeatureFeed(recipe)

    def kept(self, samples: Samples, network: Any, dataset: Dataset, split: str) -> Samples:
        from dynviz.networks.video.frames import FrameNetwork
        from dynviz.training.clip_feed import kept_samples

        frames = next((part for part in network.modules() if isinstance(part, FrameNetwork)), None)
        return samples if frames is None else kept_samples(samples, frames, dataset, split)


CLIPS = ClipAdapter()
