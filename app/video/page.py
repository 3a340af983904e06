"""The Video page: which frames and regions did it look at?"""

from __future__ import annotations

from typing import Any

import streamlit as st

from app.budgets import BUDGETED
from app.inference_cache import Inference
from app.live.own import Own
from app.live.page import LivePage
from app.live.uploads import ZIP, Chosen, literal
from app.strings import say
from app.video import samples
from dynviz import ModelCard, Trace
from dynviz.media.spool import Spool
from dynviz.media.video_file import VideoFile, read_video_file
from dynviz.views.style.svg import data_uri
from dynviz.views.style.words import ms_words

LARGEST_MB = 200


class VideoPage(LivePage):
    """Videos: composed for this app, or a person's own."""

    name = "video"
    modality = "video"
    most_mb = LARGEST_MB

    def samples(self, card: ModelCard) -> list[str]:
        return samples.names()

    def is_sample(self, name: str | None) -> bool:
        return samples.is_sample(name)

    def sample(self, name: str, card: ModelCard) -> Chosen:
        return samples.sample(name)

    def sample_title(self, name: str, card: ModelCard) -> str:
        return samples.SAMPLES.get(name, name)

    def hint(self, card: ModelCard) -> str:
        return "video.hint"

    def stored(self, data: bytes | Spool) -> bytes | Spool:
        """Videos are kept on disk."""
        if data[:2] == ZIP:
            return bytes(data)
        return data if isinstance(data, Spool) else Spool(data)

    def read(self, own: Own, card: ModelCard) -> Chosen:
        return Chosen(own.name, own.data, video=read_video_file(own.data))

    def inputs(self, card: ModelCard) -> None:
        self.sample_row(card)
        self.upload_box(card)

    def thumb(self, chosen: Chosen) -> str:
        from dynviz.media.video import small_jpeg

        assert chosen.video is not None
        return data_uri(small_jpeg(chosen.video.frame(0), 96))

    def changed(self, chosen: Chosen) -> Chosen:
        """Decodes what is not decoded yet, telling how far it is; a person may stop it."""
        video = chosen.video
        if not isinstance(video, VideoFile) or video.is_ready:
            return chosen
        place = st.empty()
        with place.container(horizontal=True, vertical_alignment="center", key="video_decoding"):
            bar = st.progress(0.0, text=say("video.decoding", done=0, whole=len(video)))
            if self.shown_own() is not None:
                st.button(say("video.cancel"), key="video_cancel", on_click=self._cancelled)

        def tell(done: int, whole: int) -> None:
            bar.progress(done / max(whole, 1), text=say("video.decoding", done=done, whole=whole))

        try:
            video.thumbnails(tell)
        finally:
            place.empty()
        return chosen

    def media(self, found: Inference, chosen: Chosen) -> dict[str, Any]:
        """With how long decoding took, beside what was measured of each budget, in which it is left out."""
        sent = super().media(found, chosen)
        if isinstance(chosen.video, VideoFile) and chosen.video.decoded:
            for point, trace in zip(sent["film"]["modes"][BUDGETED], found.budgeted, strict=True):
                point["whole"] = _whole(chosen.video, trace)
        return sent

    def _cancelled(self) -> None:
        """Back to a sample; what was brought stays in the strip."""
        shown = self.shown_own()
        if shown is not None:
            st.session_state[self.key("problems")] = [say("video.cancelled", name=literal(shown.name))]
            self.show_sample(self.samples(self._card())[0])


def _whole(video: VideoFile, trace: Trace) -> str:
    """'Here: 120 ms for the network, 2.1 s for decoding the 64 candidate frames, 2.2 s end to end.'"""
    decoding = video.decoding_ms / video.decoded * len(video)
    words = {"count": len(video), "decoding": ms_words(decoding)}
    if trace.ms is None:
        return say("video.decoded", **words)
    return say("video.decoded.whole", ms=ms_words(trace.ms), whole=ms_words(decoding + trace.ms), **words)


PAGE = VideoPage()


def page() -> None:
    """The page, as main.py runs it."""
    PAGE.run()
