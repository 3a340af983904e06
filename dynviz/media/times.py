"""Samples a second, from a column of times (clock, dates, epoch, plain numbers in any unit) or from a file's header."""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dynviz.media.grid import CLOCK, DATE, value
from dynviz.media.leads import bare, is_count, is_time

UNITS = {"s": 1.0, "ms": 1e-3, "µs": 1e-6, "ns": 1e-9}
EPOCHS = {"s": (3e8, 1e10), "ms": (3e11, 1e13), "µs": (3e14, 1e16), "ns": (3e17, 1e19)}  # since 1970
USUAL_HZ = (45.0, 2_500.0)  # of an ECG: plain numbers whose unit nobody says are in the one that gives such a rate
DAY_S, HOUR_S = 86_400.0, 3_600.0
EVEN = 0.02  # of a step; times that differ less are equally spaced
WINDOW = 128  # samples; times that come in packets or are rounded are even over so many
GAP = 3.0  # steps; a longer one is a gap
SLOW_DATES = 5_000  # of dates in an odd form so many are read

_NUMBER = r"(\d+(?:[.,]\d+)?)"
_OTHER_HZ = re.compile(r"filter|notch|heart|pulse|cut.?off|pass|band|bluetooth|screen|mains|resp", re.IGNORECASE)
_SAMPLING = r"(?:sampl\w*|samp|abtast\w*|échantillon\w*|echantillon\w*|muestreo|campion\w*|amostragem)"
_RATES = (
    re.compile(rf"{_SAMPLING}[^\d\n]{{0,40}}?{_NUMBER}\s*(k?)(?:hz|hertz|sps|/s|samples|\W|$)", re.IGNORECASE),
    re.compile(rf"\b(?:fs|sfreq|srate|sps|frequency|freq|frequenz|fréquence|frecuencia|rate)\b[^\d\n]{{0,20}}?{_NUMBER}"
               r"\s*(k?)(?:hz|hertz|\W|$)", re.IGNORECASE),
    re.compile(rf"{_NUMBER}\s*(k?)(?:hz\b|hertz|sps\b|samples?\s*(?:/|per|a)\s*s)", re.IGNORECASE),
)  # fmt: skip
_INTERVAL = re.compile(
    rf"(?:{_SAMPLING}\W+(?:interval|period|time|step)|\binterval|\bdt)[^\d\n]{{0,20}}?{_NUMBER}\s*(ms|µs|us|ns|s)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Times:
    """rate_hz: samples a second. unit: that of plain numbers where nobody says it, else ''. gaps_s: of each gap."""

    rate_hz: float
    unit: str = ""
    gaps_s: tuple[float, ...] = ()


def header_rate(head: Sequence[str]) -> float | None:
    """Samples a second as a line above the table says them."""
    for pattern in _RATES:
        for line in head:
            if _OTHER_HZ.search(line) and not re.search(_SAMPLING, line, re.IGNORECASE):
                continue
            if _INTERVAL.search(line):
                continue
            if (found := pattern.search(line)) and (rate := float(found[1].replace(",", "."))) > 0:
                return rate * (1000 if found[2] else 1)
    for line in head:
        if (found := _INTERVAL.search(line)) and (step := float(found[1].replace(",", "."))) > 0:
            return whole(1 / (step * UNITS[found[2].lower().replace("us", "µs")]))
    return None


def seconds(cells: Sequence[str], decimal: str) -> tuple[np.ndarray, bool]:
    """(times in seconds, NaN for none, and True) of clocks and dates; (numbers, False) of plain numbers."""
    first = next((cell for cell in cells if cell.strip()), "")
    if value(first, decimal) is not None:
        return np.array([np.nan if (number := value(c, decimal)) is None else number for c in cells]), False
    if CLOCK.fullmatch(first.strip()):
        times = np.array([_clock(cell) for cell in cells])
        longest = DAY_S if first.count(":") > 1 else HOUR_S
        back = np.nan_to_num(np.diff(times, prepend=times[0])) < -longest / 2  # past midnight, past the full hour
        return times + longest * np.cumsum(back), True
    if DATE.fullmatch(first.strip()):
        return _dates(cells), True
    return np.full(len(cells), np.nan), True


def times_of(cells: Sequence[str], name: str, decimal: str) -> Times | None:
    """The rate that a column tells; None where it holds no times, or nothing but numbers of samples."""
    values, timed = seconds(cells, decimal)
    if len(values) < 3 or not np.isfinite(values).all():
        return None
    steps = np.diff(values)
    if (steps < 0).any() or not (steps > 0).any():
        return None
    step = _usual(values, steps)
    gaps = steps > GAP * step + 2 * _grain(steps)
    named = timed or is_time(name)
    if not named and (np.abs(steps - step) > EVEN * step).mean() > 0.01:
        return None
    joined = np.concatenate([[0.0], np.cumsum(np.where(gaps, step, steps))])  # times without their gaps
    step = float(f"{_slope(joined):.9g}")
    if step <= 0:
        return None
    unit, guessed = ("s", False) if timed else _unit(values, step, name)
    if unit is None:
        return None
    scale = UNITS[unit]
    return Times(whole(1 / (step * scale)), unit if guessed else "", tuple((steps[gaps] * scale).tolist()))


def whole(rate_hz: float) -> float:
    """Rates are whole numbers, times are rounded."""
    return float(round(rate_hz)) if abs(rate_hz - round(rate_hz)) < 1e-3 * rate_hz else rate_hz


def _slope(times: np.ndarray) -> float:
    """The mean step. Of times that mostly stand still, being rounded, from their first change to their last."""
    changes = np.flatnonzero(np.diff(times) > 0)
    if len(changes) < len(times) / 4 and len(changes) > 2:
        first, last = changes[[0, -1]]
        return float((times[last + 1] - times[first + 1]) / (last - first))
    return float(np.polyfit(np.arange(len(times)), times, 1)[0])


def _usual(values: np.ndarray, steps: np.ndarray) -> float:
    """The median step; over a window where times are rounded or come in packets."""
    median = float(np.median(steps))
    if median > 0 and (np.abs(steps - median) <= EVEN * median).mean() > 0.9:
        return median
    wide = max(1, min(WINDOW, len(steps) // 8))
    return float(np.median(values[wide:] - values[:-wide])) / wide


def _grain(steps: np.ndarray) -> float:
    """What times are rounded to, as far as it can be seen: the smallest step, where not all are equal."""
    sizes = np.unique(np.round(steps[steps > 0], 9))
    return float(sizes[0]) if len(sizes) > 1 or (steps == 0).any() else 0.0


def _unit(values: np.ndarray, step: float, name: str) -> tuple[str | None, bool]:
    """(unit of plain numbers, whether it is a guess); None for numbers of samples."""
    if said := _said_unit(name):
        return said, False
    for unit, (least, most) in EPOCHS.items():
        if least <= values[0] <= most and is_time(name):
            return unit, False
    if is_count(name) and bare(name) and not is_time(name):
        return None, False
    if step == 1 or (step == round(step) and not is_time(name) and step < 2):
        return None, False
    for unit, scale in UNITS.items():
        if USUAL_HZ[0] <= 1 / (step * scale) <= USUAL_HZ[1]:
            return unit, unit != "s" or not is_time(name)
    return None, False


def _said_unit(name: str) -> str | None:
    words = re.sub(r"[_\-./:()\[\]{}]+", " ", name.lower().replace("μ", "µ")).split()
    for word in words:
        if word in ("ms", "msec", "millis", "milli", "milliseconds", "millisecond"):
            return "ms"
        if word in ("us", "µs", "usec", "micros", "microseconds", "microsecond"):
            return "µs"
        if word in ("ns", "nsec", "nanos", "nanoseconds", "nanosecond"):
            return "ns"
        if word in ("s", "sec", "secs", "second", "seconds", "sekunden"):
            return "s"
    return None


def _clock(cell: str) -> float:
    found = CLOCK.fullmatch(cell.strip())
    if not found:
        return float("nan")
    hours, minutes, rest, half = found.groups()
    hour = float(hours or 0)
    if half:
        hour = hour % 12 + 12 * (half.strip().lower() == "pm")
    return 3600 * hour + 60 * float(minutes) + float(rest.replace(",", ".").replace(":", "."))


def _dates(cells: Sequence[str]) -> np.ndarray:
    """Seconds since 1970. A comma before the fraction is a point; days come first where points stand between them."""
    import pandas

    plain = [re.sub(r"(:\d\d),(\d)", r"\1.\2", cell.strip("[] ")) for cell in cells]
    day_first = "." in plain[0].split(" ")[0]

    def parsed(texts: list[str], form: str | None) -> np.ndarray:
        found = pandas.to_datetime(texts, errors="coerce", utc=True, format=form, dayfirst=day_first)
        return np.where(found.isna(), np.nan, found.as_unit("us").asi8 / 1e6)  # ns reach back to 1678 only

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        times = parsed(plain, "ISO8601")
        for form in (None, "mixed"):
            if np.isfinite(times).all():
                break
            times = parsed(plain if form is None else plain[:SLOW_DATES], form)
    return times
