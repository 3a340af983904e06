"""Texts from files, the vocabulary and word vectors, on a corpus small enough to know the answer."""

from __future__ import annotations

import gzip
import json

import numpy as np
import pytest
import torch

from dynviz.datasets.texts import load_texts
from dynviz.media.vocabulary import RESERVED, UNKNOWN, read_vocabulary
from dynviz.training.word_vectors import count_words, make_words, word_vectors


def write(folder, dataset, split, lines):
    place = folder / "text" / dataset
    place.mkdir(parents=True, exist_ok=True)
    with gzip.open(place / f"{split}.tsv.gz", "wt", encoding="utf-8") as file:
        file.writelines(f"{label}\t{text}\n" for label, text in lines)


@pytest.fixture
def corpus(tmp_path, monkeypatch):
    """Two topics whose words never meet, in both sets that the vectors are made of."""
    monkeypatch.setenv("DYNVIZ_DATA", str(tmp_path))
    load_texts.cache_clear()
    draw = np.random.default_rng(0)
    topics = (["cat", "dog", "horse", "cow"], ["bank", "loan", "money", "card"])
    lines = [(i % 2, " ".join(draw.choice(topics[i % 2], 12))) for i in range(200)]
    write(tmp_path, "imdb", "train", lines)
    write(tmp_path, "ag_news_subset", "train", lines)
    yield tmp_path
    load_texts.cache_clear()


def test_the_vocabulary_is_sorted_by_count_then_alphabet():
    vocabulary = count_words([["b", "a", "b", "c"], ["a", "b", "d"]], least=2)
    assert vocabulary.words == ("b", "a") and len(vocabulary) == RESERVED + 2
    assert vocabulary.numbers(["a", "zzz", "b"]).tolist() == [RESERVED + 1, UNKNOWN, RESERVED]


def test_words_of_one_topic_lie_together(corpus):
    words = load_texts("imdb", "train").words
    vocabulary = count_words(words, least=1)
    vectors = word_vectors([vocabulary.numbers(text) for text in words], len(vocabulary), width=4, window=3)
    assert vectors.shape == (RESERVED + 8, 4) and not vectors[:RESERVED].any()
    assert float(vectors[RESERVED:].square().mean()) == pytest.approx(1, abs=1e-4)
    place = {word: vectors[i] for i, word in enumerate(vocabulary.words, start=RESERVED)}
    near = torch.cosine_similarity(place["cat"], place["cow"], dim=0)
    far = torch.cosine_similarity(place["cat"], place["loan"], dim=0)
    assert near > 0.5 > abs(far)


def test_the_asset_is_written_whole_and_the_same_each_time(corpus, tmp_path):
    from safetensors.torch import load

    made = [make_words(tmp_path / name) for name in ("first", "again")]
    assert made[0] == made[1] == read_vocabulary(tmp_path / "first" / "vocabulary.txt")
    first, again = ((tmp_path / name / "asset.json").read_text() for name in ("first", "again"))
    assert first == again and set(json.loads(first)["sha256"]) == {"vocabulary.txt", "vectors.safetensors"}
    vectors = load((tmp_path / "first" / "vectors.safetensors").read_bytes())["vectors"]
    assert vectors.dtype == torch.float16 and len(vectors) == len(made[0])


def test_sentences_come_as_a_person_types_them(corpus):
    write(corpus, "sst2", "dev", [(1, "it 's good , you wo n't regret it ."), (0, "no<br /><br />good")])
    texts = load_texts("sst2", "val")
    assert texts.texts == ("it's good , you won't regret it .", "no\ngood")
    assert texts.words[0][:3] == ("it", "'s", "good") and "won't" in texts.words[0]
    assert texts.labels.tolist() == [1, 0]


def test_named_classes_and_a_validation_split_held_out_of_train(corpus):
    write(corpus, "banking77", "train", [(f"class_{i % 3}", f"text number {i}") for i in range(100)])
    write(corpus, "banking77", "test", [("class_2", "a test")])
    train, val = load_texts("banking77", "train"), load_texts("banking77", "val")
    assert train.classes == ("class 0", "class 1", "class 2")
    assert (len(train), len(val)) == (90, 10) and not set(train.texts) & set(val.texts)
    assert load_texts("banking77", "test").labels.tolist() == [2]


def test_an_unknown_set_is_named(corpus):
    with pytest.raises(KeyError, match="banking77"):
        load_texts("nothing", "train")


def test_the_real_sets_are_whole(data_folder):
    load_texts.cache_clear()
    sizes = {"imdb": (20_000, 5_000, 25_000), "sst2": (6_920, 872, 1_821), "rt-polarity": (8_530, 1_066, 1_066)}
    for name, counts in sizes.items():
        for split, count in zip(("train", "val", "test"), counts, strict=True):
            if name == "imdb" and split != "val":
                continue  # a minute of splitting into words for nothing new
            texts = load_texts(name, split)
            assert len(texts) == count and set(texts.labels.tolist()) == {0, 1}
    assert len(load_texts("banking77", "test").classes) == 77
