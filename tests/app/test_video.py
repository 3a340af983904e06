"""The Video page: samples, files, what cannot be read, traces, what the browser is sent, and no networks at all."""

from __future__ import annotations

import json

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from app.live.own import OWN, Own, OwnInputs
from app.live.uploads import read_run
from app.live.view.film import film
from app.live.view.fragments import Fragments
from app.live.view.frames import frames
from app.strings import say
from dynviz import MediaError
from dynviz.media.sample_video import SAMPLE_VIDEOS, sample_names, sample_video
from dynviz.media.spool import Spool
from dynviz.media.video_file import read_video_file
from dynviz.trace.file import trace_bytes
from tests.media.video_samples import sound_only, video
from tests.patience import PAGE_SECONDS
from tests.video_zoo import write_untrained
from tests.views.film_traces import FULL, GLANCE, film_trace


def video_page() -> None:
    from app.video import page as video_

    video_.page()


@pytest.fixture(scope="module")
def networks(tmp_path_factory):
    """Untrained networks for video."""
    folder = tmp_path_factory.mktemp("zoo")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DYNVIZ_PRETRAINED", str(folder))
        yield write_untrained(folder, ["frames-mean", "frames-mean-4", "frameexit"])


@pytest.fixture
def page(networks):
    return AppTest.from_function(video_page, default_timeout=PAGE_SECONDS)


def bring(page: AppTest, name: str, data: bytes) -> None:
    """As if a file of this name had been dropped."""
    page.session_state["person"] = f"test {name}"
    own = Own(name, "video", name, data if data[:2] == b"PK" else Spool(data))
    OWN.add(f"test {name}", own)
    OWN.show(f"test {name}", "video", name)
    page.session_state["video_sample"] = None


def test_a_newcomer_sees_a_sample_at_once(page):
    page.run()
    assert not page.exception and not page.error
    assert "look at?" in page.title[0].value
    assert page.session_state["video_sample"] == sample_names()[0]


def test_a_file_of_ones_own(page, tmp_path):
    bring(page, "mine.mp4", video(tmp_path / "mine.mp4", frames=20))
    page.run()
    assert not page.exception and not page.error
    assert page.session_state["inferences"]
    point = page.session_state["video_payload"][1]["film"]["modes"]["budgeted"][0]
    assert "20 candidate frames" in point["whole"]  # how long decoding them took, beside the network's own time


@pytest.mark.parametrize(
    ("name", "make", "words"),
    [
        ("sound.mp4", lambda path: sound_only(path), "only sound"),
        ("notes.mp4", lambda path: b"not a video at all, whatever its name may be", "not a video"),
        ("cut.mp4", lambda path: video(path, frames=60)[:-400], "index"),
    ],
)
def test_what_cannot_be_read_is_one_sentence_and_the_page_lives(page, tmp_path, name, make, words):
    bring(page, name, make(tmp_path / name))
    page.run()
    assert not page.exception
    assert len(page.error) == 1 and words in page.error[0].value and name.split(".")[0] in page.error[0].value
    OWN.show(f"test {name}", "video", None)
    page.session_state["video_sample"], page.session_state["video_problems"] = sample_names()[1], []
    page.run()
    assert not page.exception and not page.error, page.error[0].value


def test_a_trace_file_is_shown_again_without_its_network(page):
    bring(page, "run.dynviz", trace_bytes(film_trace(boxes=True, sides=(96,))))
    page.run()
    assert not page.exception and not page.error
    assert "Made frames" in page.title[0].value


def test_without_networks_the_page_says_so(tmp_path, monkeypatch):
    monkeypatch.setenv("DYNVIZ_PRETRAINED", str(tmp_path))
    page = AppTest.from_function(video_page, default_timeout=PAGE_SECONDS).run()
    assert not page.exception
    assert page.info[0].value == say("video.no_models")


def test_the_browser_is_sent_each_frame_once_and_few_numbers_for_each_budget():
    cheap, dear = film_trace(64, (3, 9)), film_trace(64, tuple(range(0, 64, 2)), sides=(128, 96), boxes=True)
    sent = film({"budgeted": (cheap, dear)}, "clip")
    assert len(sent["src"]) == len(sent["times"]) == 64
    assert len(json.dumps(sent["modes"])) < 12_000
    first, second = sent["modes"]["budgeted"]
    assert [i for i, turn in enumerate(first["turn"]) if turn] == [3, 9] and second["turn"][4] == 3
    assert second["side"][4] in (128, 96) and len(second["boxes"]) == 32
    assert sent["labels"][first["label"][9]] == "coffee" and first["label"][0] == -1
    assert "dv-box" not in sent["base"]  # what was not seen only


def test_the_browser_is_sent_what_each_frame_cost_with_its_glance_apart():
    cheap, dear = (film_trace(8, order, glances=True, answers=False) for order in ((3,), (3, 1, 5)))
    sent = film({"budgeted": (cheap, dear)}, "clip")
    one = sent["modes"]["budgeted"][0]
    look, glance, words = sent["costs"][one["cost"][3]]
    assert (look + glance, words) == (1000, "20 M") and glance == round(1000 * GLANCE / (FULL + GLANCE))
    assert sent["costs"][one["cost"][0]] == [0, glance, "400 k"]  # only glanced at
    assert one["spent"] == (
        "Multiply-adds: 20 M for looking at 1 of 8 frames · 3.2 M for glances at 8 frames and deciding · "
        "50 k for the answer."
    )
    assert not any(label >= 0 for label in one["label"])  # nothing to draw of how sure it was


def test_no_fragment_of_a_budget_holds_a_picture():
    traces = (film_trace(64, (3,)), film_trace(64, tuple(range(64)), sides=(96,), boxes=True))
    pieces = Fragments()
    frames(pieces, traces, (0.1, 1.0), mode="budgeted")
    assert not any("data:image" in piece for piece in pieces.pieces)
    assert sum(map(len, pieces.pieces)) < 120_000


def test_the_samples_are_real_files_that_are_the_same_every_time():
    assert sample_names() == list(SAMPLE_VIDEOS)
    data = sample_video("coffee")
    found = read_video_file(data)
    assert (found.width_px, found.height_px) == (512, 384) and len(found) == 64
    assert 5 < found.duration_s < 12
    sample_video.cache_clear()
    assert sample_video("coffee") == data


def test_videos_lie_on_disk_and_are_bounded():
    known, things = OwnInputs(), [Own(str(i), "video", f"{i}.mp4", Spool(bytes(60_000_000))) for i in range(8)]
    gone = [name for own in things for name in known.add("somebody", own)]
    assert gone == ["0.mp4", "1.mp4"]  # 400 MB on disk at most
    assert all(len(own.data) == 60_000_000 and own.size == 15_000_000 for own in known.of("somebody", "video"))


def test_a_run_on_a_video_is_read_from_its_file():
    chosen = read_run("run.dynviz", trace_bytes(film_trace()))
    assert chosen.trace is not None and len(chosen.trace.media.thumbnails) == 16
    assert np.allclose(chosen.trace.media.times_s, np.arange(16) * 0.5)


def test_a_video_that_turns_out_to_be_damaged_is_told(page, tmp_path, monkeypatch):
    from dynviz.media.video_file import VideoFile

    def broken(self, progress=None):
        raise MediaError("This video cannot be decoded; others can.")

    bring(page, "odd.mp4", video(tmp_path / "odd.mp4", frames=12))
    monkeypatch.setattr(VideoFile, "thumbnails", broken)
    page.run()
    assert not page.exception and "cannot be decoded" in page.error[0].value


def compare_page() -> None:
    from app.compare import page as compare

    compare.page()


def test_all_networks_stand_under_one_another_on_one_scale_of_time(networks, monkeypatch):
    from app.compare import page as compare

    boards: list[dict] = []
    monkeypatch.setattr(compare, "board", lambda data, **more: boards.append(data))
    page = AppTest.from_function(compare_page, default_timeout=PAGE_SECONDS)
    page.query_params["networks"] = "frameexit"
    page.run()
    assert [panel["title"] for panel in boards[-1]["panels"]] == ["FrameExit"]
    page.button(key="compare_every").click().run()
    assert not page.exception and not page.error
    titles = [panel["title"] for panel in boards[-1]["panels"]]
    assert titles[0] == "FrameExit" and sorted(titles) == sorted(card.title for card in networks)
    assert len(boards[-1]["ruler"]) == 16 and boards[-1]["ruler"][0][1] == "0:00.2"
