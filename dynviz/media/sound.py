"""WAV files to one channel of numbers: PCM of 8, 16, 24 and 32 bits and floats of 32 and 64 bits, at any common rate.

The standard library reads no floats, and of some files neither their extended headers; a WAV file is a list of
blocks, of which two matter.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

import numpy as np

from dynviz.media.errors import MediaError
from dynviz.media.sniff import named

MAX_BLOCKS = 1_000
MAX_CHANNELS = 8
LOWEST_HZ, HIGHEST_HZ = 4_000, 192_000
ACCEPTED = "WAV sounds are accepted"
PCM, FLOAT, EXTENSIBLE = 1, 3, 0xFFFE
_TYPES = {(PCM, 8): "u1", (PCM, 16): "<i2", (PCM, 32): "<i4", (FLOAT, 32): "<f4", (FLOAT, 64): "<f8"}


def read_wav(data: bytes, max_seconds: float) -> tuple[np.ndarray, int, bool]:
    """(samples in -1..1 float32, samples a second, was it cut after ``max_seconds``?). Raises MediaError.

    Channels are averaged.
    """
    if not data:
        raise MediaError(f"The file is empty (0 bytes); {ACCEPTED}.")
    if data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        what = named(data) or "a file of another kind"
        raise MediaError(f"This is {what}, not a WAV sound; save or convert it as WAV ({ACCEPTED}).")
    blocks = dict(_blocks(data))
    if b"fmt " not in blocks or b"data" not in blocks or len(blocks[b"fmt "]) < 16:
        raise MediaError(f"This WAV file is damaged or incomplete; {ACCEPTED}.")
    kind, channels, rate, _, _, bits = struct.unpack("<HHIIHH", blocks[b"fmt "][:16])
    if kind == EXTENSIBLE and len(blocks[b"fmt "]) >= 26:
        kind = int.from_bytes(blocks[b"fmt "][24:26], "little")
    if (kind, bits) not in _TYPES and (kind, bits) != (PCM, 24):
        raise MediaError(f"This WAV file holds compressed sound; save it as plain PCM ({ACCEPTED}).")
    if not 1 <= channels <= MAX_CHANNELS:
        raise MediaError(f"This WAV file has {channels} channels; 1 to {MAX_CHANNELS} are accepted.")
    if not LOWEST_HZ <= rate <= HIGHEST_HZ:
        raise MediaError(f"This WAV file has {rate:,} samples a second; {LOWEST_HZ:,} to {HIGHEST_HZ:,} are accepted.")
    wide = channels * bits // 8
    most = int(max_seconds * rate)
    held = len(blocks[b"data"]) // wide
    body = blocks[b"data"][: min(held, most) * wide]
    samples = _decoded(body, kind, bits).reshape(-1, channels).mean(axis=1)
    if not len(samples):
        raise MediaError(f"This WAV file holds no sound; {ACCEPTED}.")
    if not np.isfinite(samples).all() or np.abs(samples).max() > 1e6:
        raise MediaError(f"This WAV file holds values that are no sound (not a number, or without bound); {ACCEPTED}.")
    return samples.astype(np.float32), rate, held > most


def _blocks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Name and bytes of each block up to the sound; a recorder that was cut off leaves a length that is too long."""
    at = 12
    for _ in range(MAX_BLOCKS):
        if at + 8 > len(data):
            return
        name, length = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        yield name, data[at + 8 : at + 8 + length]
        if name == b"data":
            return
        at += 8 + length + length % 2


def _decoded(body: bytes, kind: int, bits: int) -> np.ndarray:
    if (kind, bits) == (PCM, 24):
        triples = np.frombuffer(body, np.uint8).reshape(-1, 3).astype(np.int32)
        whole = (triples[:, 0] << 8) | (triples[:, 1] << 16) | (triples[:, 2] << 24)
        return whole / 2.0**31
    with np.errstate(invalid="ignore"):  # what is no number is refused by the caller
        values = np.frombuffer(body, _TYPES[kind, bits]).astype(np.float64)
    if kind == FLOAT:
        return values
    return (values - 128) / 128 if bits == 8 else values / 2.0 ** (bits - 1)
