"""Networks that choose where and how sharply to look, from training to a person's picture, whatever its shape."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

import dynviz
from dynviz import inference, zoo
from dynviz.decisions import Region, Resolution, SamplingOffsets
from dynviz.evaluation.publishing import publish
from dynviz.inference import run_harder
from dynviz.media.difficulty import KNOBS
from dynviz.networks.batches import joined
from dynviz.trace import Trace
from dynviz.training.loop import fit
from dynviz.training.recipes import Recipe
from tests.checks.given import check_regions
from tests.checks.inputs import settings
from tests.checks.outputs import check_masks
from tests.checks.passing import check_passing
from tests.checks.records import Tally, check_answer, check_part_leaves
from tests.tiny import CLASSES, SHORT, tiny_resnet, write_everyday30

SIZES = {"widths": (8, 8), "depths": (1, 2)}
COUNT = len(CLASSES)
RECIPES = {
    "drnet": {
        "network": "drnet",
        "arguments": {"sides_px": (16, 24, 32), "predictor_widths": (8, 8), "predictor_side_px": 16, **SIZES},
        "starts": {"backbone": "tiny-resnet"},
    },
    "ranet": {
        "network": "ranet",
        "arguments": {
            "sides_px": (16, 24, 32),
            "widths": ((8, 8),) * 3,
            "depths": ((1, 2),) * 3,
            "middle_width": 8,
            "in_size": 32,
        },
        "starts": {"subnets.0": "tiny-resnet", "subnets.2": "tiny-resnet"},
        "anytime": True,
    },
    "glance-focus": {
        "network": "glance-focus",
        "arguments": {
            "glance_px": 16,
            "patch_px": 16,
            "patches": 2,
            "patch_widths": (8, 8),
            "patch_depths": (1, 2),
            "in_size": 36,
            **SIZES,
        },
        "in_side_px": 36,
        "sides_px": ((1.0, 36),),
        "starts": {"glance": "tiny-resnet", "focus": "tiny-resnet"},
        "anytime": True,
    },
    "stn": {
        "network": "stn",
        "arguments": {"locator_widths": (8, 8), "locator_px": 16, "in_size": 32, **SIZES},
        "starts": {"backbone": "tiny-resnet"},
    },
    "deformable": {
        "network": "deformable",
        "arguments": {"deformed": 1, "in_size": 32, **SIZES},
        "starts": {"backbone": "tiny-resnet"},
    },
}


def recipe(name):
    known = SHORT | {"title": name, "family": "spatial-wise", "mechanism": "regions", "paper": "none", "epochs": 2}
    own = known | {"name": name, "parent": "tiny-resnet"} | RECIPES[name]
    return Recipe(**own | {"arguments": own["arguments"] | {"classes": COUNT}})


@pytest.fixture(scope="module")
def shipped(tmp_path_factory):
    """All of them, trained for a few steps from a static network and published with their curves."""
    folder = tmp_path_factory.mktemp("regions")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DYNVIZ_DATA", str(write_everyday30(folder / "data")))
        patch.setenv("DYNVIZ_PRETRAINED", str(folder / "zoo"))
        parent = tiny_resnet(arguments={**SIZES, "classes": COUNT, "in_size": 32})
        for one in (parent, *map(recipe, RECIPES)):
            publish(one, fit(one, folder / one.name, report=lambda line: None), folder / "zoo")
        yield folder / "zoo"


def photo(width, height):
    draw = np.random.default_rng(width)
    small = draw.integers(0, 256, (max(2, height // 20), max(2, width // 20), 3), dtype=np.uint8)
    return np.asarray(Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC))


@pytest.mark.parametrize("name", RECIPES)
def test_it_runs_and_sweeps_and_is_kept(shipped, name, tmp_path):
    picture = photo(400, 300)
    swept = dynviz.sweep(name, picture)
    assert len(swept.traces) == len(zoo.card(name).operating_points) >= 1
    for point, foretold in zip(zoo.card(name).operating_points, swept.traces, strict=True):
        ran = dynviz.run(name, picture, budget=point.budget)
        assert ran.stages == foretold.stages
        assert [d.choice for d in ran.decisions] == [d.choice for d in foretold.decisions]
        again = Trace.load(ran.save(tmp_path / "kept.dynviz"))
        assert again == ran
    assert len(run_harder(name, picture, next(iter(KNOBS.values())))) > 2


@pytest.mark.parametrize("name", RECIPES)
def test_its_record_is_true(shipped, name):
    network, card, tally = zoo.load(name), zoo.card(name), Tally()
    given = [inference.prepare(card, photo(*size), "crop")[0] for size in ((200, 300), (64, 64), (300, 200))]
    for x in given:
        if network.takes_source:
            check_regions(network, x, settings(card), tally)
    if name in ("drnet", "ranet"):
        for x in given:
            check_passing(network, x, settings(card), tally)
    if not network.exit_names():
        return
    for x in given:
        check_masks(network, x, settings(card), tally)
    check_answer(network, joined(given), settings(card))
    check_part_leaves(network, joined(given))


@pytest.mark.parametrize("framing", ["crop", "fit"])
@pytest.mark.parametrize("size", [(16, 16), (2000, 250), (250, 2000), (1700, 1300)])
@pytest.mark.parametrize("name", RECIPES)
def test_places_stay_inside_the_picture_in_its_own_pixels(shipped, name, size, framing):
    picture = photo(*size)
    trace = dynviz.run(name, picture, framing=framing)
    seen = trace.media.box_px
    for decision in trace.decisions:
        if isinstance(decision, Region):
            x0, y0, x1, y1 = decision.box_px
            assert seen[0] - 1e-3 <= x0 < x1 <= seen[2] + 1e-3 and seen[1] - 1e-3 <= y0 < y1 <= seen[3] + 1e-3
            if decision.affine is None:  # cut out of the original
                assert 0 <= x0 < x1 <= size[0] and 0 <= y0 < y1 <= size[1]
        if isinstance(decision, SamplingOffsets):
            middle = decision.points_px[:, 4].mean(axis=0)
            assert np.allclose(middle, [(seen[0] + seen[2]) / 2, (seen[1] + seen[3]) / 2], atol=0.1 * max(size))
        if isinstance(decision, Resolution):
            assert decision.side_px in decision.options_px


@pytest.mark.parametrize("name", RECIPES)
@pytest.mark.parametrize("value", [0, 255])
def test_a_picture_of_one_colour_gets_an_answer(shipped, name, value):
    trace = dynviz.run(name, np.full((120, 90, 4), (0, 0, 0, value), dtype=np.uint8))
    assert np.isfinite(trace.prediction.confidence) and trace.macs > 0


def test_blind_places_are_drawn_beside_the_policy(shipped):
    curves = zoo.card("glance-focus").curves
    assert {"random regions", "centre regions", "random exits", "same exit for all"} == set(curves)
    assert {"random skipping", "uniform skipping"} == set(zoo.card("drnet").curves)
    assert not zoo.card("stn").curves and len(zoo.card("stn").operating_points) == 1
