"""The animation of a trace as an MP4 video, for slides and players that know no animated WebP."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from dynviz.trace import Trace
from dynviz.views.pictures.raster import rgba
from dynviz.views.pictures.stills import scenes

if TYPE_CHECKING:
    from av import VideoFrame
    from av.video.stream import VideoStream

FRAMES_A_SECOND = 20  # a steady rate plays everywhere; every scene stands a whole number of frames
H264, MPEG4 = "libx264", "mpeg4"


def mp4(trace: Trace, theme: str = "light") -> bytes:
    """The scenes of ``picture.animation``, once through: H.264 where this PyAV can encode it, else MPEG-4.

    4:2:0 with even sides and the index in front, which is what browsers ask for.
    """
    import av  # nothing else here should wait for it

    pictures = [(_even(picture, theme), ms) for picture, ms in scenes(trace, theme)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "animation.mp4"  # only in a real file can the index be moved to the front
        with av.open(path, "w", format="mp4", options={"movflags": "+faststart"}) as container:
            stream = container.add_stream(H264 if H264 in av.codecs_available else MPEG4, rate=FRAMES_A_SECOND)
            _prepare(stream, pictures[0][0].size)
            pts = 0
            for picture, ms in pictures:
                frame = _video_frame(picture)
                for _ in range(round(ms * FRAMES_A_SECOND / 1000)):
                    frame.pts = pts
                    container.mux(stream.encode(frame))
                    pts += 1
            container.mux(stream.encode())
        return path.read_bytes()


def _prepare(stream: VideoStream, size: tuple[int, int]) -> None:
    from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc

    context = stream.codec_context
    context.width, context.height = size
    context.pix_fmt = "yuv420p"
    context.thread_count = 1  # others may be looking at their own pictures
    # left unsaid, every player guesses the colours for itself
    context.colorspace, context.color_range = Colorspace.ITU709, ColorRange.MPEG
    context.color_primaries, context.color_trc = ColorPrimaries.BT709, ColorTrc.BT709
    if context.name == H264:
        context.options = {"crf": "18", "preset": "veryfast", "tune": "stillimage"}  # a video has hundreds of frames
    else:
        context.bit_rate = 4_000_000


def _even(picture: Image.Image, theme: str) -> Image.Image:
    """With a row or column of the page's colour more where a side is odd."""
    even = Image.new("RGB", (picture.width + picture.width % 2, picture.height + picture.height % 2))
    even.paste(rgba("card", theme)[:3], (0, 0, *even.size))
    even.paste(picture)
    return even


def _video_frame(picture: Image.Image) -> VideoFrame:
    from av import VideoFrame
    from av.video.reformatter import ColorRange, Colorspace

    return VideoFrame.from_image(picture).reformat(
        format="yuv420p", dst_colorspace=Colorspace.ITU709, dst_color_range=ColorRange.MPEG
    )
