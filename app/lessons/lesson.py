"""What a lesson is: one TOML file in ``data``, read and checked; a mistake in it is one sentence and costs no other.

A file says what to look at (a network, a sample, a budget), what to ask before anything is run, which number of the run
answers it (``measures``), and what to say afterwards. The right choice is in no file: it is what was measured.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from app.lessons.measures import MEASURES
from dynviz.media.difficulty import KNOBS
from dynviz.results.promises import PROMISES

FOLDER = Path(__file__).parent / "data"
GROUPS = ("sample-wise", "spatial-wise", "temporal-wise", "advantages")
PICTURES = ("curve", "decisions", "input")
SENTENCES = 3


class LessonError(ValueError):
    """A lesson file that cannot be used: which, and why, in one sentence."""


@dataclass(frozen=True)
class Choice:
    """One answer to choose from; it is right where the number measured is at most ``up_to`` and above the one
    before.
    """

    words: str
    up_to: float = float("inf")


@dataclass(frozen=True)
class Lesson:
    """name: of its file and in its link. group: one of ``GROUPS``. network, sample, budget: what is looked at.

    knob, strength: how a picture is made harder, by the measure ``harder`` and in the last step. experiment: of
    a lesson on an advantage, what is revealed instead of a live view.
    """

    name: str
    title: str
    group: str
    place: int
    network: str
    sample: str
    budget: float
    question: str
    measure: str
    choices: tuple[Choice, ...]
    explain: tuple[str, ...]
    picture: str
    tries: str
    knob: str = ""
    strength: float = 0.0
    experiment: str = ""

    def right(self, value: float) -> int:
        """Which choice the number ``value`` makes right."""
        return next(i for i, choice in enumerate(self.choices) if value <= choice.up_to)


def lessons(folder: Path = FOLDER) -> tuple[list[Lesson], list[str]]:
    """All lessons in order, and a sentence for each file that cannot be used."""
    found, problems = [], []
    for path in sorted(folder.glob("*.toml")):
        try:
            found.append(_known(path, path.stat().st_mtime_ns))
        except LessonError as error:
            problems.append(str(error))
    return sorted(found, key=lambda lesson: (GROUPS.index(lesson.group), lesson.place, lesson.name)), problems


@lru_cache(maxsize=256)
def _known(path: Path, _changed: int) -> Lesson:
    return read_lesson(path.stem, path.read_bytes())


def read_lesson(name: str, data: bytes) -> Lesson:
    """Raises LessonError, which names the file, the place and what is accepted there."""
    try:
        told = tomllib.loads(data.decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise LessonError(f"The lesson {name}.toml is no TOML file: {error}.") from error
    try:
        return _lesson(name, told)
    except _Wrong as error:
        raise LessonError(f"The lesson {name}.toml {error}.") from error


class _Wrong(ValueError):
    pass


def _lesson(name: str, told: Mapping[str, Any]) -> Lesson:
    known = {"title", "group", "place", "network", "sample", "budget", "knob", "strength", "experiment"}
    if more := sorted(set(told) - known - {"predict", "explain", "try"}):
        raise _Wrong(f"says {more[0]!r}, which no lesson has")
    predict, explain, tries = (_table(told, part) for part in ("predict", "explain", "try"))
    group = _one_of(_get(told, "group", str), GROUPS, "group")
    experiment = _get(told, "experiment", str, "")
    if experiment:
        _one_of(experiment, tuple(PROMISES), "experiment")
    sentences = tuple(_get(explain, "sentences", list, part="explain"))
    if len(sentences) != SENTENCES or not all(isinstance(sentence, str) and sentence for sentence in sentences):
        raise _Wrong(f"needs {SENTENCES} sentences under [explain], and has {len(sentences)}")
    return Lesson(
        name=name,
        title=_get(told, "title", str),
        group=group,
        place=_get(told, "place", int, 0),
        network=_get(told, "network", str),
        sample=_get(told, "sample", str),
        budget=_share(_get(told, "budget", (int, float))),
        question=_get(predict, "question", str, part="predict"),
        measure=_one_of(_get(predict, "measure", str, part="predict"), tuple(MEASURES), "measure"),
        choices=_choices(_get(predict, "choices", list, part="predict")),
        explain=sentences,
        picture=_one_of(_get(explain, "picture", str, "curve"), PICTURES, "picture"),
        tries=_get(tries, "words", str, part="try"),
        knob=_one_of(_get(told, "knob", str, ""), ("", *KNOBS), "knob"),
        strength=float(_get(told, "strength", (int, float), 0.0)),
        experiment=experiment,
    )


def _choices(told: list[Any]) -> tuple[Choice, ...]:
    if not 2 <= len(told) <= 5:
        raise _Wrong(f"needs two to five choices under [predict], and has {len(told)}")
    found = []
    for choice in told:
        if not isinstance(choice, dict) or set(choice) - {"words", "up_to"}:
            raise _Wrong('has a choice that is not { words = "...", up_to = 0.5 }')
        limit = choice.get("up_to", float("inf"))
        if not isinstance(limit, int | float):
            raise _Wrong(f"has a choice up to {limit!r}, which is no number")
        found.append(Choice(_get(choice, "words", str, part="predict"), float(limit)))
    limits = [choice.up_to for choice in found]
    if limits != sorted(set(limits)) or limits[-1] != float("inf"):
        raise _Wrong("needs choices whose up_to rise, the last one without")
    return tuple(found)


def _table(told: Mapping[str, Any], part: str) -> Mapping[str, Any]:
    if not isinstance(told.get(part), dict):
        raise _Wrong(f"has no part [{part}]")
    return told[part]


_NEEDED = object()


def _get(told: Mapping[str, Any], key: str, kind: Any, otherwise: Any = _NEEDED, part: str = "") -> Any:
    where = f" under [{part}]" if part else ""
    value = told.get(key, otherwise)
    if value is _NEEDED:
        raise _Wrong(f"does not say {key!r}{where}")
    if not isinstance(value, kind) or isinstance(value, bool):
        raise _Wrong(f"says {key} = {value!r}{where}, which is of the wrong kind")
    return value


def _one_of(value: str, known: tuple[str, ...], what: str) -> str:
    if value not in known:
        raise _Wrong(f"says {what} = {value!r}; known are {', '.join(known)}")
    return value


def _share(value: float) -> float:
    if not 0 < value <= 1.5:
        raise _Wrong(f"says budget = {value}, which is no share")
    return float(value)
