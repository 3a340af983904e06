"""What happened to each candidate frame of a video, whatever decided it: frames, resolutions, regions, exits."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from dynviz.decisions import Decision, Exit, FrameChoice, Region, Resolution
from dynviz.trace import Trace
from dynviz.views.style.shapes import Box
from dynviz.views.style.words import known

LOOKED, GLANCED, SKIPPED = "looked at", "glanced at", "skipped"
STATES = (LOOKED, GLANCED, SKIPPED)
WORDS_FOR = {
    LOOKED: "put through the network",
    GLANCED: "only glanced at, cheaply, to decide",
    SKIPPED: "never put through the network",
}


@dataclass(frozen=True)
class Shot:
    """One candidate frame. second: when it is shown, None where nobody knows. turn: the how-manyth that was looked at,
    from 1; None for others. side_px: at which resolution, most_px: the largest that it could have been. boxes: regions
    of it, in pixels of the original. label, sure: the answer after it. score, threshold: what was compared there, by
    which rule. macs: what it cost; glance_macs: of these, a glance and deciding.
    """

    index: int
    second: float | None
    state: str
    turn: int | None = None
    side_px: int | None = None
    boxes: tuple[Box, ...] = ()
    label: str = ""
    sure: float | None = None
    score: float | None = None
    threshold: float | None = None
    rule: str = ""
    most_px: int | None = None
    macs: int = 0
    glance_macs: int = 0
    forced: bool = False


@dataclass
class _Found:
    choice: FrameChoice | None = None
    side_px: int | None = None
    most_px: int | None = None
    boxes: list[Box] = field(default_factory=list)
    answer: np.ndarray | None = None
    compared: Decision | None = None
    looked: bool = False
    order: int = 0
    macs: int = 0
    decider_macs: int = 0


def shots(trace: Trace) -> list[Shot]:
    """Every candidate frame in order of time; empty where the trace is of no video."""
    found = _found(trace)
    count = max(len(trace.media.thumbnails), max(found, default=-1) + 1)
    looked = [frame for frame, own in found.items() if own.looked]
    in_turn = sorted(looked, key=lambda frame: _turn_key(found[frame]))
    turns = {frame: turn for turn, frame in enumerate(in_turn, 1)}
    return [_shot(trace, frame, found.get(frame, _Found()), turns.get(frame)) for frame in range(count)]


def in_order(found: list[Shot]) -> list[Shot]:
    """Those that were looked at, in the order of looking."""
    return sorted((shot for shot in found if shot.turn is not None), key=lambda shot: shot.turn or 0)


def clock(second: float | None, index: int) -> str:
    """When a frame is shown: 75.25 -> '1:15.2'; 'frame 4' where nobody knows."""
    if second is None:
        return f"frame {index + 1}"
    tenths = round(second * 10)
    return f"{tenths // 600}:{tenths // 10 % 60:02d}.{tenths % 10}"


def _found(trace: Trace) -> dict[int, _Found]:
    """What the decisions say of each frame. An exit without a frame of its own belongs to the frame before it."""
    found: dict[int, _Found] = {}
    last: _Found | None = None
    for decision in sorted(trace.decisions, key=lambda d: d.order):
        if decision.frame is None or decision.frame < 0:
            if isinstance(decision, Exit) and decision.executed and last is not None:
                _answered(last, decision)
            continue
        own = found.setdefault(int(decision.frame), _Found(order=decision.order))
        own.macs += decision.macs
        own.decider_macs += decision.decider_macs
        if isinstance(decision, FrameChoice):
            own.choice, own.looked, own.order = decision, decision.executed, decision.order
        elif isinstance(decision, Resolution | Region) and decision.executed:
            own.looked = own.looked or own.choice is None
            if isinstance(decision, Resolution):
                own.side_px = int(decision.side_px)
                own.most_px = max(own.side_px, *map(int, decision.options_px))
            else:
                own.boxes.append(tuple(float(edge) for edge in decision.box_px))
        if decision.executed:
            _answered(own, decision)
            last = own
        elif own.compared is None and known(decision.score):
            own.compared = decision
    return found


def _answered(own: _Found, decision: Decision) -> None:
    if decision.probabilities is not None and len(decision.probabilities):
        own.answer = decision.probabilities
    if known(decision.score):
        own.compared = decision


def _turn_key(own: _Found) -> tuple[int, int]:
    step = own.choice.step if own.choice is not None else None
    return (int(step) if step is not None else own.order, own.order)


def _shot(trace: Trace, frame: int, own: _Found, turn: int | None) -> Shot:
    times, looked = trace.media.times_s, turn is not None
    label, sure = "", None
    if looked and own.answer is not None and np.isfinite(own.answer).all():
        best = int(np.argmax(own.answer))
        label = trace.labels[best] if best < len(trace.labels) else f"class {best}"
        sure = float(own.answer[best])
    told = own.compared
    return Shot(
        index=frame,
        second=float(times[frame]) if times is not None and frame < len(times) else None,
        state=LOOKED if looked else GLANCED if own.decider_macs > 0 else SKIPPED,
        turn=turn,
        side_px=own.side_px if looked else None,
        boxes=tuple(own.boxes) if looked else (),
        label=label,
        sure=sure,
        score=told.score if told is not None else None,
        threshold=told.threshold if told is not None and known(told.threshold) else None,
        rule=str(told.rule or "") if told is not None else "",
        most_px=own.most_px if looked else None,
        macs=own.macs,
        glance_macs=own.decider_macs,
        forced=own.choice is not None and own.choice.forced,
    )
