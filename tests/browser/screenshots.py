"""Pictures of the real app for the README: ``python -m tests.browser.screenshots OUTDIR``. Needs a Chromium."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from tests.browser.driving import FIRST_VIEW_MS, IDLE, START, VIEW, launch, open_view, running_app, wait_for_times

SIZES = {"wide": (1440, 900), "narrow": (390, 844)}


def main() -> None:
    """One PNG for each page, theme and width."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("outdir", type=Path)
    folder = parser.parse_args().outdir
    folder.mkdir(parents=True, exist_ok=True)
    with running_app() as address, sync_playwright() as playwright:
        browser = launch(playwright)
        for scheme in ("light", "dark"):
            for size, (width, height) in SIZES.items():
                context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
                page = context.new_page()
                page.goto(address)
                page.wait_for_selector(START, timeout=FIRST_VIEW_MS)
                page.wait_for_selector(IDLE)
                _whole(page, ".st-key-start_map", folder / f"start-{size}-{scheme}.png")
                open_view(page, address)
                wait_for_times(page)
                _whole(page, VIEW, folder / f"image-{size}-{scheme}.png")
                for reading, model in (("text", "skim-rnn-imdb"), ("signals", "skip-rnn-ecg")):
                    page.goto(f"{address}/{reading}?model={model}")
                    page.wait_for_selector(VIEW, timeout=FIRST_VIEW_MS)
                    wait_for_times(page)
                    _whole(page, VIEW, folder / f"{reading}-{size}-{scheme}.png")
                page.goto(f"{address}/accuracy")
                page.wait_for_selector(".js-plotly-plot .main-svg", timeout=FIRST_VIEW_MS)
                page.wait_for_selector(IDLE)
                _whole(page, ".js-plotly-plot", folder / f"accuracy-{size}-{scheme}.png")
                page.goto(f"{address}/models")
                page.wait_for_selector(".mo-all")
                page.wait_for_selector(IDLE)
                _whole(page, ".sheet", folder / f"models-{size}-{scheme}.png")
                context.close()
        browser.close()


def _whole(page: Any, content: str, path: Path) -> None:
    """The page from top to bottom; Streamlit scrolls inside, so the window is made as high as what it holds."""
    size = page.viewport_size
    extra = 90 if content == VIEW else 30
    for _ in range(3):  # the picture grows with the window, so the first guess is not the last
        bottom = page.locator(content).evaluate("(e) => e.getBoundingClientRect().bottom")
        page.set_viewport_size({"width": size["width"], "height": min(4000, round(bottom) + extra)})
        page.wait_for_timeout(500)
    page.screenshot(path=path)
    page.set_viewport_size(size)
    print(path)


if __name__ == "__main__":
    main()
