"""A thousand things: what networks trained on ImageNet-1k are calibrated and measured on here.

There is no ImageNet validation set here. Instead, those photos of everyday30 whose class is one of the 1,000, or a kind
of one; the networks answer among all 1,000. What these photos are is told wherever their figures stand: their shorter
side has 144 px, so that they are enlarged; those of Imagenette were in the networks' own training, the others
(animals, garments, fruit) were not. Of each class at most ``MOST`` photos are used, evenly chosen, so that no kind of
photo outweighs the others. The mapping is ``TESTED``: for each class which answers are right. No photo of a
person or of a scene is used: none of the 1,000 is a person, and which one a street or a forest is nobody could say.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from pathlib import PurePosixPath

import numpy as np
import torch

from dynviz.datasets.pictures import EVERYDAY30, Split, everyday30
from dynviz.datasets.registry import Dataset

IMAGENETTE = "imagenette10"  # the source whose photos are ImageNet's own
MOST = {"train": 40, "val": 20, "test": 40}  # photos of a class
KNOWN, NEW = "photos of ImageNet, seen in training", "photos from elsewhere, never seen"

# (class of everyday30, its source) -> (what is in the photo, numbers of the right answers among the 1,000)
TESTED: dict[tuple[str, str], tuple[str, tuple[int, ...]]] = {
    ("fish", IMAGENETTE): ("tench", (0,)),
    ("dog", IMAGENETTE): ("English springer spaniel", (217,)),
    ("cassette player", IMAGENETTE): ("cassette player", (482,)),
    ("chain saw", IMAGENETTE): ("chain saw", (491,)),
    ("church", IMAGENETTE): ("church", (497,)),
    ("french horn", IMAGENETTE): ("French horn", (566,)),
    ("garbage truck", IMAGENETTE): ("garbage truck", (569,)),
    ("gas pump", IMAGENETTE): ("gas pump", (571,)),
    ("golf ball", IMAGENETTE): ("golf ball", (574,)),
    ("parachute", IMAGENETTE): ("parachute", (701,)),
    ("dog", "animals3"): ("dog (any breed)", tuple(range(151, 269))),
    ("cat", "animals3"): ("cat (any kind)", tuple(range(281, 286))),
    ("panda", "animals3"): ("panda", (388,)),
    ("apple", "fruit_boxes3"): ("apple", (948,)),  # Granny Smith: the only apple it knows
    ("banana", "fruit_boxes3"): ("banana", (954,)),
    ("orange", "fruit_boxes3"): ("orange", (950,)),
    ("dress", "clothing10"): ("dress", (578,)),  # gown
    ("hat", "clothing10"): ("hat", (439, 452, 515, 808)),  # bearskin hat, bonnet, cowboy hat, sombrero
    # cardigan, cloak, fur coat, lab coat, poncho, suit, sweatshirt, trench coat
    ("jacket", "clothing10"): ("jacket", (474, 501, 568, 617, 735, 834, 841, 869)),
    ("shirt", "clothing10"): ("shirt", (474, 610, 841)),  # cardigan, T-shirt, sweatshirt
    # clog, cowboy boot, loafer, running shoe, sandal
    ("shoes", "clothing10"): ("shoes", (502, 514, 630, 770, 774)),
    ("skirt", "clothing10"): ("skirt", (601, 655, 689, 775)),  # hoopskirt, miniskirt, overskirt, sarong
    ("trousers", "clothing10"): ("trousers", (608,)),  # jeans: the only trousers it knows
}


@cache
def names() -> tuple[str, ...]:
    """The 1,000, as people say them, in the order of every network that was trained on ImageNet-1k."""
    text = resources.files("dynviz.datasets").joinpath("imagenet_names.txt").read_text(encoding="utf-8")
    return tuple(text.splitlines())


def _photos(split: str, side_px: int) -> Split:
    photos = everyday30(split, side_px, lambda found: _chosen(found, MOST[split]))
    classes = tuple(dict.fromkeys(name for name, _ in TESTED.values()))
    accepted = np.zeros((len(classes), len(names())), dtype=bool)
    for name, right in TESTED.values():
        accepted[classes.index(name), list(right)] = True
    seen = {name for (_, source), (name, _) in TESTED.items() if source == IMAGENETTE}
    return Split(
        photos.images,
        torch.tensor([classes.index(_shows(name)) for name in photos.names]),
        classes,
        photos.names,
        answers=names(),
        accepted=accepted,
        groups={KNOWN: tuple(c for c in classes if c in seen), NEW: tuple(c for c in classes if c not in seen)},
    )


def _shows(name: str) -> str:
    """'dog/animals3_0012.webp' -> what is in the photo, '' where it is not used."""
    path = PurePosixPath(name)
    return TESTED.get((path.parts[-2], path.stem.rpartition("_")[0]), ("", ()))[0]


def _chosen(found: list[str], most: int) -> list[str]:
    """Of each class at most ``most`` of the photos ``found``, spread over all."""
    of_class: dict[str, list[str]] = {}
    for name in found:
        if shown := _shows(name):
            of_class.setdefault(shown, []).append(name)
    return [
        own[i]
        for own in of_class.values()
        for i in np.linspace(0, len(own) - 1, min(most, len(own))).round().astype(int)
    ]


IMAGENET = Dataset(
    "imagenet",
    "ImageNet-1k (1,000 things; measured on photos of everyday30)",
    "weights trained on ImageNet-1k (non-commercial research and education), published under the Apache License 2.0; "
    "measured on " + EVERYDAY30.licence,
    "image",
    _photos,
    stored_side_px=EVERYDAY30.stored_side_px,
)
