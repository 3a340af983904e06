"""The real app on a free port, a Chromium, and the live view as a person meets it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[2]
ARGUMENTS = [
    "--no-sandbox",
    "--headless",
    "--disable-gpu",
    "--disable-background-networking",
    "--use-fake-device-for-media-stream",  # Chromium's own camera and microphone, which beeps once a second
]
FONT_FOLDER = Path("/usr/share/fonts/truetype")
FONTS = {"dejavu": ("dejavu",), "liberation": ("liberation", "noto")}  # wide letters, and narrow ones
STARTING_SECONDS = 300
FIRST_VIEW_MS = 300_000  # torch is imported for the first picture, on a machine that may be busy
VIEW = ".sc[data-view]"
# the root of the live view in a script
VIEW_ROOT = (
    "[...document.querySelectorAll('[data-testid=stBidiComponentIsolated]')]"
    ".map((e) => e.shadowRoot).find((root) => root?.querySelector('.sc'))"
)
START = ".st-pair > article img"  # the Start page's live picture has come
IDLE = '[data-testid="stApp"][data-test-script-state="notRunning"]'


@contextmanager
def running_app(**environment: str) -> Iterator[str]:
    """Start the app; its address. It is stopped at the end."""
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app/main.py", "--server.port", str(port)]
    server = subprocess.Popen(
        [*command, "--server.headless", "true"],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        address = f"http://localhost:{port}"
        _wait_until_healthy(address, server)
        yield address
    finally:
        server.terminate()
        try:
            server.wait(timeout=10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def chromium_path() -> str | None:
    """The browser to drive: ``CHROMIUM``, Debian's or, as None, Playwright's own."""
    named = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    return named or None


def launch(playwright: Any, fonts: str | None = None, folder: Path | None = None) -> Any:
    """A Chromium. Raises Playwright's Error where there is none.

    fonts: the name of one of FONTS, to see no others; ``folder`` then holds what says so. None: those of the machine.
    """
    environment = dict(os.environ)
    if fonts is not None:
        assert folder is not None
        lines = "".join(f"<dir>{FONT_FOLDER / name}</dir>" for name in FONTS[fonts])
        file = folder / f"{fonts}.conf"
        file.write_text(f"<fontconfig>{lines}<cachedir>{folder / 'cache'}</cachedir></fontconfig>", encoding="utf-8")
        environment["FONTCONFIG_FILE"] = str(file)
    return playwright.chromium.launch(executable_path=chromium_path(), args=ARGUMENTS, env=environment)


def open_view(page: Any, address: str) -> None:
    """Go to the Image page, by a link or from the Start page, and wait until a network has answered."""
    page.goto(address)
    if not urlsplit(address).query:
        page.locator(".st-key-start_try button").click(timeout=FIRST_VIEW_MS)
    wait_for_view(page)


def wait_for_view(page: Any, *, other_than: str = "") -> str:
    """Wait for a live view, for another one than ``other_than`` where that is given; its identity."""
    page.wait_for_selector(f'{VIEW}:not([data-view="{other_than}"])', timeout=FIRST_VIEW_MS)
    page.wait_for_selector(IDLE, timeout=FIRST_VIEW_MS)
    return page.locator(VIEW).get_attribute("data-view")


def wait_for_times(page: Any) -> None:
    """Wait until the milliseconds are measured and nothing on the page changes any more."""
    page.wait_for_selector(f"{VIEW}:not([data-measuring])", timeout=FIRST_VIEW_MS)
    page.wait_for_selector(IDLE)


def seen(page: Any) -> dict[str, str]:
    """What a person reads off the live view: the answer, how it came about, the budget, the decisions."""
    view = page.locator(VIEW)
    return {
        "answer": view.locator(".dv-answer strong").inner_text(),
        "how": view.locator(".dv-answer span").first.inner_text(),
        "budget": view.locator(".sc-slider > i").get_attribute("data-words"),
        "decisions": view.locator("[data-slot=decisions] .dv-rows").inner_text(),
        "accuracy": view.locator("[data-slot=accuracy]").inner_text(),
    }


def upload(page: Any, *files: Path | dict[str, Any]) -> None:
    """Put files into the place to drop them."""
    chosen = [str(file) if isinstance(file, Path) else file for file in files]
    page.locator('[data-testid="stFileUploaderDropzoneInput"]').set_input_files(chosen)


def _wait_until_healthy(address: str, server: subprocess.Popen) -> None:
    deadline = time.monotonic() + STARTING_SECONDS
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise RuntimeError(f"the app ended while starting, with status {server.returncode}")
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise RuntimeError(f"the app did not answer within {STARTING_SECONDS} s")


def too_wide(page: Any) -> list[str]:
    """The cards on the page whose content is wider than they are: it would be cut off, or have to be scrolled to."""
    return page.evaluate(
        """() => [...document.querySelectorAll('[data-testid=stBidiComponentIsolated]')]
          .flatMap(({ shadowRoot }) => [...shadowRoot.querySelectorAll('section, article')])
          .filter((e) => e.clientWidth && e.scrollWidth > e.clientWidth + 1)
          .map((e) => `${e.tagName} ${e.className} ${e.scrollWidth} > ${e.clientWidth}`)"""
    )
