"""How digit readers hear in noise: sounds made of frames again, words that are found in them, a table that is kept."""

from __future__ import annotations

import numpy as np
import pytest

from app.signals.measured import noise_card
from dynviz import zoo
from dynviz.datasets.recordings import load_recordings
from dynviz.evaluation import noise_findings
from dynviz.evaluation.noise_findings import DB, KINDS, in_room, sound_of
from dynviz.media.signal import SPEECH_HZ, log_mel
from dynviz.media.speech import find_word
from dynviz.results.findings import RoomNoise, read_findings
from tests.commands import call
from tests.media.sound_samples import vowel
from tests.series_data import untrained_readers


def test_a_sound_made_of_frames_has_nearly_these_frames():
    frames = log_mel(vowel())
    sound = sound_of(frames)
    again = log_mel(sound * np.abs(vowel()).max() / np.abs(vowel()).max())[: len(frames)]
    loud = frames > frames.max() - 6  # of natural logarithm: what is heard
    assert len(again) == len(frames)
    difference = (again - frames)[loud]
    assert np.abs(difference - np.median(difference)).mean() < 0.6
    assert np.array_equal(sound, sound_of(frames))  # the same every time


@pytest.mark.parametrize("kind", KINDS)
def test_the_noise_is_as_strong_as_it_is_said(kind):
    word = vowel()
    for db in DB:
        sound, at = in_room(word, kind, db, np.random.default_rng(0))
        noise = sound.copy()
        noise[at : at + len(word)] -= word
        assert 10 * np.log10((word**2).mean() / (noise**2).mean()) == pytest.approx(db, abs=0.1)
        found = find_word(sound, SPEECH_HZ)
        assert abs(found.start - at) < 0.12 * SPEECH_HZ and abs(found.end - at - len(word)) < 0.12 * SPEECH_HZ


def test_the_table_is_measured_by_a_command_and_kept(tmp_path, monkeypatch):
    monkeypatch.setenv("DYNVIZ_PRETRAINED", str(tmp_path / "zoo"))
    monkeypatch.setenv("DYNVIZ_DATA", str(tmp_path / "data"))
    monkeypatch.setattr(noise_findings, "ROUNDS", 3)
    untrained_readers(tmp_path / "data")
    told = call("evaluate", "tiny-speech", "--noise", "--json").json
    kept = read_findings(zoo.card("tiny-speech")).noise
    assert (kept.kinds, kept.db, kept.n) == (KINDS, DB, 120)
    assert all(0 <= share <= 1 for rows in (kept.whole, kept.found, kept.known) for row in rows for share in row)
    assert told["noise"]["n"] == kept.n and len(told["noise"]["found"]) == len(KINDS)
    assert "without noise" in call("evaluate", "tiny-speech", "--noise").out
    assert "--noise is of networks that read spoken digits" in call("evaluate", "tiny-ecg", "--noise").err
    load_recordings.cache_clear()


def test_the_card_says_what_was_found():
    shares = ((0.6, 0.3), (0.8, 0.7)), ((0.99, 0.92), (1.0, 0.97)), ((1.0, 0.9), (1.0, 1.0))
    page = noise_card(RoomNoise(("white", "clicks"), (40, 20), *shares, 0.99, 300))
    assert "at least 92 %" in page and "as few as 60 %" in page and page.count("<tr>") == 3 and "97 %" in page


def test_the_shipped_digit_readers_hear_in_noise():
    """The numbers that the page shows, as they were measured: the word found is nearly as good as the word known."""
    readers = [card for card in zoo.models() if card.series is not None and card.series.kind == "speech"]
    assert readers
    for card in readers:
        found = read_findings(card).noise
        for own, known, whole in zip(found.found, found.known, found.whole, strict=True):
            assert all(a > b - 0.04 for a, b in zip(own, known, strict=True)) and min(own) > max(whole) + 0.05
