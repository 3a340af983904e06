"""Test pictures by index: the order of the tables, with and without the data set."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from dynviz.datasets.registry import DATASETS
from dynviz.results.thumbnails import NoPictures, folder_name, thumbnails
from dynviz.views.examples.made_up import example_cards
from tests.tiny import write_everyday30


def card_of(dataset: str, n: int):
    card = example_cards()[-1]
    point = replace(card.operating_points[0], n=n)
    return replace(card, data=DATASETS[dataset].words, operating_points=(point,))


def pixels(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


def test_the_order_is_that_of_the_evaluation(tmp_path, monkeypatch):
    monkeypatch.setenv("DYNVIZ_DATA", str(write_everyday30(tmp_path)))
    split = DATASETS["everyday30"].load("test", 32)
    found = thumbnails(card_of("everyday30", len(split)), range(len(split)), 32)
    assert len(found) == len(split) == 32
    for data, image in zip(found, split.images.numpy().transpose(0, 2, 3, 1), strict=True):
        assert pixels(data).shape == (32, 32, 3)
        apart = np.abs(pixels(data).mean(axis=(0, 1)) - image.mean(axis=(0, 1)))
        assert apart.max() < 4  # lossy, but this very picture
    picked = thumbnails(card_of("everyday30", len(split)), [20, 3], 32)
    assert picked == [found[20], found[3]]


def test_pictures_in_one_array(tmp_path, monkeypatch):
    (tmp_path / "cifar10").mkdir()
    files = []
    for shade in (10, 120, 240):
        buffer = io.BytesIO()
        Image.new("RGB", (32, 32), (shade,) * 3).save(buffer, "JPEG")
        files.append(buffer.getvalue())
    offset = np.cumsum([0, *map(len, files)])
    np.savez(tmp_path / "cifar10" / "test.npz", jpeg=np.frombuffer(b"".join(files), np.uint8), offset=offset)
    monkeypatch.setenv("DYNVIZ_DATA", str(tmp_path))
    found = thumbnails(card_of("cifar10", 3), [2, 0])
    assert [int(pixels(data).mean()) // 100 for data in found] == [2, 0]


def test_no_pictures_says_why(tmp_path, monkeypatch):
    card = card_of("everyday30", 32)
    monkeypatch.delenv("DYNVIZ_DATA", raising=False)
    with pytest.raises(NoPictures, match="DYNVIZ_DATA"):
        thumbnails(card, [0])
    monkeypatch.setenv("DYNVIZ_DATA", str(tmp_path))
    with pytest.raises(NoPictures, match="does not hold"):
        thumbnails(card, [0])
    write_everyday30(tmp_path)
    with pytest.raises(NoPictures, match="32 pictures instead of 31"):
        thumbnails(card_of("everyday30", 31), [0])  # other pictures would be shown under these indices
    (tmp_path / "everyday30" / "test.zip").write_bytes(b"PK")
    with pytest.raises(NoPictures, match="does not hold"):
        thumbnails(card, [0])
    with pytest.raises(NoPictures, match="elsewhere"):
        thumbnails(replace(card, data="../Elsewhere"), [0])


def test_folders_are_called_like_their_data():
    for name in ("everyday30", "cifar10"):
        assert folder_name(DATASETS[name].words) == name
    assert folder_name("../../etc (passwords)") == "etc"
