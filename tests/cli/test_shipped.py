"""The command line on every network in pretrained/, so that a later network is covered without a line changed here."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image
from skimage import data

from dynviz import zoo
from tests.commands import call

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = sorted(path.parent.name for path in (ROOT / "pretrained").glob("*/card.json"))


@pytest.fixture
def shipped(monkeypatch):
    if not SHIPPED:
        pytest.skip("no network is shipped in pretrained/ yet")
    monkeypatch.setenv("DYNVIZ_PRETRAINED", str(ROOT / "pretrained"))
    return SHIPPED


@pytest.fixture
def cat(tmp_path) -> Path:
    """scikit-image's cat, laid out as CLASS/file."""
    (tmp_path / "cat").mkdir()
    Image.fromarray(data.chelsea()).save(tmp_path / "cat" / "chelsea.png")
    return tmp_path / "cat" / "chelsea.png"


def test_every_shipped_network_is_listed(shipped):
    cards = call("models", "--json").json["models"]
    assert sorted(card["name"] for card in cards) == shipped
    for card in cards:
        assert card["operating_points"]
        assert all(0 < point["accuracy"] <= 1 and point["n"] > 0 for point in card["operating_points"])


def test_every_shipped_network_runs_sweeps_and_evaluates(shipped, cat):
    for name in shipped:
        card = zoo.card(name)
        if card.modality != "image":
            continue
        ran = call("run", cat, "--model", name, "--budget", "0.4", "--json").json
        assert 0 < ran["macs"] <= ran["macs_static"]
        assert ran["prediction"]["label"] in card.labels
        swept = call("sweep", cat, "--model", name, "--json").json
        assert len(swept["points"]) == len(card.operating_points)
        tested = call("evaluate", name, "--data", cat.parents[1], "--json").json
        assert (tested["n"], tested["matched_labels"]) == (1, ["cat"])
        for point, run_at in zip(tested["operating_points"], swept["points"], strict=True):
            assert point["accuracy"] == float(run_at["prediction"]["label"] == "cat")
            assert point["macs"] == run_at["macs"]
