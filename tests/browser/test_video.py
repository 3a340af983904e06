"""The Video page in a browser: a real file to its timeline, scrubbing, playing, a film to take away, a trace afresh."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dynviz.trace import Trace
from dynviz.trace.file import trace_bytes
from tests.browser.driving import FIRST_VIEW_MS, IDLE, VIEW, running_app, upload, wait_for_times, wait_for_view
from tests.media.video_samples import video
from tests.video_zoo import write_untrained
from tests.views.film_traces import film_trace

TOLD = f"{VIEW} .sc-moment"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The app with untrained networks for video: how the page works does not hang on what they have learned."""
    folder = tmp_path_factory.mktemp("zoo")
    write_untrained(folder, ["frames-mean", "frameexit"])
    with running_app(DYNVIZ_PRETRAINED=str(folder)) as address:
        yield address


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("clips") / "my clip.mp4"
    video(path, frames=90, fps=15, size=(320, 240), gop=15)
    return path


def told(page: Any) -> str:
    return page.locator(TOLD).inner_text()


def test_a_persons_video_from_file_to_film_and_back(person, app, clip, tmp_path):
    page = person(accept_downloads=True)
    page.goto(f"{app}/video?model=frameexit")
    before = wait_for_view(page)
    hint = page.locator('[data-testid="stFileUploaderDropzoneInstructions"] span').first
    assert "a video (MP4" in hint.evaluate("(part) => getComputedStyle(part, '::before').content")
    upload(page, clip)
    wait_for_view(page, other_than=before)
    wait_for_times(page)
    assert "my clip.mp4" in page.locator(f"{VIEW} .sc-caption").inner_text()
    assert "looked at as number 1" in told(page)

    timeline = page.locator(f"{VIEW} .sc-frames")
    timeline.focus()
    page.keyboard.press("Home")
    assert told(page).startswith("0:00.0")
    page.keyboard.press("End")
    assert told(page).startswith("0:05.9")
    box = timeline.bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + 40)
    middle = told(page)
    assert middle.startswith(("0:02", "0:03"))
    page.keyboard.press("ArrowRight")
    assert told(page) != middle

    page.locator(f"{VIEW} .sc-slider").focus()  # another budget: other frames
    page.keyboard.press("Home")
    few = page.locator(f"{VIEW} .dv-answer span").first.inner_text()
    page.keyboard.press("End")
    assert page.locator(f"{VIEW} .dv-answer span").first.inner_text() != few

    timeline.focus()
    page.keyboard.press("Home")
    page.locator(f"{VIEW} .sc-roll").click()
    now = _text(".sc-moment")
    page.wait_for_function(f"() => {now}.startsWith('0:0') && !{now}.startsWith('0:00.0')")
    page.locator(f"{VIEW} .sc-roll").click()

    with page.expect_download(timeout=FIRST_VIEW_MS) as saved:
        page.locator(".st-key-save button").first.click()
    trace_file = tmp_path / "run.dynviz"
    saved.value.save_as(trace_file)
    trace = Trace.load(trace_file)
    assert trace.media.modality == "video" and len(trace.media.thumbnails) == 64

    page.locator(".st-key-export_box button").first.click()
    with page.expect_download(timeout=FIRST_VIEW_MS) as saved:
        page.get_by_text("The same as a video (MP4)").click()
    film = tmp_path / "film.mp4"
    saved.value.save_as(film)
    assert film.read_bytes()[4:8] == b"ftyp"

    fresh = person()
    fresh.goto(f"{app}/video?model=frames-mean")
    wait_for_view(fresh)
    upload(fresh, trace_file)
    fresh.wait_for_selector(f"{VIEW}[data-view^='trace']", timeout=FIRST_VIEW_MS)
    fresh.wait_for_selector(IDLE)
    assert trace.prediction.label in fresh.locator(f"{VIEW} .dv-answer strong").inner_text()


def test_by_keyboard_through_what_it_looked_at_in_the_order_of_looking(person, app, tmp_path):
    page = person(viewport={"width": 390, "height": 844})
    page.goto(f"{app}/video?model=frames-mean")
    wait_for_view(page)
    file = tmp_path / "run.dynviz"
    file.write_bytes(trace_bytes(film_trace(32, (16, 8, 24, 4), sides=(96,), boxes=True)))
    upload(page, file)
    page.wait_for_selector(f"{VIEW}[data-view^='trace']", timeout=FIRST_VIEW_MS)
    page.wait_for_selector(IDLE)
    page.locator(f"{VIEW} .sc-frames").focus()
    seen = [told(page)]
    for _ in range(3):
        page.keyboard.press("ArrowDown")
        seen.append(told(page))
    assert [line.split()[0] for line in seen] == ["0:08.0", "0:04.0", "0:12.0", "0:02.0"]
    assert "looked at as number 2 of 4 · at 96 px · then: coffee" in seen[1]
    assert page.locator(f"{VIEW} .sc-overlay .dv-box").count() == 1
    page.keyboard.press("ArrowRight")
    assert "never put through the network" in told(page)
    assert page.locator(f"{VIEW} .sc-overlay .dv-box").count() == 0
    assert page.locator(VIEW).evaluate("(view) => view.scrollWidth - view.clientWidth") <= 1


def _text(selector: str) -> str:
    """A script: the words of a part of the live view."""
    from tests.browser.driving import VIEW_ROOT

    return f"{VIEW_ROOT}.querySelector('{selector}').textContent"
