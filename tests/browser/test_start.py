"""The Start page in a real browser: words first, then a picture in the place kept for it, layout, ways on."""

from __future__ import annotations

import pytest

from tests.browser.driving import FIRST_VIEW_MS, IDLE, START, VIEW, running_app, seen, wait_for_view

pytestmark = pytest.mark.browser
MASKS = ".st-masks .dv-picture > img"
PLACES = "Array.from(document.querySelectorAll('.st-key-start_ways, .st-key-start_map')).map(" \
    "(e) => Math.round(e.getBoundingClientRect().top))"  # fmt: skip


@pytest.mark.parametrize("size", [(1440, 900), (390, 844)])
def test_nothing_moves_when_the_live_picture_comes(chromiums, scrubbed, size, fonts):
    page = chromiums(fonts).new_page(viewport={"width": size[0], "height": size[1]})
    with running_app() as fresh:  # nothing is loaded yet
        page.goto(fresh)
        page.wait_for_selector(".st-pending", timeout=FIRST_VIEW_MS)
        page.locator(".st-key-start_map").wait_for()
        page.wait_for_timeout(150)
        before = page.evaluate(PLACES)
        assert page.locator(START).count() == 0
        page.wait_for_selector(START, timeout=FIRST_VIEW_MS)
        page.wait_for_selector(IDLE)
        after = page.evaluate(PLACES)
    page.close()
    assert len(before) == 2 and all(abs(a - b) <= 3 for a, b in zip(before, after, strict=True))


@pytest.mark.parametrize(("size", "scheme"), [((1440, 900), "dark"), ((390, 844), "light")])
def test_it_fits_and_follows_the_theme(app, person, scheme, size, fonts):
    page = person(viewport={"width": size[0], "height": size[1]}, color_scheme=scheme, fonts=fonts)
    page.goto(app)
    page.wait_for_selector(START, timeout=FIRST_VIEW_MS)
    page.wait_for_selector(IDLE)
    sheets = page.locator(".sheet").evaluate_all("(sheets) => sheets.map((e) => e.dataset.theme)")
    assert sheets and set(sheets) == {scheme}
    assert page.evaluate("document.querySelector('.stMain').scrollWidth") <= size[0]
    cut = page.locator(".st-pair .dv-value, .st-pair article").evaluate_all(
        "(parts) => parts.filter((e) => e.scrollWidth > e.clientWidth + 1).length"
    )
    assert cut == 0
    assert all(page.locator(START).evaluate_all("(pictures) => pictures.map((e) => e.alt && e.naturalWidth > 0)"))
    if size[0] == 1440:
        families = page.locator(".st-key-start_map").bounding_box()
        assert families["y"] + 80 <= size[1]  # that there is a map shows without scrolling, however long it grows


def test_the_first_picture_is_a_mask_that_follows_its_budget(app, person):
    page = person()
    page.goto(app)
    page.wait_for_selector(MASKS, timeout=FIRST_VIEW_MS)
    page.wait_for_selector(START, timeout=FIRST_VIEW_MS)
    page.wait_for_selector(IDLE)
    first = page.locator("img:visible").first.bounding_box()
    mask = page.locator(MASKS).bounding_box()
    assert first == mask and mask["y"] + mask["height"] <= 900
    shown = page.locator(".st-masks .dv-overlay:visible")
    before = shown.inner_html()
    page.locator(".st-masks input:checked").focus()
    page.keyboard.press("ArrowRight")
    assert shown.count() == 1 and shown.inner_html() != before
    told = page.locator(".st-masks .st-share:visible b").inner_text()
    page.keyboard.press("ArrowLeft")
    assert shown.inner_html() == before and page.locator(".st-masks .st-share:visible b").inner_text() != told


def test_its_ways_work_by_keyboard_and_after_the_image_page_was_seen(app, person, scrubbed):
    page = person()
    page.goto(f"{app}/?model={scrubbed}&sample=coffee&budget=0.30")
    wait_for_view(page)
    assert "/image?" in page.url and "30" in seen(page)["budget"]
    page.get_by_test_id("stTopNavLink").filter(has_text="Start").click()
    page.wait_for_selector(START, timeout=FIRST_VIEW_MS)
    page.wait_for_selector(IDLE)
    button = page.locator(".st-key-start_map button").first
    button.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(VIEW, timeout=FIRST_VIEW_MS)
    page.wait_for_selector(IDLE)
    assert "/image?" in page.url and "model=" in page.url
