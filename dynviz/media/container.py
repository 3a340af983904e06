"""Video files read with FFmpeg, through PyAV: MP4, MOV, 3GP, WebM, MKV, AVI and MPEG-TS.

A file is told by its first bytes, and only the one reader for such files sees it: FFmpeg would otherwise try playlists
and other files that name further files. The packets are counted before anything is decoded, which tells when every
frame is shown, however uneven, and where one can begin to decode; frames are scaled down as they are decoded.
"""

from __future__ import annotations

import bisect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from dynviz.media import hdr
from dynviz.media.candidates import kept_size, uniform
from dynviz.media.errors import MediaError
from dynviz.media.sniff import named
from dynviz.media.spool import Spool

if TYPE_CHECKING:
    from av import VideoFrame

MAX_SECONDS = 600
MAX_PIXELS = 17_000_000  # of a frame: 5.3K; a decoder holds some twenty of them
MIN_SIDE_PX = 8
MAX_ASPECT = 16
MAX_PACKETS = 160_000  # ten minutes at 240 frames a second, and some
LARGE_PIXELS = 4_000_000  # above it one thread decodes: every thread holds frames of its own
ACCEPTED = "MP4, MOV, WebM, GIF and animated WebP videos are accepted"
_BROKEN = f"This video is damaged or incomplete; {ACCEPTED}."
_TS_PACKET = 188  # bytes, each beginning with 0x47; on disks of camcorders with 4 more before it
_OLD_QUICKTIME = {b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"}


@dataclass(frozen=True)
class Probe:
    """What is known of a video before it is decoded.

    width_px, height_px: upright, of square pixels. times_s: of each candidate frame, from the beginning. pts: the same
    in the container's units. entries: where to begin to decode for it, None: at the beginning. frames: of the whole
    video. notes: sentences about what was assumed or left out.
    """

    kind: str
    width_px: int
    height_px: int
    duration_s: float
    frames: int
    times_s: tuple[float, ...]
    pts: tuple[int, ...]
    entries: tuple[int | None, ...]
    rotation: int = 0
    notes: tuple[str, ...] = ()

    def only(self, kept: Sequence[int]) -> Probe:
        """The same with the candidates ``kept`` only: the others turned out to be damaged."""
        left = len(self.pts) - len(kept)
        said = f"{left} frame{'s' if left > 1 else ''} could not be decoded and {'are' if left > 1 else 'is'} left out."
        picked = {name: tuple(getattr(self, name)[i] for i in kept) for name in ("times_s", "pts", "entries")}
        return replace(self, **picked, notes=(*self.notes, said))


def container_format(data: bytes) -> str:
    """FFmpeg's name of the reader for the video that ``data`` starts like; '' for anything else."""
    if data[4:8] == b"ftyp":
        return "" if named(data) == "a picture" else "mov"
    if data[4:8] in _OLD_QUICKTIME:
        return "mov"
    if data[:4] == b"\x1aE\xdf\xa3":
        return "matroska"
    if data[:4] == b"RIFF" and data[8:12] == b"AVI ":
        return "avi"
    return "mpegts" if _is_transport_stream(data) else ""


def _is_transport_stream(data: bytes) -> bool:
    return any(
        len(data) > start + 4 * step and all(data[start + step * k] == 0x47 for k in range(5))
        for start, step in ((0, _TS_PACKET), (4, _TS_PACKET + 4))
    )


def probe(spool: Spool, kind: str) -> Probe:
    """Look through a video without decoding more than its first frame. Raises MediaError."""
    import av

    try:
        with av.open(spool.open(), format=kind) as container:
            return _probed(container, kind, spool)
    except MediaError:
        raise
    except av.error.InvalidDataError as error:
        raise MediaError(_incomplete(spool, kind)) from error
    except Exception as error:  # decoders raise anything on damaged files
        raise MediaError(_BROKEN) from error


def decode(spool: Spool, found: Probe, wanted: Sequence[int]) -> Iterator[tuple[int, np.ndarray]]:
    """(candidate, its pixels, (height, width, 3) uint8) of the candidates ``wanted``, increasing; one that the file
    turns out not to hold is left out. Nothing between two of them is decoded that the later does not need.
    """
    import av

    try:
        with av.open(spool.open(), format=found.kind) as container:
            stream = container.streams.video[0]
            _prepare(stream)
            yield from _walk(container, stream, found, wanted)
    except av.FFmpegError:
        return


# --- looking


def _probed(container: Any, kind: str, spool: Spool) -> Probe:
    stream = _stream(container)
    if container.duration and container.duration > MAX_SECONDS * 1_000_000:
        raise MediaError(_too_long(container.duration / 1e6))
    width, height = stream.codec_context.width, stream.codec_context.height
    _check_size(width, height)
    _prepare(stream)
    pts, keys, broken = _packets(container, stream, by_dts=kind == "mpegts")
    if not pts:
        empty = f"This video holds no picture (it is 0 s long or broke off at once); {ACCEPTED}."
        raise MediaError(empty if _is_whole(spool, kind) else _incomplete(spool, kind))
    unit = stream.time_base or Fraction(1, 1000)
    shown = np.array(pts, dtype=float) * float(unit)
    shown -= shown[0]
    declared = float(stream.duration * unit) if stream.duration else (container.duration or 0) / 1e6
    length = float(shown[-1] + (np.median(np.diff(shown)) if len(shown) > 1 else 0.0))
    if length > MAX_SECONDS:
        raise MediaError(_too_long(length))
    first = _first_frame(container, stream, pts[0])
    if first is None:
        raise MediaError(_BROKEN)
    chosen = uniform(shown, length)
    wide, high = _upright(width, height, stream.sample_aspect_ratio, first.rotation)
    entries = [bisect.bisect_right(keys, pts[i], key=lambda key: key[0]) - 1 for i in chosen]
    return Probe(
        kind=kind,
        width_px=wide,
        height_px=high,
        duration_s=length,
        frames=len(pts),
        times_s=tuple(shown[chosen].tolist()),
        pts=tuple(pts[i] for i in chosen),
        entries=tuple(keys[entry][1] if entry >= 0 else None for entry in entries),
        rotation=int(first.rotation) % 360,
        notes=tuple(_notes(container, first, shown, length, declared, broken)),
    )


def _stream(container: Any) -> Any:
    """The first video stream that is no cover picture, decodable."""
    from av.stream import Disposition

    videos = [s for s in container.streams.video if not s.disposition & Disposition.attached_pic]
    if not videos:
        what = "only sound" if container.streams.audio else "no video"
        raise MediaError(f"There is {what} in this file; {ACCEPTED}.")
    if videos[0].codec_context is None or not videos[0].codec_context.width:
        raise MediaError(
            "This video is stored in a way that cannot be decoded here; export it as H.264 (MP4) and try again."
        )
    return videos[0]


def _check_size(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise MediaError(
            f"Its frames are {width:,} × {height:,} px; up to {MAX_PIXELS // 1_000_000} megapixels are accepted."
        )
    if min(width, height) < MIN_SIDE_PX or max(width, height) > MAX_ASPECT * min(width, height):
        raise MediaError(
            f"Its frames are {width:,} × {height:,} px; sides of at least {MIN_SIDE_PX} px, one at most {MAX_ASPECT} "
            "times the other, are accepted."
        )


def _packets(container: Any, stream: Any, by_dts: bool) -> tuple[list[int], list[tuple[int, int]], bool]:
    """(when each frame is shown, when those from which one can decode are shown and where to look for them, did the
    file break off?), in order. by_dts: the container is searched by when frames are decoded.
    """
    import av

    pts: set[int] = set()
    keys: set[tuple[int, int]] = set()
    broken, last = False, 0
    try:
        for count, packet in enumerate(container.demux(stream)):
            if count > MAX_PACKETS:
                raise MediaError(f"This video has more than {MAX_PACKETS:,} frames; cut it to a shorter part.")
            if not packet.size or packet.is_discard:
                continue
            at = packet.pts if packet.pts is not None else packet.dts if packet.dts is not None else last + 1
            last = at
            pts.add(at)
            broken = broken or packet.is_corrupt
            if packet.is_keyframe:
                keys.add((at, packet.dts if by_dts and packet.dts is not None else at))
    except av.FFmpegError:
        broken = True
    return sorted(pts), sorted(keys), broken


def _first_frame(container: Any, stream: Any, start: int) -> VideoFrame | None:
    import av

    container.seek(start, stream=stream)
    try:
        return next(container.decode(stream), None)
    except av.FFmpegError:
        return None


def _upright(width: int, height: int, pixel: Fraction | None, rotation: float) -> tuple[int, int]:
    if pixel and 0.1 < pixel < 10:
        width = max(1, round(width * pixel))
    return (height, width) if round(rotation / 90) % 2 else (width, height)


def _notes(
    container: Any, first: VideoFrame, shown: np.ndarray, length: float, declared: float, broken: bool
) -> Iterator[str]:
    rotation = int(first.rotation) % 360
    if rotation % 90:
        yield f"It asks to be turned by {rotation}°, which is not done."
    elif rotation:
        yield "Turned upright, as the file asks."
    bits = max((part.bits for part in first.format.components), default=8)
    if first.color_trc in hdr.NAMES:
        yield (
            f"Recorded in HDR ({hdr.NAMES[first.color_trc]}, {bits} bits): brought to the light and colours of a usual "
            f"screen (ITU-R BT.2390; white at {hdr.WHITE:.0f} cd/m²), in 8 bits."
        )
    elif bits > 8:
        yield f"Recorded in {bits} bits a colour, read in 8."
    if len(shown) > 2:
        steps = np.diff(shown)
        if steps.max() > 2.5 * np.median(steps):
            yield "Its frame rate varies: frames are told by when they are shown."
    if container.format.name == "avi" and container.streams.video[0].codec_context.has_b_frames:
        yield "An AVI file does not say when such frames are shown: they may be a few frames off."
    if len(shown) == 1:
        yield "It has a single frame."
    if broken or declared > length * 1.1 + 1:
        told = f" of {declared:.1f} s" if declared > length + 0.1 else ""
        yield f"The file breaks off after {length:.1f} s{told}: what is there is used."
    if len(container.streams.video) > 1:
        yield "It holds several videos: the first is used."


def _too_long(seconds: float) -> str:
    told = f"{seconds / 3600:.1f} hours" if seconds >= 5400 else f"{seconds / 60:.0f} minutes"
    return f"This video is {told} long; up to {MAX_SECONDS // 60} minutes are accepted: cut out the part that matters."


def _incomplete(spool: Spool, kind: str) -> str:
    if _is_whole(spool, kind):
        return _BROKEN
    return (
        "This video is incomplete: its index (moov), which stands at the end of the file, is missing, so the recording "
        f"or the copying broke off; {ACCEPTED}."
    )


def _is_whole(spool: Spool, kind: str) -> bool:
    """Has it its index? That of an MP4 is often at its end, and missing where a recording or a copy broke off."""
    at, size = 0, len(spool)
    while kind == "mov" and at < size - 8:  # box after box (ISO/IEC 14496-12, section 4.2)
        head = spool[at : at + 16]
        length = int.from_bytes(head[:4], "big")
        length = int.from_bytes(head[8:16], "big") if length == 1 else length or size - at
        if head[4:8] == b"moov":
            return at + length <= size
        at += max(length, 8)
    return kind != "mov"


# --- decoding


def _prepare(stream: Any) -> None:
    context = stream.codec_context
    large = context.width * context.height > LARGE_PIXELS
    context.thread_count = 1 if large else 2
    context.thread_type = "SLICE" if large else "AUTO"


def _walk(container: Any, stream: Any, found: Probe, wanted: Sequence[int]) -> Iterator[tuple[int, np.ndarray]]:
    import av

    entry: object = ()  # where decoding began last; no place yet
    frames: Iterator[Any] = iter(())
    held: Any = None  # the last frame that came
    for candidate in wanted:
        target, begin = found.pts[candidate], found.entries[candidate]
        if begin != entry:
            entry = begin
            for place in (begin or 0, 0):  # a container that is only searched may land behind the frame
                try:
                    container.seek(place, stream=stream, backward=True)
                except av.FFmpegError:
                    return
                frames = _decoded(container, stream)
                held = next(frames, None)
                if held is not None and (held.pts is None or held.pts <= target):
                    break
        while held is not None and held.pts is not None and held.pts < target:
            held = next(frames, None)
        if held is not None:
            yield candidate, _pixels(held, found)


def _decoded(container: Any, stream: Any) -> Iterator[Any]:
    """Frames from here on; what is damaged is left out."""
    import av

    for packet in container.demux(stream):
        try:
            yield from packet.decode()
        except av.FFmpegError:
            continue


def _pixels(frame: VideoFrame, found: Probe) -> np.ndarray:
    """Scaled down, 8 bits RGB, upright."""
    from av.video.reformatter import Colorspace, Interpolation

    turns = round(found.rotation / 90) % 4 if found.rotation % 90 == 0 else 0
    width, height = kept_size(found.width_px, found.height_px)
    if turns % 2:
        width, height = height, width
    stated = frame.colorspace in (Colorspace.ITU709, Colorspace.ITU601, Colorspace.SMPTE240M, Colorspace.BT2020)
    usual = Colorspace.ITU709 if frame.height >= 720 else Colorspace.ITU601
    space = None if stated else Colorspace.BT2020 if frame.color_trc in hdr.NAMES else usual
    small = frame.reformat(width, height, "rgb24", src_colorspace=space, interpolation=Interpolation.AREA)
    pixels = small.to_ndarray()
    if frame.color_trc in hdr.NAMES:
        pixels = hdr.to_sdr(pixels, int(frame.color_trc))
    return np.ascontiguousarray(np.rot90(pixels, turns))
