"""The decisions a dynamic network can take: a small closed set that every view, chart, export and test reads.

Each decision is what happened to one sample at one unit. Arrays are NumPy, sizes carry their unit in the name
(``_px``, ``_ms``, ``macs``). ``macs`` is what really ran because of the decision (its decider included),
``macs_static`` what the static path spends there, ``macs_ideal`` the least that the decision itself would allow (a mask
without its halo, channels without their padding). A unit that was not executed has ``executed=False`` and
``macs == decider_macs``.

A decision can be taken by hand (``Setting.forced``, unit -> choice) where its ``choices`` say what can be chosen; the
words are those in ``choice``. Several experts or edges are joined by a plus: ``1+3``, ``keep+down``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import combinations
from typing import Any, ClassVar

import numpy as np


@dataclass(frozen=True, kw_only=True, eq=False)
class Decision:
    """What all decisions share.

    unit: qualified name of the module that the decision governs. order: position among the trace's decisions.
    choice: what was chosen, in the words of the type. score, threshold: the number compared and what it was compared
    with (None where there is none). rule: the name of the comparison. forced: decided by hand, not by the network.
    probabilities: (classes,) the prediction at that point, None where the network has none there. macs_ideal: as many
    as ``macs`` unless given.
    layer, step, frame: coordinates, where they apply.
    """

    unit: str
    order: int = 0
    choice: str = ""
    executed: bool = True
    macs: int = 0
    macs_static: int = 0
    macs_ideal: int | None = None
    decider_macs: int = 0
    score: float | None = None
    threshold: float | None = None
    rule: str = ""
    forced: bool = False
    probabilities: np.ndarray | None = None
    layer: int | None = None
    step: int | None = None
    frame: int | None = None

    kind: ClassVar[str] = "decision"

    def __post_init__(self) -> None:
        if self.macs_ideal is None:
            object.__setattr__(self, "macs_ideal", self.macs)

    def choices(self) -> tuple[str, ...]:
        """What can be chosen here by hand; nothing where a hand has no say."""
        return ()

    @classmethod
    def parts(cls, field: Callable[[str], Any]) -> tuple[tuple[str, ...], np.ndarray] | None:
        """What a unit chose among for each of n samples, by name, and (n, parts) bool which of it ran.

        field: gives a field's column of n values. None where there is nothing but the unit itself, that ran or did not.
        """
        return None


@dataclass(frozen=True, kw_only=True, eq=False)
class Exit(Decision):
    """A classifier along the way. choice: exit | continue | not reached. score: its confidence, 0..1; by the rule
    ``patience`` how many exits in a row have given the same answer, as a share of all.
    """

    kind: ClassVar[str] = "exit"

    def choices(self) -> tuple[str, ...]:
        return ("exit", "continue")


@dataclass(frozen=True, kw_only=True, eq=False)
class LayerSkip(Decision):
    """A block that may be skipped. choice: run | skip. mechanism: halting score | gate | policy."""

    mechanism: str = "gate"
    kind: ClassVar[str] = "layer-skip"

    def choices(self) -> tuple[str, ...]:
        return ("run", "skip")


@dataclass(frozen=True, kw_only=True, eq=False)
class ChannelSelection(Decision):
    """Which channel groups of a layer ran. kept: (groups,) bool; scores: (groups,). choice: "2 of 4 groups"."""

    kept: np.ndarray
    scores: np.ndarray | None = None
    kind: ClassVar[str] = "channel-selection"

    def choices(self) -> tuple[str, ...]:
        """That many groups, from the first on."""
        return tuple(f"{k} of {len(self.kept)} groups" for k in range(1, len(self.kept) + 1))

    @classmethod
    def parts(cls, field: Callable[[str], Any]) -> tuple[tuple[str, ...], np.ndarray]:
        kept = np.asarray(field("kept"), dtype=bool)
        return _numbers(kept.shape[1]), kept


@dataclass(frozen=True, kw_only=True, eq=False)
class ExpertChoice(Decision):
    """Which experts ran, if any. chosen: (k,) int; weights: (experts,) the router's probabilities.

    choice: the experts, counted from one, as ``joined`` does.
    """

    chosen: np.ndarray
    weights: np.ndarray
    kind: ClassVar[str] = "expert-choice"

    def choices(self) -> tuple[str, ...]:
        """Any of the experts, or none of them."""
        return some_of(_numbers(len(self.weights)))

    @classmethod
    def parts(cls, field: Callable[[str], Any]) -> tuple[tuple[str, ...], np.ndarray]:
        experts = np.asarray(field("weights")).shape[1]
        each = [np.isin(np.arange(experts), chosen) for chosen in field("chosen")]  # not all choose as many
        return _numbers(experts), np.array(each, dtype=bool).reshape(-1, experts)


@dataclass(frozen=True, kw_only=True, eq=False)
class KernelMixture(Decision):
    """Parameters mixed per input (dynamic parameters): weights (kernels,). It saves no compute."""

    weights: np.ndarray
    kind: ClassVar[str] = "kernel-mixture"


@dataclass(frozen=True, kw_only=True, eq=False)
class Route(Decision):
    """Edges of a supernet out of one node. edges: names; weights: (edges,); ran: (edges,) bool.

    layer: how deep in the supernet the node is; step: its scale, 0 the finest. choice: the edges that ran, as
    ``joined`` does.
    """

    edges: tuple[str, ...]
    weights: np.ndarray
    ran: np.ndarray
    kind: ClassVar[str] = "route"

    def choices(self) -> tuple[str, ...]:
        """Any of the edges, or none of them."""
        return some_of(self.edges)

    @classmethod
    def parts(cls, field: Callable[[str], Any]) -> tuple[tuple[str, ...], np.ndarray]:
        edges = field("edges")
        return tuple(edges if isinstance(edges, tuple) else edges[0]), np.asarray(field("ran"), dtype=bool)


@dataclass(frozen=True, kw_only=True, eq=False)
class PixelMask(Decision):
    """Which positions were computed. mask: (height, width) bool over the network's view of the picture; scores: of the
    same shape, what was compared with the threshold.
    """

    mask: np.ndarray
    scores: np.ndarray | None = None
    kind: ClassVar[str] = "pixel-mask"


@dataclass(frozen=True, kw_only=True, eq=False)
class PonderMap(Decision):
    """How many layers each position was given. map: (height, width) float, in layers, up to ``most``."""

    map: np.ndarray
    most: float
    kind: ClassVar[str] = "ponder-map"


@dataclass(frozen=True, kw_only=True, eq=False)
class SamplingOffsets(Decision):
    """Where a deformable layer looked. points_px: (outputs, samples, 2) as x, y in pixels of the original picture."""

    points_px: np.ndarray
    kind: ClassVar[str] = "sampling-offsets"


@dataclass(frozen=True, kw_only=True, eq=False)
class Region(Decision):
    """A part of the picture that was looked at. box_px: (x0, y0, x1, y1) in pixels of the original picture.

    affine: (2, 3) where the region is not an upright box, from -1..1 region to original pixels; else None.
    """

    box_px: tuple[float, float, float, float]
    affine: np.ndarray | None = None
    kind: ClassVar[str] = "region"


@dataclass(frozen=True, kw_only=True, eq=False)
class Resolution(Decision):
    """The resolution chosen. side_px: chosen; options_px: (options,) int; scores: (options,)."""

    side_px: int
    options_px: tuple[int, ...]
    scores: np.ndarray | None = None
    kind: ClassVar[str] = "resolution"

    def choices(self) -> tuple[str, ...]:
        """None where an exit brings its resolution with it and nothing was weighed."""
        return () if self.scores is None else tuple(f"{side} px" for side in self.options_px)


@dataclass(frozen=True, kw_only=True, eq=False)
class TokenSelection(Decision):
    """Which tokens went on. kept: (tokens,) bool; scores: (tokens,); grid: (rows, columns) for picture tokens."""

    kept: np.ndarray
    scores: np.ndarray | None = None
    grid: tuple[int, int] | None = None
    kind: ClassVar[str] = "token-selection"


@dataclass(frozen=True, kw_only=True, eq=False)
class TokenMerge(Decision):
    """Which tokens were merged. source: (tokens,) int, the merged token each original one belongs to."""

    source: np.ndarray
    grid: tuple[int, int] | None = None
    kind: ClassVar[str] = "token-merge"


def joined(names: Iterable[str]) -> str:
    """Several experts or edges as one choice: ``1+3``; ``none`` where there are none."""
    return "+".join(names) or "none"


def some_of(names: tuple[str, ...]) -> tuple[str, ...]:
    """Every choice of some of them, from none to all."""
    return tuple(joined(pick) for count in range(len(names) + 1) for pick in combinations(names, count))


def _numbers(count: int) -> tuple[str, ...]:
    return tuple(str(number + 1) for number in range(count))


STEP_ACTIONS = ("update", "copy", "skim", "flush", "jump", "stop")


@dataclass(frozen=True, kw_only=True, eq=False)
class StepUpdate(Decision):
    """What a recurrent layer did at each step. actions: (steps,) int8 index into STEP_ACTIONS; scores: (steps,).

    targets: (steps,) int, where a jump landed, -1 elsewhere. running: (steps, classes) the prediction after each step.
    """

    actions: np.ndarray
    scores: np.ndarray | None = None
    targets: np.ndarray | None = None
    running: np.ndarray | None = None
    kind: ClassVar[str] = "step-update"


@dataclass(frozen=True, kw_only=True, eq=False)
class FrameChoice(Decision):
    """A candidate frame of a video. choice: use | skip; ``frame``: its number among the candidates, from 0;
    ``step``: the how-manyth frame that was looked at, from 0, in the order of looking.
    """

    kind: ClassVar[str] = "frame-choice"


DECISION_TYPES: dict[str, type[Decision]] = {
    cls.kind: cls
    for cls in (
        Exit,
        LayerSkip,
        ChannelSelection,
        ExpertChoice,
        KernelMixture,
        Route,
        PixelMask,
        PonderMap,
        SamplingOffsets,
        Region,
        Resolution,
        TokenSelection,
        TokenMerge,
        StepUpdate,
        FrameChoice,
    )
}
