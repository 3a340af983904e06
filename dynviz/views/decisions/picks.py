"""What can be picked in a picture of decisions: a block, a group of channels, an expert, an edge, an exit.

A drawer writes what a pick stands for into data attributes. On a page of its own they do nothing; the app's live view
makes each such element a button that tells its cost, score and use, and offers to take the decision by hand.
"""

from __future__ import annotations

from collections.abc import Sequence

from dynviz.decisions import Decision, Exit, FrameChoice
from dynviz.trace import Trace
from dynviz.views.style.words import compared, known, macs_words, percent, text

HAND_NOTE = '<i class="dv-key dv-key-hand"></i>by hand'


def pick(decision: Decision, name: str, says: Sequence[str], *, part: str = "", other: str = "", turn: str = "") -> str:
    """HTML attributes of the element that stands for ``decision``, or for ``part`` of it.

    name: what it is called. says: short sentences about it, the empty ones left out. other: the choice that switching
    it by hand would make (of ``decision.choices()``), with ``turn`` as the words of that button.
    """
    told = {
        "unit": decision.unit,
        "order": decision.order,
        "part": part,
        "name": name,
        "says": ". ".join(one[0].upper() + one[1:] for one in says if one),
    }
    if other and other in decision.choices():
        told |= {"other": other, "turn": turn}
    words = "".join(f' data-{key}="{text(value)}"' for key, value in told.items() if value != "")
    return f"{words} data-hand" if decision.forced else words


def classes(decision: Decision, *names: str) -> str:
    """The class attribute of an element that can be picked and stands for the whole decision."""
    return f'class="{" ".join(("dv-pick", *filter(None, names)))}{forced(decision)}"'


def forced(decision: Decision) -> str:
    """The class of what shows a decision that was taken by hand, with a space in front."""
    return " dv-forced" if decision.forced else ""


def cost(decision: Decision) -> str:
    """'costs 5.9 M multiply-adds, of them 9.0 k to decide', or what not running saved."""
    spent, whole, own = decision.macs, decision.macs_static, decision.decider_macs
    deciding = f", of them {macs_words(own)} to decide" if own else ""
    if not decision.executed:
        to_decide = f"; deciding took {macs_words(own)}" if own else ""
        return f"saves {macs_words(whole - spent)} multiply-adds{to_decide}"
    least = f" of {macs_words(whole)}" if 0 <= spent < 0.995 * whole else ""
    return f"costs {macs_words(spent)}{least} multiply-adds{deciding}"


def scored(score: float | None, threshold: float | None) -> str:
    """'score 72 % ≥ 50 %', as far as either is known."""
    if not known(score):
        return ""
    return f"score {' '.join(compared(score, threshold))}" if known(threshold) else f"score {percent(score)}"


def hand_note(decisions: Sequence[Decision]) -> str:
    """What a dashed frame means, where there is one."""
    return HAND_NOTE if any(decision.forced for decision in decisions) else ""


def note(*parts: str) -> str:
    """A line under a picture, of HTML parts; the empty ones left out."""
    told = " · ".join(filter(None, parts))
    return f'<p class="dv-note">{told}</p>' if told else ""


def saving_line(lead: str, decisions: Sequence[Decision]) -> str:
    """'<b>12 of 18 blocks ran</b> · saves 54 M', as HTML; it says so when nothing is saved."""
    less = sum(d.macs_static - d.macs for d in decisions)
    rest = f"saves {macs_words(less)}" if less > 0 else "saves nothing"
    return f'<p class="dv-sum"><b>{text(lead)}</b> · <span class="dv-num">{text(rest)}</span></p>'


def stopping_line(trace: Trace, lead: str, decisions: Sequence[Decision]) -> str:
    """The same of places and sizes that were looked at one after another: where there are exits or frames, stopping or
    leaving them out is what saves, and is told there.
    """
    if any(isinstance(d, Exit | FrameChoice) for d in trace.decisions):
        return f'<p class="dv-sum"><b>{text(lead)}</b></p>'
    return saving_line(lead, decisions)


def by_hand(decision: Decision) -> str:
    """A suffix for decisions that a person took."""
    return " · by hand" if decision.forced else ""
