"""Labelled texts for training and evaluation, split into words once."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from dynviz.datasets.pictures import HELD_OUT_SEED, data_folder
from dynviz.datasets.registry import Dataset
from dynviz.media.cleaning import clean
from dynviz.media.text import plain_word, split_words
from dynviz.media.vocabulary import Vocabulary

# class names in the order of their numbers in the files
CLASSES: dict[str, tuple[str, ...] | None] = {
    "imdb": ("bad review", "good review"),
    "sst2": ("bad review", "good review"),
    "rt-polarity": ("bad review", "good review"),
    "ag_news_subset": ("world", "sports", "business", "science and technology"),
    "banking77": None,  # named in the file itself
}
OWN_VALIDATION = {"imdb": "val", "sst2": "dev", "rt-polarity": "val"}  # the others hold out a tenth of train


@dataclass(frozen=True, eq=False)
class Texts:
    """texts: as written, cleaned. words: of each, as the vocabulary writes them. labels: (N,) int64."""

    texts: tuple[str, ...]
    words: tuple[tuple[str, ...], ...]
    labels: Tensor
    classes: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.labels)

    def numbers(self, vocabulary: Vocabulary) -> list[np.ndarray]:
        """The words of each text by number."""
        return [vocabulary.numbers(words) for words in self.words]


@lru_cache(maxsize=8)
def load_texts(dataset: str, split: str) -> Texts:
    """``split`` (train, val or test) of ``dataset``. Raises KeyError for an unknown set, OSError without its files."""
    if dataset not in CLASSES:
        raise KeyError(f"no texts are called {dataset!r}; known: {', '.join(CLASSES)}")
    file = {"test": "test", "train": "train"}.get(split) or OWN_VALIDATION.get(dataset, "train")
    pairs = _read(dataset, file)
    if dataset not in OWN_VALIDATION and split != "test":
        order = np.random.default_rng(HELD_OUT_SEED).permutation(len(pairs))
        held_out = len(pairs) // 10
        chosen = np.sort(order[:held_out] if split == "val" else order[held_out:])
        pairs = [pairs[i] for i in chosen]
    classes = CLASSES[dataset]
    if classes is None:
        names = sorted({label for label, _ in _read(dataset, "train")})
        places = {name: i for i, name in enumerate(names)}
        classes, numbers = tuple(name.replace("_", " ") for name in names), [places[label] for label, _ in pairs]
    else:
        numbers = [int(label) for label, _ in pairs]
    texts = tuple(text for _, text in pairs)
    return Texts(texts, _words(texts), torch.tensor(numbers), classes)


def _read(dataset: str, file: str) -> list[tuple[str, str]]:
    """(label, text) of each line."""
    path = data_folder() / "text" / dataset / f"{file}.tsv.gz"
    with gzip.open(path, "rt", encoding="utf-8", newline="\n") as lines:
        pairs = [line.rstrip("\n").partition("\t") for line in lines]
    return [(label, clean(text)) for label, _, text in pairs]


def _words(texts: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    plain: dict[str, str] = {}  # the same words come again and again

    def words(text: str) -> tuple[str, ...]:
        pieces = [text[start:end] for start, end in split_words(text).tolist()]
        return tuple(plain.get(piece) or plain.setdefault(piece, plain_word(piece)) for piece in pieces)

    return tuple(words(text) for text in texts)


def _set(name: str, words: str, licence: str) -> Dataset:
    return Dataset(name, words, licence, "text", lambda split, _side_px=0: load_texts(name, split))


IMDB = _set("imdb", "IMDb (film reviews)", "Maas et al. 2011; to be cited")
SST2 = _set("sst2", "SST-2 (sentences of film reviews)", "Socher et al. 2013; to be cited")
RT_POLARITY = _set("rt-polarity", "RT-polarity (snippets of film reviews)", "Pang & Lee 2005; to be cited")
AG_NEWS = _set("ag_news_subset", "AG News (subset of 13,866 texts)", "Zhang et al. 2015; non-commercial")
BANKING77 = _set("banking77", "Banking77 (questions to a bank)", "Casanueva et al. 2020; CC BY 4.0")
