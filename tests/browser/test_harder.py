"""Turning a knob in a real browser: the picture, the decisions, the curve and the link follow."""

from __future__ import annotations

import re

import pytest

from tests.browser.driving import IDLE, VIEW, open_view, seen, wait_for_view

pytestmark = pytest.mark.browser
COLUMNS = ".st-key-harder_curve svg.dv-columns"


def test_a_knob_makes_the_picture_harder_and_the_curve_says_what_it_costs(app, person, scrubbed):
    page = person()
    open_view(page, f"{app}/?model={scrubbed}&sample=cat&budget=0.300")
    plain, first = page.locator(VIEW).get_attribute("data-view"), seen(page)
    photo = page.locator(f"{VIEW} img").get_attribute("src")
    assert page.locator(COLUMNS).count() == 0  # nothing was run for it yet

    page.locator(".st-key-harder_box summary").click()
    page.wait_for_selector(COLUMNS)
    assert page.locator(f"{COLUMNS} .dv-cell").count() == 11
    alt = page.locator(COLUMNS).get_attribute("aria-label")
    page.locator(".st-key-harder-blur input[type=range]").focus()
    for _ in range(6):
        page.keyboard.press("ArrowRight")
    page.wait_for_selector(f'{VIEW}[data-view*="-blur-0.03|"]')
    page.wait_for_selector(f'{COLUMNS} text.dv-strong:has-text("3 %:")')
    page.wait_for_selector(IDLE)
    harder = page.locator(VIEW).get_attribute("data-view")
    assert page.locator(COLUMNS).get_attribute("aria-label") == alt  # the same curve, only its mark has moved
    assert page.locator(f"{VIEW} img").get_attribute("src") != photo
    assert "Blur, 3 %" in page.locator(f"{VIEW} .sc-caption").inner_text()
    now = seen(page)
    assert now["decisions"] != first["decisions"] and now["budget"] == first["budget"]
    label, exit_number = now["answer"], re.search(r"exit (\d)", now["how"]).group(1)
    assert re.search(rf"3 %, exit {exit_number}, [^;]*{re.escape(label)}", alt)  # both say the same

    page.locator(f"{VIEW} .sc-link").click()
    page.wait_for_function("navigator.clipboard.readText().then((text) => text.includes('knob=blur'))")
    other = person()
    open_view(other, page.evaluate("navigator.clipboard.readText()"))
    assert other.locator(VIEW).get_attribute("data-view") == harder and seen(other) == now
    other.wait_for_selector(COLUMNS)

    page.locator(".st-key-harder_reset button").click()
    assert wait_for_view(page, other_than=harder) == plain
    assert seen(page) == first
