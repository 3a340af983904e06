"""Picking a part of the decisions and taking that decision by hand, with the pointer and with the keys; and back."""

from __future__ import annotations

import re

import pytest

import dynviz
from tests.browser.driving import FIRST_VIEW_MS, IDLE, VIEW, open_view, wait_for_times

# a network with blocks, one with channel groups or experts, one with ways, as far as they are here
MECHANISMS = ("layer skipping by gates", "dynamic width by experts", "dynamic routing")


def networks() -> list[str]:
    found = {
        card.mechanism: card.name
        for card in dynviz.models()
        if card.modality == "image" and card.mechanism in MECHANISMS and len(card.operating_points) > 2
    }
    return sorted(found.values())


def picks(page):
    return page.locator(f"{VIEW} [data-slot=decisions] .dv-pick")


def forced(page) -> list[str]:
    """What the view says was decided by hand, by unit."""
    return page.locator(f"{VIEW} [data-slot=decisions] .dv-pick[data-hand]").evaluate_all(
        "(all) => [...new Set(all.map((one) => one.dataset.unit))]"
    )


def spent(page) -> str:
    return page.locator(f"{VIEW} [data-slot=account] .dv-figures b").first.inner_text()


def place(page) -> float:
    """Where the decisions begin, below what is said of those taken by hand."""
    return page.locator(f"{VIEW} [data-slot=decisions]").evaluate(
        "(all) => all.getBoundingClientRect().top - all.closest('.dv-card').getBoundingClientRect().top"
    )


def settled(page) -> None:
    page.wait_for_selector(IDLE, timeout=FIRST_VIEW_MS)


@pytest.mark.parametrize("width", [390, 1440])
def test_no_decision_moves_when_one_is_taken_by_hand(person, app, width):
    name = next(iter(networks()), None)
    if name is None:
        pytest.skip("no trained network whose decisions can be taken by hand is here")
    page = person(viewport={"width": width, "height": 900})
    open_view(page, f"{app}/image?model={name}&budget=0.6")
    wait_for_times(page)
    before = place(page)
    page.locator(f"{VIEW} [data-slot=decisions] .dv-pick[data-other]").first.click(force=True)
    page.locator(f"{VIEW} .sc-pick .sc-turn").click()
    page.locator(f"{VIEW}[data-hand]").wait_for(timeout=FIRST_VIEW_MS)
    settled(page)
    assert page.locator(f"{VIEW} .sc-hand").first.is_visible() and abs(place(page) - before) < 1


@pytest.mark.parametrize("name", networks() or ["none"])
def test_a_decision_is_taken_by_hand_and_given_back(person, app, name):
    if name == "none":
        pytest.skip("no trained network whose decisions can be taken by hand is here")
    page = person()
    open_view(page, f"{app}/image?model={name}&budget=0.6")
    own, how = spent(page), page.locator(f"{VIEW} .dv-answer span").first.inner_text()
    able = page.locator(f"{VIEW} [data-slot=decisions] .dv-pick[data-other]")
    assert able.count() and page.locator(f"{VIEW} .sc-hint").is_visible()
    one = able.first
    unit = one.get_attribute("data-unit")
    one.scroll_into_view_if_needed()
    one.click(force=True)  # of an edge the line is picked, and not the middle of the box around it
    told = page.locator(f"{VIEW} .sc-pick")
    assert re.search(r"multiply-adds", told.inner_text()) and "In the tests at this budget" in told.inner_text()
    told.locator(".sc-turn").click()
    page.locator(f"{VIEW}[data-hand]").wait_for(timeout=FIRST_VIEW_MS)
    settled(page)
    assert unit in forced(page)
    assert "by hand" in page.locator(f"{VIEW} .dv-answer span").first.inner_text()
    assert "By hand" in page.locator(f"{VIEW} .sc-hand").first.inner_text() and own in page.locator(
        f"{VIEW} .sc-hand"
    ).first.inner_text().replace("\xa0", " ")
    page.locator(f"{VIEW} .sc-slider").press("Home")  # it is so at every budget
    assert unit in forced(page)
    page.locator(f"{VIEW} .sc-slider").press("End")
    settled(page)
    page.locator(f"{VIEW} .sc-reset").click()
    page.locator(f"{VIEW}:not([data-hand])").wait_for(timeout=FIRST_VIEW_MS)
    assert forced(page) == [] and "by hand" not in page.locator(f"{VIEW} .dv-answer span").first.inner_text()
    assert how  # something was said before


def test_a_decision_is_picked_and_taken_with_the_keys(person, app, scrubbed):
    page = person()
    open_view(page, f"{app}/image?model={scrubbed}&budget=0.6")
    first = picks(page).first
    first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    assert first.evaluate("(one) => one.getRootNode().activeElement === one")
    assert first.get_attribute("role") == "button" and first.get_attribute("tabindex") == "0"
    assert first.get_attribute("aria-label").startswith(first.get_attribute("data-name"))
    page.keyboard.press("Enter")
    page.locator(f"{VIEW} .sc-pick").wait_for()
    page.keyboard.press("Escape")
    assert page.locator(f"{VIEW} .sc-pick").is_hidden()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")  # the button that takes it by hand has the focus
    page.locator(f"{VIEW}[data-hand]").wait_for(timeout=FIRST_VIEW_MS)
    assert forced(page)


def test_a_step_of_the_slider_stays_fast_with_parts_to_pick(person, app, scrubbed):
    page = person()
    open_view(page, f"{app}/image?model={scrubbed}&budget=0.6")
    root = page.locator(VIEW)
    ms = root.evaluate(
        """(root) => {
            const view = root.scrubber, last = view.frames.budgets.length - 1, times = [];
            for (let round = 0; round < 3; round++)
                for (let i = 0; i <= last; i++) {
                    const from = performance.now();
                    view.show(i);
                    root.offsetHeight;
                    times.push(performance.now() - from);
                }
            return times.sort((a, b) => a - b)[Math.floor(times.length / 2)];
        }"""
    )
    assert ms < 16, f"{ms:.1f} ms for a step"
