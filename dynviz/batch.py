"""One network on many inputs, one after another: a row for each as soon as it is there, also for one that failed."""

from __future__ import annotations

import io
import logging
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import Any

from PIL import Image

from dynviz import inference, zoo
from dynviz.media.errors import MediaError
from dynviz.media.gather import Item
from dynviz.media.image import read_image
from dynviz.modalities import MODALITIES
from dynviz.results.batch import Row
from dynviz.trace import Media, Trace
from dynviz.views.decisions.panels import answer_line, doubt_words
from dynviz.zoo import ModelCard

log = logging.getLogger(__name__)
THUMB_PX = 96
READERS, AHEAD = 2, 4  # inputs that are read at once, and before their turn
PREVIEW_WORDS = 90  # letters of a text


def run_batch(
    card: ModelCard,
    items: Sequence[Item],
    budget: float,
    turn: Callable[[], AbstractContextManager] = nullcontext,
) -> Iterator[Row]:
    """A row for every item, in order; really run, skipping. ``turn``: entered around each run, to share a machine.

    The next inputs are read in other threads while the network is at work.
    """
    zoo.load(card.name)  # not in two threads at once
    waiting: deque[Future] = deque()
    with ThreadPoolExecutor(READERS, "reading ahead") as reader:
        for item in items[:AHEAD]:
            waiting.append(reader.submit(_ready, card, item))
        for place, item in enumerate(items):
            try:
                x, described = waiting.popleft().result()
                with turn():
                    trace = inference.run_prepared(card, x, described, budget)
            except MediaError as error:
                row = Row(item.name, item.kind, error=str(error))
            except Exception as error:  # one input must never take the others with it; the details are for the log
                log.exception("%s failed on %s", card.name, item.name)
                row = Row(item.name, item.kind, error=f"The network failed on it ({type(error).__name__}).")
            else:
                row = row_of(item, trace)
            if place + AHEAD < len(items):
                waiting.append(reader.submit(_ready, card, items[place + AHEAD]))
            yield row


def _ready(card: ModelCard, item: Item) -> tuple[Any, Media]:
    """Read and prepared; of a picture no more is kept than a batch shows."""
    source: Any = item.data
    if MODALITIES[card.modality].one_picture:
        source = replace(read_image(source), preview_px=THUMB_PX)
    x, described = inference.prepare(card, source, "crop")
    return x, replace(described, preview=_thumb(described.preview))


def row_of(item: Item, trace: Trace) -> Row:
    """What a batch keeps of a trace, whose preview is small already: no arrays."""
    media = trace.media
    return Row(
        item.name,
        item.kind,
        trace.prediction.label,
        trace.prediction.confidence,
        trace.macs,
        trace.macs_static,
        " · ".join(filter(None, (answer_line(trace), doubt_words(trace)))),
        media.preview,
        " ".join(media.text.split())[:PREVIEW_WORDS],
    )


def _thumb(preview: bytes) -> bytes:
    if not preview:
        return b""
    buffer = io.BytesIO()
    with Image.open(io.BytesIO(preview)) as picture:
        small = picture.convert("RGB")
    small.thumbnail((THUMB_PX, THUMB_PX))
    small.save(buffer, "WEBP", quality=70)
    return buffer.getvalue()
