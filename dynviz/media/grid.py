"""The table in a file of numbers: what stands between its cells, where it begins and ends, what is written above it.

Three sniffers were held against fifteen files as programs and watches save them. DuckDB's finds the table in ten and no
decimal comma, CleverCSV's the separator in twelve, the standard library's in eleven; none finds a table below lines of
key and value. So the separator and the decimal mark are chosen here, as those that make most of the file numbers.
Quotes are the ``csv`` module's work, dates that of pandas.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

from dynviz.media.errors import MediaError
from dynviz.media.leads import is_known

MAX_ROWS = 130_000  # 60 s at 2,000 samples a second, and some
MAX_COLUMNS = 32
MAX_LINE = 4_000  # characters that are looked at to find out what stands between two numbers
MAX_HEADER = 200  # lines above the first number
MAX_FOOTER = 20
SAMPLED = 300  # lines that are tried with every separator
ACCEPTED = "a CSV or text file with one number a line, or with columns, is accepted"

_DIALECTS = (
    ("\t", "."), ("\t", ","), (";", ","), (";", "."), (",", "."), (",", ","), ("|", "."), ("|", ","), (None, "."),
    (None, ","),
)  # fmt: skip
_COMMENT = re.compile(r"(?!#(?:n/?a|num!|value!|div/0!|ref!|null!|name\?))(?:#|%|//)", re.IGNORECASE)
_UNIT = r"(?:\s?(?:[mµμu]?V|[mµμun]?s))?"
_NUMBER = {
    mark: re.compile(rf"([+-]?(?:\d+{re.escape(mark)}?\d*|{re.escape(mark)}\d+)(?:[eE][+-]?\d+)?){_UNIT}")
    for mark in (".", ",")
}
_TIME = r"\d{1,2}:\d{1,2}(?::\d{1,2}(?:[.,:]\d+)?)?(?: ?[AaPp][Mm])?"
CLOCK = re.compile(r"(?:(\d{1,3}):)?(\d{1,2}):(\d{1,2}(?:[.,:]\d*)?)( ?[AaPp][Mm])?")
DATE = re.compile(
    rf"\[?(?:\d{{1,4}}[-/.]\d{{1,2}}[-/.]\d{{1,4}}(?:[T ]+{_TIME}(?: ?(?:Z|UTC|[+-]\d\d:?\d\d))?)?"
    rf"|{_TIME} \d{{1,4}}[-/.]\d{{1,2}}[-/.]\d{{1,4}})\]?"
)
MISSING = re.compile(r"|nan|n/?a|null|none|nil|-+|\?|inf|missing|#[a-z/0]+[!?]?", re.IGNORECASE)
_WHOLE_PAIR = re.compile(r"[+-]?\d+,\d+")
_WORDS = re.compile(r"(?!nan|inf)[^\W\d][^\d]*", re.IGNORECASE)


@dataclass(frozen=True, eq=False)
class Grid:
    """head: the lines above the table, marks of comments left out; above: those of them that have its columns.

    names: of its columns, '' where there are none. rows: the cells, every row as long as ``names``. decimal: the mark
    in its numbers. left_out: lines behind it.
    """

    head: tuple[str, ...]
    above: tuple[tuple[str, ...], ...]
    names: tuple[str, ...]
    rows: list[list[str]]
    decimal: str
    left_out: int = 0

    def column(self, index: int) -> list[str]:
        return [row[index] for row in self.rows]


def read_grid(text: str) -> Grid:
    """The table of numbers in ``text``, of its first MAX_ROWS rows. Raises MediaError with what is wrong, and where."""
    lines = [line.strip(" \r\n\ufeff\0") for line in text.split("\n")[: MAX_ROWS + MAX_HEADER]]
    known = [(i, line) for i, line in enumerate(lines) if line and not _COMMENT.match(line)]
    if not known:
        raise MediaError(f"There are no numbers in this file; {ACCEPTED}.")
    quote = "'" if not any('"' in line for _, line in known) else '"'
    separator, decimal = _dialect([line for _, line in known], quote)
    most = MAX_LINE if len(known) > 1 else None  # a recording may be written in one line
    wide, needed = _shape([_cells(line[:most], separator, quote) for line in _sample(known)], decimal)
    if not needed:
        raise MediaError(f"There are no numbers in this file; {ACCEPTED}.")
    if len(known) > 1 and wide > MAX_COLUMNS:
        wide = Counter(len(_cells(line, separator, quote)) for _, line in known).most_common(1)[0][0]
        raise MediaError(
            f"This table has {wide:,} columns, where a recording is one of at most {MAX_COLUMNS}, with a sample in "
            f"each row; {ACCEPTED}."
        )
    rows = [_cells(line, separator, quote) for _, line in known]
    start = _start(rows, needed, decimal)
    body, wide, end = [], max(wide, max(needed) + 1), _end(rows, start, needed)
    for at in range(start, end):
        row = rows[at]
        if not _fits(row, wide, needed, decimal):
            raise MediaError(f"Line {known[at][0] + 1} has {len(row)} columns where the first has {wide}; {ACCEPTED}.")
        body.append([*row[:wide], *[""] * (wide - len(row))])
    head_end = known[start][0]
    head = tuple(line.lstrip("#%/ \t") for line in lines[:head_end] if line)
    split = (_cells(line, separator, quote) for line in head)
    above = tuple(tuple(line + [""] * (wide - len(line))) for line in split if wide - 1 <= len(line) <= wide)
    return Grid(head, above, _names(above, wide), body, decimal, len(rows) - end)


def value(cell: str, decimal: str = ".") -> float | None:
    """The number in a cell, a unit behind it left out; None where there is none."""
    cell = cell.strip().replace("−", "-")
    found = _NUMBER[decimal].fullmatch(cell) if len(cell) <= 40 else None
    return float(found[1].replace(",", ".")) if found else None


def is_value(cell: str, decimal: str) -> bool:
    """Is it a number, a time of day or a date?"""
    cell = cell.strip()
    return value(cell, decimal) is not None or bool(len(cell) <= 40 and (CLOCK.fullmatch(cell) or DATE.fullmatch(cell)))


def _sample(known: list[tuple[int, str]]) -> list[str]:
    """Lines from where the table surely is: behind the first third."""
    later = known[len(known) // 3 :]
    return [line for _, line in later[:: max(1, len(later) // SAMPLED)]]


def _cells(line: str, separator: str | None, quote: str) -> list[str]:
    if quote in line and separator is not None:
        try:
            found = next(csv.reader([line], delimiter=separator, quotechar=quote, skipinitialspace=True), [])
            return [cell.strip() for cell in found[:MAX_ROWS]]
        except csv.Error:  # a cell without end
            pass
    return [cell.strip(f" {quote}") for cell in line.split(separator, MAX_ROWS)[:MAX_ROWS]]


def _dialect(lines: list[str], quote: str) -> tuple[str | None, str]:
    """(what stands between two cells, None for spaces; the decimal mark) that make most cells numbers."""
    sample = [line[:MAX_LINE] for line in _sample(list(enumerate(lines)))]
    scores = {}
    for separator, decimal in _DIALECTS:
        rows = [_cells(line, separator, quote) for line in sample]
        filled = [cell for row in rows for cell in row if cell]
        even = Counter(map(len, rows)).most_common(1)[0][1] / len(rows)
        scores[separator, decimal] = even * sum(is_value(cell, decimal) for cell in filled) / max(1, len(filled))
    best = max(scores, key=lambda dialect: scores[dialect])
    halves = None, ","
    if best == (",", ".") and scores[halves] == scores[best] and _are_halves(lines):
        return halves
    return best


def _are_halves(lines: list[str]) -> bool:
    """Is 0,5 a half in a file with one comma in most lines, or two columns of whole numbers?"""
    first = next(i for i, line in enumerate(lines) if line[:1].isdigit() or line[:1] in "+-")
    body = lines[first:]
    if not all(_WHOLE_PAIR.fullmatch(line) for line in body):
        return True  # a whole number among them: there is but one column
    if first:
        return "," not in lines[first - 1]
    before, after = zip(*(line.split(",") for line in body), strict=True)
    if any(len(part) > 1 and part.startswith("0") for part in after):
        return True
    steps = {int(b) - int(a) for a, b in pairwise(before)}
    return len(steps) != 1 or min(steps) <= 0  # an index counts up evenly


def _shape(rows: list[list[str]], decimal: str) -> tuple[int, list[int]]:
    """(usual number of columns, which of them hold a value in most rows)."""
    wide = Counter(map(len, rows)).most_common(1)[0][0]
    usual = [row for row in rows if len(row) == wide]
    held = [sum(is_value(row[i], decimal) for row in usual) for i in range(wide)]
    return wide, [i for i in range(wide) if held[i] > len(usual) / 2]


def _start(rows: list[list[str]], needed: list[int], decimal: str) -> int:
    """Index of the table's first row."""
    start = next((i for i, row in enumerate(rows[:MAX_HEADER]) if _begins(row, needed, decimal)), None)
    if start is None:
        raise MediaError(f"There are no numbers in this file; {ACCEPTED}.")
    for later in range(start + 1, min(start + MAX_FOOTER, len(rows) - 1)):  # a lone number above the names
        row = rows[later]
        words = [row[i] for i in needed if i < len(row)]
        if len(words) == len(needed) and all(_WORDS.fullmatch(w) and not MISSING.fullmatch(w) for w in words):
            return later + 1
    return start + _is_numbered(rows[start:], needed, decimal)


def _begins(row: list[str], needed: list[int], decimal: str) -> bool:
    """Has it values where the table has some? Cells of an index are never empty, those of a header may be."""
    return len(row) > needed[-1] and all(is_value(row[i], decimal) for i in needed)


def _is_numbered(rows: list[list[str]], needed: list[int], decimal: str) -> bool:
    """Is the first row a header that numbers the columns, as pandas writes for columns without names?"""
    if len(rows) < 3:
        return False
    cells = [rows[0][i] for i in needed]
    if cells not in ([str(i) for i in range(len(cells))], [str(i + 1) for i in range(len(cells))]):
        return False
    for i, cell in zip(needed, cells, strict=True):
        below = [row[i] for row in rows[1:201] if i < len(row)]
        numbers = [number for number in (value(c, decimal) for c in below) if number is not None]
        if all(decimal in c or "e" in c.lower() for c in below):
            continue  # a whole number above fractions
        low, high = min(numbers), max(numbers)
        if len(below) < 20 or low - (high - low) <= float(cell) <= high + (high - low):
            return False
    return True


def _fits(row: list[str], wide: int, needed: list[int], decimal: str) -> bool:
    """As long as the others: what is too much is a remark, what lacks is one too."""
    return needed[-1] < len(row) and not any(is_value(cell, decimal) for cell in row[wide:])


def _end(rows: list[list[str]], start: int, needed: list[int]) -> int:
    """Index behind the table's last row: a program may have written words behind its table."""
    end = len(rows)
    while end > max(start + 1, len(rows) - MAX_FOOTER):
        cell = (rows[end - 1] + [""] * (needed[0] + 1))[needed[0]]
        if MISSING.fullmatch(cell) or not _WORDS.fullmatch(cell):
            break
        end -= 1
    return end


def _names(above: tuple[tuple[str, ...], ...], wide: int) -> tuple[str, ...]:
    """The line above the table that names most of its columns; of equal ones the last."""
    best = max(reversed(above), key=lambda line: sum(map(is_known, line)), default=("",) * wide)
    if wide == 1 and re.search(r"[,;:=]", best[0]):
        return ("",)
    return tuple(name.strip(" #%'\"") for name in best)
