"""What people do, in a real browser: scrub and share, save and show again, upload the unusable, not meet others."""

from __future__ import annotations

import hashlib
import re
import time
from urllib.parse import parse_qs, urlsplit

import pytest
from PIL import Image

from app.strings import say
from dynviz.trace import Trace
from tests.browser.driving import FIRST_VIEW_MS, VIEW, open_view, seen, upload, wait_for_times, wait_for_view

pytestmark = pytest.mark.browser
FIRST_RESULT_S = 3.0  # the aim is 1 s on two idle cores; a test machine may be busy


def press(page, *keys: str) -> None:
    page.locator(f"{VIEW} .sc-slider").focus()
    for key in keys:
        page.keyboard.press(key)


def wait_for_address(page, **wanted: str) -> None:
    page.wait_for_function(
        "wanted => Object.entries(wanted).every(([k, v]) => new URLSearchParams(location.search).get(k) === v)",
        arg=wanted,
    )


def test_a_copied_link_opens_the_same_view(app, person, scrubbed):
    page = person()
    open_view(page, f"{app}/?model={scrubbed}")
    before = seen(page)
    press(page, "Home", "ArrowRight", "ArrowRight")
    after = seen(page)
    assert after["budget"] != before["budget"]
    budget = re.search(r"\d+", after["budget"]).group()
    wait_for_address(page, model=scrubbed, budget=f"{int(budget) / 100:.3f}")
    page.locator(f"{VIEW} .sc-link").click()
    page.wait_for_function("navigator.clipboard.readText().then((text) => text.includes('budget='))")
    link = page.evaluate("navigator.clipboard.readText()")
    asked = parse_qs(urlsplit(link).query)
    assert {"model", "sample", "framing", "mode", "budget"} <= set(asked)

    other = person()
    open_view(other, link)
    assert seen(other) == after


def test_a_link_carries_the_framing_and_the_hard_cap(app, person, scrubbed):
    page = person()
    open_view(page, f"{app}/?model={scrubbed}&sample=rocket&framing=fit&mode=anytime&budget=0.01")
    first = seen(page)
    assert "exit 1 of" in first["how"] and first["budget"].startswith("cap")
    press(page, "End")
    assert "exit 1 of" not in seen(page)["how"]


def test_nonsense_in_a_link_is_left_out(app, person):
    page = person()
    open_view(page, f"{app}/?model=../../etc&sample=%3Cscript%3E&framing=x&mode=y&budget=nan")
    assert seen(page)["answer"]


def test_a_saved_trace_shows_the_same_view_elsewhere(app, person, scrubbed, photo_folder, tmp_path):
    page = person()
    open_view(page, f"{app}/?model={scrubbed}")
    first = page.locator(VIEW).get_attribute("data-view")
    upload(page, photo_folder / "my coffee.jpg")
    wait_for_view(page, other_than=first)
    page.locator(f"{VIEW} .sc-link").click()  # an upload cannot travel in a link: it says so and what to do instead
    assert page.locator(f"{VIEW} .sc-nolink").inner_text() == say("scrubber.nolink")
    press(page, "Home", *["ArrowRight"] * 4)
    shown = seen(page)
    budget = int(re.search(r"\d+", shown["budget"]).group())
    wait_for_address(page, budget=f"{budget / 100:.3f}")
    wait_for_times(page)
    with page.expect_download() as download:
        page.locator(".st-key-save button").first.click()
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    trace = Trace.load(file)
    assert not trace.counterfactual and trace.ms and trace.budget == pytest.approx(budget / 100)

    other = person()
    open_view(other, app)
    sample = other.locator(VIEW).get_attribute("data-view")
    upload(other, file)
    assert wait_for_view(other, other_than=sample).startswith("trace|")
    assert trace.title in other.locator(".pk-line").inner_text()  # the picker names the network of the file
    again = seen(other)
    assert {key: again[key] for key in ("answer", "how", "decisions", "accuracy")} == {
        key: shown[key] for key in ("answer", "how", "decisions", "accuracy")
    }
    assert trace.prediction.label in again["answer"]


def test_bad_files_get_a_sentence_each_and_nothing_else_is_lost(app, person, photo_folder, bad_files):
    page = person()
    open_view(page, app)
    before = page.locator(VIEW).get_attribute("data-view")
    upload(page, *bad_files)
    page.wait_for_function(
        "names => names.every((name) => document.body.innerText.includes(name + ':'))",
        arg=[file["name"] for file in bad_files],
    )
    assert "Traceback" not in page.locator("body").inner_text()
    assert page.locator(VIEW).get_attribute("data-view") == before  # the sample is still there
    press(page, "Home", "End")
    assert seen(page)["answer"]
    good = [{"name": f.name, "mimeType": "image/jpeg", "buffer": f.read_bytes()} for f in photo_folder.glob("*coff*")]
    upload(page, *good)
    wait_for_view(page, other_than=before)
    assert "my coffee.jpg" in page.locator(f"{VIEW} .sc-caption").inner_text()


# the colour in the middle of the picture that is on screen
SHOWN_COLOUR = """async (image) => {
    await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = 1;
    const pen = canvas.getContext("2d");
    pen.drawImage(image, 0, 0, 1, 1);
    return [...pen.getImageData(0, 0, 1, 1).data.slice(0, 3)];
}"""


def test_people_never_see_one_anothers_pictures(app, person, tmp_path):
    people = {}
    for name, colour in (("red", (200, 30, 30)), ("blue", (20, 40, 210))):
        Image.new("RGB", (320, 240), colour).save(tmp_path / f"{name}.png")
        page = person()
        open_view(page, app)
        people[name] = (page, colour, page.locator(VIEW).get_attribute("data-view"))

    def check(name: str) -> None:
        """Name, bytes and colour on screen are this person's own."""
        page, colour, _ = people[name]
        digest = hashlib.sha256((tmp_path / f"{name}.png").read_bytes()).hexdigest()
        assert page.locator(VIEW).get_attribute("data-view").startswith(f"{digest}|")
        assert f"{name}.png" in page.locator(f"{VIEW} .sc-caption").inner_text()
        assert page.locator(f"{VIEW} img").first.evaluate(SHOWN_COLOUR) == pytest.approx(colour, abs=12)

    for name, (page, _, _) in people.items():  # both at once
        upload(page, tmp_path / f"{name}.png")
    for name, (page, _, sample) in people.items():
        wait_for_view(page, other_than=sample)
        check(name)
    for name, (page, _, _) in people.items():  # and one after the other, as a shared memory would show
        press(page, "Home", "End")
        page.locator(".st-key-framing button").last.click()
        page.wait_for_selector(f'{VIEW}[data-view*="|fit|"]')
        check(name)
    for name, (page, _, _) in people.items():
        page.reload()
        wait_for_view(page)
        assert page.locator(f"{VIEW} .sc-caption").inner_text().startswith(f"{name}.png")  # still this person's own
        assert page.locator(".own-show").all_inner_texts() == [f"{name}.png"]


@pytest.mark.alone
def test_a_phone_photo_is_answered_soon_after_its_upload(app, person, scrubbed, pictures, tmp_path, record_property):
    large = Image.fromarray(pictures[2]).resize((4000, 3000))
    large.save(tmp_path / "phone.jpg", quality=92)
    page = person()
    open_view(page, f"{app}/?model={scrubbed}")  # the network is warm now
    wait_for_times(page)
    first = page.locator(VIEW).get_attribute("data-view")
    started = time.perf_counter()
    upload(page, tmp_path / "phone.jpg")
    page.wait_for_selector(f'{VIEW}:not([data-view="{first}"])')
    seconds = time.perf_counter() - started
    record_property("first_result_s", round(seconds, 2))
    print(f"12 megapixels: first result after {seconds:.2f} s")
    assert "4,000 × 3,000 px" in page.locator(f"{VIEW} .sc-caption").inner_text()
    assert seconds <= FIRST_RESULT_S


def test_a_picture_is_taken_with_the_camera(app, person, scrubbed):
    page = person()
    open_view(page, f"{app}/?model={scrubbed}")
    before = page.locator(VIEW).get_attribute("data-view")
    page.get_by_role("button", name=say("camera"), exact=False).first.click()
    page.wait_for_function("document.querySelector('video')?.readyState > 1", timeout=FIRST_VIEW_MS)
    page.locator('[data-testid="stCameraInputButton"]').click()
    wait_for_view(page, other_than=before)
    assert page.locator(f"{VIEW} figcaption, {VIEW} .sc-caption").first.inner_text().startswith(say("camera"))
