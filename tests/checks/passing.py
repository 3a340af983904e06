"""Watch what modules are handed: the tokens that a decision kept or merged, its mixture, the size of its picture."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from dynviz.decisions import (
    KernelMixture,
    Resolution,
    TokenMerge,
    TokenSelection,
)
from dynviz.networks.contract import DynamicNetwork
from dynviz.recorder import Setting
from tests.checks.records import RecordError, Tally, answer, leaves_out, recorded, same

PASSING = (KernelMixture, Resolution, TokenMerge)


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
        answer(network_, x, setting)
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
        answer(watched, x, setting)
        source = None
        for decision in decisions:
            names = network.governs(decision.unit)
            if isinstance(decision, KernelMixture):
                weights = torch.from_numpy(decision.weights)
                true = any(part.numel() == len(weights) and same(part.flatten(), weights) for part in seen[names[0]])
            elif isinstance(decision, Resolution):
                true = seen[names[0]][0].shape[-1] == decision.side_px
                tally.skipped[decision.unit] += int(leaves_out(decision))
            elif isinstance(decision, TokenMerge):
                before, added, merged = seen[names[0]][0], seen[names[1]][-1], seen[names[2]][0]
                source = np.arange(len(decision.source)) if source is None else source
                true = same(_merged((before + added).flatten(0, -2), source, decision.source), merged.flatten(0, -2))
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
