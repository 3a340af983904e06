"""Which column of a table is the recording: what columns are called, and what else their numbers may be.

Names are compared without their unit, in small letters, with spaces for any sign between two words.
"""

from __future__ import annotations

import re

import numpy as np

# best first: a network learned on lead II
_SIGNALS = tuple(
    re.compile(pattern)
    for pattern in (
        r"((ecg|ekg|electrocardiogram) ?)?(lead ?|ch(annel)? ?)?ml ?ii|(ecg|ekg) ?(lead ?)?(ii|2)|lead ?(ii|2)|ii",
        r".*\b(ecg|ekg)(?!.*(rate|quality|hr|peak)).*|.*elektrokardiogramm.*|electrocardiogram",
        r"(lead ?)?i|lead ?1",
        r"(lead ?)?(iii|avr|avl|avf|v ?\d|ml ?[iv]+\d?)|lead ?3",
        r"signal|values?|amplitude|samples?|voltage|data|y|wert|valeur|valor|ch(annel)? ?\d+|a\d+|lead",
    )
)
_TIMES = re.compile(
    r".*(time|zeit|temps|tiempo|tempo|date|datum|clock|stamp|elapsed|epoch).*|hh mm.*|seconds?|secs?|sec|"
    r"m?s|us|µs|ns|milliseconds?|microseconds?|t"
)
_COUNTS = re.compile(
    r"index|idx|samples?( (no|nr|number|index|id))?|frames?|nr?|no|num(ber)?|row|count(er)?|seq(uence)?|nseq|id|#|"
    r"unnamed ?\d*|"
)
_OTHERS = re.compile(
    r".*\b(label|class|annot\w*|anno|type|target|beats?|marker|event|trigger|status|quality|battery|hr|bpm|rr|pulse|"
    r"heart ?rate|spo2|resp\w*|temp\w*|acc\w*|gyr\w*|ppg|bvp|eda|gsr|emg|eeg|digital|di|code|flag|lead ?off|[xz]|"
    r"rpeaks?|peaks?)\b.*"
)
FEW = 8  # different values; a column of so few is a mark or a switch, where another one has more


def bare(name: str) -> str:
    """A name without the unit behind it, in small letters, one space between words."""
    name = re.sub(r"[\(\[{].*|,.*", "", name).lower()
    return " ".join(re.sub(r"[_\-./:'\"]+", " ", name).split())


def is_known(name: str) -> bool:
    """Is it what a column of such a table may be called?"""
    own = bare(name)
    return bool(own) and (is_time(name) or is_count(name) or rank(name) < len(_SIGNALS) or bool(_OTHERS.fullmatch(own)))


def is_time(name: str) -> bool:
    return bool(_TIMES.fullmatch(bare(name)))


def is_count(name: str) -> bool:
    return bool(_COUNTS.fullmatch(bare(name)))


def rank(name: str) -> int:
    """The smaller, the more surely it is the recording."""
    own = bare(name)
    return next((i for i, pattern in enumerate(_SIGNALS) if pattern.fullmatch(own)), len(_SIGNALS))


def recording(columns: dict[int, np.ndarray], names: tuple[str, ...]) -> tuple[int, int]:
    """(index of the column to read, how many could have been meant). columns: (rows,) numbers, NaN for none, by index.

    A column of times or counts is not among ``columns``; one that never changes or has few values gives way to others.
    """
    sure = len(_SIGNALS) - 1
    meant = [i for i in columns if rank(names[i]) < sure or not _OTHERS.fullmatch(bare(names[i]))] or list(columns)
    lively = [i for i in meant if _different(columns[i]) > 1] or meant
    own = [i for i in lively if _different(columns[i]) > FEW] or lively
    return min(own, key=lambda i: (rank(names[i]), i)), len(own)


def counts(values: np.ndarray, name: str) -> bool:
    """Are they numbers of samples, or of packets that begin anew after the last?"""
    if len(values) < 3 or not np.isfinite(values).all():
        return False
    steps = np.diff(values)
    if (values != np.rint(values)).any():
        return False
    if (steps == 1).all():
        return True
    around = values.max() - values.min()
    return bool(around >= 3 and (steps == 1).mean() > 0.5 and np.isin(steps, (1, -around)).mean() > 0.99) or bool(
        is_count(name) and name.strip() and (steps >= 0).all() and steps.any()
    )


def _different(values: np.ndarray) -> int:
    return len(np.unique(values[np.isfinite(values)]))
