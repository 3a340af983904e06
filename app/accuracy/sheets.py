"""Parts of the Accuracy and compute page as HTML: legend, one operating point, verdicts, classes, measured times."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from app.blind import blind_line
from app.sheet.sheet import style
from app.strings import say
from dynviz import ModelCard
from dynviz.measuring.bench import BenchRow
from dynviz.results.advantage import SIBLINGS, Gain, Verdict
from dynviz.results.policies import units_of
from dynviz.results.tables import ClassUse, Table
from dynviz.views.charts.plot_symbols import sample, svg_shape
from dynviz.views.decisions.rows import meter, row, rows
from dynviz.views.style.words import macs_words, ms_words, percent, points_words, unit_words
from dynviz.views.style.words import text as escaped

if TYPE_CHECKING:
    from dynviz.views.charts.plots import Key

STYLE = Path(__file__).parent / "sheets.css"
THIN = 30  # test samples; with fewer a share says little
FULL = 0.5  # from this share on a cell is filled so far that its number must turn light


def text(words: str) -> str:
    """Words as HTML in which a number is never torn from its unit at the end of a line."""
    return escaped(re.sub(r"(?<=\d) (?=[%×TGMk]\b|[%×]|ms\b)", "\N{NO-BREAK SPACE}", words))


def legend(keys: Sequence[Key]) -> str:
    """How each line of the chart is drawn."""
    return f'{style(STYLE)}<p class="ac-legend">{"".join(_key(key) for key in keys)}</p>'


def point_card(card: ModelCard, at: int, gain: Gain | None, table: Table | None) -> str:
    """Operating point ``at``: accuracy, compute, where its answers come from, and the static siblings beside it.

    table: of the test samples, for how often each unit ran where the units are no exits.
    """
    point = card.operating_points[at]
    several = len(card.operating_points) > 1
    title = say("accuracy.point", title=card.title, budget=percent(point.budget)) if several else card.title
    low, high = (percent(bound, 1) for bound in point.interval)
    share = point.macs / card.static_macs
    spent = say("accuracy.spent.static")
    if several:
        spent = say("accuracy.spent", share=percent(share), full=macs_words(card.static_macs))
    right = say("accuracy.right", low=low, high=high, n=f"{point.n:,}")
    return (
        f'{style(STYLE)}<section class="dv-card dv-view"><h3 class="dv-title">{text(title)}</h3>'
        '<div class="ac-figures">'
        f"<div><b>{text(percent(point.accuracy, 1))}</b><span>{text(right)}</span></div>"
        f"<div><b>{text(macs_words(point.macs))}</b><span>{text(spent)}</span></div></div>"
        f'<div class="dv-bar" aria-hidden="true"><i style="width:{min(share, 1):.2%}"></i></div>'
        f"{_units(card, at, table)}{_beside_siblings(card, at, gain)}</section>"
    )


def verdict_card(card: ModelCard, found: Sequence[Verdict]) -> str:
    """Whether being dynamic pays: a plain sentence, then every baseline."""
    siblings = next((verdict for verdict in found if verdict.baseline == SIBLINGS), None)
    if card.family == "static":
        lead = say("accuracy.verdict.static")
    else:
        lead = sentence(card.title, siblings) if siblings else say("accuracy.verdict.unknown")
        lead = f"{lead} {blind_line(card)}".strip()
    table = ""
    if found:
        own = [verdict for verdict in found if verdict.baseline in (SIBLINGS, *card.curves)]
        others = sorted((v for v in found if v not in own), key=lambda v: (-v.share_above, -v.best.gain))
        table = _verdict_table(own) if own else ""
        if others:  # there can be thirty, and the question is answered without them
            words = text(say("accuracy.verdict.others", count=len(others)))
            table += f"<details><summary>{words}</summary>{_verdict_table(others)}</details>"
        table += f'<p class="dv-note">{text(say("accuracy.verdict.note"))}</p>'
    return (
        f'{style(STYLE)}<section class="dv-card"><h3 class="dv-title">{text(say("accuracy.verdict"))}</h3>'
        f'<p class="ac-lead">{text(lead)}</p>{table}</section>'
    )


def _verdict_table(found: Sequence[Verdict]) -> str:
    heads = "".join(_head(key) for key in ("baseline", "above", "best", "last"))
    lines = "".join(
        f'<tr><td>{text(verdict.baseline)}</td><td class="gain"><b>{text(percent(verdict.share_above))}</b></td>'
        f"{_gain_cell(verdict.best)}{_gain_cell(verdict.last)}</tr>"
        for verdict in found
    )
    return f"<table><thead><tr>{heads}</tr></thead><tbody>{lines}</tbody></table>"


def sentence(title: str, verdict: Verdict) -> str:
    """A verdict against the static siblings in plain words."""
    best = {"gain": points_words(verdict.best.gain), "macs": macs_words(verdict.best.macs)}
    best["interval"] = _interval(verdict.best)
    if verdict.share_above == 0:
        return say("accuracy.verdict.never", title=title, **best)
    last = {"last": points_words(verdict.last.gain), "last_interval": _interval(verdict.last)}
    if verdict.share_above == 1:
        return say("accuracy.verdict.always", title=title, **best, **last)
    return say("accuracy.verdict.partly", title=title, share=percent(verdict.share_above), **best, **last)


def class_card(card: ModelCard, at: int, use: ClassUse, names: Sequence[str] = ()) -> str:
    """Which classes leave early and which need the whole network; cheapest first, sortable.

    names: heads of the units, where their numbers will not do.
    """
    exits = bool(card.operating_points[at].shares)
    order = [int(i) for i in np.argsort(use.macs) if use.n[i]]
    sure = [i for i in order if use.n[i] >= THIN] or order
    told = [
        ", ".join(say("accuracy.classes.one", label=use.classes[i], macs=macs_words(use.macs[i])) for i in part)
        for part in (sure[:3], sure[:-4:-1])
    ]
    budget = percent(card.operating_points[at].budget)
    lead = say("accuracy.classes.line", budget=budget, easy=told[0], hard=told[1])
    costs = {macs_words(use.macs[i]) for i in sure}
    if len(sure) < 6:  # the three cheapest would be among the three dearest too
        every = (say("accuracy.classes.one", label=use.classes[i], macs=macs_words(use.macs[i])) for i in sure)
        lead = say("accuracy.classes.few", budget=budget, all=", ".join(every))
    if len(costs) == 1 and len(sure) > 1:
        lead = say("accuracy.classes.same", budget=budget, macs=costs.pop())
    columns = names or [str(k + 1) for k in range(use.share.shape[1])]
    heads = _sortable(say("accuracy.classes.class"))
    heads += "".join(_sortable(name, "cell") for name in columns)
    heads += _sortable(say("accuracy.classes.macs"), "num", "ascending")
    heads += _sortable(say("accuracy.classes.right"), "num") + _sortable(say("accuracy.classes.n"), "num wide")
    lines = "".join(_class_row(use.classes[i], use, i) for i in order)
    kind = say("accuracy.classes.exits" if exits else "accuracy.classes.units")
    thin = " " + say("accuracy.classes.thin", least=THIN) if any(use.n[i] < THIN for i in order) else ""
    return (
        f'{style(STYLE)}<section class="dv-card dv-view"><h3 class="dv-title">{text(say("accuracy.classes"))}</h3>'
        f'<p class="ac-lead">{text(lead)}</p><div class="ac-scroll" tabindex="0"><table class="ac-heat">'
        f"<thead><tr>{heads}</tr></thead><tbody>{lines}</tbody></table></div>"
        f'<p class="dv-note">{text(kind + thin)}</p></section>'
    )


def bench_table(found: Sequence[BenchRow], chosen: BenchRow | None) -> str:
    """Measured milliseconds beside what the multiply-adds promise."""
    names = ("budget", "ms", "macs", "promised", "speedup", "ratio")
    kinds = ("", "num", "num wide", "num wide", "num", "num")
    heads = "".join(
        f'<th class="{kind}" scope="col">{text(say(f"accuracy.ms.col.{name}"))}</th>'
        for name, kind in zip(names, kinds, strict=True)
    )
    lines = ""
    for one in found:
        times = (f"{one.macs_speedup:.2f} ×", f"{one.speedup:.2f} ×", f"{one.ratio:.2f}")
        cells = (percent(one.budget), ms_words(one.ms), macs_words(one.macs), *times)
        taken = ' class="ac-taken"' if one is chosen else ""
        lines += f"<tr{taken}>" + "".join(
            f'<td class="{kind}">{text(cell)}</td>' for cell, kind in zip(cells, kinds, strict=True)
        )
        lines += "</tr>"
    note = say("accuracy.ms.note", ms=ms_words(found[0].ms_static), macs=macs_words(found[0].macs_static))
    return (
        f'{style(STYLE)}<section class="dv-card"><div class="ac-scroll" tabindex="0"><table class="ac-times">'
        f"<thead><tr>{heads}</tr></thead><tbody>{lines}</tbody></table></div>"
        f'<p class="dv-note">{text(note)}</p></section>'
    )


def _key(key: Key) -> str:
    drawn = "".join(map(svg_shape, sample(key, 0, 9, 40, "var(--dv-page)")))
    return f'<span><svg viewBox="0 0 40 18" aria-hidden="true">{drawn}</svg>{text(key.label)}</span>'


def _units(card: ModelCard, at: int, table: Table | None) -> str:
    point = card.operating_points[at]
    items, heading = [], ""
    if point.shares:
        heading = say("accuracy.exits")
        for k, (share, limit) in enumerate(zip(point.shares, point.thresholds, strict=True), start=1):
            rule = say("accuracy.rest") if limit is None else say("accuracy.threshold", sure=f"≥ {percent(limit, 1)}")
            value = f"<b>{text(percent(share))}</b> {text(rule)}"
            items.append(row(meter(share), value, say("accuracy.exit", k=k), disc=k, off=share == 0))
    elif table is not None and table.units_run.shape[2] > 1:
        heading = say("accuracy.units")
        ran = table.units_run[:, at].mean(axis=0)
        units = units_of(table) or [(say("accuracy.unit", k=k + 1), slice(k, k + 1)) for k in range(len(ran))]
        for k, (name, parts) in enumerate(units, start=1):
            share = float(ran[parts].mean())  # of channel groups, experts and edges how many of them
            value = f"<b>{text(percent(share))}</b>"
            items.append(row(meter(share), value, unit_words(name), disc=k, off=share == 0))
    if not items:
        return ""
    return f'<h4 class="dv-heading ac-gap">{text(heading)}</h4>{rows(items, "ac-exits")}'


def _beside_siblings(card: ModelCard, at: int, gain: Gain | None) -> str:
    if card.family == "static":
        words = say("accuracy.single")
    elif gain is None:
        words = say("accuracy.sibling.none")
    else:
        theirs = percent(card.operating_points[at].accuracy - gain.gain, 1)
        words = say("accuracy.sibling", share=theirs, gain=points_words(gain.gain), interval=_interval(gain))
    return f'<p class="dv-note">{text(words)}</p>'


def _interval(gain: Gain) -> str:
    if gain.interval is None:
        return ""
    low, high = (points_words(bound) for bound in gain.interval)
    return say("accuracy.interval", low=low, high=high)


def _gain_cell(gain: Gain) -> str:
    words = say("accuracy.gain.at", gain="", macs=macs_words(gain.macs)).strip()
    interval = ""
    if gain.interval is not None:
        interval = f"<br><small>{' … '.join(points_words(bound) for bound in gain.interval)}</small>"
    return f'<td class="gain"><b>{text(points_words(gain.gain))}</b> <span>{text(words)}</span>{interval}</td>'


def _class_row(label: str, use: ClassUse, i: int) -> str:
    cells = "".join(
        f'<td class="cell" data-value="{share:.4f}"><i{" class=dv-full" * int(share >= FULL)} '
        f'style="--share:{share:.0%}">{text(f"{share * 100:.0f}" if share else "")}</i></td>'
        for share in use.share[i]
    )
    return (
        f"<tr{' class=thin' * int(use.n[i] < THIN)}><td>{text(label)}</td>{cells}"
        f'<td class="num" data-value="{use.macs[i]:.0f}">{text(macs_words(use.macs[i]))}</td>'
        f'<td class="num" data-value="{use.accuracy[i]:.4f}">{text(percent(use.accuracy[i]))}</td>'
        f'<td class="num wide">{use.n[i]}</td></tr>'
    )


def _head(name: str) -> str:
    return f'<th scope="col">{text(say(f"accuracy.{name}"))}</th>'


def _sortable(words: str, kinds: str = "", sort: str = "") -> str:
    sorted_by = f' aria-sort="{sort}"' if sort else ""
    return f'<th class="{kinds}" scope="col"{sorted_by}><button type="button">{text(words)}</button></th>'
