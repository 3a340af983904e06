"""The app's server as the command line starts it: it answers when promised, and it ends with its owner."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from dynviz.cli.serving import APP, Server, ServingError

ROOT = Path(__file__).resolve().parents[2]


def health(url: str) -> int:
    with urllib.request.urlopen(f"{url}/_stcore/health", timeout=60) as answer:
        return answer.status


@pytest.mark.skipif(not APP.is_file(), reason="no app folder beside the package")
def test_dynviz_app_prints_one_object_answers_and_takes_the_server_with_it():
    command = [sys.executable, "-m", "dynviz", "app", "--json"]
    owner = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        told = json.loads(owner.stdout.readline())
        assert set(told) == {"url", "pid"}
        assert health(told["url"]) == 200
    finally:
        owner.terminate()
    assert owner.wait(timeout=300) == 143
    assert owner.stdout.read() == ""
    with pytest.raises(urllib.error.URLError):
        health(told["url"])


def test_a_missing_app_is_said_to_be_missing(tmp_path):
    with pytest.raises(ServingError, match=r"main\.py is missing"):
        Server(script=tmp_path / "main.py")


def test_a_taken_port_is_refused(tmp_path):
    (tmp_path / "main.py").write_text("")
    with socket.socket() as taken:
        taken.bind(("", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ServingError, match=f"port {port} is taken"):
            Server(port, script=tmp_path / "main.py")
