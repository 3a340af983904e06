"""A batch of videos: parts of frames where they should be, and nothing decoded before it is asked for."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from dynviz.media.video import ArrayVideo
from dynviz.networks.batches import joined
from dynviz.networks.clips import Clip, Clips
from dynviz.networks.video.frameexit import coarse_to_fine
from dynviz.networks.video.frames import blind_frames, consensus, within
from dynviz.networks.video.scsampler import share_before

PLAIN = (0.0, 0.0, 0.0), (1.0, 1.0, 1.0)


def ramp(frames: int, width: int = 80, height: int = 40) -> ArrayVideo:
    """Frame t is 10 t + its column in red, its row in green."""
    y, x = np.mgrid[:height, :width]
    pixels = [np.stack([x + 10 * t, y, np.zeros_like(x)], axis=2) for t in range(frames)]
    return ArrayVideo.of(np.stack(pixels).astype(np.uint8))


def test_the_seen_square_is_the_middle_of_a_frame():
    video = ramp(3)
    x = Clips.of([Clip(video, video.seen_box())], *PLAIN)
    pixels, boxes = x.frames([0, 0], [0, 2], 40)
    assert boxes.tolist() == [[20, 0, 60, 40]] * 2
    assert pixels.shape == (2, 3, 40, 40)
    assert (pixels[0, 0, 5] * 255).round().tolist() == list(range(20, 60))
    assert (pixels[1, 0, 5] * 255).round().tolist() == list(range(40, 80))


def test_a_part_lies_where_its_box_says_and_stays_inside_the_frame():
    video = ramp(1)
    x = Clips.of([Clip(video, video.seen_box())], *PLAIN)
    pixels, boxes = x.frames([0], [0], 20, np.array([[0.5, 1.0]]), 0.5)
    assert boxes.tolist() == [[30, 20, 50, 40]]  # as low as it can be
    assert (pixels[0, 0, 0] * 255).round().tolist() == list(range(30, 50))
    assert (pixels[0, 1, :, 0] * 255).round().tolist() == list(range(20, 40))


def test_what_lies_beyond_a_frame_is_grey():
    video = ramp(1)
    x = Clips.of([Clip(video, video.seen_box("fit"))], *PLAIN)
    pixels, boxes = x.frames([0], [0], 80)
    assert boxes.tolist() == [[0, -20, 80, 60]]
    grey = pixels[0, :, :20] * 255
    assert (grey.round() == 128).all()
    assert (pixels[0, 0, 30] * 255).round().tolist() == list(range(80))


def test_some_of_a_batch_and_several_batches():
    videos = [ramp(2), ramp(5), ramp(3)]
    x = Clips.of([Clip(video, video.seen_box()) for video in videos], *PLAIN)
    assert x[1:].lengths.tolist() == [5, 3] and x[torch.tensor([2, 0])].lengths.tolist() == [3, 2]
    assert joined([x[:1], x[1:]]).lengths.tolist() == x.lengths.tolist()
    assert x.repeat(2).lengths.tolist() == [2, 5, 3, 2, 5, 3]
    turned = x.backwards()
    assert torch.equal(turned.frames([1], [0], 16)[0], x.frames([1], [4], 16)[0])


def test_the_order_goes_from_coarse_to_fine():
    assert coarse_to_fine(8) == (4, 2, 6, 1, 5, 3, 7, 0)
    assert coarse_to_fine(1) == (0,)
    for length in (2, 9, 33, 64):
        assert sorted(coarse_to_fine(length)) == list(range(length))


def test_the_mean_of_what_frames_say():
    said = torch.tensor([[5.0, 0.0, 0.0], [0.0, 0.0, 50.0], [0.0, 3.0, 0.0]])  # the second shows nothing
    logits = consensus(said, np.array([0, 0, 1]), 2)
    sure = torch.tensor(5.0).exp() / (torch.tensor(5.0).exp() + 2)
    assert float(logits[0, 0]) == pytest.approx(float((sure / 2 + 1e-3).log()), abs=1e-4)
    assert logits.argmax(dim=1).tolist() == [0, 1]


def test_frames_come_in_the_order_of_their_shares():
    shares = np.array([[0.1, 0.5, 0.3, 0.1]])
    before = share_before(shares, np.array([4]))
    np.testing.assert_allclose(before, [[0.8, -1.0, 0.5, 0.9]])
    assert (before < 0.0).sum() == 1 and (before < 0.6).sum() == 2 and (before < 1.0).all()


def test_blind_frames_are_as_many_as_asked_for():
    lengths = np.array([10, 4])
    for baseline in ("random", "uniform"):
        chosen = blind_frames(baseline, np.array([0.5, 0.01]), lengths)
        assert chosen.sum(axis=1).tolist() == [5, 1] and not chosen[1, 4:].any()
    with pytest.raises(ValueError, match="no baseline is called 'centre'"):
        blind_frames("centre", np.array([0.5]), np.array([3]))
    assert within(lengths).sum(dim=1).tolist() == [10, 4]


def test_frames_kept_as_values_are_cut_as_the_videos_are():
    video = ramp(3)
    x = Clips.of([Clip(video, video.seen_box())], *PLAIN)
    kept = x.with_values(40)
    for centres, share in ((None, 1.0), (np.array([[0.25, 0.75]]), 0.5)):
        (pixels, boxes), (own, own_boxes) = (some.frames([0], [2], 20, centres, share) for some in (x, kept))
        assert boxes.tolist() == own_boxes.tolist()
        torch.testing.assert_close(pixels, own, atol=0.01, rtol=0)
    values = kept.values.requires_grad_()
    (gradient,) = torch.autograd.grad(kept.frames([0], [1], 20)[0].sum(), values)
    assert gradient[0, 1].any() and not gradient[0, [0, 2]].any()
