"""What the scrubber is sent: every different fragment once, and for each operating point which to show.

A frame is a handful of numbers into the list of fragments, so that twenty operating points cost little more than the
two or three that look different.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from app.budgets import ANYTIME, BUDGETED
from app.kinds import KINDS
from app.live.view.fragments import Fragments
from app.live.view.places import places_json
from app.live.view.usage import by_hand, usage, usage_table
from app.strings import say, say_of
from dynviz import ModelCard, Trace, models
from dynviz.decisions import Exit, Region
from dynviz.views.charts.budget_curve import CurveChart
from dynviz.views.decisions.panels import panels
from dynviz.views.decisions.registry import groups
from dynviz.views.decisions.rows import meter, row
from dynviz.views.decisions.step_states import STATES, step_states, word_states
from dynviz.views.media.overlay import SUM, layers_of, overlay
from dynviz.views.style.words import macs_words, percent, text, unit_words

LAYER_WORDS = {"": say("layers.mean"), SUM: say("layers.sum")}  # the others go by their names
_IMAGE, _NAME = re.compile(r'href="(data:[^"]*)"'), re.compile(r"dv-[0-9a-f]{12}")  # of a mask: it says which it is
SAME = 0.03  # two static paths whose cost differs by less are as good as one


def frames(
    fragments: Fragments,
    traces: tuple[Trace, ...],
    budgets: tuple[float, ...],
    *,
    mode: str,
    card: ModelCard | None = None,
    full: Trace | None = None,
    chart: CurveChart | None = None,
    places: tuple[int, ...] | None = None,
    own: tuple[Trace, ...] | None = None,
) -> dict[str, Any]:
    """One mode's frames as columns: budgets, where they stand on the bar (0..1), words, fragment places by slot, chart
    marks, play steps and what appears at each; and which layers can be laid over the picture, by their slots' endings
    and words.

    full: the pass with everything open, for what the network would have said. chart: of ``card``, to move its marker.
    places: which of the card's operating points the traces are (default: all, in order). own: what the network decided
    by itself, where something in ``traces`` was decided by hand.
    """
    slots: dict[str, list[int]] = {}
    says, words, steps, acts = [], [], [], []
    modality = traces[0].media.modality
    places = places or tuple(range(len(traces)))
    states = [word_states(trace) or step_states(trace) for trace in traces]
    layers = layers_of(traces)
    choices = ("", SUM, *layers) if layers else ()
    named = {state for found in states if found is not None for state in found.present()}
    parent = _other_parent(card) if mode == BUDGETED else None
    # the bar is the network's own static path
    scale = parent.static_macs / card.static_macs if card and parent else 1.0
    for place, trace, budget, read in zip(places, traces, budgets, states, strict=True):
        drawn = {panel.name: panel for panel in panels(trace)}
        pieces = {name: panel.html for name, panel in drawn.items()}
        kind = KINDS[modality]
        if read is None and kind.laid_over:
            pieces["overlay"], pieces["places"] = overlay(trace), places_json(trace)
            for layer in choices[1:]:
                pieces[f"overlay {layer}"] = _only_image(overlay(trace, layers=layer), pieces["overlay"])
        elif read is not None:
            if kind.legend is not None:
                pieces["legend"] = kind.legend(trace, read, [state for state in STATES if state in named])
            if kind.running is not None:
                pieces["running"] = kind.running(trace, read)
        if full is not None and any(isinstance(decision, Exit) for decision in trace.decisions):
            pieces["whatif"] = _late(trace, full)
        pieces["twin"] = "" if full is None or len(traces) < 2 else _twin(trace, full)
        pieces["accuracy"] = "" if card is None else _accuracy(card, mode, place, trace)
        single = say_of(modality, "scrubber.single.line")
        pieces["line"] = text(_line(card, parent, mode, place, trace) if len(traces) > 1 else single)
        if own is not None:
            pieces["hand"] = text(by_hand(trace, own[len(says)]))
        for name, html in pieces.items():
            slots.setdefault(name, []).append(fragments.add(html))
        says.append(say(f"scrubber.{mode}.value", budget=percent(budget), answer=drawn["answer"].alt))
        words.append(say(f"scrubber.{mode}.mark", budget=percent(budget)))
        steps.append(_steps(trace))
        acts.append(_acts(trace, layers))
    table = usage_table(card) if card is not None and mode == BUDGETED else None
    marks = None
    if chart is not None and mode == BUDGETED:
        marks = [chart.points[place] for place in places]
    elif chart is not None and card is not None:
        marks = [_capped_mark(chart, card, trace, word) for trace, word in zip(traces, words, strict=True)]
    return {
        "title": say(f"scrubber.{mode}"),
        "budgets": [round(budget, 4) for budget in budgets],
        "stands": [round(min(budget * scale, 1.0), 4) for budget in budgets],
        "says": says,
        "words": words,
        "layers": [[layer, LAYER_WORDS.get(layer) or unit_words(layer)] for layer in choices],
        "slots": slots,
        "steps": steps,
        "acts": acts,
        "marks": marks,
        "use": usage(table, places, traces) if table else None,
    }


def _only_image(laid: str, usual: str) -> str:
    """An overlay that is the usual one but for its one image is that image: the rest is many times as long."""
    images = _IMAGE.findall(laid)
    alike = len(images) == 1 and _bare(laid) == _bare(usual)
    return images[0] if alike else laid


def _bare(laid: str) -> str:
    return _NAME.sub("", _IMAGE.sub("", laid))


def _late(trace: Trace, full: Trace) -> str:
    """Rows for the exits that were not reached: what each would have said."""
    said = {decision.unit: decision for decision in full.decisions}
    rows = []
    for place, decision in enumerate(trace.decisions, 1):
        if not isinstance(decision, Exit) or decision.executed:
            continue
        other = said[decision.unit]
        label = full.labels[int(np.argmax(other.probabilities))]
        verdict = text(say("whatif.row", sure=percent(other.score)))
        rows.append(row(meter(other.score, quiet=True), verdict, label, disc=place, off=True))
    return "".join(rows)


def _twin(trace: Trace, full: Trace) -> str:
    """What the static path says and costs, beside what was answered."""
    same = trace.prediction.label == full.prediction.label
    key = "twin.ran" if trace.macs == full.macs else "twin.same" if same else "twin.other"
    return text(
        say_of(
            trace.media.modality,
            key,
            label=full.prediction.label,
            sure=percent(full.prediction.confidence),
            saved=_difference(full.macs - trace.macs),
        )
    )


def _difference(macs: int) -> str:
    words = macs_words(abs(macs))
    return say("twin.equal" if macs == 0 else "twin.more" if macs > 0 else "twin.less", macs=words)


def _capped(card: ModelCard, trace: Trace) -> tuple[float, float] | None:
    """(MACs, accuracy) on the test split where every input answers at the exit at which this one did, if known."""
    fixed = dict(card.curves.get("same exit for all", ()))
    nearest = min(fixed, key=lambda macs: abs(macs - trace.macs), default=None)
    return None if nearest is None or abs(nearest - trace.macs) > 0.02 * trace.macs else (nearest, fixed[nearest])


def _capped_mark(chart: CurveChart, card: ModelCard, trace: Trace, word: str) -> tuple[float, float, str] | None:
    found = _capped(card, trace)
    return chart.place(*found, f"{word}: {percent(found[1], 1)}") if found else None


def _accuracy(card: ModelCard, mode: str, place: int, trace: Trace) -> str:
    if mode == ANYTIME:
        found = _capped(card, trace)
        if found is None:
            return ""
        count = card.operating_points[0].n if card.operating_points else 0
        return text(say_of(trace.media.modality, "accuracy.anytime", share=percent(found[1], 1), n=f"{count:,}"))
    point = card.operating_points[place]
    low, high = (percent(bound, 1) for bound in point.interval)
    words = {"share": percent(point.accuracy, 1), "n": f"{point.n:,}", "low": low, "high": high}
    return text(say_of(trace.media.modality, "accuracy.budgeted", macs=macs_words(point.macs), **words))


def _other_parent(card: ModelCard | None) -> ModelCard | None:
    """The static network in whose shares the budgets of ``card`` are, where it costs something else than its own path.

    None as well where it is not installed, as can be with a network of one's own.
    """
    if card is None or card.parent is None:
        return None
    parent = next((other for other in models() if other.name == card.parent), None)
    return parent if parent and abs(parent.static_macs / card.static_macs - 1) > SAME else None


def _line(card: ModelCard | None, parent: ModelCard | None, mode: str, place: int, trace: Trace) -> str:
    """What kind of budget this is, and how the share that this input took compares with the average one."""
    keys = say("scrubber.keys")
    if mode == ANYTIME or card is None:
        return f"{say(f'scrubber.{mode}.line')} {keys}"
    # shares, since a short text costs little however much of it is read
    share = trace.macs / max(trace.macs_static, 1)
    usual = card.operating_points[place].macs / card.static_macs
    near = "usual" if 0.95 * usual <= share <= 1.05 * usual else "less" if share < usual else "more"
    line, found = (say_of(trace.media.modality, f"scrubber.budgeted.{key}") for key in ("line", near))
    if parent:
        line = say("scrubber.budgeted.parent", parent=parent.title)
    return f"{line} {found} {keys}"


def _steps(trace: Trace) -> list[float]:
    """Share of the static path spent after each executed decision, for playing them one after another."""
    units = {decision.unit for decision in trace.decisions if decision.executed}
    spent, steps = 0, []
    for stage in trace.stages:
        spent += stage.macs
        if stage.unit in units:
            steps.append(round(spent / max(1, trace.macs_static), 4))
    return steps


def _acts(trace: Trace, layers: Sequence[str]) -> dict[str, Any]:
    """What appears at which step of playing, steps counted from 1; what did not run appears after the last.

    groups: of each type of decisions, in the panel's order, the step of each. layers: of each step, the place in
    ``layers`` of what is laid over the picture then, -1 where that does not change. regions: which of the groups is
    that of the numbered regions, -1 where there are none.
    """
    units = {decision.unit for decision in trace.decisions if decision.executed}
    played = [stage.unit for stage in trace.stages if stage.unit in units]
    turns: dict[str, list[int]] = {}
    for at, unit in enumerate(played, 1):
        turns.setdefault(unit, []).append(at)
    step = {}  # by order: a unit may decide more than once, as a policy does for each region
    for decision in sorted(trace.decisions, key=lambda d: d.order):
        left = turns.get(decision.unit) if decision.executed else None
        step[decision.order] = (left.pop(0) if len(left) > 1 else left[0]) if left else len(played) + 1
    found = groups(trace)
    return {
        "groups": [[step[d.order] for d in own] for _, own in found],
        "layers": [layers.index(unit) if unit in layers else -1 for unit in played],
        "regions": next((place for place, (kind, _) in enumerate(found) if issubclass(kind, Region)), -1),
    }
