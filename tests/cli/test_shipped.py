"""The command line on every kind of network in pretrained/: a later kind is covered without a line changed here."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage import data

from dynviz import zoo
from dynviz.media.synthetic import synthetic_ecg
from tests.commands import call
from tests.media.video_samples import video
from tests.sample import one_of_each

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


@pytest.fixture
def files(tmp_path, cat) -> dict[str, Path]:
    """A file for every kind of input that a network takes."""
    review, strip, word = tmp_path / "review.txt", tmp_path / "strip.csv", tmp_path / "word.wav"
    review.write_text("A slow start, and then one of the best films of the year. I loved every minute of it. " * 8)
    strip.write_text("mV\n" + "\n".join(f"{value:.3f}" for value in synthetic_ecg("ventricular").samples))
    samples = np.sin(np.linspace(0, 900, 4000)) * np.hanning(4000) * 20_000
    with wave.open(str(word), "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        sound.writeframes(samples.astype("<i2").tobytes())
    film = tmp_path / "film.mp4"
    video(film)
    return {"image": cat, "text": review, "ecg": strip, "speech": word, "video": film}


def test_every_kind_of_network_runs_and_sweeps(shipped, files):
    for card in one_of_each(zoo.models()):
        name = card.name
        file = files[card.series.kind if card.series else card.modality]
        ran = call("run", file, "--model", name, "--budget", "0.4", "--json").json
        assert 0 < ran["macs"] <= ran["macs_static"]
        assert ran["prediction"]["label"] in card.labels
        swept = call("sweep", file, "--model", name, "--json").json
        assert len(swept["points"]) == len(card.operating_points)


def test_every_kind_of_network_for_pictures_evaluates(shipped, cat):
    for card in one_of_each(zoo.models()):
        name = card.name
        if card.modality != "image" or "cat" not in card.labels:  # of a thousand things some are cats, none is "cat"
            continue
        swept = call("sweep", cat, "--model", name, "--json").json
        tested = call("evaluate", name, "--data", cat.parents[1], "--json").json
        assert (tested["n"], tested["matched_labels"]) == (1, ["cat"])
        for point, run_at in zip(tested["operating_points"], swept["points"], strict=True):
            assert point["accuracy"] == float(run_at["prediction"]["label"] == "cat")
            assert point["macs"] == run_at["macs"]
