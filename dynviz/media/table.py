"""Tables of texts: a CSV file, of which a person chooses a column and a row. All limits on tables are here."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

from dynviz.media.errors import MediaError
from dynviz.media.text import decoded

MAX_TABLE_BYTES = 20_000_000
MAX_ROWS = 10_000
MAX_COLUMNS = 200
ACCEPTED = f"a CSV table of at most {MAX_TABLE_BYTES // 1_000_000} MB is accepted"
HEADING = 40  # characters; a longer cell in the first row is a text and no heading


@dataclass(frozen=True)
class Table:
    """names: of the columns. rows: every one as long as names. note: a sentence on what was left out, else ''."""

    names: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""

    def column(self, index: int) -> list[str]:
        return [row[index] for row in self.rows]

    def wordiest(self) -> int:
        """The column with the longest cells, most likely the one with the texts."""
        return max(range(len(self.names)), key=lambda i: sum(len(row[i]) for row in self.rows))


def read_table(data: bytes) -> Table:
    """Read a CSV file: commas, semicolons, tabs or bars; any common encoding. Raises MediaError, and nothing else."""
    if len(data) > MAX_TABLE_BYTES:
        raise MediaError(f"This table is larger than that; {ACCEPTED}.")
    text = decoded(data).replace("\x00", " ")
    csv.field_size_limit(MAX_TABLE_BYTES)
    found: list[list[str]] = []
    note = ""
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text)):
            if any(cell.strip() for cell in row):
                found.append(row[:MAX_COLUMNS])
            if len(found) > MAX_ROWS:
                note = f"Only the first {MAX_ROWS:,} rows are used."
                break
    except csv.Error as error:
        raise MediaError(f"This table is damaged ({error}); {ACCEPTED}.") from error
    if not found:
        raise MediaError(f"There is nothing in this table; {ACCEPTED}.")
    wide = max(map(len, found))
    rows = [tuple(row + [""] * (wide - len(row))) for row in found]
    first = [cell.strip() for cell in rows[0]]
    headed = len(rows) > 1 and len(set(first)) == wide and all(0 < len(cell) <= HEADING for cell in first)
    names = tuple(first) if headed else tuple(f"column {i + 1}" for i in range(wide))
    return Table(names, tuple(rows[headed : MAX_ROWS + headed]), note)


def _delimiter(text: str) -> str:
    """What divides the first lines most often, a comma where nothing does."""
    head = text[:20_000]
    counts = {mark: head.count(mark) for mark in ("\t", ";", "|")}
    best = max(counts, key=lambda mark: counts[mark])
    return best if counts[best] > head.count(",") else ","
