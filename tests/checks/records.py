"""Is what a decision says what happened? Change what it calls skipped: nothing may follow. What it calls used: it must.

Nothing here knows a network: it goes by the type of each decision, its unit, and the modules that ``governs`` names for
that unit. What happens to modules happens to a copy of the network.
"""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from dynviz.decisions import (
    STEP_ACTIONS,
    ChannelSelection,
    Decision,
    Exit,
    ExpertChoice,
    KernelMixture,
    LayerSkip,
    PixelMask,
    PonderMap,
    Region,
    Resolution,
    Route,
    StepUpdate,
    TokenMerge,
    TokenSelection,
)
from dynviz.networks.contract import DynamicNetwork
from dynviz.recorder import Recorder, Setting
from dynviz.views.decisions.steps import PASSED, UNREAD, read_steps

CLOSE = 1e-4  # decisions this near their threshold may fall either way between the two modes
PASSING = (KernelMixture, Resolution, TokenMerge)
MASKS = (Exit, LayerSkip, PixelMask, PonderMap, ChannelSelection, ExpertChoice)


class RecordError(AssertionError):
    """A record that does not say what happened."""


@dataclass
class Tally:
    """What was changed, by unit: how often something that was skipped, something used, and how often that mattered."""

    skipped: Counter = field(default_factory=Counter)
    used: Counter = field(default_factory=Counter)
    mattered: Counter = field(default_factory=Counter)

    def close(self) -> None:
        """Every unit that was ever used mattered at least once."""
        if idle := [unit for unit in self.used if not self.mattered[unit]]:
            raise RecordError(f"said to be used, and nothing depends on it: {', '.join(idle)}")


def recorded(network: DynamicNetwork, x: Any, setting: Setting) -> tuple[Tensor, list[tuple[Decision, ...]]]:
    """The answers, and the decisions of each sample."""
    recorder = Recorder()
    with torch.inference_mode():
        logits = network(x, setting=setting, recorder=recorder)
    return logits, [recorder.cut(row)[0] for row in range(len(x))]


def check_masks(network: DynamicNetwork, x: Any, settings: Sequence[Setting], tally: Tally) -> None:
    """Masked mode: the output of a unit is noise where it was skipped, and then where it was used.

    x: one sample: networks may leave out those of a batch that they need not compute.
    """
    for setting in settings:
        setting = replace(setting, mode="masked")
        expected, (decisions,) = recorded(network, x, setting)
        parts = _parts(network, decisions)
        found, called = _with_noise(network, x, setting, {name: ~used for name, used in parts.items()})
        if missing := {name for name, used in parts.items() if used.any} - called:
            raise RecordError(f"the masked mode does not call what a decision is about: {', '.join(sorted(missing))}")
        if not _same(found, expected):
            wrong = [
                name
                for name, used in parts.items()
                if not _same(_with_noise(network, x, setting, {name: ~used})[0], expected)
            ]
            raise RecordError(f"said to be skipped, and the answer depends on it: {', '.join(wrong)}")
        for name, used in parts.items():
            tally.skipped[name] += used.skips
            if used.any:
                tally.used[name] += 1
                changed, _ = _with_noise(network, x, setting, {name: used})
                tally.mattered[name] += not torch.allclose(changed, expected, atol=1e-6, rtol=1e-5)


def _same(found: Tensor, expected: Tensor) -> bool:
    return torch.allclose(found, expected, atol=1e-5, rtol=1e-4)


class Used:
    """Which part of a module's output a decision says is used: ``of`` gives it for an output of any size."""

    def __init__(self, of: Callable[[tuple[int, ...]], np.ndarray], some: bool, rest: bool):
        self.of, self.any, self.skips = of, some, rest

    def __invert__(self) -> Used:
        return Used(lambda shape: ~self.of(shape), self.skips, self.any)


def _parts(network: DynamicNetwork, decisions: Sequence[Decision]) -> dict[str, Used]:
    """Module -> what a decision says of it."""
    parts: dict[str, Used] = {}
    for decision in decisions:
        if not isinstance(decision, MASKS) or (isinstance(decision, Exit) and decision.choice == "continue"):
            continue  # of an exit that was asked and did not answer, only whether it was sure matters
        names = network.governs(decision.unit)
        for place, name in enumerate(names):
            parts[name] = used_part(decision, place, len(names))
    return parts


def used_part(decision: Decision, place: int = 0, count: int = 1) -> Used:
    """What ``decision`` says of the output of the module number ``place`` of the ``count`` that it is about."""
    if isinstance(decision, PixelMask | PonderMap):
        layers = decision.map > decision.most - count + place if isinstance(decision, PonderMap) else decision.mask
        return Used(lambda shape: spread(layers, shape), bool(layers.any()), not layers.all())
    if isinstance(decision, ChannelSelection):
        return Used(lambda shape: _channels(decision.kept, shape), bool(decision.kept.any()), not decision.kept.all())
    ran = place in decision.chosen if isinstance(decision, ExpertChoice) else decision.executed
    return Used(lambda shape: np.full((1,) * len(shape), ran), bool(ran), not ran)


def spread(mask: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """(rows, columns) cells -> (1, H, W), each at all of its pixels; the last may be cut off."""
    height, width = shape[-2:]
    if mask.shape[0] > height or mask.shape[1] > width:
        raise RecordError(f"a mask of {mask.shape} is finer than the output of {height} x {width} that it is about")
    down, across = -(-height // mask.shape[0]), -(-width // mask.shape[1])
    return mask.repeat(down, axis=0).repeat(across, axis=1)[None, :height, :width]


def _channels(kept: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """(groups,) -> (C, 1, 1) of a feature map, (C,) of a vector, (1, C) of tokens."""
    channels = shape[-1] if len(shape) == 2 else shape[0]
    each = kept.repeat(channels // len(kept))
    return each[:, None, None] if len(shape) == 3 else each[None] if len(shape) == 2 else each


def _with_noise(network: DynamicNetwork, x: Any, setting: Setting, parts: dict[str, Used]) -> tuple[Tensor, set[str]]:
    """The answer of a copy whose modules give out noise at the parts named, and which of those were called."""
    network, called = copy.deepcopy(network), set()
    generator = torch.Generator().manual_seed(0)

    def noisy(name: str, used: Used) -> Callable:
        def hook(module: nn.Module, given: Any, output: Any) -> Any:
            called.add(name)
            values = output if isinstance(output, Tensor) else output[0]
            noise = torch.randn(values.shape, generator=generator) * (3 * values.float().std(correction=0) + 1)
            where = torch.from_numpy(used.of(tuple(values.shape[1:])).copy())
            values = torch.where(where, noise.to(values.dtype), values)
            return values if isinstance(output, Tensor) else (values, *output[1:])

        return hook

    for name, used in parts.items():
        network.get_submodule(name).register_forward_hook(noisy(name, used))
    return _answer(network, x, setting), called


def check_steps(network: DynamicNetwork, x: Any, settings: Sequence[Setting], tally: Tally) -> None:
    """Other words, or other values, where no layer read anything change nothing; where one did, the answer changes.

    x: one sample.
    """
    for setting in settings:
        expected, (decisions,) = recorded(network, x, setting)
        layers = [decision for decision in decisions if isinstance(decision, StepUpdate)]
        if not layers:
            return
        unread = never_read(layers, x.steps.shape[1])
        unit = layers[0].unit
        found = _answer(network, with_other_steps(x, unread), setting)
        if not _same(found, expected):
            raise RecordError(f"{unit}: steps that it says were never read change the answer")
        tally.skipped[unit] += int(unread.any())
        tally.used[unit] += 1
        found = _answer(network, with_other_steps(x, ~unread), setting)
        tally.mattered[unit] += not torch.allclose(found, expected, atol=1e-6, rtol=1e-5)
        _check_beginnings(network, x, setting, layers)


def _check_beginnings(network: DynamicNetwork, x: Any, setting: Setting, layers: Sequence[StepUpdate]) -> None:
    """What a layer did up to a step is what it does if the input ends there; how far it jumps may hang on the rest."""
    jump = STEP_ACTIONS.index("jump")
    for end in {x.steps.shape[1] // 3, 2 * x.steps.shape[1] // 3} - {0}:
        _, (decisions,) = recorded(network, type(x).batch([x.steps[0, :end].numpy()]), setting)
        begun = [decision for decision in decisions if isinstance(decision, StepUpdate)]
        for whole, part in zip(layers, begun, strict=True):
            if near_threshold(whole) or near_threshold(part) or (whole.actions == jump).any():
                continue
            if not np.array_equal(whole.actions[: end - 1], part.actions[:-1]):  # nobody has to stop at the end itself
                raise RecordError(f"{whole.unit}: with other steps to come it did something else before them")


def never_read(layers: Sequence[StepUpdate], length: int) -> np.ndarray:
    """(length,) bool: the steps that no recurrent layer looked at."""
    unread = np.full(length, bool(layers))
    for decision in layers:
        states = read_steps(decision).states
        unread[: len(states)] &= [state in (PASSED, UNREAD) for state in states]
    return unread


def with_other_steps(x: Any, where: np.ndarray) -> Any:
    """Another word or other values at the steps ``where`` (T,)."""
    steps, places = x.steps.clone(), torch.from_numpy(where)
    if steps.dtype == torch.int64:
        steps[:, places] = torch.flip(steps[:, places], dims=(-1,)) + 1
        return replace(x, ids=steps)
    steps[:, places] = 1 - 2 * steps[:, places].flip(-1)
    return replace(x, values=steps)


def _answer(network: DynamicNetwork, x: Any, setting: Setting) -> Tensor:
    with torch.inference_mode():
        return network(x, setting=setting)


def check_tokens(network: DynamicNetwork, x: Any, settings: Sequence[Setting], tally: Tally) -> None:
    """Skipping: the module after a selection is handed the tokens that were kept, those and no others, as they were.

    ``governs`` names the module that hands tokens over (or, as one that scores them, is handed them) and the one after.
    x: one sample.
    """
    for setting in settings:
        network_, seen = copy.deepcopy(network), {}
        _, (decisions,) = recorded(network, x, setting)
        chosen = [decision for decision in decisions if isinstance(decision, TokenSelection)]
        calls: Counter = Counter()
        for name in {name for decision in chosen for name in network.governs(decision.unit)}:
            network_.get_submodule(name).register_forward_hook(_watch(name, seen, calls))
        _answer(network_, x, setting)
        there = np.ones(len(chosen[0].kept), dtype=bool) if chosen else None
        for decision in chosen:
            before, after = network.governs(decision.unit)
            tally.used[decision.unit] += 1
            tally.skipped[decision.unit] += int((there & ~decision.kept).any())
            if decision.kept.any():
                handed = seen[after, 0][0]
                asked = next(part for part in seen[before, 0][::-1] if part.shape[-1:] == handed.shape[-1:])
                if decision.kept[~there].any() or int(there.sum()) != len(asked):
                    raise RecordError(f"{decision.unit}: a token is back that was dropped before")
                going_on = asked[torch.from_numpy(decision.kept[there])]
                if going_on.shape != handed.shape or not torch.allclose(going_on, handed):
                    raise RecordError(f"{decision.unit}: other tokens go on to {after} than it says")
                tally.mattered[decision.unit] += 1
            there = decision.kept


def check_passing(network: DynamicNetwork, x: Any, settings: Sequence[Setting], tally: Tally) -> None:
    """Skipping: the weights of a mixture, the size of a picture and merged tokens are those that modules are handed.

    x: one sample.
    """
    for setting in settings:
        watched, seen = copy.deepcopy(network), {}
        _, (decisions,) = recorded(network, x, setting)
        for decision in decisions:
            if isinstance(decision, KernelMixture | Resolution | TokenMerge):
                for name in network.governs(decision.unit):
                    watched.get_submodule(name).register_forward_hook(_keep(name, seen))
        _answer(watched, x, setting)
        source = None
        for decision in decisions:
            names = network.governs(decision.unit)
            if isinstance(decision, KernelMixture):
                weights = torch.from_numpy(decision.weights)
                true = any(part.numel() == len(weights) and _same(part.flatten(), weights) for part in seen[names[0]])
            elif isinstance(decision, Resolution):
                true = seen[names[0]][0].shape[-1] == decision.side_px
            elif isinstance(decision, TokenMerge):
                before, added, merged = seen[names[0]][0], seen[names[1]][-1], seen[names[2]][0]
                source = np.arange(len(decision.source)) if source is None else source
                true = _same(_merged((before + added).flatten(0, -2), source, decision.source), merged.flatten(0, -2))
                tally.skipped[decision.unit] += int(len(np.unique(decision.source)) < len(np.unique(source)))
                source = decision.source
            else:
                continue
            if not true:
                raise RecordError(f"{decision.unit}: {', '.join(names)} are handed something else than it says")
            tally.used[decision.unit] += 1
            tally.mattered[decision.unit] += 1


def _keep(name: str, seen: dict[str, list[Tensor]]) -> Callable:
    def hook(module: nn.Module, given: tuple, output: Any) -> None:
        out = output if isinstance(output, tuple) else (output,)
        seen[name] = [part.detach().float() for part in (*given, *out) if isinstance(part, Tensor)]

    return hook


def _merged(tokens: Tensor, before: np.ndarray, after: np.ndarray) -> Tensor:
    """(tokens, width), one for each root in ``before``, in order -> the same for ``after``: means over patches."""
    each = tokens[torch.from_numpy(np.searchsorted(np.unique(before), before))]  # of every patch
    roots = torch.from_numpy(np.searchsorted(np.unique(after), after))
    sums = torch.zeros(int(roots.max()) + 1, tokens.shape[1]).index_add(0, roots, each)
    return sums / torch.bincount(roots)[:, None]


def _watch(name: str, seen: dict, calls: Counter) -> Callable:
    def hook(module: nn.Module, given: tuple, output: Any) -> None:
        out = output if isinstance(output, Tensor) else output[0]
        seen[name, calls[name]] = tuple(part.flatten(0, -2) for part in (given[0], out) if part.dim() > 1)
        calls[name] += 1

    return hook


def check_answer(network: DynamicNetwork, x: Any, settings: Sequence[Setting]) -> None:
    """The exit that a record calls the answer gave the answer, the last of the exits that ran, and nobody else."""
    for setting in settings:
        logits, samples = recorded(network, x, setting)
        for row, decisions in enumerate(samples):
            exits = [decision for decision in decisions if isinstance(decision, Exit)]
            if not exits:
                continue
            ran = [decision for decision in exits if decision.executed]
            if [d.choice for d in ran] != ["continue"] * (len(ran) - 1) + ["exit"]:
                raise RecordError(f"exits that ran chose {[decision.choice for decision in ran]}")
            answer = logits[row].float().softmax(dim=0).numpy()
            if not np.allclose(ran[-1].probabilities, answer, atol=1e-4):
                raise RecordError(f"{ran[-1].unit} is said to answer, and says something else than the network")


def check_part_leaves(network: DynamicNetwork, x: Any) -> None:
    """Some of a batch answer early and the others go on: each gets the answer that it gets alone."""
    told_apart = 0
    for setting in splitting(network, x):
        batch, samples = recorded(network, x, setting)
        left = {sum(d.executed for d in decisions if isinstance(d, Exit)) for decisions in samples}
        told_apart += len(left) > 1
        for row in range(len(x)):
            alone = _answer(network, x[row : row + 1], setting)[0]
            if not torch.allclose(batch[row], alone, atol=1e-3, rtol=1e-3):
                raise RecordError(f"row {row} of a batch gets another answer than alone, at {setting.thresholds}")
    if not told_apart:
        raise RecordError("at no setting did a part of the batch leave before the others")


def splitting(network: DynamicNetwork, x: Any) -> Iterator[Setting]:
    """Settings at which about half of a batch leave at one of the exits."""
    if network.candidates:
        yield from (Setting(thresholds=((value,),)) for value in network.candidates)
        return
    _, samples = recorded(network, x, Setting("masked"))
    scores = np.array([[d.score for d in decisions if isinstance(d, Exit)] for decisions in samples])
    for index in range(scores.shape[1] - 1):
        limits = np.full(scores.shape[1], np.inf)
        limits[index] = np.sort(scores[:, index])[-2:].mean()  # between the best and the next
        yield Setting(thresholds=tuple(limits))


def check_same_arrays(ours: Sequence[Decision], theirs: Sequence[Decision]) -> None:
    """Two modes recorded the same decisions, every field of them but what a mode is free in: the account."""
    for one, other in zip(ours, theirs, strict=True):
        for name, mine, yours in _fields(one, other):
            if not _alike(mine, yours):
                raise RecordError(f"{one.unit}: the modes differ in {name}")


def _fields(one: Decision, other: Decision) -> Iterator[tuple[str, Any, Any]]:
    if type(one) is not type(other):
        raise RecordError(f"{type(one).__name__} of {one.unit} in one mode, {type(other).__name__} in the other")
    for known in fields(one):
        yield known.name, getattr(one, known.name), getattr(other, known.name)


def _alike(mine: Any, yours: Any) -> bool:
    if isinstance(mine, np.ndarray) and isinstance(yours, np.ndarray):
        if mine.shape != yours.shape:
            return False
        exact = mine.dtype.kind in "bi"
        return np.array_equal(mine, yours) if exact else np.allclose(mine, yours, atol=2e-3, rtol=1e-3, equal_nan=True)
    if isinstance(mine, float) and isinstance(yours, float):
        return bool(np.isclose(mine, yours, atol=2e-3, rtol=1e-3, equal_nan=True))
    return bool(mine == yours)


def leaves_out(decision: Decision) -> bool:
    """Does this decision say that it left something undone? Less may be spent only where one does."""
    if isinstance(decision, StepUpdate):
        return any(STEP_ACTIONS[action] != "update" for action in decision.actions)
    if isinstance(decision, Resolution):
        return decision.side_px < max(decision.options_px)
    if isinstance(decision, TokenSelection | ChannelSelection):
        return not decision.kept.all()
    if isinstance(decision, TokenMerge):
        return len(np.unique(decision.source)) < len(decision.source)
    if isinstance(decision, PixelMask):
        return not decision.mask.all()
    if isinstance(decision, PonderMap):
        return bool((decision.map < decision.most).any())
    if isinstance(decision, ExpertChoice):
        return len(decision.chosen) < len(decision.weights)
    if isinstance(decision, Route):
        return not decision.ran.all()
    return not decision.executed


def near_threshold(decision: Decision) -> bool:
    """Could a rounding error have turned this decision? By its score, and by those of its places, tokens or steps."""
    if decision.threshold is None or not np.isfinite(decision.threshold):
        return False
    scores = [] if decision.score is None else [np.array([decision.score])]
    if (each := getattr(decision, "scores", None)) is not None:
        scores.append(np.asarray(each, dtype=float).ravel())
    return any(bool((np.abs(part - decision.threshold) < CLOSE).any()) for part in scores)


def check_regions(network: DynamicNetwork, x: Any, settings: Sequence[Setting], tally: Tally) -> None:
    """Other pixels of the original outside all regions change nothing, and inside them they do; the view stays.

    x: one picture as a ``PictureSource``. A region with an affine map is sampled from the view, which all of is seen.
    """
    for setting in settings:
        expected, (decisions,) = recorded(network, x, setting)
        regions = [d for d in decisions if isinstance(d, Region) and d.executed and d.affine is None]
        if not regions:
            continue
        [original] = x.originals
        inside = torch.zeros(original.pixels.shape[1:], dtype=torch.bool)
        for region in regions:
            left, top, right, bottom = (round(edge / original.scale[i % 2]) for i, edge in enumerate(region.box_px))
            inside[top:bottom, left:right] = True
        unit = regions[0].unit
        if not _same(_answer(network, _with_other_pixels(x, ~inside), setting), expected):
            raise RecordError(f"{unit}: pixels outside the regions that it says it saw change the answer")
        tally.skipped[unit] += int((~inside).any())
        tally.used[unit] += 1
        changed = _answer(network, _with_other_pixels(x, inside), setting)
        tally.mattered[unit] += not torch.allclose(changed, expected, atol=1e-6, rtol=1e-5)


def _with_other_pixels(x: Any, where: Tensor) -> Any:
    [original] = x.originals
    noise = torch.randint(0, 256, original.pixels.shape, dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    return replace(x, originals=(replace(original, pixels=torch.where(where, noise, original.pixels)),))
