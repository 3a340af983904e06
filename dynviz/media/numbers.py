"""Tables of numbers as people save them: which characters separate them, which column is the recording."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

import numpy as np

from dynviz.media.errors import MediaError
from dynviz.media.sniff import named

MAX_ROWS = 130_000  # 60 s at 2,000 samples a second, and some
MAX_COLUMNS = 32
MAX_LINE = 4_000  # characters that are looked at to find out what stands between two numbers
MAX_HEADER = 40  # lines before the first number
ACCEPTED = "a CSV or text file with one number a line, or with columns, is accepted"

_QUOTES = str.maketrans("", "", "'\"")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_CLOCK = re.compile(r"(?:(\d+):)?(\d+):(\d+(?:\.\d*)?)")  # minutes and seconds, as PhysioNet's programs write them
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+")
_TIME_NAMES = re.compile(
    r".*time.*|elapsed|hh:mm.*|seconds?|secs?|ms|milliseconds?|t|index|samples?|frame|nr?|no|#|", re.IGNORECASE
)
_SIGNAL_NAMES = (r"mlii", r"(lead )?ii", r".*(ecg|ekg).*", r"(lead )?(i|iii|v\d)|ml.*", r"signal|values?|amplitude")
_LABEL_NAMES = re.compile(r"label|class|annotations?|type|y|target|beats?", re.IGNORECASE)


@dataclass(frozen=True, eq=False)
class Column:
    """values: (rows,) float64. name: from the header, else ''. rate_hz: from a column of times, else None.

    of: how many columns could have been the recording.
    """

    values: np.ndarray
    name: str
    rate_hz: float | None
    of: int


def read_column(data: bytes) -> Column:
    """The recording in a table, of its first MAX_ROWS rows. Raises MediaError with what is wrong, and where."""
    text = _text(data).translate(_QUOTES)
    lines = [line.strip() for line in text.splitlines()[: MAX_ROWS + MAX_HEADER]]
    names, start, rows = _rows(lines)
    wide = len(rows[0])
    if len(rows) == 1 and wide > 1:  # a recording written in one line
        rows, wide, names = [[cell] for cell in rows[0]], 1, []
    odd = next((i for i, row in enumerate(rows) if len(row) != wide), None)
    if odd is not None:
        raise MediaError(f"Line {start + odd + 1} has {len(rows[odd])} columns where the first has {wide}; {ACCEPTED}.")
    columns = [_column([row[i] for row in rows]) for i in range(wide)]
    return _signal(columns, names or [""] * wide, rows)


def _text(data: bytes) -> str:
    if not data.strip():
        raise MediaError(f"The file is empty; {ACCEPTED}.")
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace")
    if what := named(data):
        raise MediaError(f"This is {what}, not a table of numbers; {ACCEPTED}.")
    if b"\0" in data[:4096]:
        raise MediaError(f"This file is not a table of numbers; {ACCEPTED}.")
    return data.decode("utf-8-sig", "replace")


def _rows(lines: list[str]) -> tuple[list[str], int, list[list[str]]]:
    """(names of the columns or [], index of the first row's line, cells of each row)."""
    for i, line in enumerate(lines[:MAX_HEADER]):
        if not line:
            continue
        separator, comma = _separator(line[:MAX_LINE], lines[i : i + 50])
        first = _cells(line.replace(",", ".") if comma else line, separator)
        if not any(_value(cell) is not None for cell in first):
            continue
        rest = [row for row in lines[i + 1 :] if row]
        if len(first) > MAX_COLUMNS and rest:
            raise MediaError(
                f"This table has {len(first):,} columns, where a recording is one of at most {MAX_COLUMNS}; {ACCEPTED}."
            )
        rows = [_cells(row.replace(",", ".") if comma else row, separator) for row in rest]
        return _names(lines[:i], separator, len(first)), i, [first, *rows]
    raise MediaError(f"There are no numbers in this file; {ACCEPTED}.")


def _names(lines: list[str], separator: str | None, columns: int) -> list[str]:
    """The line above the numbers that names most columns in words known here; of equal ones the last."""
    headers = [[cell.strip(" #%") for cell in _cells(line, separator)] for line in lines]
    fitting = [header for header in reversed(headers) if len(header) == columns]
    return max(fitting, key=lambda header: sum(_known(name) for name in header), default=[])


def _known(name: str) -> bool:
    return bool(name) and bool(_TIME_NAMES.fullmatch(_bare(name)) or _rank(name) < len(_SIGNAL_NAMES))


def _bare(name: str) -> str:
    """A name without the unit behind it."""
    return name.partition("(")[0].partition("[")[0].strip().lower()


def _separator(line: str, sample: list[str]) -> tuple[str | None, bool]:
    """What stands between two cells (None: spaces), and whether 0,5 is a half."""
    sample = [row for row in sample if row]
    for mark in ("\t", ";"):
        if mark in line:
            return mark, any(_DECIMAL_COMMA.fullmatch(cell.strip()) for row in sample for cell in row.split(mark))
    if "," not in line:
        return None, False
    if all(_DECIMAL_COMMA.fullmatch(row) for row in sample) and not _counts([row.split(",")[0] for row in sample]):
        return None, True  # one column of decimal commas, not an index and a whole number
    spaced = [row.split() for row in sample]
    if len(spaced[0]) > 1 and all(_DECIMAL_COMMA.fullmatch(cell) for row in spaced for cell in row):
        return None, True
    return ",", False


def _counts(cells: list[str]) -> bool:
    """Do they count up evenly?"""
    steps = np.diff([int(cell) for cell in cells])
    return len(steps) > 0 and steps[0] > 0 and bool((steps == steps[0]).all())


def _cells(line: str, separator: str | None) -> list[str]:
    cells = line.split(separator, MAX_ROWS)[:MAX_ROWS]
    if separator and len(cells) > 1 and not cells[-1].strip():
        cells.pop()  # a separator at the end of the line
    return cells


def _value(cell: str) -> float | None:
    cell = cell.strip()
    if len(cell) > 40:
        return None
    if _NUMBER.fullmatch(cell):
        return float(cell)
    if clock := _CLOCK.fullmatch(cell):
        hours, minutes, seconds = clock.groups()
        return 3600 * float(hours or 0) + 60 * float(minutes) + float(seconds)
    return None


def _column(cells: list[str]) -> np.ndarray | None:
    """Its numbers, NaN where there is none; None where there are hardly any."""
    try:
        values = np.array(cells, dtype=np.float64)
    except ValueError:
        values = np.array([np.nan if (value := _value(cell)) is None else value for cell in cells])
    return values if np.isfinite(values).mean() > 0.5 else None


def _signal(columns: list[np.ndarray | None], names: list[str], rows: list[list[str]]) -> Column:
    found = {i: column for i, column in enumerate(columns) if column is not None}
    rate = None
    for i in list(found):
        if len(found) > 1 and _is_time(found[i], names[i]):
            rate = rate or _rate(found[i], names[i], rows[0][i])
            del found[i]
    if not found:
        raise MediaError(f"There are no numbers in this file; {ACCEPTED}.")
    candidates = [i for i in found if len(found) == 1 or not _LABEL_NAMES.fullmatch(names[i])] or list(found)
    best = min(candidates, key=lambda i: (_rank(names[i]), _flat(found[i]), i))
    values = found[best]
    if not np.isfinite(values).all():
        bad = int(np.argmin(np.isfinite(values)))
        cell = rows[bad][best].strip()[:20]
        what = f"{cell!r} is not a number" if cell else "a number is missing"
        raise MediaError(f"{what[0].upper()}{what[1:]} in row {bad + 1} of the recording; {ACCEPTED}, without gaps.")
    return Column(values, names[best], rate, len(candidates))


def _is_time(values: np.ndarray, name: str) -> bool:
    """Times and indices rise by equal steps, up to how they were rounded."""
    steps = np.diff(values)
    if not len(steps) or not (np.isfinite(steps).all() and (steps >= 0).all() and values[-1] > values[0]):
        return False
    even = np.abs(values - np.linspace(values[0], values[-1], len(values))).max() <= 2 * steps.max()
    return bool(even) and (bool(_TIME_NAMES.fullmatch(_bare(name))) or bool(np.allclose(steps, steps[0], rtol=0.01)))


def _rate(values: np.ndarray, name: str, cell: str) -> float | None:
    """Samples a second, where a column holds seconds or milliseconds and does not just count."""
    step = float(values[-1] - values[0]) / (len(values) - 1)
    if re.search(r"\bms\b|milli", name, re.IGNORECASE):
        return _whole(1000 / step)
    seconds = re.search(r"time|sec|elapsed|\bt\b|\bs\b", name, re.IGNORECASE) or _CLOCK.fullmatch(cell)
    return _whole(1 / step) if step < 1 and (seconds or not float(values[0]).is_integer() or step < 0.1) else None


def _whole(rate_hz: float) -> float:
    """Rates are whole numbers, times are rounded."""
    return float(round(rate_hz)) if abs(rate_hz - round(rate_hz)) < 1e-3 * rate_hz else rate_hz


def _rank(name: str) -> int:
    bare = _bare(name)
    return next((i for i, pattern in enumerate(_SIGNAL_NAMES) if re.fullmatch(pattern, bare)), len(_SIGNAL_NAMES))


def _flat(values: np.ndarray) -> bool:
    known = values[np.isfinite(values)]
    return not len(known) or bool(known.max() == known.min())
