"""Fixtures of the browser tests: one app and one Chromium for all, a fresh context (a fresh person) for each."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

import dynviz
from tests.browser.driving import FIRST_VIEW_MS, FONT_FOLDER, FONTS, launch, running_app

REQUIRED = os.environ.get("DYNVIZ_REQUIRE_BROWSER") == "1"


@pytest.fixture(scope="session")
def chromiums(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Any]]:
    """Browsers by the fonts that they see, each started when it is first asked for; None: all fonts of the machine."""
    try:
        from playwright.sync_api import Error, sync_playwright
    except ImportError:
        _missing("Playwright is not installed")
    started: dict[str | None, Any] = {}
    with sync_playwright() as playwright:

        def get(fonts: str | None = None) -> Any:
            if fonts not in started:
                try:
                    started[fonts] = launch(playwright, fonts, tmp_path_factory.mktemp("fonts") if fonts else None)
                except Error as error:
                    _missing(f"no Chromium can be started: {str(error).splitlines()[0]}")
            return started[fonts]

        yield get
        for chromium in started.values():
            chromium.close()


@pytest.fixture(scope="session")
def browser(chromiums: Callable[..., Any]) -> Any:
    return chromiums()


@pytest.fixture(params=list(FONTS))
def fonts(request: pytest.FixtureRequest) -> str:
    """Each set of fonts under which the layout has to hold."""
    for name in FONTS[request.param]:
        if not (FONT_FOLDER / name).is_dir():
            pytest.skip(f"the fonts {name} are not installed (Debian: fonts-{name} or fonts-noto-core)")
    return request.param


@pytest.fixture(scope="session")
def scrubbed() -> str:
    """A network with several operating points."""
    found = [c for c in dynviz.models() if c.modality == "image" and len(c.operating_points) > 2 and c.anytime]
    if not found:
        pytest.skip("no trained network with several operating points is here")
    return next((card.name for card in found if card.name == "msdnet"), found[0].name)


@pytest.fixture(scope="session")
def app(scrubbed: str) -> Iterator[str]:
    with running_app() as address:
        yield address


@pytest.fixture
def person(chromiums: Callable[..., Any], app: str) -> Iterator[Callable[..., Any]]:
    """Makes pages, each in a context of its own, with ``fonts`` where a set of them is named.

    Fails the test for errors on the console and requests to elsewhere.
    """
    contexts, faults = [], []

    def page(fonts: str | None = None, **options: Any) -> Any:
        context = chromiums(fonts).new_context(**{"viewport": {"width": 1440, "height": 900}, **options})
        context.set_default_timeout(FIRST_VIEW_MS)
        contexts.append(context)
        context.grant_permissions(["clipboard-read", "clipboard-write", "microphone", "camera"], origin=app)
        fresh = context.new_page()
        fresh.on("console", lambda m: faults.append(f"console: {m.text}") if _is_fault(m) else None)
        fresh.on("pageerror", lambda error: faults.append(f"script: {error}"))
        fresh.on("request", lambda request: _elsewhere(request.url, app, faults))
        return fresh

    yield page
    for context in contexts:
        context.close()
    assert not faults, "\n---\n".join(faults)


@pytest.fixture(scope="session")
def photo_folder(tmp_path_factory: pytest.TempPathFactory, pictures: list) -> Path:
    """A few good JPEG files, made from scikit-image's pictures."""
    folder = tmp_path_factory.mktemp("photos")
    for name, pixels in zip(("cat", "coffee", "astronaut", "rocket"), pictures, strict=True):
        Image.fromarray(pixels).save(folder / f"my {name}.jpg", quality=90)
    return folder


@pytest.fixture(scope="session")
def bad_files() -> list[dict[str, Any]]:
    """Files that no picture comes out of."""
    buffer = io.BytesIO()
    Image.effect_noise((300, 200), 60).convert("RGB").save(buffer, "JPEG")
    contents = {
        "notes.jpg": b"these are no pixels",
        "empty.png": b"",
        "half.jpg": buffer.getvalue()[:2000],
        "script.svg": b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        "holiday.zip": b"PK\x05\x06" + bytes(18),
    }
    return [{"name": name, "mimeType": "image/jpeg", "buffer": data} for name, data in contents.items()]


def _is_fault(message: Any) -> bool:
    """An error on the console. Opened at a page, Streamlit first looks for its server below that: no fault of ours."""
    own = re.search(r"/[a-z]+/_stcore/(health|host-config)$", message.location.get("url", ""))
    return message.type == "error" and not own


def _elsewhere(url: str, app: str, faults: list[str]) -> None:
    if not url.startswith((app, app.replace("http", "ws"), "data:", "blob:")):
        faults.append(f"request: {url}")


def _missing(why: str) -> None:
    if REQUIRED:
        pytest.fail(f"{why}, and DYNVIZ_REQUIRE_BROWSER=1 asks for one")
    pytest.skip(f"{why}: set CHROMIUM or install Debian's chromium")
