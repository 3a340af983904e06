"""Frames without choosing: which are looked at, what they cost, and the mean of what they show."""

from __future__ import annotations

import pytest
import torch

from dynviz.compute import count_macs
from dynviz.decisions import FrameChoice
from dynviz.networks import ready
from dynviz.networks.video.frames import spread_frames
from dynviz.recorder import Recorder, Setting
from dynviz.training.recipes import RECIPES
from tests.checks import builds
from tests.checks.given import check_frames
from tests.checks.records import RecordError, Tally, recorded

RECIPE = RECIPES["frames-mean-4"]


@pytest.fixture(scope="module")
def network():
    return ready(builds.untrained(RECIPE))


def test_frames_are_spread_evenly():
    assert spread_frames(9, 4).tolist() == [1, 3, 5, 7]
    assert spread_frames(3, 4).tolist() == [0, 1, 2]
    assert spread_frames(10, 1).tolist() == [5]


def test_only_its_frames_are_looked_at_and_counted(network, pictures):
    x = builds.batch(RECIPE, pictures)
    logits, samples = recorded(network, x, Setting())
    assert logits.shape == (4, 30)
    for length, decisions in zip(builds.FRAMES, samples, strict=True):
        shots = [decision for decision in decisions if isinstance(decision, FrameChoice)]
        assert [shot.frame for shot in shots if shot.executed] == spread_frames(length, 4).tolist()
        assert [shot.step for shot in shots if shot.executed] == list(range(min(length, 4)))
        assert len(shots) == length
    recorder = Recorder()
    counted = count_macs(lambda: network(x[:1], recorder=recorder))
    assert int(recorder.totals(1)[0]) == counted
    tally = Tally()
    check_frames(network, x[:1], [Setting()], tally)
    tally.close()


def test_a_frame_that_it_calls_skipped_must_not_be_asked_for(network, pictures):
    x = builds.batch(RECIPE, pictures)[:1]
    network.count = 3  # what is asked for and what is said come apart

    def lies(given, **rest):
        network.count = 4
        logits = type(network).forward(network, given)
        network.count = 3
        type(network).forward(network, given, **rest)
        return logits

    network.forward = lies
    try:
        with pytest.raises(RecordError):
            check_frames(network, x, [Setting()], Tally())
    finally:
        del network.forward
        network.count = 4


def test_the_answer_is_that_of_the_mean_of_what_the_frames_show(network, pictures):
    x, parent = builds.batch(RECIPE, pictures)[1:2], network.members[0]
    frames = spread_frames(builds.FRAMES[1], 4)
    with torch.inference_mode():
        said = [parent.encoder(x.frames([0], [frame], 128)[0], parent.best).softmax(dim=1) for frame in frames]
        expected = (torch.stack(said).mean(dim=0)[:, :30] + 1e-3).log()
        torch.testing.assert_close(network(x), expected, atol=1e-4, rtol=1e-4)
