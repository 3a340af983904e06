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
MANY_CLASSES = {"epochs": 60, "batch": 32, "learning_rate": 0.015}
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


def _early_reader(dataset: str, width: int, stride: int, **rest: Any) -> Recipe:
    fixed = {"mechanism": "early stopping", "paper": PAPER_EARLY, "parent": f"lstm-{dataset}", "weakness": OPENING}
    # every look learns what the parent says at the end of the text: an opening that could go either way is told as such
    fixed |= {"starts": {"": f"lstm-{dataset}"}, "teacher": f"lstm-{dataset}"}
    return _reader(
        "early-reader", "Early reader", "early-reader", dataset, {"width": width, "stride": stride}, **(fixed | rest)
    )


# a transformer as deep as exits need, small enough to learn in half an hour on one core
ENCODER = {"width": 96, "layers": 6, "heads": 3, "inner": 192, "dropout": 0.2}
ENCODER_TRAINING = {"learning_rate": 0.005, "longest": 256}
PAPER_TRANSFORMER = "Vaswani et al. 2017, Attention Is All You Need"
PAPER_PABEE = "Zhou et al. 2020, BERT Loses Patience: Fast and Robust Inference with Early Exit"
PAPER_DEEBERT = "Xin et al. 2020, DeeBERT: Dynamic Early Exiting for Accelerating BERT Inference"
PAPER_PRUNING = "Kim et al. 2022, Learned Token Pruning for Transformers"
PAPER_SKIM = "Seo et al. 2018, Neural Speed Reading via Skim-RNN"
SKIMMED = (
    "A word that it skims hardly changes what it knows, and short steps cost more time than their multiply-adds say."
)
PAPER_HM = "Chung et al. 2017, Hierarchical Multiscale Recurrent Neural Networks"
BOUNDARIES = "Nobody tells it where a unit ends: its boundaries serve the verdict and need not be those of the grammar."
EVERY_PAIR = "Compares every word with every other, whatever they say, and sees the first 512 words only."
AGREEING = "Early layers that agree on the wrong answer end the matter as surely as those that agree on the right one."
SURE = "It trusts early layers where they are sure, and they are sometimes sure of the wrong answer."
UNHEEDED = "A word that early layers do not attend to is gone, even if the words after it would have made it matter."


def _encoder(name: str, title: str, **rest: Any) -> Recipe:
    fixed = ENCODER_TRAINING | {"starts": {"": "transformer-imdb"}, "parent": "transformer-imdb", "epochs": 2}
    return _reader(name, title, name, "imdb", ENCODER, **(fixed | rest))


def _deebert(dataset: str) -> Recipe:
    """The exits of PABEE under another rule: nothing of its own to train."""
    own = {"arguments": {}, "dataset": dataset, "members": (f"pabee-{dataset}",), "parent": f"transformer-{dataset}"}
    about = {"family": "sample-wise", "mechanism": "early exit", "paper": PAPER_DEEBERT, "weakness": SURE}
    title = "DeeBERT, exits by entropy"
    return Recipe(name=f"deebert-{dataset}", title=title, network="deebert", **(TEXT_TRAINING | about | own))


def _skim_rnn(dataset: str, **rest: Any) -> Recipe:
    # its large state is 200 wide, so the LSTM of that size is what it is made of and held against
    large = f"lstm-200-{dataset}"
    fixed = {"mechanism": "skimming", "paper": PAPER_SKIM, "parent": large, "weakness": SKIMMED}
    fixed |= {
        "starts": {"": large},
        "teacher": large,
        "learning_rate": 0.005,
        "target": 0.3,
        "budget_weight": 10.0,
        "warm_up": 0.3,
        "ramp": 0.3,
        "longest": 256,
    }
    return _reader("skim-rnn", "Skim-RNN", "skim-rnn", dataset, {"width": 200, "small": 24}, **(fixed | rest))


PAPER_SKIP = "Campos et al. 2018, Skip RNN: Learning to Skip State Updates in Recurrent Neural Networks"
PAPER_JUMP = "Yu, Lee & Le 2017, Learning to Skim Text"
BLINDFOLD = "How many words it skips is settled before it sees any of them, and the one that matters may be there."
OVER_THE_POINT = "It jumps over whole spans unseen, and what turned the text around may have stood there."


def _skip_rnn(dataset: str, **rest: Any) -> Recipe:
    fixed = {"mechanism": "skipping", "paper": PAPER_SKIP, "parent": f"lstm-{dataset}", "weakness": BLINDFOLD}
    fixed |= {"starts": {"": f"lstm-{dataset}"}, "teacher": f"lstm-{dataset}", "target": 0.35, "budget_weight": 5.0}
    fixed |= {"warm_up": 0.15, "ramp": 0.3}
    fixed |= {"learning_rate": 0.005}
    return _reader("skip-rnn", "Skip RNN", "skip-rnn", dataset, {"width": 128}, **(fixed | rest))


def _lstm_jump(dataset: str, span: int, jumps: int, **rest: Any) -> Recipe:
    fixed = {"mechanism": "jumping", "paper": PAPER_JUMP, "parent": f"lstm-{dataset}", "weakness": OVER_THE_POINT}
    fixed |= {"starts": {"": f"lstm-{dataset}"}, "teacher": f"lstm-{dataset}", "target": 0.3, "budget_weight": 1.0}
    fixed |= {"ramp": 0.3}
    sizes = {"width": 128, "span": span, "jumps": jumps}
    return _reader("lstm-jump", "LSTM-Jump", "lstm-jump", dataset, sizes, **(fixed | rest))


def _hm_rnn(dataset: str, **rest: Any) -> Recipe:
    fixed = {"mechanism": "learned boundaries", "paper": PAPER_HM, "parent": f"lstm-{dataset}", "weakness": BOUNDARIES}
    fixed |= {"teacher": f"lstm-{dataset}", "target": 0.45, "budget_weight": 10.0, "longest": 256}
    fixed |= {"warm_up": 0.25, "ramp": 0.3}
    return _reader("hm-rnn", "HM-RNN", "hm-rnn", dataset, {"widths": [32, 128]}, **(fixed | rest))


TEXTS = (
    _lstm("lstm-32", "LSTM, 32 wide", "imdb", 32),
    _lstm("lstm-64", "LSTM, 64 wide", "imdb", 64),
    _lstm("lstm", "LSTM", "imdb", 128),
    _lstm("lstm-200", "LSTM, 200 wide", "imdb", 200),
    _lstm("lstm-32", "LSTM, 32 wide", "sst2", 32, **SHORT_TEXTS),
    _lstm("lstm-64", "LSTM, 64 wide", "sst2", 64, **SHORT_TEXTS),
    _lstm("lstm", "LSTM", "sst2", 128, **SHORT_TEXTS),
    _lstm("lstm-200", "LSTM, 200 wide", "sst2", 200, **SHORT_TEXTS),
    _lstm("lstm-32", "LSTM, 32 wide", "rt-polarity", 32, **SHORT_TEXTS),
    _lstm("lstm-64", "LSTM, 64 wide", "rt-polarity", 64, **SHORT_TEXTS),
    _lstm("lstm", "LSTM", "rt-polarity", 128, **SHORT_TEXTS),
    _lstm("lstm-200", "LSTM, 200 wide", "rt-polarity", 200, **SHORT_TEXTS),
    _lstm("lstm", "LSTM", "ag_news_subset", 128, **SHORT_TEXTS),
    _lstm("lstm-64", "LSTM, 64 wide", "banking77", 64, **MANY_CLASSES),
    _lstm("lstm", "LSTM", "banking77", 200, **MANY_CLASSES),
    _early_reader("imdb", 128, 32, epochs=5, learning_rate=0.004),
    _early_reader("banking77", 200, 3, **(MANY_CLASSES | {"epochs": 30, "learning_rate": 0.005})),
    _encoder(
        "transformer",
        "Transformer",
        family="static",
        mechanism="none",
        paper=PAPER_TRANSFORMER,
        weakness=EVERY_PAIR,
        starts={},
        parent=None,
        epochs=7,
    ),
    _encoder(
        "pabee",
        "PABEE, exits by patience",
        family="sample-wise",
        mechanism="early exit",
        paper=PAPER_PABEE,
        weakness=AGREEING,
    ),
    _deebert("imdb"),
    _encoder(
        "token-pruning",
        "Token pruning",
        mechanism="token pruning",
        paper=PAPER_PRUNING,
        weakness=UNHEEDED,
        teacher="transformer-imdb",
        learning_rate=0.0015,
        epochs=4,
        target=0.4,
        budget_weight=10.0,
        ramp=0.3,
    ),
    _skim_rnn("imdb", epochs=6),
    _skim_rnn("sst2", **SHORT_TEXTS),
    _skim_rnn("rt-polarity", **SHORT_TEXTS),
    _skip_rnn("imdb"),
    _lstm_jump("imdb", 16, 8, epochs=12, target=0.45, learning_rate=0.005),
    _lstm_jump("rt-polarity", 4, 4, **SHORT_TEXTS),
    _hm_rnn("imdb", epochs=6, batch=128),  # three cells a step: larger batches pay
)
