"""Choosing a recording: a synthetic ECG or digit, a file (an ECG, a sound, a trace file), the microphone.

What is offered is what the chosen networks read.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import streamlit as st

from app.live.uploads import ZIP, Chosen, File, literal, read
from app.strings import say
from dynviz import MediaError, ModelCard
from dynviz.media.series import Series, read_series
from dynviz.media.signal import SPEECH
from dynviz.media.sound import sound_format
from dynviz.media.synthetic import NAMES, synthetic_ecg
from dynviz.trace.file import TraceFileError

DIGITS = Path(__file__).parents[1] / "static" / "digits"  # spoken by eSpeak NG, voice en-us, 150 words a minute
ECGS = dict(sorted(NAMES.items(), key=lambda item: item[0] != "ventricular"))  # the livelier one first
WORDS = ("eight", "one", "zero", "five", "four", "three", "six", "seven", "two", "nine")  # the soonest known first
SAMPLES = ECGS | {word: f"“{word}”, synthetic voice" for word in WORDS}
FILE, VOICE, SAMPLE = "file", "voice", "sample"
MOST_MB = 8
SOUND_HZ = 16_000  # of the microphone; the networks' own rate is made of it


def settle(kind: str) -> None:
    """Before the widgets are drawn: what does not fit the networks gives way to what does, a person's file excepted."""
    state = st.session_state
    state.setdefault("signals_source", SAMPLE)
    unfit = state.signals_source == SAMPLE and state.get("signals_sample") not in _names(kind)
    if unfit or (kind != SPEECH.kind and state.signals_source == VOICE):
        show_sample(_names(kind)[0])


def samples(kind: str) -> None:
    """The synthetic ECGs, or the digits of a synthetic voice."""
    st.pills(
        say("samples"),
        _names(kind),
        format_func=lambda name: name if kind == SPEECH.kind else SAMPLES[name],
        key="signals_sample",
        on_change=_take_sample,
        required=True,
        label_visibility="collapsed",
        persist_state="session",
    )


def microphone() -> None:
    """The place to say something."""
    st.audio_input(
        say("signals.microphone"),
        sample_rate=SOUND_HZ,
        key="signals_voice",
        on_change=_spoken,
        help=say("signals.microphone.help"),
    )


def player() -> None:
    """To hear the sample that is on the page."""
    if name := shown_sample():
        st.audio(_digit(name), format="audio/wav")


def upload_box(kind: str) -> None:
    """The place to drop a file."""
    st.file_uploader(
        say(f"signals.upload.{kind}"),
        key="signals_upload",
        on_change=_uploaded,
        max_upload_size=MOST_MB,
        label_visibility="collapsed",
    )


def rate_field(card: ModelCard) -> None:
    """The sampling rate of a table, where one was dropped: it often does not say it itself."""
    upload = st.session_state.get("signals_upload")
    if st.session_state.signals_source != FILE or upload is None or upload.getvalue()[:2] == ZIP:
        return
    assert card.series is not None
    st.number_input(
        say("signals.rate"),
        min_value=0.001,
        value=None,
        key=f"signals_rate {upload.file_id}",
        placeholder=say("signals.rate.none", rate=card.series.rate_hz),
        help=say("signals.rate.help", rate=card.series.rate_hz),
    )


def chosen(card: ModelCard) -> Chosen:
    """What to show. Raises MediaError or TraceFileError, each one sentence."""
    state, kind = st.session_state, card.series.kind
    upload, voice = state.get("signals_upload"), state.get("signals_voice")
    if state.signals_source == FILE and upload is not None:
        return _from_file(File(upload.name, upload.getvalue(), upload.file_id), card)
    if kind == SPEECH.kind and state.signals_source == VOICE and voice is not None:
        return _kept(File(say("signals.spoken"), voice.getvalue(), voice.file_id), card, None)
    return _sample(state.get("signals_sample") or _names(kind)[0])


def shown_sample() -> str | None:
    """The name of the sample on the page, None where something else is."""
    state = st.session_state
    return state.get("signals_sample") if state.get("signals_source", SAMPLE) == SAMPLE else None


def show_sample(name: str) -> None:
    """Show this sample; before the widgets are drawn, or in a callback."""
    st.session_state.signals_source, st.session_state.signals_sample = SAMPLE, name


def refusal(error: MediaError | TraceFileError) -> str:
    """The sentence of an error, with the file's name where it was a file."""
    upload = st.session_state.get("signals_upload")
    if st.session_state.signals_source == FILE and upload is not None:
        return say("files.bad", name=literal(upload.name[:40]), reason=literal(str(error)))
    return literal(str(error))


def _from_file(file: File, card: ModelCard) -> Chosen:
    if file.data[:2] == ZIP:
        return read(file)
    sound = bool(sound_format(file.data))
    if sound != (card.series.kind == SPEECH.kind) and (sound or _is_table(file.data)):
        raise MediaError(say(f"signals.wrong.{card.series.kind}", title=card.title))
    return _kept(file, card, None if sound else st.session_state.get(f"signals_rate {file.key}"))


def _is_table(data: bytes) -> bool:
    return data[:1].isascii() and any(byte in b"0123456789" for byte in data[:200]) and b"\0" not in data[:200]


def _kept(file: File, card: ModelCard, rate_hz: float | None) -> Chosen:
    """The recording, read once while it stays the same."""
    key = (file.key, card.series, rate_hz)
    kept = st.session_state.get("signals_kept")
    if kept is None or kept[0] != key:
        series = read_series(file.data, card.series, rate_hz)
        kept = (key, _chosen(file.name, series, file.data))
        st.session_state.signals_kept = kept
    return kept[1]


def _chosen(name: str, series: Series, data: bytes) -> Chosen:
    """An ECG is kept as a table at the networks' own rate, so that it can be read again without knowing the file's."""
    if series.form.kind != SPEECH.kind:
        data = "\n".join(map(str, series.samples.tolist())).encode()
    return Chosen(name, data, series=series)


def _names(kind: str) -> list[str]:
    """The samples of one kind."""
    return list(WORDS if kind == SPEECH.kind else ECGS)


def _digit(name: str) -> bytes:
    return (DIGITS / f"{name}.wav").read_bytes()


@lru_cache(maxsize=len(SAMPLES))
def _sample(name: str) -> Chosen:
    if name in WORDS:
        data = _digit(name)
        return _chosen(SAMPLES[name], replace(read_series(data, SPEECH), notes=(say("signals.synthetic"),)), data)
    return _chosen(SAMPLES[name], synthetic_ecg(name), b"")


def _take_sample() -> None:
    if name := st.session_state.signals_sample:
        show_sample(name)


def _spoken() -> None:
    _taken(VOICE, "signals_voice")


def _uploaded() -> None:
    _taken(FILE, "signals_upload")


def _taken(source: str, key: str) -> None:
    """Something came, or was taken away again."""
    state = st.session_state
    if state.get(key) is not None:
        state.signals_source, state.signals_sample = source, None
    elif state.get("signals_source") == source:
        show_sample(next(iter(SAMPLES)))  # or, where that does not fit, ``settle`` takes another
