"""Does a network compute where its answer depends, over test inputs: on a tiny reader, by the command, and kept."""

from __future__ import annotations

import json

import pytest
import torch

from dynviz.cli import main
from dynviz.datasets.recordings import load_recordings
from dynviz.evaluation.attribution_findings import attribution_use
from dynviz.evaluation.publishing import publish
from dynviz.networks import build
from dynviz.results.findings import read_findings
from tests.series_data import tiny_reader, write_digits, write_strips


@pytest.fixture
def reader(tmp_path, monkeypatch):
    monkeypatch.setenv("DYNVIZ_DATA", str(write_strips(write_digits(tmp_path / "data"))))
    monkeypatch.setenv("DYNVIZ_PRETRAINED", str(tmp_path / "zoo"))
    load_recordings.cache_clear()
    torch.manual_seed(0)
    recipe = tiny_reader("mitbih_strips", "skip-rnn")
    network = build(recipe.network, recipe.arguments).eval()
    yield publish(recipe, network)
    load_recordings.cache_clear()


def test_each_point_against_blind_decisions(reader):
    use = attribution_use(reader, 4)
    points = len(reader.operating_points)
    assert use.n >= 3 and len(use.correlation) == len(use.executed) == points
    known = [i for i in range(points) if use.correlation[i] is not None]
    assert known
    for i in known:
        assert -1 <= use.low[i] <= use.correlation[i] <= use.high[i] <= 1
        assert 0 <= use.on_executed[i] <= 1 and 0 < use.executed[i] < 1
    assert {"random", "uniform"} >= set(use.blind)


def test_the_command_keeps_it_beside_the_card(reader, capsys):
    assert main(["evaluate", reader.name, "--attributions", "--n", "3", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    kept = read_findings(reader).attribution
    assert answer["attribution"]["n"] == kept.n and kept.method == "integrated-gradients"
