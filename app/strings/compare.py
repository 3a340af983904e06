"""The Compare page."""

from __future__ import annotations

TEXT: dict[str, str] = {
    "compare.nav": "Compare",
    "compare.title": "The same input, several networks",
    "compare.lead": "Several networks on one input at one budget: who reads what, who says what, and what it costs.",
    "compare.this": "Compare networks on this picture",
    "compare.this.text": "Compare networks on this text",
    "compare.this.series": "Compare networks on this recording",
    "compare.this.video": "Compare networks on this video",
    "compare.kind": "Kind of input",
    "compare.kind.image": "Pictures",
    "compare.kind.text": "Texts",
    "compare.kind.series": "Recordings",
    "compare.kind.video": "Videos",
    "compare.pin": "Networks, up to {most}",
    "compare.choose": "Choose up to {most}",
    "compare.every": "All of them",
    "compare.decisions": "What it decided, in order",
    "compare.lines": "In order of time. Filled: looked at, as high as the resolution. Hatched: never put through it. A "
    "line at the foot: only glanced at.",
    "compare.none": "Choose at least one network.",
    "compare.one_kind": "{title} reads another kind of recording and was left out.",
    "compare.labels": "These networks know different things ({data}), so their answers cannot be held against one "
    "another; "
    "what they compute can.",
    "compare.budget": "budget for all",
    "compare.all": "Budget for all",
    "compare.own": "each its own",
    "compare.twin": "static twins",
    "compare.spends": "spends",
    "compare.static": "the same for every input",
    "compare.open": "every decision open",
    "compare.at": "budget {budget}",
    "compare.disagree": "Where do they disagree over the test inputs?",
    "compare.disagree.lead": "{n:test input|test inputs}, each network at the budget that was released, each counted "
    "once.",
    "compare.disagree.pair": "{first} and {second}",
    "compare.disagree.heads": "Networks|Both right|Only the first|Only the second|Neither|Other answers|Either right",
    "compare.disagree.classes": "Most often only one of them is right about: {classes}.",
    "compare.disagree.none": "The pinned networks share no test inputs, so there is nothing to count.",
    "compare.disagree.note": "“Either right” is what somebody would reach who always knew which of the two to ask: "
    "more than any rule for choosing can.",
}
