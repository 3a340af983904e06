"""Videos composed of photos: the same for the same seed, rendered frame by frame, with the target where they say."""

from __future__ import annotations

import numpy as np
from PIL import Image

from dynviz.media.made_video import FRAMES, LEAST_SHOT, SHARE, MadeVideo, stand_in
from dynviz.media.video import MAX_CANDIDATES

RED, GREY = Image.new("RGB", (200, 144), (230, 20, 20)), Image.new("RGB", (200, 144), (120, 120, 120))
GREEN = Image.new("RGB", (200, 144), (20, 200, 20))


def test_a_seed_is_a_video_whatever_order_its_frames_are_asked_in():
    one, other = stand_in(5), stand_in(5)
    places = [7, 3, len(one) - 1]
    forwards = [one.frame(i) for i in sorted(places)]
    backwards = [other.frame(i) for i in sorted(places)[::-1]][::-1]
    assert all(np.array_equal(a, b) for a, b in zip(forwards, backwards, strict=True))
    assert len(stand_in(6)) != len(one) or not np.array_equal(stand_in(6).frame(3), one.frame(3))


def test_its_frames_are_counted_and_the_target_takes_the_share_it_should():
    for seed in range(12):
        video = MadeVideo(seed, [lambda: RED] * 3, [lambda: GREY])
        assert FRAMES[0] <= len(video) <= FRAMES[1] <= MAX_CANDIDATES
        assert [shot.first for shot in video.shots] == [0, *(shot.last for shot in video.shots[:-1])]
        assert video.shots[-1].last == len(video)
        low, high = SHARE[0] * len(video) - 1, SHARE[1] * len(video) + 1
        assert min(low, LEAST_SHOT) <= video.shown.sum() <= max(high, LEAST_SHOT)


def test_the_target_is_to_be_seen_where_it_says_and_nowhere_else():
    seen, hidden = [], []
    for seed in range(8):
        video = MadeVideo(seed, [lambda: RED] * 2, [lambda: GREY], length=36)
        for i in range(len(video)):
            pixels = video.frame(i).astype(float)
            assert pixels.shape == (video.height_px, video.width_px, 3)
            shot = next(shot for shot in video.shots if shot.first <= i < shot.last)
            redness = np.quantile(pixels[..., 0] - pixels[..., 1:].max(axis=2), 0.95)
            if shot.kind in ("target", "other") and i - shot.first >= 3:  # no fade any more
                (seen if video.shown[i] else hidden).append(redness)
    assert np.quantile(seen, 0.1) > np.quantile(hidden, 0.9)


def test_a_thing_fills_most_frames_that_show_it_and_stands_before_a_photo_in_others():
    filled = []
    for seed in range(40):
        video = MadeVideo(seed, [lambda: RED] * 2, [lambda: GREEN], length=36)
        for shot in video.shots:
            if shot.kind != "target" or shot.last - shot.first < 5:
                continue
            pixels = video.frame(shot.last - 1).astype(float)  # no fade any more
            red = pixels[..., 0] > 1.5 * pixels[..., 1:].max(axis=2)
            filled.append(red.mean())
            if shot.inset is not None:
                green = pixels[..., 1] > 1.5 * pixels[..., [0, 2]].max(axis=2)
                assert green.mean() > 0.1 and (red | green).mean() > 0.8
    filled = np.array(filled)
    assert (filled > 0.95).mean() > 0.8 and (filled < 0.9).any()


def test_a_stand_in_needs_no_data_set():
    media = stand_in(1, length=10).media((0.0, 0.0, 144.0, 144.0))
    assert media.modality == "video" and len(media.thumbnails) == len(media.times_s) == 10
    assert "motion is made" in media.notes[0]
