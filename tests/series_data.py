"""Made-up recordings in the layout of the real data sets, and tiny recipes that learn them in seconds."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from dynviz.datasets.recordings import load_recordings
from dynviz.evaluation.publishing import publish
from dynviz.media.signal import ECG, SPEECH
from dynviz.networks import build
from dynviz.training.recipes import Recipe
from dynviz.zoo import ModelCard

PATIENTS = {"train": range(8), "test": range(100, 104)}
NORMAL, SUPRAVENTRICULAR, VENTRICULAR, OTHER = range(4)


def tiny_reader(dataset: str = "mitbih_strips", network: str = "lstm", **changes: object) -> Recipe:
    """A reader of a few thousand parameters."""
    form = ECG if dataset == "mitbih_strips" else SPEECH
    recipe = Recipe(
        name=f"tiny-{network}-series",
        title="Tiny",
        family="static" if network == "lstm" else "temporal-wise",
        mechanism="none",
        paper="none",
        network=network,
        arguments={"width": 16, "classes": 2 if form is ECG else 10, "channels": form.channels, "dropout": 0.0},
        modality="series",
        dataset=dataset,
        series=form,
        epochs=3,
        batch=8,
        learning_rate=0.05,
        label_smoothing=0.0,
        balance=0.0,
        clip=1.0,
    )
    return replace(recipe, **changes)


def untrained_readers(folder: Path) -> dict[str, ModelCard]:
    """Early readers of ECGs ("ecg") and of spoken digits ("speech") with many operating points, in the zoo that the
    environment names; their data, which it names too, are written to ``folder``.
    """
    write_strips(write_digits(folder))
    load_recordings.cache_clear()
    torch.manual_seed(0)
    found = {}
    for dataset in ("mitbih_strips", "fsdd"):
        recipe = tiny_reader(dataset, "early-reader", mechanism="early stopping")
        kind = recipe.series.kind
        recipe = replace(recipe, name=f"tiny-{kind}", arguments=recipe.arguments | {"stride": 5})
        network = build(recipe.network, recipe.arguments).eval()
        torch.nn.init.normal_(network.answer.linear.weight, std=4.0)  # unsure here, sure there
        found[kind] = publish(recipe, network)
    load_recordings.cache_clear()
    return found


def write_strips(folder: Path, per_patient: int = 12) -> Path:
    """Strips with a narrow wave for each beat and a broad one for a ventricular beat; every fourth strip is of a kind
    that is not used.
    """
    draw = np.random.default_rng(0)
    place = folder / "series" / "mitbih_strips"
    place.mkdir(parents=True)
    for split, patients in PATIENTS.items():
        x, y, record, beats = [], [], [], []
        for patient in patients:
            for i in range(per_patient):
                kind = (NORMAL, VENTRICULAR, NORMAL, VENTRICULAR, SUPRAVENTRICULAR, OTHER)[i % 6]
                at = np.arange(60, 1200, 110) + draw.integers(-8, 8)
                classes = np.zeros(len(at), dtype=int)
                if kind:
                    classes[draw.choice(len(at), 2, replace=False)] = kind
                widths = np.where(classes == VENTRICULAR, 9.0, 2.0)
                waves = np.exp(-((np.arange(1250)[:, None] - at) ** 2) / (2 * widths**2)).sum(axis=1)
                x.append(np.clip(np.rint(60 * waves + draw.normal(0, 1, 1250)), -128, 127))
                y.append(kind)
                record.append(patient)
                beats.append(np.stack([at, classes], axis=1))
        np.savez(
            place / f"{split}.npz",
            x=np.array(x, np.int8),
            y=np.array(y, np.int8),
            record=np.array(record, np.int16),
            beat_index=np.cumsum([0, *map(len, beats)]).astype(np.int32),
            beat_pos=np.concatenate(beats)[:, 0].astype(np.int16),
            beat_class=np.concatenate(beats)[:, 1].astype(np.int8),
        )
    return folder


def write_digits(folder: Path, count: int = 120) -> Path:
    """Frames with a loud band for each digit, of three speakers."""
    draw = np.random.default_rng(1)
    place = folder / "series" / "fsdd"
    place.mkdir(parents=True)
    for split in ("train", "test"):
        labels = np.arange(count) % 10
        frames = []
        for label in labels:
            own = draw.normal(-60, 4, (int(draw.integers(12, 30)), 40))
            own[:, label * 4 : label * 4 + 3] += 90
            frames.append(np.clip(own, -110, 127).astype(np.int8))
        np.savez(
            place / f"{split}.npz",
            x=np.concatenate(frames),
            length=np.array([len(own) for own in frames], np.int32),
            y=labels.astype(np.int8),
            speaker=(np.arange(count) // 10 % 3).astype(np.int8),
        )
    return folder
