"""A tiny data set and tiny recipes, so that training, publishing and the command line run in seconds, on real code."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from safetensors.torch import save

from dynviz.training.recipes import Recipe
from dynviz.training.recipes.pictures import PAPER_RESNET
from dynviz.training.recipes.sample_wise import PAPER_MSDNET

CLASSES = ("cat", "sea")  # warm and cold pictures, which a tiny network tells apart after a few steps
SHORT = {
    "arguments": {},
    "in_side_px": 32,
    "epochs": 3,
    "batch": 8,
    "sides_px": ((1.0, 32),),
}


def tiny_resnet(**changes: object) -> Recipe:
    """A static network of a few thousand parameters."""
    own = {"arguments": {"widths": (8, 8), "depths": (1, 1), "classes": len(CLASSES), "in_size": 32}}
    fixed = {
        "title": "Tiny ResNet",
        "family": "static",
        "mechanism": "none",
        "paper": PAPER_RESNET,
        "network": "resnet",
    }
    return Recipe(name="tiny-resnet", **(fixed | SHORT | own | changes))


def tiny_msdnet(**changes: object) -> Recipe:
    """A network with two exits."""
    sizes = {"channels": (8, 8), "growth": (8, 8), "layers": 2, "drops": (1,), "exits": (1, 2), "head_width": 8}
    own = {"arguments": sizes | {"classes": len(CLASSES), "in_size": 32}, "anytime": True}
    fixed = {"title": "Tiny MSDNet", "family": "sample-wise", "mechanism": "early exit", "paper": PAPER_MSDNET}
    return Recipe(name="tiny-msdnet", network="msdnet", **(fixed | SHORT | own | changes))


def tiny_lstm(**changes: object) -> Recipe:
    """A reader of a few hundred parameters."""
    fixed = {"title": "Tiny LSTM", "family": "static", "mechanism": "none", "paper": "none", "network": "lstm"}
    own = {
        "arguments": {"width": 8, "classes": 2, "dropout": 0.1},
        "word_dropout": 0.0,
        "modality": "text",
        "dataset": "imdb",
        "vocabulary": "words",
        "epochs": 4,
        "batch": 8,
    }
    return Recipe(name="tiny-lstm", **(fixed | own | {"learning_rate": 0.1, "balance": 0.0, "clip": 1.0} | changes))


def tiny_early_reader(**changes: object) -> Recipe:
    """The same, looking at its answer after every second word."""
    kind = {"title": "Tiny early reader", "family": "temporal-wise", "mechanism": "early stopping"}
    reader = replace(tiny_lstm(), name="tiny-early-reader", network="early-reader", parent="tiny-lstm", **kind)
    return replace(reader, arguments=reader.arguments | {"stride": 2}, **changes)


def tiny_encoder(network: str, **changes: object) -> Recipe:
    """A transformer of two layers, or one with exits (``pabee``) or with learned thresholds (``token-pruning``)."""
    sizes = {"width": 8, "classes": 2, "layers": 2, "heads": 2, "inner": 8, "dropout": 0.1}
    static = network == "transformer"
    kind = {"family": "static" if static else "sample-wise", "mechanism": "none" if static else "early exit"}
    more = kind | {"network": network, "arguments": sizes, "parent": None if static else "tiny-transformer"}
    return replace(tiny_lstm(), name=f"tiny-{network}", title=f"Tiny {network}", **(more | changes))


def write_words(folder: Path, words: tuple[str, ...], width: int = 4) -> Path:
    """A vocabulary with random vectors, as an asset of the zoo in ``folder``; returns its own folder."""
    place = folder / "_shared" / "words"
    place.mkdir(parents=True)
    vectors = torch.randn(len(words) + 2, width, generator=torch.Generator().manual_seed(0))
    vectors[:2] = 0
    files = {"vocabulary.txt": "\n".join(words).encode(), "vectors.safetensors": save({"vectors": vectors.half()})}
    for name, data in files.items():
        (place / name).write_bytes(data)
    sums = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    (place / "asset.json").write_text(json.dumps({"sha256": sums}))
    return place


def write_imdb(folder: Path, count: int = 240) -> Path:
    """Reviews of up to twelve words in the layout of the real data set, told apart by one word."""
    draw = np.random.default_rng(0)
    place = folder / "text" / "imdb"
    place.mkdir(parents=True)
    for split in ("train", "val", "test"):
        with gzip.open(place / f"{split}.tsv.gz", "wt") as file:
            for i in range(count):
                filling = ["film"] * int(draw.integers(1, 12))
                filling.insert(int(draw.integers(0, len(filling) + 1)), ("bad", "good")[i % 2])
                file.write(f"{i % 2}\t{' '.join(filling)}\n")
    return folder


def write_everyday30(folder: Path, per_class: int = 16) -> Path:
    """Generated pictures in the layout of the real data set; returns the folder that DYNVIZ_DATA should name."""
    generator = np.random.default_rng(0)
    (folder / "everyday30").mkdir(parents=True)
    for name in ("train_0", "train_1", "val", "test"):
        with zipfile.ZipFile(folder / "everyday30" / f"{name}.zip", "w") as archive:
            for index in range(per_class):
                for label in CLASSES:
                    archive.writestr(f"{label}/{name}_{index:04d}.png", picture(label, generator))
    return folder


def picture(label: str, generator: np.random.Generator, side_px: int = 48) -> bytes:
    """A PNG: noise, reddish for the first class, bluish for the second."""
    pixels = generator.integers(0, 120, (side_px, side_px, 3), dtype=np.uint8)
    pixels[..., 0 if label == CLASSES[0] else 2] += 120
    encoded = io.BytesIO()
    Image.fromarray(pixels).save(encoded, "PNG")
    return encoded.getvalue()
