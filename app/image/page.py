"""The Image page: how does this network look at my picture?"""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import streamlit as st

import dynviz
from app.attribution import section as attribution
from app.image import family, harder, measured
from app.image.samples import SAMPLES, is_known, sample_bytes, sample_names
from app.inference_cache import Inference
from app.live.own import Own
from app.live.page import LivePage
from app.live.uploads import Chosen, File
from app.live.view.photo import picture
from app.picker.order import in_order
from app.strings import say
from dynviz import ModelCard
from dynviz.media.image import FRAMINGS, read_image

THUMB_PX = 88


class ImagePage(LivePage):
    """Pictures: uploaded, taken with the camera, or scikit-image's."""

    name = modality = "image"
    several = True
    columns = (57, 43)

    def samples(self, card: ModelCard) -> list[str]:
        return sample_names()

    def is_sample(self, name: str | None) -> bool:
        return name in sample_names()

    def sample(self, name: str, card: ModelCard) -> Chosen:
        return _sample(name)

    def read(self, own: Own, card: ModelCard) -> Chosen:
        return Chosen(own.name, own.data, picture=read_image(own.data))

    def welcome(self) -> None:
        """Who has not chosen a network begins with the one that knows most: nobody knows what a picture shows."""
        state, cards = st.session_state, in_order([card for card in dynviz.models() if self.fits(card)])
        dynamic = [card for card in cards if card.family != "static"]
        best = max(dynamic, key=lambda card: (len(card.labels), -card.static_macs), default=None)
        if best is None or state.get(self.key("picked")) or len(best.labels) <= len(self._card().labels):
            return
        state[self.key("model")] = best.name
        st.toast(say("image.thousand", title=best.title, count=f"{len(best.labels):,}"))

    def thumb(self, chosen: Chosen) -> str:
        assert chosen.picture is not None
        small, buffer = chosen.picture.image.copy(), io.BytesIO()
        small.thumbnail((THUMB_PX, THUMB_PX))
        small.save(buffer, "WEBP", quality=70)
        return f"data:image/webp;base64,{base64.b64encode(buffer.getvalue()).decode()}"

    def inputs(self, card: ModelCard) -> None:
        self.upload_box(card)
        self.sample_row(card)
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key="image_options"):
            shown = self.shown_own()
            st.segmented_control(
                say("framing"),
                FRAMINGS,
                format_func=lambda framing: say(f"framing.{framing}"),
                key="framing",
                required=True,
                disabled=shown is not None and self.is_trace(shown),
                label_visibility="collapsed",
                persist_state="session",
            )
            self._camera()

    def changed(self, chosen: Chosen) -> Chosen:
        return harder.changed(chosen)

    def media(self, found: Inference, chosen: Chosen) -> dict[str, Any]:
        return {"picture": picture(found.full, chosen.name, self._truth(found.full.labels))}

    def below(
        self, chosen: Chosen, looked: Chosen, card: ModelCard, cards: Sequence[ModelCard], found: Inference
    ) -> None:
        attribution.section(self.name, looked, card, self.framing, found)
        harder.section(chosen, card, self.framing, found, on_change=self.write)
        family.section(looked, card, cards, self.framing, found)

    def beneath(self, card: ModelCard, budget: float) -> None:
        measured.section(card, budget)

    def follows(self) -> bool:
        return attribution.is_open(self.name) or harder.is_open() or family.is_open()

    def restore_more(self, asked: dict[str, str], cards: Sequence[ModelCard]) -> None:
        state = st.session_state
        if asked.get("framing") in FRAMINGS:
            state.framing = asked["framing"]
        state.setdefault("framing", FRAMINGS[0])
        if not asked or "knob" in asked:
            harder.restore(asked.get("knob"), asked.get("strength"))

    def address_more(self) -> dict[str, str]:
        return {"framing": self.framing, **(harder.asked() if self.shown_sample() else {})}

    @property
    def framing(self) -> str:
        return st.session_state.framing

    def sample_title(self, name: str, card: ModelCard) -> str:
        return name if is_known(name, card.labels) else say("sample.unknown", name=name)

    def _truth(self, labels: Sequence[str]) -> str:
        """What a sample shows, beside what was answered; nothing of a person's own picture."""
        name = self.shown_sample()
        if name is None:
            return ""
        return say("sample.truth" if is_known(name, labels) else "sample.truth.unknown", shows=SAMPLES[name].shows)

    def _camera(self) -> None:
        """A popover with the camera, which is asked for only while the popover is open."""
        icon = ":material/photo_camera:"
        box = st.popover(say("camera"), icon=icon, type="tertiary", key="camera_box", on_change="rerun")
        if box.open:
            with box:
                st.camera_input(say("camera.take"), key="camera", on_change=self._photographed)
                st.caption(say("camera.help"))

    def _photographed(self) -> None:
        if (photo := st.session_state.get("camera")) is not None:
            self.bring([File(say("camera"), photo.getvalue(), photo.file_id)])


@lru_cache(maxsize=16)
def _sample(name: str) -> Chosen:
    data = sample_bytes(name)
    return Chosen(name, data, picture=read_image(data))


PAGE = ImagePage()


def page() -> None:
    """The page, as script.py runs it."""
    PAGE.run()
