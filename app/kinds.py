"""What the app has to know of each kind of input, in one place: its page, how it is shown and played back.

What the library has to know of one is in ``dynviz.modalities``, how a still of one is drawn in ``dynviz.views.medium``.
The page itself, with its widgets and samples, is a ``LivePage``.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from app.compare import inputs
from app.live.view.film import film
from app.live.view.photo import picture
from app.live.view.series import signal
from app.live.view.words import reading
from app.strings import say
from dynviz import ModelCard, Trace
from dynviz.results.thumbnails import openings, thumbnails
from dynviz.views.decisions.step_states import StepStates
from dynviz.views.media import recordings, texts

Modes = dict[str, tuple[Trace, ...]]  # the traces of each kind of budget, all of one input


@dataclass(frozen=True)
class Kind:
    """One kind of input.

    page: the address of the page on which its networks are tried. icon: of the way to it from the Start page, '' where
    that is the page's main way. view: what the live view is sent of the input itself, named as its script knows it.
    laid_over: are decisions laid over the input, and told of by the place? in_order: is it read in order of time?
    rows: is each row of a table an input? stand_ins: is there something to time networks on without a data set?
    lines: are networks compared as lines under one another, and so many of them? knows: what a network knows, as people
    choose it.

    legend: of the states of its steps. running: the answer as it went, a line of its own. board: what the comparing
    page is sent of the input, of a trace and its name. board_states: what it is sent of a run, where that is a state
    for each part of the input; else the run is drawn. samples: ``card``'s test samples at some indices, to be shown in
    a list (raises NoPictures), and sample_column: what they are shown as; None and '' where an index is all there is.
    """

    page: str
    icon: str
    view: Callable[[Modes, str], dict[str, Any]]
    laid_over: bool = False
    in_order: bool = True
    rows: bool = False
    stand_ins: bool = False
    lines: bool = False
    knows: Callable[[ModelCard], str] = lambda card: card.data
    legend: Callable[[Trace, StepStates, Sequence[str]], str] | None = None
    running: Callable[[Trace, StepStates], str] | None = None
    board: Callable[[Trace, str], dict[str, Any]] = inputs.time
    board_states: Callable[[Trace], dict[str, Any]] | None = None
    sample_column: str = ""
    samples: Callable[[ModelCard, Sequence[int]], list[str]] | None = None


def _first(modes: Modes) -> Trace:
    return next(iter(modes.values()))[-1]


def _small_pictures(card: ModelCard, indices: Sequence[int]) -> list[str]:
    return [f"data:image/webp;base64,{base64.b64encode(data).decode()}" for data in thumbnails(card, indices)]


KINDS: dict[str, Kind] = {
    "image": Kind(
        page="image",
        icon="",
        view=lambda modes, name: {"picture": picture(_first(modes), name)},
        laid_over=True,
        in_order=False,
        stand_ins=True,
        knows=lambda card: say("picker.things", count=f"{len(card.labels):,}", data=card.data_name),
        board=inputs.picture,
        sample_column="picture",
        samples=_small_pictures,
    ),
    "text": Kind(
        page="text",
        icon=":material/article:",
        view=lambda modes, name: {"reading": reading(modes, name)},
        rows=True,
        legend=texts.legend,
        running=texts.running_line,
        board=inputs.words,
        board_states=inputs.word_codes,
        sample_column="text",
        samples=openings,
    ),
    "video": Kind(
        page="video",
        icon=":material/movie:",
        view=lambda modes, name: {"film": film(modes, name)},
        lines=True,
        board=inputs.frames,
    ),
    "series": Kind(
        page="signals",
        icon=":material/vital_signs:",
        view=lambda modes, name: {"signal": signal(modes, name)},
        legend=recordings.legend,  # the answer as it went is drawn under the recording, on its own scale
    ),
}
