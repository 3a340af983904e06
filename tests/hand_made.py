"""A zoo of networks that exist as cards and evaluation tables only, every number of which was written by hand."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np

from dynviz.evaluation.scoring import wilson
from dynviz.zoo import ModelCard, OperatingPoint

LABELS = ("cat", "dog", "sea")
LABEL = (0, 0, 0, 0, 1, 1, 1, 1, 2, 2)  # four cats, four dogs, two seas
CHEAP = (0, 0, 1, 1, 1, 1, 0, 0, 2, 2)  # 60 % right
DEAR = (0, 0, 0, 1, 1, 1, 1, 0, 2, 0)  # 70 % right: two more, one fewer
BEST = (0, 0, 0, 0, 1, 1, 1, 0, 2, 2)  # 90 % right
EXITS = 3
EXIT_MACS = (10_000_000, 20_000_000, 40_000_000)


def write_network(
    folder: Path,
    name: str,
    predictions: list[tuple[int, ...]],
    macs: np.ndarray,
    units_run: np.ndarray,
    *,
    family: str = "static",
    thresholds: list[tuple[float | None, ...]] | None = None,
    data: str = "hand-made",
    curves: dict | None = None,
) -> ModelCard:
    """A card and its table. predictions: one row per operating point. macs, units_run: (samples, points[, units])."""
    label, prediction = np.array(LABEL), np.array(predictions).T
    points = []
    for i in range(prediction.shape[1]):
        right = int((prediction[:, i] == label).sum())
        last = units_run[:, i].sum(axis=1) - 1
        shares = tuple(np.bincount(last, minlength=units_run.shape[2]) / len(label)) if thresholds else ()
        points.append(
            OperatingPoint(
                rule="confidence" if thresholds else "none",
                budget=float(macs[:, i].mean() / macs.max()),
                macs=float(macs[:, i].mean()),
                accuracy=right / len(label),
                n=len(label),
                interval=wilson(right, len(label)),
                thresholds=thresholds[i] if thresholds else (),
                shares=shares,
            )
        )
    card = ModelCard(
        name=name,
        title=name.title(),
        family=family,
        mechanism="early exit" if thresholds else "none",
        modality="image",
        paper="",
        data=data,
        data_licence="",
        parent=None,
        static_macs=int(macs.max()),
        test_accuracy=points[-1].accuracy,
        test_interval=points[-1].interval,
        operating_points=tuple(points),
        anytime=bool(thresholds),
        weakness="",
        network="resnet",
        arguments={},
        labels=LABELS,
        in_side_px=32,
        mean=(0.5, 0.5, 0.5),
        std=(0.2, 0.2, 0.2),
        parameters=1,
        recipe=f"python -m dynviz train {name}",
        seed=0,
        epochs=1,
        sha256=name * 4,
        curves=curves or {},
        class_accuracy={},
    )
    (folder / name).mkdir(parents=True)
    (folder / name / "card.json").write_text(json.dumps(asdict(card)))
    np.savez_compressed(
        folder / name / "evaluation.npz",
        label=label.astype(np.uint8),
        prediction=prediction.astype(np.uint8),
        macs=macs.astype(np.uint32),
        units_run=np.packbits(units_run, axis=2),
        units=np.int64(units_run.shape[2]),
    )
    return card


def write_zoo(folder: Path) -> None:
    """A network with three exits at two budgets, and two static siblings around it."""
    leaving = np.array([[0, 0, 0, 0, 1, 1, 0, 0, 0, 2], [0, 1, 2, 2, 1, 1, 2, 2, 0, 2]]).T  # exit of each sample
    write_network(
        folder,
        "exits",
        [CHEAP, DEAR],
        np.array(EXIT_MACS)[leaving],
        np.arange(EXITS)[None, None, :] <= leaving[:, :, None],
        family="sample-wise",
        thresholds=[(0.5, 0.4, None), (0.9, 0.8, None)],
        curves={"random exits": ((10e6, 0.5), (40e6, 0.7))},
    )
    for name, macs, prediction in (("small", 10_000_000, CHEAP), ("large", 40_000_000, BEST)):
        everything = np.ones((len(LABEL), 1, 1), dtype=bool)
        write_network(folder, name, [prediction], np.full((len(LABEL), 1), macs), everything)
