"""The Video page: which frames and regions did it look at?"""

from __future__ import annotations

import streamlit as st

from app.live.own import Own
from app.live.page import LivePage
from app.live.uploads import ZIP, Chosen, literal
from app.strings import say
from app.video import samples
from dynviz import ModelCard
from dynviz.media.spool import Spool
from dynviz.media.video_file import VideoFile, read_video_file
from dynviz.views.style.svg import data_uri

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

    def stored(self, data: bytes) -> bytes | Spool:
        """Videos are kept on disk."""
        return data if data[:2] == ZIP else Spool(data)

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

    def _cancelled(self) -> None:
        """Back to a sample; what was brought stays in the strip."""
        shown = self.shown_own()
        if shown is not None:
            st.session_state[self.key("problems")] = [say("video.cancelled", name=literal(shown.name))]
            self.show_sample(self.samples(self._card())[0])


PAGE = VideoPage()


def page() -> None:
    """The page, as main.py runs it."""
    PAGE.run()
