"""What was measured of a reader of recordings beside its curve: where it looks, how it does on unheard voices."""

from __future__ import annotations

from app.attribution.section import attribution_card
from app.sheet.finding import finding, known_findings, shares_table
from app.sheet.sheet import sheet
from app.strings import say
from dynviz import ModelCard
from dynviz.evaluation.operating import best_point
from dynviz.results.findings import BeatUse, RoomNoise, Strangers
from dynviz.views.style.words import percent, text

WHERE = ("ventricular", "normal", "rest", "uniform")
CLOSER = 0.02  # share of steps; a smaller difference is none


def section(card: ModelCard, budget: float) -> None:
    """The findings of ``card`` at the operating point of ``budget``; nothing where there are none."""
    found = known_findings(card)
    parts = []
    if found is not None and found.beats is not None:
        parts.append(beats_card(found.beats, best_point(card, budget)))
    if found is not None and found.strangers is not None:
        parts.append(strangers_card(found.strangers))
    if found is not None and found.noise is not None:
        parts.append(noise_card(found.noise))
    if found is not None and found.attribution is not None:
        parts.append(attribution_card(card, found.attribution, best_point(card, budget)))
    if parts:
        sheet("".join(parts), key="signals_findings")


def beats_card(use: BeatUse, at: int) -> str:
    """Where the steps were spent at operating point ``at``."""
    shares = {name: getattr(use, name)[at] for name in WHERE}
    told = {name: percent(share) for name, share in shares.items()}
    closer = shares["ventricular"] - max(shares["uniform"], shares["normal"]) >= CLOSER
    lead = say(f"signals.beats.{'more' if closer else 'same'}", budget=percent(use.budgets[at]), **told)
    before, after = (f"{abs(edge):.1f}" for edge in use.window_s)
    note = say(
        "signals.beats.note",
        strips=f"{use.strips:,}",
        beats=f"{use.beats:,}",
        before=before,
        after=after,
        found=percent(use.found[at]),
    )
    lines = [(say(f"signals.beats.{name}"), share) for name, share in shares.items()]
    return finding(
        "signals.beats", lead, shares_table(lines, say("signals.beats.where"), say("signals.beats.share")), note
    )


def strangers_card(found: Strangers) -> str:
    """How it does on speakers that it never heard."""
    low, high = (percent(bound, 1) for bound in found.interval)
    lead = say(
        "signals.strangers.line",
        share=percent(found.accuracy, 1),
        n=f"{found.n:,}",
        low=low,
        high=high,
        heard=percent(found.heard, 1),
    )
    each = ", ".join(percent(share) for share in sorted(found.by_speaker))
    return finding("signals.strangers", lead, "", say("signals.strangers.each", shares=each))


def noise_card(found: RoomNoise) -> str:
    """How it hears in a noisy room."""
    least = min(min(row) for row in found.found)
    uncut = [row[found.db.index(max(found.db))] for row in found.whole]
    lead = say(
        "signals.noise.line",
        least=percent(least),
        db=min(found.db),
        quiet=percent(found.quiet),
        n=f"{found.n:,}",
        uncut=percent(min(uncut)),
    )
    heads = "".join(f'<th scope="col" class="num">{db} dB</th>' for db in found.db)
    rows = ""
    for kind, row in zip(found.kinds, found.found, strict=True):
        cells = "".join(f'<td class="num">{text(percent(share))}</td>' for share in row)
        rows += f"<tr><td>{text(say(f'signals.noise.{kind}'))}</td>{cells}</tr>"
    table = (
        f'<table><thead><tr><th scope="col">{text(say("signals.noise.kind"))}</th>{heads}</tr></thead>'
        f"<tbody>{rows}</tbody></table>"
    )
    return finding("signals.noise", lead, table, say("signals.noise.note"))
