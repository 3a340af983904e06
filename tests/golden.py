"""Golden answers: what every shipped network says of two inputs that ship with the project, and what it spends.

    python -m tests.golden [NAME ...]     # writes those of the networks named, or of all, anew

A checkout without the data sets so still notices a network that is broken. One line a network in ``golden.json``.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from skimage import data

from dynviz import run, zoo
from dynviz.media.synthetic import synthetic_ecg
from dynviz.zoo import ModelCard
from tests.checks.builds import moving
from tests.checks.inputs import TEXTS, tone

FILE = Path(__file__).with_name("golden.json")
COMMAND = "python -m tests.golden"
BUDGETS = (None, 0.5)  # every decision open, and an operating point


def inputs(card: ModelCard) -> dict[str, Any]:
    """Two inputs that come with the project or its packages."""
    if card.series is not None and card.series.kind == "ecg":
        return {name: synthetic_ecg(name) for name in ("normal", "ventricular")}
    if card.modality == "series":
        return {f"tone of {seconds} s": tone(seconds) for seconds in (0.3, 0.5)}
    if card.modality == "text":
        return {"a verdict": TEXTS[1], "a long review": TEXTS[2]}
    if card.modality == "video":
        return {"past a cat": moving(data.chelsea(), 9), "past a rocket": moving(data.rocket(), 40)}
    return {"cat": data.chelsea(), "rocket": data.rocket()}


def answers(card: ModelCard) -> dict[str, list[Any]]:
    """Input and budget -> label, confidence in percent, MACs."""
    found = {}
    for name, source in inputs(card).items():
        for budget in BUDGETS:
            trace = run(card.name, source, budget=budget)
            said = trace.prediction
            key = f"{name}, {'open' if budget is None else budget}"
            found[key] = [said.label, round(100 * said.confidence, 1), trace.macs]
    return found


def check_golden(card: ModelCard, kept: dict[str, Any]) -> None:
    """A label may change only where the network is unsure, confidence by two points, MACs by a few decisions."""
    assert card.name in kept, f"no golden answer of {card.name}; write it with: {COMMAND} {card.name}"
    for key, (label, percent, macs) in answers(card).items():
        assert key in kept[card.name], f"{card.name} has other golden inputs; write them with: {COMMAND} {card.name}"
        golden_label, golden_percent, golden_macs = kept[card.name][key]
        words = f"{card.name}, {key}: {label} {percent} % for {macs:,} MACs; it was {golden_label} {golden_percent} %"
        assert abs(percent - golden_percent) <= 2, words
        assert label == golden_label or percent < 52, words
        assert abs(macs - golden_macs) <= 0.03 * golden_macs, f"{words} for {golden_macs:,}"


def read() -> dict[str, Any]:
    return json.loads(FILE.read_text())


def main(names: list[str]) -> None:
    kept = read() if FILE.exists() else {}
    shipped = [card for card in zoo.models() if not names or card.name in names]
    kept |= {card.name: answers(card) for card in shipped}
    known = {card.name for card in zoo.models()}
    lines = (
        f" {json.dumps(name)}: {json.dumps(kept[name], ensure_ascii=False)}" for name in sorted(known & kept.keys())
    )
    FILE.write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
