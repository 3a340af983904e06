"""What networks for video pay: the dear part for frames that were chosen, glances for those that are there.

For every network that chooses frames, whatever its name: a video is made twice as dense, so that there are twice as
many candidates that show the same.
"""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
import torch

from dynviz.decisions import FrameChoice
from dynviz.media.video import ArrayVideo
from dynviz.networks.clips import Clip, Clips
from dynviz.recorder import Recorder
from dynviz.training.recipes import RECIPES
from tests.checks.builds import settings, untrained

NAMES = [name for name, recipe in RECIPES.items() if recipe.modality == "video" and recipe.family != "static"]


class Watched(ArrayVideo):
    """asked: how often each candidate was."""

    def __init__(self, frames: np.ndarray):
        super().__init__(frames, np.arange(len(frames)) / 8)
        object.__setattr__(self, "asked", Counter())

    def frame(self, index: int) -> np.ndarray:
        self.asked[index] += 1
        return super().frame(index)


def watched(count: int) -> tuple[Clips, Watched]:
    draw = np.random.default_rng(0)
    shots = draw.integers(0, 256, (16, 45, 80, 3), dtype=np.uint8)
    video = Watched(np.repeat(shots, count // 16, axis=0))
    return Clips.of([Clip(video, video.seen_box())], (0.5,) * 3, (0.25,) * 3), video


@pytest.mark.parametrize("name", NAMES)
def test_the_dear_part_is_paid_for_chosen_frames_only(name):
    network = untrained(RECIPES[name])
    for count in (16, 64):
        x, video = watched(count)
        for setting in list(settings(network, x))[:4]:
            entered: Counter[int] = Counter()
            hooks = [
                part.register_forward_hook(lambda *_, frame=frame, entered=entered: entered.update([frame]))
                for frame, part in enumerate(network.frames)
            ]
            video.asked.clear()
            recorder = Recorder()
            with torch.inference_mode():
                network(x, setting=setting, recorder=recorder)
            for hook in hooks:
                hook.remove()
            decisions, _ = recorder.cut(0)
            frames = [d for d in decisions if isinstance(d, FrameChoice)]
            chosen = {d.frame for d in frames if d.executed}
            assert len(frames) == count and set(entered) == chosen
            assert all(d.macs == d.decider_macs for d in frames if not d.executed)  # a glance at most
            glanced = {d.frame for d in frames if d.decider_macs > 0}
            assert set(video.asked) <= chosen | glanced  # what is neither is not even decoded
            dear = sum(d.macs - d.decider_macs for d in frames)
            assert dear <= len(chosen) * max(d.macs - d.decider_macs for d in frames)
