"""How the pages of one kind of input are asked for an input by pages that take several kinds."""

from __future__ import annotations

from app.image.page import PAGE as IMAGE
from app.live.own import Own
from app.live.page import LivePage
from app.live.uploads import Chosen
from app.signals.page import PAGE as SIGNALS
from app.strings import say
from app.text.page import PAGE as TEXT
from app.video.page import PAGE as VIDEO
from dynviz import MediaError, ModelCard

PAGES: dict[str, LivePage] = {"image": IMAGE, "text": TEXT, "series": SIGNALS, "video": VIDEO}


def own_input(card: ModelCard, name: str, data: bytes) -> Chosen:
    """A person's file as the page of ``card``'s kind of input reads it. Raises MediaError."""
    page = PAGES[card.modality]
    own = Own(f"own {name}", page.name, name, page.stored(data))
    if page.is_trace(own):
        raise MediaError(say("inputs.no_trace"))
    return page.read(own, card)
