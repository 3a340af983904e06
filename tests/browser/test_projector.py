"""The projector switch in a real browser: large type and high contrast on every page, and nothing is cut off."""

from __future__ import annotations

import pytest

from tests.browser.driving import FIRST_VIEW_MS, IDLE, START, VIEW

pytestmark = pytest.mark.browser
SWITCH = ".st-key-projector_switch"
PAGES = {  # as the navigation calls it -> what shows that its content has come
    "Start": START,
    "Image": VIEW,
    "Accuracy and compute": ".st-key-accuracy_curves .scatterlayer .points path",
    "Models": ".mo-all",
}
CUT_OFF = """
() => {  // words of the app's own views that stick out of their card, or widgets that stick out of the window
  const found = [];
  const out = (e, box, name) => {
    const r = e.getBoundingClientRect();
    const sticks = r.width && (r.right > box.right + 2 || r.left < box.left - 2);
    if (sticks) found.push(name + ': ' + e.textContent.slice(0, 40));
  };
  const roots = [document];
  for (const e of document.querySelectorAll('*')) if (e.shadowRoot) roots.push(e.shadowRoot);
  for (const root of roots) {
    for (const card of root.querySelectorAll('.dv-card')) {
      const box = card.getBoundingClientRect();
      const words = card.querySelectorAll('.dv-value, .dv-name, .dv-figures > *, p, h2, h3, th, td');
      for (const e of words) out(e, box, 'card');
    }
  }
  const page = { left: 0, right: innerWidth };
  for (const e of document.querySelectorAll('.stMainBlockContainer button, h1, .stMainBlockContainer p')) {
    if (!e.closest('[role=radiogroup]')) out(e, page, 'page');
  }
  return found;
}
"""


def go(page, name: str) -> None:
    page.get_by_test_id("stTopNavLink").filter(has_text=name).first.click()
    page.wait_for_selector(PAGES[name], timeout=FIRST_VIEW_MS)
    page.wait_for_selector(IDLE, timeout=FIRST_VIEW_MS)
    page.locator(".mo-all button[aria-expanded=false]").evaluate_all("(all) => all.forEach((e) => e.click())")


def type_px(page) -> dict[str, float]:
    """Size of the type of Streamlit's words, and of the app's own views."""
    own = page.locator(".dynviz").first
    size = "e => parseFloat(getComputedStyle(e).fontSize)"
    return {"widgets": page.locator("html").evaluate(size), "views": own.evaluate(size)}


@pytest.mark.parametrize("size", [(1440, 900), (1920, 1080)])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_in_projector_dress(app, person, scrubbed, scheme, size):
    page = person(color_scheme=scheme, viewport={"width": size[0], "height": size[1]})
    page.goto(f"{app}/?projector=1")
    page.wait_for_selector(START, timeout=FIRST_VIEW_MS)
    black, white = "rgb(0, 0, 0)", "rgb(255, 255, 255)"
    for name in PAGES:
        go(page, name)
        page.wait_for_timeout(600)  # Plotly fits itself to the width
        sizes = type_px(page)
        assert min(sizes.values()) >= 20, name
        seen = page.locator(".stApp").evaluate("e => [getComputedStyle(e).backgroundColor, getComputedStyle(e).color]")
        assert seen == ([white, black] if scheme == "light" else [black, white])
        assert "projector=1" in page.url
        assert page.evaluate("document.querySelector('.stMain').scrollWidth") <= size[0]
        assert page.evaluate(CUT_OFF) == [], name
        switch, nav = page.locator(SWITCH).bounding_box(), page.get_by_test_id("stTopNavLink").last.bounding_box()
        assert nav["x"] + nav["width"] < switch["x"] and switch["x"] + switch["width"] <= size[0]
    go(page, "Accuracy and compute")
    words = page.locator(".st-key-accuracy_curves .xtick text").first
    assert words.evaluate("e => parseFloat(getComputedStyle(e).fontSize)") >= 18
    ring = page.locator(".accuracy-ring").bounding_box()
    centre = (ring["x"] + ring["width"] / 2, ring["y"] + ring["height"] / 2)
    points = [p.bounding_box() for p in page.locator(PAGES["Accuracy and compute"]).all()]
    near = [abs(p["x"] + p["width"] / 2 - centre[0]) + abs(p["y"] + p["height"] / 2 - centre[1]) for p in points]
    assert min(near) < 3


def test_the_switch_is_found_by_keyboard_and_remembered(app, person, scrubbed):
    page = person()
    page.goto(app)
    page.wait_for_selector(START, timeout=FIRST_VIEW_MS)
    page.wait_for_selector(IDLE)
    before = type_px(page)
    assert before["widgets"] == 16 and "projector" not in page.url
    switch = page.get_by_role("switch", name="Projector")
    switch.focus()
    page.keyboard.press("Space")
    page.wait_for_function("getComputedStyle(document.documentElement).fontSize === '21px'")
    page.wait_for_function("location.search.includes('projector=1')")
    page.wait_for_selector(IDLE)
    page.locator(".dynviz[data-projector]").first.wait_for()
    assert type_px(page)["views"] > before["views"] + 4
    go(page, "Models")
    assert type_px(page)["views"] > 20
    page.get_by_role("switch", name="Projector").focus()
    page.keyboard.press("Space")
    page.wait_for_function("getComputedStyle(document.documentElement).fontSize === '16px'")
    page.wait_for_function("!location.search.includes('projector')")
    page.wait_for_selector(IDLE)
    page.locator(".dynviz:not([data-projector])").first.wait_for()
    assert type_px(page)["views"] == 15
