"""What is known of networks, to take away: their cards as a table (CSV), as data (JSON) and as a page (HTML)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from dynviz.views.charts.budget_curve import budget_curve
from dynviz.views.export.page import facts, guarded, page, section, table
from dynviz.views.export.tables import csv_text
from dynviz.views.style.words import macs_words, percent, text
from dynviz.zoo import ModelCard

FEW = 30  # test inputs; with fewer a share says little
COLUMNS = (
    "name", "title", "family", "mechanism", "modality", "accuracy", "accuracy_low", "accuracy_high", "n", "static_macs",
    "operating_points", "least_mean_macs", "most_mean_macs", "anytime", "parameters", "in_side_px", "classes", "data",
    "data_licence", "parent", "teacher", "members", "weakness", "paper", "recipe", "seed", "epochs", "sha256",
)  # fmt: skip


def cards_csv(cards: Sequence[ModelCard]) -> str:
    """One line per network, with the columns of ``COLUMNS``; accuracies 0..1, MACs for one input."""
    return csv_text(COLUMNS, (_row(card) for card in cards))


def cards_json(cards: Sequence[ModelCard]) -> str:
    """A list of the cards, each as its card.json has it."""
    return json.dumps([asdict(card) for card in cards], indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def cards_page(cards: Sequence[ModelCard]) -> str:
    """All cards as one page: an overview, then one network after another."""
    heads = ("Network", "Kind", "Right", "95 % interval", "n", "Multiply-adds", "Parameters")
    lines = [
        (
            card.title,
            _kind(card),
            percent(card.test_accuracy, 1),
            interval(card.test_interval),
            f"{_tested(card):,}" if _tested(card) else "",
            macs_words(card.static_macs),
            macs_words(card.parameters),
        )
        for card in cards
    ]
    caption = "Right answers on the test split; multiply-adds for one input, with everything run."
    parts = [section("Overview", table(heads, lines, words=(0, 1), caption=caption))]
    parts += [guarded(card.title, lambda card=card: network(card, cards, card.title)) for card in cards]
    line = "What each network is, how well it does on inputs it had never seen, what it costs, what it is bad at."
    return page("Networks", line, *parts)


def network(card: ModelCard, cards: Sequence[ModelCard] = (), title: str = "The network") -> str:
    """What is known of one network. cards: all that are known, adds the curve of its budgets and its classes."""
    tested = f" on {_tested(card):,} test inputs" if _tested(card) else ""
    spent = [point.macs for point in card.operating_points]
    known = facts(
        (
            ("Name", f"{card.title} ({card.name})"),
            ("Kind", _kind(card)),
            (
                "Right answers",
                f"{percent(card.test_accuracy, 1)}{tested} (95 % interval {interval(card.test_interval)})",
            ),
            (
                "Of these",
                "; ".join(f"{percent(a, 1)} of {n:,} {name}" for name, (a, n) in card.group_accuracy.items()),
            ),
            ("With everything run", f"{card.static_macs:,} multiply-adds"),
            (
                "With its budgets",
                f"{macs_words(min(spent))} to {macs_words(max(spent))} multiply-adds on average"
                if len(spent) > 1
                else "",
            ),
            ("Parameters", f"{card.parameters:,}"),
            ("Made of", ", ".join(card.members)),
            ("Made from", card.parent or ""),
            ("Learned also from", card.teacher or ""),
            ("Trained on", card.data),
            ("Rights of the data", card.data_licence),
            ("Paper", card.paper),
            ("What it is bad at", card.weakness),
            ("Train it again", card.recipe),
            ("Weights of the package", f"{card.weights.package}=={card.weights.version}" if card.weights else ""),
            ("Checksum", card.sha256),
        )
    )
    if not cards:
        return section(title, known)
    chart = f'<div class="unmarked">{budget_curve(card, cards).svg}</div>'
    return section(title, f'<div class="pair"><div>{known}</div><div>{chart}</div></div>{_classes(card)}')


def interval(bounds: tuple[float, float]) -> str:
    """(0.752, 0.776) -> '75.2 % to 77.6 %'."""
    return " to ".join(percent(bound, 1) for bound in bounds)


def _row(card: ModelCard) -> list[Any]:
    spent = [round(point.macs) for point in card.operating_points] or [card.static_macs]
    own = {
        "accuracy": card.test_accuracy,
        "accuracy_low": card.test_interval[0],
        "accuracy_high": card.test_interval[1],
        "n": _tested(card) or None,
        "operating_points": len(card.operating_points),
        "least_mean_macs": min(spent),
        "most_mean_macs": max(spent),
        "classes": len(card.labels),
        "members": "; ".join(card.members),
    }
    return [own[name] if name in own else getattr(card, name) for name in COLUMNS]


def _classes(card: ModelCard) -> str:
    """Accuracy by class, worst first."""
    if not card.class_accuracy:
        return ""
    worst = sorted(card.class_accuracy.items(), key=lambda item: item[1][0])
    lines = [(label, percent(share, 1), f"{n}{' (few)' if n < FEW else ''}") for label, (share, n) in worst]
    told = table(("Thing", "Right", "Test inputs"), lines, words=(0,))
    return f"<details><summary>{text('How good it is at each thing')}</summary>{told}</details>"


def _kind(card: ModelCard) -> str:
    return card.family if card.family == "static" else f"{card.family} dynamic, by {card.mechanism}"


def _tested(card: ModelCard) -> int:
    return max((point.n for point in card.operating_points), default=0)
