"""AdaFocus: a glance at every frame says where in it to look closely; only that patch goes through the dear network.

Papers: Wang, Chen, Jiang, Song, Han & Huang 2021, "Adaptive Focus for Efficient Video Recognition"; Wang et al. 2022,
"AdaFocus V2" (a differentiable bilinear crop teaches the policy from the answers, in one stage).
Differs: which frames a patch is cut from is decided as in SCSampler, so that the compute follows a budget; glance and
patch go through one encoder, which is kept as it is, so that only the places are learned.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from dynviz.decisions import Region
from dynviz.networks.clips import Clips
from dynviz.networks.gates import Decider
from dynviz.networks.sources import bilinear_regions
from dynviz.networks.training_output import TrainingOutput
from dynviz.networks.video.frames import AT_ONCE, consensus, places, threshold_rows
from dynviz.networks.video.scsampler import SCSampler, share_before
from dynviz.recorder import SILENT, Recorder, Setting

VIEW_PX = 144  # of the seen square, from which training cuts its patches
RANDOM_SHARE = 0.3  # of the training patches that are cut at random places
PATCH, BOX = "patch", "box"  # what is known of a frame's patch once it was worked out: its features, where it was


class Where(Decider):
    """Where the patch goes: (M, width) of what is seen in small -> (M, 2) in -1..1; begins in the middle."""

    def __init__(self, width: int, hidden: int = 64):
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.hidden = nn.Linear(width, hidden)
        self.out = nn.Linear(hidden, 2)
        nn.init.normal_(self.out.weight, std=0.01)
        nn.init.zeros_(self.out.bias)

    def forward(self, x: Tensor) -> Tensor:
        return self.out(self.hidden(self.norm(x)).relu()).tanh()

    @property
    def macs(self) -> int:
        return self.hidden.weight.numel() + self.out.weight.numel()


class AdaFocus(SCSampler):
    """The one threshold is that of SCSampler, of at most ``most`` frames.

    way: the number of the resolution of patches. share: side of a patch over that of the seen square.
    """

    def __init__(self, *, most: int = 12, way: int = 1, share: float = 0.6, **rest: Any):
        super().__init__(**rest)
        self.most, self.way, self.share = most, way, share
        side = (self.sides_px[0] - 1) // 16 + 1  # of the encoder's last map at a glance
        self.where = Where(self.width * side * side)
        self.scorer.requires_grad_(False)  # learned as a part of SCSampler

    def forward(
        self, x: Clips, *, setting: Setting | None = None, recorder: Recorder = SILENT
    ) -> Tensor | TrainingOutput:
        """N videos -> (N, classes) logits (P x N at P x N thresholds, masked); in train mode a TrainingOutput."""
        setting = setting or Setting()
        if setting.mode == "train":
            return self._learned(x)
        limits = threshold_rows(setting, len(x), np.inf)
        if setting.baseline:
            return self.blindly(x, setting.baseline, limits, recorder)
        samples = np.arange(len(limits)) % len(x)
        before, allowed = self._ranked(x)
        chosen = allowed[samples] & (before[samples] < limits[:, None])
        rows, frames = np.nonzero(chosen)
        if setting.mode == "masked":
            own, there = np.nonzero(allowed)
            features, boxes = self._patches(x, own, there)
            place = np.full(allowed.shape, -1)
            place[own, there] = np.arange(len(own))
            taken = place[samples[rows], frames]
            features, boxes = features[torch.from_numpy(taken)], boxes[taken]
        else:
            features, boxes = self._patches(x, rows, frames)
        if recorder.active:
            self._record_patches(recorder, x.lengths[samples], allowed[samples], chosen, before[samples], limits, boxes)
        return consensus(self.encoder.head.linear(features), rows, len(limits))

    def plain(self, x: Clips) -> Tensor:
        """As many patches as it ever looks at: where they are is decided all the same."""
        _, allowed = self._ranked(x)
        rows, frames = np.nonzero(allowed)
        return consensus(self.encoder.head.linear(self._patches(x, rows, frames)[0]), rows, len(x))

    def worked_out(self, x: Clips) -> dict[str, Tensor]:
        """The patch of every frame that it might look at: (N, T, width) features and (N, T, 4) boxes, else zeros."""
        _, allowed = self._ranked(x)
        rows, frames = np.nonzero(allowed)
        features, boxes = self._patches(x, rows, frames)
        at = torch.from_numpy(rows), torch.from_numpy(frames)
        empty = features.new_zeros(len(x), int(x.lengths.max()), features.shape[1])
        return {
            PATCH: empty.index_put(at, features),
            BOX: torch.zeros(*allowed.shape, 4, dtype=torch.float64).index_put(at, torch.from_numpy(boxes)),
        }

    def _ranked(self, x: Clips) -> tuple[np.ndarray, np.ndarray]:
        """(N, T) the shares of the attention before each frame, and bool: is it one of the best ``most``?"""
        before = share_before(self.attention(x), x.lengths)
        rank = before.argsort(axis=1, kind="stable").argsort(axis=1)
        return before, (rank < self.most) & (np.arange(before.shape[1]) < x.lengths[:, None])

    def _patches(self, x: Clips, rows: np.ndarray, frames: np.ndarray) -> tuple[Tensor, np.ndarray]:
        """(M, width) features of a patch of each frame, and (M, 4) where it was, in pixels of the original."""
        if PATCH in x.known:
            at = torch.from_numpy(rows), torch.from_numpy(frames)
            return x.known[PATCH][at], x.known[BOX][at].numpy()
        found, boxes = [torch.zeros(0, self.width, device=self.device)], [np.zeros((0, 4))]
        order = np.argsort(frames, kind="stable")
        for start in range(0, len(order), AT_ONCE):
            part = order[start : start + AT_ONCE]
            small = self.glance(x.frames(rows[part], frames[part], self.sides_px[0])[0]).to(self.device)
            aim = self.where(self.encoder.features(small, 0).flatten(1)).detach().float().cpu().numpy()
            centres = 0.5 + aim * (1 - self.share) / 2
            entered = []
            for frame in np.unique(frames[part]):
                own = frames[part] == frame
                pixels, where = x.frames(
                    rows[part][own], frames[part][own], self.sides_px[self.way], centres[own], self.share
                )
                entered.append(self.frames[frame](pixels))
                boxes.append(where)
            found.append(self.encoder.features(torch.cat(entered).to(self.device), self.way).mean(dim=(2, 3)))
        back = np.argsort(order)
        return torch.cat(found)[torch.from_numpy(back)], np.concatenate(boxes)[back]

    @property
    def patch_macs(self) -> tuple[int, int]:
        """MACs of a patch, and of deciding where it is: the glance's last map once more, and the place."""
        return self.frame_macs(self.way), int(self.side_macs[0]) + self.where.macs

    def _record_patches(
        self,
        recorder: Recorder,
        lengths: np.ndarray,
        allowed: np.ndarray,
        chosen: np.ndarray,
        before: np.ndarray,
        limits: np.ndarray,
        boxes: np.ndarray,
    ) -> None:
        macs, place = self.patch_macs
        turns = before.argsort(axis=1, kind="stable").argsort(axis=1)
        column = np.full(chosen.shape, None, dtype=object)
        for row, frame, box in zip(*np.nonzero(chosen), boxes.tolist(), strict=True):
            column[row, frame] = tuple(box)
        for frame in range(chosen.shape[1]):
            there = np.flatnonzero(lengths > frame)
            used = chosen[there, frame]
            steps = np.full(len(there), None, dtype=object)
            steps[used] = turns[there, frame][used]
            columns = {
                "step": steps,
                "score": before[there, frame],
                "threshold": np.where(np.isinf(limits[there]), np.nan, limits[there]),
            }
            static = self.glance_macs + np.where(allowed[there, frame], macs + place, 0)
            self.note_frame(
                recorder, there, frame, used, macs, static, columns,
                decider_macs=self.glance_macs + np.where(used, place, 0), rule=self.rule,
            )  # fmt: skip
            rows = there[used]
            if len(rows):
                recorder.decide(
                    Region, rows, columns={"box_px": column[rows, frame]}, unit=f"frames.{frame}", frame=frame,
                    choice="patch", rule="policy",
                )  # fmt: skip

    def _learned(self, x: Clips) -> TrainingOutput:
        """Patches are cut bilinearly, so that the places learn from what is said of the patches."""
        rows, frames = places(x.lengths)
        views = [[x.frames(rows[m : m + 1], frames[m : m + 1], side)[0] for side in (self.sides_px[0], VIEW_PX)]
                 for m in range(len(rows))]  # fmt: skip
        small, view = (torch.cat(parts).to(self.device) for parts in zip(*views, strict=True))
        aim = self.where(self.encoder.features(small, 0).flatten(1)).float()
        anywhere = torch.rand(len(aim), 1, device=aim.device) < RANDOM_SHARE
        aim = torch.where(anywhere, torch.rand_like(aim) * 2 - 1, aim)
        patch = bilinear_regions(view, 0.5 + aim * (1 - self.share) / 2, self.share, self.sides_px[self.way])
        said = self.encoder.head.linear(self.encoder.features(patch, self.way).mean(dim=(2, 3))).float()
        answer = consensus(said, rows, len(x))
        labels = answer.argmax(dim=1) if x.labels is None else x.labels.to(said.device)
        shown = labels[torch.from_numpy(rows)] if x.shown is None else x.shown.flatten().to(said.device)
        return TrainingOutput(answer, F.cross_entropy(said, shown))
