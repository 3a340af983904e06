"""Tables of numbers as people save them: the column that is the recording, its rate, its unit, what to say of them.

``grid`` finds the table, ``leads`` knows what columns are called, ``times`` reads rates.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

import numpy as np

from dynviz.media.errors import MediaError
from dynviz.media.grid import ACCEPTED, Grid, read_grid, value
from dynviz.media.leads import counts, recording
from dynviz.media.sniff import named
from dynviz.media.times import Times, header_rate, times_of

# what programs write for a sample that is missing: the least number of 8, 12, 16, 24 and 32 bits, rows of nines
SENTINELS = (
    -128, -2048, -32768, 32767, 65535, -8388608, -2147483648, 2147483647, -999, -9999, -99999, 9999, 99999, 999999,
)  # fmt: skip
KAGGLE = 188  # numbers in a line of the heartbeat sets of Kaggle: 187 samples and a class
MILLIVOLT = {"v": 1000.0, "mv": 1.0, "µv": 1e-3}
_VOLT = r"(m|milli|[µμu]|micro)?v(?:olts?)?"
_UNIT_BEHIND = re.compile(rf"(?:[(\[{{/,_ ]|\bin ){_VOLT}\s*[)\]}}]?$", re.IGNORECASE)
_UNIT_ALONE = re.compile(_VOLT, re.IGNORECASE)
_UNIT_LINE = re.compile(rf"(?:units?|einheit|eenheid|unité|unidade?|unità)\b\W+{_VOLT}\W*", re.IGNORECASE)


@dataclass(frozen=True, eq=False)
class Column:
    """values: (rows,) float64. name: from the header, else ''. rate_hz: as the file says it, else None.

    mv: millivolts in one of its units, where the file says its unit. notes: what was chosen and left out.
    """

    values: np.ndarray
    name: str
    rate_hz: float | None
    mv: float | None = None
    notes: tuple[str, ...] = ()


def read_column(data: bytes) -> Column:
    """The recording in a table, of its first MAX_ROWS rows. Raises MediaError with what is wrong, and where."""
    grid = read_grid(_text(data))
    notes = []
    if grid.left_out:
        lines = "line" if grid.left_out == 1 else f"{grid.left_out} lines"
        notes.append(f"The last {lines} of the file {'is' if grid.left_out == 1 else 'are'} no part of the table.")
    if len(grid.rows) == 1 and len(grid.rows[0]) > 1:
        return _one_line(grid)
    wide = range(len(grid.names))
    cells = {i: grid.column(i) for i in wide}
    columns = {i: column for i in wide if (column := _numbers(cells[i], grid.decimal)) is not None}
    times: Times | None = None
    for i in wide:
        told = times_of(cells[i], grid.names[i], grid.decimal) if len(wide) > 1 and _is_full(cells[i]) else None
        if told is not None and len(columns.keys() - {i}):
            times = times or told
            columns.pop(i, None)
        elif i in columns and len(columns) > 1 and counts(columns[i], grid.names[i]):
            del columns[i]
    if not columns:
        raise MediaError(f"There are no numbers in this file; {ACCEPTED}.")
    best, of = recording(columns, grid.names)
    _refuse_gaps(columns[best], cells[best])
    name = grid.names[best] if not grid.names[best].isdigit() else ""
    if of > 1:
        notes.append(f"Of {of} columns, {repr(name) if name else 'the first'} is read.")
    rate, said = _rate(times, header_rate([*grid.head, *grid.names]))
    return Column(columns[best], name, rate, _unit(grid, best), (*notes, *said))


def _text(data: bytes) -> str:
    if not data.strip():
        raise MediaError(f"The file is empty; {ACCEPTED}.")
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = data.decode("utf-16", "replace")
    else:
        if what := named(data):
            raise MediaError(f"This is {what}, not a table of numbers; {ACCEPTED}.")
        if b"\0" in data[:4096]:
            raise MediaError(f"This file is not a table of numbers; {ACCEPTED}.")
        text = data.decode("utf-8-sig", "replace")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _one_line(grid: Grid) -> Column:
    """A recording written in one line; a class may follow it."""
    values = _numbers(grid.rows[0], grid.decimal)
    if values is None:
        raise MediaError(f"There are no numbers in this file; {ACCEPTED}.")
    cells, notes = grid.rows[0], []
    steps = np.abs(np.diff(values[:-1]))
    whole = values[-1] == round(values[-1]) if np.isfinite(values[-1]) else False
    jumps = len(steps) > 20 and abs(values[-1] - values[-2]) > 2 * np.nanmax(steps)
    fractions = (values[:-1] != np.rint(values[:-1])).mean() > 0.5
    if whole and (len(values) == KAGGLE or (jumps and fractions)):
        notes.append(f"The last number of the line, {values[-1]:g}, is taken as its class and left out.")
        values, cells = values[:-1], cells[:-1]
    _refuse_gaps(values, cells)
    rate, said = _rate(None, header_rate(grid.head))
    return Column(values, "", rate, _unit(grid), (*notes, *said))


def _numbers(cells: list[str], decimal: str) -> np.ndarray | None:
    """Its numbers, NaN where there is none; None where there are hardly any."""
    try:
        plain = cells if decimal == "." else [cell.replace(",", ".") for cell in cells]
        values = np.array(plain, dtype=np.float64)
    except ValueError:
        values = np.array([np.nan if (number := value(cell, decimal)) is None else number for cell in cells])
    return values if np.isfinite(values).mean() > 0.5 else None


def _is_full(cells: list[str]) -> bool:
    return all(cells)


def _refuse_gaps(values: np.ndarray, cells: list[str]) -> None:
    """Raises MediaError where a sample is missing, whatever stands in its place."""
    known = values[np.isfinite(values)]
    if len(known) < len(values):
        bad = int(np.argmin(np.isfinite(values)))
        cell = cells[bad].strip()[:20]
        what = f"{cell!r} is not a number" if cell else "A number is missing"
        raise MediaError(f"{what} in row {bad + 1} of the recording; {ACCEPTED}, without gaps.")
    for sentinel in SENTINELS:
        held = values == sentinel
        others = values[~held]
        if not held.any() or not len(others):
            continue
        low, high = float(others.min()), float(others.max())
        if not low - (high - low) <= sentinel <= high + (high - low):
            raise MediaError(
                f"{sentinel} in row {int(held.argmax()) + 1} of the recording stands for a missing sample "
                f"({int(held.sum()):,} in all); {ACCEPTED}, without gaps."
            )


def _rate(times: Times | None, header: float | None) -> tuple[float | None, list[str]]:
    """(samples a second as the file says them, what to say about it)."""
    if times is None:
        return header, [] if header is None else [f"Its header says {header:.6g} samples a second."]
    unit = f", taken as {times.unit}," if times.unit else ""
    said = [f"Its times{unit} say {times.rate_hz:.4g} samples a second."]
    if times.gaps_s:
        count = len(times.gaps_s)
        which = "There is a gap" if count == 1 else f"There are {count:,} gaps"
        said.append(f"{which} in its times, {sum(times.gaps_s):.3g} s in all: what stands before and after is joined.")
    if header is not None and not 0.9 < header / times.rate_hz < 1.1:
        said.append(f"Its header says {header:.6g}, which is not used.")
    return times.rate_hz, said


def _unit(grid: Grid, index: int | None = None) -> float | None:
    """Millivolts in one unit of the recording, where its name, the cell below or the header says so."""
    found = None
    if index is not None:
        below = (_UNIT_ALONE.fullmatch(line[index].strip("'\" ()[]")) for line in grid.above)
        found = _UNIT_BEHIND.search(grid.names[index]) or next(filter(None, below), None)
    found = found or next(filter(None, map(_UNIT_LINE.fullmatch, grid.head)), None)
    if found is None:
        return None
    return MILLIVOLT[{"": "v", "m": "mv", "milli": "mv"}.get((found[1] or "").lower(), "µv")]
