"""Stopping by hard caps, read off a full pass: the same as really stopping there, for every network that can be."""

from __future__ import annotations

import numpy as np
import pytest

import dynviz
from dynviz.decisions import Exit
from dynviz.trace.anytime import caps, stopped

NETWORKS = [card.name for card in dynviz.models() if card.anytime and card.modality == "image"]


@pytest.mark.parametrize("name", NETWORKS or [pytest.param("", marks=pytest.mark.skip("no anytime network is here"))])
def test_what_is_read_off_the_full_pass_is_what_a_stopped_run_does(name, pictures):
    full = dynviz.sweep(name, pictures[0]).full
    found = stopped(full)
    if not all(isinstance(decision, Exit) for decision in full.decisions):  # it has to be run
        assert found == () and all(dynviz.run(name, pictures[0], anytime_macs=cap).macs == cap for cap in caps(full))
        return
    assert len(found) == len(caps(full)) > 1
    for cap, trace in zip(caps(full), found, strict=True):
        real = dynviz.run(name, pictures[0], anytime_macs=cap)
        assert trace.macs == real.macs == cap and trace.macs_static == real.macs_static
        assert trace.macs_ideal == real.macs_ideal
        assert trace.prediction.label == real.prediction.label and trace.rule == real.rule
        assert trace.prediction.confidence == pytest.approx(real.prediction.confidence, abs=1e-4)
        assert len(trace.decisions) == len(real.decisions)
        for ours, theirs in zip(trace.decisions, real.decisions, strict=True):
            for name_ in ("unit", "order", "choice", "executed", "macs", "macs_static", "rule", "forced", "layer"):
                assert getattr(ours, name_) == getattr(theirs, name_), name_
            if theirs.probabilities is not None:
                np.testing.assert_allclose(ours.probabilities, theirs.probabilities, atol=1e-4)
        assert [(s.unit, s.macs, s.macs_static, s.executed) for s in trace.stages] == [
            (s.unit, s.macs, s.macs_static, s.executed) for s in real.stages
        ]


def test_a_network_without_exits_cannot_be_stopped(pictures):
    static = next((card.name for card in dynviz.models() if card.modality == "image" and card.family == "static"), None)
    if static is None:
        pytest.skip("no static network is here")
    full = dynviz.sweep(static, pictures[0]).full
    assert caps(full) == () == stopped(full)
