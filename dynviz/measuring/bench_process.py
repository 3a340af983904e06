"""``dynviz bench`` in a process of its own, with progress, for whoever must not be held up or set to one thread."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import fields
from pathlib import Path

from dynviz.evaluation.operating import BUDGET_GRID
from dynviz.measuring.bench import BenchRow

PICTURES = 60  # enough for means that differ between budgets, few enough to wait for
_PROGRESS = re.compile(r"([\d,]+) of ([\d,]+)")
_ROOT = Path(__file__).resolve().parents[2]


class BenchError(RuntimeError):
    """The measurement could not be made; the message says why."""


def bench_apart(
    name: str, *, n: int = PICTURES, points: int = BUDGET_GRID, report: Callable[[int, int], None] | None = None
) -> list[BenchRow]:
    """What ``measuring.bench.bench`` finds for a batch of one, in a child process; blocks for about half a minute.

    report: called with (pictures done, pictures in all) from time to time. Raises BenchError.
    """
    command = [sys.executable, "-m", "dynviz", "bench", name, "--n", str(n), "--points", str(points)]
    command += ["--brief", "--json"]
    environment = dict(os.environ, OMP_NUM_THREADS="1", MKL_NUM_THREADS="1")
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, (str(_ROOT), environment.get("PYTHONPATH"))))
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8", env=environment
    ) as child:
        assert child.stdout is not None and child.stderr is not None  # both are pipes
        try:
            for line in child.stderr:  # the one JSON object on stdout is small: it waits in its pipe meanwhile
                if report and (found := _PROGRESS.search(line)):
                    report(*(int(number.replace(",", "")) for number in found.groups()))
            said = child.stdout.read()
        except BaseException:
            child.kill()
            raise
    try:
        answer = json.loads(said)
    except ValueError:
        raise BenchError("the process that measures has stopped; try again") from None
    if "error" in answer:
        raise BenchError(answer["error"])
    names = [field.name for field in fields(BenchRow)]
    return [BenchRow(**{key: row[key] for key in names}) for row in answer["operating_points"]]


def largest_within(rows: Sequence[BenchRow], ms: float) -> BenchRow | None:
    """The measured operating point with the largest budget among those that take at most ``ms`` on average."""
    return max((row for row in rows if row.ms <= ms), key=lambda row: row.budget, default=None)


def on_test_pictures() -> bool:
    """Will ``bench`` find the test split, or has it to make do with crops of sample photos?"""
    named = os.environ.get("DYNVIZ_DATA", "")
    return bool(named) and Path(named).is_dir()
