"""A trace with one of every decision type, and ways to damage its file, for the tests of trace files."""

from __future__ import annotations

import io
import json
import math
import zipfile
from collections.abc import Callable

import numpy as np

from dynviz.decisions import DECISION_TYPES, Decision
from dynviz.media.image import read_image
from dynviz.recorder import Stage
from dynviz.trace import Prediction, Trace
from tests.media.samples import scene

LABELS = ("cat", "sea", "tree")
OWN_FIELDS = {
    "exit": {"score": 0.4, "threshold": math.inf, "rule": "confidence", "choice": "continue"},
    "layer-skip": {"mechanism": "halting score", "score": np.float32(0.1), "threshold": math.nan, "layer": 3},
    "channel-selection": {"kept": np.array([True, False]), "scores": np.array([0.5, -math.inf], np.float32)},
    "expert-choice": {"chosen": np.array([2, 0]), "weights": np.array([0.2, 0.1, 0.7], np.float32)},
    "kernel-mixture": {"weights": np.array([0.25, 0.75])},
    "route": {"edges": ("keep", "up"), "weights": np.array([0.9, 0.1]), "ran": np.array([True, False])},
    "pixel-mask": {"mask": np.eye(4, 6, dtype=bool), "macs": 10, "macs_static": 24, "decider_macs": 2},
    "ponder-map": {"map": np.asfortranarray(np.arange(6.0).reshape(2, 3)), "most": 5.0},
    "sampling-offsets": {"points_px": np.full((2, 3, 2), math.nan)},
    "region": {"box_px": (1.5, 2.0, 30.0, 40.0), "affine": np.eye(2, 3), "frame": 7, "step": 1},
    "resolution": {"side_px": 96, "options_px": (96, 128), "scores": np.array([0.6, 0.4])},
    "token-selection": {"kept": np.array([False, True, True, True]), "grid": (2, 2), "forced": True},
    "token-merge": {"source": np.array([0, 0, 1, 1])},
    "step-update": {
        "actions": np.array([0, 4, 1], np.int8),
        "targets": np.array([-1, 2, -1]),
        "running": np.ones((3, 3), np.float32) / 3,
    },
    "frame-choice": {"frame": 12, "choice": "skip", "executed": False},
}


def every_decision() -> tuple[Decision, ...]:
    probabilities = np.array([0.2, 0.7, 0.1], np.float32)
    return tuple(
        cls(unit=f"unit.{i}", order=i, probabilities=probabilities if i % 2 else None, **OWN_FIELDS[kind])
        for i, (kind, cls) in enumerate(DECISION_TYPES.items())
    )


def make_trace(**changes: object) -> Trace:
    picture = read_image(scene(400, 300))
    content = {
        "model": "tiny",
        "title": "Tiny “network” <b>",
        "labels": LABELS,
        "prediction": Prediction.from_probabilities(np.array([0.2, 0.7, 0.1], np.float32), LABELS),
        "decisions": every_decision(),
        "stages": (Stage("stem", 100, 100), Stage("unit.0", np.int64(5), 10, False)),
        "media": picture.media(picture.view(32)[1]),
        "macs_ideal": 90,
        "budget": 0.4,
        "rule": "budgeted batch",
        "ms": 3.25,
    }
    return Trace(**(content | changes))


def rebuilt(data: bytes, edit: Callable[[dict], object] | None = None, **members: bytes | None) -> bytes:
    """The file with its JSON edited and members replaced, added, or (None) left out."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    if edit:
        content = json.loads(parts["trace.json"])
        edit(content)
        parts["trace.json"] = json.dumps(content).encode()
    parts |= {name.replace("__", "."): value for name, value in members.items()}
    return zipped({name: value for name, value in parts.items() if value is not None})


def zipped(members: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, value in members.items():
            archive.writestr(name, value)
    return buffer.getvalue()


def arrays_with(data: bytes, **changed: np.ndarray) -> bytes:
    """The file with some arrays replaced, found by the start of their names."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive, np.load(io.BytesIO(archive.read("arrays.npz"))) as stored:
        arrays = {name: changed.get(name.split("-")[0], stored[name]) for name in stored.files}
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return rebuilt(data, arrays__npz=buffer.getvalue())


def decision(content: dict, kind: str) -> dict:
    return next(d for d in content["trace"]["decisions"] if d["kind"] == kind)
