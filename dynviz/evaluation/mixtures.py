"""How a network with dynamic parameters mixes them by class: the means of its weights over the test samples.

The weights of each sample would be thousands of numbers; their means by class, and how much of their variance the class
explains, say what a person asks: is the mixture the same for all cats?
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dynviz.decisions import KernelMixture
from dynviz.evaluation.passes import device_of
from dynviz.recorder import Recorder, Setting

if TYPE_CHECKING:
    from dynviz.datasets.samples import Samples
    from dynviz.networks.contract import DynamicNetwork


def mixtures(network: DynamicNetwork, samples: Samples) -> dict[str, np.ndarray]:
    """Arrays of an evaluation table, from one masked pass with every decision open; none where nothing is mixed.

    mixture_units: (units,) names; mixture_sizes: (units,) weights of each, which lie one after another in
    mixture_means: (classes, weights) float16, NaN for a class without samples, and mixture_spread: (weights,) float16,
    the standard deviation over all samples.
    """
    import torch

    classes, units = len(samples.classes), {}
    sums: np.ndarray | None = None
    squares, counts = np.zeros(0), np.zeros(classes)
    for rows, x in samples.batches():
        recorder, own = Recorder(), samples.labels[rows]
        with torch.inference_mode():
            network(x.to(device_of(network)), setting=Setting("masked"), recorder=recorder)
        found = [record for record in recorder.records if record.decision is KernelMixture]
        if not found:
            return {}
        units = {record.shared["unit"]: record.columns["weights"].shape[1] for record in found}
        weights = np.concatenate([record.columns["weights"] for record in found], axis=1).astype(np.float64)
        if sums is None:
            sums, squares = np.zeros((classes, weights.shape[1])), np.zeros(weights.shape[1])
        np.add.at(sums, own, weights)
        squares += (weights**2).sum(axis=0)
        counts += np.bincount(own, minlength=classes)
    if sums is None:
        return {}
    mean = sums.sum(axis=0) / counts.sum()
    with np.errstate(invalid="ignore"):
        means = sums / np.where(counts, counts, np.nan)[:, None]
    return {
        "mixture_units": np.array([*units]),
        "mixture_sizes": np.array([*units.values()]),
        "mixture_means": means.astype(np.float16),
        "mixture_spread": np.sqrt(np.maximum(squares / counts.sum() - mean**2, 0)).astype(np.float16),
    }
