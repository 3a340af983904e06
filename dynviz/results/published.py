"""Results from papers, to be shown beside ours where the data are the same, each with where it was read.

Accuracies are top-1 on the test split; MACs are multiply-adds for one picture, which is how these papers count. A value
``read_off`` a figure is good to two or three percent of the compute and a tenth or two of a point of accuracy.
"""

from __future__ import annotations

from dataclasses import dataclass

RANET = "Yang, Han, Chen, Song, Dai & Huang 2020, Resolution Adaptive Networks for Efficient Inference"
SKIPNET = "Wang, Yu, Dou, Darrell & Gonzalez 2018, SkipNet: Learning Dynamic Routing in Convolutional Networks"


@dataclass(frozen=True)
class Published:
    """One point of a paper. accuracy: 0..1. source: who and where. read_off: by eye, from a figure."""

    method: str
    macs: float
    accuracy: float
    source: str
    read_off: bool

    @property
    def how(self) -> str:
        """'published' or 'published, read off a figure'."""
        return "published, read off a figure" if self.read_off else "published"


def resnet_macs(depth: int) -> int:
    """Multiply-adds of the CIFAR ResNet of He et al. 2016 with ``depth`` = 6 n + 2 layers on a 32 x 32 px picture.

    16, 32 and 64 channels at 32, 16 and 8 px, shortcuts without parameters. Raises ValueError for another depth.
    """
    blocks, rest = divmod(depth - 2, 6)
    if rest or blocks < 1:
        raise ValueError(f"a CIFAR ResNet has 6 n + 2 layers, not {depth}")
    first, last = 9 * 3 * 16 * 32**2, 64 * 10
    layer = 9 * 16 * 16 * 32**2  # each 3 x 3 convolution costs the same in all three stages, ...
    return first + (6 * blocks - 2) * layer + 2 * (layer // 2) + last  # ... but those two that halve the size


def _skipnet(depth: int, share: float, accuracy: float, static: float) -> tuple[Published, Published]:
    """A SkipNet and the ResNet it skips layers of. share: of that ResNet's compute, which is what was published."""
    full = resnet_macs(depth)
    readme = f"{SKIPNET}; accuracy and share of the compute from the authors' code"
    return (
        Published(f"SkipNet-{depth}", share * full, accuracy, f"{readme} ({share:.1%} of a ResNet-{depth})", False),
        Published(f"ResNet-{depth}", full, static, f"{SKIPNET}, table 2; compute counted by its layers", False),
    )


def _figure(method: str, mega: float, accuracy: float) -> Published:
    return Published(method, mega * 1e6, accuracy, f"{RANET}; figure of CIFAR-10, budgeted batches", True)


_CIFAR10 = (
    _figure("MSDNet", 22, 0.928),
    _figure("MSDNet", 40, 0.937),
    _figure("RANet", 23, 0.933),
    _figure("RANet", 50, 0.942),
    _figure("ResNet", 69, 0.928),
    *_skipnet(38, 0.703, 0.9275, 0.9250),
    *_skipnet(74, 0.523, 0.9277, 0.9295),
    *_skipnet(110, 0.495, 0.9330, 0.9360),
)

PUBLISHED: dict[str, tuple[Published, ...]] = {"CIFAR-10 (JPEG)": _CIFAR10}
REMARKS = {
    "CIFAR-10 (JPEG)": "The papers used the lossless pictures; ours come from a re-compressed edition, on which "
    "accuracy may sit a few tenths of a point lower."
}


def published(data: str) -> tuple[Published, ...]:
    """What papers report on ``data`` (as a card names it), by method and compute; empty where nothing was found."""
    return tuple(sorted(PUBLISHED.get(data, ()), key=lambda point: (point.method, point.macs)))
