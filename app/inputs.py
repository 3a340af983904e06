"""How the pages of one kind of input are asked for an input by pages that take several kinds."""

from __future__ import annotations

import streamlit as st

from app.image.page import PAGE as IMAGE
from app.live.on_disk import data_of
from app.live.own import Own
from app.live.page import LivePage
from app.live.uploads import Chosen, literal
from app.signals.page import PAGE as SIGNALS
from app.strings import say
from app.text.page import PAGE as TEXT
from app.video.page import PAGE as VIDEO
from dynviz import MediaError, ModelCard
from dynviz.media.spool import Spool
from dynviz.trace.file import TraceFileError

PAGES: dict[str, LivePage] = {"image": IMAGE, "text": TEXT, "series": SIGNALS, "video": VIDEO}


def own_input(card: ModelCard, name: str, data: bytes | Spool) -> Chosen:
    """A person's file as the page of ``card``'s kind of input reads it. Raises MediaError."""
    page = PAGES[card.modality]
    own = Own(f"own {name}", page.name, name, page.stored(data))
    if page.is_trace(own):
        raise MediaError(say("inputs.no_trace"))
    return page.read(own, card)


def uploaded(card: ModelCard, key: str) -> Chosen | None:
    """The place to drop a file for ``card``, and what was dropped; what cannot be read is one sentence, and None."""
    own = st.file_uploader(
        say("upload"), key=key, label_visibility="collapsed", max_upload_size=PAGES[card.modality].most_mb
    )
    if own is None:
        return None
    try:
        return own_input(card, own.name, data_of(own))
    except (MediaError, TraceFileError) as error:
        st.error(say("files.bad", name=literal(own.name), reason=literal(str(error))))
        return None
