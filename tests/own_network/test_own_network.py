"""A network of somebody else's: registered, trained, published, drawn and checked without a change to the package."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

import dynviz
from dynviz.evaluation.publishing import publish
from dynviz.training.loop import fit
from dynviz.training.recipes import Recipe
from dynviz.views.decisions.panels import panels
from tests.patience import PAGE_SECONDS
from tests.tiny import CLASSES, picture, write_everyday30

HERE = Path(__file__).resolve().parent


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """What `pip install` of somebody's package leaves behind, and the network trained by its owner."""
    folder = tmp_path_factory.mktemp("own")
    site = folder / "site"
    metadata = site / "glance-1.0.dist-info"
    metadata.mkdir(parents=True)
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: glance\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[dynviz.networks]\nglance = glance:Glance\n")
    (site / "glance.py").write_text((HERE / "glance.py").read_text())
    recipe = Recipe(
        name="glance",
        title="Glance",
        family="sample-wise",
        mechanism="early exit",
        paper="none",
        network="glance",
        arguments={"classes": len(CLASSES)},
        in_side_px=32,
        anytime=True,
        epochs=12,
        batch=8,
        sides_px=((1.0, 32),),
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(site)
        patch.setenv("DYNVIZ_DATA", str(write_everyday30(folder / "data")))
        publish(recipe, fit(recipe, folder / "runs", report=lambda line: None), folder / "networks")
        patch.setenv("DYNVIZ_PRETRAINED", str(folder / "networks"))
        yield site, folder


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
    networks = next(group for group in page.button_group if group.key == "model")
    assert any("Glance" in option for option in networks.options)


def test_the_registry_wide_checks_cover_it(installed):
    site, folder = installed
    environment = dict(os.environ, DYNVIZ_PRETRAINED=str(folder / "networks"), PYTHONPATH=str(site))
    checks = [sys.executable, "-m", "pytest", "-v", "-p", "no:cacheprovider", "tests/test_registry.py"]
    done = subprocess.run(checks, cwd=HERE.parents[1], env=environment, capture_output=True, text=True, timeout=3600)
    assert done.returncode == 0, done.stdout[-3000:]
    assert "test_masked_and_skipping_agree[glance] PASSED" in done.stdout
