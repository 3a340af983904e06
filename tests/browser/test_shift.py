"""Nothing jumps while a page loads: the browser's own measure, the layout shift of all that a person sees."""

from __future__ import annotations

import pytest

import dynviz
from tests.browser.driving import FIRST_VIEW_MS, IDLE, START, VIEW

pytestmark = pytest.mark.browser
MOST = 0.05  # the browser's makers call .1 good
WATCH = """
window.shifts = [];
new PerformanceObserver((list) => {
  for (const e of list.getEntries())
    if (!e.hadRecentInput)
      shifts.push([e.value, ...e.sources.map((s) => s.node?.parentElement?.outerHTML?.slice(0, 200))]);
}).observe({ type: 'layout-shift', buffered: true });
"""  # fmt: skip
WHOLE = {
    "": START,
    "image": VIEW,
    "text": VIEW,
    "signals": VIEW,
    "video": VIEW,
    "compare": ".bo-panels article",
    "batch": '[data-testid="stFileUploader"]',
    "accuracy": ".js-plotly-plot .main-svg",
    "lessons": '[class*="st-key-lessons_"] button',
    "models": ".mo-all",
}


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("place", list(WHOLE))
def test_nothing_jumps_while_a_page_loads(app, person, place, width):
    if place == "video" and not any(card.modality == "video" for card in dynviz.models()):
        pytest.skip("no trained network for videos is here")
    page = person(viewport={"width": width, "height": 900 if width > 900 else 844})
    page.add_init_script(WATCH)
    page.goto(f"{app}/{place}")
    page.wait_for_selector(WHOLE[place], timeout=FIRST_VIEW_MS)
    page.wait_for_selector(IDLE, timeout=FIRST_VIEW_MS)
    page.wait_for_timeout(500)
    assert page.locator("html[data-shown]").count() == 1  # because it is whole, not because it took too long
    shifts = page.evaluate("shifts")
    assert sum(value for value, *_ in shifts) <= MOST, "\n".join(map(str, shifts))
