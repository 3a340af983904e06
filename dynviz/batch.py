"""One network on many inputs, one after another: a row for each as soon as it is there, also for one that failed."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext

from PIL import Image

from dynviz import inference
from dynviz.media.errors import MediaError
from dynviz.media.gather import Item
from dynviz.results.batch import Row
from dynviz.trace import Trace
from dynviz.views.decisions.panels import answer_line, doubt_words
from dynviz.zoo import ModelCard

log = logging.getLogger(__name__)
THUMB_PX = 96
PREVIEW_WORDS = 90  # letters of a text


def run_batch(
    card: ModelCard,
    items: Sequence[Item],
    budget: float,
    turn: Callable[[], AbstractContextManager] = nullcontext,
) -> Iterator[Row]:
    """A row for every item, in order; really run, skipping. ``turn``: entered around each run, to share a machine."""
    for item in items:
        try:
            with turn():
                trace = inference.run(card.name, item.data, budget=budget)
        except MediaError as error:
            yield Row(item.name, item.kind, error=str(error))
        except Exception as error:  # one input must never take the others with it; the details are for the log
            log.exception("%s failed on %s", card.name, item.name)
            yield Row(item.name, item.kind, error=f"The network failed on it ({type(error).__name__}).")
        else:
            yield row_of(item, trace)


def row_of(item: Item, trace: Trace) -> Row:
    """What a batch keeps of a trace: no preview, no arrays."""
    media = trace.media
    return Row(
        item.name,
        item.kind,
        trace.prediction.label,
        trace.prediction.confidence,
        trace.macs,
        trace.macs_static,
        " · ".join(filter(None, (answer_line(trace), doubt_words(trace)))),
        _thumb(media.preview),
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
