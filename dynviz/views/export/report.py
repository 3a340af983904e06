"""A report on one trace: one HTML page that needs no network, no script and no other file."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from dynviz.trace import Sweep, Trace
from dynviz.views.charts.budget_curve import budget_curve
from dynviz.views.decisions.panels import answer_line, card_html, panels, share_spent
from dynviz.views.export.cards import network
from dynviz.views.export.page import facts, guarded, page, section, table
from dynviz.views.medium import medium_of
from dynviz.views.style.words import macs_words, ms_words, percent, text
from dynviz.zoo import ModelCard


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
        guarded("The picture", lambda: medium_of(trace.media).html(trace, found["answer"])),
        _notes(trace),
        card_html(found["account"]),
        card_html(found["top5"]),
    ]
    decided = [card_html(found["decisions"])]
    if card is not None:
        decided.append(guarded("What a budget buys", lambda: _curve(trace, card, cards)))
    below = [guarded("Three numbers, never mixed", lambda: _numbers(trace))]
    if sweep is not None:
        below.append(guarded("At every operating point", lambda: _points(trace, sweep)))
    if card is not None:
        below.append(guarded("The network", lambda: network(card)))
    title = f"{trace.title}: {trace.prediction.label} {percent(trace.prediction.confidence)}"
    columns = f'<div class="pair"><div>{"".join(own)}</div><div>{"".join(decided)}</div></div>'
    made = f"Network {trace.model} · trace {trace.digest} · input {trace.media.digest}"
    return page(trace.title, _setting(trace), columns, *below, title=title, made=made)


def report_side_by_side(titled: Sequence[tuple[str, Trace]]) -> str:
    """One page with several runs of one network beside each other, each under its title."""
    columns = ""
    for title, trace in titled:
        found = {panel.name: panel for panel in panels(trace)}
        first = guarded("The picture", partial(medium_of(trace.media).html, trace, found["answer"]))
        cards = card_html(found["decisions"]) + card_html(found["account"])
        columns += f"<div><h2>{text(title)}</h2>{first}{_notes(trace)}{cards}</div>"
    lead = titled[0][1]
    made = " · ".join(f"trace {trace.digest}" for _, trace in titled)
    whole = f"{lead.title}: {' / '.join(title for title, _ in titled)}"
    return page(lead.title, _setting(lead), f'<div class="pair">{columns}</div>', title=whole, made=made)


def _setting(trace: Trace) -> str:
    """How the network was asked to run, in one line."""
    if trace.rule == "anytime":
        return "One run with a hard cap on its compute."
    if trace.budget is None:
        return "One run without a budget."
    return f"One run at budget {percent(trace.budget)}: an average over many inputs, not a promise for this one."


def _notes(trace: Trace) -> str:
    """What was assumed, converted or left out when the input was read."""
    lines = "".join(f"<li>{text(said)}</li>" for said in trace.media.notes)
    return section("About the input", f'<ul class="dv-notes">{lines}</ul>') if lines else ""


def _numbers(trace: Trace) -> str:
    measured = "not measured in this run."
    if trace.ms is not None:
        static = "" if trace.ms_static is None else f" of {ms_words(trace.ms_static)}"
        plain = "" if trace.ms_plain is None else f"; {ms_words(trace.ms_plain)} in one pass that decides nothing"
        measured = f"{ms_words(trace.ms)}{static}{plain}, on the machine that ran it; time shrinks less than compute."
    return section(
        "Three numbers, never mixed",
        facts(
            (
                ("Executed multiply-adds", f"{trace.macs:,}: those that ran for this input, the deciding included."),
                ("Ideal multiply-adds", f"{trace.macs_ideal:,}: the least that these decisions would allow."),
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
    return section("What a budget buys", chart if marked else f'<div class="unmarked">{chart}</div>')


def _points(trace: Trace, sweep: Sweep) -> str:
    timed = any(point.ms is not None for point in sweep.traces)
    heads = ["Budget", "Answer", "Confidence", "Multiply-adds", "Of its full compute"]
    heads += ["Milliseconds"] * timed + ["How"]
    lines = []
    for budget, point in zip(sweep.budgets, sweep.traces, strict=True):
        answer = point.prediction
        cells = [percent(budget), answer.label, percent(answer.confidence), macs_words(point.macs)]
        cells += [percent(share_spent(point))]
        cells += ["" if point.ms is None else ms_words(point.ms)] * timed + [answer_line(point)]
        lines.append(cells)
    here = None if trace.budget is None or trace.rule == "anytime" else sweep.index(trace.budget)
    return section("At every operating point", table(heads, lines, words=(1, len(heads) - 1), this=here))
