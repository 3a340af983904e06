"""The animation as a video: it is decoded again and held against the animated WebP."""

from __future__ import annotations

import io
import subprocess
import sys

import av
import numpy as np
import pytest
from PIL import Image

from dynviz.views.examples.traces import examples
from dynviz.views.export.formats import FORMATS, Context
from dynviz.views.pictures.stills import FRAME_MS, LAST_MS, animation
from dynviz.views.pictures.video import FRAMES_A_SECOND, MPEG4, mp4

EXITS = examples()[0]  # three exits were asked: three scenes and the still
SECONDS = (3 * FRAME_MS + LAST_MS) / 1000


def decoded(data: bytes) -> list[np.ndarray]:
    with av.open(io.BytesIO(data)) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


def pages(data: bytes) -> list[np.ndarray]:
    with Image.open(io.BytesIO(data)) as moving:
        found = []
        for k in range(moving.n_frames):
            moving.seek(k)
            found.append(np.asarray(moving.convert("RGB")))
    return found


def test_browsers_can_play_it():
    data = FORMATS["mp4"].make(EXITS, Context())
    assert FORMATS["mp4"].mime == "video/mp4" and data[4:8] == b"ftyp"
    assert 0 < data.find(b"moov") < data.find(b"mdat")  # it starts before all of it has come
    with av.open(io.BytesIO(data)) as container:
        video = container.streams.video[0]
        assert len(container.streams) == 1 and video.codec_context.pix_fmt == "yuv420p"
        assert video.codec_context.name == ("h264" if "libx264" in av.codecs_available else "mpeg4")
        assert video.frames == SECONDS * FRAMES_A_SECOND and video.average_rate == FRAMES_A_SECOND
        assert float(video.duration * video.time_base) == pytest.approx(SECONDS, abs=0.001)


def test_it_shows_the_same_scenes_as_the_animated_webp():
    frames, expected = decoded(mp4(EXITS)), pages(animation(EXITS))
    each = FRAME_MS * FRAMES_A_SECOND // 1000
    high, wide, _ = expected[0].shape
    for k in range(len(expected)):
        for at in {each * k, each * (k + 1) - 1, len(frames) - 1 if k == len(expected) - 1 else each * k}:
            away = [np.abs(frames[at][:high, :wide].astype(int) - page).mean() for page in expected]
            assert int(np.argmin(away)) == k and away[k] < 2
    assert all(side % 2 == 0 for side in frames[0].shape[:2])


def test_odd_sides_are_filled_up(monkeypatch):
    colours = [((200, 40, 40), 100), ((40, 40, 200), 50)]
    scenes = [(Image.new("RGB", (101, 75), colour), ms) for colour, ms in colours]
    monkeypatch.setattr("dynviz.views.pictures.video.scenes", lambda *_: scenes)
    frames = decoded(mp4(EXITS))
    assert [frame.shape for frame in frames] == [(76, 102, 3)] * 3
    for frame, colour in zip(frames, ((200, 40, 40), (200, 40, 40), (40, 40, 200)), strict=True):
        assert np.abs(frame[8:64, 8:90].astype(int) - colour).max() < 12


def test_without_an_h264_encoder_it_is_still_a_video(monkeypatch):
    monkeypatch.setattr(av, "codecs_available", {MPEG4})
    with av.open(io.BytesIO(mp4(EXITS))) as container:
        assert container.streams.video[0].codec_context.name == "mpeg4"
        assert sum(1 for _ in container.decode(video=0)) == SECONDS * FRAMES_A_SECOND


def test_nothing_else_pays_for_it():
    code = "import sys, dynviz.views.export.formats; print('av' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"
