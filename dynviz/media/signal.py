"""Arithmetic on recordings: another sampling rate, log-mel frames, and the steps that a network reads."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Literal

import numpy as np

SPEECH_HZ, ECG_HZ = 8_000, 125
FRAME, HOP, FFT, BANDS = 200, 80, 256, 40  # of the log-mel frames: samples at 8 kHz, bins, filters
LOWEST_HZ, HIGHEST_HZ = 60.0, 4_000.0
FLAT = 1e-6  # an ECG of a smaller spread, in mV, is one line
FLOOR = 1e-6  # added to the power before its logarithm
QUANTUM = 1 / 8  # log-mel values are kept in these steps, as the training data are
PASSED = 0.9  # share of the lower Nyquist frequency that resampling leaves as it is

Kind = Literal["ecg", "speech"]


@dataclass(frozen=True)
class SeriesInput:
    """How a network reads a recording, in steps of ``frame_samples`` samples, one every ``step_samples``.

    kind: ``ecg``, whose steps are the samples themselves, or ``speech``, whose steps are log-mel frames. Both are
    brought to the recording's own scale first, an ECG to its spread around its median and a sound to its peak, so that
    neither unit nor loudness matters. rate_hz: samples a second. mean, std: normalisation of what a step holds.
    """

    kind: Kind
    rate_hz: int
    frame_samples: int
    step_samples: int
    mean: float
    std: float

    @property
    def channels(self) -> int:
        """Numbers that a network takes in at a step."""
        return BANDS if self.kind == "speech" else self.frame_samples

    def frames(self, samples: np.ndarray) -> np.ndarray:
        """(samples,) of a whole recording at ``rate_hz`` -> (steps, channels) float32, normalised."""
        return self.normalised(log_mel(samples) if self.kind == "speech" else self.cut(samples))

    def cut(self, samples: np.ndarray) -> np.ndarray:
        """(..., samples) of ECG -> (..., steps, channels), each around its median and in its own standard deviations.

        What is left over at the end and fills no step is left out.
        """
        steps = samples.shape[-1] // self.step_samples
        level, spread = np.median(samples, axis=-1, keepdims=True), samples.std(axis=-1, keepdims=True)
        return ((samples - level) / np.maximum(spread, FLAT))[..., : steps * self.step_samples].reshape(
            *samples.shape[:-1], steps, -1
        )

    def normalised(self, frames: np.ndarray) -> np.ndarray:
        return ((frames - self.mean) / self.std).astype(np.float32)


# 40 ms a step: an ECG's ventricular beat is three or four of them, 10 s are 250
ECG = SeriesInput("ecg", ECG_HZ, 5, 5, 0.0, 1.0)
SPEECH = SeriesInput("speech", SPEECH_HZ, FRAME, HOP, -2.3, 3.9)


def resampled(samples: np.ndarray, from_hz: float, to_hz: float) -> np.ndarray:
    """The same recording at another rate, by its spectrum: what the lower rate cannot hold is taken out.

    Its mirror image is put behind it, so that its end does not ring into its beginning.
    """
    ratio = (Fraction(to_hz) / Fraction(from_hz)).limit_denominator(10_000)
    if ratio == 1:
        return samples.astype(np.float32)
    # a few samples more, so that both lengths are whole numbers
    whole = np.pad(samples.astype(np.float64), (0, -len(samples) % ratio.denominator), mode="edge")
    spectrum = np.fft.rfft(np.concatenate([whole, whole[::-1]]))
    length = int(2 * len(whole) * ratio)
    kept = min(2 * len(whole), length) // 2 + 1
    edge = np.clip((np.linspace(0, 1, kept) - PASSED) / (1 - PASSED), 0, 1)
    found = np.fft.irfft(spectrum[:kept] * np.cos(edge * np.pi / 2) ** 2, length) * float(ratio)
    return found[: max(1, round(len(samples) * ratio))].astype(np.float32)


def log_mel(samples: np.ndarray) -> np.ndarray:
    """(samples,) of sound at 8 kHz -> (frames, 40): the features of the spoken digits that networks are trained on.

    Peak-normalised; 200 samples every 80 under a symmetric Hann window; power of a 256-point FFT; 40 triangular
    filters, not normalised; natural logarithm of power + 1e-6; rounded to eighths. A sound shorter than a frame is
    one frame.
    """
    samples = np.asarray(samples, dtype=np.float64)
    samples = samples / max(float(np.abs(samples).max(initial=0.0)), 1e-12)
    samples = np.pad(samples, (0, max(0, FRAME - len(samples))))
    windows = np.lib.stride_tricks.sliding_window_view(samples, FRAME)[::HOP]
    power = np.abs(np.fft.rfft(windows * np.hanning(FRAME), FFT)) ** 2
    logs = np.log(power @ mel_filters().T + FLOOR)
    return np.clip(np.rint(logs / QUANTUM), -128, 127) * QUANTUM


@lru_cache(maxsize=1)
def mel_filters() -> np.ndarray:
    """(40, 129) weights: triangles whose corners are equally far apart on the mel scale, 2595 log10(1 + f / 700)."""
    low, high = (2595 * np.log10(1 + hz / 700) for hz in (LOWEST_HZ, HIGHEST_HZ))
    corners = 700 * (10 ** (np.linspace(low, high, BANDS + 2) / 2595) - 1)
    hz = np.arange(FFT // 2 + 1) * SPEECH_HZ / FFT
    left, middle, right = corners[:-2, None], corners[1:-1, None], corners[2:, None]
    return np.clip(np.minimum((hz - left) / (middle - left), (right - hz) / (right - middle)), 0, None)
