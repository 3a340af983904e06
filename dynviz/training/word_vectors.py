"""The shared vocabulary and its word vectors: from which words stand near one another, by counting.

Paper: Levy & Goldberg 2014, "Neural Word Embedding as Implicit Matrix Factorization": positive pointwise mutual
information of a word and its neighbours, factorised. Context counts are smoothed and nearer neighbours count more, as
Levy, Goldberg & Dagan 2015 recommend. Deterministic, and minutes of work where a trained embedding takes hours.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from dynviz.datasets.texts import load_texts
from dynviz.media.vocabulary import RESERVED, Vocabulary

CORPORA = ("imdb", "ag_news_subset")  # sst2 and rt-polarity share sentences with one another, so neither is used
LEAST = 8  # occurrences of a word in the vocabulary
WINDOW = 8  # neighbours to either side, the farthest counting an eighth of the nearest
SMOOTHING = 0.75
WIDTH = 100
ROUNDS = 6  # of subspace iteration


def make_words(folder: Path) -> Vocabulary:
    """Count, factorise and write ``folder``/{vocabulary.txt, vectors.safetensors, asset.json}."""
    from safetensors.torch import save

    texts = [words for name in CORPORA for words in load_texts(name, "train").words]
    vocabulary = count_words(texts)
    vectors = word_vectors([vocabulary.numbers(words) for words in texts], len(vocabulary))
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "vocabulary.txt").write_text("\n".join(vocabulary.words), encoding="utf-8")
    (folder / "vectors.safetensors").write_bytes(save({"vectors": vectors.half().contiguous()}))
    files = {name: _checksum(folder / name) for name in ("vocabulary.txt", "vectors.safetensors")}
    about = {
        "what": "vocabulary and word vectors",
        "data": f"training texts of {' and '.join(CORPORA)}, without their labels",
        "paper": "Levy & Goldberg 2014, Neural Word Embedding as Implicit Matrix Factorization",
        "recipe": "python -m dynviz train words",
        "sha256": files,
    }
    (folder / "asset.json").write_text(json.dumps(about, indent=1) + "\n")
    return vocabulary


def count_words(texts: Sequence[Sequence[str]], least: int = LEAST) -> Vocabulary:
    """The words that occur ``least`` times or oftener, most frequent first, equally frequent ones by the alphabet."""
    counts = Counter(word for words in texts for word in words)
    return Vocabulary(tuple(sorted((w for w, n in counts.items() if n >= least), key=lambda w: (-counts[w], w))))


def word_vectors(texts: Sequence[np.ndarray], size: int, width: int = WIDTH, window: int = WINDOW) -> Tensor:
    """(size, width) float32, rows of mean square 1 a value; zero for the reserved rows. texts: words by number."""
    association = _association(texts, size, window)
    basis = torch.randn(size, min(width + 32, size), generator=torch.Generator().manual_seed(0))
    for _ in range(ROUNDS):
        basis = torch.linalg.qr(association @ (association.t() @ basis))[0]
    left, strengths, _ = torch.linalg.svd(association.t() @ basis, full_matrices=False)
    vectors = left[:, :width] * strengths[:width].sqrt()
    vectors[:RESERVED] = 0
    known = vectors[RESERVED:]
    return vectors / known.square().mean().sqrt()


def _association(texts: Sequence[np.ndarray], size: int, window: int) -> Tensor:
    """(size, size) sparse, how much oftener than by chance two words are neighbours, as a logarithm, if above 0."""
    gap = np.zeros(window, dtype=np.int64)  # neighbours in different texts are none
    flat = np.concatenate([part for text in texts for part in (text, gap)])
    counts: Tensor | None = None
    for distance in range(1, window + 1):
        first, second = flat[:-distance], flat[distance:]
        both = (first >= RESERVED) & (second >= RESERVED)
        pairs, often = np.unique(first[both] * size + second[both], return_counts=True)
        places = torch.from_numpy(np.stack([pairs // size, pairs % size]))
        weights = torch.from_numpy(often.astype(np.float32)) * (window + 1 - distance) / window
        found = torch.sparse_coo_tensor(places, weights, (size, size), check_invariants=False)
        counts = found if counts is None else (counts + found).coalesce()
    assert counts is not None  # the window is at least 1
    counts = (counts + counts.t()).coalesce()
    (row, column), value = counts.indices(), counts.values()
    often = torch.zeros(size).index_add_(0, row, value)
    smooth = often**SMOOTHING
    information = (value / often[row] / (smooth / smooth.sum())[column]).log()
    kept = information > 0
    places = torch.stack([row, column])[:, kept]
    return torch.sparse_coo_tensor(places, information[kept], (size, size), check_invariants=False).coalesce()


def _checksum(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
