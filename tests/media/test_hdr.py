"""HDR on a usual screen: the standards' own numbers, greys that stay grey, nothing darker where it was brighter."""

from __future__ import annotations

import numpy as np
import pytest

from dynviz.media import hdr


def test_the_curves_of_light_are_those_of_the_standards():
    assert hdr._from_pq(np.array([0.0, 0.5807, 0.7518, 1.0])) == pytest.approx(
        [0, 203, 1000, 10_000], rel=0.003, abs=0.01
    )
    assert hdr._to_pq(hdr._from_pq(np.linspace(0.01, 1, 50))) == pytest.approx(np.linspace(0.01, 1, 50))
    assert hdr._from_hlg(np.full((1, 3), 0.75)) == pytest.approx(203, rel=0.01)
    assert hdr._from_hlg(np.ones((1, 3))) == pytest.approx(1000, rel=0.001)


@pytest.mark.parametrize("transfer", hdr.NAMES)
def test_dark_light_is_kept_and_bright_light_bends_to_white(transfer):
    grey = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, axis=2)
    shown = hdr.to_sdr(grey, transfer)[0].astype(int)
    assert shown[0].max() == 0 and shown[255].min() >= 250
    assert np.ptp(shown, axis=1).max() <= 6
    assert (np.diff(hdr._shown(grey / 255.0, transfer)[0, :, 1]) >= -1e-9).all()
    half = hdr._to_pq(50.0) if transfer == hdr.PQ else 0.4971  # 50 cd/m² is below the bend: a quarter of white
    assert hdr._shown(np.full((1, 3), half), transfer)[0] == pytest.approx(0.5338, abs=0.01)  # sRGB of 50 / 203


def test_colours_outside_the_screen_are_cut_off_and_hues_inside_stay():
    red = np.array([[[0.55, 0.0, 0.0], [0.5, 0.45, 0.45]]])
    shown = hdr._shown(red, hdr.PQ)[0]
    assert shown[0, 0] > 0.9 and shown[0, 1:].max() == 0
    assert shown[1, 0] > shown[1, 1] and shown[1, 1] == pytest.approx(shown[1, 2], abs=0.03)
