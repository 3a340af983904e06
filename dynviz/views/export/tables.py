"""Tables for spreadsheets and scripts, as CSV: of the decisions of a trace, and of whatever else has rows."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import fields
from typing import Any

import numpy as np

from dynviz.decisions import Decision
from dynviz.trace import Trace
from dynviz.views.decisions.frame_states import shots
from dynviz.views.decisions.step_states import STATES, StepStates, step_states, unknown_words, word_states

FIRST = (
    "kind", "order", "unit", "choice", "executed", "score", "threshold", "macs", "macs_static", "decider_macs",
    "rule", "forced", "layer", "step", "frame",
)  # fmt: skip
MOST_VALUES = 64  # a larger array is named by its shape and type; the trace file holds it whole
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")


def csv_rows(trace: Trace) -> str:
    """The decisions in their order: a header line, then a line per decision (RFC 4180, lines end in CR LF).

    After the columns that all decisions share come what the network would have answered at each, where that is known,
    with how sure it was, and the fields of the types in this trace, empty where a decision has no such field.
    Probabilities stand beside the names of their classes. An array of at most ``MOST_VALUES`` numbers is written as
    values with spaces between them, row by row (true as 1, false as 0), names with "; " between them. A number that is
    absent or unknown is empty. Text, or a list, that a spreadsheet would take for a formula begins with an apostrophe.
    """
    ordered = sorted(trace.decisions, key=lambda decision: decision.order)
    own = dict.fromkeys(f.name for decision in ordered for f in fields(decision) if f.name not in FIRST)
    said = ("answer", "confidence") if "probabilities" in own else ()
    rows = ({**_said(trace, decision), **_fields(trace, decision, (*FIRST, *own))} for decision in ordered)
    names = [*FIRST, *said, *own]
    return csv_text(names, ([row.get(name) for name in names] for row in rows))


def _fields(trace: Trace, decision: Decision, names: Sequence[str]) -> dict[str, Any]:
    """The values of a decision; probabilities by the names of their classes, where few enough to be written."""
    values = {name: getattr(decision, name, None) for name in names}
    given = values.get("probabilities")
    if given is not None and len(given) == len(trace.labels) <= MOST_VALUES:
        values["probabilities"] = [f"{label} {_number(float(p))}" for label, p in zip(trace.labels, given, strict=True)]
    return values


def _said(trace: Trace, decision: Decision) -> dict[str, Any]:
    """What the network would have answered at this decision, and how sure it was."""
    given = decision.probabilities
    if given is None or len(given) != len(trace.labels):
        return {}
    best = int(np.argmax(given))
    return {"answer": trace.labels[best], "confidence": float(given[best])}


def csv_words(trace: Trace) -> str:
    """The words of a text in their order: what happened to each, its score, and the answer up to there.

    first, behind: where the word stands, in characters. Empty where a network has no such number.
    """
    states = word_states(trace)
    assert states is not None  # the caller asks for a text whose words are known
    names = ("word", "text", "first", "behind", "state", "score", "answer", "confidence", "known")
    strange = set(unknown_words(trace).tolist())
    rows = ((i, _row_of(trace, states, i)) for i in range(len(states)))
    return csv_text(names, ((i + 1, trace.media.text[row[0] : row[1]], *row, i not in strange) for i, row in rows))


def _row_of(trace: Trace, states: StepStates, i: int) -> tuple[Any, ...]:
    """Where word or step ``i`` begins and ends, its state, its score, the answer up to there and how sure it was."""
    start, end = map(int, states.spans[i])
    score = None if states.scores is None else float(states.scores[i])
    answer, sure = "", None
    if states.running is not None and np.isfinite(states.running[i]).all():
        best = int(states.running[i].argmax())
        answer, sure = (trace.labels[best] if best < len(trace.labels) else str(best)), float(states.running[i, best])
    return start, end, STATES[states.codes[i]], score, answer, sure


def csv_steps(trace: Trace) -> str:
    """The steps of a recording in their order: what happened to each, its score, and the answer up to there.

    first, behind: the samples that belong to it; second: when it begins. Empty where there is no such number.
    """
    states = step_states(trace)
    assert states is not None  # the caller asks for a recording
    rate = trace.media.rate_hz
    names = ("step", "second", "first", "behind", "state", "score", "answer", "confidence")
    rows = ((i, *_row_of(trace, states, i)) for i in range(len(states)))
    told = ((i + 1, start / rate if rate > 0 else None, start, end, *rest) for i, start, end, *rest in rows)
    return csv_text(names, told)


def csv_frames(trace: Trace) -> str:
    """The candidate frames of a video in order of time: what happened to each, at which resolution, where, and the
    answer after it. region: x0 y0 x1 y1 in pixels of the original, one after the other. Empty where there is none.
    """
    names = (
        "frame", "second", "state", "turn", "side_px", "region", "score", "threshold", "answer", "confidence", "macs",
    )  # fmt: skip
    rows = (
        (
            shot.index + 1, shot.second, shot.state, shot.turn, shot.side_px, np.array(shot.boxes).ravel() if shot.boxes
            else None, shot.score, shot.threshold, shot.label, shot.sure, shot.macs,
        )
        for shot in shots(trace)
    )  # fmt: skip
    return csv_text(names, rows)


def csv_text(names: Sequence[str], rows: Iterable[Iterable[Any]]) -> str:
    """A header line, then a line per row, its values written as ``csv_rows`` says."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(names)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return out.getvalue()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return _harmless(value)
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if isinstance(value, int | np.integer):
        return str(int(value))
    if isinstance(value, float | np.floating):
        return _number(float(value))
    if isinstance(value, tuple | list) and any(isinstance(item, str) for item in value):
        return _harmless("; ".join(map(str, value)))
    return _listed(np.asarray(value))


def _listed(array: np.ndarray) -> str:
    if array.size > MOST_VALUES:
        return f"{' x '.join(map(str, array.shape))} {array.dtype}"
    whole = array.dtype.kind in "bui"
    words = [str(int(item)) if whole else _number(float(item)) or "nan" for item in array.ravel()]
    return _harmless(" ".join(words)) if len(words) > 1 else "".join(words)  # "-1 -1" would become -2


def _number(value: float) -> str:
    """Seven significant digits, what a 32-bit network can mean; nothing for NaN (recorders write it for 'none')."""
    return "" if np.isnan(value) else f"{value:.7g}"


def _harmless(words: str) -> str:
    """Words that no spreadsheet evaluates."""
    return f"'{words}" if words.lstrip(" ").startswith(_FORMULA) else words
