"""Photos of everyday30 in which somebody marked the object: people by their outline, fruits by boxes.

Only photos of its validation and test splits, so that no network was trained on them. They are few.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from PIL import Image

from dynviz.datasets.pictures import data_folder

HELD_OUT = ("val/", "test/")


@dataclass(frozen=True, eq=False)
class MarkedPhoto:
    """picture: RGB. marked: (height, width) bool, the object's pixels. kind: person, or fruit (boxes)."""

    picture: Image.Image
    marked: np.ndarray
    kind: str

    def seen(self, box_px: tuple[float, float, float, float], side: int) -> np.ndarray:
        """(side, side) in 0..1: how much of each place of the square ``box_px`` is the object's."""
        marked = Image.fromarray(self.marked.astype(np.uint8) * 255)
        part = marked.resize((side, side), Image.Resampling.BOX, box=box_px)
        return np.asarray(part, dtype=float) / 255


def marked_photos() -> Iterator[MarkedPhoto]:
    """All of them, people first. Raises FileNotFoundError where ``DYNVIZ_DATA`` does not hold the sets."""
    for kind in ("person", "fruit"):
        folder = data_folder() / "dense" / kind
        names = json.loads((folder / "everyday30_names.json").read_text())
        for split in ("train", "test"):
            with zipfile.ZipFile(folder / f"{split}.zip") as archive:
                boxes = {} if kind == "person" else json.loads(archive.read(f"{split}/boxes.json"))["images"]
                for name in sorted(names):
                    if not name.startswith(f"{split}/") or not (names[name] or "").startswith(HELD_OUT):
                        continue
                    picture = Image.open(io.BytesIO(archive.read(name))).convert("RGB")
                    marked = _boxes(boxes[name], picture) if boxes else _outline(archive, name)
                    if marked.any():
                        yield MarkedPhoto(picture, marked, kind)


def _outline(archive: zipfile.ZipFile, name: str) -> np.ndarray:
    mask = name.replace("/images/", "/masks/").rpartition(".")[0] + ".png"
    return np.asarray(Image.open(io.BytesIO(archive.read(mask))).convert("L")) > 0


def _boxes(told: dict, picture: Image.Image) -> np.ndarray:
    marked = np.zeros((picture.height, picture.width), dtype=bool)
    for found in told["objects"]:
        x0, y0, x1, y1 = (round(edge) for edge in found["box"])
        marked[max(y0, 0) : y1, max(x0, 0) : x1] = True
    return marked
