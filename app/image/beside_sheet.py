"""Two networks on one picture as HTML: a sentence that compares them, and a card for each."""

from __future__ import annotations

from pathlib import Path

from app.sheet.sheet import style
from app.strings import say
from dynviz import Trace
from dynviz.views.comparing.beside import accounts, verdict
from dynviz.views.decisions.panels import panels
from dynviz.views.style.words import text

STYLE = Path(__file__).parent / "beside.css"


def beside_sheet(traces: tuple[Trace, Trace], points: tuple[str, str]) -> str:
    """Answer, compute and decisions of each. points: in words, at which operating point each ran."""
    cards = "".join(
        _card(trace, account, point) for trace, account, point in zip(traces, accounts(traces), points, strict=True)
    )
    return (
        f'{style(STYLE)}<p class="bs-lead">{text(verdict(*traces))}</p><div class="bs-pair">{cards}</div>'
        f'<p class="dv-note">{text(say("beside.note"))}</p>'
    )


def _card(trace: Trace, account: str, point: str) -> str:
    drawn = {panel.name: panel for panel in panels(trace)}
    decisions = drawn["decisions"]
    return (
        f'<article class="dv-card" aria-label="{text(trace.title)}"><h2>{text(trace.title)} '
        f"<small>{text(point)}</small></h2>{drawn['answer'].html}{account}"
        f'<h3 class="dv-title">{text(decisions.title)}</h3>{decisions.html}</article>'
    )
