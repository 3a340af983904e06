"""In class, in a real browser: several networks under one scrubber, a batch that streams in, a lesson by keyboard."""

from __future__ import annotations

import pytest

import dynviz
from tests.browser.driving import FIRST_VIEW_MS, IDLE

pytestmark = pytest.mark.browser


def needs(*names: str) -> None:
    missing = set(names) - {card.name for card in dynviz.models()}
    if missing:
        pytest.skip(f"not here: {', '.join(sorted(missing))}")


def figures(page, count: int) -> list[str]:
    """What is said under each easy and hard input, once ``count`` are there: the sentence above them comes first."""
    found = page.locator(".ba-row figure")
    found.nth(count - 1).wait_for(timeout=FIRST_VIEW_MS)
    assert found.count() == count
    return found.all_inner_texts()


def test_one_scrubber_moves_all_networks_and_the_pointer_is_shown_in_all(app, person):
    needs("msdnet", "dynconv")
    page = person()
    page.goto(f"{app}/compare?networks=msdnet,dynconv&budget=0.3")
    page.wait_for_selector(".bo-panels article", timeout=FIRST_VIEW_MS)
    page.wait_for_selector(IDLE, timeout=FIRST_VIEW_MS)
    before = page.locator(".bo-account b").all_inner_texts()
    page.locator(".bo-bar input[type=range]").focus()
    for _ in range(40):
        page.keyboard.press("ArrowRight")
    after = page.locator(".bo-account b").all_inner_texts()
    assert len(before) == len(after) == 2 and all(a != b for a, b in zip(before, after, strict=True))
    assert not page.locator(".bo-own").first.is_visible()
    page.get_by_text("each its own").click()
    assert page.locator(".bo-own").first.is_visible()
    picture = page.locator(".bo-over").first
    picture.hover(position={"x": 60, "y": 50})
    crosses = page.locator(".bo-cross").evaluate_all("(all) => all.map((e) => [e.hidden, e.style.left])")
    assert [hidden for hidden, _ in crosses] == [False, False] and crosses[0][1] == crosses[1][1]
    covers = page.locator(".bo-over svg.dv-overlay").first.bounding_box()
    box = picture.bounding_box()
    assert abs(covers["width"] - box["width"]) < 4 and abs(covers["height"] - box["height"]) < 4
    assert page.evaluate("document.querySelector('.stMain').scrollWidth") <= 1440


def test_a_lesson_goes_on_and_back_with_a_presenters_remote(app, person):
    needs("msdnet")
    page = person(viewport={"width": 390, "height": 844})
    page.goto(f"{app}/lessons?lesson=early-exit&step=1&alone=1")
    page.wait_for_selector("[data-testid=stRadio]", timeout=FIRST_VIEW_MS)
    page.wait_for_selector(IDLE, timeout=FIRST_VIEW_MS)
    assert not page.locator("[data-testid=stHeader]").is_visible()
    page.get_by_text("It needs the last one").click()
    page.wait_for_selector(IDLE)
    page.keyboard.press("PageDown")
    page.wait_for_selector("[data-testid=stAlert]", timeout=FIRST_VIEW_MS)
    assert "step=2" in page.url and "alone=1" in page.url
    page.wait_for_selector(IDLE, timeout=FIRST_VIEW_MS)
    page.keyboard.press("PageUp")
    page.wait_for_selector("[data-testid=stRadio]", timeout=FIRST_VIEW_MS)
    assert page.evaluate("document.querySelector('.stMain').scrollWidth") <= 390


def test_a_batch_streams_in_and_survives_a_reload(app, person, photo_folder, bad_files):
    needs("msdnet")
    page = person()
    page.goto(f"{app}/batch")
    page.wait_for_selector("[data-testid=stFileUploader]", timeout=FIRST_VIEW_MS)
    page.wait_for_selector(IDLE, timeout=FIRST_VIEW_MS)
    good = [
        {"name": file.name, "mimeType": "image/jpeg", "buffer": file.read_bytes()} for file in photo_folder.iterdir()
    ]
    page.locator("[data-testid=stFileUploaderDropzoneInput]").first.set_input_files([*good, bad_files[0]])
    page.get_by_text("Start: 5 inputs").click()
    page.get_by_text("not usable: 1").wait_for(timeout=FIRST_VIEW_MS)
    before, address = figures(page, 4), page.url
    assert "job=" in address
    page.reload()
    page.get_by_text("not usable: 1").wait_for(timeout=FIRST_VIEW_MS)
    assert figures(page, 4) == before and page.url == address
