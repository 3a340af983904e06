"""A vision transformer that spends the same on every part of a picture: the baseline of the token-level networks.

Paper: Dosovitskiy et al. 2021, "An Image is Worth 16x16 Words". Differs: see ``networks/vision.py``.
"""

from __future__ import annotations

from torch import Tensor

from dynviz.networks.vision import VisionEncoder
from dynviz.recorder import SILENT, Recorder, Setting


class ViT(VisionEncoder):
    def forward(self, x: Tensor, *, setting: Setting | None = None, recorder: Recorder = SILENT) -> Tensor:
        """(N, 3, H, W) normalised pixels -> (N, classes) logits."""
        if recorder.active:
            for unit, macs in self.unit_macs(tuple(x.shape[2:])):
                recorder.work(unit, range(len(x)), macs)
        return self.plain(x)
