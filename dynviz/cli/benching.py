"""What ``dynviz bench`` says: three tables for people, one object for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dynviz.cli.console import mega, table
from dynviz.cli.plain import plain
from dynviz.views.style.words import medium_words

if TYPE_CHECKING:
    from dynviz.measuring.bench import Bench, BenchRow, Overhead


def plain_bench(found: Bench) -> dict[str, Any]:
    """JSON values, the derived numbers included. ``overhead`` is null for a network without decisions."""
    overhead = found.overhead
    derived = ("by_time", "by_macs", "beyond_macs", "deciding")
    return {
        "n": found.points[0].n,
        "operating_points": [_plain_row(row) for row in found.points],
        "batches": [_plain_row(row) for row in found.batches],
        "overhead": overhead and plain(overhead) | {name: getattr(overhead, name) for name in derived},
    }


def describe_bench(found: Bench, modality: str) -> str:
    """The tables, each with a line that says what it compares. modality: of the network."""
    noun = medium_words(modality).noun
    parts = [f"one {noun} at a time, {found.points[0].n:,} {noun}s", _speed(found.points)]
    if found.batches:
        parts += ["in batches, the undecided regrouped after each decision", _speed(found.batches)]
    if found.overhead is not None:
        parts += ["everything left open: what deciding costs where nothing is skipped", _open(found.overhead)]
    return "\n\n".join(parts)


def _plain_row(row: BenchRow) -> dict[str, Any]:
    return plain(row) | {"macs_speedup": row.macs_speedup, "speedup": row.speedup, "ratio": row.ratio}


def _speed(rows: tuple[BenchRow, ...]) -> str:
    headers = ("budget", "mean MACs", "ms", "speed-up by MACs", "measured", "measured / by MACs")
    lines = [
        (f"{r.budget:.0%}", mega(r.macs), f"{r.ms:.2f}", f"{r.macs_speedup:.2f}", f"{r.speedup:.2f}", f"{r.ratio:.2f}")
        for r in rows
    ]
    if all(row.batch == 1 for row in rows):
        return table(headers, lines)
    return table(("batch", *headers), [(str(row.batch), *line) for row, line in zip(rows, lines, strict=True)])


def _open(found: Overhead) -> str:
    """Each way through all layers against the plain one; the last column is the overhead."""
    ways = [("plain: no decision, nothing that only one needs", found.macs_plain, found.ms_plain)]
    if found.ms_undecided is not None:
        ways.append(("every exit's answer, none looked at", found.macs, found.ms_undecided))
    ways.append(("every decision taken, all left open", found.macs, found.ms))
    lines = []
    for way, macs, ms in ways:
        by_time, by_macs = ms / found.ms_plain, macs / found.macs_plain
        beyond = f"{by_time / by_macs - 1:+.1%}".replace("%", " %")
        lines.append((way, mega(macs), f"{ms:.2f}", f"{by_time:.2f}", f"{by_macs:.2f}", beyond))
    lines[0] = (*lines[0][:-1], "-")
    return table(("all layers", "MACs", "ms", "time / plain", "MACs / plain", "beyond the MACs"), lines)
