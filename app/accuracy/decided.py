"""What a network decides over the whole test set, as cards: its most frequent policies, the load of each part, mixtures
of parameters by class.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from app.accuracy.sheets import STYLE, text
from app.sheet.sheet import style
from app.strings import say
from dynviz import ModelCard
from dynviz.results.policies import policies, units_of
from dynviz.results.tables import ClassUse, Mixture, Table
from dynviz.views.decisions.rows import meter, row, rows
from dynviz.views.style.words import macs_words, percent, unit_words

MOST_COLUMNS = 40  # that a table of classes has
FEW = 12  # kernels of a layer that can be shown by class
DEAD = 0.01  # of the samples; a part that runs for fewer does nothing


def by_unit(table: Table, use: ClassUse) -> tuple[ClassUse, list[str]]:
    """The columns of a table of classes and their heads; where parts are many, their mean is a column for each unit."""
    heads = unit_heads(table)
    if len(heads) <= MOST_COLUMNS:
        return use, heads
    means = [use.share[:, columns].mean(axis=1) for _, columns in units_of(table)]
    return replace(use, share=np.stack(means, axis=1)), [str(number + 1) for number in range(len(means))]


def unit_heads(table: Table) -> list[str]:
    """A short head for each unit or part of a table: 3 for the third unit, 3/keep for that part of it."""
    return [
        f"{number}/{part}" if (part := name.partition("/")[2]) else str(number)
        for number, (_, columns) in enumerate(units_of(table), 1)
        for name in table.units[columns]
    ]


def policy_card(card: ModelCard, at: int, table: Table) -> str:
    """How many different policies there are, and the most frequent ones as strips: filled where a part ran."""
    found, units = policies(table, at), units_of(table)
    most = len(found.share)
    lead = say(
        "decided.policies.one" if found.different == 1 else "decided.policies.line",
        budget=percent(card.operating_points[at].budget),
        count=f"{found.different:,}",
        n=f"{found.n:,}",
        share=percent(float(found.share[0])),
    )
    items = "".join(
        f'<li class="ac-policy"><span class="ac-strip" role="img" aria-label="{text(_said(ran, units))}">'
        f"{_strip(ran, units)}</span><span><b>{text(percent(float(share)))}</b> "
        f"{text(say('decided.policies.of', macs=macs_words(float(macs)), right=percent(float(right))))}</span></li>"
        for ran, share, macs, right in zip(found.ran, found.share, found.macs, found.accuracy, strict=True)
    )
    note = say("decided.policies.note", most=most) if found.different > most else ""
    return _card(say("decided.policies"), lead, f'<ol class="ac-policies">{items}</ol>', note)


def load_card(card: ModelCard, at: int, table: Table) -> str:
    """The share of the test samples for which each part of each unit ran: experts, channel groups, edges."""
    load = table.units_run[:, at].mean(axis=0)
    items = []
    for number, (unit, columns) in enumerate(units_of(table), 1):
        names = [name.partition("/")[2] for name in table.units[columns]]
        cells = "".join(
            f'<i title="{text(f"{name}: {percent(float(share))}")}" style="--share:{share:.1%}">'
            f"<b>{text(name)}</b><span>{share * 100:.0f}</span></i>"
            for name, share in zip(names, load[columns], strict=True)
        )
        items.append(row(f'<span class="dv-body ac-load">{cells}</span>', "", unit_words(unit), disc=number))
    dead = [name for name, share in zip(table.units, load, strict=True) if share < DEAD]
    more = say("decided.load.more", count=len(dead) - 6) if len(dead) > 6 else ""
    lead = (
        say("decided.load.dead", names=", ".join(map(unit_words, dead[:6])) + more)
        if dead
        else say("decided.load.alive")
    )
    budget = percent(card.operating_points[at].budget)
    return _card(say("decided.load"), lead, rows(items, "ac-loads"), say("decided.load.note", budget=budget))


def mixture_card(table: Table) -> str:
    """How far the class explains what parameters a layer makes, and the mixture by class where it has few kernels."""
    n = np.bincount(table.label, minlength=len(table.classes))
    told = [(mixture, mixture.explained(n)) for mixture in table.mixtures]
    items = [
        row(meter(share), f"<b>{text(percent(share))}</b>", unit_words(mixture.unit), disc=i)
        if share is not None
        else row("", text(say("decided.mixtures.same")), unit_words(mixture.unit), disc=i)
        for i, (mixture, share) in enumerate(told, 1)
    ]
    varying = [(mixture, share) for mixture, share in told if share is not None]
    if not varying:
        return _card(say("decided.mixtures"), say("decided.mixtures.none"), rows(items), say("decided.mixtures.note"))
    best, most = max(varying, key=lambda one: one[1])
    lead = say("decided.mixtures.line", unit=unit_words(best.unit), share=percent(most))
    if len(varying) < len(told):
        lead += " " + say("decided.mixtures.few", ran=len(told) - len(varying), all=len(told))
    grid = _by_class(table, best, n) if best.means.shape[1] <= FEW else ""
    return _card(say("decided.mixtures"), lead, rows(items) + grid, say("decided.mixtures.note"))


def _by_class(table: Table, mixture: Mixture, n: np.ndarray) -> str:
    """A table of classes by kernels, classes that lean to the same kernel beside one another."""
    known = [i for i in range(len(table.classes)) if n[i]]
    order = sorted(known, key=lambda i: (int(np.argmax(mixture.means[i])), -float(mixture.means[i].max())))
    heads = f'<th scope="col">{text(say("accuracy.classes.class"))}</th>'
    heads += "".join(f'<th class="cell" scope="col">{k + 1}</th>' for k in range(mixture.means.shape[1]))
    lines = "".join(
        f"<tr><td>{text(table.classes[i])}</td>"
        + "".join(
            f'<td class="cell"><i{" class=dv-full" * int(share >= 0.5)} style="--share:{share:.0%}">{share * 100:.0f}'
            "</i></td>"
            for share in mixture.means[i]
        )
        + "</tr>"
        for i in order
    )
    words = say("decided.mixtures.by_class", unit=unit_words(mixture.unit))
    return (
        f'<h4 class="dv-heading ac-gap">{text(words)}</h4><div class="ac-scroll" tabindex="0"><table class="ac-heat">'
        f"<thead><tr>{heads}</tr></thead><tbody>{lines}</tbody></table></div>"
    )


def _strip(ran: np.ndarray, units: list[tuple[str, slice]]) -> str:
    groups = ("".join("<i></i>" if on else '<i class="dv-off"></i>' for on in ran[columns]) for _, columns in units)
    return "".join(f"<span>{group}</span>" for group in groups)


def _said(ran: np.ndarray, units: list[tuple[str, slice]]) -> str:
    return " ".join("".join("1" if on else "0" for on in ran[columns]) for _, columns in units)


def _card(title: str, lead: str, inner: str, note: str) -> str:
    told = f'<p class="dv-note">{text(note)}</p>' if note else ""
    return (
        f'{style(STYLE)}<section class="dv-card dv-view"><h3 class="dv-title">{text(title)}</h3>'
        f'<p class="ac-lead">{text(lead)}</p>{inner}{told}</section>'
    )
