"""Videos that tests make themselves, with PyAV."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
from PIL import Image


def scene(i: int, width: int, height: int) -> np.ndarray:
    """(height, width, 3) uint8: a bright block at the upper left, on a ground whose grey tells the frame's number."""
    frame = np.full((height, width, 3), 40 + 3 * (i % 60), np.uint8)
    frame[: height // 3, : width // 3] = (230, 40, 40)
    return frame


def video(
    path,
    *,
    frames: int = 30,
    fps: int = 10,
    size: tuple[int, int] = (96, 64),
    codec: str = "libx264",
    pix_fmt: str = "yuv420p",
    gop: int = 10,
    rotation: int = 0,
    faststart: bool = False,
    pts: Sequence[int] | None = None,
) -> bytes:
    """A video of ``scene``s, written to ``path``; its ending tells the container. rotation: the display matrix,
    degrees counterclockwise. pts: of each frame, in units of 1/fps.
    """
    import av

    options = {"movflags": "+faststart"} if faststart else {}
    with av.open(str(path), "w", options=options) as container:
        stream = container.add_stream(codec, rate=fps)
        stream.width, stream.height = size
        stream.pix_fmt = pix_fmt
        stream.codec_context.gop_size = gop
        stream.codec_context.thread_count = 1
        if rotation:
            stream.set_display_rotation(rotation)
        container.start_encoding()  # else there is no file where there are no frames
        for i in range(frames):
            frame = av.VideoFrame.from_ndarray(scene(i, *size), format="rgb24").reformat(format=pix_fmt)
            frame.pts = i if pts is None else pts[i]
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path.read_bytes()


def hdr_video(path, pixels: np.ndarray, transfer: int, frames: int = 3) -> None:
    """The same picture over and over: (H, W, 3) uint16, a signal in BT.2020's colours. transfer: 16 PQ, 18 HLG."""
    import av
    from av.video.reformatter import Colorspace

    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx265", rate=10, options={"x265-params": "log-level=none"})
        stream.height, stream.width = pixels.shape[:2]
        stream.pix_fmt = "yuv420p10le"
        context = stream.codec_context
        context.color_trc, context.color_primaries, context.colorspace = transfer, 9, Colorspace.BT2020
        for i in range(frames):
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb48le")
            frame = frame.reformat(format="yuv420p10le", dst_colorspace=Colorspace.BT2020)
            frame.pts = i
            container.mux(stream.encode(frame))
        container.mux(stream.encode())


def sound_only(path) -> bytes:
    """Half a second of a tone."""
    import av

    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=16_000)
        for i in range(8):
            wave = (np.sin(np.arange(1024) / 5 + i) * 0.3).astype(np.float32)[None]
            frame = av.AudioFrame.from_ndarray(wave, format="fltp", layout="mono")
            frame.sample_rate = 16_000
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path.read_bytes()


def animation(kind: str, frames: int = 12, size: tuple[int, int] = (60, 40), ms: int = 100) -> bytes:
    """An animated GIF or WebP of ``scene``s."""
    pictures = [Image.fromarray(scene(i, *size)) for i in range(frames)]
    buffer = io.BytesIO()
    pictures[0].save(buffer, kind, save_all=True, append_images=pictures[1:], duration=ms, loop=0, lossless=True)
    return buffer.getvalue()
