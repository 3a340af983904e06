"""Animated pictures, GIF and WebP, read as videos with Pillow: frame after frame, since each is painted on the last."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence

import numpy as np
from PIL import Image

from dynviz.media.candidates import kept_size, uniform
from dynviz.media.container import ACCEPTED, MAX_SECONDS, MIN_SIDE_PX, Probe
from dynviz.media.errors import MediaError
from dynviz.media.sniff import count_frames
from dynviz.media.spool import Spool

MAX_FRAMES = 5_000
MAX_PAINTED = 3_000_000_000  # pixels of all frames together
SHORTEST_MS, INSTEAD_MS = 20, 100  # a shorter frame is shown as long as every browser shows it
PAPER = (255, 255, 255)
_BROKEN = f"This animation is damaged or incomplete; {ACCEPTED}."
_KINDS = {"gif": "GIF", "webp": "WEBP"}


def animation_format(data: bytes) -> str:
    """``gif``, or ``webp`` for an animated one; '' for anything else."""
    if data[:6] in (b"GIF87a", b"GIF89a"):
        return "gif"
    animated = data[:4] == b"RIFF" and data[8:16] == b"WEBPVP8X" and len(data) > 20 and data[20] & 2
    return "webp" if animated else ""


def probe(spool: Spool, kind: str) -> Probe:
    """Look through an animation. Raises MediaError."""
    try:
        if kind == "gif" and count_frames("GIF", spool[:]) < 2:
            raise MediaError("This GIF is a still picture, not a video: look at it on the Image page.")
        with Image.open(io.BytesIO(spool[:]), formats=[_KINDS[kind]]) as opened:
            width, height, count = *opened.size, getattr(opened, "n_frames", 1)
            _check(width, height, count)
            lasting, broken = _durations(opened, count)
    except MediaError:
        raise
    except Exception as error:  # decoders raise anything on damaged files
        raise MediaError(_BROKEN) from error
    ends = np.cumsum(lasting) / 1000
    if ends[-1] > MAX_SECONDS:
        raise MediaError(f"This animation is {ends[-1] / 60:.0f} minutes long; up to {MAX_SECONDS // 60} are accepted.")
    shown = np.concatenate([[0.0], ends[:-1]])
    chosen = uniform(shown, float(ends[-1]))
    notes = ("The file breaks off: what is there is used.",) if broken else ()
    return Probe(
        kind=kind,
        width_px=width,
        height_px=height,
        duration_s=float(ends[-1]),
        frames=len(lasting),
        times_s=tuple(shown[chosen].tolist()),
        pts=tuple(int(i) for i in chosen),
        entries=(None,) * len(chosen),
        notes=notes,
    )


def decode(spool: Spool, found: Probe, wanted: Sequence[int]) -> Iterator[tuple[int, np.ndarray]]:
    """(candidate, its pixels, (height, width, 3) uint8, on white) of the candidates ``wanted``, increasing."""
    size = kept_size(found.width_px, found.height_px)
    with Image.open(io.BytesIO(spool[:]), formats=[_KINDS[found.kind]]) as opened:
        for candidate in wanted:
            try:
                opened.seek(found.pts[candidate])
                frame = opened.convert("RGBA")
            except Exception:  # a damaged end
                return
            paper = Image.new("RGBA", frame.size, (*PAPER, 255))
            paper.alpha_composite(frame)
            small = paper.convert("RGB").resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0)
            yield candidate, np.array(small)


def _check(width: int, height: int, count: int) -> None:
    if count < 2:
        raise MediaError("This is a still picture, not a video: look at it on the Image page.")
    if min(width, height) < MIN_SIDE_PX:
        raise MediaError(f"Its frames are {width} × {height} px; at least {MIN_SIDE_PX} px a side are needed.")
    if count > MAX_FRAMES or count * width * height > MAX_PAINTED:
        raise MediaError(
            f"This animation has {count:,} frames of {width:,} × {height:,} px, which is too much; make it shorter or "
            "save it as MP4."
        )


def _durations(opened: Image.Image, count: int) -> tuple[list[int], bool]:
    """(ms that each frame is shown, does the file break off?)."""
    lasting: list[int] = []
    for i in range(count):
        try:
            opened.seek(i)
            opened.load()  # what cannot be decoded is no frame
        except Exception:  # a damaged end
            if not lasting:
                raise
            return lasting, True
        ms = int(opened.info.get("duration") or 0)
        lasting.append(ms if ms >= SHORTEST_MS else INSTEAD_MS)
    return lasting, False
