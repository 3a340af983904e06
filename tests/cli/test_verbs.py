"""The command line's contract: one JSON object on stdout, all else on stderr, one sentence for a person's mistake.

A tiny data set and tiny networks are trained, published, evaluated and run through it.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

import dynviz
from dynviz import zoo
from dynviz.cli import main
from dynviz.cli.benching import describe_bench
from dynviz.cli.console import table
from dynviz.datasets.texts import load_texts
from dynviz.evaluation import scoring
from dynviz.measuring.bench import Bench, BenchRow
from dynviz.training.recipes import RECIPES
from tests.commands import call
from tests.tiny import CLASSES, picture, tiny_msdnet, tiny_resnet, write_everyday30, write_imdb

ROOT = Path(__file__).resolve().parents[2]
NAMES = ("tiny-resnet", "tiny-msdnet")


@pytest.fixture(scope="module")
def workshop(tmp_path_factory):
    """Folders of a tiny data set, of the networks trained on it, and one picture; what training them said."""
    folder = tmp_path_factory.mktemp("workshop")
    threads = torch.get_num_threads()
    (folder / "sea.png").write_bytes(picture("sea", np.random.default_rng(1)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DYNVIZ_DATA", str(write_everyday30(folder / "data")))
        patch.setenv("DYNVIZ_PRETRAINED", str(folder / "zoo"))
        for recipe in (tiny_resnet(), tiny_msdnet()):
            patch.setitem(RECIPES.table, recipe.name, recipe)
        said = {name: call("train", name, "--out", folder / "runs" / name, "--json") for name in NAMES}
        yield folder, said
    torch.set_num_threads(threads)  # training sets it for the whole process


@pytest.fixture
def photo(workshop) -> Path:
    return workshop[0] / "sea.png"


def test_train_reports_every_epoch_and_publishes(workshop):
    folder, said = workshop
    for name in NAMES:
        assert said[name].status == 0, said[name].err
        answer = said[name].json
        assert answer["model"] == name
        assert Path(answer["card"]) == folder / "zoo" / name / "card.json"
        assert answer["test_accuracy"] == zoo.card(name).test_accuracy
        assert [f'"epoch": {i}' in said[name].err for i in (1, 2, 3, 4)] == [True, True, True, False]


def test_train_again_goes_on_and_no_publish_writes_no_card(workshop):
    folder, _ = workshop
    before = (folder / "zoo" / "tiny-resnet" / "card.json").stat().st_mtime_ns
    said = call("train", "tiny-resnet", "--out", folder / "runs" / "tiny-resnet", "--no-publish", "--json")
    assert "going on after epoch 3" in said.err
    assert "card" not in said.json
    assert (folder / "zoo" / "tiny-resnet" / "card.json").stat().st_mtime_ns == before


def test_models_as_table_and_as_json(workshop):
    said = call("models", "--json")
    assert [card["name"] for card in said.json["models"]] == list(NAMES)
    assert said.json["models"][1]["operating_points"][0].keys() >= {"rule", "budget", "macs", "accuracy", "n"}
    lines = call("models").out.splitlines()
    assert len(lines) == 4
    assert "`tiny-msdnet`" in lines[3]
    assert len({len(line) for line in lines}) == 1  # the columns line up


def test_run_tells_what_the_library_tells(workshop, photo):
    answer = call("run", photo, "--model", "tiny-msdnet", "--budget", "0.5", "--json").json
    trace = dynviz.run("tiny-msdnet", photo, budget=0.5)
    assert answer["prediction"]["label"] == trace.prediction.label
    assert answer["macs"] == trace.macs == sum(stage["macs"] for stage in answer["stages"])
    assert answer["macs_static"] == trace.macs_static
    assert answer["ms"] > 0
    assert answer["budget"] == 0.5
    assert [d["choice"] for d in answer["decisions"]] == [d.choice for d in trace.decisions]
    assert answer["media"]["width_px"] == 48
    assert "preview" not in answer["media"]


def test_run_without_json_is_short_and_readable(photo):
    said = call("run", photo, "--model", "tiny-msdnet")
    assert said.status == 0
    first, cost, _, *rows = said.out.splitlines()
    assert first.split()[0] in CLASSES
    assert "MACs" in cost and "ms" in cost
    assert len(rows) == 4  # header, rule, two exits
    assert "nan" not in said.out


def test_run_within_a_hard_cap(photo):
    costs = [d["macs_static"] for d in call("run", photo, "-m", "tiny-msdnet", "--json").json["decisions"]]
    capped = call("run", photo, "-m", "tiny-msdnet", "--anytime-macs", costs[0], "--json").json
    assert capped["macs"] == costs[0]
    assert [d["choice"] for d in capped["decisions"]] == ["exit", "not reached"]


def test_run_saves_a_trace_that_loads(workshop, photo, tmp_path):
    target = tmp_path / "kept.trace"
    answer = call("run", photo, "-m", "tiny-msdnet", "--framing", "fit", "--save", target, "--json").json
    assert answer["saved"] == str(target)
    kept = dynviz.Trace.load(target)
    assert kept == dynviz.run("tiny-msdnet", photo, framing="fit")


def test_sweep_has_a_trace_for_each_point(photo):
    answer = call("sweep", photo, "--model", "tiny-msdnet", "--json").json
    swept = dynviz.sweep("tiny-msdnet", photo)
    assert answer["budgets"] == list(swept.budgets)
    assert [point["macs"] for point in answer["points"]] == [trace.macs for trace in swept.traces]
    assert [d["choice"] for d in answer["full"]["decisions"]] == ["continue", "exit"]
    assert len(call("sweep", photo, "--model", "tiny-msdnet").out.splitlines()) == 2 + len(swept.budgets)


@pytest.mark.parametrize("name", NAMES)
def test_evaluate_measures_again_what_the_card_says(workshop, name):
    said = call("evaluate", name, "--json")
    answer = said.json
    assert "evaluating: 32 of 32" in said.err
    assert (answer["n"], answer["split"], answer["matched_labels"]) == (32, "test", list(CLASSES))
    for measured, told in zip(answer["operating_points"], zoo.card(name).operating_points, strict=True):
        assert measured["n"] == told.n == 32
        assert measured["accuracy"] == pytest.approx(told.accuracy, abs=1e-5)
        assert measured["macs"] == pytest.approx(told.macs, abs=1)
        assert measured["rule"] == told.rule
        assert measured["interval"][0] <= measured["accuracy"] <= measured["interval"][1]


@pytest.mark.parametrize("packed", [False, True])
def test_evaluate_on_pictures_of_your_own(workshop, tmp_path, packed):
    generator, mine = np.random.default_rng(2), tmp_path / "mine"
    for label, count in (("sea", 3), ("cat", 2), ("zebra", 4)):
        (mine / label).mkdir(parents=True)
        for index in range(count):
            (mine / label / f"{index}.png").write_bytes(picture(label, generator))
    if packed:
        with zipfile.ZipFile(tmp_path / "mine.zip", "w") as archive:
            for file in mine.rglob("*.png"):
                archive.write(file, file.relative_to(mine))
        mine = tmp_path / "mine.zip"
    answer = call("evaluate", "tiny-resnet", "--data", mine, "--json").json
    assert (answer["n"], answer["split"], answer["matched_labels"]) == (5, None, ["cat", "sea"])
    (point,) = answer["operating_points"]
    right = sum(
        dynviz.run("tiny-resnet", file).prediction.label == label
        for label in CLASSES
        for file in (tmp_path / "mine" / label).iterdir()
    )
    assert point["accuracy"] == right / 5


def test_evaluate_a_checkpoint_elsewhere(workshop, monkeypatch, tmp_path):
    folder, _ = workshop
    monkeypatch.setenv("DYNVIZ_PRETRAINED", str(tmp_path))  # nothing here
    assert call("evaluate", "tiny-resnet").status == 2
    said = call("evaluate", "tiny-resnet", "--checkpoint", folder / "zoo" / "tiny-resnet", "--json")
    assert said.json["n"] == 32
    assert "must be a folder called msdnet" in call("evaluate", "msdnet", "--checkpoint", tmp_path).err


def test_the_shared_words_are_made(monkeypatch, tmp_path):
    monkeypatch.setenv("DYNVIZ_DATA", str(write_imdb(tmp_path / "data")))
    (tmp_path / "data" / "text" / "ag_news_subset").mkdir()
    shutil.copy(tmp_path / "data/text/imdb/train.tsv.gz", tmp_path / "data/text/ag_news_subset/train.tsv.gz")
    monkeypatch.setenv("DYNVIZ_PRETRAINED", str(tmp_path / "zoo"))
    load_texts.cache_clear()
    answer = call("train", "words", "--json").json
    assert answer["words"] == 3 == len(zoo.vocabulary("words").words)
    assert Path(answer["asset"]) == zoo.shared("words")
    load_texts.cache_clear()


def test_a_network_made_of_others_needs_no_training(workshop, monkeypatch, tmp_path):
    members = {"name": "tiny-cascade", "network": "cascade", "members": ("tiny-resnet", "tiny-resnet"), "arguments": {}}
    monkeypatch.setitem(RECIPES.table, "tiny-cascade", replace(tiny_msdnet(), **members))
    monkeypatch.setenv("DYNVIZ_PRETRAINED", os.pathsep.join([str(tmp_path), str(workshop[0] / "zoo")]))
    answer = call("train", "tiny-cascade", "--json").json
    assert (answer["epochs"], answer["card"]) == (0, str(tmp_path / "tiny-cascade" / "card.json"))


@pytest.mark.parametrize("name", NAMES)
def test_bench_compares_measured_with_promised(workshop, name):
    answer = call("bench", name, "--n", 3, "--points", 2, "--json").json
    assert answer["n"] == 3
    for point in answer["operating_points"]:
        assert point["ms"] > 0
        assert point["macs_speedup"] == point["macs_static"] / point["macs"] >= 1
        assert point["ratio"] == pytest.approx(point["ms_static"] / point["ms"] / point["macs_speedup"])
    assert not answer["batches"]  # three pictures fill no batch of eight
    brief = call("bench", name, "--n", 2, "--brief")
    assert brief.status == 0 and brief.out.count("ms |") == 1


def test_bench_names_what_it_was_given():
    found = Bench((BenchRow(1.0, 4, 1e6, 1e6, 1.0, 1.0),))
    assert describe_bench(found, "text").startswith("one text at a time, 4 texts")
    assert describe_bench(found, "series").startswith("one recording at a time, 4 recordings")


def test_bench_of_batches_and_of_what_deciding_costs(workshop):
    answer = call("bench", "tiny-msdnet", "--n", 17, "--points", 2, "--json").json
    assert [(row["batch"], row["n"]) for row in answer["batches"]] == [(8, 16)] * len(answer["operating_points"])
    for row in answer["batches"]:
        assert row["ms"] > 0 and row["macs_static"] >= row["macs"] > 0
    overhead = answer["overhead"]
    head = zoo.load("tiny-msdnet").exits[0]
    assert overhead["macs"] == zoo.card("tiny-msdnet").static_macs
    assert overhead["macs"] - overhead["macs_plain"] == head.macs((4, 4))  # the first exit's classifier and no more
    assert overhead["by_time"] == pytest.approx(overhead["ms"] / overhead["ms_plain"])
    assert overhead["beyond_macs"] == pytest.approx(overhead["by_time"] / overhead["by_macs"] - 1)
    assert overhead["deciding"] == pytest.approx(overhead["ms"] / overhead["ms_undecided"] - 1)
    said = call("bench", "tiny-msdnet", "--n", 8, "--points", 2)
    assert said.out.count("ms |") == 3 and "all left open" in said.out
    assert call("bench", "tiny-resnet", "--n", 8, "--json").json["overhead"] is None


MISTAKES = {
    "no verb of that name": (["dance"], "No such command 'dance'"),
    "nothing to run": (["run"], "Missing argument"),
    "no model": (["run", "{photo}"], "Missing option '--model'"),
    "unknown option": (["models", "--pretty"], "No such option"),
    "unknown network": (["run", "{photo}", "-m", "vgg"], "'vgg'; known: tiny-msdnet, tiny-resnet"),
    "unknown network to sweep": (["sweep", "{photo}", "-m", "vgg"], "'vgg'; known: tiny-msdnet, tiny-resnet"),
    "unknown network to evaluate": (["evaluate", "../zoo"], "known: tiny-msdnet, tiny-resnet"),
    "members that are not there": (["train", "cascade"], "'resnet-9m'; did you mean tiny-resnet"),
    "unknown recipe": (["train", "vgg"], "no recipe is called 'vgg'; known: "),
    "no such file": (["run", "no/such.png", "-m", "tiny-resnet"], "no/such.png is not a file"),
    "a folder": (["sweep", "{folder}", "-m", "tiny-resnet"], "is not a file"),
    "not a picture": (["run", "{folder}/text.png", "-m", "tiny-resnet"], "accepted"),
    "contradiction": (
        ["run", "{photo}", "-m", "tiny-msdnet", "--budget", "0.5", "--anytime-macs", "9"],
        "--budget and --anytime-macs contradict each other",
    ),
    "no number": (["run", "{photo}", "-m", "tiny-msdnet", "--budget", "half"], "--budget"),
    "not a number": (["run", "{photo}", "-m", "tiny-msdnet", "--budget", "nan"], "--budget must be above 0"),
    "negative budget": (["run", "{photo}", "-m", "tiny-msdnet", "--budget", "-1"], "--budget must be above 0"),
    "cap too small": (["run", "{photo}", "-m", "tiny-msdnet", "--anytime-macs", "9"], "the cap is 9"),
    "cap on a static network": (["run", "{photo}", "-m", "tiny-resnet", "--anytime-macs", "9"], "networks with exits"),
    "unknown framing": (["run", "{photo}", "-m", "tiny-msdnet", "--framing", "zoom"], "--framing"),
    "nowhere to save": (
        ["run", "{photo}", "-m", "tiny-msdnet", "--save", "{folder}/no/where"],
        "no is not a folder to save in",
    ),
    "data that is not there": (["evaluate", "tiny-resnet", "--data", "no/such"], "neither a folder nor a zip"),
    "data that is no zip": (["evaluate", "tiny-resnet", "--data", "{photo}"], "neither a folder nor a zip"),
    "data without classes": (["evaluate", "tiny-resnet", "--data", "{folder}/empty"], "CLASS one of: cat, sea"),
    "unknown split": (["evaluate", "tiny-resnet", "--split", "dev"], "--split"),
    "no threads": (["train", "tiny-resnet", "--threads", "0"], "--threads"),
    "no port": (["app", "--port", "99999999"], "--port"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_one_sentence_and_status_2(workshop, photo, tmp_path, mistake):
    arguments, part = MISTAKES[mistake]
    (tmp_path / "text.png").write_text("this is no picture")
    (tmp_path / "empty").mkdir()
    filled = [argument.format(photo=photo, folder=tmp_path) for argument in arguments]
    plain, as_json = call(*filled), call(*filled, "--json")
    assert plain.status == as_json.status == 2
    assert plain.out == ""
    assert part in plain.err
    assert plain.err.count("\n") == 1
    assert as_json.err == plain.err
    assert f"dynviz: {as_json.json['error']}\n" == plain.err


def test_missing_data_says_what_to_set(workshop, monkeypatch, tmp_path):
    monkeypatch.delenv("DYNVIZ_DATA")
    for arguments in (["evaluate", "tiny-resnet"], ["train", "tiny-resnet", "--out", tmp_path]):
        said = call(*arguments, "--json")
        assert said.status == 2
        assert "set DYNVIZ_DATA" in said.json["error"]
    monkeypatch.setenv("DYNVIZ_DATA", str(tmp_path))  # a folder, but without the data
    said = call("evaluate", "tiny-resnet", "--json")
    assert said.status == 2
    assert str(tmp_path / "everyday30") in said.json["error"]


def test_a_damaged_checkpoint_is_told(workshop, monkeypatch, photo, tmp_path):
    copied = tmp_path / "tiny-resnet"
    copied.mkdir()
    for file in (workshop[0] / "zoo" / "tiny-resnet").iterdir():
        (copied / file.name).write_bytes(file.read_bytes())
    weights = bytearray((copied / "model.safetensors").read_bytes())
    weights[-1] ^= 1
    (copied / "model.safetensors").write_bytes(weights)
    monkeypatch.setenv("DYNVIZ_PRETRAINED", str(tmp_path))
    command = [sys.executable, "-m", "dynviz", "run", str(photo), "--model", "tiny-resnet", "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)  # ours holds the whole network in memory
    assert done.returncode == 2
    assert "model.safetensors is damaged" in json.loads(done.stdout)["error"]
    assert done.stderr.count("\n") == 1


def test_our_own_fault_keeps_its_traceback_but_a_program_gets_its_object(workshop, monkeypatch):
    def broken(*args: object, **kwargs: object) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(scoring, "evaluate", broken)
    out = io.StringIO()
    with pytest.raises(ZeroDivisionError), contextlib.redirect_stdout(out):
        main(["evaluate", "tiny-resnet", "--json"])
    assert json.loads(out.getvalue()) == {"error": "ZeroDivisionError: a bug"}


def test_what_a_library_prints_stays_off_stdout(workshop, monkeypatch, photo):
    real = zoo.load
    monkeypatch.setattr(zoo, "load", lambda name: print("chatter") or real(name))
    said = call("run", photo, "-m", "tiny-resnet", "--json")
    assert said.json["model"] == "tiny-resnet"
    assert "chatter" in said.err


def test_the_module_is_the_console_script(workshop):
    done = subprocess.run(
        [sys.executable, "-m", "dynviz", "models", "--json"], cwd=ROOT, capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0
    assert done.stderr == ""
    assert json.loads(done.stdout) == call("models", "--json").json


def test_a_reader_that_goes_away_is_no_fault(workshop):
    receiver, sender = os.pipe()
    os.close(receiver)
    done = subprocess.run(
        [sys.executable, "-m", "dynviz", "models"], cwd=ROOT, stdout=sender, stderr=subprocess.PIPE, text=True
    )
    os.close(sender)
    assert done.stderr == ""


def test_a_table_lines_up_and_puts_numbers_to_the_right():
    assert table(("name", "n"), [("a", "1"), ("long name", "23")]).splitlines() == [
        "| name      |   n |",
        "| --------- | --: |",
        "| a         |   1 |",
        "| long name |  23 |",
    ]


def test_a_decision_is_taken_by_hand(workshop, photo):
    first = call("run", photo, "-m", "tiny-msdnet", "--json").json["decisions"][0]["unit"]
    found = call("run", photo, "-m", "tiny-msdnet", "--force", f"{first}=exit", "--json").json["decisions"]
    assert found[0]["choice"] == "exit" and found[0]["forced"] is True
    assert "exit by hand" in call("run", photo, "-m", "tiny-msdnet", "--force", f"{first}=exit").out
    swept = call("sweep", photo, "-m", "tiny-msdnet", "--force", f"{first}=exit", "--json").json
    assert all(point["decisions"][0]["forced"] for point in swept["points"])


@pytest.mark.parametrize(
    ("given", "told"),
    [("exits.0", "give a unit and a choice"), ("nowhere=skip", "nowhere"), ("UNIT=perhaps", "can be forced to")],
)
def test_what_cannot_be_taken_by_hand_is_said(workshop, photo, given, told):
    unit = call("run", photo, "-m", "tiny-msdnet", "--json").json["decisions"][0]["unit"]
    said = call("run", photo, "-m", "tiny-msdnet", "--force", given.replace("UNIT", unit), "--json")
    assert said.status == 2 and told in said.json["error"]
