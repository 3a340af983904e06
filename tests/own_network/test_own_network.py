"""A network of somebody else's: registered, trained, published, drawn and checked without a change to the package."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

import dynviz
from dynviz import zoo
from dynviz.datasets.registry import called
from dynviz.evaluation.scoring import evaluate
from dynviz.networks import build
from dynviz.training.recipes import command as recipe_command
from dynviz.views.decisions.panels import panels
from tests.own_network.glance import RECIPE, SEAS
from tests.patience import PAGE_SECONDS
from tests.tiny import picture, write_everyday30

HERE = Path(__file__).resolve().parent


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """What `pip install` of somebody's package leaves behind, and the network trained by its owner."""
    folder = tmp_path_factory.mktemp("own")
    site = folder / "site"
    metadata = site / "glance-1.0.dist-info"
    metadata.mkdir(parents=True)
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: glance\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(
        "[dynviz.networks]\nglance = glance:Glance\n"
        "[dynviz.datasets]\nseas = glance:SEAS\n"
        "[dynviz.recipes]\nglance = glance:RECIPE\n"
    )
    (site / "glance.py").write_text((HERE / "glance.py").read_text())
    (write_everyday30(folder / "data") / "everyday30").rename(folder / "data" / "seas")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(site)
        patch.setenv("DYNVIZ_DATA", str(folder / "data"))
        patch.setenv("DYNVIZ_PRETRAINED", str(folder / "networks"))
        patch.setenv("PYTHONPATH", os.pathsep.join([str(site), str(HERE.parents[1])]))
        command([sys.executable, "-m", "dynviz", "train", "glance"], folder)
        yield site, folder


def command(arguments: list[str], folder: Path) -> None:
    done = subprocess.run(arguments, cwd=folder, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr[-3000:]


def test_its_card_prints_the_command_that_made_it(installed):
    card = zoo.card("glance")
    assert card.recipe == "python -m dynviz train glance"
    assert (card.data, card.data_licence) == (SEAS.words, SEAS.licence) == ("Seas (seas and cats)", SEAS.licence)
    command([sys.executable, *card.recipe.split()[1:]], installed[1])  # goes on where it ended: nothing is left to do
    assert zoo.card("glance").sha256 == card.sha256


def test_it_is_evaluated_on_the_data_that_it_brought(installed):
    told = [(point.budget, point.n, point.accuracy) for point in zoo.card("glance").operating_points]
    assert [(point.budget, point.n, point.accuracy) for point in evaluate("glance").operating_points] == told


def test_without_its_package_it_is_neither_listed_nor_built(installed, monkeypatch):
    monkeypatch.setattr(sys, "path", [path for path in sys.path if path != str(installed[0])])
    assert dynviz.models() == []
    with pytest.raises(KeyError, match="no network is called 'glance'"):
        build("glance", {})
    with pytest.raises(FileNotFoundError, match="the package that registers it is not installed"):
        called(SEAS.words)


def test_a_recipe_that_is_registered_nowhere_prints_no_command():
    assert recipe_command(replace(RECIPE, name="another")) == ""


def test_it_is_listed_run_swept_and_drawn(installed):
    assert [card.name for card in dynviz.models()] == ["glance"]
    cat = picture("cat", np.random.default_rng(7))
    swept = dynviz.sweep("glance", cat)
    assert swept.traces[0].macs < swept.full.macs and swept.traces[0].prediction.label == "cat"
    for panel in panels(dynviz.run("glance", cat, budget=0.1)):
        assert panel.html and panel.alt


def image_page():
    from app.image import page as image

    image.page()


def test_the_app_offers_it(installed):
    page = AppTest.from_function(image_page, default_timeout=PAGE_SECONDS).run()
    assert not page.exception
    assert page.session_state.image_model == "glance" and "Glance" in page.title[0].value


@pytest.mark.slow
def test_the_registry_wide_checks_cover_it(installed):
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
    assert "test_masked_and_skipping_agree[glance] PASSED" in done.stdout
