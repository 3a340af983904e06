"""DRNet: a tiny network looks at a small version of the picture and chooses the resolution to classify it at.

Paper: Zhu, Han, Wu, Zhang, Nie, Lan & Wang 2021, "Dynamic Resolution Network": a predictor, straight-through
Gumbel-softmax over resolutions, a price on compute, normalisation for each resolution.
Differs: the price is drawn anew for each training picture and the predictor answers what each resolution is worth,
so that one network serves every price; each step trains the weights at one resolution, drawn at random, and only the
last part of the training, which teaches the predictor, runs all of them.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from dynviz.decisions import Resolution
from dynviz.networks.baselines import blind_options
from dynviz.networks.contract import Between, DynamicNetwork
from dynviz.networks.resizing import resized, resized_macs
from dynviz.networks.static.resnet import ResNet
from dynviz.networks.switched import SwitchedResNet
from dynviz.networks.training_output import TrainingOutput
from dynviz.recorder import SILENT, Recorder, Setting, TrainingSignal

CHOOSING = 0.7  # the share of the training after which the predictor learns
PRICES = 0.02, 2.0  # of the whole static path's compute, in units of the loss: drawn between these, on a log scale
TEMPERATURE = 0.1  # of the choice: how much loss makes one resolution e times as likely as another


class DRNet(DynamicNetwork):
    """The one threshold is the price of compute: of each picture's resolutions the one is taken that is worth most once
    its price is paid, which is the threshold times its MACs over those of the largest. None: the largest for all.

    sides_px: to choose from, smallest first; the largest is the input's. widths, depths: of the ResNet that classifies.
    predictor_widths, predictor_side_px: of the network that chooses, with one block a stage, and of what it sees.
    """

    single_pass_sweep = True  # the price changes no answer, only which one is taken
    rule = "worth more than its price"
    candidates = Between(-1.0, 4.0)

    def __init__(
        self,
        *,
        sides_px: tuple[int, ...],
        widths: tuple[int, ...],
        depths: tuple[int, ...],
        classes: int,
        predictor_widths: tuple[int, ...] = (12, 24, 48),
        predictor_side_px: int = 64,
    ):
        super().__init__()
        if len(sides_px) < 2 or list(sides_px) != sorted(set(sides_px)):
            raise ValueError(f"sides_px must be two or more different sides, smallest first, not {sides_px}")
        self.sides_px, self.predictor_side_px = tuple(sides_px), predictor_side_px
        self.in_size = (sides_px[-1], sides_px[-1])
        # begins as a classifier of its own, so that its features are good before it has to choose
        shape = {"widths": predictor_widths, "depths": (1,) * len(predictor_widths), "in_size": predictor_side_px}
        self.predictor = ResNet(**shape, classes=len(sides_px))
        self.backbone = SwitchedResNet(widths, depths, classes, len(sides_px))
        small = (predictor_side_px, predictor_side_px)
        self.decider_macs = sum(macs for _, macs in self.predictor.unit_macs(small))
        self.decider_macs += resized_macs(3, self.in_size, predictor_side_px)
        self.side_macs = np.array(
            [self.backbone.macs((side, side)) + resized_macs(3, self.in_size, side) for side in self.sides_px]
        )

    def forward(
        self, x: Tensor, *, setting: Setting | None = None, recorder: Recorder = SILENT
    ) -> Tensor | TrainingOutput:
        """(N, 3, side, side) normalised pixels at the largest side -> (N, classes) logits (train: ``TrainingOutput``).

        In masked mode (P x N, 1) prices give P x N rows, all N pictures at the first price, then at the second.
        """
        setting = setting or Setting()
        if tuple(x.shape[2:]) != self.in_size:
            raise ValueError(f"pictures must be {self.in_size[0]} px a side, not {tuple(x.shape[2:])}")
        if setting.mode == "train":
            return self._taught(x, setting.training)
        prices = [np.inf] if setting.thresholds is None else np.ravel(np.asarray(setting.thresholds, dtype=np.float64))
        count = max(len(x), len(prices))
        if count % len(x) or len(prices) not in (1, count) or (setting.mode == "skipping" and count != len(x)):
            raise ValueError(f"{len(prices)} prices for {len(x)} pictures")
        prices = np.broadcast_to(prices, count)
        if setting.baseline:
            worth, chosen = None, blind_options(setting.baseline, prices, self.side_macs / self.side_macs[-1])
        else:
            worth = np.tile(self._worth(x).detach().float().cpu().numpy(), (count // len(x), 1))
            chosen = self._choice(worth, prices, setting)
        logits = self._masked(x, chosen) if setting.mode == "masked" else self._skipping(x, chosen)
        if recorder.active:
            self._record(recorder, worth, prices, chosen, setting)
        return logits

    def plain(self, x: Tensor) -> Tensor:
        """The largest resolution, nobody asked."""
        return self.backbone(x, len(self.sides_px) - 1)

    def _worth(self, x: Tensor) -> Tensor:
        """(N, sides) what each resolution is worth for each picture, in units of the loss."""
        return self.predictor(resized(x, self.predictor_side_px))

    def _paid(self, worth: np.ndarray, prices: np.ndarray) -> np.ndarray:
        """(N, sides) worth less price; (N,) prices, infinity: no price and no question."""
        asked = np.where(np.isinf(prices), 0.0, prices)
        return worth - asked[:, None] * (self.side_macs / self.side_macs[-1])

    def _choice(self, worth: np.ndarray, prices: np.ndarray, setting: Setting) -> np.ndarray:
        if (forced := setting.by_hand("backbone", [f"{side} px" for side in self.sides_px])) is not None:
            return np.full(len(worth), forced)
        return np.where(np.isinf(prices), len(self.sides_px) - 1, self._paid(worth, prices).argmax(axis=1))

    def _masked(self, x: Tensor, chosen: np.ndarray) -> Tensor:
        """Every resolution that somebody chose, for every picture."""
        rows, answer = torch.arange(len(chosen)) % len(x), None
        for way in np.unique(chosen):
            logits = self.backbone(resized(x, self.sides_px[way]), int(way))[rows]
            mine = torch.from_numpy(chosen == way)[:, None].to(x.device)
            answer = logits if answer is None else torch.where(mine, logits, answer)
        return answer

    def _skipping(self, x: Tensor, chosen: np.ndarray) -> Tensor:
        """The pictures of each resolution together."""
        ways = np.unique(chosen)
        if len(ways) == 1:
            return self.backbone(resized(x, self.sides_px[ways[0]]), int(ways[0]))
        parts, order = [], []
        for way in ways:
            rows = torch.from_numpy(np.flatnonzero(chosen == way))
            parts.append(self.backbone(resized(x[rows], self.sides_px[way]), int(way)))
            order.append(rows)
        return torch.cat(parts)[torch.cat(order).argsort()]

    def _record(
        self, recorder: Recorder, worth: np.ndarray | None, prices: np.ndarray, chosen: np.ndarray, setting: Setting
    ) -> None:
        sides = np.array(self.sides_px)
        decider = 0 if worth is None else self.decider_macs
        columns = {
            "side_px": sides[chosen],
            "choice": np.array([f"{side} px" for side in sides[chosen]]),
            "macs": self.side_macs[chosen] + decider,
        }
        if worth is not None:
            paid = self._paid(worth, prices).astype(np.float64)
            odds = np.exp((paid - paid.max(axis=1, keepdims=True)) / TEMPERATURE)
            columns["scores"] = (odds / odds.sum(axis=1, keepdims=True)).astype(np.float32)
            if "backbone" not in setting.forced and not np.isinf(prices).any():
                best = np.sort(paid, axis=1)  # how much more it is worth than the next best
                columns["score"] = best[:, -1] - best[:, -2]
        recorder.decide(
            Resolution,
            np.arange(len(chosen)),
            columns=columns,
            unit="backbone",
            rule=self.rule,
            options_px=self.sides_px,
            forced="backbone" in setting.forced,
            macs_static=int(self.side_macs[-1]) + decider,
            decider_macs=decider,
        )

    def _taught(self, x: Tensor, signal: TrainingSignal) -> TrainingOutput:
        """One resolution learns; towards the end all of them answer, and the predictor learns to choose."""
        drawn = int(torch.randint(len(self.sides_px), ()))
        learned = self.backbone(resized(x, self.sides_px[drawn]), drawn)
        if signal.progress < CHOOSING:
            return TrainingOutput(learned)
        with torch.no_grad():
            said = [
                learned if way == drawn else self.backbone(resized(x, side), way)
                for way, side in enumerate(self.sides_px)
            ]
            answers = torch.stack([logits.float() for logits in said], dim=1)
        low, high = np.log(PRICES)
        prices = torch.exp(torch.rand(len(x), 1) * (high - low) + low).to(x.device)
        shares = torch.tensor(self.side_macs / self.side_macs[-1], dtype=torch.float32, device=x.device)
        worth = self._worth(x).float() - prices * shares
        taken = F.gumbel_softmax(worth / TEMPERATURE, tau=1.0, hard=True)
        chosen = (taken[:, :, None] * answers).sum(dim=1)
        # the answers' losses are averaged over the two, so the price counts by half
        return TrainingOutput(
            torch.stack([learned.float(), chosen]), penalty=0.5 * (prices * shares * taken).sum(dim=1).mean()
        )
