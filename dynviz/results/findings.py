"""What was measured of a network beside its curve, kept in ``findings.json`` next to its card. Needs no torch, no data.

Whether the steps that an ECG reader processed are those of the abnormal beats; how a digit reader does on voices it
never heard; whether a network for pictures computes where the object is. A network without findings has no such file.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path

from dynviz import zoo
from dynviz.zoo import CheckpointError, ModelCard

FILE = "findings.json"
DECIMALS = 6


@dataclass(frozen=True)
class BeatUse:
    """Where an ECG reader spent its steps, one number per operating point of its card, over the test strips that hold
    ventricular beats.

    ventricular, normal, rest: share processed of the steps in ventricular beats, in normal beats, in neither. uniform:
    share of the steps in ventricular beats that the same number of steps, evenly spaced, processes. found: share of the
    strips in which at least one ventricular beat was processed by half or more. window_s: a beat's steps reach from so
    many seconds before its peak to so many after. strips, beats: how many ventricular ones.
    """

    budgets: tuple[float, ...]
    ventricular: tuple[float, ...]
    normal: tuple[float, ...]
    rest: tuple[float, ...]
    uniform: tuple[float, ...]
    found: tuple[float, ...]
    window_s: tuple[float, float]
    strips: int
    beats: int


@dataclass(frozen=True)
class Strangers:
    """Accuracy on speakers that were left out of the training, one at a time, every decision open.

    accuracy: over all of them; by_speaker: of each. n: recordings. heard: on held-out recordings of speakers that it
    was trained on, so that the two can be told apart.
    """

    accuracy: float
    interval: tuple[float, float]
    n: int
    by_speaker: tuple[float, ...]
    heard: float


@dataclass(frozen=True)
class RoomNoise:
    """Right answers of a digit reader on test words with noise around and over them, every decision open.

    kinds: of noise; db: by how much the word is stronger. whole, found, known: by kind, then by strength, of the whole
    recording, of the word as it is found in it (what a person's recording goes through), and of the word cut out where
    it is known to be. quiet: without noise. n: words.
    """

    kinds: tuple[str, ...]
    db: tuple[int, ...]
    whole: tuple[tuple[float, ...], ...]
    found: tuple[tuple[float, ...], ...]
    known: tuple[tuple[float, ...], ...]
    quiet: float
    n: int


@dataclass(frozen=True)
class ObjectUse:
    """Where a network for pictures spent the compute that it decides about, one number per operating point of its card,
    over photos that it was not trained on and in which the object was marked.

    on_object: share of that compute that fell on the object. pointing: share of the photos in which the place with the
    most of it lies on the object (the pointing game). None at points that decide to compute nothing. object_share: the
    object's share of what the network saw, which is what both would be if it looked anywhere. people: how many photos
    of people, marked by outline; fruits: of fruits, marked by boxes.
    """

    budgets: tuple[float, ...]
    on_object: tuple[float | None, ...]
    pointing: tuple[float | None, ...]
    object_share: float
    people: int
    fruits: int


@dataclass(frozen=True)
class AttributionUse:
    """Does a network compute where its answer depends? One number per operating point of its card, means over ``n``
    test
    inputs: of the operating point's decisions against Integrated Gradients of the same network with every decision
    open.

    correlation: Spearman's rank correlation over places, words or steps, with its 95 % bootstrap interval in low and
    high. on_executed: share of the attribution that falls on what was executed. executed: share of the places that was,
    which is what ``on_executed`` would be if the same amount fell anywhere. None at points where nothing is left to
    compare: everything or nothing was executed. blind: the same two of decisions that do not look at the input and cost
    about the same, by the name of the baseline: ((correlation, on_executed), ...). gap: median share by which the
    attributions miss the change of the answer that they should add up to.
    """

    method: str
    budgets: tuple[float, ...]
    correlation: tuple[float | None, ...]
    low: tuple[float | None, ...]
    high: tuple[float | None, ...]
    on_executed: tuple[float | None, ...]
    executed: tuple[float | None, ...]
    blind: dict[str, tuple[tuple[float | None, float | None], ...]]
    gap: float
    n: int


@dataclass(frozen=True)
class CompatibilityUse:
    """What pruning, low rank and int8 do to a network's curve, without training it again. names: 'as it is' first.

    accuracy: by name, then by operating point (budgets: some of the card's). lost: by name, the mean difference to the
    network as it is over these points, and its paired 95 % interval. bytes, ms: by name, of a file with all its
    numbers, and the median of really skipping runs of one input, in turn. n: test inputs.
    """

    budgets: tuple[float, ...]
    names: tuple[str, ...]
    accuracy: tuple[tuple[float, ...], ...]
    lost: tuple[tuple[float, float, float], ...]
    bytes: tuple[int, ...]
    ms: tuple[float, ...]
    n: int


@dataclass(frozen=True)
class UnlikeUse:
    """How well a network tells pictures that are unlike all it knows, at the cheapest operating point and with every
    decision open (budgets: None), on test pictures that nothing was fitted or calibrated on.

    called: share of the photos of known classes that are called unlike, missed: share of the pictures of other things
    that are not, each with its 95 % interval, by budget. kinds: of those pictures, what they are of -> (missed share
    with every decision open, n). known, unknown: how many pictures of each. macs: multiply-adds of one distance.
    """

    budgets: tuple[float | None, ...]
    called: tuple[tuple[float, float, float], ...]
    missed: tuple[tuple[float, float, float], ...]
    kinds: dict[str, tuple[float, int]]
    known: int
    unknown: int
    macs: int


@dataclass(frozen=True)
class Findings:
    """What there is for one network; sha256: of the weights that it was measured on."""

    sha256: str
    beats: BeatUse | None = None
    strangers: Strangers | None = None
    objects: ObjectUse | None = None
    noise: RoomNoise | None = None
    attribution: AttributionUse | None = None
    compatibility: CompatibilityUse | None = None
    unlike: UnlikeUse | None = None


def read_findings(card: ModelCard) -> Findings | None:
    """The findings beside ``card``, None where there are none or those of other weights. Raises CheckpointError for a
    damaged file.
    """
    path = zoo.place(card.name) / FILE
    if not path.is_file():
        return None
    found = _read(path, path.stat().st_mtime_ns)
    per_point = [use for use in (found.beats, found.objects, found.attribution) if use]
    if any(len(use.budgets) != len(card.operating_points) for use in per_point):
        raise CheckpointError(f"{path} does not fit its card; measure it again with: {card.recipe}")
    return found if found.sha256 == card.sha256 else None


def write_findings(card: ModelCard, findings: Findings) -> Path:
    """Keep ``findings`` beside ``card``; returns the file."""
    path = zoo.place(card.name) / FILE
    rounded = json.loads(json.dumps(asdict(findings)), parse_float=lambda text: round(float(text), DECIMALS))
    path.write_text(json.dumps(rounded, indent=1) + "\n")
    return path


@lru_cache(maxsize=128)
def _read(path: Path, _changed: int) -> Findings:
    from pydantic import TypeAdapter, ValidationError

    try:
        return TypeAdapter(Findings).validate_json(path.read_bytes())
    except ValidationError as error:
        raise CheckpointError(f"{path} is damaged; fetch the pretrained folder again") from error
