"""Reading videos: what is accepted comes out upright and in time, and everything else is one clear sentence."""

from __future__ import annotations

import io
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from dynviz.media import MediaError
from dynviz.media.candidates import FrameMemory, uniform
from dynviz.media.container import MAX_SECONDS
from dynviz.media.spool import Spool
from dynviz.media.video_file import read_video_file
from tests.media.video_samples import animation, hdr_video, scene, sound_only, video


def grey(frame: np.ndarray) -> float:
    """Of the ground, lower right."""
    return float(frame[frame.shape[0] // 2 :, frame.shape[1] // 2 :].mean())


@pytest.mark.parametrize("ending", ["mp4", "mov", "3gp", "mkv", "avi", "ts", "m2ts"])
def test_every_candidate_is_the_frame_of_its_time(tmp_path, ending):
    path = tmp_path / f"clip.{ending}"
    video(
        path,
        frames=30,
        fps=10,
        codec="mjpeg" if ending == "avi" else "libx264",
        pix_fmt="yuvj420p" if ending == "avi" else "yuv420p",
    )
    found = read_video_file(path)
    assert (len(found), found.width_px, found.height_px) == (30, 96, 64)
    assert found.duration_s == pytest.approx(3.0, abs=0.01)
    assert found.times_s.tolist() == pytest.approx(np.arange(30) / 10, abs=0.005)
    for i in (29, 0, 17):  # the next frame is 3 brighter
        assert grey(found.frame(i)) == pytest.approx(grey(scene(i, 96, 64)), abs=2)
    assert len(found.thumbnails()) == 30


def test_where_a_container_does_not_say_when_frames_are_shown_it_is_told(tmp_path):
    video(tmp_path / "clip.avi", codec="libx264")
    found = read_video_file(tmp_path / "clip.avi")
    assert any("a few frames off" in note for note in found.notes)
    assert len(found.thumbnails()) == len(found) == 30


@pytest.mark.parametrize("codec", ["libvpx-vp9", "libvpx"])
def test_webm(tmp_path, codec):
    video(tmp_path / "clip.webm", codec=codec)
    found = read_video_file(tmp_path / "clip.webm")
    assert len(found) == 30
    assert grey(found.frame(20)) == pytest.approx(grey(scene(20, 96, 64)), abs=4)


@pytest.mark.parametrize("codec", ["libx265", "libsvtav1"])
def test_newer_codecs(tmp_path, codec):
    import av

    if codec not in av.codecs_available:
        pytest.skip(f"this PyAV cannot write {codec}")
    video(tmp_path / "clip.mp4", codec=codec, frames=12)
    found = read_video_file(tmp_path / "clip.mp4")
    assert len(found) == 12
    assert grey(found.frame(11)) == pytest.approx(grey(scene(11, 96, 64)), abs=4)


@pytest.mark.parametrize("kind", ["GIF", "WEBP"])
def test_animated_pictures(kind):
    found = read_video_file(animation(kind))
    assert (len(found), found.width_px, found.height_px, found.duration_s) == (12, 60, 40, pytest.approx(1.2))
    assert grey(found.frame(9)) == pytest.approx(grey(scene(9, 60, 40)), abs=4)
    assert len(found.thumbnails()) == 12


def test_a_long_video_has_64_candidates_in_the_middles_of_equal_parts(tmp_path):
    video(tmp_path / "clip.mp4", frames=640, fps=10, gop=50)
    found = read_video_file(tmp_path / "clip.mp4")
    assert len(found) == 64
    assert found.times_s.tolist() == pytest.approx((np.arange(64) + 0.5) * 1.0, abs=0.06)


def test_candidates_are_uniform_in_time_however_uneven_the_frames():
    times = np.concatenate([np.arange(1000) / 1000, 1 + np.arange(100) / 10])  # 1 s at 1000 a second, 10 s at 10
    chosen = uniform(times, 11.0)
    assert (np.diff(times[chosen])[8:] > 0.09).all()
    assert len(chosen) == 64


def test_only_what_is_needed_is_decoded(tmp_path, monkeypatch):
    """One frame near the end costs its own group of pictures, not the film."""
    import dynviz.media.container as container

    video(tmp_path / "clip.mp4", frames=600, fps=30, gop=30)
    found = read_video_file(tmp_path / "clip.mp4")
    came = []
    whole = container._decoded

    def counted(*arguments):
        for frame in whole(*arguments):
            came.append(frame.pts)
            yield frame

    monkeypatch.setattr(container, "_decoded", counted)
    found.frame(60)
    assert found.decoded < 8
    assert 0 < len(came) <= 36  # 30 a group, and what a decoder of two threads runs ahead


def test_frames_are_remembered_and_read_only(tmp_path):
    video(tmp_path / "clip.mp4")
    found = read_video_file(tmp_path / "clip.mp4")
    first = found.frame(5)
    count = found.decoded
    assert found.frame(5) is first and found.decoded == count
    with pytest.raises(ValueError):
        first[:] = 0


def test_the_memory_for_frames_is_bounded():
    memory = FrameMemory(most_bytes=1000)
    for i in range(10):
        memory.put("a", i, np.zeros(300, np.uint8))
    assert [memory.get("a", i) is not None for i in range(10)] == [False] * 7 + [True] * 3


def test_a_video_that_is_held_sideways_is_turned_upright(tmp_path):
    video(tmp_path / "clip.mov", rotation=-90)  # as phones write it when held upright
    found = read_video_file(tmp_path / "clip.mov")
    assert (found.width_px, found.height_px) == (64, 96)
    frame = found.frame(3)
    assert frame.shape == (96, 64, 3)
    red = (frame[..., 0] > 150) & (frame[..., 1] < 110)
    rows, columns = np.nonzero(red)
    assert rows.max() < 40 and columns.min() > 36  # the upper left corner went to the upper right
    assert any("upright" in note for note in found.notes)


def test_odd_sides_are_kept(tmp_path):
    video(tmp_path / "clip.mkv", size=(97, 63), codec="ffv1", pix_fmt="yuv444p")
    found = read_video_file(tmp_path / "clip.mkv")
    assert (found.width_px, found.height_px) == (97, 63)
    assert found.frame(0).shape == (63, 97, 3)


def test_4k_is_scaled_down_as_it_is_decoded(tmp_path):
    video(tmp_path / "clip.mp4", size=(3840, 2160), frames=3)
    found = read_video_file(tmp_path / "clip.mp4")
    assert (found.width_px, found.height_px) == (3840, 2160)
    assert found.frame(1).shape == (270, 480, 3)


def test_ten_bits_are_said(tmp_path):
    video(tmp_path / "clip.mp4", codec="libx265", pix_fmt="yuv420p10le", frames=8)
    found = read_video_file(tmp_path / "clip.mp4")
    assert any("10 bits" in note for note in found.notes)
    assert found.frame(2).dtype == np.uint8


@pytest.mark.parametrize(("transfer", "name", "white"), [(16, "PQ", 0.5807), (18, "HLG", 0.75)])
def test_hdr_is_brought_to_a_usual_screen_and_said(tmp_path, transfer, name, white):
    """White paper and a red one in its light, 203 cd/m², as the two standards write it (ITU-R BT.2408)."""
    from dynviz.media import hdr

    signal = np.zeros((64, 96, 3))
    signal[:, :48] = white
    signal[:, 48:, 0] = white
    pixels = (signal * 65535).astype(np.uint16)
    hdr_video(tmp_path / "clip.mp4", pixels, transfer)
    found = read_video_file(tmp_path / "clip.mp4")
    assert any(f"HDR ({name}, 10 bits)" in note and "BT.2390" in note for note in found.notes)
    frame = found.frame(1)
    paper, red = frame[32, 20].astype(int), frame[32, 76].astype(int)
    assert paper.min() > 215 and np.ptp(paper) <= 6  # it would be 148 (PQ) or 191 (HLG) as it is written
    assert red[0] > 225 and red[1:].max() < 60
    assert hdr.WHITE == 203


def test_an_uneven_frame_rate_is_said(tmp_path):
    video(tmp_path / "clip.mkv", frames=20, pts=[*range(10), *range(40, 100, 6)])
    found = read_video_file(tmp_path / "clip.mkv")
    assert any("frame rate varies" in note for note in found.notes)
    assert list(found.times_s) == sorted(found.times_s)


def test_240_frames_a_second(tmp_path):
    video(tmp_path / "clip.mp4", frames=240, fps=240, gop=60)
    found = read_video_file(tmp_path / "clip.mp4")
    assert (len(found), found.duration_s) == (64, pytest.approx(1.0, abs=0.02))


def test_one_frame_is_a_video_of_one_candidate(tmp_path):
    video(tmp_path / "clip.mp4", frames=1)
    found = read_video_file(tmp_path / "clip.mp4")
    assert len(found) == 1 and "It has a single frame." in found.notes


def test_one_that_breaks_off_is_used_as_far_as_it_goes(tmp_path):
    data = video(tmp_path / "clip.mp4", frames=60, size=(320, 240), faststart=True)
    found = read_video_file(data[: len(data) * 6 // 10])
    assert any("breaks off" in note for note in found.notes)
    thumbnails = found.thumbnails()
    assert 0 < len(thumbnails) < 60
    assert len(thumbnails) == len(found)
    found.frame(len(found) - 1)


def test_damage_in_the_middle_is_lived_through(tmp_path):
    data = bytearray(video(tmp_path / "clip.mp4", frames=60, size=(320, 240), faststart=True, gop=10))
    middle = len(data) // 2
    data[middle : middle + 2000] = bytes(2000)
    found = read_video_file(bytes(data))
    assert len(found.thumbnails()) == len(found) > 20


REFUSED = {
    "audio only": (lambda tmp: sound_only(tmp / "a.mp4"), "only sound"),
    "index at the end, broken off": (lambda tmp: video(tmp / "b.mp4", frames=60)[:-400], r"index \(moov\)"),
    "a picture renamed": (lambda tmp: _jpeg(), "This is a picture"),
    "a still GIF": (lambda tmp: animation("GIF", frames=1), "still picture"),
    "three hours": (lambda tmp: video(tmp / "c.mp4", frames=4, pts=[0, 1, 2, 3 * 36_000]), "3.0 hours"),
    "no frame": (lambda tmp: video(tmp / "g.mp4", frames=0), "no video"),
    "no frame, with a header that says more": (lambda tmp: video(tmp / "g.mkv", frames=0), "damaged"),
    "a codec that nobody knows": (
        lambda tmp: video(tmp / "h.mp4", faststart=True).replace(b"avc1", b"zzzz").replace(b"avcC", b"zzzC"),
        "export it as H.264",
    ),
    "empty": (lambda tmp: b"", "empty"),
    "a text": (lambda tmp: b"hello, this is no video at all, whatever it is called", "not a video"),
    "noise": (lambda tmp: b"\0\0\0\x20ftypisom" + np.random.default_rng(0).bytes(5000), "incomplete|damaged"),
    "noise as WebM": (lambda tmp: b"\x1aE\xdf\xa3" + np.random.default_rng(0).bytes(5000), "damaged"),
    "tiny": (lambda tmp: video(tmp / "d.mkv", size=(4, 4), codec="ffv1", pix_fmt="yuv444p"), "4 × 4 px"),
    "a wall": (lambda tmp: video(tmp / "e.mkv", size=(640, 16), codec="ffv1", pix_fmt="yuv444p"), "640 × 16 px"),
    "an empty AVI": (lambda tmp: b"RIFF\x24\0\0\0AVI LIST" + bytes(200), "damaged"),
    "noise as MPEG-TS": (
        lambda tmp: (b"\x47" + np.random.default_rng(0).bytes(187)) * 40,
        "damaged|no video|no picture",
    ),
    "FLV": (lambda tmp: video(tmp / "f.flv", codec="flv"), r"export it as MP4"),
    "WMV": (lambda tmp: b"\x30\x26\xb2\x75\x8e\x66\xcf\x11" + bytes(200), r"export it as MP4"),
    "a pdf": (lambda tmp: b"%PDF-1.7\n" + bytes(200), "PDF"),
}


def _jpeg() -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(scene(0, 96, 64)).save(buffer, "JPEG")
    return buffer.getvalue()


@pytest.mark.parametrize("case", REFUSED)
def test_refused_in_one_sentence(tmp_path, case):
    make, words = REFUSED[case]
    data = make(tmp_path)
    with pytest.raises(MediaError, match=words) as caught:
        read_video_file(data).thumbnails()
    assert "\n" not in str(caught.value) and str(caught.value).endswith(".")


def test_more_than_ten_minutes_are_refused_even_where_the_file_does_not_say(tmp_path):
    video(
        tmp_path / "clip.mkv", frames=MAX_SECONDS // 20 + 2, fps=10, pts=[200 * i for i in range(MAX_SECONDS // 20 + 2)]
    )
    with pytest.raises(MediaError, match="10 minutes are accepted"):
        read_video_file(tmp_path / "clip.mkv")


@pytest.mark.parametrize("seed", range(12))
def test_hostile_bytes_give_a_video_or_a_sentence(tmp_path, seed):
    draw = np.random.default_rng(seed)
    data = bytearray(video(tmp_path / "clip.mp4", frames=20, faststart=seed % 2 == 0))
    for at in draw.integers(0, len(data) if seed < 6 else 900, 40):
        data[at] = draw.integers(0, 256)
    try:
        found = read_video_file(bytes(data)).thumbnails()
    except MediaError as error:
        assert str(error).endswith(".")
    else:
        assert found


def test_what_reading_raises_while_it_tells_its_progress_ends_it(tmp_path):
    video(tmp_path / "clip.mp4")
    found = read_video_file(tmp_path / "clip.mp4")
    told = []

    def stop(done, whole):
        told.append((done, whole))
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        found.thumbnails(stop)
    assert told == [(1, 30), (2, 30), (3, 30)]
    assert len(found.thumbnails()) == 30  # nothing is left locked


def test_a_spool_reads_like_bytes():
    data = bytes(range(256)) * 100
    spool = Spool(data)
    assert len(spool) == len(data) and spool[:2] == data[:2] and spool[-5:] == data[-5:] and bytes(spool) == data
    one, other = spool.open(), spool.open()
    assert one.read(10) == data[:10] and other.read(4) == data[:4] and one.read(2) == data[10:12]
    read = "import sys; print(len(open(sys.argv[1], 'rb').read()))"  # as the process that measures does
    told = subprocess.run([sys.executable, "-c", read, spool.path], capture_output=True, text=True, check=True)
    assert int(told.stdout) == len(data)


def test_twenty_videos_at_once_take_no_more_memory_than_a_few(tmp_path):
    """Each is ready to be looked at; together they may keep what the memory for frames allows, and little more."""
    import resource
    from concurrent.futures import ThreadPoolExecutor

    data = video(tmp_path / "clip.mp4", frames=64, size=(1280, 720), gop=16)

    def ready(i: int):
        found = read_video_file(data + (16).to_bytes(4, "big") + b"free" + i.to_bytes(8, "big"))  # another digest
        found.thumbnails()
        return found

    one = ready(99)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with ThreadPoolExecutor(20) as people:
        found = list(people.map(ready, range(20)))
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1000  # in MB
    assert len({video.digest for video in (*found, one)}) == 21
    assert grown < 400
    assert (found[3].frame(7) == one.frame(7)).all()  # decoded again where it was forgotten
