"""Two networks of somebody else's, a gated and a pixel-masked one, from their class to pictures and files.

They are written from the README and ``dynviz.networks.contract`` alone, and registered as an installed package is.
"""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

import dynviz
from dynviz import zoo
from dynviz.decisions import LayerSkip, PixelMask
from dynviz.evaluation.publishing import publish
from dynviz.evaluation.scoring import evaluate
from dynviz.results.tables import read_table
from dynviz.training.loop import fit
from dynviz.training.recipes import Recipe
from dynviz.views.decisions.panels import panels
from dynviz.views.export.formats import FORMATS, Context
from tests.tiny import CLASSES, SHORT, picture, tiny_resnet, write_everyday30

HERE = Path(__file__).resolve().parent
GRID = 0.05  # between two budgets
KIND = {"family": "sample-wise", "mechanism": "layer skipping", "paper": "none", "parent": "tiny-resnet"}
TRAINED = SHORT | {"epochs": 6, "target": 0.5, "budget_weight": 2.0}


def gated():
    sizes = {"widths": (8, 8, 16), "depths": (5, 5, 5), "classes": len(CLASSES), "in_size": 32, "stem_stride": 1}
    return Recipe(name="gated", title="Gated", network="gated", **(KIND | TRAINED | {"arguments": sizes}))


def masked():
    sizes = {"width": 8, "classes": len(CLASSES), "in_size": 32, "stem_stride": 1}
    kind = KIND | {"family": "spatial-wise", "mechanism": "pixel mask", "parent": None}
    return Recipe(name="masked", title="Masked", network="masked", **(kind | TRAINED | {"arguments": sizes}))


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("own")
    site = folder / "site"
    metadata = site / "looking-1.0.dist-info"
    metadata.mkdir(parents=True)
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: looking\nVersion: 1.0\n")
    entries = "gated = gated:GatedResNet\nmasked = masked:MaskedResNet\n"
    (metadata / "entry_points.txt").write_text(f"[dynviz.networks]\n{entries}")
    for name in ("gated.py", "masked.py"):
        (site / name).write_text((HERE / name).read_text())
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(site)
        patch.setenv("DYNVIZ_DATA", str(write_everyday30(folder / "data")))
        patch.setenv("DYNVIZ_PRETRAINED", str(folder / "networks"))
        sizes = {"widths": (8, 8, 16), "depths": (5, 5, 5), "classes": len(CLASSES), "in_size": 32, "stem_stride": 1}
        for recipe in (tiny_resnet(arguments=sizes), gated(), masked()):
            publish(recipe, fit(recipe, folder / "runs" / recipe.name, report=lambda line: None))
        yield site, folder


@pytest.fixture(params=["gated", "masked"])
def card(request, installed):
    return zoo.card(request.param)


def test_every_budget_within_reach_has_its_point(card):
    """The threshold is searched until each budget that the network can keep to has one close below it."""
    static = zoo.card(card.parent).static_macs if card.parent else card.static_macs
    budgets = [point.budget for point in card.operating_points]
    cheapest = budgets[0]
    assert len(budgets) > (1 - cheapest) / GRID, "there are holes in the grid"
    for point in card.operating_points[:-1]:
        assert point.macs / static == pytest.approx(point.budget, abs=GRID)  # searched on another split
    spent = [point.macs for point in card.operating_points]
    assert spent == sorted(spent) and len({point.thresholds for point in card.operating_points}) == len(budgets)


def test_the_table_says_which_units_ran(card):
    table = read_table(card)
    expected = [f"blocks.{i}" for i in (1, 2, 3, 4, 6, 7, 8, 9, 11, 12, 13, 14)] if card.name == "gated" else ["second"]
    assert list(table.units) == expected
    assert (zoo.place(card.name) / "evaluation.npz").stat().st_size < 20_000
    if card.name == "gated":
        network = zoo.load("gated")
        macs = {f"blocks.{i}": block for i, block in enumerate(unit_macs(network))}
        cost = np.array([macs[unit] for unit in table.units])
        most = card.static_macs - (~table.units_run * cost).sum(axis=2)
        assert (table.macs == most).all()


def unit_macs(network):
    size = network.stem.out_size((32, 32))
    for block in network.blocks:
        yield block.macs(size)
        size = block.out_size(size)


def test_its_baselines_are_measured_and_honest(card):
    assert set(card.curves) == {f"{name} skipping" for name in zoo.load(card.name).baselines}
    for curve in card.curves.values():
        spent = [macs for macs, _ in curve]
        assert spent == sorted(spent) and spent[-1] == pytest.approx(card.static_macs, rel=1e-6)
        assert all(0 <= right <= 1 for _, right in curve)


def test_its_card_says_which_package_it_needs(card, monkeypatch, installed):
    site, _ = installed
    assert card.package == "looking"
    with monkeypatch.context() as patch:
        patch.setattr("sys.path", [entry for entry in sys.path if entry != str(site)])
        assert [known.name for known in zoo.models()] == ["tiny-resnet"]
        assert "needs the package 'looking'" in zoo.unusable()[card.name]
    assert zoo.unusable() == {}


def test_it_is_measured_the_same_again(card):
    again = evaluate(card.name).operating_points
    assert [point.macs for point in again] == pytest.approx([point.macs for point in card.operating_points])
    assert [point.accuracy for point in again] == pytest.approx([point.accuracy for point in card.operating_points])


def test_it_runs_is_swept_drawn_and_exported(card, tmp_path):
    cat = picture("cat", np.random.default_rng(7))
    swept = dynviz.sweep(card.name, cat)
    assert swept.traces[0].macs < swept.full.macs
    trace = dynviz.run(card.name, cat, budget=card.operating_points[len(card.operating_points) // 2].budget)
    kind = LayerSkip if card.name == "gated" else PixelMask
    assert any(isinstance(decision, kind) for decision in trace.decisions)
    for panel in panels(trace):
        assert panel.html and panel.alt
    assert dynviz.Trace.load(trace.save(tmp_path / "own.trace")) == trace
    context = Context.of(trace, [card])
    for ending, kind in FORMATS.items():
        assert len(kind.make(trace, context)) > 200, ending
    if card.name == "masked":  # the halo is what a mask costs beside itself
        assert trace.macs_ideal < trace.macs
        for stage in trace.stages:
            assert stage.macs_ideal <= stage.macs
    else:
        assert trace.macs_ideal == trace.macs


def test_a_decision_by_hand_is_kept(installed):
    cat = picture("cat", np.random.default_rng(7))
    setting = dynviz.Setting(forced={"blocks.1": "skip"})
    trace = dynviz.run("gated", cat, setting=setting)
    skipped = [decision.unit for decision in trace.decisions if not decision.executed]
    assert skipped == ["blocks.1"] and trace.decisions[0].forced


@pytest.mark.slow
def test_the_registry_wide_checks_cover_both(installed):
    site, folder = installed
    environment = dict(os.environ, DYNVIZ_PRETRAINED=str(folder / "networks"), PYTHONPATH=str(site))
    checks = [
        sys.executable,
        "-m",
        "pytest",
        "-v",
        "-p",
        "no:cacheprovider",
        "tests/test_registry.py",
        "tests/test_records.py",
    ]
    done = subprocess.run(checks, cwd=HERE.parents[1], env=environment, capture_output=True, text=True, timeout=3600)
    assert done.returncode == 0, done.stdout[-3000:]
    for name in ("gated", "masked"):
        assert f"test_masked_and_skipping_agree[{name}] PASSED" in done.stdout


def test_a_network_whose_record_is_not_true_is_not_published(installed, tmp_path, monkeypatch):
    """Nor is what lay in its place touched."""
    _, folder = installed
    before = {path: path.read_bytes() for path in (folder / "networks" / "gated").iterdir()}
    network = fit(replace(gated(), epochs=1), tmp_path / "run", report=lambda line: None)
    torch.nn.init.normal_(network.gates["1"].linear.weight, std=20.0)
    kind = type(network)
    advance = kind._advance
    monkeypatch.setattr(kind, "_advance", lambda self, block, x, runs: advance(self, block, x, ~runs | runs))
    monkeypatch.setattr(kind, "forward", untrue(kind.forward))
    with pytest.raises(ValueError, match="masked and the skipping mode of GatedResNet disagree"):
        publish(gated(), network)
    assert {path: path.read_bytes() for path in (folder / "networks" / "gated").iterdir()} == before
    assert not (folder / "networks" / "_new").exists()


def untrue(forward):
    """A skipping mode that accounts for the stem twice."""

    def told(self, x, *, setting=None, recorder=dynviz.recorder.SILENT):
        if setting is not None and setting.mode == "skipping" and recorder.active:
            recorder.work("stem", np.arange(len(x)), 1000)
        return forward(self, x, setting=setting, recorder=recorder)

    return told


def test_a_network_that_ignores_its_baseline_is_refused(installed, tmp_path, monkeypatch):
    network = fit(replace(gated(), epochs=1), tmp_path / "run", report=lambda line: None)
    kind, forward = type(network), type(network).forward

    def deaf(self, x, *, setting=None, recorder=dynviz.recorder.SILENT):
        return forward(self, x, setting=setting and replace(setting, baseline=None), recorder=recorder)

    monkeypatch.setattr(kind, "forward", deaf)
    with pytest.raises(TypeError, match="ignores the baseline 'random'"):
        publish(gated(), network)
