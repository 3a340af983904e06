"""Putting a network on one input for one session: taking turns, remembering the last few results, timing afterwards."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

import dynviz
from app.budgets import ANYTIME, BUDGETED
from app.inference_queue import INFERENCE
from app.live.uploads import Chosen
from dynviz import ModelCard, Trace
from dynviz.measuring.timing import Timing, measure
from dynviz.media.spool import Spool
from dynviz.trace.anytime import caps, stopped

KEPT = 6  # results a session keeps, each with a preview of at most a few hundred KB
TIMED = 256  # timings that the server keeps, a few numbers each

Key = tuple[str, str, str, str]  # digest of the input, network, framing, checksum of its weights


@dataclass(frozen=True)
class Inference:
    """An input at all operating points of a network.

    budgeted: one trace per operating point. anytime, caps: one trace per hard cap (MACs), empty for a network that
    cannot be stopped. full: every decision open, a counterfactual. forced: what was decided by hand, (unit, choice).
    """

    key: Key
    budgets: tuple[float, ...]
    budgeted: tuple[Trace, ...]
    full: Trace
    caps: tuple[int, ...] = ()
    anytime: tuple[Trace, ...] = ()
    forced: tuple[tuple[str, str], ...] = ()

    def released(self, mode: str, budget: float) -> tuple[str, int]:
        """The kind of budget and the place of the operating point (or cap) nearest to what was released (0..1)."""
        capped = mode == ANYTIME and len(self.anytime) > 0
        values = [cap / self.full.macs_static for cap in self.caps] if capped else self.budgets
        at = min(range(len(values)), key=lambda i: abs(values[i] - budget))
        return ANYTIME if capped else BUDGETED, at

    def asked(self, mode: str, at: int) -> dict[str, Any]:
        """The same point as arguments of ``dynviz.run``."""
        if mode == ANYTIME:
            return {"anytime_macs": self.caps[at]}
        return {"budget": self.budgets[at]} | ({"forced": dict(self.forced)} if self.forced else {})

    def timed(self, timing: Timing) -> Inference:
        """The same with milliseconds."""

        def all_of(traces: tuple[Trace, ...], times: tuple[float, ...]) -> tuple[Trace, ...]:
            pairs = zip(traces, times, strict=True)
            whole = {"ms_static": timing.ms_static, "ms_plain": timing.ms_plain}
            return tuple(replace(trace, ms=ms, **whole) for trace, ms in pairs)

        return replace(
            self,
            budgeted=all_of(self.budgeted, timing.ms),
            anytime=all_of(self.anytime, timing.ms_anytime) if self.anytime else (),
        )


def infer(chosen: Chosen, card: ModelCard, framing: str, on_wait: Callable[[int], None]) -> Inference:
    """The result for an input, from memory or computed now. Raises what ``dynviz.sweep`` raises."""
    kept: OrderedDict[Key, Inference] = st.session_state.setdefault("inferences", OrderedDict())
    key = (chosen.digest, card.name, framing, card.sha256)
    if key not in kept:
        with INFERENCE.turn(on_wait):
            kept[key] = _infer(key, chosen, card, framing)
        while len(kept) > KEPT:
            kept.popitem(last=False)
    kept.move_to_end(key)
    return kept[key]


def infer_by_hand(
    chosen: Chosen, card: ModelCard, framing: str, found: Inference, forced: Mapping[str, str]
) -> Inference:
    """``found`` with some decisions taken by hand at every budget; a hard cap decides by itself and has no place in it.

    Nothing of it is timed. Raises ValueError for what cannot be decided by hand, and what ``dynviz.sweep`` raises.
    """
    kept: OrderedDict[tuple, Inference] = st.session_state.setdefault("inferences_by_hand", OrderedDict())
    key = (found.key, tuple(sorted(forced.items())))
    if key not in kept:
        with INFERENCE.turn():
            swept = dynviz.sweep(card.name, chosen.media, framing=framing, forced=forced)
        kept[key] = replace(found, budgeted=swept.traces, caps=(), anytime=(), forced=key[1])
        while len(kept) > KEPT:
            kept.popitem(last=False)
    kept.move_to_end(key)
    return kept[key]


def is_known(chosen: Chosen, card: ModelCard, framing: str) -> bool:
    """Would ``infer`` answer from memory?"""
    return (chosen.digest, card.name, framing, card.sha256) in st.session_state.get("inferences", {})


def run_again(chosen: Chosen, found: Inference, card: ModelCard, framing: str, mode: str, at: int) -> Trace:
    """One real run, skipping, at operating point (or cap) ``at``, with its measured milliseconds if known."""
    with INFERENCE.turn():
        trace = dynviz.run(card.name, chosen.media, framing=framing, **found.asked(mode, at))
    shown = (found.anytime if mode == ANYTIME else found.budgeted)[at]
    return replace(trace, ms=shown.ms or trace.ms, ms_static=shown.ms_static, ms_plain=shown.ms_plain)


def _infer(key: Key, chosen: Chosen, card: ModelCard, framing: str) -> Inference:
    swept = dynviz.sweep(card.name, chosen.media, framing=framing)
    if not (card.anytime and chosen.picture):
        return Inference(key, swept.budgets, swept.traces, swept.full)
    limits, found = caps(swept.full), stopped(swept.full)
    if not found:  # it decides more than when to answer, so it is really stopped at each
        runs = (dynviz.run(card.name, chosen.media, framing=framing, anytime_macs=cap) for cap in limits)
        found = tuple(replace(trace, ms=None) for trace in runs)
    return Inference(key, swept.budgets, swept.traces, swept.full, limits, found)


class Timings:
    """Measurements for all sessions, one after another in the background, so that they do not disturb one another."""

    def __init__(self) -> None:
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="timing")
        self._known: OrderedDict[Key, Future[Timing]] = OrderedDict()
        self._lock = threading.Lock()

    def ask(self, key: Key, source: bytes | Spool) -> Future[Timing]:
        """The measurement, started if it was not yet or was given up before it began."""
        with self._lock:
            if key not in self._known or self._known[key].cancelled():
                self._known[key] = self._worker.submit(measure, key[1], source, key[2])
                while len(self._known) > TIMED:
                    self._known.popitem(last=False)[1].cancel()
            self._known.move_to_end(key)
            return self._known[key]


TIMINGS = Timings()
