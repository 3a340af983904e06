"""Sounds made for the tests, in the files that phones, browsers and recorders write; nothing binary is kept."""

from __future__ import annotations

import io
import struct
import wave

import av
import numpy as np

RATE = 8_000


def tone(rate: int = RATE, seconds: float = 0.5, hz: float = 440.0) -> np.ndarray:
    return 0.5 * np.sin(2 * np.pi * hz * np.arange(round(rate * seconds)) / rate)


def vowel(rate: int = RATE, seconds: float = 0.4) -> np.ndarray:
    """A voice's buzz that swells and fades, as a short word does."""
    at = np.arange(round(rate * seconds)) / rate
    buzz = sum(np.sin(2 * np.pi * 130 * k * at) / k for k in range(1, 20))
    return 0.3 * buzz * np.sin(np.pi * at / seconds) ** 0.5


def wav(values: np.ndarray, rate: int = RATE, bits: int = 16, channels: int = 1) -> bytes:
    """PCM by the standard library."""
    stacked = np.repeat(np.asarray(values)[:, None], channels, axis=1)
    whole = np.rint(stacked * (2 ** (bits - 1) - 1)).astype(np.int64)
    if bits == 8:
        body = (whole + 128).astype(np.uint8).tobytes()
    else:
        body = whole.astype("<i4").view(np.uint8).reshape(-1, 4)[:, : bits // 8].tobytes()
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setparams((channels, bits // 8, rate, 0, "NONE", ""))
        writer.writeframes(body)
    return file.getvalue()


def float_wav(values: np.ndarray, rate: int = RATE, extensible: bool = False) -> bytes:
    """Floats of 32 bits, with a block before them that nobody needs."""
    body = np.asarray(values, "<f4").tobytes()
    head = struct.pack("<HHIIHH", 0xFFFE if extensible else 3, 1, rate, rate * 4, 4, 32)
    if extensible:
        head += struct.pack("<HHIH", 22, 32, 4, 3) + b"\0\0\0\0\x10\0\x80\0\0\xaa\0\x38\x9b\x71"
    blocks = b"fmt " + struct.pack("<I", len(head)) + head + b"LIST\x07\0\0\0INFOabc\0"
    blocks += b"data" + struct.pack("<I", len(body)) + body
    return b"RIFF" + struct.pack("<I", 4 + len(blocks)) + b"WAVE" + blocks


def unsized(data: bytes) -> bytes:
    """A WAV file as a program writes it that cannot go back to the header: its sizes are 0."""
    at = data.index(b"data") + 4
    return data[:4] + bytes(4) + data[8:at] + bytes(4) + data[at + 4 :]


def encoded(values: np.ndarray, rate: int, kind: str, codec: str, channels: int = 1, **options: str) -> bytes:
    """``values`` at ``rate`` in a file of FFmpeg's ``kind``; options: of the file."""
    file = io.BytesIO()
    layout = "mono" if channels == 1 else "stereo"
    with av.open(file, "w", format=kind, options=options) as container:
        stream = container.add_stream(codec, rate=rate, layout=layout)
        stacked = np.repeat(np.asarray(values, np.float32)[None], channels, axis=0)
        frame = av.AudioFrame.from_ndarray(stacked, format="fltp", layout=layout)
        frame.sample_rate = rate
        fitting = av.AudioResampler(
            format=stream.codec_context.format,
            layout=layout,
            rate=rate,
            frame_size=stream.codec_context.frame_size or None,
        )
        for part in (*fitting.resample(frame), *fitting.resample(None)):
            container.mux(stream.encode(part))
        container.mux(stream.encode(None))
    return file.getvalue()


def sounds() -> dict[str, bytes]:
    """The same tone of half a second in WAV files of all kinds."""
    files = {f"PCM {bits}": wav(tone(), bits=bits) for bits in (8, 16, 24, 32)}
    files |= {"float": float_wav(tone()), "extensible": float_wav(tone(), extensible=True)}
    files |= {
        "float of 64 bits": encoded(tone(), RATE, "wav", "pcm_f64le"),
        "µ-law": encoded(tone(), RATE, "wav", "pcm_mulaw"),
        "A-law": encoded(tone(), RATE, "wav", "pcm_alaw"),
        "ADPCM": encoded(tone(), RATE, "wav", "adpcm_ima_wav"),
        "RF64": encoded(tone(), RATE, "wav", "pcm_s16le", rf64="always"),
        "without sizes": unsized(wav(tone())),
        "stereo": wav(tone(), channels=2),
        "44.1 kHz": wav(tone(44_100), 44_100),
        "48 kHz": wav(tone(48_000), 48_000),
    }
    return files


def compressed() -> dict[str, bytes]:
    """The same tone as phones and browsers record it."""
    high, wide = tone(48_000), tone(44_100)
    return {
        "M4A of a phone": encoded(wide, 44_100, "ipod", "aac"),
        "M4A, stereo": encoded(high, 48_000, "ipod", "aac", 2),
        "M4A in pieces, of Safari": encoded(high, 48_000, "mp4", "aac", movflags="frag_keyframe+empty_moov"),
        "Apple lossless": encoded(wide, 44_100, "ipod", "alac"),
        "AAC": encoded(wide, 44_100, "adts", "aac"),
        "MP3": encoded(wide, 44_100, "mp3", "libmp3lame"),
        "MP3 without tags": encoded(wide, 44_100, "mp3", "libmp3lame", id3v2_version="0", write_xing="0"),
        "MP3 at 16 kHz": encoded(tone(16_000), 16_000, "mp3", "libmp3lame"),
        "OGG Opus, of Firefox": encoded(high, 48_000, "ogg", "libopus"),
        "WebM Opus, of Chrome": encoded(high, 48_000, "webm", "libopus", live="1"),
        "WebM Opus, stereo": encoded(high, 48_000, "webm", "libopus", 2),
        "FLAC": encoded(wide, 44_100, "flac", "flac"),
        "AIFF": encoded(wide, 44_100, "aiff", "pcm_s16be"),
        "CAF": encoded(wide, 44_100, "caf", "pcm_s16le"),
    }
