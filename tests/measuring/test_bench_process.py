"""Measuring in a process of its own: the rows, the progress, and what is said when it cannot be done."""

from __future__ import annotations

import sys

import pytest

from dynviz import zoo
from dynviz.measuring import bench_process
from dynviz.measuring.bench import BenchRow
from dynviz.measuring.bench_process import BenchError, bench_apart, largest_within, on_test_pictures


def rows(*ms: float) -> list[BenchRow]:
    return [BenchRow((i + 1) / 10, 5, 1e6, 2e6, value, 9.0) for i, value in enumerate(ms)]


def test_the_largest_budget_within_some_milliseconds():
    found = rows(1.0, 2.0, 3.0)
    assert largest_within(found, 2.5).budget == 0.2
    assert largest_within(found, 3.0).budget == 0.3
    assert largest_within(found, 0.9) is None
    assert largest_within(rows(1.0, 2.2, 2.1), 2.15).budget == 0.3  # noise: the point before it took longer


def test_a_shipped_network_is_measured_with_progress(monkeypatch):
    monkeypatch.delenv("DYNVIZ_DATA", raising=False)
    found = [card for card in zoo.models() if card.modality == "image" and not card.members]
    if not found:
        pytest.skip("no trained network is here")
    told: list[tuple[int, int]] = []
    measured = bench_apart(found[0].name, n=3, points=2, report=lambda done, total: told.append((done, total)))
    assert told[-1] == (3, 3) and told == sorted(told)
    assert all(row.n == 3 and row.ms > 0 and row.ms_static > 0 and row.macs <= row.macs_static for row in measured)
    assert not on_test_pictures()


def test_an_unknown_network_is_one_sentence():
    with pytest.raises(BenchError, match=r"no network is called 'nobody'"):
        bench_apart("nobody")


def test_a_process_that_ends_without_an_answer(monkeypatch, tmp_path):
    script = tmp_path / "python"
    script.write_text(f"#!{sys.executable}\nprint('half an ans')\n")
    script.chmod(0o755)
    monkeypatch.setattr(bench_process.sys, "executable", str(script))
    with pytest.raises(BenchError, match="stopped"):
        bench_apart("nobody")


def test_test_pictures_are_used_where_they_are(monkeypatch, tmp_path):
    monkeypatch.setenv("DYNVIZ_DATA", str(tmp_path / "nowhere"))
    assert not on_test_pictures()
    monkeypatch.setenv("DYNVIZ_DATA", str(tmp_path))
    assert on_test_pictures()
