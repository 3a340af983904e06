"""Starting the app for ``dynviz app``: the server is a process of its own, so that the library needs no Streamlit."""

from __future__ import annotations

import atexit
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

APP = Path(__file__).resolve().parents[2] / "app" / "main.py"
FIRST_PORT = 8501
STARTING_SECONDS = 60.0


class ServingError(RuntimeError):
    """The app could not be started; the message says what to do."""


class Server:
    """A running app. ``url`` answers from the moment the constructor returns."""

    def __init__(self, port: int | None = None, *, open_browser: bool = True, script: Path = APP):
        """Start ``script`` on ``port`` (None: the first free one from 8501). Raises ServingError where it cannot."""
        if not script.is_file():
            raise ServingError(f"the app is not here ({script} is missing): run dynviz app from a copy of the project")
        if port is not None and not _free(port):
            raise ServingError(f"port {port} is taken: choose another with --port")
        port = port or next((p for p in range(FIRST_PORT, FIRST_PORT + 100) if _free(p)), FIRST_PORT)
        self.url = f"http://localhost:{port}"
        headless = "false" if open_browser and _has_screen() else "true"
        options = {"server.port": port, "server.headless": headless, "server.showEmailPrompt": "false"}
        command = [sys.executable, "-m", "streamlit", "run", str(script)]
        command += [word for name, value in options.items() for word in (f"--{name}", str(value))]
        # its chatter goes to stderr, since stdout is for the one answer of the verb
        self.process = subprocess.Popen(command, cwd=script.parent.parent, stdout=sys.stderr.fileno())
        atexit.register(self.stop)  # whatever ends this process, an exception at any moment included
        self._wait_until_healthy()

    def wait(self) -> int:
        """Until the server ends or Ctrl+C is pressed; its exit status, 0 after Ctrl+C."""
        try:
            return self.process.wait()
        except KeyboardInterrupt:
            return 0

    def stop(self) -> None:
        """End the server, politely at first."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def _wait_until_healthy(self) -> None:
        deadline = time.monotonic() + STARTING_SECONDS
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise ServingError(f"the app ended while starting, with status {self.process.returncode}")
            try:
                with urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=5):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        raise ServingError(f"the app did not answer within {STARTING_SECONDS:.0f} s")


def _has_screen() -> bool:
    return sys.platform in ("darwin", "win32") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _free(port: int) -> bool:
    """Does nobody answer at ``port``? Somebody else's server must not be taken for ours."""
    try:
        with socket.create_connection(("localhost", port), timeout=1):
            return False
    except OSError:
        return True
