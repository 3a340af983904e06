"""Compute against difficulty as HTML: what the curve says in a few sentences, and the curve."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from app.sheet.sheet import style
from app.strings import say
from dynviz import Trace
from dynviz.media.difficulty import Knob
from dynviz.views.comparing.difficulty import answering_exit, difficulty_chart, strength_words, usual_answer
from dynviz.views.decisions.panels import panels
from dynviz.views.style.svg import data_uri
from dynviz.views.style.words import macs_words, percent, text

STYLE = Path(__file__).parent / "harder.css"
CHEAP = 0.8  # share of the static path; who spends more has not been cheap
SURE = 0.6  # from here on a wrong answer at no more than the usual cost is pointed out

Runs = Sequence[tuple[float, Trace]]


def curve_sheet(knob: Knob, runs: Runs, at: float, *, static: bool, capped: bool) -> str:
    """The card. at: the strength that is marked. static, capped: why compute cannot change, where it cannot."""
    lead, *rest = summary(knob, runs, static=static, capped=capped)
    others = "".join(f"<p>{text(line)}</p>" for line in rest)
    legend = say("harder.legend")
    if any(answering_exit(trace) for _, trace in runs):
        legend = f"{say('harder.exits')} {legend}"
    chart = difficulty_chart(knob, runs, at, say(f"knob.{knob.name}.label"))
    return (
        f'{style(STYLE)}<section class="dv-card dv-view hd-card"><p class="hd-lead">{text(lead)}</p>{others}'
        f'{chart}<p class="dv-note">{text(legend)}</p></section>'
    )


def now_sheet(trace: Trace, name: str) -> str:
    """The picture that is looked at now and the answer to it, beside the knobs that change it."""
    drawn = {panel.name: panel.html for panel in panels(trace)}
    return (
        f'{style(STYLE)}<div class="hd-now"><img src="{data_uri(trace.media.preview)}" '
        f'alt="{text(say("picture.alt", name=name))}">{drawn["answer"]}</div>'
    )


def summary(knob: Knob, runs: Runs, *, static: bool, capped: bool) -> list[str]:
    """What the runs say: a sentence on compute, one on the answers, one on a wrong answer that came cheap."""
    usual = usual_answer(knob, runs)
    base = min(runs, key=lambda run: abs(run[0] - knob.neutral))[1]
    others = [run for run in runs if run[1].prediction.label != usual]
    lines = [_compute(knob, runs, base, static=static, capped=capped)]
    if not others:
        return [*lines, say("harder.same", label=usual)]
    places = {strength: i for i, (strength, _) in enumerate(runs)}
    first = min((strength for strength, _ in others), key=lambda s: abs(places[s] - places[knob.neutral]))
    words = {"count": len(others), "n": len(runs), "strength": strength_words(knob, first)}
    lines.append(say("harder.other", label=usual, **words))
    cheap = [run for run in others if run[1].macs <= base.macs and run[1].prediction.confidence >= SURE]
    cheap = [run for run in cheap if run[1].macs < CHEAP * run[1].macs_static]  # "only" has to be true
    if cheap and not (static or capped):
        strength, trace = max(cheap, key=lambda run: run[1].prediction.confidence)
        answer = {"label": trace.prediction.label, "sure": percent(trace.prediction.confidence)}
        lines.append(
            say("harder.cheap", strength=strength_words(knob, strength), macs=macs_words(trace.macs), **answer)
        )
    return lines


def _compute(knob: Knob, runs: Runs, base: Trace, *, static: bool, capped: bool) -> str:
    strength, dearest = max(runs, key=lambda run: run[1].macs)
    cheap, cheapest = min(runs, key=lambda run: run[1].macs)
    usual = macs_words(base.macs)
    if dearest.macs == cheapest.macs:
        return say("harder.static" if static else "harder.capped" if capped else "harder.flat", macs=usual)
    if dearest.macs > base.macs:
        times = f"{dearest.macs / base.macs:.1f}" if dearest.macs < 10 * base.macs else round(dearest.macs / base.macs)
        where = strength_words(knob, strength)
        return say("harder.more", macs=usual, strength=where, most=macs_words(dearest.macs), times=times)
    return say("harder.less", macs=usual, strength=strength_words(knob, cheap), least=macs_words(cheapest.macs))
