"""One of the six advantages put to the test: a line for each network, with its number, its interval, and a verdict."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import streamlit as st

import dynviz
from app.lessons.compressed import compressed_sheet
from app.lessons.shown import Shown
from app.live import showing
from app.sheet.sheet import sheet
from app.strings import say
from dynviz.measuring.timing import Timing
from dynviz.results.battery import CHARGES, LONG, Drain, drains
from dynviz.results.promises import PROMISES, Evidence
from dynviz.views.style.words import ms_words, percent, points_words, text

WIDE, TALL = 120.0, 14.0


def evidence(name: str) -> tuple[Evidence, ...]:
    """The lines of an experiment, worked out once for the networks that are here."""
    cards = dynviz.models()
    return _evidence(name, tuple(card.sha256 for card in cards))


@lru_cache(maxsize=len(PROMISES))
def _evidence(name: str, _weights: tuple[str, ...]) -> tuple[Evidence, ...]:
    return tuple(PROMISES[name](dynviz.models()))


def experiment(name: str, shown: Shown) -> None:
    """The sheet of an experiment; where time is promised, milliseconds of this machine, and for adaptiveness a
    battery.
    """
    if name == "efficiency":
        _twin(shown)
    if name == "adaptiveness":
        _milliseconds(shown)
        _battery(shown)
    sheet(evidence_sheet(name, evidence(name)), key=f"experiment_{name}")
    if name == "compatibility" and (curves := compressed_sheet()):
        sheet(curves, key="lesson_compressed")


def evidence_sheet(name: str, lines: tuple[Evidence, ...]) -> str:
    """HTML: a row for each line, on one scale."""
    title = f'<h3 class="dv-title">{text(say(f"lessons.experiment.{name}"))}</h3>'
    if not lines:
        return f'<section class="dv-card">{title}<p>{text(say("lessons.experiment.nothing"))}</p></section>'
    first, *heads = say("lessons.experiment.heads").split("|")
    ends = [value for line in lines for value in (line.value, line.low, line.high, _neutral(name)) if value is not None]
    scale = min(ends), max(ends)
    rows = "".join(_row(name, line, scale) for line in lines)
    top = f'<th scope="col">{text(first)}</th><th scope="col" class="num">{text(heads[0])}</th><th class="wide"></th>'
    top += "".join(f'<th scope="col">{text(head)}</th>' for head in heads[1:])
    note = f'<p class="dv-note">{text(say("lessons.experiment.note"))}</p>'
    table = f"<table><thead><tr>{top}</tr></thead><tbody>{rows}</tbody></table>"
    return f'<section class="dv-card dv-view">{title}<div style="overflow-x:auto">{table}</div>{note}</section>'


def _row(name: str, line: Evidence, scale: tuple[float, float]) -> str:
    interval = "–"
    if line.low is not None and line.high is not None:
        interval = f"{_words(name, line.low)} to {_words(name, line.high)}"
    verdict = say("lessons.experiment.yes" if line.holds else "lessons.experiment.no")
    return (
        f'<tr><td>{text(line.name)}</td><td class="num"><b>{text(_words(name, line.value))}</b></td>'
        f'<td class="wide">{_drawn(name, line, scale)}</td><td>{text(interval)}</td><td>{"✓" if line.holds else "✗"} '
        f"{text(verdict)}</td><td>{text(line.detail)}</td></tr>"
    )


def _drawn(name: str, line: Evidence, scale: tuple[float, float]) -> str:
    """A dot with its interval, and the line that it has to be right of. Filled: it holds; hollow: it does not."""
    low, high = scale
    span = max(high - low, 1e-9)

    def x(value: float) -> float:
        return 6 + (value - low) / span * (WIDE - 12)

    left, right = (line.value if end is None else end for end in (line.low, line.high))
    zero, dot = x(_neutral(name)), x(line.value)
    fill = "var(--dv-spent)" if line.holds else "var(--dv-card)"
    return (
        f'<svg viewBox="0 0 {WIDE:.0f} {TALL:.0f}" width="{WIDE:.0f}" height="{TALL:.0f}" aria-hidden="true">'
        f'<path d="M{zero:.1f} 0V{TALL:.0f}" stroke="var(--dv-edge)" stroke-dasharray="2 2"/>'
        f'<path d="M{x(left):.1f} 7H{x(right):.1f}" stroke="var(--dv-spent)" stroke-width="2"/>'
        f'<circle cx="{dot:.1f}" cy="7" r="4" fill="{fill}" stroke="var(--dv-spent)" stroke-width="2"/></svg>'
    )


def _neutral(name: str) -> float:
    """The value at which a claim neither holds nor fails."""
    return 1.0 if name == "adaptiveness" else 0.0


def _words(name: str, value: float) -> str:
    if name == "efficiency":
        return percent(value) if value >= 0 else f"−{percent(-value)}"
    if name == "adaptiveness":
        return f"{value:.2f} ×"
    if name == "interpretability":
        return f"{value:+.2f}".replace("-", "−")
    return points_words(value)


def _timed(shown: Shown) -> Timing | None:
    """How long each budget takes on this machine; None until that is known."""
    timing = showing.timing_of(shown.found, shown.chosen)
    place = st.container()
    if not timing.done():
        st.caption(say("lessons.ms.measuring"))
        with place:
            showing.watch(timing)
        return None
    return None if timing.cancelled() or timing.exception() is not None else timing.result()


def _twin(shown: Shown) -> None:
    """The network of the lesson at its budget and with everything open, in milliseconds."""
    timing = _timed(shown)
    if timing is None:
        return
    told = {"ms": ms_words(timing.ms[shown.at]), "static": ms_words(timing.ms_static), "title": shown.card.title}
    st.markdown(say("lessons.ms.twin", budget=percent(shown.found.budgets[shown.at]), **told))


def _battery(shown: Shown) -> None:
    """A charge that somebody chooses, and how long it lasts."""
    share = st.select_slider(say("lessons.battery"), CHARGES, value=0.4, format_func=percent, key="lesson_charge")
    found = drains(shown.card, dynviz.models(), share)
    if found:
        sheet(battery_sheet(found), key="lesson_battery")


def battery_sheet(found: Sequence[Drain]) -> str:
    """HTML: of each network how the battery runs down over the stream, and what it got right until then."""
    rows = "".join(_meter(one) for one in found)
    title = f'<h3 class="dv-title">{text(say("lessons.battery.title"))}</h3>'
    note = f'<p class="dv-note">{text(say("lessons.battery.note"))}</p>'
    table = f'<div style="overflow-x:auto"><table>{rows}</table></div>'
    return f'<section class="dv-card dv-view">{title}{table}{note}</section>'


def _meter(one: Drain) -> str:
    wide, high, steps = 260.0, 34.0, len(one.left) - 1
    line = " ".join(
        f"{2 + i / steps * (wide - 4):.1f},{2 + (1 - left) * (high - 4):.1f}" for i, left in enumerate(one.left)
    )
    told = say("lessons.battery.right", right=f"{one.right:,}", count=f"{LONG:,}", left=percent(float(one.left[-1])))
    return (
        f'<tr><td>{text(one.title)}</td><td class="wide"><svg viewBox="0 0 {wide:.0f} {high:.0f}" width="{wide:.0f}" '
        f'height="{high:.0f}" role="img" aria-label="{text(told)}"><polygon points="2,{high - 2:.0f} {line} '
        f'{wide - 2:.0f},{high - 2:.0f}" fill="var(--dv-spent)"/><rect x="1" y="1" width="{wide - 2:.0f}" '
        f'height="{high - 2:.0f}" rx="4" fill="none" stroke="var(--dv-edge)" stroke-width="2"/></svg></td>'
        f"<td>{text(told)}</td></tr>"
    )


def _milliseconds(shown: Shown) -> None:
    """A budget in milliseconds of this machine: the dearest operating point that keeps to it."""
    timing = _timed(shown)
    if timing is None:
        return
    took = timing.ms
    steps = sorted({round(ms, 1) for ms in took})
    if len(steps) < 2:
        return
    start = steps[len(steps) // 2]
    limit = st.select_slider(say("lessons.ms"), steps, value=start, format_func=ms_words, key="lesson_ms")
    within = [i for i, ms in enumerate(took) if round(ms, 1) <= limit]
    at = max(within, key=lambda i: shown.found.budgets[i])
    trace = shown.found.budgeted[at]
    st.markdown(
        say(
            "lessons.ms.line",
            ms=ms_words(limit),
            title=shown.card.title,
            budget=percent(shown.found.budgets[at]),
            label=trace.prediction.label,
            share=percent(trace.macs / max(1, trace.macs_static)),
        )
    )
