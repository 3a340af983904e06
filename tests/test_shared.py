"""Assets that several networks share: found, verified, held once."""

import json

import pytest
import torch

from dynviz import CheckpointError, zoo
from dynviz.media.vocabulary import RESERVED
from tests.tiny import write_words


@pytest.fixture
def words(tmp_path, monkeypatch):
    monkeypatch.setenv("DYNVIZ_PRETRAINED", str(tmp_path))
    return write_words(tmp_path, ("good", "bad"))


def test_words_and_vectors_belong_together(words):
    vocabulary, vectors = zoo.vocabulary("words"), zoo.vectors("words")
    assert vocabulary.words == ("good", "bad") and vectors.dtype == torch.float32
    assert len(vectors) == len(vocabulary) == RESERVED + 2
    assert zoo.vectors("words") is vectors


def test_a_missing_asset_is_named(words):
    with pytest.raises(CheckpointError, match="'other' is missing"):
        zoo.vocabulary("other")


@pytest.mark.parametrize("file", ["vocabulary.txt", "vectors.safetensors"])
def test_a_damaged_asset_is_refused(words, file):
    data = bytearray((words / file).read_bytes())
    data[-1] ^= 1
    (words / file).write_bytes(data)
    with pytest.raises(CheckpointError, match=f"{file} is missing or damaged"):
        zoo.vocabulary("words") if file.endswith("txt") else zoo.vectors("words")


def test_a_damaged_description_is_refused(words):
    (words / "asset.json").write_text(json.dumps({"sha256": {}}))
    with pytest.raises(CheckpointError, match="missing or damaged"):
        zoo.vectors("words")
