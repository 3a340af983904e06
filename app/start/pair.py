"""The Start page's live picture as HTML: two runs side by side, or the place that is kept for them."""

from __future__ import annotations

from pathlib import Path

from app.sheet.sheet import style
from app.strings import say
from dynviz import ModelCard, Trace
from dynviz.views.decisions.panels import panels
from dynviz.views.decisions.rows import meter, row, rows
from dynviz.views.style.svg import data_uri
from dynviz.views.style.words import percent, text

STYLE = Path(__file__).parent / "pair.css"
TITLES = ("start.easy", "start.hard")


def pair_sheet(name: str, traces: tuple[Trace, Trace], budget: float) -> str:
    """Two runs at ``budget`` (0..1): photo, answer, decisions and compute of each."""
    runs = zip(TITLES, traces, strict=True)
    return _pair("".join(_run(say(title), name, trace, budget) for title, trace in runs))


def pending_sheet(card: ModelCard) -> str:
    """As large as the runs of ``card`` will be, without any content."""
    point = card.operating_points[0]
    key = "start.exit" if point.shares else "start.unit"
    count = len(point.shares or point.thresholds)
    items = [row(meter(0.0), "", say(key, k=k), disc=k, off=True) for k in range(1, count + 1)]
    inner = (
        '<div class="st-side"><div class="st-photo"></div><div></div></div>'
        f'<div class="dv-view">{rows(items, "dv-exits")}<p class="dv-note"></p></div>'
        '<div class="st-spent"><p class="dv-figures"></p><div class="dv-bar"></div></div>'
    )
    heading = f"<h2>{text(say('loading'))}</h2>"
    return _pair(f'<article class="dv-card st-pending">{heading}{inner}</article>' * len(TITLES))


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
