"""The Signals page: which steps of a recording did it process?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from app.attribution import section as attribution
from app.inference_cache import Inference
from app.live.own import Own
from app.live.page import LivePage
from app.live.uploads import Chosen, File
from app.signals import measured
from app.signals.samples import SAMPLES, digit, names, recording, sample
from app.strings import say
from dynviz import MediaError, ModelCard
from dynviz.media.series import read_series
from dynviz.media.signal import SPEECH
from dynviz.media.sound import sound_format

ECG = "ecg"
SOUND_HZ = 16_000  # of the microphone; the networks' own rate is made of it


class SignalsPage(LivePage):
    """Recordings, of the kind that the chosen network reads: made for this app, from a file, from the microphone."""

    name = "signals"
    modality = "series"
    most_mb = 8

    def fits(self, card: ModelCard) -> bool:
        return card.modality == self.modality and card.series is not None

    def hint(self, card: ModelCard) -> str:
        return f"signals.hint.{_kind(card)}"

    def samples(self, card: ModelCard) -> list[str]:
        return names(_kind(card))

    def is_sample(self, name: str | None) -> bool:
        return name in SAMPLES

    def sample(self, name: str, card: ModelCard) -> Chosen:
        return sample(name)

    def sample_title(self, name: str, card: ModelCard) -> str:
        return name if SAMPLES.get(name, "").startswith("“") else SAMPLES.get(name, name)

    def read(self, own: Own, card: ModelCard) -> Chosen:
        sound, table = bool(sound_format(own.data)), _is_table(own.data)
        if sound != (_kind(card) == SPEECH.kind) and (sound or table):
            raise MediaError(say(f"signals.wrong.{_kind(card)}", title=card.title))
        (rate_hz,) = self.options(own)
        assert card.series is not None
        return recording(own.name, read_series(own.data, card.series, None if sound else rate_hz), own.data)

    def options(self, own: Own) -> tuple[Any, ...]:
        return (st.session_state.get(f"signals_rate {own.key}"),)

    def inputs(self, card: ModelCard) -> None:
        self.sample_row(card)
        if _kind(card) != ECG:
            if name := self.shown_sample():
                st.audio(digit(name), format="audio/wav")
            st.audio_input(
                say("signals.microphone"),
                sample_rate=SOUND_HZ,
                key="signals_voice",
                on_change=self._spoken,
                help=say("signals.microphone.help"),
            )
        self.upload_box(card)
        shown = self.shown_own()
        if _kind(card) == ECG and shown is not None and not self.is_trace(shown):
            self._rate_of(shown, card)

    def heading(self, card: ModelCard, chosen: Chosen | None) -> None:
        super().heading(card, chosen)
        if _kind(card) == ECG and not (chosen and chosen.trace):
            st.caption(say("signals.no_device"))

    def below(
        self, chosen: Chosen, looked: Chosen, card: ModelCard, cards: Sequence[ModelCard], found: Inference
    ) -> None:
        attribution.section(self.name, looked, card, self.framing, found)

    def follows(self) -> bool:
        return attribution.is_open(self.name)

    def beneath(self, card: ModelCard, budget: float) -> None:
        measured.section(card, budget)

    def _rate_of(self, own: Own, card: ModelCard) -> None:
        """The sampling rate of a table: it often does not say it itself."""
        assert card.series is not None
        st.number_input(
            say("signals.rate"),
            min_value=0.001,
            value=None,
            key=f"signals_rate {own.key}",
            placeholder=say("signals.rate.none", rate=card.series.rate_hz),
            help=say("signals.rate.help", rate=card.series.rate_hz),
        )

    def _spoken(self) -> None:
        if (voice := st.session_state.get("signals_voice")) is not None:
            self.bring([File(say("signals.spoken"), voice.getvalue(), voice.file_id)])


def _kind(card: ModelCard) -> str:
    return card.series.kind if card.series else ""


def _is_table(data: bytes) -> bool:
    return data[:1].isascii() and any(byte in b"0123456789" for byte in data[:200]) and b"\0" not in data[:200]


PAGE = SignalsPage()


def page() -> None:
    """The page, as script.py runs it."""
    PAGE.run()
