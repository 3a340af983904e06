"""One small network of each kind, untrained, and the checks that it has to pass: what planted faults are tried on."""

from __future__ import annotations

import copy
from functools import cache
from typing import Any

import numpy as np
import torch
from skimage import data
from torch import Tensor

from dynviz.datasets.samples import Samples
from dynviz.decisions import PixelMask
from dynviz.evaluation.passes import Scores
from dynviz.evaluation.scoring import at_points
from dynviz.networks import ready
from dynviz.networks.contract import DynamicNetwork
from dynviz.networks.sample_wise.channel_gating import ChannelGating
from dynviz.networks.sample_wise.msdnet import MSDNet
from dynviz.networks.sample_wise.skipnet import SkipNet
from dynviz.networks.spatial_wise.dynconv import DynConv
from dynviz.networks.spatial_wise.glance_focus import GlanceFocus
from dynviz.networks.spatial_wise.sact import SACT
from dynviz.networks.static.resnet import ResNet
from dynviz.networks.temporal_wise.hm_rnn import HMRNN
from dynviz.networks.temporal_wise.skim_rnn import SkimRNN
from dynviz.networks.temporal_wise.skip_rnn import SkipRNN
from dynviz.networks.temporal_wise.token_pruning import TokenPruning
from dynviz.networks.words import Words
from dynviz.recorder import Recorder, Setting
from dynviz.training.recipes import RECIPES
from dynviz.zoo import OperatingPoint
from tests.checks import builds, given, outputs, passing, records
from tests.checks.gradients import check_gradients
from tests.checks.records import Tally

STAGES = {"widths": (8, 8), "depths": (3, 2), "classes": 3}
TEXT = {"width": 8, "classes": 2, "dropout": 0.0}
EXITS = {"channels": (8, 8), "growth": (8, 8), "layers": 3, "drops": (1,), "exits": (1, 2, 3), "head_width": 8}


def made(kind: type[DynamicNetwork], **sizes: Any) -> DynamicNetwork:
    torch.manual_seed(2)
    return ready(builds.varied(kind(**sizes)).eval())


def photos() -> Tensor:
    """(4, 3, 64, 64), parts of four photos."""
    parts = [photo[100:164, 150:214] for photo in (data.chelsea(), data.coffee(), data.astronaut(), data.rocket())]
    return torch.from_numpy(np.stack(parts)).permute(0, 3, 1, 2).float() / 128 - 1


def texts() -> Words:
    draw = np.random.default_rng(0)
    return Words.batch([draw.integers(2, 49, length) for length in (12, 30, 21, 17)])


@cache
def vectors() -> Tensor:
    return torch.randn(50, 6, generator=torch.Generator().manual_seed(0))


def _settings(network: DynamicNetwork, x: Any) -> list[Setting]:
    return list(builds.settings(network, x))


def _masked(kind: type[DynamicNetwork], **sizes: Any) -> None:
    network, x, tally = made(kind, **(STAGES | sizes)), photos(), Tally()
    for row in range(2):
        outputs.check_masks(network, x[row : row + 1], _settings(network, x), tally)
    tally.close()
    assert tally.skipped.total()


def check_pixel_masks() -> None:
    _masked(DynConv, cells=(4, 2))


def check_ponder_maps() -> None:
    _masked(SACT)


def check_channels() -> None:
    _masked(ChannelGating, groups=4)


def check_layers() -> None:
    _masked(SkipNet)


def check_tokens() -> None:
    network, x, tally = (
        made(TokenPruning, **TEXT, layers=2, heads=2, inner=8, vectors=vectors()),
        texts(),
        Tally(),
    )
    for row in range(len(x)):
        passing.check_tokens(network, x[row : row + 1], _settings(network, x), tally)
    tally.close()
    assert tally.skipped.total()


def check_steps() -> None:
    network, x, tally = made(SkipRNN, **TEXT, vectors=vectors()), texts(), Tally()
    settings = [Setting(thresholds=((limit,),)) for limit in (0.7, 1.3, 2.2)]
    for row in range(len(x)):
        given.check_steps(network, x[row : row + 1], settings, tally)
    tally.close()
    assert tally.skipped.total()


def check_layers_of_steps() -> None:
    """Every step is read by the lowest layer, or by the smaller cell; what else is done at it is told in its place."""
    for kind, sizes in ((SkimRNN, {"small": 2}), (HMRNN, {"widths": (6, 8)})):
        own = {name: value for name, value in TEXT.items() if kind is SkimRNN or name != "width"}
        network, x, tally = made(kind, **own, **sizes, vectors=vectors()), texts(), Tally()
        for row in range(len(x)):
            given.check_steps(network, x[row : row + 1], _settings(network, x), tally)
        tally.close()


def check_regions() -> None:
    recipe, tally = RECIPES["glance-focus"], Tally()
    network = made(GlanceFocus, **recipe.arguments)
    x = builds.picture(recipe, data.astronaut())
    given.check_regions(network, x, [Setting()], tally)
    tally.close()


def _passing(name: str) -> None:
    recipe, tally = builds.recipe_of(name), Tally()
    network = ready(builds.untrained(recipe))
    x = builds.singles(network, recipe, [data.coffee()])[0]
    passing.check_passing(network, x, _settings(network, x)[::2], tally)
    assert tally.used


def check_mixtures() -> None:
    _passing("senet")
    _passing("condconv")


def check_resolutions() -> None:
    _passing("drnet")


def check_merges() -> None:
    _passing("tome")


def check_answer() -> None:
    network, x = made(MSDNet, **EXITS, classes=3, in_size=64), photos()
    records.check_answer(network, x, _settings(network, x))


def check_part_leaves() -> None:
    records.check_part_leaves(made(MSDNet, **EXITS, classes=3, in_size=64), photos())


def check_folding() -> None:
    """Normalisation folded into the convolutions before it: the same answer."""
    torch.manual_seed(2)
    network = builds.varied(MSDNet(**EXITS, classes=3, in_size=64)).eval()
    folded = ready(copy.deepcopy(network))
    with torch.inference_mode():
        torch.testing.assert_close(folded.plain(photos()), network.plain(photos()), atol=1e-4, rtol=1e-4)


def check_ideal() -> None:
    """The halo of a mask is what its convolutions cost beside the ideal: two products at each place of the mask."""
    network, x, recorder = made(DynConv, **STAGES, cells=(1, 1)), photos(), Recorder()
    with torch.inference_mode():
        network(x, setting=Setting(thresholds=((builds.typical_scores(network, x)[1],),)), recorder=recorder)
    masks = [decision for row in range(len(x)) for decision in recorder.cut(row)[0]]
    assert any(decision.mask.any() and not decision.mask.all() for decision in masks)
    for decision in masks:
        assert isinstance(decision, PixelMask)
        block = network.get_submodule(decision.unit)
        assert decision.macs_ideal == 2 * decision.mask.sum() * block.macs_per_place + decision.decider_macs
        assert decision.macs_ideal <= decision.macs <= decision.macs_static


def check_units_run() -> None:
    """A sample that leaves at an exit ran that exit and those before it, and no other."""
    sure = np.array([[0.9, 0.9, 0.9], [0.5, 0.9, 0.9], [0.5, 0.5, 0.9]])
    answers = np.zeros((3, 3), dtype=np.int64)
    macs = np.tile([10, 30, 60], (3, 1))
    scores = Scores(sure, answers, answers == 0, macs, units=("a", "b", "c"))
    point = OperatingPoint("confidence", 0.5, 0.0, 0.0, 3, (0.0, 1.0), thresholds=(0.8, 0.8, None))
    found = at_points("by hand", scores, Samples(np.zeros(3, dtype=np.int64), ("x",), lambda: iter(())), (point,))
    assert found.units_run[:, 0].tolist() == [[True, False, False], [True, True, False], [True, True, True]]
    assert found.macs[:, 0].tolist() == [10, 30, 60] and found.units == ("a", "b", "c")


def check_gradient() -> None:
    network = builds.varied(ResNet(**STAGES))
    check_gradients(network, photos(), classes=3)


def check_costs_of_exits() -> None:
    """What an exit costs is all that ran up to it, be it recorded as a decision or as work."""
    network, x = made(MSDNet, **EXITS, classes=3, in_size=64), photos()
    with_work = _Worked(network)
    with torch.inference_mode():
        plain, dearer = network.outcomes(x)[1], with_work.outcomes(x)[1]
    assert (dearer == plain + 1000).all()


class _Worked(DynamicNetwork):
    """Another network with a thousand MACs of work before it."""

    def __init__(self, network: DynamicNetwork):
        super().__init__()
        self.network = network

    def forward(self, x: Tensor, *, setting: Setting | None = None, recorder: Recorder) -> Tensor:
        recorder.work("before", np.arange(len(x)), 1000)
        return self.network(x, setting=setting, recorder=recorder)
