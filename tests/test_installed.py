"""Weights that another package brings: found by name, held against the card, read without running anybody's code."""

from __future__ import annotations

import json
import pickle
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save

from dynviz import CheckpointError, run, zoo
from dynviz.evaluation.publishing import publish
from dynviz.installed import InstalledFile, WeightsError
from dynviz.networks import build
from dynviz.training.loop import fit
from tests.tiny import tiny_resnet, write_everyday30

PACKAGE, FILE = "tiny-weights", "tiny_weights/files/tiny.pth"
RENAMED = {"_conv.": ".conv.", "the_stem": "stem"}
ARGUMENTS = tiny_resnet().arguments


def published_names(name: str) -> str:
    """As the package calls a tensor that is ``name`` here."""
    return name.replace("stem", "the_stem").replace(".conv.", "_conv.")


@pytest.fixture
def package(tmp_path, monkeypatch) -> Path:
    """A package as pip installs it, whose code must never be run; returns its file of weights."""
    place = tmp_path / "site"
    file = place / FILE
    file.parent.mkdir(parents=True)
    (place / "tiny_weights" / "__init__.py").write_text("raise RuntimeError('this code must not run')\n")
    info = place / "tiny_weights-1.2.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {PACKAGE}\nVersion: 1.2\n")
    torch.manual_seed(0)
    write(file, build("resnet", ARGUMENTS).state_dict())
    monkeypatch.syspath_prepend(str(place))
    return file


def write(file: Path, state: dict[str, torch.Tensor]) -> None:
    torch.save({published_names(name): value for name, value in state.items()}, file)


@pytest.fixture
def card(package, tmp_path, monkeypatch) -> zoo.ModelCard:
    """A network made of those weights, calibrated and tested as any other."""
    monkeypatch.setenv("DYNVIZ_DATA", str(write_everyday30(tmp_path / "data", 4)))
    monkeypatch.setenv("DYNVIZ_PRETRAINED", str(tmp_path / "zoo"))
    recipe = tiny_resnet(weights=InstalledFile(PACKAGE, "1.2", FILE, RENAMED), mean=(0.5,) * 3, std=(0.25,) * 3)
    return zoo.card(publish(recipe, fit(recipe, tmp_path / "run")).name)


def test_a_network_is_made_of_them_and_nothing_is_copied(card, package):
    assert [path.name for path in sorted(zoo.place(card.name).iterdir())] == ["card.json", "evaluation.npz"]
    assert zoo.models() == [card] and card.mean == (0.5,) * 3
    theirs = torch.load(package, weights_only=True)
    loaded = zoo.load_unfolded(card.name).state_dict()
    assert {published_names(name) for name in loaded} == set(theirs)
    assert all(torch.equal(loaded[name], theirs[published_names(name)]) for name in loaded)
    trace = run(card.name, np.full((40, 50, 3), 90, dtype=np.uint8))
    assert trace.macs == card.static_macs


def test_without_the_package_one_sentence_says_what_to_install(card, package):
    shutil.rmtree(package.parents[2])
    said = f"needs the weights in the package '{PACKAGE}', which is not installed here: pip install {PACKAGE}==1.2"
    assert zoo.models() == [] and zoo.unusable() == {card.name: f"{card.name} {said}"}
    with pytest.raises(CheckpointError) as told:
        zoo.load(card.name)
    assert str(told.value) == f"{card.name} {said}"


def test_a_package_without_the_file_is_as_none(card, package):
    package.unlink()
    assert "is not installed here" in zoo.unusable()[card.name]


def test_another_file_than_the_card_was_made_with_is_refused(card, package):
    state = {name: value + 1 for name, value in build("resnet", ARGUMENTS).state_dict().items()}
    write(package, state)
    assert zoo.models() == [card]  # only loading reads it
    with pytest.raises(CheckpointError, match=rf"{card.name} was made for other weights.*--force-reinstall"):
        zoo.load_unfolded(card.name)


def installed(**renamed: str) -> InstalledFile:
    return InstalledFile(PACKAGE, "1.2", FILE, RENAMED | renamed)


def test_a_pickle_is_not_run(package, tmp_path):
    class Bomb:
        def __reduce__(self):
            return (Path.touch, (tmp_path / "boom",))

    package.write_bytes(pickle.dumps(Bomb()))
    with pytest.raises(WeightsError, match="cannot be read as tensors"):
        installed().read()
    torch.save({"a": Bomb()}, package)
    with pytest.raises(WeightsError, match="cannot be read as tensors"):
        installed().read()
    assert not (tmp_path / "boom").exists()


def test_names_and_shapes_are_checked(package):
    network = build("resnet", ARGUMENTS)
    state = network.state_dict()
    first = next(iter(state))
    for wrong, said in (
        ({name: value for name, value in state.items() if name != first}, f"{first} is missing"),
        (state | {first: state[first][:1]}, f"{first} has another shape"),
        (state | {"more": state[first]}, "more is not known"),
    ):
        write(package, wrong)
        with pytest.raises(WeightsError, match=said):
            fit(tiny_resnet(weights=installed()), package.parent)
    torch.save([state[first]], package)
    with pytest.raises(WeightsError, match="no tensors by name"):
        installed().read()


def test_safetensors_and_half_precision_are_read_too(package):
    state = {
        name: value.half() if value.is_floating_point() else value
        for name, value in build("resnet", ARGUMENTS).state_dict().items()
    }
    (package.parent / "tiny.safetensors").write_bytes(save({published_names(n): v for n, v in state.items()}))
    found, sha256 = InstalledFile(PACKAGE, "1.2", FILE.replace(".pth", ".safetensors"), RENAMED).read()
    assert set(found) == set(state) and found["stem.layers.0.conv.weight"].dtype == torch.float32
    assert len(sha256) == 64


def test_shipped_cards_name_a_package_with_its_version():
    root = Path(__file__).resolve().parent.parent
    cards = [json.loads(path.read_text()) for path in root.glob("pretrained/*/card.json")]
    named = [f"{card['weights']['package']}=={card['weights']['version']}" for card in cards if card.get("weights")]
    asked = (root / "requirements.txt").read_text().split()
    assert set(named) <= set(asked)
