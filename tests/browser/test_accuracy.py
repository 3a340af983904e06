"""The Accuracy and compute page in a real browser: choosing, clicking, leaving for a picture, measuring, layout."""

from __future__ import annotations

import re

import pytest

from tests.browser.driving import IDLE, VIEW, seen, too_wide

pytestmark = pytest.mark.browser
CURVES = ".st-key-accuracy_curves"
SHEET = '[data-testid="stBidiComponentIsolated"]'
SLIDER = '[data-testid="stSlider"] input[type=range]'


def open_page(page, app: str) -> None:
    """By the navigation: at an address below the root Streamlit asks for two files that are not there, and says so."""
    page.goto(app)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.get_by_test_id("stTopNavLink").filter(has_text="Accuracy").click()
    wait_for_chart(page)


def wait_for_chart(page) -> None:
    page.wait_for_selector(f"{CURVES} .scatterlayer .points path")
    page.wait_for_selector(IDLE)


def ring_centre(page) -> tuple[float, float]:
    box = page.locator(".accuracy-ring").bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def point_centres(page) -> list[tuple[float, float]]:
    boxes = [point.bounding_box() for point in page.locator(f"{CURVES} .scatterlayer .points path").all()]
    return [(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2) for box in boxes]


def wait_for_point(page, words: str) -> None:
    page.locator(".dv-title", has_text=re.compile(words)).wait_for()
    page.wait_for_selector(IDLE)


def nearest(point: tuple[float, float], points: list[tuple[float, float]]) -> float:
    return min(abs(point[0] - x) + abs(point[1] - y) for x, y in points)


@pytest.mark.parametrize(("size", "scheme"), [((1440, 900), "light"), ((390, 844), "dark")])
def test_the_ring_is_on_a_point_and_nothing_is_cut_off(app, person, scrubbed, size, scheme, fonts):
    page = person(color_scheme=scheme, fonts=fonts)
    open_page(page, app)
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.wait_for_timeout(800)  # Plotly fits itself to the new width
    assert nearest(ring_centre(page), point_centres(page)) < 3
    for box in ("html", ".stMain"):
        assert page.evaluate("box => document.querySelector(box).scrollWidth", box) <= size[0]
    assert not too_wide(page)


def test_the_slider_moves_the_ring_and_leaves_the_chart_alone(app, person, scrubbed):
    page = person()
    open_page(page, app)
    page.evaluate(f"document.querySelector('{CURVES} .main-svg').id = 'the same'")
    before = ring_centre(page)
    slider = page.locator(SLIDER).first
    slider.focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    page.wait_for_function("x => document.querySelector('.accuracy-ring').getBoundingClientRect().x > x", arg=before[0])
    page.wait_for_selector(IDLE)
    assert nearest(ring_centre(page), point_centres(page)) < 3
    assert page.locator(f"{CURVES} .main-svg").first.get_attribute("id") == "the same"
    assert f"model={scrubbed}" in page.url


def test_a_click_chooses_a_point_and_its_budget_goes_with_it_to_a_picture(app, person, scrubbed):
    page = person()
    open_page(page, app)
    points = point_centres(page)
    page.mouse.click(*points[1])
    page.wait_for_function(
        "([x, y]) => { const b = document.querySelector('.accuracy-ring').getBoundingClientRect();"
        " return Math.abs(b.x + b.width / 2 - x) + Math.abs(b.y + b.height / 2 - y) < 3 }",
        arg=list(points[1]),
    )
    page.wait_for_selector(IDLE)
    budget = re.search(r"budget=([\d.]+)", page.url).group(1)
    assert budget != "0.400"
    page.get_by_role("button", name="Try this budget on a picture").click()
    page.wait_for_selector(f'{VIEW}[data-view*="|{scrubbed}|"]')
    page.wait_for_selector(IDLE)
    assert f"{float(budget):.0%}".replace("%", " %") in seen(page)["budget"]


def test_measured_milliseconds_are_asked_for_and_then_shown(app, person, scrubbed):
    page = person()
    open_page(page, app)
    page.get_by_role("button", name="Measure on this machine").click()
    page.locator('[data-testid="stProgress"]').wait_for()
    page.locator(".ac-times tbody tr").nth(1).wait_for()
    shown = page.locator(".ac-times tbody tr").all_inner_texts()
    times = [float(re.search(r"([\d.]+)\sms", line).group(1)) for line in shown]
    assert times[0] < times[-1]
    asked = page.locator('[data-testid="stNumberInput"] input')
    asked.fill("0.0")
    asked.press("Enter")
    page.get_by_text("Even the smallest budget takes").wait_for()
