"""What the command line writes for people: aligned tables, a trace in a few lines, progress on stderr."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dynviz.trace import Trace


def table(headers: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """A Markdown table whose columns line up, so that it reads in a terminal as well; numbers to the right."""
    numeric = [bool(rows) and all(row[i][:1].isdigit() for row in rows) for i in range(len(headers))]
    widths = [max(3, *(len(row[i]) for row in [headers, *rows])) for i in range(len(headers))]
    rule = tuple("-" * (w - 1) + ":" if n else "-" * w for w, n in zip(widths, numeric, strict=True))
    lines = []
    for row in [headers, rule, *rows]:
        cells = [c.rjust(w) if n else c.ljust(w) for c, w, n in zip(row, widths, numeric, strict=True)]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def describe(trace: Trace, said: Sequence[str] = ()) -> str:
    """A timed trace in words: the answer, what it cost, what to know about it, one line per decision."""
    from dynviz.views.decisions.panels import doubt_words

    best, *others = (f"{label} {percent(p)}" for label, p in trace.prediction.top)
    cost = f"{mega(trace.macs)} of {mega(trace.macs_static)} MACs ({percent(trace.macs / trace.macs_static)})"
    lines = [f"{best}   (then {', '.join(others)})" if others else best, f"{cost}, {trace.ms:.1f} ms"]
    lines += [f"Doubt: {doubt_words(trace)}"] if doubt_words(trace) else []
    lines += [f"Note: {note}" for note in (*said, *trace.media.notes)]
    if trace.decisions:
        rows = [
            (
                decision.unit,
                (decision.choice or decision.kind) + (" by hand" if decision.forced else ""),
                _number(decision.score),
                _number(decision.threshold),
                mega(decision.macs),
            )
            for decision in trace.decisions
        ]
        lines += ["", table(("unit", "decision", "score", "threshold", "MACs"), rows)]
    return "\n".join(lines)


def progress(doing: str) -> Callable[[int, int], None]:
    """Reports to stderr: one line that is rewritten on a terminal, a line at each tenth elsewhere."""
    shown = -1

    def report(done: int, total: int) -> None:
        nonlocal shown
        tenth = done * 10 // total
        if sys.stderr.isatty():
            print(f"\r{doing}: {done:,} of {total:,}", end="\n" if done == total else "", file=sys.stderr, flush=True)
        elif tenth > shown:
            shown = tenth
            note(f"{doing}: {done:,} of {total:,}")

    return report


def note(line: str) -> None:
    """One line on stderr, at once."""
    print(line, file=sys.stderr, flush=True)


def _number(value: float | None) -> str:
    return "-" if value is None or not math.isfinite(value) else f"{value:.3f}"


def mega(macs: float) -> str:
    """MACs in millions."""
    return f"{macs / 1e6:.1f} M"


def percent(share: float) -> str:
    """A share of 0..1 in percent."""
    return f"{share * 100:.1f} %"


def interval(bounds: tuple[float, float]) -> str:
    """Two shares of 0..1 in percent."""
    return f"{bounds[0] * 100:.1f} to {bounds[1] * 100:.1f} %"
