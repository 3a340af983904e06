"""Recordings: from a person's file or microphone to samples at the rate that networks read. All limits are here.

An ECG is a column of numbers (CSV), a spoken digit is a sound. The samples are kept, so a view can draw them.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from dynviz.media.description import Media
from dynviz.media.errors import MediaError
from dynviz.media.numbers import read_column
from dynviz.media.signal import SeriesInput, resampled
from dynviz.media.sound import read_sound
from dynviz.media.source import read_bytes
from dynviz.media.speech import find_word

MAX_BYTES = 8_000_000
ECG_SECONDS = (1.0, 60.0)  # shortest and longest; a longer one is cut
SPEECH_SECONDS = (0.1, 8.0)
RATES_HZ = (50.0, 2_000.0)  # of an ECG
LARGEST = 1e9  # of an ECG's numbers, whatever their unit
MV_A_STEP = 0.02  # of an ECG in whole numbers of 8 bits
MV_RANGE = 25.0  # a wider ECG is in another unit than mV
QUIET = 0.01  # of full scale
LONG_WORD_S = 1.5
ECG_ACCEPTED = f"an ECG as CSV is accepted, {ECG_SECONDS[0]:.0f} to {ECG_SECONDS[1]:.0f} s, at most 8 MB"
SPEECH_ACCEPTED = (
    "a sound (WAV, M4A, MP3, OGG, WebM, FLAC) is accepted, "
    f"{SPEECH_SECONDS[0]} to {SPEECH_SECONDS[1]:.0f} s, at most 8 MB"
)
NOT_A_SOURCE = "is not a recording; give bytes, a path, a binary file or an array of samples."


@dataclass(frozen=True, eq=False)
class Series:
    """A recording at the rate that networks read.

    samples: (n,) float32; an ECG in mV where its unit is known, a sound in -1..1. digest: sha256 of the file's bytes.
    notes: sentences about what was assumed and left out. beats: (beats, 2) int, sample of each heartbeat and
    whether it is ventricular (1), where they are known.
    """

    samples: np.ndarray
    form: SeriesInput
    digest: str
    notes: tuple[str, ...] = ()
    beats: np.ndarray | None = None

    @property
    def seconds(self) -> float:
        return len(self.samples) / self.form.rate_hz

    def media(self) -> Media:
        """The description that a trace keeps."""
        return Media(
            "series",
            self.digest,
            series=self.samples,
            rate_hz=float(self.form.rate_hz),
            frame_samples=self.form.frame_samples,
            step_samples=self.form.step_samples,
            beats=self.beats,
            notes=self.notes,
        )


def read_series(source: Any, form: SeriesInput, rate_hz: float | None = None) -> Series:
    """Read a recording for a network that takes in ``form``: bytes, a path, a binary file, or an array of samples.

    rate_hz: samples a second of an ECG or an array that does not say so itself; None: that of ``form``. Raises
    MediaError, and nothing else, for what cannot be used.
    """
    if isinstance(source, np.ndarray):
        digest = hashlib.sha256(np.ascontiguousarray(source).tobytes()).hexdigest()
        if source.ndim != 1 or source.dtype.kind not in "iuf":
            raise MediaError("An array must be one row of numbers to be a recording.")
        values = source.astype(np.float64)
        return from_samples(values, form, rate_hz or form.rate_hz, digest)
    accepted = ECG_ACCEPTED if form.kind == "ecg" else SPEECH_ACCEPTED
    data = read_bytes(source, MAX_BYTES, NOT_A_SOURCE, accepted)
    return _read_ecg(data, form, rate_hz) if form.kind == "ecg" else _read_speech(data, form)


def from_samples(values: np.ndarray, form: SeriesInput, rate_hz: float, digest: str, mv: float | None = None) -> Series:
    """(n,) samples at ``rate_hz`` as a recording. mv: millivolts in one of their units, where that is known.

    Raises MediaError for what cannot be one.
    """
    bounds = ECG_SECONDS if form.kind == "ecg" else SPEECH_SECONDS
    lowest, highest = RATES_HZ if form.kind == "ecg" else (4_000.0, 192_000.0)
    if not lowest <= rate_hz <= highest:
        raise MediaError(
            f"{rate_hz:,.6g} samples a second cannot be read; {lowest:,.0f} to {highest:,.0f} are accepted."
        )
    if not np.isfinite(values).all() or np.abs(values).max(initial=0.0) > LARGEST:
        raise MediaError("The recording holds values that are not numbers, or without bound; leave them out.")
    notes = []
    most = int(bounds[1] * rate_hz)
    if len(values) > most:
        values = values[:most]
        notes.append(f"Only the first {bounds[1]:.0f} s are used.")
    if len(values) < bounds[0] * rate_hz:
        raise MediaError(
            f"The recording is too short: {len(values) / rate_hz:.2g} s at {rate_hz:,.6g} samples a second; at least "
            f"{bounds[0]:g} s are needed."
        )
    if values.max() == values.min():
        raise MediaError("The recording is one flat line: all its values are equal.")
    if form.kind == "ecg":
        values, said = _millivolt(values, mv)
        notes += [said] if said else []
    samples = resampled(values, rate_hz, form.rate_hz)
    return Series(samples, form, digest, tuple(notes))


def _read_ecg(data: bytes, form: SeriesInput, rate_hz: float | None) -> Series:
    column = read_column(data)
    rate, said = rate_hz or column.rate_hz, column.notes
    if rate is None:
        rate = float(form.rate_hz)
        said = (*said, f"Taken as {form.rate_hz} samples a second, as the file does not say.")
    elif rate_hz is not None and column.rate_hz is not None:
        said = (*said, f"Read at the {rate_hz:.6g} samples a second that were given.")
    series = from_samples(column.values, form, rate, hashlib.sha256(data).hexdigest(), column.mv)
    return replace(series, notes=(*said, *series.notes))


def _read_speech(data: bytes, form: SeriesInput) -> Series:
    # three times as much as is kept: a recording may begin with silence
    values, rate, cut = read_sound(data, 3 * SPEECH_SECONDS[1])
    digest = hashlib.sha256(data).hexdigest()
    word = find_word(values, rate)
    series = from_samples(values[word.start : word.end].astype(np.float64), form, rate, digest)
    said = []
    if (left_out := (len(values) - (word.end - word.start)) / rate) >= 0.05:
        said.append(f"{left_out:.1f} s of silence or noise around the word are left out.")
    if word.others:
        said.append(f"It holds {word.others + 1} sounds: the one that stands out most is read.")
    if not word.stands_out and len(values) > LONG_WORD_S * rate:
        said.append("Nothing stands out from its noise: all of it is read.")
    if (loudest := float(np.abs(values).max())) < QUIET:
        said.append(f"It is very quiet: its loudest moment is {loudest:.1%} of what could be recorded.")
    if cut and not series.notes:
        said.append(f"Only the first {3 * SPEECH_SECONDS[1]:.0f} s are used.")
    return replace(series, notes=(*said, *series.notes))


def _millivolt(values: np.ndarray, mv: float | None) -> tuple[np.ndarray, str]:
    """In mV, as far as that can be told, and a sentence where it was not plain."""
    spread = float(values.max() - values.min())
    if mv is not None and spread * mv <= MV_RANGE:
        return values * mv, ""
    whole = bool((values == np.rint(values)).all())
    if whole and spread > MV_RANGE / 5 and np.abs(values).max() <= 128:
        return values * MV_A_STEP, f"Whole numbers of 8 bits: taken as {MV_A_STEP} mV a step."
    if spread <= MV_RANGE:
        return values, ""
    return (values - np.median(values)) / float(np.quantile(np.abs(values - np.median(values)), 0.99) or spread), (
        "Its unit is not mV: scaled, so that its waves are about 1 mV high."
    )
