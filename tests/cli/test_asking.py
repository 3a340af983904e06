"""What people ask of the command line on the way: help, a version, a budget in percent, a folder to save in, Ctrl+C."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

import dynviz
from dynviz import zoo
from dynviz.datasets.recordings import load_recordings
from dynviz.media.synthetic import synthetic_ecg
from dynviz.training import loop
from dynviz.training.recipes import RECIPES
from tests.commands import call
from tests.series_data import untrained_readers
from tests.tiny import CLASSES, picture, tiny_msdnet, tiny_resnet, write_everyday30

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def workshop(tmp_path_factory):
    """A tiny data set, a static and a dynamic network trained on it, a reader of ECGs, and one picture."""
    folder, threads = tmp_path_factory.mktemp("asking"), torch.get_num_threads()
    (folder / "sea.png").write_bytes(picture("sea", np.random.default_rng(1)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DYNVIZ_PRETRAINED", str(folder / "zoo"))
        patch.setenv("DYNVIZ_DATA", str(folder / "series"))
        untrained_readers(folder / "series")
        patch.setenv("DYNVIZ_DATA", str(write_everyday30(folder / "data")))
        for recipe in (tiny_resnet(), tiny_msdnet()):
            patch.setitem(RECIPES.table, recipe.name, recipe)
            assert call("train", recipe.name, "--out", folder / "runs" / recipe.name).status == 0
        yield folder
    load_recordings.cache_clear()
    torch.set_num_threads(threads)


@pytest.fixture
def photo(workshop) -> Path:
    return workshop / "sea.png"


@pytest.mark.parametrize("word", ["-h", "--help"])
def test_help_names_what_can_be_given(word):
    said = call(word)
    assert said.status == 0 and "a picture, a text or a recording" in " ".join(said.out.split())
    for verb in ("run", "sweep"):
        told = " ".join(call(verb, word).out.split())
        assert "picture, a text or a recording" in told and "--rate" in told


def test_the_version_is_told():
    assert call("--version").out.startswith("dynviz ")
    assert call("--version", "--json").json["version"]


@pytest.mark.parametrize(
    ("given", "said"), [("40", "0 to 1, not 40: 40 % is 0.4"), ("1.5", "0 to 1"), ("400", "0 to 1")]
)
def test_a_budget_in_percent_is_refused_with_what_it_would_be(photo, given, said):
    refused = call("run", photo, "-m", "tiny-msdnet", "--budget", given)
    assert refused.status == 2 and said in refused.err and refused.out == ""


def test_a_budget_that_changes_nothing_is_told(photo):
    small = call("run", photo, "-m", "tiny-msdnet", "--budget", "0.01", "--json").json
    smallest = min(point.budget for point in zoo.card("tiny-msdnet").operating_points)
    assert small["notes"] == [f"Its smallest budget is {smallest:.0%}: that is what ran."]
    static = call("run", photo, "-m", "tiny-resnet", "--budget", "0.4")
    assert "Note: tiny-resnet is static: it runs everything whatever the budget." in static.out
    assert call("run", photo, "-m", "tiny-msdnet", "--budget", str(smallest), "--json").json["notes"] == []
    assert call("run", photo, "-m", "tiny-resnet", "--json").json["notes"] == []


@pytest.fixture
def table(tmp_path) -> Path:
    path = tmp_path / "strip.csv"
    path.write_text("ecg\n" + "\n".join(f"{value:.3f}" for value in synthetic_ecg("ventricular").samples))
    return path


def test_what_was_assumed_is_in_text_and_json(workshop, table):
    assumed = "Taken as 125 samples a second, as the file does not say."
    for verb in ("run", "sweep"):
        assert f"Note: {assumed}" in call(verb, table, "-m", "tiny-ecg").out
        assert assumed not in call(verb, table, "-m", "tiny-ecg", "--rate", "125").out
    assert call("run", table, "-m", "tiny-ecg", "--json").json["notes"] == [assumed]
    assert call("sweep", table, "-m", "tiny-ecg", "--json").json["full"]["media"]["notes"] == [assumed]


def test_a_rate_can_be_given(workshop, table, photo):
    told = call("run", table, "-m", "tiny-ecg", "--rate", "250", "--json").json
    assert told["prediction"] == call("run", table, "-m", "tiny-ecg", "--rate", "250", "--json").json["prediction"]
    assert told["macs_static"] < call("run", table, "-m", "tiny-ecg", "--json").json["macs_static"]  # half as long
    assert dynviz.run("tiny-ecg", table, rate_hz=250).macs == told["macs"]
    refused = call("run", photo, "-m", "tiny-resnet", "--rate", "250")
    assert refused.status == 2 and "--rate is of tables of numbers" in refused.err
    assert "50 to 2,000 are accepted" in call("run", table, "-m", "tiny-ecg", "--rate", "3").err


@pytest.mark.parametrize(
    ("name", "meant"), [("tiny-resnt", "tiny-resnet"), ("msdnet-tiny", ""), ("tiny-egc", "tiny-ecg")]
)
def test_a_name_that_is_nearly_right_is_guessed(photo, name, meant):
    said = call("run", photo, "-m", name).err
    assert (f"did you mean {meant}" if meant else "tiny-msdnet") in said and said.count("\n") == 1
    assert "Did you mean 'run'" in call("runn", photo).err
    assert "did you mean tiny-resnet" in call("train", "tiny-resnt").err


def test_a_trace_can_be_saved_to_a_folder(photo, tmp_path):
    saved = Path(call("run", photo, "-m", "tiny-resnet", "--save", tmp_path, "--json").json["saved"])
    assert saved == tmp_path / "sea-tiny-resnet.trace"
    assert dynviz.Trace.load(saved).model == "tiny-resnet"


# --- evaluate --data


def test_evaluate_goes_on_past_files_that_cannot_be_used(workshop, tmp_path):
    generator, mine = np.random.default_rng(2), tmp_path / "mine"
    for label in ("sea", "cat", "zebra"):
        (mine / label).mkdir(parents=True)
        (mine / label / "1.png").write_bytes(picture(label, generator))
    whole = (mine / "sea" / "1.png").read_bytes()
    (mine / "sea" / "2.png").write_bytes(whole[:60])
    (mine / "sea" / "3.jpg").write_bytes(b"")
    (mine / "cat" / "notes.txt").write_text("hello")
    (mine / "cat" / ".DS_Store").write_bytes(b"x")
    said = call("evaluate", "tiny-resnet", "--data", mine)
    assert said.status == 0 and "left out: 4 of 6 files" in said.out
    assert "reading: 6 of 6" in said.err and "evaluating: 2 of 2" in said.err
    told = call("evaluate", "tiny-resnet", "--data", mine, "--json").json
    assert told["n"] == 2 and len(told["left_out"]) == 4
    reasons = dict(line.split(": ", 1) for line in told["left_out"])
    assert "damaged" in reasons["mine/sea/2.png"] and "empty" in reasons["mine/sea/3.jpg"]
    assert reasons["mine/zebra/1.png"] == "it knows no class 'zebra'" and "ending" in reasons["mine/cat/notes.txt"]
    for label in CLASSES:
        for file in (mine / label).glob("*.png"):
            file.write_bytes(whole[:60])
    nothing = call("evaluate", "tiny-resnet", "--data", mine)
    assert nothing.status == 2 and "holds no pictures" in nothing.err and "damaged" in nothing.err


# --- train


def test_a_trial_never_replaces_a_shipped_network(workshop):
    shipped = workshop / "zoo" / "tiny-resnet"
    before = {file.name: file.read_bytes() for file in shipped.iterdir()}
    out, environment = workshop / "runs" / "tiny-resnet", os.environ["DYNVIZ_PRETRAINED"]
    said = call("train", "tiny-resnet", "--out", out)
    os.environ["DYNVIZ_PRETRAINED"] = environment
    assert said.status == 0 and "stays as it is; --replace tiny-resnet puts" in said.out
    assert {file.name: file.read_bytes() for file in shipped.iterdir()} == before
    assert (out / "published" / "tiny-resnet" / "card.json").is_file()
    assert call("evaluate", "tiny-resnet", "--checkpoint", out / "published" / "tiny-resnet").status == 0
    os.environ["DYNVIZ_PRETRAINED"] = environment
    assert call("train", "tiny-resnet", "--out", out, "--replace", "tiny-msdnet").status == 2
    (shipped / "card.json").write_text((shipped / "card.json").read_text() + "\n")
    replaced = call("train", "tiny-resnet", "--out", out, "--replace", "tiny-resnet", "--json").json
    assert replaced["replaced"] and Path(replaced["card"]) == shipped / "card.json"
    assert (shipped / "card.json").read_bytes() == before["card.json"]


# --- Ctrl+C


def test_a_stopped_training_says_what_is_kept(workshop, monkeypatch, tmp_path):
    real, finished = loop._train_epoch, []

    def stopping(recipe, epoch, *rest):
        if epoch == 1:
            raise KeyboardInterrupt
        finished.append(epoch)
        return real(recipe, epoch, *rest)

    monkeypatch.setattr(loop, "_train_epoch", stopping)
    said = call("train", "tiny-resnet", "--out", tmp_path, "--json")
    assert said.status == 130 and finished == [0]
    assert said.json["stopped"] and said.json["kept"] == str(tmp_path) and "goes on from there" in said.err
    monkeypatch.setattr(loop, "_train_epoch", lambda *args: (_ for _ in ()).throw(KeyboardInterrupt))
    early = call("train", "tiny-resnet", "--out", tmp_path / "new", "--json")
    assert early.status == 130 and early.json["kept"] is None and "nothing is kept" in early.json["error"]


def test_ctrl_c_says_that_it_stopped(workshop):
    """The real signal, in a process of its own, while it is busy."""
    busy = (
        "import signal, sys, time; from dynviz.cli import main; from dynviz.evaluation import scoring\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # a job in the background inherits it ignored
        "scoring.evaluate = lambda *given, **named: (print('busy', file=sys.stderr, flush=True), time.sleep(60))\n"
        "sys.exit(main(['evaluate', 'tiny-resnet', '--json']))"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", busy], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    assert process.stderr.readline() == "busy\n"
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert json.loads(out) == {"error": "stopped; nothing is kept", "stopped": True, "kept": None}
    assert err == "dynviz: stopped; nothing is kept\n"
