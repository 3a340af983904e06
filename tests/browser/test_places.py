"""A place of the picture in a real browser: pointed at, gone to by keys, kept, looked at from closer."""

from __future__ import annotations

import re

import pytest

from tests.browser.driving import VIEW, VIEW_ROOT, open_view

pytestmark = pytest.mark.browser
STROKES = f"() => [...{VIEW_ROOT}.querySelectorAll('.sc-cells path')].map((path) => path.getAttribute('d'))"


def test_what_was_computed_at_a_place(app, person):
    page = person()
    open_view(page, f"{app}/?model=dynconv&sample=cat&budget=0.5")
    picture, line = page.locator(f"{VIEW} .sc-picture"), page.locator(f"{VIEW} .sc-place")
    hint = line.inner_text()
    box = picture.bounding_box()
    page.mouse.move(box["x"] + 0.45 * box["width"], box["y"] + 0.45 * box["height"])
    told = line.inner_text()
    assert re.search(r"computed in \d+ of 17 layers · [\d.]+ % of the compute", told)
    page.mouse.move(box["x"] + 0.02 * box["width"], box["y"] + 0.45 * box["height"])
    assert line.inner_text() == hint, "what was not seen has no cells"
    picture.focus()
    page.keyboard.press("ArrowRight")
    first = line.inner_text()
    page.keyboard.press("ArrowDown")
    assert re.match(r"Row \d+, column \d+:", first) and line.inner_text() != first
    before = page.evaluate(STROKES)
    page.keyboard.press("+")
    closer = page.evaluate(STROKES)
    assert len(closer) == len(before) + 1, "the borders of all cells are drawn from close by"
    assert picture.bounding_box()["width"] == pytest.approx(2 * box["width"], rel=0.01)
    page.keyboard.press("-")
    page.keyboard.press("Escape")
    assert line.inner_text() == hint and page.evaluate(STROKES) == []
