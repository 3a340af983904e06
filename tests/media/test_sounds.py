"""Sounds: every kind of file that phones and browsers record, where in them the word is, and what is refused."""

from __future__ import annotations

import io
import wave

import numpy as np
import pytest

from dynviz.media import MediaError
from dynviz.media.series import SPEECH_SECONDS, read_series
from dynviz.media.signal import SPEECH
from dynviz.media.sound import read_sound, sound_format
from tests.media.samples import encoded as picture
from tests.media.samples import mp4_family, scene
from tests.media.sound_samples import RATE, compressed, encoded, float_wav, sounds, tone, unsized, vowel, wav

SOUNDS, COMPRESSED = sounds(), compressed()


@pytest.mark.parametrize("name", SOUNDS)
def test_a_sound_of_any_kind_is_the_same_sound(name):
    series = read_series(SOUNDS[name], SPEECH)
    assert series.form.rate_hz == 8_000 and abs(len(series.samples) - 4_000) < 300
    tolerance = {"ADPCM": 0.1, "µ-law": 0.02, "A-law": 0.02}.get(name, 0.01)
    np.testing.assert_allclose(series.samples[20:3_900], tone()[20:3_900], atol=tolerance)


@pytest.mark.parametrize("name", COMPRESSED)
def test_what_phones_and_browsers_record_is_the_same_sound(name):
    samples, rate, cut = read_sound(COMPRESSED[name], 24)
    assert 0.45 <= len(samples) / rate <= 0.65 and not cut
    middle = samples[len(samples) // 4 : len(samples) // 4 + rate // 4]
    spectrum = np.abs(np.fft.rfft(middle * np.hanning(len(middle))))
    assert abs(np.argmax(spectrum) * rate / len(middle) - 440) < 6
    assert 0.33 < np.sqrt((middle**2).mean()) < 0.38
    assert read_series(COMPRESSED[name], SPEECH).seconds >= 0.45


def test_a_file_that_breaks_off_is_read_as_far_as_it_goes():
    whole = {"WAV": wav(tone(48_000), 48_000), "MP3": COMPRESSED["MP3"], "WebM": COMPRESSED["WebM Opus, of Chrome"]}
    for data in whole.values():
        samples, rate, _ = read_sound(data[: len(data) * 2 // 3], 24)
        assert 0.2 < len(samples) / rate < 0.5


def test_channels_that_cancel_one_another_out_are_a_sound():
    file = io.BytesIO()
    both = np.rint(np.stack([tone(), -tone()], axis=1) * 32767).astype("<i2")
    with wave.open(file, "wb") as writer:
        writer.setparams((2, 2, RATE, 0, "NONE", ""))
        writer.writeframes(both.tobytes())
    samples, _, _ = read_sound(file.getvalue(), 24)
    np.testing.assert_allclose(samples, tone(), atol=1e-3)


def test_the_sound_of_a_video_is_read():
    assert sound_format(mp4_family(b"isom")) == "mov" and sound_format(mp4_family(b"heic", b"mif1")) == ""
    assert sound_format(b"\xff\xd8\xff\xe0") == "" and sound_format(b"\xff\xfea\0") == ""


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty"),
        (b"ID3\x03 sound", "damaged or incomplete"),
        (b"\x1aE\xdf\xa3", "damaged or incomplete"),
        (b"OggS" + bytes(300), "damaged or incomplete"),
        (b"RIFF\0\0\0\0WAVE", "damaged or incomplete"),
        (picture(scene(), "PNG"), "a picture, not a sound"),
        (b"%PDF-1.7", "a PDF document, not a sound"),
        (b"one\ntwo\n", "a file of another kind, not a sound"),
        (mp4_family(b"isom"), "damaged or incomplete"),
        (wav(tone())[:40], "damaged or incomplete"),
        (wav(tone())[:44], "no sound"),
        (wav(tone(seconds=0.05)), "too short"),
        (wav(np.zeros(8_000)), "flat line"),
        (wav(tone(), rate=1_000), "1,000 samples a second; 4,000 to"),
        (wav(tone(), channels=9), "9 channels"),
        (float_wav([0.0, float("nan")] * 2_000), "holds values that are none"),
        (float_wav([0.0, 1e30] * 2_000), "holds values that are none"),
        (b"ffconcat version 1.0\nfile /etc/passwd\n", "a file of another kind"),
    ],
)
def test_other_sounds_are_refused_in_one_sentence(data, said):
    with pytest.raises(MediaError, match=said) as caught:
        read_series(data, SPEECH)
    assert "\n" not in str(caught.value) and str(caught.value).endswith(".")


def test_no_more_is_decoded_than_is_asked_for():
    samples, rate, cut = read_sound(encoded(tone(48_000, 30), 48_000, "flac", "flac"), 2)
    assert len(samples) == 2 * rate and cut


def test_a_long_sound_is_cut_and_says_so():
    series = read_series(wav(tone(seconds=30)), SPEECH)
    assert series.seconds == SPEECH_SECONDS[1] and "first" in " ".join(series.notes)


# --- where the word is


def noise(kind: str, count: int, seed: int = 0) -> np.ndarray:
    """Of root mean square 1."""
    draw = np.random.default_rng(seed)
    white = draw.standard_normal(count)
    if kind == "white":
        return white
    spectrum, hz = np.fft.rfft(white), np.fft.rfftfreq(count, 1 / RATE)
    spectrum[1:] /= np.sqrt(hz[1:]) if kind == "pink" else hz[1:]  # "fan": all of it low
    spectrum[hz < 20] = 0
    made = np.fft.irfft(spectrum, count)
    return made / made.std()


def around(word: np.ndarray, other: np.ndarray, at: int) -> np.ndarray:
    mixed = other.copy()
    mixed[at : at + len(word)] += word
    return mixed


WORD, AT, LONG = vowel(), 9_000, 24_000
LEVEL = float(np.sqrt((WORD**2).mean()))


@pytest.mark.parametrize("kind", ["white", "pink", "fan"])
@pytest.mark.parametrize("db", [60, 40, 30, 20])
def test_the_word_is_cut_out_of_the_noise_of_a_room(kind, db):
    mixed = around(WORD, LEVEL * 10 ** (-db / 20) * noise(kind, LONG), AT)
    series = read_series(wav(mixed), SPEECH)
    assert abs(series.seconds - len(WORD) / RATE) < 0.15
    assert any("around the word are left out" in said for said in series.notes)


def test_silence_at_the_ends_is_left_out():
    hush = np.zeros(8_000)
    series = read_series(wav(np.concatenate([hush, WORD, hush])), SPEECH)
    assert 0.35 <= series.seconds < 0.55 and "silence" in series.notes[0]
    assert read_series(wav(WORD), SPEECH).seconds == pytest.approx(0.4)  # nothing to leave out


CLICK = np.exp(-np.arange(40) / 8) * np.sin(np.arange(40))
POP = np.exp(-np.arange(1_600) / 400) * np.cos(2 * np.pi * 30 * np.arange(1_600) / RATE)
BREATH = 0.06 * noise("white", 3_200, 5) * np.hanning(3_200)


@pytest.mark.parametrize(("name", "other"), [("click", CLICK), ("pop of the switch", POP), ("breath", BREATH)])
@pytest.mark.parametrize("at", [300, 18_000])
def test_what_is_no_word_is_no_word(name, other, at):
    room = LEVEL * 10 ** (-35 / 20) * noise("pink", LONG)
    mixed = around(WORD, around(other, room, at), AT)
    series = read_series(wav(mixed / np.abs(mixed).max()), SPEECH)
    assert abs(series.seconds - len(WORD) / RATE) < 0.15 and not any("sounds" in said for said in series.notes)


def test_a_second_word_is_told():
    room = 0.003 * noise("white", LONG)
    series = read_series(wav(around(WORD, around(0.9 * WORD, room, 1_000), AT)), SPEECH)
    assert "It holds 2 sounds: the one that stands out most is read." in series.notes
    assert abs(series.seconds - len(WORD) / RATE) < 0.15


def test_a_pause_within_a_word_does_not_end_it():
    word = np.concatenate([WORD, 0.002 * noise("white", 800), WORD[:1_200]])
    series = read_series(wav(around(word, 0.002 * noise("white", LONG), AT)), SPEECH)
    assert abs(series.seconds - len(word) / RATE) < 0.15


def test_nothing_but_noise_is_read_whole_and_says_so():
    series = read_series(wav(0.1 * noise("white", LONG)), SPEECH)
    assert series.seconds == 3 and series.notes == ("Nothing stands out from its noise: all of it is read.",)
    quiet = read_series(wav(0.005 * WORD / np.abs(WORD).max(), bits=24), SPEECH)
    assert "very quiet" in quiet.notes[-1]


def test_sizes_that_nobody_wrote_do_not_matter():
    assert len(read_series(unsized(wav(WORD)), SPEECH).samples) == len(WORD)
