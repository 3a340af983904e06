"""FrameExit: frames from coarse to fine in a fixed order, and an exit as soon as they suffice.

Paper: Ghodrati, Ehteshami Bejnordi & Habibian 2021, "FrameExit: Conditional Early Exiting for Efficient Video
Recognition": the fixed order, a running maximum of features, gates over what is seen now and before, trained on whether
the loss is small enough.
Differs: frames of a level are looked at in an order that spreads them; the exits are not behind every frame but ever
further apart; an answer begins with the mean of what the frames say, to which the maximum of their features adds; a
gate is also told how sure the answer is; one threshold for all.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import torch
from torch import Tensor

from dynviz.networks.clips import Clips
from dynviz.networks.video.stepwise import StepwiseFrames


class FrameExit(StepwiseFrames):
    """Which frame comes when hangs on the length of the video only."""

    def __init__(self, *, widths: tuple[int, ...], **rest: Any):
        super().__init__(widths=widths, remembered=widths[-1], **rest)

    def begin(self, x: Clips) -> dict[str, Tensor]:
        empty = torch.zeros(len(x), self.width, device=self.device)
        return {"sums": empty.new_zeros(len(x), self.classes), "count": empty.new_zeros(len(x), 1), "seen": empty}

    def step(self, state: dict[str, Tensor], x: Clips, turn: int) -> tuple[dict[str, Tensor], np.ndarray, np.ndarray]:
        rows = np.flatnonzero(x.lengths > turn)
        frames = np.array([coarse_to_fine(int(length))[turn] for length in x.lengths[rows]], dtype=np.int64)
        if not len(rows):
            return state, rows, frames
        features, places = self.look(x, rows, frames, self.best), torch.from_numpy(rows).to(self.device)
        before = state["seen"][places]
        return {
            "sums": state["sums"].index_add(0, places, self.shares(features)),
            "count": state["count"].index_add(0, places, features.new_ones(len(rows), 1)),
            "seen": state["seen"].index_put((places,), torch.maximum(before, features.to(before.dtype))),
        }, rows, frames  # fmt: skip


@lru_cache(maxsize=128)
def coarse_to_fine(length: int) -> tuple[int, ...]:
    """All frames of a video: the middle, then the middles of both halves, of all quarters, and so on.

    Within such a level they come in the order of van der Corput (1935), so that however many were looked at, they are
    spread over the whole video.
    """
    order: dict[int, None] = {}
    turn = 1
    while len(order) < length:
        place = int(f"{turn:b}"[::-1], 2) / 2 ** turn.bit_length()
        order.setdefault(int(place * length))
        turn += 1
    return tuple(order)
