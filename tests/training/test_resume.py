"""Training survives a kill: at most one epoch is lost, and the weights end up as if nothing had happened."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from dynviz.datasets.texts import load_texts
from dynviz.training.loop import fit
from tests.tiny import tiny_lstm, tiny_resnet, write_everyday30, write_imdb, write_words

ROOT = Path(__file__).resolve().parents[2]
EPOCHS = 4

# A training that reaches some moment of its second epoch, says so, and waits there to be killed.
VICTIM = f"""
import sys, time
from pathlib import Path
import torch
from dynviz.training import loop
from tests.tiny import tiny_resnet

def stop(where):
    print("reached", where, flush=True)
    time.sleep(600)

{{moment}}
loop.fit(tiny_resnet(epochs={EPOCHS}), Path(sys.argv[1]))
"""
MOMENTS = {
    "halfway through an epoch, its weights changed": """
update, steps = loop.update_average, 0

def update_or_stop(*arguments):
    global steps
    update(*arguments)
    steps += 1
    if steps == 12:  # eight steps make an epoch
        stop("step 12")

loop.update_average = update_or_stop
""",
    "half of the state written, the worst moment there is": """
save = torch.save

def save_or_stop(state, path):
    if state["epoch"] == 2:
        Path(path).write_bytes(b"half a state")
        stop("writing")
    save(state, path)

torch.save = save_or_stop
""",
}


@pytest.fixture
def one_thread():
    threads = torch.get_num_threads()
    yield
    torch.set_num_threads(threads)  # fit() sets it for the whole process


@pytest.mark.slow
@pytest.mark.parametrize("moment", MOMENTS)
def test_a_killed_training_goes_on_and_ends_at_the_same_weights(moment, tmp_path, monkeypatch, one_thread):
    monkeypatch.setenv("DYNVIZ_DATA", str(write_everyday30(tmp_path / "data")))
    interrupted = tmp_path / "interrupted"
    script = VICTIM.format(moment=MOMENTS[moment])
    victim = subprocess.Popen(
        [sys.executable, "-c", script, str(interrupted)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert victim.stdout.readline().startswith("reached"), f"training ended by itself, with status {victim.wait()}"
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


def test_a_reader_learns_and_its_training_goes_on_too(tmp_path, monkeypatch, one_thread):
    monkeypatch.setenv("DYNVIZ_DATA", str(write_imdb(tmp_path / "data")))
    monkeypatch.setenv("DYNVIZ_PRETRAINED", str(tmp_path / "zoo"))
    write_words(tmp_path / "zoo", ("film", "good", "bad"))
    load_texts.cache_clear()
    lines: list[str] = []
    whole = fit(tiny_lstm(), tmp_path / "whole", report=lines.append)
    assert json.loads(lines[-1].partition(" ")[2])["val"][0] >= 0.9

    def stop_after_two(line: str) -> None:
        if '"epoch": 2' in line:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fit(tiny_lstm(), tmp_path / "parts", report=stop_after_two)
    resumed = fit(tiny_lstm(), tmp_path / "parts", report=lines.append)
    assert any("going on after epoch 2" in line for line in lines)
    assert all(torch.equal(value, resumed.state_dict()[name]) for name, value in whole.state_dict().items())
    load_texts.cache_clear()


def test_a_finished_training_is_not_repeated(tmp_path, monkeypatch, one_thread):
    monkeypatch.setenv("DYNVIZ_DATA", str(write_everyday30(tmp_path / "data", per_class=8)))
    first = fit(tiny_resnet(epochs=1), tmp_path / "run", report=lambda line: None)
    lines: list[str] = []
    again = fit(tiny_resnet(epochs=1), tmp_path / "run", report=lines.append)
    assert lines == ["tiny-resnet: going on after epoch 1"]
    assert all(torch.equal(value, again.state_dict()[name]) for name, value in first.state_dict().items())
