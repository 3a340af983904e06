"""A residual network that computes its blocks only at the places of the picture that need them.

Paper: Verelst & Tuytelaars 2020, "Dynamic Convolutions: Exploiting Spatial Sparsity for Faster Inference". As there, a
small unit decides place by place, trained straight through with noise; a block's first convolution runs in the mask's
halo as well, because the second needs its neighbours. Differs: one mask serves all blocks of a stage and decides for
cells of several pixels, so that gathering pays in time; it is decided from the features behind the stage's first
block, which runs everywhere, and from a glance: a small network's features of a small version of the picture, since
what a first stage has seen does not tell an object from its background; masks are trained at all budgets at once
(``networks.gates``).
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from dynviz.decisions import PixelMask
from dynviz.networks.baselines import blind_places
from dynviz.networks.blocks import Size, initialise
from dynviz.networks.gated import GatedNetwork
from dynviz.networks.gates import OPEN_START, Asked, Decider, straight_through
from dynviz.networks.residual import ResidualNetwork
from dynviz.networks.spatial_wise.gathered import GatheredBlock, Places, dilated
from dynviz.networks.static.resnet import ResNet
from dynviz.networks.training_output import TrainingOutput
from dynviz.recorder import Recorder, Setting, TrainingSignal

LOWEST = 0.15  # the smallest share of the masked work that training asks for


class MaskUnit(Decider):
    """Decides for cells of ``cell`` x ``cell`` pixels: (N, C, H, W) -> (N, 1, H / cell, W / cell) logits.

    It sees each cell's mean, those of its neighbours, and the mean of the whole picture; with ``glance_channels`` also
    what a glance at the picture found there.
    """

    def __init__(self, channels: int, cell: int, glance_channels: int = 0, width: int = 16):
        super().__init__()
        self.cell = cell
        self.near = nn.Conv2d(channels + glance_channels, width, 3, padding=1)
        self.whole = nn.Linear(channels + glance_channels, width)
        self.score = nn.Conv2d(width, 1, 1)

    def start(self) -> None:
        """Begin with most cells open."""
        nn.init.normal_(self.score.weight, std=0.1)
        nn.init.constant_(self.score.bias, OPEN_START)

    def forward(self, x: Tensor, glance: list[Tensor]) -> Tensor:
        """glance: (N, C', h, w) each, maps of the whole picture in any size; may be none."""
        cells = F.avg_pool2d(x, self.cell, ceil_mode=True)
        cells = torch.cat([cells, *(_laid_over(part, tuple(cells.shape[2:])) for part in glance)], dim=1)
        hidden = self.near(cells) + self.whole(cells.mean(dim=(2, 3)))[:, :, None, None]
        return self.score(F.relu(hidden))

    def grid(self, size: Size) -> Size:
        """Cells of a map of ``size`` pixels; at its right and lower edge they may be cut off."""
        return -(-size[0] // self.cell), -(-size[1] // self.cell)

    def macs(self, size: Size) -> int:
        rows, columns = self.grid(size)
        return rows * columns * (self.near.weight.numel() + self.score.weight.numel()) + self.whole.weight.numel()


class Glance(ResNet):
    """A small ``ResNet`` without its classifier: (N, 3, H, W) pictures -> its maps of either half, coarser last."""

    def __init__(self, widths: tuple[int, ...]):
        super().__init__(widths=widths, depths=(1,) * len(widths), classes=1)
        del self.head

    def maps(self, pictures: Tensor) -> list[Tensor]:
        """The maps of its stages but the first."""
        x, found = self.stem(F.avg_pool2d(pictures, 2)), []
        for block in self.blocks:
            x = block(x)
            found.append(x)
        return found[1:]

    def macs(self, size: Size) -> int:
        """MACs for pictures of ``size`` px, of which it sees every other."""
        size = size[0] // 2, size[1] // 2
        total, size = self.stem.macs(size), self.stem.out_size(size)
        for block in self.blocks:
            total, size = total + block.macs(size), block.out_size(size)
        return total


class DynConv(GatedNetwork, ResidualNetwork):
    """A ``ResNet`` with one mask a stage. cells: their sides in pixels of each stage's feature map. glance_widths: of
    the stages of the network that glances, one block each; none: masks know only what came before them.

    The one threshold is what a cell's logit must exceed to be computed.
    """

    rule = "mask logit"
    baselines = ("random", "uniform", "centre")

    def __init__(
        self,
        *,
        widths: tuple[int, ...],
        depths: tuple[int, ...],
        cells: tuple[int, ...],
        classes: int,
        glance_widths: tuple[int, ...] = (),
        in_size: int = 128,
    ):
        super().__init__(
            widths=widths, depths=depths, classes=classes, in_size=in_size, inner=lambda width, _: GatheredBlock(width)
        )
        self.glance = Glance(glance_widths) if glance_widths else None
        self.masks = nn.ModuleList(
            MaskUnit(width, cell, sum(glance_widths[1:])) for width, cell in zip(widths, cells, strict=True)
        )
        initialise(self.masks)
        for unit in self.masks:
            unit.start()

    def _answer(self, x: Tensor, setting: Setting, limits: np.ndarray, recorder: Recorder) -> Tensor:
        seen, glance = tuple(x.shape[2:]), self._glance(x, setting)
        x = self.run("stem", x, recorder)
        for number, stage in enumerate(self.stages):
            x = self.run(f"blocks.{stage.start}", x, recorder)
            cells, logits = self._decide(number, x, glance, limits, setting)
            mask = spread_cells(cells, self.masks[number].cell, tuple(x.shape[2:]))
            if recorder.active:
                self._record(recorder, number, seen, cells, logits, mask, limits)
            blocks = self.blocks[stage.start + 1 : stage.stop]
            if setting.mode == "masked":
                for block in blocks:
                    x = block.masked(x, mask[:, None].to(x.dtype))
            elif bool(mask.all()):
                for block in blocks:
                    x = block(x)
            elif bool(mask.any()):
                places = Places(mask)
                features = places.spread(x)
                for block in blocks:
                    block.at(places, features)
                x = places.gathered(features)
        return self.run("head", x, recorder)

    def governs(self, unit: str) -> tuple[str, ...]:
        """A block's mask is of what its second convolution adds."""
        return (f"{unit}.conv2",)

    def _glance(self, pictures: Tensor, setting: Setting) -> list[Tensor]:
        """What the masks know of the pictures beforehand."""
        return [] if self.glance is None or setting.baseline else self.glance.maps(pictures)

    def _decide(
        self, number: int, x: Tensor, glance: list[Tensor], limits: np.ndarray, setting: Setting
    ) -> tuple[Tensor, Tensor | None]:
        """((N, rows, columns) bool, the cells to compute; their logits, None where the input is not looked at)."""
        rows, columns = self.masks[number].grid(tuple(x.shape[2:]))
        if setting.baseline:
            blind = blind_places(setting.baseline, limits, rows, columns, seed=number)
            return torch.from_numpy(blind).to(x.device), None
        logits = self.masks[number](x, glance)[:, 0]
        return logits > torch.tensor(limits).to(logits)[:, None, None], logits

    def _record(
        self,
        recorder: Recorder,
        number: int,
        seen: Size,
        cells: Tensor,
        logits: Tensor | None,
        mask: Tensor,
        limits: np.ndarray,
    ) -> None:
        """One decision for each block of a stage but its first. seen: size of the pictures; mask: what is computed."""
        size = tuple(mask.shape[1:])
        chosen = mask.sum(dim=(1, 2)).cpu().numpy()
        halo = dilated(mask).sum(dim=(1, 2)).cpu().numpy()
        decided = 0 if logits is None else self.masks[number].macs(size)
        if logits is not None and not number and self.glance is not None:
            decided += self.glance.macs(seen)  # what all masks know is the first one's to pay
        columns = {
            "mask": cells.cpu().numpy(),
            "choice": np.where(chosen == mask[0].numel(), "everywhere", np.where(chosen > 0, "in the mask", "skip")),
            "executed": chosen > 0,
            "threshold": np.where(np.isfinite(limits), limits, np.nan),
        }
        if logits is not None:
            columns["scores"] = logits.detach().float().cpu().numpy()
        for index in self.stages[number][1:]:
            block, decider = self.blocks[index], decided if index == self.stages[number][1] else 0
            columns["macs"] = (chosen + halo) * block.macs_per_place + decider
            columns["macs_ideal"] = 2 * chosen * block.macs_per_place + decider
            recorder.decide(
                PixelMask,
                np.arange(len(chosen)),
                columns=columns,
                unit=f"blocks.{index}",
                layer=index,
                rule="blind" if logits is None else self.rule,
                decider_macs=decider,
                macs_static=block.macs(size) + decider,
            )

    def _train(self, x: Tensor, signal: TrainingSignal) -> TrainingOutput:
        asked = Asked.draw(len(x), LOWEST, signal.ramp, x.device)
        glance = [] if self.glance is None else self.glance.maps(x)
        x = self.stem(x)
        spent, whole, parts = x.new_zeros(len(x), dtype=torch.float32), 0, []
        for unit, stage in zip(self.masks, self.stages, strict=True):
            x = self.blocks[stage.start](x)
            size = tuple(x.shape[2:])
            cells = straight_through(unit(x, glance)[:, 0].float() + asked.shifts[:, None, None], noisy=True)
            mask = spread_cells(cells, unit.cell, size)
            for block in self.blocks[stage.start + 1 : stage.stop]:
                x = block.masked(x, mask[:, None].to(x.dtype))
            macs = sum(self.blocks[index].macs(size) for index in stage[1:])
            # without the halo: noise scatters cells in training, and their halos with them
            parts.append(mask.mean(dim=(1, 2)))
            spent, whole = spent + macs * parts[-1], whole + macs
        penalty = signal.budget_weight * asked.penalty(spent / whole, parts, signal.ramp)
        return TrainingOutput(self.head(x), penalty)


def spread_cells(cells: Tensor, cell: int, size: Size) -> Tensor:
    """(N, rows, columns) -> (N, H, W): each cell's value at all of its pixels."""
    return cells.repeat_interleave(cell, dim=1).repeat_interleave(cell, dim=2)[:, : size[0], : size[1]]


def _laid_over(part: Tensor, grid: Size) -> Tensor:
    """(N, C, h, w) -> (N, C, rows, columns): the mean of a finer map, the nearest cell of a coarser one."""
    if part.shape[2] >= grid[0] and part.shape[3] >= grid[1]:
        return F.adaptive_avg_pool2d(part, grid)
    return F.interpolate(part, size=grid, mode="nearest")
