"""The Start page's live picture as HTML: two runs side by side, or the place that is kept for them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from app.sheet.sheet import style
from app.strings import say
from dynviz import ModelCard, Trace
from dynviz.decisions import Exit
from dynviz.recorder import Stage
from dynviz.trace import Media, Prediction
from dynviz.views.decisions.panels import panels
from dynviz.views.style.svg import data_uri
from dynviz.views.style.words import percent, text

STYLE = Path(__file__).parent / "pair.css"
NO_PICTURE = b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff!\xf9\x04\x01\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;"
TITLES = ("start.easy", "start.hard")


def pair_sheet(name: str, traces: tuple[Trace, Trace], budget: float) -> str:
    """Two runs at ``budget`` (0..1): photo, answer, decisions and compute of each."""
    runs = zip(TITLES, traces, strict=True)
    return _pair("".join(_run(say(title), name, trace, budget) for title, trace in runs))


def pending_sheet(card: ModelCard) -> str:
    """The place of the runs of ``card``: laid out as a run is, so that it is as high under any font, and unseen."""
    trace = _stand_in(card)
    budget = card.operating_points[len(card.operating_points) // 2].budget
    loading = f'<p class="st-loading">{text(say("loading"))}</p>'
    parts = (_run(say(title), "", trace, budget) for title in TITLES)
    return _pair("".join(f'<div class="st-pending">{loading}<div inert>{part}</div></div>' for part in parts))


def _stand_in(card: ModelCard) -> Trace:
    """A run that never was, in the middle of what runs of ``card`` look like; nobody is shown its numbers."""
    point = card.operating_points[len(card.operating_points) // 2]
    count = max(1, len(point.shares or point.thresholds))
    probabilities = np.full(len(card.labels), 0.17 / max(1, len(card.labels) - 1))
    probabilities[0] = 0.83
    decisions, stages, answered = [], [], count // 2
    for k in range(count):
        macs, ran = card.static_macs // count, k <= answered
        known = {"unit": f"exits.{k}", "order": k, "layer": k, "macs_static": macs}
        if ran:
            known |= {"score": 0.83, "threshold": 0.82 if k < count - 1 else None, "probabilities": probabilities}
        choice = "exit" if k == answered else "continue" if ran else "not reached"
        decisions.append(Exit(**known, choice=choice, executed=ran, macs=macs * ran, rule="confidence"))
        stages.append(Stage(f"exits.{k}", macs * ran, macs, ran))
    media = Media("image", "", 1, 1, (0.0, 0.0, 1.0, 1.0), NO_PICTURE)
    prediction = Prediction.from_probabilities(probabilities, card.labels)
    spent = sum(stage.macs for stage in stages)
    return Trace(card.name, card.title, card.labels, prediction, tuple(decisions), tuple(stages), media, spent)


def _pair(articles: str) -> str:
    return f'{style(STYLE)}<div class="st-pair">{articles}</div>'


def _run(title: str, name: str, trace: Trace, budget: float) -> str:
    drawn = {panel.name: panel.html for panel in panels(trace)}
    alt = text(say("start.alt", name=name))
    heading = f"<h2>{text(title)} <small>{text(say('start.budget', budget=percent(budget)))}</small></h2>"
    return (
        f'<article class="dv-card" aria-label="{text(title)}">{heading}'
        f'<div class="st-side"><img class="st-photo" src="{data_uri(trace.media.preview)}" alt="{alt}">'
        f"<div>{drawn['answer']}</div></div>{drawn['decisions']}"
        f'<div class="st-spent">{drawn["account"]}</div></article>'
    )
