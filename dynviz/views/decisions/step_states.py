"""What happened to each word of a text or step of a recording, whatever decided it: steps, dropped tokens or nothing.

Words stand where ``media.spans`` says. Those behind the end of a network's arrays, and text behind the last span, are
beyond its reach: it was never given them.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from dynviz.decisions import Exit, StepUpdate, TokenSelection
from dynviz.trace import Trace
from dynviz.trace.steps import FLUSH, PASSED, READ, SKIM, UNREAD, read_steps

BEYOND = "beyond"
DROPPED = ("dropped-1", "dropped-2", "dropped-3")  # after the first third of the layers, the second, the last
LAYERS = (READ, "layers-2", "layers-3")  # one layer took the word in, two did, three or more
STATES = (READ, SKIM, FLUSH, PASSED, UNREAD, BEYOND, *DROPPED, *LAYERS[1:])
RAN = (READ, SKIM, FLUSH, *LAYERS[1:])
_CODE = {name: np.uint8(code) for code, name in enumerate(STATES)}

WORDS_FOR = {
    READ: "read",
    SKIM: "skimmed with a small state",
    FLUSH: "read as the end of a unit, then started afresh",
    PASSED: "skipped or jumped over",
    UNREAD: "never reached",
    BEYOND: "beyond its reach: it is never given these",
    DROPPED[0]: "dropped early",
    DROPPED[1]: "dropped midway",
    DROPPED[2]: "dropped late",
    LAYERS[1]: "read by two layers",
    LAYERS[2]: "read by three layers or more",
}


@dataclass(frozen=True, eq=False)
class StepStates:
    """spans: (words, 2) int. codes: (words,) uint8, places in STATES. jumps: (from, to). stop: the last word read.

    scores: (words,), what was compared for each word, NaN where nothing was. running: (words, classes), the answer up
    to there, NaN beyond reach. Both None where the network has none. threshold: what the scores were compared with.
    """

    spans: np.ndarray
    codes: np.ndarray
    jumps: tuple[tuple[int, int], ...] = ()
    stop: int | None = None
    scores: np.ndarray | None = None
    running: np.ndarray | None = None
    threshold: float | None = None

    def __len__(self) -> int:
        return len(self.spans)

    def count(self, state: str) -> int:
        """How many words are in this state."""
        return int((self.codes == _CODE[state]).sum())

    def present(self) -> list[str]:
        """The states that occur, in the order of STATES."""
        return [STATES[code] for code in np.unique(self.codes)]

    def runs(self) -> list[tuple[str, int, int]]:
        """(state, start, end) of each run of equal states; where a jump lands, behind the stop and behind each end of a
        unit one also begins."""
        if not len(self.codes):
            return []
        cuts = set((np.flatnonzero(np.diff(self.codes)) + 1).tolist())
        cuts |= {a + 1 for a, _ in self.jumps} | ({self.stop + 1} if self.stop is not None else set())
        cuts |= set((np.flatnonzero(self.codes == _CODE[FLUSH]) + 1).tolist())
        edges = [0, *sorted(cut for cut in cuts if 0 < cut < len(self.codes)), len(self.codes)]
        return [(STATES[self.codes[a]], a, b) for a, b in pairwise(edges)]


def word_states(trace: Trace, progress: float = 1.0) -> StepStates | None:
    """The state of each word; None where the trace does not say where its words are.

    progress: 0..1, the share of the words up to which a reader has come; those behind count as not reached yet.
    """
    if trace.media.spans is None:
        return None
    spans = _sound(np.asarray(trace.media.spans), len(trace.media.text))
    ordered = sorted(trace.decisions, key=lambda d: d.order)
    steps = [d for d in ordered if isinstance(d, StepUpdate)]
    if steps:
        return _of_steps(spans, steps, progress)
    tokens = [d for d in ordered if isinstance(d, TokenSelection)]
    if tokens:
        return _of_tokens(spans, tokens)
    return StepStates(spans, np.zeros(len(spans), np.uint8))


def step_states(trace: Trace, progress: float = 1.0) -> StepStates | None:
    """The state of each step of a recording; None for anything else. Its spans count samples.

    Where steps overlap a sample belongs to the one that begins there; the last one reaches to the end of what it reads.
    A network that decides nothing processes every step.
    """
    media = trace.media
    if media.series is None:
        return None
    samples, hop = len(media.series), max(media.step_samples, 1)
    frame = max(media.frame_samples, hop)
    steps = [d for d in sorted(trace.decisions, key=lambda d: d.order) if isinstance(d, StepUpdate)]
    count = len(steps[0].actions) if steps else max(samples - frame, 0) // hop + 1
    edges = np.arange(count + 1) * hop
    edges[-1:] += frame - hop
    spans = np.clip(np.stack([edges[:-1], edges[1:]], axis=1), 0, samples)
    return _of_steps(spans, steps, progress) if steps else StepStates(spans, np.zeros(count, np.uint8))


def beyond_from(trace: Trace, states: StepStates) -> int | None:
    """The character from which on the text is beyond the network's reach; None where it was given all of it."""
    behind = np.flatnonzero(states.codes == _CODE[BEYOND])
    if len(behind):
        return int(states.spans[behind[0], 0])
    end = int(states.spans[-1, 1]) if len(states) else 0
    return end if trace.media.text[end:].strip() else None


def unknown_words(trace: Trace) -> np.ndarray:
    """Places of the words that are not in the network's vocabulary; none where the trace does not say."""
    media = trace.media
    if media.unknown is None or media.spans is None:
        return np.zeros(0, np.int64)
    return np.flatnonzero(media.unknown[: len(media.spans)])


def depth_words(trace: Trace) -> str:
    """'by 3 of 12 layers' where exits decide how deep the whole text is read, else ''."""
    exits = [d for d in trace.decisions if isinstance(d, Exit)]
    ran = sum(d.executed for d in exits)
    return f" through {ran} of {len(exits)} exits" if exits else ""


def _sound(spans: np.ndarray, length: int) -> np.ndarray:
    """Spans in order and within the text, whatever a trace file says."""
    if spans.ndim != 2 or spans.shape[1] != 2:
        return np.zeros((0, 2), np.int64)
    flat = np.clip(np.nan_to_num(spans.astype(float)).astype(np.int64), 0, length).reshape(-1)
    return np.maximum.accumulate(flat).reshape(-1, 2)


def _of_steps(spans: np.ndarray, steps: list[StepUpdate], progress: float) -> StepStates:
    first, count = read_steps(steps[0]), len(spans)
    states = np.full(count, _CODE[BEYOND])
    own = np.array([_CODE[state] for state in first.states[:count]], dtype=np.uint8)
    deep = np.ones(len(own), dtype=int)
    for upper in steps[1:]:
        theirs = read_steps(upper).states[: len(own)]
        deep[: len(theirs)] += [state in RAN for state in theirs]
    for level, state in enumerate(LAYERS[1:], start=2):
        took = (own == _CODE[READ]) | (own == _CODE[FLUSH]) | np.isin(own, [_CODE[name] for name in LAYERS[1:]])
        own[took & (deep >= level)] = _CODE[state]
    reached = len(own) if progress >= 1 else round(len(own) * progress)
    own[reached:] = _CODE[UNREAD]
    states[: len(own)] = own
    jumps = tuple((a, min(b, count)) for a, b in first.jumps if a < min(reached, count))
    stop = first.stop if first.stop is not None and first.stop < min(reached, count) else None
    return StepStates(
        spans,
        states,
        jumps,
        stop,
        _fitted(steps[0].scores, count, 1),
        next((_fitted(d.running, count, 2) for d in steps if d.running is not None), None),
        steps[0].threshold,
    )


def _of_tokens(spans: np.ndarray, tokens: list[TokenSelection]) -> StepStates:
    """Tokens before the words (a class token) are left off; later layers may list the survivors only."""
    total, count = np.size(tokens[0].kept), len(spans)
    alive, passed, scores = np.ones(total, bool), np.zeros(total, int), np.full(total, np.nan)
    for d in tokens:
        asked = np.flatnonzero(alive) if np.size(d.kept) == alive.sum() else np.arange(min(total, np.size(d.kept)))
        kept = np.zeros(total, bool)
        kept[asked] = np.asarray(d.kept, dtype=bool).ravel()[: len(asked)]
        if d.scores is not None and np.size(d.scores) >= len(asked):
            judged = asked[alive[asked]]
            scores[judged] = np.asarray(d.scores, dtype=float).ravel()[: len(asked)][alive[asked]]
        alive &= kept
        passed += alive
    extra = max(total - count, 0)
    alive, passed, scores = alive[extra:], passed[extra:], scores[extra:]
    states = np.full(count, _CODE[BEYOND])
    level = np.minimum(passed * len(DROPPED) // max(len(tokens), 1), len(DROPPED) - 1)
    states[: len(alive)] = np.where(alive, _CODE[READ], np.array([_CODE[name] for name in DROPPED])[level])
    return StepStates(spans, states, scores=_fitted(scores, count, 1), threshold=tokens[0].threshold)


def _fitted(values: np.ndarray | None, count: int, axes: int) -> np.ndarray | None:
    """Values for each of ``count`` words, NaN behind their end."""
    if values is None or np.ndim(values) != axes or not np.size(values):
        return None
    values = np.asarray(values, dtype=float)[:count]
    room = np.full((count - len(values), *values.shape[1:]), np.nan)
    return np.concatenate([values, room])
