"""Cards and checkpoints: damaged ones are told apart from missing ones, and several folders make one zoo."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from dynviz import CheckpointError, zoo


@pytest.fixture
def copied(tmp_path, monkeypatch):
    """The smallest shipped network, in a folder that the test may damage."""
    card = min((c for c in zoo.models() if c.modality == "image"), key=lambda c: c.static_macs)
    shutil.copytree(zoo.place(card.name), tmp_path / card.name)
    monkeypatch.setenv("DYNVIZ_PRETRAINED", str(tmp_path))
    return tmp_path / card.name


def test_damaged_weights_are_refused(copied):
    path = copied / "model.safetensors"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(CheckpointError, match=r"damaged.*python -m dynviz train"):
        zoo.load_unfolded(copied.name)


def test_missing_weights_are_refused(copied):
    (copied / "model.safetensors").unlink()
    with pytest.raises(CheckpointError, match="cannot be read"):
        zoo.load_unfolded(copied.name)


@pytest.mark.parametrize("change", [{"static_macs": "many"}, {"family": "magic"}, {"labels": None}])
def test_a_damaged_card_is_refused_and_the_others_live(copied, change):
    path = copied / "card.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(CheckpointError, match=next(iter(change))):
        zoo.card(copied.name)
    shutil.copytree(copied, copied.parent / "whole")
    assert zoo.models() == []
    (copied.parent / "whole" / "card.json").write_text("not json")
    with pytest.raises(CheckpointError):
        zoo.card("whole")


def test_unknown_name_lists_the_known_ones(copied):
    with pytest.raises(KeyError, match=copied.name):
        zoo.card("nobody")
    with pytest.raises(KeyError):
        zoo.card("../" + copied.name)


def test_several_folders(copied, tmp_path, monkeypatch):
    other = tmp_path / "elsewhere"
    shutil.copytree(copied, other / copied.name)
    shutil.copytree(copied, other / "second")
    monkeypatch.setenv("DYNVIZ_PRETRAINED", os.pathsep.join([str(tmp_path), str(other)]))
    assert zoo.place(copied.name) == copied  # the first folder wins
    assert zoo.place("second") == other / "second"
    assert len(zoo.models()) == 2


@pytest.mark.parametrize(("package", "said"), [("glance", "the package 'glance'"), (None, "a package with")])
def test_a_card_whose_package_is_missing_says_so(copied, package, said):
    path = copied / "card.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"network": "nowhere", "package": package}))
    assert zoo.models() == []
    assert list(zoo.unusable()) == [copied.name] and f"{copied.name} needs {said}" in zoo.unusable()[copied.name]
    with pytest.raises(CheckpointError, match="not installed here"):
        zoo.load(copied.name)


def test_a_damaged_card_is_told(copied):
    assert zoo.unusable() == {}
    (copied / "card.json").write_text("not json")
    assert "not a card this version can read" in zoo.unusable()[copied.name]


def test_the_folders_are_looked_through_once_for_all_cards(monkeypatch):
    looked: list[Path] = []
    glob = Path.glob
    monkeypatch.setattr(Path, "glob", lambda self, pattern: looked.append(self) or glob(self, pattern))
    cards = zoo.models()
    assert len(cards) > 40 and looked == zoo.folders()
    assert zoo.card(cards[0].name) == cards[0] and looked == zoo.folders()
