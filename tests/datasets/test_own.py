"""A person's own labelled pictures: names matched kindly, pictures read as an upload is, faults told by file."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage import data

from dynviz.datasets.imagenet import TESTED, names
from dynviz.datasets.own import own_pictures
from dynviz.datasets.samples import Samples
from dynviz.media.image import read_image
from dynviz.results.kinds import everyday_words

CLASSES = ("cat", "golf ball", "sea")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "mine"
    for name in ("Cat", "golf_ball", "unknown thing", "__MACOSX/cat"):
        (root / name).mkdir(parents=True)
    chelsea = Image.fromarray(data.chelsea())
    chelsea.save(root / "Cat" / "1.png")
    orientation = Image.Exif()
    orientation[0x0112] = 6  # as phones write a picture held upright
    chelsea.save(root / "Cat" / "2.JPG", exif=orientation)
    Image.fromarray(data.coffee()).save(root / "golf_ball" / "a.webp")
    chelsea.save(root / "unknown thing" / "3.png")
    (root / "Cat" / "notes.txt").write_text("no picture")
    (root / "Cat" / "._1.png").write_bytes(b"what macOS leaves")
    (root / "__MACOSX" / "cat" / "1.png").write_bytes(b"and this")
    return root


def zipped(folder: Path) -> Path:
    target = folder.parent / "mine.zip"
    with zipfile.ZipFile(target, "w") as archive:
        for file in sorted(folder.rglob("*")):
            archive.write(file, file.relative_to(folder))
    return target


def test_folder_and_zip_give_the_same_pictures(folder):
    found, packed = own_pictures(folder, 32, CLASSES), own_pictures(zipped(folder), 32, CLASSES)
    assert [Path(name).parts[-2:] for name in found.names] == [
        ("Cat", "1.png"),
        ("Cat", "2.JPG"),
        ("golf_ball", "a.webp"),
    ]
    assert found.labels.tolist() == packed.labels.tolist() == [0, 0, 1]
    assert found.images.shape == (3, 3, 32, 32)
    assert np.array_equal(found.images, packed.images)
    assert found.classes == CLASSES


def test_pictures_are_read_as_uploads_are(folder):
    upright = own_pictures(folder, 32, CLASSES).images[1].numpy().transpose(1, 2, 0)
    view, _ = read_image(folder / "Cat" / "2.JPG").view(32)
    assert np.array_equal(upright, view)
    sideways = np.asarray(Image.open(folder / "Cat" / "2.JPG").convert("RGB").resize((32, 32)))
    assert np.abs(upright.astype(int) - sideways).mean() > 10  # the EXIF orientation was not just dropped


def test_one_class_alone_may_be_given(folder):
    assert own_pictures(folder / "Cat", 32, CLASSES).labels.tolist() == [0, 0]


def test_a_damaged_picture_is_named(folder):
    (folder / "Cat" / "9.png").write_bytes((folder / "Cat" / "1.png").read_bytes()[:500])
    left_out, told = [], []
    found = own_pictures(folder, 32, CLASSES, left_out, lambda done, all_: told.append((done, all_)))
    assert len(found) == 3 and told == [(i, 6) for i in range(1, 7)]
    assert [line.partition(": ")[0] for line in left_out] == [
        "mine/Cat/9.png",
        "mine/Cat/notes.txt",
        "mine/unknown thing/3.png",
    ]
    assert "damaged" in left_out[0] and "ending" in left_out[1] and "no class 'unknown thing'" in left_out[2]


def test_a_damaged_zip_is_named(folder):
    target = zipped(folder)
    content = bytearray(target.read_bytes())
    content[200:40_000] = bytes(39_800)  # inside the first picture; the directory at the end stays whole
    target.write_bytes(content)
    left_out = []
    assert len(own_pictures(target, 32, CLASSES, left_out)) == 2
    assert left_out[0].startswith("Cat/1.png: cannot be unpacked")


def test_nothing_known_says_what_is_known(folder):
    with pytest.raises(ValueError, match="CLASS one of: zebra, yak"):
        own_pictures(folder, 32, ("zebra", "yak"))


THOUSAND = (
    "tabby",
    "tiger cat",
    "Persian cat",
    "Siamese cat",
    "Egyptian cat",
    "golf ball",
    "orange",
    "coffee mug",
    "cup",
)


def test_everyday_words_count_for_every_class_of_that_kind(folder):
    left_out = []
    found = own_pictures(folder, 32, THOUSAND, left_out)
    samples = Samples(found.labels.numpy(), found.classes, iter, found.answers, found.accepted)
    assert samples.known == THOUSAND and [found.classes[i] for i in found.labels] == ["cat", "cat", "golf ball"]
    said = np.array([THOUSAND.index(name) for name in ("Persian cat", "golf ball", "golf ball")])
    assert samples.right(said).tolist() == [True, False, True]
    assert any("no class 'unknown thing'" in line for line in left_out)


def test_a_folder_of_several_is_the_folder_of_one(folder):
    (folder / "Cat").rename(folder / "cats")
    assert own_pictures(folder, 32, CLASSES).labels.tolist() == [0, 0, 1]


def test_a_word_for_a_kind_stands_before_a_class_of_the_same_name(folder):
    (folder / "golf_ball").rename(folder / "cup")
    found = own_pictures(folder, 32, THOUSAND)
    right = found.accepted[found.labels[-1]]
    assert [name for name, so in zip(THOUSAND, right, strict=True) if so] == ["coffee mug", "cup"]


def test_words_mean_what_the_networks_are_measured_on():
    """A folder called 'dog' is counted as the dogs in the networks' own tables are."""
    known = names()
    words = everyday_words(known)
    assert all(set(right) <= set(known) and len(set(right)) == len(right) for right in words.values())
    for word, shown in {"shoe": "shoes", "cat": "cat (any kind)", "dog": "dog (any breed)"}.items():
        assert {known.index(name) for name in words[word]} == right_of(shown), word
    for word in ("apple", "panda", "dress", "hat", "jacket", "shirt", "skirt", "trousers"):
        assert {known.index(name) for name in words[word]} == right_of(word), word


def right_of(shown: str) -> set[int]:
    return set(next(right for name, right in TESTED.values() if name == shown))
