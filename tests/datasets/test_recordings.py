"""Recordings as training data: splits that keep patients apart, labels that follow what was cut off, augmentation."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from dynviz.datasets.recordings import load_recordings
from dynviz.media.signal import ECG, SPEECH
from dynviz.modalities.recordings import SeriesFeed
from dynviz.training.augment_series import augment_ecg, augment_speech
from dynviz.training.loop import fit
from dynviz.training.recipes import RECIPES
from tests.series_data import tiny_reader, write_digits, write_strips


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.setenv("DYNVIZ_DATA", str(write_strips(write_digits(tmp_path))))
    load_recordings.cache_clear()
    yield tmp_path
    load_recordings.cache_clear()


def test_no_patient_is_in_two_splits(place):
    splits = [load_recordings("mitbih_strips", split) for split in ("train", "val", "test")]
    patients = [set(split.group.tolist()) for split in splits]
    assert len(patients[1]) == 3 and not (patients[0] & patients[1] or patients[2] & (patients[0] | patients[1]))
    for split in splits:
        assert split.classes == ("normal", "ventricular beats") and set(split.labels.tolist()) == {0, 1}
        for samples, label, beats in zip(split.values, split.labels.tolist(), split.beats, strict=True):
            assert (beats[:, 1] == 2).any() == bool(label)  # strips with supraventricular or other beats are gone
            assert samples.dtype == np.float32 and np.abs(samples).max() <= 128 * 0.02 + 1e-6


def test_a_tenth_of_the_digits_is_held_out(place):
    train, val = (load_recordings("fsdd", split) for split in ("train", "val"))
    assert len(val) == 12 and len(train) == 108
    assert len({values.tobytes() for values in (*train.values, *val.values)}) == 120


def test_there_are_no_other_recordings(place):
    with pytest.raises(KeyError, match="mitbih_strips, fsdd"):
        load_recordings("credit_default", "train")


def test_the_real_splits(data_folder):
    for split, count in (("train", 3126), ("val", 535), ("test", 3628)):
        strips = load_recordings("mitbih_strips", split)
        assert len(strips) == count and 0.25 < strips.labels.float().mean() < 0.4


def test_a_part_of_a_strip_is_ventricular_only_if_such_a_beat_is_left_in_it(place):
    feed = SeriesFeed(tiny_reader(batch=64, balance=0.0))
    feed.recordings = feed.recordings.pick(np.flatnonzero(feed.recordings.labels.numpy() == 1))
    generator = torch.Generator().manual_seed(0)
    parts = [(x, label) for epoch in range(20) for x, label, _ in feed.train(epoch, generator)]
    labels = torch.cat([label for _, label in parts])
    assert 0 < labels.float().mean() < 1
    far = torch.cat([longest_run(x.values.flatten(1) > 1) for x, _ in parts])
    # the made-up ventricular beats are broad, and a cut may go through one
    assert (far[labels == 1] > 12).float().mean() > 0.9 and (far[labels == 0] > 12).float().mean() < 0.4


def longest_run(true: torch.Tensor) -> torch.Tensor:
    """(N, T) bool -> (N,) the most neighbours that are true."""
    longest = run = torch.zeros(len(true))
    for column in true.T:
        run = (run + 1) * column
        longest = torch.maximum(longest, run)
    return longest


def test_the_augmented_strip_is_the_strip():
    """Without stretch and amplitude there is nothing left but the part that was cut out, and a little noise."""
    at = torch.arange(1250) / 125
    strips = torch.sin(2 * math.pi * at)[None].repeat(64, 1)
    part, places = augment_ecg(strips, 125, torch.Generator().manual_seed(0))
    assert part.shape[0] == 64 and 0.3 * 1250 <= part.shape[1] <= 1250
    assert (places[:, 0] >= 0).all() and (places[:, 1] <= 1249).all()
    speed = (places[:, 1] - places[:, 0]) / (part.shape[1] - 1)
    assert speed.min() > 0.899 and speed.max() < 1.101
    for row in range(64):
        expected = torch.sin(2 * math.pi * torch.linspace(*places[row].tolist(), part.shape[1]) / 125)
        assert torch.corrcoef(torch.stack([part[row], expected]))[0, 1] > 0.9
    again, _ = augment_ecg(strips, 125, torch.Generator().manual_seed(0))
    assert torch.equal(part, again)


def test_augmented_sounds_keep_their_shape_and_their_floor():
    frames = torch.randn(32, 50, 40) * 3 - 2
    lengths = torch.randint(10, 51, (32,))
    moved, kept = augment_speech(frames, lengths, torch.Generator().manual_seed(0))
    assert moved.shape == (32, int(kept.max()), 40) and moved.min() >= math.log(1e-6) - 1e-4
    assert ((kept >= lengths * 0.89 - 1) & (kept <= lengths * 1.11 + 1)).all() and torch.isfinite(moved).all()


def test_digit_batches_are_zero_behind_their_ends(place):
    feed = SeriesFeed(tiny_reader("fsdd"))
    for x, labels, *_ in (*feed.train(0, torch.Generator().manual_seed(0)), *feed.check()):
        assert x.values.shape[2] == 40 and len(labels) == len(x)
        assert (x.values[~x.mask] == 0).all() and torch.isfinite(x.values).all()


def test_a_speaker_can_be_left_out(place):
    feed = SeriesFeed(replace(tiny_reader("fsdd"), without=2))
    assert set(feed.checked.group.tolist()) == {2} and 2 not in feed.recordings.group
    assert len(feed.checked) + len(feed.recordings) == 108


@pytest.mark.parametrize("dataset", ["mitbih_strips", "fsdd"])
def test_a_tiny_reader_learns(place, tmp_path, dataset):
    lines = []
    fit(tiny_reader(dataset, epochs=30), tmp_path / "run", report=lines.append)
    assert float(lines[-1].split('"val": [')[1].split("]")[0]) > (0.9 if dataset == "mitbih_strips" else 0.5)


def test_recipes_read_what_their_form_says():
    for recipe in RECIPES.values():
        if recipe.modality == "series":
            assert recipe.series in (ECG, SPEECH) and recipe.arguments["channels"] == recipe.series.channels
