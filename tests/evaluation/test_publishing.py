"""From trained weights to a card and a table, for readers: calibrated on validation, measured on test, found again."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

import dynviz
from dynviz import zoo
from dynviz.datasets.texts import load_texts
from dynviz.evaluation import operating, scoring
from dynviz.evaluation.publishing import publish
from dynviz.networks import build
from dynviz.results.tables import read_table
from dynviz.trace.file import trace_bytes
from dynviz.training.loop import fit
from tests.tiny import tiny_early_reader, tiny_encoder, tiny_lstm, write_imdb, write_words


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.setenv("DYNVIZ_DATA", str(write_imdb(tmp_path / "data")))
    monkeypatch.setenv("DYNVIZ_PRETRAINED", str(tmp_path / "zoo"))
    write_words(tmp_path / "zoo", ("film", "good", "bad"))
    load_texts.cache_clear()
    torch.manual_seed(0)
    yield tmp_path / "zoo"
    load_texts.cache_clear()


def published(recipe, spread=1.0):
    network = build(recipe.network, recipe.arguments | zoo.parts((), recipe.vocabulary)).eval()
    torch.nn.init.normal_(network.answer.linear.weight, std=spread)
    return publish(recipe, network)


def test_a_static_reader_costs_what_its_texts_are_long(place):
    card = published(tiny_lstm())
    assert card.modality == "text" and card.vocabulary == "words" and len(card.operating_points) == 1
    table = read_table(card)
    step, answer = 4 * 8 * (8 + 4), 8 * 2
    lengths = [len(words) for words in load_texts("imdb", "test").words]
    assert table.macs[:, 0].tolist() == [step * length + answer for length in lengths]
    assert card.static_macs == round(np.mean(table.macs))
    assert scoring.evaluate(card.name).operating_points == card.operating_points


def test_an_early_reader_keeps_its_budgets_on_validation(place):
    published(tiny_lstm())
    card = published(tiny_early_reader(), spread=6.0)
    budgets = [point.budget for point in card.operating_points]
    spent = [point.macs for point in card.operating_points]
    assert budgets == sorted(budgets) and spent == sorted(spent) and len(set(spent)) > 3
    assert all(len(point.thresholds) == 1 and not point.shares for point in card.operating_points)
    scores = scoring.score(zoo.load(card.name), scoring.split_samples(card, "val"))
    lengths = [len(words) for words in load_texts("imdb", "val").words]
    parent = np.mean(lengths) / np.mean([len(words) for words in load_texts("imdb", "test").words])
    for point in card.operating_points:
        stops = operating.apply_exits(scores.confidence, np.array(point.thresholds))
        mean = np.take_along_axis(scores.macs, stops[:, None], axis=1).mean()
        assert mean <= point.budget * zoo.card("tiny-lstm").static_macs * parent * 1.02
    assert scoring.evaluate(card.name).operating_points == card.operating_points


def test_a_publication_that_fails_leaves_what_was_there(place, monkeypatch):
    published(tiny_lstm())
    before = {path.name: path.read_bytes() for path in (place / "tiny-lstm").iterdir()}

    def full_disk(*_, **__):
        raise OSError("No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(np, "savez_compressed", full_disk)  # the weights and the card have been written by then
        with pytest.raises(OSError, match="No space"):
            published(tiny_lstm(), spread=3.0)
    assert {path.name: path.read_bytes() for path in (place / "tiny-lstm").iterdir()} == before
    rename = Path.rename

    def torn(path, target):
        if path.name == "new":
            raise OSError("no right to do so")
        return rename(path, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", torn)
        with pytest.raises(OSError, match="no right"):
            published(tiny_lstm(), spread=3.0)
    assert {path.name: path.read_bytes() for path in (place / "tiny-lstm").iterdir()} == before
    published(tiny_lstm(), spread=3.0)
    assert (place / "tiny-lstm" / "model.safetensors").read_bytes() != before["model.safetensors"]
    assert sorted(path.name for path in place.iterdir()) == ["_shared", "tiny-lstm"]


def test_a_text_runs_and_sweeps(place):
    published(tiny_lstm())
    card = published(tiny_early_reader(), spread=6.0)
    text = "Film film GOOD film, film film bad film."
    full = dynviz.run(card.name, text)
    assert full.media.text == text and full.macs == full.macs_static
    assert [text[a:b] for a, b in full.media.spans.tolist()][:3] == ["Film", "film", "GOOD"]
    swept = dynviz.sweep(card.name, text)
    for budget, trace in zip(swept.budgets, swept.traces, strict=True):
        alone = dynviz.run(card.name, text, budget=budget)
        assert (alone.macs, alone.prediction.label) == (trace.macs, trace.prediction.label)
        assert alone.decisions[0].actions.tolist() == trace.decisions[0].actions.tolist()
    assert len({trace.macs for trace in swept.traces}) > 1
    assert dynviz.Trace.load(trace_bytes(full)) == full
    assert dynviz.run("tiny-lstm", text).macs == dynviz.sweep("tiny-lstm", text).full.macs
    with pytest.raises(dynviz.media.MediaError, match="no words"):
        dynviz.run(card.name, "  ")


def test_own_pictures_are_no_texts(place, tmp_path):
    card = published(tiny_lstm())
    with pytest.raises(ValueError, match="reads text"):
        scoring.evaluate(card.name, data=tmp_path)


def test_exits_by_patience_and_by_entropy_share_their_weights(place):
    published(tiny_encoder("transformer"))
    recipe, lines = tiny_encoder("pabee", epochs=1), []
    network = fit(recipe, place / "training", report=lines.append)
    assert len(json.loads(lines[-1].partition(" ")[2])["val"]) == 2  # one accuracy for each layer
    for head in network.exits:
        torch.nn.init.normal_(head.linear.weight, std=4.0)
    patient = publish(recipe, network)
    assert {point.rule for point in patient.operating_points} == {"patience"}
    assert {point.thresholds for point in patient.operating_points} == {(1.0,), (2.0,)}
    recipe = tiny_encoder("deebert", arguments={}, members=("tiny-pabee",))
    card = publish(recipe, fit(recipe, place / "none"))
    assert not (place / card.name / "model.safetensors").exists() and card.members == ("tiny-pabee",)
    assert {point.rule for point in card.operating_points} == {"entropy"}
    assert all(len(point.thresholds) == 2 and sum(point.shares) == pytest.approx(1) for point in card.operating_points)
    assert set(card.curves) == {"random exits", "same exit for all"}
    assert len({point.macs for point in card.operating_points}) > 3
    assert scoring.evaluate(card.name).operating_points == card.operating_points
    assert scoring.evaluate(patient.name).operating_points == patient.operating_points
    for name in (card.name, patient.name):
        swept = dynviz.sweep(name, "Film film GOOD film, film film bad film.")
        for budget, trace in zip(swept.budgets, swept.traces, strict=True):
            alone = dynviz.run(name, "Film film GOOD film, film film bad film.", budget=budget)
            assert alone.stages == trace.stages and alone.prediction.label == trace.prediction.label


def test_token_pruning_is_published_with_its_baselines(place):
    published(tiny_encoder("transformer"))
    card = published(tiny_encoder("token-pruning"))
    assert {point.rule for point in card.operating_points} == {"attention received"}
    assert len({point.macs for point in card.operating_points}) > 1
    assert set(card.curves) == {"random skipping", "uniform skipping"}
    trace = dynviz.run(card.name, "Film film GOOD film, film film bad film.", budget=0.0)
    words = len(trace.media.spans)
    assert trace.macs < trace.macs_static and all(len(decision.kept) == words for decision in trace.decisions)
    assert dynviz.Trace.load(trace_bytes(trace)) == trace
