"""Labelled videos: made of photos of their own split, and clips of cameras that stay in their split."""

from __future__ import annotations

from collections import Counter

import numpy as np

from dynviz.datasets.clips import COUNTS, UNKNOWN, camera_clips, made_clips
from dynviz.datasets.pictures import CIFAR10
from dynviz.datasets.registry import DATASETS


def test_every_split_is_made_of_its_own_photos(data_folder):
    seen: dict[str, set] = {}
    for split in ("val", "test"):
        clips = made_clips(split)
        assert len(clips) == COUNTS[split] and len(clips.classes) == 30
        assert clips.labels.tolist()[:20] == [clips.label(row) for row in range(20)]
        seen[split] = {photo.args for photos in clips.photos for photo in photos}
    assert not seen["val"] & seen["test"]
    video = made_clips("val").video(3)
    assert np.array_equal(video.frame(5), made_clips("val").video(3).frame(5))
    assert {len(video), len(video.times_s), len(video.shown)} == {len(video)} and video.shown.any()


def test_between_its_shots_are_photos_of_every_class_that_no_network_knows(data_folder):
    small = CIFAR10.load("val", 32)
    labels = zip(small.images, small.labels.tolist(), strict=True)
    names = {image.permute(1, 2, 0).numpy().tobytes(): small.classes[label] for image, label in labels}
    shown = [photo.args[0].tobytes() for photo in made_clips("val").others if isinstance(photo.args[0], np.ndarray)]
    counts = Counter(names[pixels] for pixels in shown)
    assert set(counts) == set(UNKNOWN) and min(counts.values()) > 50


def test_clips_of_cameras_are_in_one_split_only(data_folder):
    splits = {split: DATASETS["surveillance_fight"].load(split, 0) for split in ("train", "val", "test")}
    assert [len(clips) for clips in splits.values()] == [216, 24, 60]
    assert not set(splits["train"].members) & set(splits["val"].members)
    clips = camera_clips("test")
    assert set(clips.labels.tolist()) == {0, 1} and clips.classes[clips.label(0)] == "fight"
    video = clips.video(0)
    assert video.frame(len(video) - 1).shape == (video.height_px, video.width_px, 3)
