"""Baselines: the same weights with decisions that do not look at the input.

A curve of these says what looking is worth. A network that ignores the baseline it is asked for would make its own
decisions pass for blind ones, so each is tried on other inputs first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from dynviz.evaluation.calibration import blank_point, calibrate_exits
from dynviz.evaluation.passes import Progress, device_of, score, score_settings
from dynviz.evaluation.scoring import at_points
from dynviz.recorder import Recorder, Setting

if TYPE_CHECKING:
    from dynviz.datasets.samples import Samples
    from dynviz.networks.contract import DynamicNetwork

SHARES = (0.15, 0.3, 0.5, 0.75)  # of the decisions that are open
SAMPLES = 1_500  # at most so many of the test split: they lose by more than the error of so many
SEEN = {"score", "scores", "probabilities", "running", "threshold", "choice"}
TRIED = 16  # samples on which a baseline is tried

Curve = tuple[tuple[float, float], ...]


def blind_baselines(
    network: DynamicNetwork, samples: Samples, whole: tuple[float, float], progress: Progress | None = None
) -> dict[str, Curve]:
    """A curve for each of the network's ``baselines``: (mean MACs, accuracy) at several shares of open decisions.

    Measured on every k-th sample, SAMPLES of them at most. whole: the same of all samples with every decision open,
    where the curves end. Raises ``ContractError`` for a network that does not decide by the baseline it is asked for.
    """
    curves, samples = {}, samples.thinned(SAMPLES)
    for baseline in network.baselines:
        asked = [Setting("masked", thresholds=((share,),), baseline=baseline) for share in SHARES]
        rows, x = next(iter(samples.batches()))
        check_blind(network, x[: min(TRIED, len(rows))], asked)
        scores = score_settings(network, samples, asked, progress, coarse=True)
        points = zip(scores.macs.mean(axis=0).tolist(), scores.right.mean(axis=0).tolist(), strict=True)
        curves[f"{baseline} skipping"] = (*points, whole)
    return curves


def blind_exits(
    network: DynamicNetwork, val: Samples, test: Samples, full_macs: float, progress: Progress | None = None
) -> dict[str, Curve]:
    """The same weights and exits, what is decided beside them (where to look) without looking at the input.

    Calibrated on ``val`` for the same budgets as the network itself, measured on SAMPLES of ``test`` at most. Raises as
    above.
    """
    curves, fewer = {}, test.thinned(SAMPLES)
    for baseline in network.baselines:
        rows, x = next(iter(fewer.batches()))
        check_blind(network, x[: min(TRIED, len(rows))], [Setting("masked", baseline=baseline)])
        found = calibrate_exits(score(network, val, baseline=baseline), full_macs)
        blank = tuple(blank_point(network.rule, budget, limits) for budget, limits in found)
        measured = at_points(baseline, score(network, fewer, progress, baseline), fewer, blank).operating_points
        curves[f"{baseline} regions"] = tuple((point.macs, point.accuracy) for point in measured)
    return curves


def check_blind(network: DynamicNetwork, x: Any, settings: list[Setting]) -> None:
    """Are the decisions at ``settings``, from few to many open ones, blind? Raises ``ContractError`` if not.

    They have to stay what they are when the samples of the batch get other contents, and to cost more when more of them
    are open.
    """
    from dynviz.networks.contract import ContractError

    called = f"{type(network).__name__} ignores the baseline {settings[0].baseline!r} that it is asked for"
    spent, other = [], _other_contents(x)
    for setting in settings:
        first, second = (_decided(network, inputs, setting) for inputs in (x, other))
        if len(first) != len(second) or not all(map(_alike, first, second)):
            raise ContractError(f"{called}: its decisions change with the input")
        spent.append(sum(int(np.sum(record["macs"])) for record in first))
    if len(spent) > 1 and spent[-1] <= spent[0]:
        raise ContractError(f"{called}: it spends no more with many decisions open than with few")


def _other_contents(x: Any) -> Any:
    """The same batch with other contents: samples in another order or, where they differ in length, read backwards."""
    import torch

    from dynviz.networks.clips import Clips
    from dynviz.networks.frames import Frames
    from dynviz.networks.words import Words

    if isinstance(x, Clips):
        return x.backwards()
    if not isinstance(x, Words | Frames):
        return x[torch.arange(len(x) - 1, -1, -1)]
    places = torch.arange(x.steps.shape[1]).expand(len(x), -1)
    places = torch.where(x.mask, x.lengths[:, None] - 1 - places, places)
    if x.steps.dim() == 3:
        places = places[..., None].expand(-1, -1, x.steps.shape[2])
    return type(x)(x.steps.gather(1, places), x.lengths)


def _decided(network: DynamicNetwork, x: Any, setting: Setting) -> list[dict[str, Any]]:
    """What each record says of the decisions: all but what was seen of the input, and said of it."""
    import torch

    recorder = Recorder()
    with torch.inference_mode():
        network(x.to(device_of(network)), setting=setting, recorder=recorder)
    found = []
    for record in recorder.records:
        arrays = {name: values for name, values in record.columns.items() if name not in SEEN}
        found.append(arrays | {"macs": record.field("macs", 0), "executed": record.field("executed", True)})
    return found


def _alike(first: dict[str, Any], second: dict[str, Any]) -> bool:
    return first.keys() == second.keys() and all(_equal(first[name], second[name]) for name in first)


def _equal(a: Any, b: Any) -> bool:
    if isinstance(a, np.ndarray) and a.dtype.kind == "O":  # a ragged column
        return len(a) == len(b) and all(map(np.array_equal, a, b))
    return np.array_equal(a, b)
