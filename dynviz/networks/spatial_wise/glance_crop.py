"""A glance at the whole picture, then crops of the original around what spoke for the answer: nothing is trained.

Papers: Wang et al. 2020, "Glance and Focus" (GFNet), for the glance, the crops and stopping when sure; Zhou et al.
2016, "Learning Deep Features for Discriminative Localization", for the class activation map: how much each place of the
last features speaks for a class, one matrix product with that class's row of the classifier. Differs: no policy is
learned. Each crop goes where the map of the answer so far is strongest, smaller each time; one network with published
weights looks every time, and the answer is the mean of what the looks say. Crops are cut from the picture as it was
uploaded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor, nn

from dynviz.decisions import Region
from dynviz.networks.blind_looks import AROUND, BlindLooks, LookingNetwork, boxes_column, middles
from dynviz.networks.blocks import Size
from dynviz.networks.exits import every_exit, run_exits
from dynviz.networks.looks import Look
from dynviz.networks.resizing import resized, resized_macs
from dynviz.networks.sources import PictureSource
from dynviz.recorder import SILENT, Recorder, Setting


@dataclass(frozen=True)
class _State:
    """glance: (N, C, h, w) features; total: (N, classes), the sum of what the looks said; boxes_px: (N, 4), where the
    last crop was.
    """

    glance: Tensor
    total: Tensor
    boxes_px: np.ndarray | None = None


class GlanceCrop(LookingNetwork):
    """Exits: after the glance, and after each crop.

    members: one trained network. glance_px, crop_px: sides of what it is given. shares: sides of the crops, in shares
    of the seen square's side. in_size: side of the view in px.
    """

    def __init__(
        self, members: Sequence[nn.Module], *, glance_px: int, crop_px: int, shares: Sequence[float], in_size: int
    ):
        super().__init__()
        if not 1 <= len(shares) <= len(AROUND):
            raise ValueError(f"there can be 1 to {len(AROUND)} crops, not {len(shares)}")
        [self.network] = members
        self.in_size, self.shares = (in_size, in_size), tuple(shares)
        self.glance_px, self.crop_px = glance_px, crop_px
        self.looks = nn.ModuleList(Look(self.network, side) for side in (glance_px, *[crop_px] * len(shares)))

    def forward(
        self, x: Tensor | PictureSource, *, setting: Setting | None = None, recorder: Recorder = SILENT
    ) -> Tensor:
        """(N, 3, side, side) normalised views, or a ``PictureSource`` -> (N, classes) logits of the exit that answered.

        ``setting.baseline``: crops at places that do not depend on the picture.
        """
        setting, source = setting or Setting(), PictureSource.of(x)
        if setting.mode == "train":
            return every_exit(self, source)
        if setting.baseline:
            return run_exits(BlindLooks(self, setting.baseline), source, replace(setting, baseline=None), recorder)
        return run_exits(self, source, setting, recorder)

    def plain(self, x: Tensor | PictureSource) -> Tensor:
        """All crops: each needs the answer so far, so that nothing can be left out."""
        source, state = PictureSource.of(x), None
        for index in range(len(self.looks)):
            state, logits = self.segment(state, source, index)
        return logits

    def exit_names(self) -> list[str]:
        return [f"looks.{index}" for index in range(len(self.looks))]

    def segment(self, state: _State | None, x: Tensor | PictureSource, index: int) -> tuple[_State, Tensor]:
        """The glance (index 0) or the next crop, and the answer with it: the mean of all looks."""
        source = PictureSource.of(x)
        if state is None:
            return self.glanced(source)
        return self.cropped(state, source, self.centres(state, index), index)

    def glanced(self, source: PictureSource) -> tuple[_State, Tensor]:
        said, features = self.looks[0](resized(source.view, self.glance_px))
        return _State(features, said), said

    def cropped(self, state: _State, source: PictureSource, centres: np.ndarray, index: int) -> tuple[_State, Tensor]:
        """Crop ``index``, around ``centres`` (N, 2) in shares of the seen square."""
        crop, boxes = source.regions(centres, self.shares[index - 1], self.crop_px)
        total = state.total + self.looks[index](crop)[0]
        return _State(state.glance, total, boxes), total / (index + 1)

    def placed(self, state: _State, source: PictureSource, aim: np.ndarray, index: int) -> tuple[_State, Tensor]:
        return self.cropped(state, source, middles(aim, self.shares[index - 1]), index)

    def centres(self, state: _State, index: int) -> np.ndarray:
        """(N, 2) as x, y in shares of the seen square: the middle of crop ``index``.

        The place where the map of the leading class is strongest, and the balance of what else speaks for it within a
        crop's reach: places of the features are coarse, and an answer seldom hangs on one of them alone.
        """
        share, (rows, columns) = self.shares[index - 1], state.glance.shape[2:]
        weights = self.network.head.linear.weight[state.total.detach().argmax(dim=1)]
        evidence = torch.bmm(weights[:, None].to(state.glance.dtype), state.glance.detach().flatten(2))[:, 0].float()
        evidence = evidence.relu().cpu().numpy()
        x = np.tile((np.arange(columns) + 0.5) / columns, rows)
        y = np.repeat((np.arange(rows) + 0.5) / rows, columns)
        places = np.stack([x, y], axis=1)
        peak = places[evidence.argmax(axis=1)]
        near = np.abs(places - peak[:, None]).max(axis=2) <= share / 2
        weight = np.where(near, evidence + 1e-6, 0.0)[..., None]
        middle = (weight * places).sum(axis=1) / weight.sum(axis=1)
        return np.clip(middle, share / 2, 1 - share / 2)

    def select(self, state: _State, x: Tensor | PictureSource, rows: Tensor) -> tuple[_State, PictureSource]:
        """The state and the pictures of some samples of the batch only."""
        boxes = None if state.boxes_px is None else state.boxes_px[rows.cpu().numpy()]
        return _State(state.glance[rows], state.total[rows], boxes), PictureSource.of(x)[rows]

    def note(self, recorder: Recorder, rows: np.ndarray, state: _State, places: np.ndarray, index: int) -> int:
        """Record where crop ``index`` was for ``rows``, found at ``places`` of the state; returns what it cost."""
        if index == 0:
            return 0
        macs, decider = self._crop_macs()
        recorder.decide(
            Region,
            rows,
            columns={"box_px": boxes_column(state.boxes_px[places])},
            unit=f"looks.{index}.seen",
            step=index,
            choice=f"crop {index}",
            rule="class activation map",
            macs=macs,
            macs_static=macs,
            decider_macs=decider,
        )
        return macs

    def segment_macs(self, size: Size) -> list[int]:
        """MACs of the glance and of each crop for a view of ``size`` px, each with its answer."""
        glance = resized_macs(3, size, self.glance_px) + self.looks[0].macs
        answer = self.network.head.linear.weight.numel()
        return [glance, *[self._crop_macs()[0] + answer] * len(self.shares)]

    def _crop_macs(self) -> tuple[int, int]:
        """(a crop without its answer, the part of that which finds its place)."""
        rows, columns = self.network.feature_size((self.glance_px, self.glance_px))
        decider = self.network.head.linear.in_features * rows * columns
        looked = self.network.feature_macs((self.crop_px, self.crop_px))
        return decider + resized_macs(3, (0, 0), self.crop_px) + looked, decider
