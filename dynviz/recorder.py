"""How a network is told what to do (Setting) and how it tells what it did (Recorder). Both are arguments of one call.

Records are columnar: one record per unit and call, with the rows (sample indices) it concerns and one array per
field, so that recording a batch costs about as much as recording one sample.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

import numpy as np

from dynviz.decisions import Decision, some_of

Mode = Literal["train", "masked", "skipping"]


@dataclass(frozen=True)
class TrainingSignal:
    """What a network is told in train mode. progress: share of the training done, 0..1; learned: the same since the end
    of its warm-up, 0 before. target: the share of the static path's compute that it shall learn to spend; ramp: how far
    what is asked for has come down from everything to that, 0..1; budget_weight: the weight of its penalty for spending
    otherwise, 0 during the warm-up and where no decision is to be learned. reinforce: its decisions are sampled and
    their log-probability is wanted, for REINFORCE (Williams 1992).
    """

    progress: float = 1.0
    learned: float = 1.0
    ramp: float = 1.0
    target: float = 1.0
    budget_weight: float = 0.0
    reinforce: bool = False


@dataclass(frozen=True)
class Setting:
    """What one call of a network is asked to do.

    mode: ``train`` (differentiable), ``masked`` (hard decisions, everything computed: calibration, tables,
    counterfactuals) or ``skipping`` (what is skipped is not executed).
    thresholds: one value per decision unit, (units,), or one row per sample, (N, units). None leaves every decision
    open, which is the static path. A network with ``single_pass_sweep`` given P x N rows for N samples in masked mode
    answers with P x N rows, the samples at the first setting first.
    forced: decisions taken by hand, unit -> choice, in the words of the decision's ``choices``; ``by_hand`` reads them.
    baseline: decisions that do not look at the input, in masked mode, of a network with ``candidates``: one of its
    ``baselines``, ``random``, ``uniform`` (evenly spread) or, for pictures, ``centre`` (the middle first).
    The one threshold is then the share of the decisions that are open, 0..1.
    training: for train mode.
    """

    mode: Mode = "skipping"
    thresholds: np.ndarray | tuple[float, ...] | None = None
    forced: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    baseline: Literal["random", "uniform", "centre"] | None = None
    training: TrainingSignal = TrainingSignal()

    def by_hand(self, unit: str, choices: Sequence[str]) -> int | None:
        """Which of ``choices`` was taken by hand at ``unit``, None if nothing was. Raises ValueError for no choice."""
        taken = self.forced.get(unit)
        if taken is None:
            return None
        if taken not in choices:
            raise ValueError(f"{unit} can be forced to {', '.join(choices)}, not {taken!r}")
        return list(choices).index(taken)

    def some_by_hand(self, unit: str, names: Sequence[str]) -> np.ndarray | None:
        """(names,) bool, which of several were taken together at ``unit``; else the same as ``by_hand``."""
        if unit not in self.forced:
            return None
        self.by_hand(unit, some_of(tuple(names)))
        return np.isin(names, self.forced[unit].split("+"))


@dataclass(frozen=True)
class Stage:
    """One line of the account of a call: a unit, what it spent, what the static path spends there, and the least that
    its decision would allow (as many as it spent, unless given).
    """

    unit: str
    macs: int
    macs_static: int
    executed: bool = True
    macs_ideal: int | None = None

    def __post_init__(self) -> None:
        if self.macs_ideal is None:
            object.__setattr__(self, "macs_ideal", self.macs)

    @classmethod
    def of(cls, decision: Decision) -> Stage:
        return cls(decision.unit, decision.macs, decision.macs_static, decision.executed, decision.macs_ideal)


@dataclass(frozen=True)
class Record:
    """A unit's decisions or work for some rows of one call; ``columns`` are sliced along their first axis."""

    decision: type[Decision] | None
    rows: np.ndarray
    columns: dict[str, np.ndarray]
    shared: dict[str, Any]

    def field(self, name: str, otherwise: Any = None) -> Any:
        """One value for all rows, or an array with one for each."""
        return self.columns.get(name, self.shared.get(name, otherwise))

    def parts(self) -> dict[str, np.ndarray]:
        """(rows,) bool each: what was used of what the unit chose among, as ``unit/part``; else the unit itself."""
        assert self.decision is not None
        found, unit = self.decision.parts(self._column), self.shared["unit"]
        if found is None:
            return {unit: np.ones(len(self.rows), dtype=bool)}
        return {f"{unit}/{name}": used for name, used in zip(found[0], found[1].T, strict=True)}

    def _column(self, name: str) -> Any:
        if name in self.columns:
            return self.columns[name]
        value = self.shared[name]
        return np.broadcast_to(value, (len(self.rows), *value.shape)) if isinstance(value, np.ndarray) else value


class Recorder:
    """Collects the decisions of one call. Never shared between calls."""

    active = True

    def __init__(self) -> None:
        self.records: list[Record] = []

    def work(
        self,
        unit: str,
        rows: Sequence[int] | np.ndarray,
        macs: int | np.ndarray,
        macs_static: int | np.ndarray | None = None,
        macs_ideal: int | np.ndarray | None = None,
    ) -> None:
        """Work that no decision governs: ``macs`` for each of ``rows``, one number for all or one for each.

        ``macs_static`` and ``macs_ideal`` are the same unless given.
        """
        columns: dict[str, np.ndarray] = {}
        shared: dict[str, Any] = {"unit": unit}
        given = {"macs_static": macs if macs_static is None else macs_static, "macs_ideal": macs_ideal}
        for name, value in {"macs": macs, **given}.items():
            if isinstance(value, np.ndarray):
                columns[name] = value
            else:
                shared[name] = value
        self.records.append(Record(None, np.asarray(rows), columns, shared))

    def decide(
        self,
        decision: type[Decision],
        rows: Sequence[int] | np.ndarray,
        *,
        columns: Mapping[str, Any] | None = None,
        **shared: Any,
    ) -> None:
        """One decision per row: ``shared`` fields are the same for all, ``columns`` hold one value per row."""
        rows = np.asarray(rows)
        arrays = {name: np.asarray(values) for name, values in (columns or {}).items()}
        for name, values in arrays.items():
            if len(values) != len(rows):
                raise ValueError(f"column {name} has {len(values)} values for {len(rows)} rows")
        self.records.append(Record(decision, rows, arrays, shared))

    def cut(self, row: int) -> tuple[tuple[Decision, ...], tuple[Stage, ...]]:
        """The decisions and the account of one sample, in the order they happened."""
        decisions: list[Decision] = []
        stages: list[Stage] = []
        for record in self.records:
            places = np.flatnonzero(record.rows == row)
            if not len(places):
                continue
            own = {name: _scalar(values[places[0]]) for name, values in record.columns.items()}
            if record.decision is None:
                stages.append(Stage(**record.shared, **own))
                continue
            decision = record.decision(order=len(decisions), **record.shared, **own)
            decisions.append(decision)
            stages.append(Stage.of(decision))
        return tuple(decisions), tuple(stages)

    def executed(self, rows: int) -> dict[str, np.ndarray]:
        """Of each unit that decides, in order, whether it ran for each of ``rows`` samples, (rows,) bool.

        Where a unit chooses among parts (channel groups, experts, edges) it is told of each of them, as ``unit/part``.
        """
        ran: dict[str, np.ndarray] = {}
        for record in self.records:
            if record.decision is None:
                continue
            executed = np.broadcast_to(record.field("executed", True), len(record.rows))
            for name, used in record.parts().items():
                own = ran.setdefault(name, np.zeros(rows, dtype=bool))
                own[record.rows] |= used & executed
        return ran

    def totals(self, rows: int) -> np.ndarray:
        """Executed MACs of each of ``rows`` samples, (rows,) int64, without building any decision."""
        total = np.zeros(rows, dtype=np.int64)
        for record in self.records:
            np.add.at(total, record.rows, record.field("macs", 0))
        return total


class _Silent(Recorder):
    """Records nothing. Networks ask ``recorder.active`` before they prepare anything only a record needs."""

    active = False

    def work(self, *args: Any, **kwargs: Any) -> None:
        return

    def decide(self, *args: Any, **kwargs: Any) -> None:
        return


SILENT = _Silent()


def ragged(values: Sequence[np.ndarray]) -> np.ndarray:
    """A column whose rows are arrays of different lengths, such as what happened at each step of each text."""
    column = np.empty(len(values), dtype=object)
    for row, value in enumerate(values):
        column[row] = value
    return column


def _scalar(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value
