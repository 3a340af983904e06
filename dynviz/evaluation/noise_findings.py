"""How a digit reader hears in a noisy room: every test word with noise around and over it, read as an upload is.

The data set holds log-mel frames and no sound. Sounds are made of the frames again: Griffin & Lim 1984, "Signal
Estimation from Modified Short-Time Fourier Transform", sped up as by Perraudin, Balazs & Sondergaard 2013. The networks
are right about these sounds as often as about the frames themselves (``RoomNoise.quiet`` says how often).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch

from dynviz import zoo
from dynviz.datasets.recordings import Recordings
from dynviz.datasets.samples import BATCH
from dynviz.media.signal import FFT, FLOOR, FRAME, HOP, SPEECH_HZ, log_mel, mel_filters
from dynviz.media.speech import find_word
from dynviz.networks.frames import Frames
from dynviz.recorder import Setting
from dynviz.results.findings import RoomNoise
from dynviz.zoo import ModelCard

KINDS = ("white", "pink", "clicks")
DB = (40, 30, 25, 20)  # the word's mean power above that of the noise
AROUND_S = (0.4, 1.2)  # noise before the word and after it
CLICKS_PER_S = 5.0
CLICK = np.exp(-np.arange(24) / 6) * np.sin(1.9 * np.arange(24) + 0.5)  # 3 ms
ROUNDS, MOMENTUM = 60, 0.99
UNMIXING = 200  # rounds in which a power spectrum is found whose bands are those of a frame
EDGE = 0.3  # of the windows' usual overlap; nearer the ends of a sound nothing is made louder


def room_noise(card: ModelCard, recordings: Recordings, report: Callable[[str], None] | None = None) -> RoomNoise:
    """``recordings`` of spoken digits under every kind and strength of noise, with every decision of ``card`` open."""
    words = [sound_of(frames, seed) for seed, frames in enumerate(recordings.values)]
    labels = recordings.labels.numpy()
    columns: dict[str, list[tuple[float, ...]]] = {"whole": [], "found": [], "known": []}
    for kind in KINDS:
        rows: dict[str, list[float]] = {name: [] for name in columns}
        for db in DB:
            draw = np.random.default_rng(db)
            mixed = [in_room(word, kind, db, draw) for word in words]
            found = [find_word(sound, SPEECH_HZ) for sound, _ in mixed]
            rows["whole"].append(_right(card, [sound for sound, _ in mixed], labels))
            cut = [sound[word.start : word.end] for (sound, _), word in zip(mixed, found, strict=True)]
            rows["found"].append(_right(card, cut, labels))
            placed = zip(mixed, words, strict=True)
            rows["known"].append(_right(card, [sound[at : at + len(word)] for (sound, at), word in placed], labels))
            if report:
                report(f"{kind} noise at {db} dB: {rows['found'][-1]:.1%} right ({rows['whole'][-1]:.1%} uncut)")
        for name, row in rows.items():
            columns[name].append(tuple(row))
    return RoomNoise(
        kinds=KINDS,
        db=DB,
        **{name: tuple(rows) for name, rows in columns.items()},
        quiet=_right(card, words, labels),
        n=len(words),
    )


def sound_of(frames: np.ndarray, seed: int = 0) -> np.ndarray:
    """(frames, 40) log-mel -> (samples,) of sound at 8 kHz whose log-mel frames are nearly these."""
    filters, window = mel_filters(), np.hanning(FRAME)
    power = np.maximum(np.exp(frames) - FLOOR, 0.0)
    bins = np.full((len(frames), filters.shape[1]), power.mean() + 1e-12)
    aim = power @ filters
    for _ in range(UNMIXING):  # multiplicative updates: Lee & Seung 2001
        bins *= aim / (bins @ filters.T @ filters + 1e-12)
    size = np.sqrt(bins)
    length = FRAME + HOP * (len(frames) - 1)
    starts = HOP * np.arange(len(frames))
    places = (starts[:, None] + np.arange(FRAME)).reshape(-1)
    overlap = np.bincount(places, np.tile(window**2, len(frames)), length)
    overlap = np.maximum(overlap, EDGE * overlap.max())
    phase = np.exp(2j * np.pi * np.random.default_rng(seed).random(size.shape))
    before = np.zeros_like(phase)
    sound = np.zeros(length)
    for _ in range(ROUNDS):
        parts = np.fft.irfft(size * phase, FFT)[:, :FRAME] * window
        sound = np.bincount(places, parts.reshape(-1), length) / overlap
        now = np.fft.rfft(np.lib.stride_tricks.sliding_window_view(sound, FRAME)[::HOP] * window, FFT)
        ahead = now + MOMENTUM * (now - before)
        phase, before = ahead / np.maximum(np.abs(ahead), 1e-12), now
    return sound


def in_room(word: np.ndarray, kind: str, db: float, draw: np.random.Generator) -> tuple[np.ndarray, int]:
    """(the word with noise ``db`` weaker around and over it, the sample at which it begins)."""
    before, after = (draw.uniform(*AROUND_S, 2) * SPEECH_HZ).astype(int).tolist()
    sound = _noise(kind, before + len(word) + after, draw)
    sound *= np.sqrt((word**2).mean()) * 10 ** (-db / 20)
    sound[before : before + len(word)] += word
    return sound, before


def _noise(kind: str, count: int, draw: np.random.Generator) -> np.ndarray:
    """(count,) of root mean square 1."""
    if kind == "clicks":
        at = draw.random(count) < CLICKS_PER_S / SPEECH_HZ
        at[count // 5] |= not at.any()
        made = np.convolve(at * draw.choice((-1.0, 1.0), count) * draw.uniform(0.5, 1, count), CLICK)[:count]
    else:
        made = draw.standard_normal(count)
        if kind == "pink":
            spectrum, hz = np.fft.rfft(made), np.fft.rfftfreq(count, 1 / SPEECH_HZ)
            spectrum[1:] /= np.sqrt(hz[1:])
            spectrum[hz < 20] = 0  # no microphone hears it
            made = np.fft.irfft(spectrum, count)
    return made / np.sqrt((made**2).mean())


def _right(card: ModelCard, sounds: Sequence[np.ndarray], labels: np.ndarray) -> float:
    """Share of right answers, every decision open."""
    assert card.series is not None  # a digit reader has one
    network, right = zoo.load(card.name), 0
    frames = [card.series.normalised(log_mel(sound)) for sound in sounds]
    order = np.argsort([len(steps) for steps in frames], kind="stable")
    for rows in np.split(order, range(BATCH, len(order), BATCH)):
        with torch.inference_mode():
            logits = network(Frames.batch([frames[row] for row in rows]), setting=Setting("masked"))
        right += int((logits.argmax(dim=1).numpy() == labels[rows]).sum())
    return right / len(labels)
