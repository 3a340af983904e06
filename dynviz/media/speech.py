"""Where in a recording the word is: the spoken digits that networks learned from have no noise before and after them.

Adaptive energy: what is heard is held against the recording's own noise floor, band by band as a voice has it, so that
neither a quiet nor a noisy room matters; a click, a pop of the switch, a breath are too short or too weak for a word.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

FRAME_S, HOP_S = 0.025, 0.010
BANDS = 12
VOICE_HZ = (150.0, 3_900.0)  # below it a fan hums and a switch pops
SMOOTH = 5  # frames; what is shorter than half of them is a click
FLOOR_SHARE = 0.2  # of the frames, the quietest, are the noise
NOISE_DB = 3.0  # above the noise floor of its band nothing is heard
HEARD_DB = 1.0  # mean of what is above it, over the bands, from which on something is heard
RANGE_DB = 10.0  # between the noise and the loudest frames; with less all is word, or all is noise
FADE_DB = 35.0  # below the loudest frames of the word nothing is
LOUDEST_SHARE = 0.97  # quantile of the frames that counts as loudest
GAP_FRAMES = 15  # of silence within a word, before a t or k
MARGIN_FRAMES = 1
LEAST_FRAMES = 8  # of a word
LEAST_CUT_S = 0.1  # an end that is shorter is left as it is
ANOTHER = 0.5  # of what the word stands out; a sound that does so too may have been meant


@dataclass(frozen=True)
class Word:
    """start, end: in samples. others: sounds elsewhere that stand out about as much. stands_out: from its noise."""

    start: int
    end: int
    others: int = 0
    stands_out: bool = True


def find_word(samples: np.ndarray, rate: int) -> Word:
    """The word in (n,) samples; all of it where nothing stands out."""
    frame, hop = round(FRAME_S * rate), round(HOP_S * rate)
    whole = Word(0, len(samples), stands_out=False)
    if len(samples) <= SMOOTH * frame:
        return whole
    power = _smoothed(_band_levels(np.asarray(samples, dtype=np.float64), rate))
    loudness = 10 * np.log10((10 ** (power / 10)).sum(axis=1))
    noise, loudest = np.quantile(loudness, (FLOOR_SHARE, LOUDEST_SHARE))
    if loudest - noise < RANGE_DB:
        return whole
    excess = (power - np.quantile(power, FLOOR_SHARE, axis=0) - NOISE_DB).clip(0).mean(axis=1)
    groups = _groups(np.flatnonzero((excess > HEARD_DB) & (loudness > loudest - FADE_DB)))
    if not groups:
        return whole
    amplitude = 10 ** (loudness / 20)
    strength = [float(amplitude[first : last + 1].sum()) for first, last in groups]
    best = int(np.argmax(strength))
    first, last = groups[best]
    start, end = (first - MARGIN_FRAMES) * hop, (last + MARGIN_FRAMES) * hop + frame
    others = sum(own > ANOTHER * strength[best] for own in strength) - 1
    least = LEAST_CUT_S * rate
    return Word(start if start >= least else 0, end if len(samples) - end >= least else len(samples), others)


def _band_levels(samples: np.ndarray, rate: int) -> np.ndarray:
    """(frames, BANDS) power in dB, of bands that are equally wide to the ear."""
    frame, hop = round(FRAME_S * rate), round(HOP_S * rate)
    windows = np.lib.stride_tricks.sliding_window_view(samples, frame)[::hop]
    power = np.abs(np.fft.rfft(windows * np.hanning(frame))) ** 2
    hz = np.fft.rfftfreq(frame, 1 / rate)
    edges = np.geomspace(*(np.array(VOICE_HZ) + 300), BANDS + 1) - 300
    bands = np.stack([power[:, (hz >= low) & (hz < high)].sum(axis=1) for low, high in pairwise(edges)], axis=1)
    return 10 * np.log10(bands + 1e-9)


def _smoothed(levels: np.ndarray) -> np.ndarray:
    """The running median over SMOOTH frames."""
    padded = np.pad(levels, ((SMOOTH // 2, SMOOTH // 2), (0, 0)), "edge")
    return np.median(np.lib.stride_tricks.sliding_window_view(padded, SMOOTH, axis=0), axis=-1)


def _groups(frames: np.ndarray) -> list[tuple[int, int]]:
    """(first, last) of runs of frames with gaps of at most GAP_FRAMES, those too short for a word left out."""
    if not len(frames):
        return []
    runs = np.split(frames, np.flatnonzero(np.diff(frames) > GAP_FRAMES) + 1)
    return [(int(run[0]), int(run[-1])) for run in runs if run[-1] - run[0] >= LEAST_FRAMES]
