"""What is said of one place of a picture: layers, shares of the compute, tokens, regions and samples, by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dynviz import decisions as kinds
from dynviz.recorder import Stage
from dynviz.trace import Media
from dynviz.views.examples.traces import examples
from dynviz.views.media.places import LAYERS, MERGED, REGION_CELLS, REGIONS, SAMPLED, places

WIDE = Media("image", "d", 800, 600, (100.0, 0.0, 700.0, 600.0))
TRACE = next(t for t in examples() if t.media.modality == "image")


def trace(*decisions, macs=100):
    numbered = tuple(replace(decision, order=place) for place, decision in enumerate(decisions))
    return replace(TRACE, media=WIDE, decisions=numbered, stages=(Stage("all", macs, macs),))


def test_two_masks_of_different_cells():
    """The first computes the left half for 40 MACs, the second one of four cells for 20; 40 more run everywhere."""
    left = kinds.PixelMask(unit="a", mask=np.array([[1, 0]], dtype=bool).repeat(2, axis=0), macs=50, decider_macs=10)
    corner = np.zeros((4, 4), dtype=bool)
    corner[:2, :2] = True
    found = places(trace(left, kinds.PixelMask(unit="b", mask=corner, macs=20)))
    assert (found.kind, found.grid, found.most) == (LAYERS, (4, 4), 2)
    assert found.box_px == WIDE.box_px
    assert found.ran.tolist() == [[2, 2, 0, 0], [2, 2, 0, 0], [1, 1, 0, 0], [1, 1, 0, 0]]
    everywhere = 0.40 / 16
    np.testing.assert_allclose(found.share[0], [0.05 + 0.05 + everywhere] * 2 + [everywhere] * 2)
    np.testing.assert_allclose(found.share[3], [0.05 + everywhere] * 2 + [everywhere] * 2)
    assert found.share.sum() == pytest.approx(1)


def test_layers_given_to_each_position():
    given = kinds.PonderMap(unit="a", map=np.array([[1.0, 3.0]]), most=6.0, macs=100)
    found = places(trace(given))
    assert (found.ran.tolist(), found.most) == ([[1, 3]], 6)
    np.testing.assert_allclose(found.share, [[0.25, 0.75]])


def test_patches_of_one_token_belong_together_and_share_its_cost():
    merged = kinds.TokenMerge(unit="a", source=np.array([0, 0, 2, 0]), grid=(2, 2), macs=100)
    found = places(trace(merged))
    assert (found.kind, found.ran.tolist()) == (MERGED, [[3, 3], [1, 3]])
    assert found.belongs.tolist() == [[0, 0], [2, 0]]
    np.testing.assert_allclose(found.share, [[1 / 6, 1 / 6], [1 / 2, 1 / 6]])


def test_regions_upright_and_turned():
    """The left half of what was seen; then a square on its corner around the middle, which holds half of its box."""
    upright = kinds.Region(unit="a", box_px=(100.0, 0.0, 400.0, 600.0), macs=50)
    turned = kinds.Region(
        unit="b", box_px=(100.0, 0.0, 700.0, 600.0), affine=np.array([[150.0, -150, 400], [150, 150, 300]]), macs=50
    )
    found = places(trace(upright, turned))
    half = REGION_CELLS // 2
    assert (found.kind, found.grid) == (REGIONS, (REGION_CELLS, REGION_CELLS))
    corners = found.ran[[0, 0, -1, -1], [0, -1, 0, -1]]
    assert corners.tolist() == [1, 0, 1, 0] and found.ran[half, half - 1] == 2
    assert (found.ran[:, half:] == 1).mean() == pytest.approx(0.5, abs=0.05)
    unlooked = kinds.Region(unit="a", box_px=(0.0, 0.0, 10.0, 10.0), executed=False)
    assert places(trace(unlooked)) is None


def test_sampling_points_of_a_cell():
    points = np.zeros((4, 9, 2), dtype=np.float32)
    points[3] = (400.0, 150.0)
    found = places(trace(kinds.SamplingOffsets(unit="a", points_px=points)))
    assert (found.kind, found.grid, found.points_px.shape) == (SAMPLED, (2, 2), (1, 4, 9, 2))


def test_nothing_is_said_without_places():
    assert places(trace(kinds.Exit(unit="a"))) is None
    assert places(replace(TRACE, media=replace(WIDE, width_px=0, height_px=0))) is None
