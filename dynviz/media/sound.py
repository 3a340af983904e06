"""Sounds as phones, browsers and recorders save them, to one channel of numbers: FFmpeg's decoders, through PyAV.

A file is told by its first bytes, and only the one reader for such files sees it: FFmpeg would otherwise try playlists
and other files that name further files. No more than ``max_seconds`` are ever decoded.
"""

from __future__ import annotations

import io

import numpy as np

from dynviz.media.errors import MediaError
from dynviz.media.sniff import named

MAX_CHANNELS = 8
CANCELLED = 0.05  # of the first channel; a mean that is so much weaker is none
MAX_PACKETS = 200_000  # of a file; 24 s of the smallest are some thousands
LOWEST_HZ, HIGHEST_HZ = 4_000, 192_000
LOUDEST = 1e6  # of full scale; beyond it a float is no sound
ACCEPTED = "WAV, M4A, MP3, OGG, WebM and FLAC sounds are accepted"
_MAGIC = (
    (b"fLaC", "flac"),
    (b"OggS", "ogg"),
    (b"\x1aE\xdf\xa3", "matroska"),  # WebM, as browsers record it
    (b"ID3", "mp3"),
    (b"caff", "caf"),
    (b"#!AMR", "amr"),
    (b".snd", "au"),
)
_BROKEN = f"This sound is damaged or incomplete; {ACCEPTED}."


def sound_format(data: bytes) -> str:
    """FFmpeg's name of the reader for the sound that ``data`` starts like; '' for anything else."""
    if data[:4] in (b"RIFF", b"RF64", b"RIFX") and data[8:12] == b"WAVE":
        return "wav"
    if data[:4] == b"FORM" and data[8:12] in (b"AIFF", b"AIFC"):
        return "aiff"
    if data[4:8] == b"ftyp" and named(data) != "a picture":
        return "mov"
    if len(data) > 1 and data[0] == 0xFF and data[1] & 0xE0 == 0xE0:
        return {0: "aac", 2: "mp3", 4: "mp3"}.get(data[1] & 0x06, "")  # the layer: none, III, II
    return next((name for magic, name in _MAGIC if data.startswith(magic)), "")


def read_sound(data: bytes, max_seconds: float) -> tuple[np.ndarray, int, bool]:
    """(samples in -1..1 float32, samples a second, was it cut after ``max_seconds``?). Raises MediaError.

    Channels are averaged; of a recording whose channels cancel one another out the first is taken. A file that breaks
    off is read as far as it goes.
    """
    import av

    if not data:
        raise MediaError(f"The file is empty (0 bytes); {ACCEPTED}.")
    kind = sound_format(data)
    if not kind:
        what = named(data) or "a file of another kind"
        raise MediaError(f"This is {what}, not a sound that can be read here; {ACCEPTED}.")
    try:
        with av.open(io.BytesIO(data), format=kind) as container:
            samples, rate, cut = _decoded(container, max_seconds)
    except MediaError:
        raise
    except Exception as error:  # decoders raise anything on damaged files
        raise MediaError(_BROKEN) from error
    if not len(samples):
        raise MediaError(f"This file holds no sound; {ACCEPTED}.")
    if not np.isfinite(samples).all() or np.abs(samples).max() > LOUDEST:
        raise MediaError(f"This sound holds values that are none (not a number, or without bound); {ACCEPTED}.")
    return samples, rate, cut


def _decoded(container: object, max_seconds: float) -> tuple[np.ndarray, int, bool]:
    """(samples, rate, cut) of the first sound in an open file."""
    import av

    if not container.streams.audio:
        raise MediaError(f"There is no sound in this video; {ACCEPTED}.")
    stream = container.streams.audio[0]
    if stream.codec_context is None:
        raise MediaError(f"This sound is stored in a way that cannot be read; {ACCEPTED}.")
    rate, count_of = stream.codec_context.sample_rate, stream.codec_context.channels
    if not 1 <= count_of <= MAX_CHANNELS:
        raise MediaError(f"This sound has {count_of} channels; 1 to {MAX_CHANNELS} are accepted.")
    if not LOWEST_HZ <= rate <= HIGHEST_HZ:
        raise MediaError(f"This sound has {rate:,} samples a second; {LOWEST_HZ:,} to {HIGHEST_HZ:,} are accepted.")
    floats = av.AudioResampler(format="fltp", rate=rate)
    parts: list[np.ndarray] = []
    count, most = 0, int(max_seconds * rate)
    try:
        for number, packet in enumerate(container.demux(stream)):
            for frame in packet.decode():
                for planes in floats.resample(frame):
                    channels = planes.to_ndarray()
                    parts.append(np.stack([channels.mean(axis=0, dtype=np.float32), channels[0]]))
                    count += parts[-1].shape[1]
            if count > most or number > MAX_PACKETS:
                break
    except av.FFmpegError:
        if not count:
            raise
    mixed, first = np.concatenate(parts, axis=1)[:, :most] if parts else np.zeros((2, 0), np.float32)
    cancelled = np.square(mixed, dtype=np.float64).sum() < CANCELLED**2 * np.square(first, dtype=np.float64).sum()
    return (first if cancelled else mixed), rate, count > most
