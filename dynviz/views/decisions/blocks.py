"""Blocks that may be skipped: a strip of wells, by gates, by a policy settled beforehand, or by halting scores.

All blocks of the network stand in it, those that always run too, where the account of the trace tells of them.
"""

from __future__ import annotations

from dataclasses import dataclass

from dynviz.decisions import LayerSkip
from dynviz.trace import Trace
from dynviz.views.decisions.drawer import Drawer, Group
from dynviz.views.decisions.picks import classes, cost, hand_note, note, pick, saving_line, scored
from dynviz.views.style.words import counted, known, macs_words, percent, text, width


@dataclass(frozen=True)
class Block:
    """place: counted from 1. decision: None for one that always runs, at the unit ``unit``."""

    place: int
    unit: str
    decision: LayerSkip | None
    macs: int

    @property
    def ran(self) -> bool:
        return self.decision is None or self.decision.executed


def blocks_of(trace: Trace, decisions: Group) -> list[Block]:
    """The decisions' blocks and, between them, what else ran under the same name (``blocks.3`` beside ``blocks.4``)."""
    decided = {d.unit: d for d in decisions}
    if len(decided) < len(decisions):  # a block that is met twice
        return [Block(i + 1, d.unit, d, d.macs) for i, d in enumerate(decisions)]
    families = {unit.rpartition(".")[0] for unit in decided}
    found: list[tuple[str, LayerSkip | None, int]] = []
    for stage in trace.stages:
        family, _, number = stage.unit.rpartition(".")
        if stage.unit in decided or (family and family in families and number.isdigit()):
            found.append((stage.unit, decided.pop(stage.unit, None), stage.macs))
    found += [(unit, decision, decision.macs) for unit, decision in decided.items()]  # a trace without an account
    return [Block(i + 1, *one) for i, one in enumerate(found)]


def draw(trace: Trace, decisions: Group) -> str:
    """One well per block: filled to the score, a tick at the threshold, hatched if the block was skipped."""
    mechanisms = list(dict.fromkeys(d.mechanism for d in decisions))
    blocks, lead = blocks_of(trace, decisions), saving_line(summary(trace, decisions), decisions)
    if mechanisms == ["halting score"]:
        return lead + _halting(blocks) + note(*_halting_notes(decisions), hand_note(decisions))
    key = '<i class="dv-key"></i>needed to run' if any(known(d.threshold) for d in decisions) else ""
    height = f"height: {text(' and '.join(mechanisms))} of each block" if any(known(d.score) for d in decisions) else ""
    drawn = "".join(_well(block, *_filled(block)) for block in blocks)
    before = _policy(trace, decisions) if mechanisms == ["policy"] else ""
    return f'{lead}{before}<ol class="dv-blocks">{drawn}</ol>{note(key, height, hand_note(decisions))}'


def summary(trace: Trace, decisions: Group) -> str:
    return f"{sum(d.executed for d in decisions)} of {counted(len(decisions), 'block')} ran"


def _policy(trace: Trace, decisions: Group) -> str:
    """The whole policy as one string of bits, and what it cost before anything else ran."""
    bits = "".join("<b>1</b>" if d.executed else "<i>0</i>" for d in decisions)
    spent = next((stage.macs for stage in trace.stages if stage.unit == "policy"), 0)
    cost_words = f", for {macs_words(spent)} multiply-adds" if spent else ""
    words = f"The policy network chose all of them at once, before the first block ran{cost_words}:"
    said = "".join("1" if d.executed else "0" for d in decisions)
    return f'<p class="dv-policy">{text(words)} <span class="dv-bits" role="img" aria-label="{said}">{bits}</span></p>'


def _filled(block: Block) -> tuple[str, str]:
    """What is in the well and what is said of it."""
    decision = block.decision
    if decision is None:
        return '<i style="height:100%"></i>', ""
    score = decision.score if known(decision.score) else (1.0 if decision.executed else 0.0)
    limit = decision.threshold
    tick = f'<i class="dv-tick" style="bottom:{width(limit)}"></i>' if known(limit) else ""
    return f'<i style="height:{width(score)}"></i>{tick}', scored(decision.score, limit)


def _well(block: Block, filled: str, said: str) -> str:
    decision = block.decision
    inner = f'<span class="dv-well" aria-hidden="true">{filled}</span><span class="dv-foot">{block.place}</span>'
    if decision is None:
        title = f"block {block.place} always runs, for {macs_words(block.macs)} multiply-adds"
        return f'<li class="dv-block dv-fixed" title="{text(title)}">{inner}</li>'
    ran = "ran" if decision.executed else "skipped"
    told = f"{ran}{' by hand' if decision.forced else ''}{': ' + said if said and not decision.forced else ''}"
    if said and decision.forced:
        told += f" ({said})"
    other, turn = ("skip", "Skip it by hand") if decision.executed else ("run", "Run it by hand")
    name = f"Block {block.place}"
    attributes = pick(decision, name, (told, cost(decision)), other=other, turn=turn)
    off = "" if decision.executed else " dv-off"
    return (
        f'<li class="dv-block{off}" title="{text(f"{name} {told}")}"><span {classes(decision)}{attributes}>'
        f"{inner}</span></li>"
    )


# --- halting scores


def _halting(blocks: list[Block]) -> str:
    """A strip per stage: each well is filled with the sum of the halting scores up to its block."""
    stages: list[list[Block]] = []
    for block in blocks:
        if block.decision is None or not stages:
            stages.append([])
        stages[-1].append(block)
    parts = []
    for number, stage in enumerate(stages, 1):
        wells = "".join(_well(block, *_halted(stage, i)) for i, block in enumerate(stage))
        ran = sum(block.ran for block in stage)
        head = f"stage {number}: {ran} of {counted(len(stage), 'block')}" if len(stages) > 1 else ""
        heading = f'<p class="dv-stage">{text(head)}</p>' if head else ""
        parts.append(f'<div>{heading}<ol class="dv-blocks dv-halting">{wells}</ol></div>')
    return f'<div class="dv-stages">{"".join(parts)}</div>'


def _halted(stage: list[Block], at: int) -> tuple[str, str]:
    """What block ``at`` of a stage added to the sum of halting scores.

    A decision's score is the sum in front of its block; so the sum behind a block is told by the next one's.
    """
    block = stage[at]
    limit = next((b.decision.threshold for b in stage if b.decision and known(b.decision.threshold)), None)
    tick = f'<i class="dv-tick" style="bottom:{width(limit)}"></i>' if limit is not None else ""
    if not block.ran:
        return tick, scored(block.decision.score, limit) if block.decision else ""
    sums = [b.decision.score for b in stage[1:] if b.decision]
    if not any(known(score) for score in sums):
        return '<i style="height:100%"></i>', ""  # nobody asked
    before = sums[at - 1] if at and known(sums[at - 1]) else 0.0
    last = not any(b.ran for b in stage[at + 1 :])
    after = 1.0 if last or not known(sums[at]) else min(1.0, sums[at])
    base = f'<i class="dv-before" style="height:{width(before)}"></i>'
    own = f'<i class="{"dv-rest" * last}" style="bottom:{width(before)};height:{width(after - before)}"></i>'
    share = percent(max(0.0, after - before))
    halts = not last and not stage[at + 1].ran and limit is not None and after >= limit  # a later one runs by hand
    more = f"adds {share}, {percent(after)} so far{': enough to halt' if halts else ''}"
    said = f"counts {share}, the remainder" if last else more
    return base + own + tick, said


def _halting_notes(decisions: Group) -> list[str]:
    if not any(known(d.score) for d in decisions):
        return ["nothing was asked: every block ran"]
    return [
        '<i class="dv-key"></i>enough to halt',
        "filled: what each block adds to the sum of its stage; the last one that runs counts as what is left of 1",
    ]


DRAWERS = {LayerSkip: Drawer("Blocks", draw, summary)}
