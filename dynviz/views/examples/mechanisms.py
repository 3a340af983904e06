"""More hand-made traces: decision types that look different by mechanism. Nothing here was measured either."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from dynviz import decisions as kinds
from dynviz.recorder import Stage
from dynviz.trace import Trace
from dynviz.views.examples.traces import examples

BLOCK_MACS = 6_000_000


def mechanisms() -> list[Trace]:
    """A policy settled beforehand, halting scores in three stages, and attention weights of channels."""
    return [_policy(), _halting(), _attention()]


def _like(kind: str, title: str, decisions: list[kinds.Decision], stages: list[Stage]) -> Trace:
    """An example of that kind with other decisions. stages: its whole account, those of the decisions included."""
    trace = next(trace for trace in examples() if trace.decisions[0].kind == kind)
    ordered = tuple(replace(decision, order=i) for i, decision in enumerate(decisions))
    return replace(trace, title=f"{title} (hand-made example)", decisions=ordered, stages=tuple(stages))


def _policy() -> Trace:
    chances = (0.93, 0.88, 0.12, 0.71, 0.35, 0.97, 0.08, 0.64, 0.22, 0.81)
    decisions = [
        kinds.LayerSkip(
            unit=f"blocks.{i}", layer=i, mechanism="policy", rule="policy", choice="run" if p > 0.5 else "skip",
            executed=p > 0.5, score=p, threshold=0.5, macs=BLOCK_MACS * (p > 0.5), macs_static=BLOCK_MACS,
        )
        for i, p in enumerate(chances)
    ]  # fmt: skip
    return _like(
        "layer-skip",
        "Blocks kept by a policy",
        decisions,
        [Stage("policy", 900_000, 900_000), Stage("stem", 4_000_000, 4_000_000), *map(Stage.of, decisions)],
    )


def _halting() -> Trace:
    """Three stages of four blocks; the sum of scores behind each block, until it is enough."""
    sums = ((0.2, 0.55, 1.0), (0.4, 1.0, np.nan), (0.1, 0.3, 0.6))
    decisions: list[kinds.Decision] = []
    stages = [Stage("stem", 4_000_000, 4_000_000)]
    for number, totals in enumerate(sums):
        stages.append(Stage(f"blocks.{4 * number}", BLOCK_MACS, BLOCK_MACS))
        for step, total in enumerate(totals, 1):
            runs = total < 0.99
            decisions.append(
                kinds.LayerSkip(
                    unit=f"blocks.{4 * number + step}", layer=4 * number + step, mechanism="halting score",
                    rule="halting score", choice="run" if runs else "skip", executed=bool(runs), score=total,
                    threshold=0.99, macs=BLOCK_MACS * bool(runs), macs_static=BLOCK_MACS,
                )
            )  # fmt: skip
            stages.append(Stage.of(decisions[-1]))
    return _like("layer-skip", "Stages that halt", decisions, stages)


def _attention() -> Trace:
    draw = np.random.default_rng(3)
    decisions: list[kinds.Decision] = [
        kinds.KernelMixture(
            unit=f"excitations.{i}", layer=i, weights=draw.beta(3, 1.4, 24 * 2**i), choice="channels weighed",
            rule="attention weights", macs=12_010_000, macs_static=12_010_000, decider_macs=10_000,
        )
        for i in range(3)
    ]  # fmt: skip
    stages = [Stage("stem", 4_000_000, 4_000_000), *map(Stage.of, decisions)]
    return _like("kernel-mixture", "Channels weighed by attention", decisions, stages)
