"""Glance and focus: a small version of the picture, then one patch after another, until the answer is sure.

Papers: Wang, Lv, Huang, Song, Yang & Huang 2020, "Glance and Focus: a Dynamic Approach to Reducing Spatial Redundancy
in Image Classification" (GFNet); Wang et al. 2022, "AdaFocus V2" (a differentiable bilinear crop teaches the policy
in one stage, helped by patches at random places and by features that the policy cannot bend).
Differs: the policy is a small network over the glance and what the patches have shown so far, not a recurrent one, and
begins with a fixed order of places, the middle first; an answer weighs what the glance says and what the patches say on
average. The encoders can be kept as they were trained (``frozen``), so that only where to look and how to weigh is
learned: trained together on pictures that both know by heart already, the patches were not listened to. Patches are cut
from the picture as it was uploaded.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor, nn

from dynviz.decisions import Region
from dynviz.networks.blind_looks import AROUND, BlindLooks, LookingNetwork, boxes_column, middles
from dynviz.networks.blocks import Size
from dynviz.networks.exits import every_exit, run_exits
from dynviz.networks.gates import Decider
from dynviz.networks.resizing import resized, resized_macs
from dynviz.networks.sources import PictureSource, bilinear_regions
from dynviz.networks.static.resnet import ResNet
from dynviz.networks.training_output import TrainingOutput
from dynviz.recorder import SILENT, Recorder, Setting

ANCHORS = AROUND  # where the policy begins to look
RANDOM_SHARE = 0.5  # of the training patches that are cut at random places
SURER = 1.5  # two opinions that agree are surer than each of them


@dataclass(frozen=True)
class _State:
    """glance: (N, C, h, w) features; said: (N, classes) what the glance answers; seen: patches, their features' sum and
    maximum, (N, C); boxes_px: (N, 4), where the last patch was.
    """

    glance: Tensor
    said: Tensor
    total: Tensor | None = None
    most: Tensor | None = None
    boxes_px: np.ndarray | None = None


class Policy(Decider):
    """Where to look next, from the glance's features and what was seen since: (N, 2) in -1..1."""

    def __init__(self, channels: int, places: int, seen: int, steps: int, width: int = 64):
        super().__init__()
        self.squeeze = nn.Linear(channels, 16)
        # large features would drive the places into the corners, where the slope of tanh is lost
        self.norm = nn.LayerNorm(16 * places + seen)
        self.hidden = nn.Linear(16 * places + seen, width)
        self.out = nn.ModuleList(nn.Linear(width, 2) for _ in range(steps))
        for layer, anchor in zip(self.out, ANCHORS, strict=False):
            nn.init.normal_(layer.weight, std=0.01)
            layer.bias.data = torch.atanh(torch.tensor(anchor))

    def forward(self, glance: Tensor, seen: Tensor, step: int) -> Tensor:
        squeezed = self.squeeze(glance.flatten(2).transpose(1, 2)).relu().flatten(1)
        hidden = self.hidden(self.norm(torch.cat([squeezed, seen], dim=1))).relu()
        return self.out[step](hidden).tanh()

    def macs(self, places: int) -> int:
        return places * self.squeeze.weight.numel() + self.hidden.weight.numel() + self.out[0].weight.numel()


class Verdict(Decider):
    """The answer after some patches: what the glance says and what the patches say on average, weighed.

    Begins with a vote for each of them, a little surer than any alone.
    """

    def __init__(self, patches: int):
        super().__init__()
        self.weights = nn.Parameter(SURER * torch.tensor([1.0, patches]) / (1 + patches))

    def forward(self, glance: Tensor, patches: Tensor) -> Tensor:
        return self.weights[0] * glance + self.weights[1] * patches


class GlanceFocus(LookingNetwork):
    """Exits: after the glance, and after each patch.

    glance_px, patch_px: sides of what the two encoders are given. in_size: side of the view in px; a patch is
    ``patch_px / in_size`` of the seen square's side, whatever that measures in the original. patches: at most so many.
    frozen: the encoders are not trained.
    """

    def __init__(
        self,
        *,
        glance_px: int,
        patch_px: int,
        patches: int,
        widths: tuple[int, ...],
        depths: tuple[int, ...],
        patch_widths: tuple[int, ...],
        patch_depths: tuple[int, ...],
        classes: int,
        in_size: int = 144,
        frozen: bool = False,
    ):
        super().__init__()
        if not 1 <= patches <= len(ANCHORS):
            raise ValueError(f"patches must be between 1 and {len(ANCHORS)}, not {patches}")
        self.in_size, self.glance_px, self.patch_px, self.patches = (in_size, in_size), glance_px, patch_px, patches
        self.share = patch_px / in_size  # of the seen square's side
        self.glance = ResNet(widths=widths, depths=depths, classes=classes, in_size=glance_px)
        self.focus = ResNet(widths=patch_widths, depths=patch_depths, classes=classes, in_size=patch_px)
        self.places = self._feature_places()
        self.policy = Policy(widths[-1], self.places, 2 * patch_widths[-1], patches)
        self.verdicts = nn.ModuleList(Verdict(step + 1) for step in range(patches))
        self.frozen = frozen
        if frozen:
            for encoder in (self.glance, self.focus):
                encoder.requires_grad_(False)

    def forward(
        self, x: Tensor | PictureSource, *, setting: Setting | None = None, recorder: Recorder = SILENT
    ) -> Tensor | TrainingOutput:
        """(N, 3, side, side) normalised views, or a ``PictureSource`` -> (N, classes) logits of the exit that answered.

        In train mode those of every exit and, behind them, of what each number of patches says without the glance.
        ``setting.baseline``: patches at places that do not depend on the picture.
        """
        setting, source = setting or Setting(), PictureSource.of(x)
        if setting.mode == "train":
            learning = _Learning(self)
            answers = every_exit(learning, source)
            return TrainingOutput(torch.cat([answers, torch.stack(learning.alone)]))
        if setting.baseline:
            return run_exits(BlindLooks(self, setting.baseline), source, replace(setting, baseline=None), recorder)
        return run_exits(self, source, setting, recorder)

    def plain(self, x: Tensor | PictureSource) -> Tensor:
        """All patches, and only the last answer."""
        source, state = PictureSource.of(x), None
        for index in range(self.patches + 1):
            state = self.look(state, source, index)
        return self.answer(state, self.patches)

    def train(self, mode: bool = True) -> GlanceFocus:
        """Frozen encoders keep their statistics too."""
        super().train(mode)
        if self.frozen:
            self.glance.eval()
            self.focus.eval()
        return self

    def exit_names(self) -> list[str]:
        return ["glance.head", *(f"verdicts.{step}" for step in range(self.patches))]

    def segment(self, state: _State | None, x: Tensor | PictureSource, index: int) -> tuple[_State, Tensor]:
        """The glance (index 0) or the next patch, and the answer with it."""
        state = self.look(state, PictureSource.of(x), index)
        return state, self.answer(state, index)

    def look(self, state: _State | None, source: PictureSource, index: int) -> _State:
        """Look once more; without an answer."""
        if state is None:
            glance = self.glance.features(resized(source.view, self.glance_px))
            return _State(glance, self.glance.head(glance))
        return self.placed_look(state, source, self.aim(state, index - 1).detach().float().cpu().numpy())

    def aim(self, state: _State, step: int) -> Tensor:
        """(N, 2) where patch ``step`` goes, in -1..1; the features are the encoders', not the policy's to change."""
        glance = state.glance.detach()
        if state.total is None:
            seen = glance.new_zeros(len(glance), 2 * self.focus.head.linear.in_features)
        else:
            seen = torch.cat([state.total.detach() / step, state.most.detach()], dim=1)
        return self.policy(glance, seen, step)

    def placed(self, state: _State, source: PictureSource, aim: np.ndarray, index: int) -> tuple[_State, Tensor]:
        state = self.placed_look(state, source, aim)
        return state, self.answer(state, index)

    def placed_look(self, state: _State, source: PictureSource, aim: np.ndarray) -> _State:
        """Look once more, at given places; without an answer."""
        patch, boxes = source.regions(middles(aim, self.share), self.share, self.patch_px)
        return self.took(state, patch, boxes)

    def took(self, state: _State, patch: Tensor, boxes_px: np.ndarray | None = None) -> _State:
        """What is known once ``patch`` was seen too."""
        found = self.focus.features(patch).mean(dim=(2, 3))
        total = found if state.total is None else state.total + found
        most = found if state.most is None else torch.maximum(state.most, found)
        return replace(state, total=total, most=most, boxes_px=boxes_px)

    def answer(self, state: _State, index: int) -> Tensor:
        """(N, classes) logits after ``index`` patches."""
        if index == 0:
            return state.said
        return self.verdicts[index - 1](state.said, self.focus.head.linear(state.total / index))

    def select(self, state: _State, x: Tensor | PictureSource, rows: Tensor) -> tuple[_State, PictureSource]:
        """The state and the pictures of some samples of the batch only."""
        boxes = None if state.boxes_px is None else state.boxes_px[rows.cpu().numpy()]
        some = [part if part is None else part[rows] for part in (state.total, state.most)]
        return _State(state.glance[rows], state.said[rows], *some, boxes), PictureSource.of(x)[rows]

    def note(self, recorder: Recorder, rows: np.ndarray, state: _State, places: np.ndarray, index: int) -> int:
        """Record where patch ``index`` was for ``rows``, found at ``places`` of the state; returns what it cost."""
        if index == 0:
            return 0
        macs, decider = self._patch_macs()
        recorder.decide(
            Region,
            rows,
            columns={"box_px": boxes_column(state.boxes_px[places])},
            unit="policy",
            step=index,
            choice=f"patch {index}",
            rule="policy",
            macs=macs,
            macs_static=macs,
            decider_macs=decider,
        )
        return macs

    def segment_macs(self, size: Size) -> list[int]:
        """MACs of the glance and of each patch for a view of ``size`` px, each with its answer."""
        small = (self.glance_px, self.glance_px)
        glance = resized_macs(3, size, self.glance_px) + sum(macs for _, macs in self.glance.unit_macs(small))
        return [glance, *[self._patch_macs()[0] + self.focus.head.linear.weight.numel()] * self.patches]

    def _patch_macs(self) -> tuple[int, int]:
        """(a patch without its answer, the policy's part of that)."""
        decider = self.policy.macs(self.places)
        side = (self.patch_px, self.patch_px)
        return decider + resized_macs(3, (0, 0), self.patch_px) + self.focus.feature_macs(side), decider

    def _feature_places(self) -> int:
        size = self.glance.stem.out_size((self.glance_px, self.glance_px))
        for block in self.glance.blocks:
            size = block.out_size(size)
        return size[0] * size[1]


class _Learning:
    """The network while it is trained: patches cut bilinearly, so that the policy learns from the answers.

    alone: (N, classes) each, what the patches say without the glance. It is taught as well: an encoder that is only
    asked to mend what the glance says forgets what it knew of the things themselves.
    """

    def __init__(self, network: GlanceFocus):
        self.network = network
        self.exit_names = network.exit_names
        self.alone: list[Tensor] = []

    def segment(self, state: _State | None, source: PictureSource, index: int) -> tuple[_State, Tensor]:
        network = self.network
        if state is None:
            return network.segment(None, source, 0)
        aim = network.aim(state, index - 1).float()
        anywhere = torch.rand(len(aim), 1, device=aim.device) < RANDOM_SHARE
        aim = torch.where(anywhere, torch.rand_like(aim) * 2 - 1, aim)
        patch = bilinear_regions(source.view, middles(aim, network.share), network.share, network.patch_px)
        state = network.took(state, patch)
        self.alone.append(network.focus.head.linear(state.total / index))
        return state, network.answer(state, index)
