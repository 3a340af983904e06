"""A synthetic ECG, so that the app has recordings to show without any patient's.

After McSharry, Clifford, Tarassenko & Smith 2003, "A dynamical model for generating synthetic electrocardiogram
signals": each heartbeat is a sum of Gaussians over its phase, one for each of the waves P, Q, R, S and T. Differs: the
waves are summed beat by beat instead of being integrated, and a ventricular beat comes early, without a P wave, broad,
with a T wave the other way and a pause behind it, as textbooks draw it. It belongs to the library and not to the app,
so that the command line, the tests and the registry have recordings too.
"""

from __future__ import annotations

import hashlib

import numpy as np

from dynviz.media.series import Series
from dynviz.media.signal import ECG

NAMES = {"normal": "Synthetic ECG, normal beats", "ventricular": "Synthetic ECG with ventricular beats"}
VENTRICULAR_AT = (3, 7, 8)  # which beats of the second
# of each wave: height in mV, its place and its width in seconds from the R wave, for a beat of one second
NORMAL = {"P": (0.12, -0.17, 0.025), "Q": (-0.1, -0.026, 0.01), "R": (1.0, 0.0, 0.011), "S": (-0.22, 0.028, 0.011)}
T_WAVE = (0.26, 0.28, 0.055)
BROAD = {"R": (1.35, 0.0, 0.036), "S": (-0.55, 0.09, 0.04), "T": (-0.45, 0.27, 0.07)}
EARLY, PAUSE = 0.62, 1.38  # of the usual time between beats, before and after a ventricular beat


def synthetic_ecg(name: str = "normal", seconds: float = 10.0, seed: int = 3) -> Series:
    """One of ``NAMES``: the same for the same arguments. Raises KeyError for another name."""
    if name not in NAMES:
        raise KeyError(f"no synthetic ECG is called {name!r}; known: {', '.join(NAMES)}")
    draw = np.random.default_rng(seed)
    times, kinds = _beats(name, seconds, draw)
    at = np.arange(round(seconds * ECG.rate_hz)) / ECG.rate_hz
    signal = np.zeros(len(at))
    for time, kind in zip(times, kinds, strict=True):
        waves = BROAD if kind else {**NORMAL, "T": T_WAVE}
        size = 1 + 0.04 * draw.standard_normal()
        for height, place, width in waves.values():
            signal += size * height * np.exp(-((at - time - place) ** 2) / (2 * width**2))
    breath = 0.04 * np.sin(2 * np.pi * (0.24 * at + draw.random()))
    samples = (signal + breath + 0.012 * draw.standard_normal(len(at))).astype(np.float32)
    inside = [(round(time * ECG.rate_hz), kind) for time, kind in zip(times, kinds, strict=True)]
    beats = np.array([beat for beat in inside if 0 <= beat[0] < len(samples)], dtype=np.int64).reshape(-1, 2)
    notes = ("Synthetic ECG, made for this app: no patient's heart.",)
    return Series(samples, ECG, hashlib.sha256(samples.tobytes()).hexdigest(), notes, beats)


def _beats(name: str, seconds: float, draw: np.random.Generator) -> tuple[list[float], list[int]]:
    """Times of the R waves, and 1 for a ventricular beat; the rate rises and falls a little with the breath."""
    times, kinds, now, before = [], [], 0.35, 1.0
    while now < seconds + 1:
        number = len(times)
        kind = int(name == "ventricular" and number % 10 in VENTRICULAR_AT)
        usual = 0.82 + 0.04 * np.sin(2 * np.pi * 0.24 * now) + 0.012 * draw.standard_normal()
        if number:
            now += usual * (EARLY if kind else before)
        times.append(now)
        kinds.append(kind)
        before = PAUSE if kind else 1.0
    return times, kinds
