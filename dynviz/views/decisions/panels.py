"""Everything on a page that changes with the operating point, as self-contained HTML fragments."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from dynviz.trace import Trace
from dynviz.views.decisions.alike import guesses
from dynviz.views.decisions.drawer import Drawer
from dynviz.views.decisions.registry import drawer, groups
from dynviz.views.decisions.rows import meter, row, rows
from dynviz.views.style.words import LOW_CONFIDENCE, MULTIPLY_ADD, macs_words, ms_words, percent, term, text, width

log = logging.getLogger(__name__)
FULL = "What this network takes for this input when it leaves nothing out"
PLAIN_PASS = (
    "The same weights in one pass that decides nothing. Deciding step by step needs many small operations instead of a "
    "few large ones, and each has a cost of its own: so a network that leaves work out can still take longer than this"
)
WORTH_SAYING = 0.9
DOUBT = "probably none of the things it knows"
UNLIKE = "unlike anything it learned from"


@dataclass(frozen=True)
class Panel:
    """A fragment to place. html uses only classes of ``theme.css()``; alt says in words what it shows."""

    name: str
    title: str
    html: str
    alt: str


def panels(trace: Trace) -> list[Panel]:
    """The panels of a trace, in reading order: ``answer``, ``account``, ``decisions``, ``top5``.

    A panel whose drawer raises says so in one sentence, the others live.
    """
    return [_panel(trace, name, title, draw, alt) for name, (title, draw, alt) in PANELS.items()]


def card_html(panel: Panel) -> str:
    """The panel as a card with its title, ready for a page that has the stylesheet."""
    return (
        f'<section class="dv-card" aria-label="{text(panel.title)}"><h3 class="dv-title">{text(panel.title)}</h3>'
        f"{panel.html}</section>"
    )


def answer_line(trace: Trace) -> str:
    """One line on how the answer came about: 'answered at exit 3 of 7'. Plain text."""
    lines = [drawer(kind).summary(trace, decisions) for kind, decisions in groups(trace)]
    if trace.rule != "anytime" and (taken := sum(decision.forced for decision in trace.decisions)):
        lines.append(f"{taken} by hand")  # at a hard cap it is the cap that decides
    return " · ".join(lines) if lines else "every layer ran, as always"


def run_line(trace: Trace) -> str:
    """Which network this was, and with which budget: 'MSDNet · budget 40 %'. Plain text."""
    if trace.budget is None or trace.macs_static == 0:
        return trace.title
    kind = "hard cap" if trace.rule == "anytime" else "budget"
    return f"{trace.title} · {kind} {percent(trace.budget)}"


def share_spent(trace: Trace) -> float:
    """Executed MACs over those of the static path; 0 where nothing was accounted."""
    return trace.macs / trace.macs_static if trace.macs_static else 0.0


def _answer(trace: Trace) -> str:
    answer, kind, doubt = trace.prediction, text(_kind_words(trace)), text(doubt_words(trace))
    doubt = f'<span class="dv-doubt">{doubt}</span>' if doubt else ""
    return (
        f'<div class="dv-answer"><strong>{text(answer.label)} {text(percent(answer.confidence))}</strong>'
        f"<span>{kind}{' · ' * bool(kind)}{text(answer_line(trace))}</span>{doubt}</div>"
    )


def doubt_words(trace: Trace) -> str:
    """Why the answer is not to be trusted: the input is unlike all that the network learned, else it is unsure; ''
    where it is neither. Several guesses of a kind are sure of the kind. Plain text.
    """
    if trace.likeness is not None and trace.likeness.unlike:
        return UNLIKE
    return DOUBT if guesses(trace)[0].share < LOW_CONFIDENCE else ""


def _kind_words(trace: Trace) -> str:
    """'cat of any kind: 83 %' where the best guess has others of its kind beside it."""
    first = guesses(trace)[0]
    return f"{first.name} of any kind: {percent(first.share)}" if len(first.members) > 1 else ""


def _answer_words(trace: Trace) -> str:
    answer, kind, doubt = trace.prediction, _kind_words(trace), doubt_words(trace)
    doubt = f", {doubt}" if doubt else ""
    return (
        f"Answer: {answer.label}, {percent(answer.confidence)} sure{f' ({kind})' * bool(kind)}{doubt}; "
        f"{answer_line(trace)}."
    )


def _account(trace: Trace) -> str:
    """Executed against static MACs, as a bar whose outline is the static path; the ideal MACs where they differ."""
    whole = max(trace.macs, trace.macs_static, 1)
    static = trace.macs_static / whole
    limit = f'<i class="dv-limit" style="left:{width(static)}"></i>' if static < 1 else ""
    ms = ""
    if trace.ms is not None:
        rest = f" of {text(ms_words(trace.ms_static))} here" if trace.ms_static is not None else " here"
        ms = f"<span><b>{text(ms_words(trace.ms))}</b>{rest}{_plain_pass(trace)}</span>"
    ideal = ""
    if trace.macs and trace.macs_ideal < 0.995 * trace.macs:
        ideal = (
            f'<p class="dv-note">The decisions alone would allow {text(macs_words(trace.macs_ideal))}; the rest is '
            "what deciding and the edges of regions cost.</p>"
        )
    return (
        f'<div class="dv-view dv-account"><p class="dv-figures"><span><b>{text(macs_words(trace.macs))}</b> of '
        f'<span class="dv-num">{text(macs_words(trace.macs_static))}</span> {term("multiply-adds", MULTIPLY_ADD)} · '
        f'<span class="dv-num">{text(percent(share_spent(trace)))}</span> of its {term("full compute", FULL)}</span>'
        f"{ms}</p>"
        f'<div class="dv-bar" role="img" aria-label="{text(_account_words(trace))}">'
        f'<i style="width:{width(trace.macs / whole)}"></i>{limit}</div>'
        f'<div class="dv-scale" aria-hidden="true">{_scale(static)}</div>{ideal}</div>'
    )


def _plain_pass(trace: Trace) -> str:
    """The milliseconds of a pass that decides nothing, where it is clearly faster than every decision left open."""
    if trace.ms_plain is None or trace.ms_static is None or trace.ms_plain > WORTH_SAYING * trace.ms_static:
        return ""
    return f" · {term(f'{ms_words(trace.ms_plain)} without deciding', PLAIN_PASS)}"


def _scale(static: float) -> str:
    marks = "".join(f'<i style="left:{width(share * static)}">{share:.0%}</i>' for share in (0.25, 0.5, 0.75))
    ends = ('<i style="left:0%">0</i>', f'<i style="left:{width(static)}">full compute</i>')
    return (ends[0] + marks + ends[1]).replace("%</i>", " %</i>")


def _account_words(trace: Trace) -> str:
    spent = f"{macs_words(trace.macs)} of {macs_words(trace.macs_static)} multiply-adds ran"
    timed = f", {ms_words(trace.ms)} here" if trace.ms is not None else ""
    return f"{spent}, {percent(share_spent(trace))} of its full compute{timed}."


def _decisions(trace: Trace) -> str:
    found = groups(trace)
    if not found:
        return (
            '<div class="dv-view"><p class="dv-sum">This network decides nothing: '
            "it spends the same on every input.</p></div>"
        )
    parts = []
    for kind, decisions in found:
        own = drawer(kind)
        heading = f'<h4 class="dv-heading">{text(own.heading)}</h4>' if len(found) > 1 else ""
        parts.append(f'<div class="dv-group">{heading}{_drawn(own, trace, decisions)}</div>')
    return f'<div class="dv-view">{"".join(parts)}</div>'


def _drawn(own: Drawer, trace: Trace, decisions: list) -> str:
    """One decision type; if it cannot be drawn the other types still are."""
    try:
        return own.draw(trace, decisions)
    except Exception:
        log.exception("the drawer of %s failed", own.heading)
        return _broken(own.heading)


def _decisions_words(trace: Trace) -> str:
    line = answer_line(trace)
    return f"{line[:1].upper()}{line[1:]}."


def _top5(trace: Trace) -> str:
    """Always five rows; those of a kind stand together, those of the best guess's kind are as strong as it."""
    items = [
        row(
            meter(share, quiet=place > 0),
            f"<b>{text(percent(share))}</b>" if not place + i else text(percent(share)),
            label,
        )
        for place, guess in enumerate(guesses(trace))
        for i, (label, share) in enumerate(guess.members)
    ]
    return f'<div class="dv-view dv-top">{rows(items)}</div>'


def top_title(trace: Trace) -> str:
    """The heading of what it would have answered: of few answers all are there, and none is a guess beside others."""
    shown = len(trace.prediction.top)
    words = {3: "three", 4: "four", 5: "five"}.get(shown, str(shown))
    return "How sure it was of each answer" if len(trace.labels) <= shown else f"Its {words} best guesses"


def _top5_words(trace: Trace) -> str:
    return (
        f"{top_title(trace)}: " + ", ".join(f"{label} {percent(share)}" for label, share in trace.prediction.top) + "."
    )


def _broken(title: str) -> str:
    return f'<p class="dv-broken">“{text(title)}” could not be drawn; everything else is unaffected.</p>'


Draw = Callable[[Trace], str]
PANELS: dict[str, tuple[str, Draw, Draw]] = {
    "answer": ("Answer", _answer, _answer_words),
    "account": ("What it spent", _account, _account_words),
    "decisions": ("What it decided, in order", _decisions, _decisions_words),
    "top5": ("Its best guesses", _top5, _top5_words),
}


def _panel(trace: Trace, name: str, title: str, draw: Draw, alt: Draw) -> Panel:
    title = top_title(trace) if name == "top5" else title
    try:
        return Panel(name, title, draw(trace), alt(trace))
    except Exception:  # a view's fault must never take the page with it
        log.exception("panel %s failed", name)
        return Panel(name, title, _broken(title), f"{title}: could not be drawn.")
