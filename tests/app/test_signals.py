"""The Signals page: samples, files and rates, what does not fit, links, traces, findings, what the browser is sent."""

from __future__ import annotations

import base64
import zlib
from dataclasses import replace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

import dynviz
from app import navigation
from app.live.uploads import literal
from app.live.view.series import LEVELS, signal
from app.live.view.words import NOTHING
from app.signals.measured import beats_card, strangers_card
from app.signals.samples import SAMPLES
from app.strings import say
from dynviz import zoo
from dynviz.decisions import STEP_ACTIONS, StepUpdate
from dynviz.measuring import timing
from dynviz.media.signal import ECG, SPEECH
from dynviz.media.synthetic import synthetic_ecg
from dynviz.results.findings import BeatUse, Findings, Strangers, write_findings
from dynviz.trace import Media, Trace
from dynviz.trace.file import trace_bytes
from dynviz.views.examples.traces import series_example
from tests.app.opening import open_page, uploaded
from tests.media.sound_samples import wav
from tests.patience import PAGE_SECONDS
from tests.series_data import untrained_readers

HUM = wav(0.5 * np.sin(np.arange(4_000) / 9), 8_000)


def signals_page() -> None:
    from app.signals import page as signals

    signals.page()


def text_page() -> None:
    from app.text import page as text

    text.page()


@pytest.fixture(scope="module")
def readers(tmp_path_factory):
    """Untrained early readers of ECGs and of digits, each with several operating points."""
    folder = tmp_path_factory.mktemp("signals")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DYNVIZ_DATA", str(folder / "data"))
        patch.setenv("DYNVIZ_PRETRAINED", str(folder / "zoo"))
        patch.setattr(timing, "_WORKER", timing._Worker())  # one that another test has started knows other networks
        yield untrained_readers(folder / "data")
        if timing._WORKER.process is not None:
            timing._WORKER.process.kill()


def opened(page=signals_page, **asked: str) -> AppTest:
    return open_page(page, **asked)


def shown(test: AppTest, kind: str = "ecg") -> str:
    return test.session_state.signals_good[kind].name


def table(rate_hz: float = 125.0, seconds: float = 10.0) -> bytes:
    t = np.arange(round(rate_hz * seconds)) / rate_hz
    return "\n".join(f"{value:.4f}" for value in np.sin(2 * np.pi * 1.2 * t) ** 31).encode()


def unpacked(packed: str, kind: str) -> np.ndarray:
    return np.frombuffer(zlib.decompress(base64.b64decode(packed)), kind)


def test_the_page_opens_with_an_ecg_made_for_it(readers):
    test = opened()
    assert not test.error and test.title[0].value == say("signals.title", title="Tiny")
    assert shown(test) == next(iter(SAMPLES.values())) and "Synthetic" in shown(test)
    assert say("signals.no_device") in [caption.value for caption in test.caption]
    sent = test.session_state.signals_payload[1]["signal"]
    assert "no patient" in sent["caption"] and "250 steps of 40 ms" in sent["caption"] and len(sent["beats"]) > 8
    address = dict(test.query_params)
    assert address == {"model": "tiny-ecg", "sample": "ventricular", "mode": "budgeted", "budget": "0.400"}
    other = next(group for group in test.button_group if group.key == "signals_sample")
    other.set_value("normal").run()
    assert shown(test) == SAMPLES["normal"] and not test.exception


def test_a_table_is_read_at_the_rate_that_is_given(readers):
    test = uploaded(opened(), "mine.csv", table(250.0))
    assert not test.error and shown(test) == "mine.csv"
    assert "Taken as 125 samples a second" in test.session_state.signals_payload[1]["signal"]["caption"]
    assert "sample" not in test.query_params and "20 s" in caption(test)
    test.number_input[0].set_value(250.0).run()
    assert not test.error and "10 s" in caption(test) and len(test.session_state.inferences) == 3  # it ran anew
    test.number_input[0].set_value(3.0).run()
    assert "3 samples a second cannot be read; 50 to 2,000 are accepted" in test.error[0].value.replace("\\", "")
    assert "10 s" in caption(test)  # the last good one stays


def caption(test: AppTest) -> str:
    return test.session_state.signals_payload[1]["signal"]["caption"]


def test_what_does_not_fit_gets_one_sentence_and_the_page_lives_on(readers):
    test = opened()
    first = shown(test)
    for name, data, words in (
        ("voice.wav", HUM, "This is a sound, and Tiny reads ECGs"),
        ("photo.csv", b"\x89PNG\r\n\x1a\n" + bytes(200), "not a table of numbers"),
        ("short.csv", b"1\n2\n3\n", "too short"),
        ("words.csv", b"no,numbers\nat,all\n", "no numbers"),
        ("torn.csv", b"1.5,2\n" * 9 + b"5\n", "columns where the first has"),
        ("paper.zip", b"PK\x05\x06" + bytes(18), "trace"),
    ):
        uploaded(test, name, data)
        [error] = test.error
        assert words in error.value.replace("\\", "") and shown(test) == first
    assert not uploaded(test, "good.csv", table()).error and shown(test) == "good.csv"


def test_digits_have_samples_and_take_a_sound(readers):
    test = opened(model="tiny-speech")
    assert not test.error and shown(test, "speech") == SAMPLES["eight"] and say("signals.synthetic") in caption(test)
    assert test.query_params["sample"] == "eight"
    assert say("signals.no_device") not in [line.value for line in test.caption]
    uploaded(test, "mine.csv", table())
    assert "This is no sound, and Tiny reads spoken digits" in test.error[0].value.replace("\\", "")
    uploaded(test, "five.wav", HUM)
    assert not test.error and not test.info and "8,000 samples a second" in caption(test)
    assert dict(test.query_params) == {"model": "tiny-speech", "mode": "budgeted", "budget": "0.400"}
    test.session_state.signals_model = "tiny-ecg"
    test.run()
    assert "This is a sound" in test.error[0].value.replace("\\", "") and not test.exception


def test_a_link_is_followed_and_what_is_unknown_in_it_is_left_out(readers):
    test = opened(model="tiny-ecg", sample="normal", budget="0.7")
    assert shown(test) == SAMPLES["normal"] and test.session_state.budget == 0.7
    odd = opened(model="nobody", sample="<script>", budget="nan")
    assert not odd.error and odd.session_state.budget == 0.4
    assert navigation.page_of({"model": "tiny-ecg"}) == "signals"


def test_what_is_kept_can_be_read_again_and_timed(readers):
    """The milliseconds are measured by another process, which is given the kept bytes and nothing else."""
    test = uploaded(opened(), "mine.csv", table(250.0))
    test.number_input[0].set_value(250.0).run()
    kept = test.session_state.signals_good["ecg"]
    again = dynviz.run("tiny-ecg", kept.data)
    assert np.array_equal(again.media.series, kept.series.samples)
    assert test.session_state.timing.result(timeout=PAGE_SECONDS).ms_static > 0


@pytest.mark.parametrize("page", [signals_page, text_page])
def test_a_trace_is_replayed_wherever_it_is_dropped(readers, page, monkeypatch):
    if page is text_page:
        monkeypatch.delenv("DYNVIZ_PRETRAINED")
        if not any(card.modality == "text" for card in dynviz.models()):
            pytest.skip("no trained reader is here")
    run = trace_bytes(dynviz.run("tiny-ecg", synthetic_ecg()) if page is signals_page else series_example())
    test = opened(page)
    test.get("file_uploader")[0].set_value(("run.dynviz", run, "application/zip")).run()
    assert not test.exception and not test.error
    assert test.title[0].value == say("signals.title", title=literal(Trace.load(run).title))


def test_findings_are_told_in_a_sentence_and_a_table(readers):
    card, count = readers["ecg"], len(readers["ecg"].operating_points)
    use = BeatUse(
        budgets=tuple(point.budget for point in card.operating_points),
        ventricular=(0.61,) * count,
        normal=(0.31,) * count,
        rest=(0.2,) * count,
        uniform=(0.33,) * count,
        found=(0.9,) * count,
        window_s=(-0.1, 0.4),
        strips=1137,
        beats=2345,
    )
    said = beats_card(use, 0)
    assert "61 % of the steps in ventricular beats" in said and "it looks more closely at" in said
    assert said.count("<tr>") == 5 and "1,137 test strips" in said and "0.1 s before" in said
    even = beats_card(replace(use, ventricular=(0.34,) * count), 0)
    assert "does not look more closely" in even
    told = strangers_card(Strangers(0.712, (0.69, 0.73), 3000, (0.9, 0.5, 0.7), 0.97))
    assert "right on 71.2 % of 3,000" in told and "50 %, 70 %, 90 %" in told and "97.0 %" in told
    write_findings(card, Findings(card.sha256, beats=use))
    try:
        test = opened()
        assert not test.error
        path = zoo.place(card.name) / "findings.json"
        path.write_text("{")
        damaged = opened()
        assert "damaged" in damaged.error[0].value.replace("\\", "")
    finally:
        path.unlink()


def test_without_readers_the_page_says_how_to_get_them(tmp_path, monkeypatch):
    monkeypatch.setenv("DYNVIZ_PRETRAINED", str(tmp_path))
    assert [info.value for info in opened().info] == [say("signals.no_models")]


def test_the_packed_frames_hold_samples_steps_and_answers():
    codes = np.array([STEP_ACTIONS.index(name) for name in ("update", "copy", "stop", "update")], np.int8)
    share = np.array([0.2, 0.4, 0.9, 0.5])
    step = StepUpdate(
        unit="layer", actions=codes, scores=share, threshold=0.8, running=np.stack([1 - share, share], axis=1)
    )
    media = Media("series", "x", series=np.array([0.0, 1, 2, 3, 4] * 4, np.float32), rate_hz=125.0)
    media = replace(media, frame_samples=5, step_samples=5, beats=np.array([[3, 0], [11, 1]]))
    trace = replace(series_example(), media=media, decisions=(step,), labels=("irregular", "regular"))
    trace = replace(trace, media=replace(trace.media, notes=("a note",)))
    data = signal({"budgeted": (trace, replace(trace, decisions=()))}, "mine")
    assert unpacked(data["samples"], "<u2").tolist() == [0, LEVELS // 4, LEVELS // 2, LEVELS * 3 // 4, LEVELS] * 4
    assert (data["low"], data["high"], data["unit"], data["beats"]) == (0.0, 4.0, "mV", [[3, 0], [11, 1]])
    assert unpacked(data["edges"], "<u4").tolist() == [0, 5, 10, 15, 20]
    mode = data["modes"]["budgeted"]
    state, score, label, sure = unpacked(mode["planes"], "u1").reshape(4, 2, 4)[:, 0].tolist()
    assert [data["states"][code] for code in state] == ["update", "jumped", "update", "unread"]
    assert score == [20, 40, 90, 50] and label[:3] == [0, 0, 1] and sure[:3] == [80, 60, 90]
    assert unpacked(mode["line"], "u1").reshape(2, 4).tolist() == [[20, 40, 90, NOTHING], [NOTHING] * 4]
    assert mode["stops"] == [2, -1] and mode["limits"] == [80, -1] and mode["sides"][0] == ["regular", "irregular"]
    assert data["caption"] == "mine · 0.16 s, 125 samples a second, 4 steps of 40 ms · a note"
    sound = replace(media, series=np.zeros(400, np.float32), rate_hz=float(SPEECH.rate_hz), beats=None)
    sound = replace(trace, media=replace(sound, frame_samples=200, step_samples=80), decisions=())
    assert "3 steps of 25 ms, one every 10 ms" in signal({"budgeted": (sound,)}, "x")["caption"]
    assert ECG.step_samples == 5
