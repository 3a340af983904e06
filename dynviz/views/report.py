"""A report on one trace: one HTML page that needs no network, no script and no other file."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from importlib import metadata

from dynviz.trace import Sweep, Trace
from dynviz.views.charts import budget_curve
from dynviz.views.drawing import plain_text
from dynviz.views.overlay import overlay
from dynviz.views.panels import Panel, answer_line, card_html, panels, share_spent
from dynviz.views.svg import data_uri
from dynviz.views.theme import css, dark_by_preference
from dynviz.views.words import macs_words, ms_words, percent, text
from dynviz.zoo import ModelCard

log = logging.getLogger(__name__)
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"  # the browser refuses whatever else is asked
THIS = ' class="this"'  # the row of the trace that the report is on
_PAGE = """
body { margin: 0; }
.report { min-height: 100vh; background: var(--dv-page); }
.report main { max-width: 68em; margin: 0 auto; padding: 2.2em 1.6em 3em; display: grid; gap: 1.1em; }
.report h1 { font-size: 1.8em; font-weight: 680; letter-spacing: -.015em; line-height: 1.2; margin: 0; overflow-wrap: anywhere; }
.report header p, .report footer { color: var(--dv-muted); }
.report footer { font-size: .867em; overflow-wrap: anywhere; }
.report .pair { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: 1.1em; align-items: start; }
.report .pair > div { display: grid; gap: 1.1em; }
.report .unmarked :is(.dv-marker, .dv-marker-label) { display: none; }
.report .wide { overflow-x: auto; }
.report table { width: 100%; border-collapse: collapse; }
.report th { font-weight: 600; color: var(--dv-muted); }
.report :is(th, td) { padding: .35em .7em; text-align: right; white-space: nowrap; border-bottom: 1px solid var(--dv-line); }
.report :is(th, td):is(:nth-child(2), :last-child) { text-align: left; }
.report tr.this { background: var(--dv-soft); font-weight: 650; }
.report dl { display: grid; grid-template-columns: minmax(7em, 13em) minmax(0, 1fr); gap: .35em 1.2em; margin: 0; }
.report dt { color: var(--dv-muted); }
.report dd { margin: 0; overflow-wrap: anywhere; }
@media (max-width: 820px) { .report .pair { grid-template-columns: minmax(0, 1fr); } }
@media (max-width: 480px) { .report dl { grid-template-columns: minmax(0, 1fr); gap: 0; } .report dd { margin-bottom: .6em; } }
@media print { .report section, .dv-picture { break-inside: avoid; } .report * { print-color-adjust: exact; } }
"""  # noqa: E501 - a stylesheet reads best with one rule to a line


def report(
    trace: Trace, card: ModelCard | None = None, cards: Sequence[ModelCard] = (), sweep: Sweep | None = None
) -> str:
    """The page, light or dark as the reader's system is.

    card: of the trace's network, adds the curve of what its budgets buy and what is known of it. cards: all that are
    known, for the static siblings in that curve. sweep: the same input at all operating points, adds a table of them.
    A part that cannot be drawn says so, the others live.
    """
    found = {panel.name: panel for panel in panels(trace)}
    own = [
        _guarded("The picture", lambda: _first(trace, found["answer"])),
        card_html(found["account"]),
        card_html(found["top5"]),
    ]
    decided = [card_html(found["decisions"])]
    if card is not None:
        decided.append(_guarded("What a budget buys", lambda: _curve(trace, card, cards)))
    below = [_guarded("Three numbers, never mixed", lambda: _numbers(trace))]
    if sweep is not None:
        below.append(_guarded("At every operating point", lambda: _points(trace, sweep)))
    if card is not None:
        below.append(_guarded("The network", lambda: _network(card)))
    title = text(f"{trace.title}: {trace.prediction.label} {percent(trace.prediction.confidence)}")
    return plain_text(
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{css()}\n{dark_by_preference()}{_PAGE}</style></head>"
        f'<body><div class="dynviz report"><main>{_header(trace)}<div class="pair"><div>{"".join(own)}</div>'
        f"<div>{''.join(decided)}</div></div>{''.join(below)}{_footer(trace)}</main></div></body></html>"
    )


def _guarded(title: str, draw: Callable[[], str]) -> str:
    """A part of the page; where it fails, one sentence in its place."""
    try:
        return draw()
    except Exception:  # a view's fault must never take the page with it
        log.exception("%s failed", title)
        return _section(title, '<p class="dv-broken">This part could not be drawn; all else is unaffected.</p>')


def _section(title: str, inner: str) -> str:
    return card_html(Panel(title, title, inner, ""))


def _header(trace: Trace) -> str:
    return f"<header><h1>{text(trace.title)}</h1><p>{text(_setting(trace))}</p></header>"


def _setting(trace: Trace) -> str:
    """How the network was asked to run, in one line."""
    if trace.rule == "anytime":
        return "One run with a hard cap on its compute."
    if trace.budget is None:
        return "One run without a budget."
    return f"One run at budget {percent(trace.budget)}: an average over many inputs, not a promise for this one."


def _first(trace: Trace, answer: Panel) -> str:
    if not (trace.media.modality == "image" and trace.media.preview):
        return f'<section class="dv-card" aria-label="Answer">{answer.html}</section>'
    picture = f'<img src="{data_uri(trace.media.preview)}" alt="{text(answer.alt)}">'
    return f'<div class="dv-picture">{picture}{overlay(trace)}{answer.html}</div>'


def _numbers(trace: Trace) -> str:
    measured = "not measured in this run."
    if trace.ms is not None:
        static = "" if trace.ms_static is None else f" of {ms_words(trace.ms_static)}"
        measured = f"{ms_words(trace.ms)}{static}, on the machine that ran it; time shrinks less than the MACs."
    return _section(
        "Three numbers, never mixed",
        _facts(
            (
                ("Executed MACs", f"{trace.macs:,}: multiply-adds that ran for this input, the deciding included."),
                ("Ideal MACs", f"{trace.macs_ideal:,}: the least that these decisions would allow."),
                ("Milliseconds", measured),
            )
        ),
    )


def _curve(trace: Trace, card: ModelCard, cards: Sequence[ModelCard]) -> str:
    """The curve; its marker only where the trace stands at an operating point of it: the largest within its budget."""
    budgets = [point.budget for point in card.operating_points]
    marked = len(budgets) < 2 or (trace.budget is not None and trace.rule != "anytime")
    at = None
    if marked and trace.budget is not None and budgets:
        within = [b for b in budgets if b <= trace.budget + 1e-9]
        at = budgets.index(max(within, default=min(budgets)))
    chart = budget_curve(card, cards or (card,), at=at).svg
    return _section("What a budget buys", chart if marked else f'<div class="unmarked">{chart}</div>')


def _points(trace: Trace, sweep: Sweep) -> str:
    timed = any(point.ms is not None for point in sweep.traces)
    heads = ["Budget", "Answer", "Confidence", "Multiply-adds", "Of the static path"]
    heads += ["Milliseconds"] * timed + ["How"]
    here = None if trace.budget is None or trace.rule == "anytime" else sweep.index(trace.budget)
    lines = []
    for i, (budget, point) in enumerate(zip(sweep.budgets, sweep.traces, strict=True)):
        answer = point.prediction
        cells = [percent(budget), answer.label, percent(answer.confidence), macs_words(point.macs)]
        cells += [percent(share_spent(point))]
        cells += ["" if point.ms is None else ms_words(point.ms)] * timed + [answer_line(point)]
        lines.append(f"<tr{THIS if i == here else ''}>{_cells('td', cells)}</tr>")
    return _section(
        "At every operating point",
        f'<div class="wide"><table><thead><tr>{_cells("th", heads)}</tr></thead>'
        f"<tbody>{''.join(lines)}</tbody></table></div>",
    )


def _cells(tag: str, words: Iterable[str]) -> str:
    return "".join(f"<{tag}>{text(word)}</{tag}>" for word in words)


def _network(card: ModelCard) -> str:
    low, high = card.test_interval
    counts = [point.n for point in card.operating_points]
    tested = f" on {max(counts):,} test inputs" if counts else ""
    facts = (
        ("Name", f"{card.title} ({card.name})"),
        ("Kind", card.family if card.family == "static" else f"{card.family} dynamic, by {card.mechanism}"),
        ("Right answers", f"{percent(card.test_accuracy, 1)}{tested} (95 % interval {_range(low, high)})"),
        ("With everything run", f"{card.static_macs:,} multiply-adds"),
        ("Parameters", f"{card.parameters:,}"),
        ("Made of", ", ".join(card.members)),
        ("Static parent", card.parent or ""),
        ("Learned also from", card.teacher or ""),
        ("Trained on", card.data),
        ("Rights of the data", card.data_licence),
        ("Paper", card.paper),
        ("What it is bad at", card.weakness),
        ("Train it again", card.recipe),
        ("Checksum", card.sha256),
    )
    return _section("The network", _facts(facts))


def _range(low: float, high: float) -> str:
    return f"{percent(low, 1)} to {percent(high, 1)}"


def _facts(facts: Iterable[tuple[str, str]]) -> str:
    """Names and values; what is unknown is left out."""
    return f"<dl>{''.join(f'<dt>{text(name)}</dt><dd>{text(value)}</dd>' for name, value in facts if value)}</dl>"


def _footer(trace: Trace) -> str:
    return (
        f"<footer>Network {text(trace.model)} · trace {text(trace.digest)} · input {text(trace.media.digest)} · "
        f"made by dynviz {text(_version())}</footer>"
    )


def _version() -> str:
    try:
        return metadata.version("dynviz")
    except metadata.PackageNotFoundError:  # run from a checkout that was never installed
        return "from a checkout"
