"""Recipes of the networks that read recordings: strips of an ECG, spoken digits."""

from __future__ import annotations

from typing import Any

from dynviz.media.signal import ECG, SPEECH
from dynviz.training.recipes.recipe import Recipe
from dynviz.training.recipes.texts import PAPER_EARLY, PAPER_LSTM

PAPER_SKIP = "Campos et al. 2018, Skip RNN: Learning to Skip State Updates in Recurrent Neural Networks"
SERIES_TRAINING = {
    "modality": "series",
    "in_side_px": 0,
    "batch": 32,
    "learning_rate": 0.01,
    "label_smoothing": 0.05,
    "clip": 1.0,
    "balance": 0.0,
}
ECG_READER = {
    **SERIES_TRAINING,
    "dataset": "mitbih_strips",
    "series": ECG,
    "epochs": 20,
    "balance": 1.0,
}
DIGIT_READER = {**SERIES_TRAINING, "dataset": "fsdd", "series": SPEECH, "epochs": 25}
ECG_SIZE = {"width": 96, "classes": 2, "channels": ECG.channels, "dropout": 0.2}
DIGIT_SIZE = {"width": 128, "classes": 10, "channels": SPEECH.channels, "dropout": 0.3}
EVERY_STEP = "Reads every step of every recording to its end."
LATE_BEAT = "An abnormal beat at the end of a strip is never read once the beats before it looked normal enough."
FEW_PATIENTS = "Learned on 19 patients: on one unlike them it misses beats that it never reads twice."
SIX_VOICES = "Learned on six speakers, in English: of a voice unlike theirs it is sure too soon."


def _static(name: str, title: str, size: dict[str, Any], training: dict[str, Any]) -> Recipe:
    own = {"mechanism": "none", "paper": PAPER_LSTM, "weakness": EVERY_STEP}
    return Recipe(name=name, title=title, family="static", network="lstm", arguments=size, **(training | own))


def _early(
    name: str, parent: str, stride: int, size: dict[str, Any], training: dict[str, Any], weakness: str
) -> Recipe:
    own = {"mechanism": "early stopping", "paper": PAPER_EARLY, "parent": parent, "weakness": weakness}
    arguments = size | {"stride": stride}
    return Recipe(
        name=name,
        title="Early reader",
        family="temporal-wise",
        network="early-reader",
        arguments=arguments,
        **(training | own),
    )


SERIES = (
    _static("lstm-48-ecg", "LSTM, 48 wide", ECG_SIZE | {"width": 48}, ECG_READER),
    _static("lstm-ecg", "LSTM", ECG_SIZE, ECG_READER),
    _early("early-reader-ecg", "lstm-ecg", 25, ECG_SIZE, ECG_READER, LATE_BEAT),
    Recipe(
        name="skip-rnn-ecg",
        title="Skip RNN",
        family="temporal-wise",
        mechanism="skipping",
        paper=PAPER_SKIP,
        network="skip-rnn",
        arguments=ECG_SIZE,
        parent="lstm-ecg",
        weakness=FEW_PATIENTS,
        starts={"": "lstm-ecg"},
        target=0.3,
        budget_weight=5.0,
        warm_up=0.15,
        ramp=0.3,
        **ECG_READER,
    ),
    _static("lstm-48-digits", "LSTM, 48 wide", DIGIT_SIZE | {"width": 48}, DIGIT_READER),
    _static("lstm-digits", "LSTM", DIGIT_SIZE, DIGIT_READER),
    _early("early-reader-digits", "lstm-digits", 5, DIGIT_SIZE, DIGIT_READER, SIX_VOICES),
)
