"""The data sets by name: what each is called, who may use it, and how it is read.

Another package adds its own in the entry-point group ``dynviz.datasets``, each a ``Dataset``; recipes then name it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dynviz.registry import Registry


@dataclass(frozen=True)
class Dataset:
    """words: what cards call it, its own name first, what it holds in brackets: 'IMDb (film reviews)'. licence: its
    sources with their terms.

    load: (split, one of train, val and test; side_px) -> ``pictures.Split``, ``texts.Texts``,
    ``recordings.Recordings`` or ``clips.ClipSet``, according to ``modality``; side_px is of pictures, 0 for all else.
    Raises OSError where its files are not here. stored_side_px: of pictures, the side at which those for training are
    kept; augmentation cuts its smaller ones out of them.
    """

    name: str
    words: str
    licence: str
    modality: str
    load: Callable[[str, int], Any]
    stored_side_px: int = 0


DATASETS = Registry(
    "dynviz.datasets",
    "data set",
    {
        "everyday30": "dynviz.datasets.pictures:EVERYDAY30",
        "cifar10": "dynviz.datasets.pictures:CIFAR10",
        "imagenet": "dynviz.datasets.imagenet:IMAGENET",
        "imdb": "dynviz.datasets.texts:IMDB",
        "sst2": "dynviz.datasets.texts:SST2",
        "rt-polarity": "dynviz.datasets.texts:RT_POLARITY",
        "ag_news_subset": "dynviz.datasets.texts:AG_NEWS",
        "banking77": "dynviz.datasets.texts:BANKING77",
        "mitbih_strips": "dynviz.datasets.recordings:MITBIH_STRIPS",
        "fsdd": "dynviz.datasets.recordings:FSDD",
        "everyday-video": "dynviz.datasets.clips:EVERYDAY_VIDEO",
        "surveillance_fight": "dynviz.datasets.clips:SURVEILLANCE_FIGHT",
    },
)


def called(words: str) -> Dataset:
    """The data set that cards call ``words``. Raises FileNotFoundError where there is none of that name."""
    for dataset in DATASETS.values():
        if dataset.words == words:
            return dataset
    raise FileNotFoundError(f"no data set is called {words!r}: the package that registers it is not installed")
