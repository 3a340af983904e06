"""Accuracy over budgets before and after a network was made small: a chart for each network that it was done to."""

from __future__ import annotations

import dynviz
from app.sheet.finding import known_findings
from app.strings import say
from dynviz.results.findings import CompatibilityUse
from dynviz.views.style.words import ms_words, percent, text

WIDE, HIGH = 340.0, 200.0
LEFT, RIGHT, TOP, BOTTOM = 46.0, 10.0, 12.0, 30.0
DASHES = ("", "7 4", "2 4", "9 3 2 3")  # one look a line, never colour alone
MARKS = ("●", "■", "▲", "◆")


def compressed_sheet() -> str:
    """HTML: a card with a chart and a table for each network; empty where none was measured."""
    return "".join(_network(card.title, card.data_name, use) for card, use in _measured())


def _measured() -> list[tuple[dynviz.ModelCard, CompatibilityUse]]:
    found = ((card, known_findings(card)) for card in dynviz.models())
    return [(card, known.compatibility) for card, known in found if known is not None and known.compatibility]


def _network(title: str, data: str, use: CompatibilityUse) -> str:
    head = say("lessons.compressed.title", title=title, data=data)
    names, *heads = say("lessons.compressed.heads").split("|")
    top = f'<th scope="col">{text(names)}</th>' + "".join(f'<th scope="col" class="num">{text(h)}</th>' for h in heads)
    rows = "".join(
        f"<tr><td>{MARKS[i]} {text(say(f'lessons.compressed.{name}'))}</td>"
        f'<td class="num">{text(percent(use.accuracy[i][-1], 1))}</td>'
        f'<td class="num">{text(percent(size / use.bytes[0]))}</td>'
        f'<td class="num">{text(ms_words(use.ms[i]))}</td></tr>'
        for i, (name, size) in enumerate(zip(use.names, use.bytes, strict=True))
    )
    note = f'<p class="dv-note">{text(say("lessons.compressed.note", n=f"{use.n:,}"))}</p>'
    return (
        f'<section class="dv-card dv-view"><h3 class="dv-title">{text(head)}</h3>{_chart(use)}'
        f'<div style="overflow-x:auto"><table><thead><tr>{top}</tr></thead><tbody>{rows}</tbody></table></div>{note}'
        "</section>"
    )


def _chart(use: CompatibilityUse) -> str:
    values = [value for line in use.accuracy for value in line]
    low, high = min(values), max(values)
    low, high = max(0.0, low - 0.02), min(1.0, high + 0.02)
    left, right = min(use.budgets), max(use.budgets)

    def x(budget: float) -> float:
        return LEFT + 8 + (budget - left) / max(right - left, 1e-9) * (WIDE - LEFT - RIGHT - 16)

    def y(accuracy: float) -> float:
        return TOP + (high - accuracy) / max(high - low, 1e-9) * (HIGH - TOP - BOTTOM)

    lines = ""
    for i, line in enumerate(use.accuracy):
        spots = list(zip(use.budgets, line, strict=True))
        way = " ".join(f"{x(budget):.1f},{y(accuracy):.1f}" for budget, accuracy in spots)
        lines += f'<polyline points="{way}" fill="none" stroke="var(--dv-spent)" stroke-dasharray="{DASHES[i]}"/>'
        lines += "".join(
            f'<text x="{x(budget):.1f}" y="{y(accuracy) + 4:.1f}" text-anchor="middle" font-size="12" '
            f'fill="var(--dv-spent)">{MARKS[i]}</text>'
            for budget, accuracy in spots
        )
    down = "".join(
        f'<text x="{LEFT - 6}" y="{y(at) + 4:.1f}" text-anchor="end">{text(percent(at))}</text>'
        f'<path d="M{LEFT} {y(at):.1f}H{WIDE - RIGHT}" stroke="var(--dv-edge)" stroke-width=".6"/>'
        for at in (low, (low + high) / 2, high)
    )
    across = "".join(
        f'<text x="{x(at):.1f}" y="{HIGH - 10}" text-anchor="middle">{text(percent(at))}</text>'
        for at in dict.fromkeys((left, right))
    )
    alt = text(say("lessons.compressed.alt"))
    return (
        f'<svg viewBox="0 0 {WIDE:.0f} {HIGH:.0f}" style="max-width:30em;width:100%" role="img" aria-label="{alt}" '
        f'font-size="11" fill="currentColor">{down}{across}{lines}</svg>'
    )
