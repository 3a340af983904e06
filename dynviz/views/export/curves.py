"""What a budget buys, to take away: the chart, all of its points as a table, and a page with the verdicts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from dynviz.results.advantage import Gain, Verdict, against_siblings, verdicts
from dynviz.results.published import REMARKS, Published, references
from dynviz.views.charts.plot_drawing import plot_png, plot_svg
from dynviz.views.export.cards import interval
from dynviz.views.export.page import facts, guarded, page, section, table
from dynviz.views.export.tables import csv_text
from dynviz.views.style.words import macs_words, percent, points_words
from dynviz.zoo import ModelCard, OperatingPoint

COLUMNS = (
    "kind", "name", "title", "family", "mechanism", "data", "rule", "budget", "macs", "macs_static", "accuracy",
    "accuracy_low", "accuracy_high", "n", "thresholds", "shares", "source",
)  # fmt: skip


@dataclass(frozen=True)
class Curves:
    """What the page shows: ``cards`` are drawn, operating point ``at`` of ``card`` is chosen, ``known`` are all
    networks on its data.
    """

    cards: Sequence[ModelCard]
    card: ModelCard
    at: int
    known: Sequence[ModelCard]
    baselines: bool = True

    @property
    def point(self) -> OperatingPoint:
        return self.card.operating_points[self.at]

    @property
    def references(self) -> tuple[Published, ...]:
        return references(self.known)


def curves_svg(view: Curves, *, on_page: bool = False) -> str:
    """The chart with the chosen point ringed; on_page: in the colours of the page around it."""
    point = (view.point.macs, view.point.accuracy)
    return plot_svg(_plot(view), _title(view), point, named=_ringed(view), on_page=on_page)


def curves_png(view: Curves) -> bytes:
    """The same as a PNG."""
    return plot_png(_plot(view), _title(view), (view.point.macs, view.point.accuracy), named=_ringed(view))


def curves_csv(view: Curves) -> str:
    """Every point of the chart: of the networks, of their baselines and of papers, with the columns of ``COLUMNS``.

    kind: network, baseline or published. macs: mean for one input. accuracy, its bounds and shares: 0..1. thresholds:
    one per decision, empty for "never". source: who published the point, and how it was read.
    """
    return csv_text(COLUMNS, ([row.get(name) for name in COLUMNS] for row in _rows(view)))


def accuracy_page(view: Curves) -> str:
    """The page: chart, chosen point, verdicts, all points. A part that cannot be drawn says so, the others live."""
    parts = [
        guarded("The chart", lambda: _chart(view)),
        guarded("The chosen point", lambda: section("The chosen point", _chosen(view))),
    ]
    if view.card.family != "static":
        parts.append(guarded("Does it pay?", lambda: section("Does it pay to be dynamic?", _verdicts(view))))
    parts.append(guarded("All points", lambda: section("All points", _points(view))))
    if view.references:
        parts.append(guarded("Published", lambda: section("Published results", _published(view))))
    line = f"Networks trained on {view.card.data}, measured on its test split. Chosen: {_name(view.card, view.point)}."
    return page("What does a budget buy?", line, *parts)


def _plot(view: Curves) -> Any:
    from dynviz.views.charts.plots import accuracy_compute  # Plotly takes half a second to import

    return accuracy_compute(view.cards, references=view.references, baselines=view.baselines)


def _title(view: Curves) -> str:
    return f"Accuracy against compute on {view.card.data}"


def _ringed(view: Curves) -> str:
    """What the ring is around, for a picture that is looked at alone."""
    return f"ringed: {_name(view.card, view.point)}, {percent(view.point.accuracy, 1)} right"


def _name(card: ModelCard, point: OperatingPoint) -> str:
    return f"{card.title} at budget {percent(point.budget)}" if len(card.operating_points) > 1 else card.title


def _rows(view: Curves) -> Iterator[dict[str, Any]]:
    for card in view.cards:
        own = {"name": card.name, "title": card.title, "family": card.family, "mechanism": card.mechanism}
        own |= {"data": card.data, "macs_static": card.static_macs}
        for point in card.operating_points:
            low, high = point.interval
            yield own | {
                "kind": "network", "rule": point.rule, "budget": point.budget, "macs": round(point.macs),
                "accuracy": point.accuracy, "accuracy_low": low, "accuracy_high": high, "n": point.n,
                "thresholds": "; ".join("" if limit is None else f"{limit:.7g}" for limit in point.thresholds),
                "shares": "; ".join(f"{share:.7g}" for share in point.shares),
            }  # fmt: skip
        for name, curve in card.curves.items() if view.baselines else ():
            for macs, accuracy in sorted(curve):
                yield own | {"kind": "baseline", "rule": name, "macs": round(macs), "accuracy": accuracy}
    for point in view.references:
        yield {
            "kind": "published", "name": point.method, "title": point.method, "data": view.card.data,
            "macs": round(point.macs), "accuracy": point.accuracy, "source": f"{point.source} ({point.how})",
        }  # fmt: skip


def _chart(view: Curves) -> str:
    drawn = curves_svg(view, on_page=True)  # it has its title in it
    words = (
        "Pale bands and bars: 95 % intervals. The ring: the chosen point. A static network is one point; a dynamic one "
        "has a curve, one point a budget."
    )
    return f'<section class="dv-card"><div class="wide chart">{drawn}</div><p class="dv-note">{words}</p></section>'


def _chosen(view: Curves) -> str:
    card, point = view.card, view.point
    gain = against_siblings(card, view.known, view.at) if card.family != "static" else None
    share = percent(point.macs / card.static_macs)
    told = facts(
        (
            ("Network", _name(card, point)),
            (
                "Right answers",
                f"{percent(point.accuracy, 1)} of {point.n:,} test inputs (95 % interval {interval(point.interval)})",
            ),
            (
                "Multiply-adds",
                f"{macs_words(point.macs)} on average, {share} of its full compute ({macs_words(card.static_macs)})",
            ),
            ("Beside static networks", f"{points_words(gain.gain)} points{_bounds(gain)}" if gain else ""),
        )
    )
    if not point.shares:
        return told
    rules = ["all the rest" if limit is None else f"if ≥ {percent(limit, 1)} sure" for limit in point.thresholds]
    lines = [
        (f"exit {k}", rule, percent(share)) for k, (rule, share) in enumerate(zip(rules, point.shares, strict=True), 1)
    ]
    return told + table(("Exit", "It answers", "Share of the test inputs"), lines, words=(0, 1))


def _verdicts(view: Curves) -> str:
    found = verdicts(view.card, view.known)
    if not found:
        return '<p class="dv-note">There is nothing on the same data to compare it with.</p>'
    heads = ("Compared with", "Above it over", "At best", "95 % interval", "At", "At its dearest", "95 % interval")
    note = (
        f"{view.card.title} against its baselines, in points of accuracy, over the compute that both reach (on a log "
        "scale). Intervals: paired bootstrap over the same test inputs, where both have a table."
    )
    return table(heads, [_verdict(verdict) for verdict in found], words=(0,), caption=note)


def _verdict(verdict: Verdict) -> tuple[str, ...]:
    best, last = verdict.best, verdict.last
    cells = (
        verdict.baseline,
        percent(verdict.share_above),
        points_words(best.gain),
        _ends(best),
        macs_words(best.macs),
    )
    return (*cells, points_words(last.gain), _ends(last))


def _points(view: Curves) -> str:
    heads = ("Network", "Budget", "Multiply-adds", "Right", "95 % interval", "n")
    rows, this = [], None
    for card in view.cards:
        for i, point in enumerate(card.operating_points):
            if (card.name, i) == (view.card.name, view.at):
                this = len(rows)
            budget = percent(point.budget) if len(card.operating_points) > 1 else ""
            cells = (card.title, budget, macs_words(point.macs), percent(point.accuracy, 1), interval(point.interval))
            rows.append((*cells, f"{point.n:,}"))
    note = "Multiply-adds for one input and right answers, means over the test split."
    return table(heads, rows, words=(0,), this=this, caption=note)


def _published(view: Curves) -> str:
    rows = [
        (point.method, macs_words(point.macs), percent(point.accuracy, 1), point.how, point.source)
        for point in view.references
    ]
    heads = ("Method", "Multiply-adds", "Right", "How", "Source")
    return table(heads, rows, words=(0, 3, 4), caption=REMARKS.get(view.card.data, ""))


def _ends(gain: Gain) -> str:
    return " to ".join(map(points_words, gain.interval)) if gain.interval else ""


def _bounds(gain: Gain) -> str:
    return f" (95 % interval {_ends(gain)})" if gain.interval else ""
