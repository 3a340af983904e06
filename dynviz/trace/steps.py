"""What happened at each step of a sequence, read out of a StepUpdate: shared by the views of texts and series."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from dynviz.decisions import STEP_ACTIONS, StepUpdate

READ, SKIM, FLUSH, PASSED, UNREAD = "update", "skim", "flush", "jumped", "unread"
_STATE_OF = {"update": READ, "copy": PASSED, "skim": SKIM, "flush": FLUSH, "jump": READ, "stop": READ}
_JUMP, _STOP = STEP_ACTIONS.index("jump"), STEP_ACTIONS.index("stop")


@dataclass(frozen=True)
class Steps:
    """states: one of the names above per step. jumps: (from, to). stop: the last step, None if it read to the end."""

    states: tuple[str, ...]
    jumps: tuple[tuple[int, int], ...]
    stop: int | None

    def runs(self) -> list[tuple[str, int, int]]:
        """(state, start, end) of each run of equal states; a jump and the stop also end a run."""
        if not self.states:
            return []
        states = np.array(self.states)
        cuts = set((np.flatnonzero(states[1:] != states[:-1]) + 1).tolist()) | {a + 1 for a, _ in self.jumps}
        cuts |= {self.stop + 1} if self.stop is not None else set()
        edges = [0, *sorted(cut for cut in cuts if 0 < cut < len(states)), len(states)]
        return [(self.states[a], a, b) for a, b in pairwise(edges)]

    def count(self, state: str) -> int:
        return self.states.count(state)


def read_steps(decision: StepUpdate) -> Steps:
    """Actions as states: a copied state means the step was skipped, a jump passes over all steps before its target.

    The step that jumps or stops was itself read. A jump without a target was not a step that ran.
    """
    actions = np.asarray(decision.actions, dtype=int)
    targets = np.full(len(actions), -1) if decision.targets is None else np.asarray(decision.targets, dtype=int)
    names = np.array([_STATE_OF[name] for name in STEP_ACTIONS], dtype=object)
    states = names[np.where((actions >= 0) & (actions < len(STEP_ACTIONS)), actions, 0)]
    jumps, stop, landed = [], None, 0
    for i in np.flatnonzero((actions == _JUMP) | (actions == _STOP)).tolist():
        if i < landed:  # jumped over: whatever is written there, it was not done
            continue
        if actions[i] == _STOP:
            stop = i
            states[i + 1 :] = UNREAD
            break
        if targets[i] <= i:
            states[i] = PASSED
        else:
            landed = min(int(targets[i]), len(actions))
            states[i + 1 : landed] = PASSED
            jumps.append((i, landed))
    return Steps(tuple(states.tolist()), tuple(jumps), stop)
