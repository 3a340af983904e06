"""A network of somebody else's, as another package would hold it: a glance at 8x8 pixels, a careful look if unsure.

With the data set that it learns from and the recipe that trains it.
"""

from torch import nn
from torch.nn import functional as F

from dynviz.datasets.pictures import data_folder, from_archives
from dynviz.datasets.registry import Dataset
from dynviz.networks.contract import ExitNetwork
from dynviz.training.recipes import Recipe


class Glance(ExitNetwork):
    """Two exits: a linear glance, then a small convolutional look."""

    def __init__(self, classes, width=8):
        super().__init__()
        self.glance = nn.Linear(3 * 8 * 8, classes)
        self.look = nn.Conv2d(3, width, 3, stride=2, padding=1)
        self.answer = nn.Linear(width, classes)

    def exit_names(self):
        return ["glance", "answer"]  # qualified names of the modules that must not run when they are skipped

    def segment(self, state, x, index):
        if index == 0:
            return None, self.glance(F.adaptive_avg_pool2d(x, 8).flatten(1))
        return None, self.answer(F.relu(self.look(x)).mean(dim=(2, 3)))

    def select(self, state, x, rows):
        return None, x[rows]

    def segment_macs(self, size):
        pixels = ((size[0] + 1) // 2) * ((size[1] + 1) // 2)
        return [self.glance.weight.numel(), pixels * self.look.weight.numel() + self.answer.weight.numel()]


def load_seas(split, side_px):
    return from_archives(sorted((data_folder() / "seas").glob(f"{split}*.zip")), side_px)


SEAS = Dataset("seas", "Seas (seas and cats)", "drawn for a test; free", "image", load_seas, stored_side_px=48)
RECIPE = Recipe(
    name="glance",
    title="Glance",
    family="sample-wise",
    mechanism="early exit",
    paper="none",
    network="glance",
    arguments={"classes": 2},
    dataset="seas",
    in_side_px=32,
    anytime=True,
    epochs=12,
    batch=8,
    sides_px=((1.0, 32),),
)
