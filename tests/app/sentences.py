"""Every sentence that the app can say, made for extreme inputs: run ``python -m tests.app.sentences`` to read them.

What the table of sentences says is filled with the least, the ordinary and the most that its gaps can hold; what the
views say is made of hand-made runs with nothing, one or everything executed, with two answers or a tie, and so on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from string import Formatter

import numpy as np

from app.accuracy.sheets import point_card, verdict_card
from app.live.view.fragments import Fragments
from app.live.view.frames import frames
from app.live.view.usage import by_hand
from app.models.cards import card_sheet
from app.strings import TEXT, say
from dynviz.decisions import Exit, StepUpdate
from dynviz.recorder import Stage
from dynviz.results.advantage import SIBLINGS, Gain, Verdict
from dynviz.trace import Prediction, Trace
from dynviz.views.decisions.panels import answer_line, panels, run_line
from dynviz.views.decisions.step_states import word_states
from dynviz.views.examples.made_up import example_cards
from dynviz.views.examples.mechanisms import mechanisms
from dynviz.views.examples.traces import examples, series_example
from dynviz.views.export.report import report
from dynviz.views.media.texts import legend

# what gaps may hold, from least to most; a gap that is not named here holds words
NUMBERS = {
    "count": (0, 1, 2, "1,204"), "n": (1, 2, "4,871"), "done": (0, 1, 8), "total": (1, 2, 500), "failed": (0, 1, 3),
    "left": ("1 s", "3 min"), "ran": (0, 1, 5), "all": (1, 2, 7), "of": (1, 2, 21), "steps": (1, 2, "1,250"),
    "gained": (0, 1, 12), "lost": (0, 1, 12), "other": (0, 1, 12), "most": (2, 4), "least": (30,), "place": (1, 2),
    "beats": (1, 9), "strips": (1, 9), "people": (1, 9), "fruits": (1, 9), "photos": (1, 9), "row": (1, 2),
    "frames": (1, 64), "turn": (1, 5), "different": (2, 9), "db": (0, 20), "k": (1, 7), "epochs": (1, 30),
    "layers": (1, 9), "found": (0, 1, 9),
}  # fmt: skip
SHARES = ("share", "sure", "score", "limit", "object", "executed", "theirs", "low", "high", "budget", "cap", "rest")
AMOUNTS = ("macs", "saved", "full", "own_macs", "test_macs", "size", "spent")
GIVEN = {"gain": "−0.2", "last": "+0.4", "interval": "", "last_interval": "", "net": "0.0", "step": "40", "side": "128"}
# gaps that no ordinary value fits: an answer of the code that fills them
ONLY = {
    "accuracy.changes.line": {"net": ("−0.1", "0.0", "+1.2")},
    "harder.more": {"times": ("1.1", "12")},
    "lessons.measure.exits": {"ran": (0, 1, 5), "all": (6, 6, 6)},
    "lessons.measure.units": {"ran": (0, 1, 5), "all": (6, 6, 6)},
    "lessons.measure.exits.all": {"ran": (1, 7), "all": (1, 7)},
    "lessons.measure.units.all": {"ran": (1, 7), "all": (1, 7)},
    "lessons.measure.holds": {"ran": (0, 1, 7), "all": (1, 1, 7)},
    "accuracy.ms.running": {"done": (0, 1, 200), "total": (1, 1, 200)},
    "batch.finished": {"done": (1, 500), "total": (1, 500), "failed": (0, 1)},
    "batch.cancelled": {"done": (0, 1, 8), "total": (2, 2, 500)},
    "accuracy.shown.button": {"count": (0, 1, 6), "of": (2, 2, 25)},
    "place.layers": {"ran": (0, 1, 1, 9), "of": (1, 1, 2, 9)},
    "place.regions": {"ran": (0, 1, 1, 3), "of": (1, 1, 2, 3)},
    "place.merged": {"ran": (1, 1, 3), "of": (196, 196, 196)},
    "decided.mixtures.few": {"ran": (1, 2), "all": (2, 7)},
    "decided.policies.line": {"count": (2, "1,204"), "n": (2, "4,871")},
    "harder.other": {"count": (1, 2, 7), "n": (7, 7, 7)},
    "video.film.looked": {"turn": (1, 5), "all": (1, 5)},
    "video.decoding": {"done": (0, 64), "whole": (1, 64)},
    "attribution.running": {"done": (0, 1, 50), "total": (1, 1, 50)},
    "knows": {"count": (2, "1,000")}, "knows.search.hint": {"count": ("1,000",)},
    "picker.things": {"count": (2, "1,000")}, "family": {"count": (2, 12)},
    "text.knows.line": {"count": (2, 77)}, "image.knows.line": {"count": (2, "1,000")},
    "video.knows.line": {"count": (2, 30)}, "signals.knows.line": {"count": (2, 10)},
    "image.thousand": {"count": ("1,000",)}, "decided.load.more": {"count": (1, 20)},
    "text.row": {"count": (1, 9)}, "hand.same": {"count": (1, 2)}, "hand.other": {"count": (1, 2)},
    "text.tip.score": {"score": (0, 1, 100)}, "text.tip.limit": {"limit": (0, 100)},
    "text.tip.sofar": {"sure": (0, 1, 100)}, "signals.tip.score": {"score": (0, 1, 100)},
    "signals.tip.limit": {"limit": (0, 100)}, "signals.tip.sofar": {"sure": (0, 1, 100)},
    "video.film.then": {"sure": (0, 1, 100)}, "hand.same.cost": {"count": (1, 2)}, "text.strange": {"count": (1, 2)},
}  # fmt: skip


def table() -> Iterator[tuple[str, str]]:
    """(key, sentence) for all of the table, each with the least, with one, and with the most in its gaps."""
    for key, sentence in TEXT.items():
        gaps = [name for _, name, _, _ in Formatter().parse(sentence) if name]
        columns = {name: ONLY.get(key, {}).get(name) or _values(name) for name in gaps}
        for turn in range(max((len(column) for column in columns.values()), default=1)):
            values = {name: column[min(turn, len(column) - 1)] for name, column in columns.items()}
            yield key, say(key, **values)


def _values(name: str) -> tuple[object, ...]:
    if name in NUMBERS:
        return NUMBERS[name]
    if name in SHARES:
        return ("< 1 %", "50 %", "100 %")
    if name in AMOUNTS:
        return ("0", "950", "31 M")
    return (GIVEN.get(name, "Something"),)


def runs() -> Iterator[tuple[str, Trace]]:
    """(what is extreme about it, run) for runs of every kind of decision."""
    for trace in (*examples(), *mechanisms(), series_example()):
        name = trace.title.removesuffix(" (hand-made example)")
        yield name, trace
        yield f"{name}, nothing ran", _executed(trace, False)
        yield f"{name}, all ran", _executed(trace, True)
        yield f"{name}, budget 0", replace(trace, budget=0.0)
        yield f"{name}, budget 1", replace(trace, budget=1.0)
        yield f"{name}, capped", replace(trace, rule="anytime", budget=0.004)
        yield f"{name}, one decision", replace(trace, decisions=trace.decisions[:1])
        yield f"{name}, two answers, a tie", _answers(trace, ("bad", "good"), (0.5, 0.5))
        yield f"{name}, in doubt", _answers(trace, tuple("abcdefghijkl"), (0.2, *[0.8 / 11] * 11))
        yield f"{name}, timed", replace(trace, ms=2.8, ms_static=3.0, ms_plain=1.4)
        dearer = Stage("halo", 10 * trace.macs_static + 10, 0)
        yield f"{name}, dearer than all of it", replace(trace, stages=(*trace.stages, dearer))
        yield f"{name}, by hand", replace(trace, decisions=tuple(replace(d, forced=True) for d in trace.decisions))
    yield "static", replace(examples()[0], decisions=())
    words = next(t for t in examples() if isinstance(t.decisions[0], StepUpdate))
    one = {"actions": words.decisions[0].actions[:1], "scores": None, "running": None, "targets": None}
    short = replace(words.decisions[0], **one)
    media = replace(words.media, text="yes", spans=np.array([[0, 3]]), unknown=None)
    yield "one word", replace(words, media=media, decisions=(short,))


def _executed(trace: Trace, ran: bool) -> Trace:
    """All of it ran, or nothing; what a decision chose is left as it is where that is more than yes or no."""
    decisions = []
    for d in trace.decisions:
        changed = {"executed": ran, "macs": d.macs_static if ran else 0}
        if isinstance(d, Exit):
            last = d is trace.decisions[-1]
            said = np.eye(len(trace.labels))[0] if ran else None
            changed |= {"choice": ("exit" if last else "continue") if ran else "not reached", "probabilities": said}
            changed |= {"score": 0.28 if ran else None, "threshold": 0.9999 if ran and not last else None}
        decisions.append(replace(d, **changed))
    stages = tuple(replace(s, macs=s.macs_static if ran else 0) for s in trace.stages)
    return replace(trace, decisions=tuple(decisions), stages=stages)


def _answers(trace: Trace, labels: tuple[str, ...], shares: tuple[float, ...]) -> Trace:
    """The same run of a network that knows other things."""
    given = np.array(shares)
    decisions = tuple(
        replace(d, **{name: None for name in ("running",) if hasattr(d, name)}, probabilities=given)
        if d.probabilities is not None or hasattr(d, "running")
        else d
        for d in trace.decisions
    )
    return replace(trace, labels=labels, decisions=decisions, prediction=Prediction.from_probabilities(given, labels))


def views() -> Iterator[tuple[str, str]]:
    """(what was drawn, a sentence of it)."""
    every = list(runs())
    for name, trace in every:
        yield name, answer_line(trace)
        yield name, run_line(trace)
        for panel in panels(trace):
            yield f"{name}: {panel.name}", panel.alt
            yield from ((f"{name}: {panel.name}", line) for line in lines(panel.html))
        yield from ((f"{name}: report", line) for line in lines(report(trace)))
        if (states := word_states(trace)) is not None:
            yield from ((f"{name}: legend", line) for line in lines(legend(trace, states)))
    exits = next(trace for name, trace in every if name.endswith("all ran"))
    for name, other in every[:12]:
        yield f"{name}: by hand", by_hand(other, exits)
        for mode in ("budgeted", "anytime"):
            fragments = Fragments()
            sent = frames(fragments, (other, exits), (0.0, 1.0), mode=mode, full=exits)
            yield from ((f"{name}: {mode}", line) for line in (*sent["says"], *sent["words"]))
            for slot in ("twin", "line"):
                yield from ((f"{name}: {mode} {slot}", fragments.pieces[at]) for at in sent["slots"][slot])


def cards() -> Iterator[tuple[str, str]]:
    """Sentences about networks: cards, points, verdicts."""
    known = example_cards()
    own = known[-1]
    single = replace(own, operating_points=own.operating_points[:1], curves={})
    for card in (own, single, known[0], replace(own, anytime=False, parent="static 116 M")):
        yield from ((f"card of {card.title}", line) for line in lines(card_sheet(card, known)))
        for at in (0, len(card.operating_points) - 1):
            for gain in (None, Gain(1e6, 0.0, None), Gain(1e6, -0.002, (-0.01, 0.004))):
                yield from (("point", line) for line in lines(point_card(card, at, gain, None)))
    for share, gain in ((0.0, -0.01), (0.0, 0.0), (0.004, 0.0004), (0.5, 0.02), (1.0, 0.03)):
        found = Gain(20e6, gain, (gain - 0.01, gain + 0.01))
        verdicts = [Verdict(name, share, found, found) for name in (SIBLINGS, "random exits", "Another network")]
        yield from ((f"verdict {share} {gain}", line) for line in lines(verdict_card(own, verdicts)))
    yield from (("verdict on nothing", line) for line in lines(verdict_card(own, [])))


BLOCKS = re.compile(
    r"</?(?:p|li|ol|ul|div|section|h\d|dd|dt|dl|td|th|tr|figure|figcaption|table|title|summary)\b[^>]*>"
)


def lines(html: str) -> list[str]:
    """What a person reads of HTML, block by block, the hints included."""
    html = re.sub(r"<(style|script|head)\b.*?</\1>", "", html, flags=re.S)
    html = re.sub(r"(?<=[\w%…])((?:<(?!/?(?:b|i|small)>)[^>]+>)+)(?=[\w&≥])", r"\1 ", html)
    html = re.sub(r'(<span class="dv-(?:name|body|value))', r" | \1", html)  # columns of a row
    hints = re.findall(r'(?:data-hint|data-says|title|alt|aria-label)="([^"]*)"', html)
    parts = [re.sub(r"<[^>]+>", "", part) for part in BLOCKS.split(html)]
    told = [" ".join(unescape(part).split()) for part in (*parts, *hints)]
    return [line for line in told if line]


def every() -> Iterator[tuple[str, str]]:
    """All of them."""
    yield from table()
    yield from views()
    yield from cards()


if __name__ == "__main__":
    seen: set[str] = set()
    for place, sentence in every():
        if sentence not in seen:
            seen.add(sentence)
            print(f"{place:44.44} | {sentence}")
