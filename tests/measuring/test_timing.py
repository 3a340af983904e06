"""The child process that measures: it is not waited for without end, and another takes its place."""

from __future__ import annotations

import pytest

from dynviz.measuring.timing import TimingError, _Worker


def test_a_measurement_that_takes_too_long_is_given_up():
    worker = _Worker(seconds=0.1)  # Python alone takes longer to start
    with pytest.raises(TimingError, match="longer than 0 seconds"):
        worker.ask({"name": "nobody", "media": "", "framing": "crop"})
    worker.seconds = 600
    with pytest.raises(TimingError, match="no network is called 'nobody'"):
        worker.ask({"name": "nobody", "media": "", "framing": "crop"})
    worker.process.kill()


def test_it_knows_the_networks_of_the_folder_that_is_set_now(monkeypatch, tmp_path):
    worker, request = _Worker(), {"name": "nobody", "media": "", "framing": "crop"}
    with pytest.raises(TimingError, match="'nobody'"):
        worker.ask(request)
    first = worker.process.pid
    with pytest.raises(TimingError, match="'nobody'"):
        worker.ask(request)
    assert worker.process.pid == first
    monkeypatch.setenv("DYNVIZ_PRETRAINED", str(tmp_path))
    with pytest.raises(TimingError, match="'nobody'"):
        worker.ask(request)
    assert worker.process.pid != first
    worker.process.kill()
