"""AdaFrame: an agent with a memory decides which frame to look at next, and when it has seen enough.

Paper: Wu, Xiong, Ma, Socher & Davis 2019, "AdaFrame: Adaptive Frame Selection for Fast Video Recognition": an LSTM
with a global memory of all frames in small, which emits the next place in time and the use of looking on.
Differs: theirs is taught by policy gradient, which fails at this size. Here the agent asks the global memory with a
query, frames answer by how well they match, and the best one that was not seen is next; straight-through Gumbel-softmax
over frames teaches the query from the answers themselves. The use of looking on is a gate, as in FrameExit.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from dynviz.networks.clips import Clips
from dynviz.networks.gates import Decider
from dynviz.networks.video.frames import Entrance, within
from dynviz.networks.video.memory import Memory
from dynviz.networks.video.stepwise import StepwiseFrames

GONE = -1e4  # added to the match of a frame that was seen


class Agent(Decider):
    """Keys of frames seen in small, and the query that the memory asks with."""

    def __init__(self, in_width: int, memory: int, hidden: int = 32):
        super().__init__()
        self.key = nn.Linear(in_width, hidden)
        self.worth = nn.Linear(in_width, 1)
        self.query = nn.Linear(memory, hidden)

    def keys(self, small: Tensor) -> Tensor:
        """(..., in) -> (..., hidden + 1): the last is what a frame is worth whatever is asked."""
        return torch.cat([self.key(small), self.worth(small)], dim=-1)

    def match(self, keys: Tensor, memory: Tensor) -> Tensor:
        """(N, T, hidden + 1) and (N, memory) -> (N, T) logits."""
        asked = F.pad(self.query(memory) / math.sqrt(self.query.out_features), (0, 1), value=1.0)
        return torch.bmm(keys, asked[:, :, None])[..., 0]

    @property
    def key_macs(self) -> int:
        return self.key.weight.numel() + self.worth.weight.numel()


class AdaFrame(StepwiseFrames):
    """The first frame is chosen by the agent as well: it has seen all of them in small."""

    rule = "use of looking on"

    def __init__(self, *, memory: int = 64, **rest: Any):
        super().__init__(remembered=memory, **rest)
        self.glance = Entrance()
        self.memory = Memory(self.width + self.classes, memory)
        self.agent = Agent(self.width + self.classes, memory)

    def glance_macs(self) -> int:
        return self.frame_macs(0) + self.agent.key_macs

    def step_macs(self, lengths: np.ndarray) -> np.ndarray:
        return self.memory.macs + self.agent.query.weight.numel() + lengths * (self.agent.key.out_features + 1)

    def begin(self, x: Clips) -> dict[str, Tensor]:
        glance = self.glance_at_all(x)
        small = torch.cat([glance, self.shares(glance).to(glance.dtype)], dim=2)
        said, kept = self.memory.begin(len(x), self.device)
        own = {"full": self.look_at_all(x, self.best)} if self.training else {}
        return own | {
            "keys": self.agent.keys(small),
            "gone": GONE * (~within(x.lengths, self.device)).float(),
            "sums": said.new_zeros(len(x), self.classes),
            "count": said.new_zeros(len(x), 1),
            "seen": said,
            "kept": kept,
        }

    def step(self, state: dict[str, Tensor], x: Clips, turn: int) -> tuple[dict[str, Tensor], np.ndarray, np.ndarray]:
        rows = np.flatnonzero(x.lengths > turn)
        if not len(rows):
            return state, rows, rows
        picked = torch.from_numpy(rows).to(self.device)
        longest = int(x.lengths.max())
        match = self.agent.match(state["keys"][picked, :longest], state["seen"][picked]).float()
        match = match + state["gone"][picked, :longest]
        if self.training:
            chosen = F.gumbel_softmax(match, tau=1.0, hard=True)
            frames = chosen.detach().argmax(dim=1)
            features = (chosen[..., None] * state["full"][picked]).sum(dim=1)
        else:
            frames = match.argmax(dim=1)
            features = self.look(x, rows, frames.cpu().numpy(), self.best)
        shares = self.shares(features)
        given = torch.cat([features, shares.to(features.dtype)], dim=1)
        said, kept = self.memory.put((state["seen"], state["kept"]), picked, given)
        return state | {
            "gone": state["gone"].index_put((picked, frames), torch.full((len(rows),), GONE, device=self.device)),
            "sums": state["sums"].index_add(0, picked, shares),
            "count": state["count"].index_add(0, picked, shares.new_ones(len(rows), 1)),
            "seen": said,
            "kept": kept,
        }, rows, frames.cpu().numpy()  # fmt: skip
