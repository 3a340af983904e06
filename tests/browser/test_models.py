"""The Models page in a real browser: a table whose rows unfold, and the way to it from a network."""

from __future__ import annotations

import pytest

import dynviz
from app.strings import say
from dynviz import zoo
from tests.browser.driving import IDLE, VIEW, open_view, too_wide

pytestmark = pytest.mark.browser
CARDS = ".mo-all article"


def unfolded(page) -> list[str]:
    return [card.locator("h2").inner_text() for card in page.locator(CARDS).all() if card.is_visible()]


def test_a_row_unfolds_its_card_and_keeps_it_when_the_table_is_sorted(app, person, scrubbed):
    page = person()
    page.goto(f"{app}/models")
    page.wait_for_selector(".mo-all")
    page.wait_for_selector(IDLE)  # the family's picture came, and the page ran once more
    opener = page.locator(f'.mo-all button[aria-controls="{scrubbed}"]')
    opener.focus()
    assert not unfolded(page)
    page.keyboard.press("Enter")
    (heading,) = unfolded(page)
    assert heading.startswith(zoo.card(scrubbed).title) and opener.get_attribute("aria-expanded") == "true"

    shown = page.locator(".mo-all > tbody > tr:first-child > td:nth-child(4)")
    for falling in (True, False):
        page.locator(".mo-all > thead button", has_text=say("models.right")).click()
        shares = [float(words.split()[0]) for words in shown.all_inner_texts()]
        assert len(shares) == len(dynviz.models()) and shares == sorted(shares, reverse=falling)
    own = page.locator(f'tbody:has(button[aria-controls="{scrubbed}"])')
    assert own.locator("article").is_visible() and unfolded(page) == [heading]
    opener.click()
    assert not unfolded(page) and opener.get_attribute("aria-expanded") == "false"


def test_a_card_fits_on_a_phone(app, person, scrubbed, fonts):
    page = person(viewport={"width": 390, "height": 844}, fonts=fonts)
    page.goto(f"{app}/models?model={scrubbed}")
    card = page.locator(CARDS).and_(page.locator(":visible"))
    card.wait_for()
    beyond = "(e) => [...e.children].filter((part) => part.getBoundingClientRect().right > innerWidth + 1).length"
    assert card.evaluate(beyond) == 0
    assert page.evaluate("document.querySelector('.stMain').scrollWidth") <= 390
    assert not too_wide(page)


def test_from_a_network_to_its_card(app, person, scrubbed):
    page = person()
    open_view(page, f"{app}/?model={scrubbed}")
    title = zoo.card(scrubbed).title
    page.get_by_role("link", name=say("models.card", title=title)).click()
    page.locator(CARDS, has_text=title).and_(page.locator(":visible")).wait_for()
    (heading,) = unfolded(page)
    assert heading.startswith(title) and f"model={scrubbed}" in page.url
    page.go_back()
    page.wait_for_selector(VIEW)
    page.wait_for_selector(IDLE)
