"""Recipes of the networks that read texts."""

from __future__ import annotations

from typing import Any

from dynviz.training.recipes.recipe import Recipe

# word vectors are frozen and shared, so that a network has few weights of its own and learns in minutes
TEXT_TRAINING = {
    "modality": "text",
    "vocabulary": "words",
    "in_side_px": 0,
    "epochs": 6,
    "batch": 64,
    "learning_rate": 0.01,
    "label_smoothing": 0.05,
    "balance": 0.0,
    "clip": 1.0,
}
CLASSES = {"imdb": 2, "sst2": 2, "rt-polarity": 2, "ag_news_subset": 4, "banking77": 77}
# small sets of short texts: smaller batches, more passes
SHORT_TEXTS = {"epochs": 12, "batch": 32, "learning_rate": 0.005}
MANY_CLASSES = {"epochs": 40, "batch": 64, "learning_rate": 0.01}
PAPER_LSTM = "Hochreiter & Schmidhuber 1997, Long Short-Term Memory"
PAPER_EARLY = "Huang et al. 2017, Length Adaptive Recurrent Model for Text Classification"
EVERY_WORD = "Reads every word of every text to its end."
OPENING = "A verdict that only comes at the end is never read once the opening was misleading enough."


def _reader(
    name: str,
    title: str,
    network: str,
    dataset: str,
    arguments: dict[str, Any],
    *,
    family: str = "temporal-wise",
    **rest: Any,
) -> Recipe:
    """A network that reads texts of ``dataset``; ``rest`` are further fields of its recipe."""
    own = {"arguments": {**arguments, "classes": CLASSES[dataset]}, "dataset": dataset}
    return Recipe(name=f"{name}-{dataset}", title=title, family=family, network=network, **(TEXT_TRAINING | own | rest))


def _lstm(name: str, title: str, dataset: str, width: int, **rest: Any) -> Recipe:
    fixed = {"family": "static", "mechanism": "none", "paper": PAPER_LSTM, "weakness": EVERY_WORD}
    return _reader(name, title, "lstm", dataset, {"width": width}, **(fixed | rest))


def _early_reader(dataset: str, stride: int, **rest: Any) -> Recipe:
    fixed = {"mechanism": "early stopping", "paper": PAPER_EARLY, "parent": f"lstm-{dataset}", "weakness": OPENING}
    return _reader(
        "early-reader", "Early reader", "early-reader", dataset, {"width": 128, "stride": stride}, **(fixed | rest)
    )


TEXTS = (
    _lstm("lstm-32", "LSTM, 32 wide", "imdb", 32),
    _lstm("lstm-64", "LSTM, 64 wide", "imdb", 64),
    _lstm("lstm", "LSTM", "imdb", 128),
    _lstm("lstm", "LSTM", "sst2", 128, **SHORT_TEXTS),
    _lstm("lstm", "LSTM", "rt-polarity", 128, **SHORT_TEXTS),
    _lstm("lstm", "LSTM", "ag_news_subset", 128, **SHORT_TEXTS),
    _lstm("lstm", "LSTM", "banking77", 128, **MANY_CLASSES),
    _early_reader("imdb", 8),
    _early_reader("banking77", 1, **MANY_CLASSES),
)
