"""Training survives a kill: at most one epoch is lost, and the weights end up as if nothing had happened."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from dynviz.training.loop import fit
from tests.tiny import tiny_resnet, write_everyday30

ROOT = Path(__file__).resolve().parents[2]
EPOCHS = 4

# Writes half of the second epoch's state and waits there to be killed: the worst moment there is.
VICTIM = f"""
import sys, time
from pathlib import Path
import torch
from dynviz.training.loop import fit
from tests.tiny import tiny_resnet

save = torch.save

def save_or_stop(state, path):
    if state["epoch"] == 2:
        Path(path).write_bytes(b"half a state")
        print("writing", path, flush=True)
        time.sleep(600)
    save(state, path)

torch.save = save_or_stop
fit(tiny_resnet(epochs={EPOCHS}), Path(sys.argv[1]))
"""


@pytest.fixture
def one_thread():
    threads = torch.get_num_threads()
    yield
    torch.set_num_threads(threads)  # fit() sets it for the whole process


def test_a_killed_training_goes_on_and_ends_at_the_same_weights(tmp_path, monkeypatch, one_thread):
    monkeypatch.setenv("DYNVIZ_DATA", str(write_everyday30(tmp_path / "data")))
    interrupted = tmp_path / "interrupted"
    victim = subprocess.Popen(
        [sys.executable, "-c", VICTIM, str(interrupted)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert victim.stdout.readline().startswith("writing"), f"training ended by itself, with status {victim.wait()}"
    victim.kill()
    assert victim.wait() == -signal.SIGKILL

    lines: list[str] = []
    resumed = fit(tiny_resnet(epochs=EPOCHS), interrupted, report=lines.append)
    assert lines[0].endswith("going on after epoch 1")
    assert len(lines) == EPOCHS  # the note above and epochs 2 to 4

    untouched = fit(tiny_resnet(epochs=EPOCHS), tmp_path / "untouched", report=lines.append)
    expected, found = untouched.state_dict(), resumed.state_dict()
    assert expected.keys() == found.keys()
    for name, value in expected.items():
        assert torch.equal(value, found[name]), name


def test_a_finished_training_is_not_repeated(tmp_path, monkeypatch, one_thread):
    monkeypatch.setenv("DYNVIZ_DATA", str(write_everyday30(tmp_path / "data", per_class=8)))
    first = fit(tiny_resnet(epochs=1), tmp_path / "run", report=lambda line: None)
    lines: list[str] = []
    again = fit(tiny_resnet(epochs=1), tmp_path / "run", report=lines.append)
    assert lines == ["tiny-resnet: going on after epoch 1"]
    assert all(torch.equal(value, again.state_dict()[name]) for name, value in first.state_dict().items())
