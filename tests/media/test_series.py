"""Recordings: what a file holds, which column is the ECG, and that nothing else than a MediaError ever comes out."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dynviz.media import MediaError
from dynviz.media.series import ECG_SECONDS, MAX_BYTES, SPEECH_SECONDS, read_series
from dynviz.media.signal import ECG, SPEECH, log_mel, mel_filters, resampled
from dynviz.media.synthetic import NAMES, synthetic_ecg
from dynviz.trace import Prediction, Trace
from dynviz.trace.file import TraceFileError, trace_bytes
from tests.media.sound_samples import compressed, sounds

VALUES = np.round(synthetic_ecg("ventricular").samples.astype(float), 3)


def column(values=VALUES, form="{:.3f}"):
    return "\n".join(form.format(value) for value in values)


def text(values, form="{:.3f}"):
    return [form.format(value) for value in values]


def table(separator, header, *columns):
    return "\n".join([header, *(separator.join(row) for row in zip(*columns, strict=True))]).encode()


SECONDS = np.arange(len(VALUES)) / 125
TABLES = {
    "one column": column().encode(),
    "one line": column().replace("\n", ",").encode(),
    "semicolons": table(";", "time;V5;MLII", text(SECONDS), text(VALUES[::-1]), text(VALUES)),
    "clocks": table(",", "'Elapsed time','MLII'", [f"'0:{second:06.3f}'" for second in SECONDS], text(VALUES)),
    "key and value": b"Sampling Rate,250\nUnit,mV\n" + column().encode(),
    "dates": table(",", "time,ecg", [f"2024-03-05 10:11:{second:09.6f}" for second in SECONDS], text(VALUES)),
}


def test_what_was_assumed_is_said():
    assert read_series(column().encode(), ECG).notes == ("Taken as 125 samples a second, as the file does not say.",)
    assert read_series(column().encode(), ECG, rate_hz=125).notes == ()
    assert "'MLII' is read" in read_series(TABLES["semicolons"], ECG).notes[0]
    assert "125 samples a second" in read_series(TABLES["semicolons"], ECG).notes[1]
    given = read_series(TABLES["semicolons"], ECG, rate_hz=250)
    assert given.seconds == 5 and given.notes[2] == "Read at the 250 samples a second that were given."
    counted = read_series(column(np.rint(VALUES / 0.02), "{:.0f}").encode(), ECG)
    np.testing.assert_allclose(counted.samples, VALUES, atol=0.011)
    assert "0.02 mV a step" in counted.notes[1]
    counts = read_series(column(np.rint(VALUES * 200 + 1024), "{:.0f}").encode(), ECG)
    assert "not mV" in counts.notes[1] and 1 < np.ptp(counts.samples) < 4


def test_another_rate_is_brought_to_the_networks_own():
    seconds = np.arange(3600) / 360
    wave_ = np.sin(2 * np.pi * 7 * seconds)
    series = read_series(column(wave_, "{:.6f}").encode(), ECG, rate_hz=360)
    np.testing.assert_allclose(series.samples[25:-25], np.sin(2 * np.pi * 7 * np.arange(1250) / 125)[25:-25], atol=1e-3)
    timed = table(",", "time,ecg", text(seconds, "{:.4f}"), text(wave_, "{:.6f}"))
    np.testing.assert_allclose(read_series(timed, ECG).samples, series.samples, atol=1e-4)


def test_resampling_takes_out_what_the_new_rate_cannot_hold():
    at = np.arange(44_100) / 44_100
    kept = resampled(np.sin(2 * np.pi * 1000 * at), 44_100, 8_000)
    assert len(kept) == 8_000
    np.testing.assert_allclose(kept[50:-50], np.sin(2 * np.pi * 1000 * np.arange(8000) / 8000)[50:-50], atol=1e-3)
    folded = resampled(np.sin(2 * np.pi * 5000 * at), 44_100, 8_000)
    assert np.abs(folded[50:-50]).max() < 1e-3
    assert len(resampled(np.ones(11_025), 11_025, 8_000)) == 8_000


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty"),
        (b"a\nb\nc", "no numbers"),
        (b"1\n2\n3", "too short: 0.024 s at 125"),
        (b"1.5\n" * 500, "flat line"),
        (column().replace("\n", "\n\nnan", 1).encode(), "'nan0.025' is not a number in row 2"),
        (b"ecg\n" + b"0.1\n0.2\n" * 100 + b"1e400\n" + b"0.1\n" * 100, "'1e400' is not a number in row 201"),
        (b"1,2,3\n" * 200 + b"1,2\n", "Line 201 has 2 columns where the first has 3"),
        ((b",".join([b"1"] * 187) + b"\n") * 3, "187 columns"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "a picture"),
        (b"PK\x03\x04\x14\0\0\0", "zip archive"),
        (bytes(range(256)) * 10, "not a table"),
        (b"1\n" * (MAX_BYTES // 2 + 1), "larger than 8 MB"),
    ],
)
def test_other_files_are_refused_in_one_sentence(data, said):
    with pytest.raises(MediaError, match=said) as caught:
        read_series(data, ECG)
    assert "\n" not in str(caught.value) and str(caught.value).endswith(".")


@pytest.mark.parametrize("rate", [0.5, 49, 1e6, float("nan")])
def test_a_rate_that_no_ecg_has_is_refused(rate):
    with pytest.raises(MediaError, match="samples a second cannot be read; 50 to 2,000"):
        read_series(column().encode(), ECG, rate_hz=rate)


def test_a_long_recording_is_cut_and_says_so():
    series = read_series(column(np.tile(VALUES, 9)).encode(), ECG)
    assert series.seconds == ECG_SECONDS[1] and "first 60 s" in " ".join(series.notes)
    assert len(ECG.frames(series.samples)) == 1500


def test_arrays_are_recordings_too():
    series = read_series(VALUES, ECG)
    assert series.samples.tolist() == VALUES.astype(np.float32).tolist()
    with pytest.raises(MediaError, match="one row of numbers"):
        read_series(np.zeros((3, 500)), ECG)
    with pytest.raises(MediaError, match="list is not a recording"):
        read_series([1.0, 2.0], ECG)


def test_the_steps_of_an_ecg():
    samples = np.arange(13, dtype=float)
    frames = ECG.frames(samples)
    assert frames.shape == (2, 5) and frames.dtype == np.float32
    np.testing.assert_allclose(frames[1] * ECG.std + ECG.mean, (np.arange(5, 10) - 6) / samples.std(), atol=1e-5)
    np.testing.assert_allclose(ECG.frames(samples * 1000 + 7), frames, atol=1e-4)  # whatever the unit


def test_log_mel_of_a_frame_computed_by_hand():
    """One frame by the definition itself: the transform as sums, the filters as lines between corners."""
    samples = np.random.default_rng(0).normal(size=360)
    frames = log_mel(samples)
    assert frames.shape == (3, 40)
    frame = samples[80:280] / np.abs(samples).max()
    frame = frame * (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(200) / 199))
    for band in (0, 17, 39):
        mel = [2595 * np.log10(1 + hz / 700) for hz in (60, 4000)]
        low, middle, high = (
            700 * (10 ** ((mel[0] + (band + i) * (mel[1] - mel[0]) / 41) / 2595) - 1) for i in range(3)
        )
        total = 0.0
        for k in range(129):
            hz = k * 8000 / 256
            weight = (hz - low) / (middle - low) if low <= hz <= middle else (high - hz) / (high - middle)
            if low <= hz <= high:
                total += weight * abs(np.sum(frame * np.exp(-2j * np.pi * k * np.arange(200) / 256))) ** 2
        assert frames[1, band] == round(8 * np.log(total + 1e-6)) / 8
    assert mel_filters().shape == (40, 129) and (mel_filters().sum(axis=1) > 0.9).all()


def test_silence_and_short_sounds_are_frames_too():
    assert log_mel(np.zeros(200)).tolist() == [[round(8 * np.log(1e-6)) / 8] * 40]
    assert log_mel(np.ones(3)).shape == (1, 40)


@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_the_features_lie_where_those_of_the_data_set_lie(data_folder):
    """The data set holds no sound, so its frames cannot be computed again; but a voice's range is that of ours."""
    with np.load(data_folder / "series" / "fsdd" / "train.npz", allow_pickle=False) as stored:
        known = stored["x"] / 8
    vowel = sum(np.sin(2 * np.pi * 130 * k * np.arange(8000) / 8000) / k for k in range(1, 25))
    ours = log_mel(vowel)
    assert known.min() >= np.rint(8 * np.log(1e-6)) / 8 and known.min() < -13
    assert known.max() - 2 < ours.max() < known.max() + 2


# --- both


def test_a_trace_keeps_the_recording():
    series = synthetic_ecg("ventricular")
    media = series.media()
    assert (media.rate_hz, media.step_samples, media.frame_samples) == (125.0, 5, 5)
    trace = Trace("a", "A", ("x",), Prediction("x", 1.0, ()), (), (), media, 0)
    again = Trace.load(trace_bytes(trace))
    assert again == trace and again.media.beats.tolist() == series.beats.tolist()
    for bad in ({"rate_hz": float("nan")}, {"step_samples": -1}, {"beats": np.zeros((2, 3), int)}):
        changed = Trace(**(vars(trace) | {"media": type(media)(**(vars(media) | bad))}))
        with pytest.raises(TraceFileError):
            trace_bytes(changed)


@pytest.mark.parametrize("name", NAMES)
def test_a_synthetic_ecg_is_always_the_same(name):
    series = synthetic_ecg(name)
    assert np.array_equal(series.samples, synthetic_ecg(name).samples)
    assert not np.array_equal(series.samples, synthetic_ecg(name, seed=4).samples)
    assert series.seconds == 10 and "Synthetic" in series.notes[0]
    assert -2 < series.samples.min() < series.samples.max() < 3
    for sample, ventricular in series.beats[1:-1].tolist():
        around = series.samples[sample - 15 : sample + 16]
        assert abs(int(around.argmax()) - 15) <= 2  # the R wave is where it is said to be
        # a ventricular beat is broad: 80 ms and more above half its height, against 30 ms
        wide = (around > around.max() / 2).sum() / 125
        assert (wide > 0.06) == bool(ventricular)
    assert (series.beats[:, 1].sum() > 1) == (name == "ventricular")


def test_there_is_no_other_synthetic_ecg():
    with pytest.raises(KeyError, match="normal, ventricular"):
        synthetic_ecg("made up")


FILES = {"ecg": [*TABLES.values()], "speech": [*sounds().values(), *compressed().values()]}


@st.composite
def damaged(draw, kind):
    data = bytearray(draw(st.sampled_from(FILES[kind])))
    early = st.integers(0, 120) | st.integers(0, len(data) - 1)
    for place, value in draw(st.lists(st.tuples(early, st.integers(0, 255)), max_size=8)):
        data[place] = value
    at = draw(st.integers(0, len(data)))
    match draw(st.sampled_from(["keep", "cut", "repeat", "insert"])):
        case "cut":
            del data[at:]
        case "repeat":
            data[at:at] = data[at : at + draw(st.integers(1, 400))] * draw(st.integers(1, 20))
        case "insert":
            data[at:at] = draw(st.binary(max_size=64))
    return bytes(data)


def read_or_refuse(data, form):
    started = time.process_time()
    try:
        series = read_series(data, form)
    except MediaError as error:
        assert str(error).endswith(".") and "\n" not in str(error)
    else:
        bounds = ECG_SECONDS if form.kind == "ecg" else SPEECH_SECONDS
        assert np.isfinite(series.samples).all() and series.seconds <= bounds[1] + 0.01
        frames = form.frames(series.samples)
        assert len(frames) and frames.shape[1] == form.channels and np.isfinite(frames).all()
    assert time.process_time() - started < 5


@pytest.mark.filterwarnings("error::RuntimeWarning")
@pytest.mark.parametrize("form", [ECG, SPEECH], ids=["ecg", "speech"])
def test_damaged_files(form):
    @settings(max_examples=250, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(damaged(form.kind) | st.binary(max_size=300) | st.binary(max_size=60).map(lambda rest: b"0,1\n2;3" + rest))
    def check(data):
        read_or_refuse(data, form)

    check()


@pytest.mark.parametrize(
    "piece", [b"1\n", b"1,", b"1;2\n", b"1.5\t2\n", b"0,5\n", b"\n", b"9" * 300 + b"\n", b"1 2 3\n"]
)
def test_nothing_takes_long(piece):
    read_or_refuse(piece * (MAX_BYTES // len(piece)), ECG)
