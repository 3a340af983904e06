"""A frozen network as a teacher, and what frozen networks say of a whole split, worked out once and kept.

A teacher is asked anew on every batch, as it was augmented; or, where the recipe says ``teacher_once``, it answers each
training sample once, as a person's input would be prepared, and the kept answers serve every epoch and every network
that learns from it. Features of a frozen encoder are kept in the same way.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from dynviz import zoo
from dynviz.datasets.samples import Samples
from dynviz.recorder import Setting
from dynviz.training.recipes import Recipe


class Teacher:
    """The shipped network that a recipe names. folder: where its answers are kept, if they are."""

    def __init__(self, recipe: Recipe, folder: Path, device: torch.device):
        assert recipe.teacher is not None  # else there is none
        self.network = zoo.load(recipe.teacher).to(device)
        self.kept: Tensor | None = None
        if recipe.teacher_once:
            self.kept = _answers(recipe, self.network, folder).to(device)

    @torch.no_grad()
    def logits(self, x: Any, rows: Tensor) -> Tensor:
        """(N, classes) float32 for a batch. rows: (N,) the training samples that it was made of."""
        if self.kept is not None:
            return self.kept[rows.to(self.kept.device)]
        return self.network(x, setting=Setting("masked")).float()


def _answers(recipe: Recipe, network: nn.Module, folder: Path) -> Tensor:
    from dynviz.datasets.registry import DATASETS
    from dynviz.modalities import MODALITIES
    from dynviz.modalities.adapter import InputForm

    card = zoo.card(recipe.teacher or "")
    samples = MODALITIES[recipe.modality].samples(DATASETS[recipe.dataset], "train", InputForm.of(card))
    device = next(network.parameters()).device
    name = f"{card.name}-{card.sha256[:12]}-on-{recipe.dataset}-train"

    def answer(x: Any) -> Tensor:
        return network(x.to(device), setting=Setting("masked"))

    return torch.from_numpy(np.array(kept_outputs(folder / f"{name}.npy", samples, answer))).float()


def kept_outputs(path: Path, samples: Samples, compute: Callable[[Any], Tensor]) -> np.ndarray:
    """(samples, ...) float16, what ``compute`` says of each, in their order: read from ``path`` if it is there.

    compute: a batch as ``samples`` gives it -> (N, ...) of one shape. The path has to name everything that the outputs
    depend on. Raises ValueError where the file holds another number of samples.
    """
    if not path.is_file():
        whole: np.ndarray | None = None
        for rows, x in samples.batches():
            with torch.inference_mode():
                found = compute(x).float().cpu().numpy().astype(np.float16)
            if whole is None:
                whole = np.empty((len(samples), *found.shape[1:]), dtype=np.float16)
            whole[rows] = found
        assert whole is not None  # a split has at least one sample
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_suffix(".new.npy")  # a kill at any moment leaves no half of a file behind
        np.save(new, whole)
        os.replace(new, path)
    kept = np.load(path, mmap_mode="r", allow_pickle=False)
    if len(kept) != len(samples):
        raise ValueError(f"{path} holds {len(kept):,} outputs, and there are {len(samples):,} samples: remove it")
    return kept
