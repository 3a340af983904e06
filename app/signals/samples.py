"""The sample recordings: ECGs made for this app, and digits of a synthetic voice."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from app.live.uploads import Chosen
from app.strings import say
from dynviz.media.series import Series, read_series
from dynviz.media.signal import SPEECH
from dynviz.media.synthetic import NAMES, synthetic_ecg

DIGITS = Path(__file__).parents[1] / "static" / "digits"  # spoken by eSpeak NG, voice en-us, 150 words a minute
ECGS = dict(sorted(NAMES.items(), key=lambda item: item[0] != "ventricular"))  # the livelier one first
WORDS = ("eight", "one", "zero", "five", "four", "three", "six", "seven", "two", "nine")  # the soonest known first
SAMPLES = ECGS | {word: f"“{word}”, synthetic voice" for word in WORDS}


def names(kind: str) -> list[str]:
    """The samples of one kind of recording."""
    return list(WORDS if kind == SPEECH.kind else ECGS)


def digit(name: str) -> bytes:
    """A spoken digit as a WAV file."""
    return (DIGITS / f"{name}.wav").read_bytes()


@lru_cache(maxsize=len(SAMPLES))
def sample(name: str) -> Chosen:
    """A sample, ready to be looked at."""
    if name in WORDS:
        data = digit(name)
        spoken = replace(read_series(data, SPEECH), notes=(say("signals.synthetic"),))
        return recording(SAMPLES[name], spoken, data)
    return recording(SAMPLES[name], synthetic_ecg(name), b"")


def recording(name: str, series: Series, data: bytes) -> Chosen:
    """An ECG is kept as a table at the networks' own rate, so that it can be read again without knowing the file's."""
    if series.form.kind != SPEECH.kind:
        data = "\n".join(map(str, series.samples.tolist())).encode()
    return Chosen(name, data, series=series)
