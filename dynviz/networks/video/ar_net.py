"""AR-Net: a policy that sees frames in small decides for each at which resolution it is looked at, if at all.

Paper: Meng, Lin, Panda, Sattigeri, Karlinsky, Oliva, Saenko & Feris 2020, "AR-Net: Adaptive Frame Resolution for
Efficient Action Recognition": an LSTM over cheap features, straight-through Gumbel-softmax over resolutions and over
skipping this frame and the next ones, a price on compute.
Differs: the price is drawn anew for each training video and is the threshold in use, so that one network serves every
budget; the encoder of the small view is the same network at its smallest resolution; backbones are not fine-tuned.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from dynviz.decisions import Resolution
from dynviz.networks.clips import Clips
from dynviz.networks.contract import Between
from dynviz.networks.gates import Decider
from dynviz.networks.training_output import TrainingOutput
from dynviz.networks.video.frames import (
    Entrance,
    FrameNetwork,
    consensus,
    evidence,
    places,
    threshold_rows,
    within,
)
from dynviz.networks.video.memory import Memory
from dynviz.recorder import SILENT, Recorder, Setting, TrainingSignal

SKIPS = (1, 2, 4)  # this frame alone is skipped, or so many from here on
PRICES = 0.02, 6.0  # of all frames at the largest resolution, in units of the loss: drawn between these, on a log scale
TEMPERATURE = 5.0, 0.5  # of the choice, at the beginning and at the end of the training
DEAR = 25.0  # how a price weighs against a policy's logits: of a whole video, so that it is a few of them a frame
USAGE = 0.3  # the weight of using all actions alike (Meng et al. 2020, eq. 6), gone at the end


class Policy(Decider):
    """An LSTM over what the glance shows, (n, in) a frame -> logits over the actions."""

    def __init__(self, width: int, classes: int, actions: int, hidden: int = 64):
        super().__init__()
        self.memory = Memory(width + classes, hidden)
        self.out = nn.Linear(hidden, actions)
        nn.init.zeros_(self.out.weight)

    @property
    def macs(self) -> int:
        return self.memory.macs + self.out.weight.numel()


class ARNet(FrameNetwork):
    """The one threshold is the price of compute: the action is taken that is worth most once its price is paid, which
    is the threshold times its share of what the frames it decides about cost at the largest resolution. None: all
    frames at the largest.
    """

    rule = "worth more than its price"
    candidates = Between(-2.0, 12.0)
    single_pass_sweep = True

    def __init__(self, **rest: Any):
        super().__init__(**rest)
        self.glance = Entrance()
        self.ways = tuple(range(1, len(self.sides_px)))  # the smallest is for the glance
        self.policy = Policy(self.width, self.classes, len(self.ways) + len(SKIPS))
        own = [self.frame_macs(way) for way in self.ways]
        # a frame's cost at each action; skipping several saves what the others would have cost
        costs = [macs / own[-1] for macs in own] + [1.0 - skip for skip in SKIPS]
        self.register_buffer("costs", torch.tensor(costs, dtype=torch.float32), persistent=False)

    def forward(
        self, x: Clips, *, setting: Setting | None = None, recorder: Recorder = SILENT
    ) -> Tensor | TrainingOutput:
        """N videos -> (N, classes) logits (P x N at P x N prices in masked mode); a TrainingOutput in train mode."""
        setting = setting or Setting()
        if setting.mode == "train":
            return self._taught(x, setting.training)
        prices = threshold_rows(setting, len(x), np.inf)
        if setting.baseline:
            return self.blindly(x, setting.baseline, prices, recorder)
        actions, margins = self._decided(x, prices, setting.mode == "masked")
        samples = np.arange(len(prices)) % len(x)
        rows, frames = np.nonzero((actions >= 0) & (actions < len(self.ways)))
        taken = actions[rows, frames]
        shares = torch.zeros(len(rows), self.classes, device=self.device)
        for action, way in enumerate(self.ways):
            own = np.flatnonzero(taken == action)
            if not len(own):
                continue
            if setting.mode == "masked":
                features = self.look_at_all(x, way)[
                    torch.from_numpy(samples[rows[own]]), torch.from_numpy(frames[own])
                ]  # fmt: skip
            else:
                features = self.look(x, rows[own], frames[own], way)
            shares = shares.index_put((torch.from_numpy(own),), self.shares(features))
        sums = shares.new_zeros(len(prices), self.classes).index_add(0, torch.from_numpy(rows).to(self.device), shares)
        count = shares.new_tensor(np.bincount(rows, minlength=len(prices)))[:, None]
        if recorder.active:
            self._record(recorder, x.lengths[samples], actions, margins, prices)
        return evidence(sums, count.clamp(min=1))

    def plain(self, x: Clips) -> Tensor:
        """All frames at the largest resolution, nobody asked."""
        rows, frames = places(x.lengths)
        return consensus(self.encoder.head.linear(self.look(x, rows, frames, self.best)), rows, len(x))

    @property
    def glance_macs(self) -> int:
        """MACs of deciding about a frame: seeing it in small, what the encoder says of it, the policy."""
        return self.frame_macs(0) + self.policy.macs

    def _decided(self, x: Clips, prices: np.ndarray, masked: bool) -> tuple[np.ndarray, np.ndarray]:
        """(rows, T) the action at each frame, -1 where it was passed over or is none; and by how much it won.

        The policy looks at no frame that it passes over. The first frame is never skipped without another being used:
        a video of which nothing was used has its last frame looked at.
        """
        samples, lengths = np.arange(len(prices)) % len(x), x.lengths[np.arange(len(prices)) % len(x)]
        actions = np.full((len(prices), int(lengths.max())), -1)
        margins = np.full(actions.shape, np.nan)
        all_open = np.isinf(prices)
        paid = np.where(all_open, 0.0, prices)[:, None] * self.costs.cpu().numpy()
        following = np.zeros(len(prices), dtype=np.int64)
        state = self.policy.memory.begin(len(prices), self.device)
        seen = self._small(x) if masked else None
        for frame in range(actions.shape[1]):
            rows = np.flatnonzero((following <= frame) & (lengths > frame))
            if not len(rows):
                continue
            frames = np.full(len(rows), frame)
            if seen is not None:
                known = seen[torch.from_numpy(samples[rows]), frame]
            else:
                known = self._known(self.glance_at(x, rows, frames))
            picked = torch.from_numpy(rows)
            state = self.policy.memory.put(state, picked, known)
            logits = self.policy.out(state[0][picked])
            worth = logits.detach().float().cpu().numpy().astype(np.float64) - DEAR * paid[rows] / lengths[rows, None]
            last = (frame >= lengths[rows] - 1) & ~((actions[rows] >= 0) & (actions[rows] < len(self.ways))).any(axis=1)
            worth[last, len(self.ways) :] = -np.inf
            ranked = np.sort(worth, axis=1)
            margins[rows, frame] = ranked[:, -1] - ranked[:, -2]
            choice = np.where(all_open[rows], len(self.ways) - 1, worth.argmax(axis=1))
            actions[rows, frame] = choice
            skips = np.array([1] * len(self.ways) + list(SKIPS))[choice]
            left = lengths[rows] - 1 - frame  # never past the end with nothing seen
            nothing = ~((actions[rows] >= 0) & (actions[rows] < len(self.ways))).any(axis=1)
            following[rows] = frame + np.where(nothing, np.minimum(skips, np.maximum(left, 1)), skips)
        return actions, margins

    def _known(self, glance: Tensor) -> Tensor:
        return torch.cat([glance, self.shares(glance).to(glance.dtype)], dim=-1)

    def _small(self, x: Clips) -> Tensor:
        return self._known(self.glance_at_all(x))

    def _record(
        self, recorder: Recorder, lengths: np.ndarray, actions: np.ndarray, margins: np.ndarray, prices: np.ndarray
    ) -> None:
        ways, glance = len(self.ways), self.glance_macs
        macs = np.array([self.frame_macs(way) for way in self.ways])
        sides = np.array([self.sides_px[way] for way in self.ways])
        known = (actions >= 0) & (actions < ways)
        turns = known.cumsum(axis=1) - 1
        for frame in range(actions.shape[1]):
            there = np.flatnonzero(lengths > frame)
            action, used = actions[there, frame], known[there, frame]
            step = np.full(len(there), None, dtype=object)
            step[used] = turns[there, frame][used]
            columns: dict[str, Any] = {"step": step}
            if not np.isinf(prices).any():
                columns["score"] = margins[there, frame]
            own = np.where(used, macs[np.where(used, action, 0)], 0)
            self.note_frame(
                recorder, there, frame, used, own, macs[-1] + glance, columns,
                decider_macs=np.where(action >= 0, glance, 0), rule=self.rule,
            )  # fmt: skip
            rows = there[used]
            if len(rows):
                side = sides[action[used]]
                recorder.decide(
                    Resolution, rows, unit=f"frames.{frame}", frame=frame, rule=self.rule,
                    columns={"side_px": side, "choice": np.array([f"{one} px" for one in side])},
                    options_px=tuple(sides.tolist()),
                )  # fmt: skip

    def _taught(self, x: Clips, signal: TrainingSignal) -> TrainingOutput:
        """Actions are drawn by straight-through Gumbel-softmax; skipping several frames is passing them over."""
        small, mask = self._small(x), within(x.lengths, self.device)
        shares = torch.stack([self.shares(self.look_at_all(x, way)) for way in self.ways], dim=2)  # (N, T, ways, C)
        low, high = np.log(PRICES)
        prices = torch.exp(torch.rand(len(x), 1, device=self.device) * (high - low) + low) * signal.ramp
        length = mask.sum(dim=1, keepdim=True).float()
        heat = TEMPERATURE[0] * (TEMPERATURE[1] / TEMPERATURE[0]) ** signal.progress
        state = self.policy.memory.begin(len(x), self.device)
        skips = torch.tensor([0] * len(self.ways) + [skip - 1 for skip in SKIPS], device=self.device)
        passing = torch.zeros(len(x), device=self.device)  # frames still to be passed over
        sums, count, spent = shares.new_zeros(len(x), self.classes), shares.new_zeros(len(x), 1), 0.0
        usage = []
        for frame in range(small.shape[1]):
            asked = (mask[:, frame] & (passing <= 0)).float()[:, None]
            state = self.policy.memory.blend(state, small[:, frame], asked[:, 0])
            worth = self.policy.out(state[0]).float() - DEAR * prices * self.costs / length
            action = F.gumbel_softmax(worth, tau=heat, hard=True) * asked
            passing = torch.where(asked[:, 0] > 0, (action.detach() * skips).sum(dim=1), passing - 1)
            looked = action[:, : len(self.ways)]
            sums = sums + (looked[..., None] * shares[:, frame]).sum(dim=1)
            count = count + looked.sum(dim=1, keepdim=True)
            spent = spent + (looked * self.costs[: len(self.ways)]).sum(dim=1, keepdim=True)
            usage.append(action)
        used = torch.stack(usage, dim=1).sum(dim=(0, 1))
        even = USAGE * (1 - signal.progress) * ((used / used.sum().clamp(min=1)) - 1 / len(used)).square().sum()
        said = (sums / count.clamp(min=1e-3) + 1e-3).log()
        return TrainingOutput(said, (prices * spent / length).mean() + even)
