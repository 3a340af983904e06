"""What happened at each step of a sequence, read out of a StepUpdate: shared by the views of texts and series."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from dynviz.decisions import STEP_ACTIONS, StepUpdate

READ, SKIM, FLUSH, PASSED, UNREAD = "update", "skim", "flush", "jumped", "unread"
WORDS_FOR = {
    READ: "read",
    SKIM: "skimmed with a small state",
    FLUSH: "read, then passed up and started afresh",
    PASSED: "skipped or jumped over",
    UNREAD: "never reached",
}


@dataclass(frozen=True)
class Steps:
    """states: one of the names above per step. jumps: (from, to). stop: the last step, None if it read to the end."""

    states: tuple[str, ...]
    jumps: tuple[tuple[int, int], ...]
    stop: int | None

    def runs(self) -> list[tuple[str, int, int]]:
        """(state, start, end) of each run of equal states; a jump and the stop also end a run."""
        cuts = {a + 1 for a, _ in self.jumps} | ({self.stop + 1} if self.stop is not None else set())
        found: list[tuple[str, int, int]] = []
        for i, state in enumerate(self.states):
            if found and found[-1][0] == state and i not in cuts:
                found[-1] = (state, found[-1][1], i + 1)
            else:
                found.append((state, i, i + 1))
        return found

    def count(self, state: str) -> int:
        return self.states.count(state)


def read_steps(decision: StepUpdate) -> Steps:
    """Actions as states: a copied state means the step was skipped, a jump passes over all steps before its target.

    The step that jumps or stops was itself read. A jump without a target was not a step that ran.
    """
    actions = np.asarray(decision.actions, dtype=int)
    targets = np.full(len(actions), -1) if decision.targets is None else np.asarray(decision.targets, dtype=int)
    states = [READ] * len(actions)
    jumps, stop, landed = [], None, 0
    for i, action in enumerate(actions):
        name = STEP_ACTIONS[action] if 0 <= action < len(STEP_ACTIONS) else "update"
        if stop is not None:
            states[i] = UNREAD
        elif i < landed or name == "copy" or (name == "jump" and targets[i] <= i):
            states[i] = PASSED
        elif name == "jump":
            landed = min(int(targets[i]), len(actions))
            jumps.append((i, landed))
        elif name == "stop":
            stop = i
        else:
            states[i] = {"skim": SKIM, "flush": FLUSH}.get(name, READ)
    return Steps(tuple(states), tuple(jumps), stop)


def split_words(text: str, steps: int) -> list[str]:
    """The text in ``steps`` pieces: split at spaces or, if that fits better, also before punctuation.

    Where neither gives the right number, words at the end are joined or empty ones added, so no step is lost.
    """
    if steps <= 0:
        return []
    by_space, finer = text.split(), re.findall(r"\w+|[^\w\s]", text)
    words = finer if len(finer) == steps and len(by_space) != steps else by_space
    if len(words) > steps:
        words = [*words[: steps - 1], " ".join(words[steps - 1 :])]
    return words + [""] * (steps - len(words))
