"""Results from papers, to be shown beside ours where the data are the same, each with where it was read.

Accuracies are top-1 on the test split; MACs are multiply-adds for one picture, which is how these papers count. A value
``read_off`` a figure is good to two or three percent of the compute and a tenth or two of a point of accuracy.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dynviz.zoo import ModelCard

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

SKIM = "Seo, Min, Farhadi & Hajishirzi 2018, Neural Speed Reading via Skim-RNN"
IMDB, SST2, RT = "IMDb (film reviews)", "SST-2 (sentences of film reviews)", "RT-polarity (snippets of film reviews)"

LITE = "Liu 2020, EfficientNet-Lite; the authors' table, on the 50,000 validation photos of ImageNet"
IMAGENET = "ImageNet-1k (1,000 things; measured on photos of everyday30)"
_IMAGENET = tuple(
    Published(f"EfficientNet-Lite{i}", mega * 1e6, accuracy, LITE, False)
    for i, (mega, accuracy) in enumerate(((407, 0.751), (631, 0.767), (899, 0.776)))
)

PUBLISHED: dict[str, tuple[Published, ...]] = {"CIFAR-10 (JPEG)": _CIFAR10, IMAGENET: _IMAGENET}
VIDEO = "everyday-video (made of photos of 30 everyday classes: real pictures, made motion)"
FRAMEEXIT = "Ghodrati, Bejnordi & Habibian 2021, FrameExit: Conditional Early Exiting for Efficient Video Recognition"
ADAFOCUS = "Wang, Chen, Jiang, Song, Han & Huang 2021, Adaptive Focus for Efficient Video Recognition"
TEN_FRAMES = 41.2  # GMACs a video of FrameExit without exits: ten frames through a ResNet-50


def _on_activitynet(method: str, giga: float, score: float, source: str) -> tuple[str, float, float, str]:
    return method, giga / TEN_FRAMES, score, f"{source}; ActivityNet, mean average precision, {giga} GMACs a video"


STATIC = ("lstm", "frames-mean")  # what papers that tell shares hold their networks against

# method, share of the compute of the static network there, accuracy, where it was read: of readers papers tell no
# absolute compute, of videos they tell that of encoders a hundred times as large
SHARES: dict[str, tuple[tuple[str, float, float, str], ...]] = {
    IMDB: (
        ("LSTM of Skim-RNN", 1.0, 0.911, f"{SKIM}; table 2"),
        ("Skim-RNN", 1 / 5.8, 0.912, f"{SKIM}; table 2: 5.8 times fewer operations"),
        ("LSTM-Jump", 1 / 1.6, 0.894, f"Yu, Lee & Le 2017, as told in {SKIM}: 1.6 times faster, measured"),
    ),
    SST2: (
        ("LSTM of Skim-RNN", 1.0, 0.864, f"{SKIM}; table 2"),
        ("Skim-RNN", 1 / 3.0, 0.864, f"{SKIM}; table 2: 3.0 times fewer operations"),
    ),
    RT: (
        ("LSTM of Skim-RNN", 1.0, 0.825, f"{SKIM}; table 2"),
        ("Skim-RNN", 1 / 2.1, 0.842, f"{SKIM}; table 2: 2.1 times fewer operations"),
        ("LSTM-Jump", 1 / 1.6, 0.793, f"Yu, Lee & Le 2017, as told in {SKIM}: 1.6 times faster, measured"),
    ),
    VIDEO: (
        *(
            _on_activitynet("FrameExit", giga, score, FRAMEEXIT)
            for giga, score in ((17.96, 0.7272), (19.89, 0.7390), (23.78, 0.7537), (26.56, 0.7605), (29.09, 0.7641))
        ),
        _on_activitynet("FrameExit, all ten frames", TEN_FRAMES, 0.7730, FRAMEEXIT),
        _on_activitynet("AR-Net", 33.5, 0.738, f"Meng et al. 2020, as told in {FRAMEEXIT}"),
        *(
            _on_activitynet("AdaFocus", giga, score, ADAFOCUS)
            for giga, score in ((17, 0.719), (26.6, 0.750), (38.5, 0.760), (53, 0.767))
        ),
    ),
}
_GIVEN = (
    "The papers tell compute as a share of their own LSTM's; their marks stand at that share of ours. They began with "
    "word vectors of billions of words, ours with those of the reviews and news here"
)
REMARKS = {
    IMDB: _GIVEN + ".",
    SST2: _GIVEN + ", and the paper trained on phrases too.",
    RT: _GIVEN + ", and the paper's split is another.",
    VIDEO: "The published marks are on other data (ActivityNet: 200 kinds of actions), by another measure (mean "
    "average precision) and of far larger encoders; they stand at their share of FrameExit's compute without "
    "exits, which is drawn as all frames here. Compare how flat the curves are, not how high.",
    IMAGENET: "The published marks are on ImageNet's own validation photos, the curves on photos that are here: their "
    "shorter side has 144 px, so that they are enlarged, at most 40 are of a class, and half come from ImageNet "
    "and were in the networks' own training; the answers are among all 1,000. The two do not measure the same.",
    "CIFAR-10 (JPEG)": "The papers used the lossless pictures, ours are compressed: JPEG of quality 75, colour at half "
    "the resolution, which blurs the little that 32 px show. The papers trained for 160 to 300 epochs, ours for 30.",
}


def published(data: str, static_macs: float | None = None) -> tuple[Published, ...]:
    """What papers report on ``data`` (as a card names it), by method and compute; empty where nothing was found.

    static_macs: of the static network here, in whose share results are drawn whose papers tell compute as a share.
    """
    found = list(PUBLISHED.get(data, ()))
    if static_macs is not None:
        shares = SHARES.get(data, ())
        found += [
            Published(method, share * static_macs, right, source, False) for method, share, right, source in shares
        ]
    return tuple(sorted(found, key=lambda point: (point.method, point.macs)))


def references(cards: Sequence[ModelCard]) -> tuple[Published, ...]:
    """What papers report on the data of ``cards``, which are all on the same."""
    static = max((card.static_macs for card in cards if card.network in STATIC), default=None)
    return published(cards[0].data, static) if cards else ()
